//! The states of a service and of its configuration item disagree.

use super::ended;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "service-differs-from-ci",
    summary: "the states of a service and of its configuration item disagree",
    checks: &["SVC-05"],
    clauses: &["8.2.6"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("service_differs_from_ci.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        let Some(item) = service.text("ci").and_then(|id| sms.meant_by(id)) else {
            continue;
        };
        let Some(state) = item.text("status").filter(|_| item.kind == "ci") else { continue };
        let message = match (sms.is_live(service), ended(sms, service)) {
            (true, _) if !matches!(state, "live" | "maintenance") => {
                format!("`{}` is live and its configuration item `{}` is `{state}`", service.id, item.id)
            }
            (false, Some(how)) if state != "retired" => {
                format!("`{}` {how} and its configuration item `{}` is still `{state}`", service.id, item.id)
            }
            _ => continue,
        };
        findings
            .report(
                item,
                item.field("status"),
                message,
                "bring the configuration item up to date, or the service if the item is right",
            )
            .related(service.field("lifecycle_status"), format!("the entry of `{}`", service.id))
            .about(&service.id);
    }
}

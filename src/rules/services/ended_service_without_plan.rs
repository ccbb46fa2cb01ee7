//! A service ended without a plan for its removal or transfer.

use super::named_in;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "ended-service-without-plan",
    summary: "a service ended without a plan for its removal or transfer",
    checks: &["SVC-06"],
    clauses: &["8.5.1.2", "8.5.2.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("ended_service_without_plan.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        let Some(stage @ ("retiring" | "retired" | "transferred")) = service.text("lifecycle_status") else { continue };
        // What ended before the SMS started needed no plan of it.
        let before = |day| sms.started().is_some_and(|started| day < started);
        if service.day("retired_on").is_some_and(before) {
            continue;
        }
        let plans: Vec<&Document> =
            sms.of_kind("design-plan").filter(|plan| named_in(plan, "services", &service.id) && ends(plan)).collect();
        if plans.iter().any(|plan| sms.standing(plan) != Standing::Draft) {
            continue;
        }
        let what = if stage == "transferred" { "transfer" } else { "removal" };
        let finding = findings.report(
            service,
            service.field("lifecycle_status"),
            format!("`{}` is `{stage}` and there is no approved plan for its {what}", service.id),
            format!(
                "plan the {what}: dates, data, documents, components (`attestry new design-plan`), and name \
             the plan in `plan`"
            ),
        );
        for plan in plans {
            finding.related(plan.field("status"), format!("`{}` is a draft", plan.id));
        }
        if stage == "retiring" {
            finding.at_most(Level::Warning);
        }
    }
}

fn ends(plan: &Document) -> bool {
    matches!(plan.text("nature"), Some("removed" | "transferred-out"))
}

//! Several roles are accountable for one process.

use super::accountable;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "process-with-several-accountable-roles",
    summary: "several roles are accountable for one process",
    checks: &["GOV-12"],
    clauses: &["5.3", "4.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("process_with_several_accountable_roles.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for process in sms.applicable("process") {
        let roles = accountable(sms, &process.id);
        if roles.len() < 2 {
            continue;
        }
        let names: Vec<String> = roles.iter().map(|(role, _)| format!("`{}`", role.id)).collect();
        let finding = findings.report(
            process,
            process.field("owner"),
            format!("{} roles are accountable for the process `{}`: {}", roles.len(), process.id, names.join(", ")),
            "leave one role accountable; those who do the work are `responsible`",
        );
        for (role, pointer) in roles {
            finding.related(role.field(&pointer), format!("`{}` is accountable here", role.id));
        }
    }
}

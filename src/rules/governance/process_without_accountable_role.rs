//! No role is accountable for a process.

use super::accountable;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "process-without-accountable-role",
    summary: "no role is accountable for a process",
    checks: &["GOV-12"],
    clauses: &["5.3", "4.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("process_without_accountable_role.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    // Where no role says what it is accountable for, the owner of the process has to do.
    let any =
        sms.of_kind("role-assignment").any(|role| role.items("raci").any(|(_, part)| part["part"] == "accountable"));
    if !any {
        return;
    }
    for process in sms.applicable("process") {
        if accountable(sms, &process.id).is_empty() {
            findings.report(
                process,
                process.field("owner"),
                format!("no role is accountable for the process `{}`", process.id),
                format!(
                    "add `{{process: {}, part: accountable}}` to the `raci` of the role that answers for it",
                    process.id
                ),
            );
        }
    }
}

//! Another party is active although its evaluation rejected it.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "rejected-party-in-use",
    summary: "another party is active although its evaluation rejected it",
    checks: &["SVC-11"],
    clauses: &["8.2.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("rejected_party_in_use.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for party in sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")) {
        if party.text("selection_decision") != Some("rejected") {
            continue;
        }
        findings
            .report(
                party,
                party.field("selection_decision"),
                format!("`{}` is active although its evaluation rejected it", party.id),
                "end the relation, or evaluate again and record the new result with its conditions",
            )
            .related(party.field("status"), "active");
    }
}

//! An active other party provides and operates nothing.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "party-without-contribution",
    summary: "an active other party provides and operates nothing",
    checks: &["SVC-09"],
    clauses: &["8.2.3.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("party_without_contribution.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for party in sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")) {
        // Without the field the schema has its say.
        let lists = ["/provides/services", "/provides/components", "/provides/processes", "operates"];
        if !party.filled("provides") || lists.iter().any(|list| party.filled(list)) {
            continue;
        }
        findings.report(
            party,
            party.field("provides"),
            format!("`{}` is active, and the register names nothing that it provides or operates", party.id),
            "name the services, components or processes, or set `status: ended` with `ended_on`",
        );
    }
}

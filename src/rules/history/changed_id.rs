//! A document has another id than before.

use super::named;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "changed-id",
    summary: "a document got another id",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("changed_id.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    for one in sms.renumbered() {
        let day = sms.arrived_on(one.commit);
        let before_start = sms.configuration.started.is_some_and(|started| day.is_some_and(|day| day < started));
        if !one.had_id || one.last.marks.is_draft() || before_start {
            continue;
        }
        let Some(document) = sms.document(one.to) else { continue };
        findings
            .report(
                document,
                document.field("id"),
                format!("`{}` had the id `{}` until {}", document.id, one.last.marks.id, named(sms, one.commit)),
                "give it its old id back; what was written and packed before refers to that",
            )
            .about(one.from);
    }
}

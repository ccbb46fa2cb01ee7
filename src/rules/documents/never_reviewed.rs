//! A document was neither approved nor reviewed.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, review::Review},
};

pub(super) static RULE: Rule = Rule {
    name: "never-reviewed",
    summary: "a document was neither approved nor reviewed",
    checks: &["DOC-01", "DOC-02"],
    clauses: &["7.5.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("never_reviewed.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    // An approved document without a day is said by its schema.
    let without_day = |document: &&Document| document.text("status") != Some("approved") && !document.broken;
    for document in sms.documents.iter().filter(without_day) {
        if sms.review(document) == Review::Never {
            findings.report(
                document,
                document.whole(),
                format!("`{}` says neither when it was approved nor when it was reviewed", document.id),
                format!(
                    "have it approved and add `{}`, `{}` and `{}`; until then set `{}: draft`",
                    document.name_of("status"),
                    document.name_of("approved_by"),
                    document.name_of("approved_on"),
                    document.name_of("status"),
                ),
            );
        }
    }
}

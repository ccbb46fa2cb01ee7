//! A document came into force before it was approved.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "approved-after-effective",
    summary: "a document came into force before it was approved",
    checks: &["DOC-04"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("approved_after_effective.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in sms.documents.iter().filter(|document| sms.is_controlled(document)) {
        let (Some(approved), Some(effective)) = (document.day("approved_on"), document.day("effective_from")) else {
            continue;
        };
        if document.text("status") != Some("approved") || approved <= effective {
            continue;
        }
        findings
            .report(
                document,
                document.field("effective_from"),
                format!("in force from {effective}, but approved on {approved} only"),
                format!(
                    "give the first day of this version, {approved} or later; earlier versions stand in `{}`",
                    document.name_of("change_log")
                ),
            )
            .related(document.field("approved_on"), "approved on this day");
    }
}

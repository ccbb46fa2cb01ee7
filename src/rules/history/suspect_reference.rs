//! What the document refers to changed after it was last looked at.

use super::named;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "suspect-reference",
    summary: "what a document refers to changed after the document was last approved or reviewed",
    checks: &["DOC-02"],
    clauses: &["7.5.2", "7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Note,
    drafts: Drafts::AreNotes,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("suspect_reference.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in super::approved(sms) {
        for suspect in sms.suspects(position) {
            let target = suspect.target;
            let version =
                suspect.changed.marks.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
            findings
                .report(
                    document,
                    suspect.reference.place(sms),
                    format!(
                        "`{}`{version} changed after `{}` was last looked at, by {}",
                        target.id,
                        document.id,
                        named(sms, suspect.changed.commit)
                    ),
                    format!("see whether it still fits, and record the review (`attestry review {}`)", document.id),
                )
                .about(target.id.clone());
        }
    }
}

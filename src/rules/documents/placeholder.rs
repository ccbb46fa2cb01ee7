//! A placeholder was left in.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
    source::Place,
};

pub(super) static RULE: Rule = Rule {
    name: "placeholder",
    summary: "a placeholder was left in",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("placeholder.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let stubs = sms.documents.iter().filter(|document| document.stub);
    for document in stubs.filter(|document| sms.standing(document) != Standing::Withdrawn) {
        let source = sms.source(document.source);
        // A record that is open is still being written.
        let most = if sms.standing(document) == Standing::Open { Level::Note } else { Level::Error };
        for (pointer, span) in document.placeholders(source.text()) {
            let text = source.slice(&span).to_owned();
            let field = pointer.split('/').nth(1).unwrap_or_default().to_owned();
            let place = Place { source: document.source, span, pointer };
            findings
                .report(
                    document,
                    place,
                    format!("`{text}` was left in `{field}`"),
                    "write what is meant, or remove the field",
                )
                .about(text)
                .at_most(most);
        }
        for span in document.body.iter().flat_map(|body| &body.placeholders) {
            let text = source.slice(span).to_owned();
            findings
                .report(
                    document,
                    document.body(span.clone()),
                    format!("`{text}` was left in the text"),
                    "write what is meant; put it in backticks where the word itself is meant",
                )
                .about(text)
                .at_most(most);
        }
    }
}

//! A document that applies refers to one that does not any more.

use super::field_in_words;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::Form,
    sms::{Sms, Standing, Target, without_version},
};

pub(super) static RULE: Rule = Rule {
    name: "reference-to-withdrawn",
    summary: "a document that applies refers to one that is superseded, withdrawn or retired",
    checks: &["LNK-03"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("reference_to_withdrawn.md"),
    check,
};

/// Entries that stand for something that exists until it is retired.
const LASTING: [&str; 5] = ["service", "ci", "customer", "other-party", "kpi-definition"];
/// Documents about something that ends or has ended: they may name it.
const OF_ENDINGS: [&str; 5] = ["budget", "design-plan", "implementation-plan", "portfolio-decision", "service-design"];

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in sms.documents.iter().enumerate().filter(|(_, document)| applies(sms, document)) {
        for reference in sms.outgoing(position) {
            let (Some(pointer), Target::Document(target)) = (reference.pointer(), reference.target) else { continue };
            let target = &sms.documents[target];
            let Some(state) = ended(sms, target).filter(|_| target.id != document.id) else { continue };
            if is_of_history(pointer) || names_another_version(&reference.text, target) {
                continue;
            }
            let field = field_in_words(document, pointer);
            let help = successor(sms, target).map_or_else(
                || format!("take it out of `{field}`, or name what took its place"),
                |successor| format!("name `{}`, which took its place", successor.id),
            );
            findings
                .report(
                    document,
                    reference.place(sms),
                    format!("`{field}` refers to `{}`, which is {state}", target.id),
                    help,
                )
                .about(target.id.to_lowercase())
                .related(target.field(state_field(sms, target)), format!("`{}` is {state}", target.id));
        }
    }
}

/// Whether what the document says is to hold today: documents that are not withdrawn, and entries
/// for things that are in use.
fn applies(sms: &Sms, document: &Document) -> bool {
    let form = sms.kind(document).map(|kind| kind.form);
    let is_lasting = LASTING.contains(&document.kind.as_str());
    !OF_ENDINGS.contains(&document.kind.as_str())
        && (form == Some(Form::Document) || is_lasting)
        && ended(sms, document).is_none()
        && !has_run_out(sms, document)
}

/// Whether the time that the document is about is over.
fn has_run_out(sms: &Sms, document: &Document) -> bool {
    ["valid_to", "valid_until"].iter().any(|field| document.day(field).is_some_and(|day| day < sms.as_of))
}

/// The state of a document that does not apply any more.
fn ended<'a>(sms: &Sms, document: &'a Document) -> Option<&'a str> {
    let state = document.text(state_field(sms, document));
    if LASTING.contains(&document.kind.as_str())
        && let Some(state) = state.filter(|state| sms.kind(document).is_some_and(|kind| kind.is_closed(state)))
    {
        return Some(state);
    }
    let is_withdrawn = sms.kind(document).is_some_and(|kind| matches!(kind.form, Form::Document | Form::Register))
        && sms.standing(document) == Standing::Withdrawn;
    is_withdrawn.then(|| document.text("status").unwrap_or("withdrawn"))
}

fn state_field<'a>(sms: &'a Sms, document: &Document) -> &'a str {
    sms.kind(document).map_or("status", |kind| kind.compiled().notes.state_field.as_str())
}

/// Fields that tell what was, or what does not belong.
fn is_of_history(pointer: &str) -> bool {
    ["/supersedes", "/change_log", "/reviews", "/out_of_scope"].iter().any(|field| pointer.starts_with(field))
}

fn names_another_version(text: &str, target: &Document) -> bool {
    text.split_once('@').is_some_and(|(_, version)| target.text("version") != Some(version))
}

fn successor<'a>(sms: &'a Sms, target: &Document) -> Option<&'a Document> {
    sms.documents.iter().find(|document| {
        document.text("supersedes").is_some_and(|id| without_version(id).eq_ignore_ascii_case(&target.id))
            && !document.id.eq_ignore_ascii_case(&target.id)
            && sms.standing(document) == Standing::InForce
    })
}

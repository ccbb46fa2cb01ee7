//! The only author approved the document.

use crate::{
    calendar::Date,
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Person, Sms},
};

pub(super) static RULE: Rule = Rule {
    name: "sole-author-approves",
    summary: "the only author approved the document",
    checks: &["DOC-03"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("sole_author_approves.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in sms.documents.iter().filter(|document| sms.is_controlled(document)) {
        if document.text("status") != Some("approved") {
            continue;
        }
        let Some((approver, day, same)) = approved_by_author(sms, document) else { continue };
        let who = if approver.eq_ignore_ascii_case(&same.id) {
            format!("`{approver}`")
        } else {
            format!("`{}`, as `{approver}`,", same.id)
        };
        findings
            .report(
                document,
                document.field("approved_by"),
                format!("{who} approved on {day} what nobody else wrote"),
                "have somebody else with the authority approve it, or name the other authors",
            )
            .related(document.field("author"), "the only author");
    }
}

/// Who approved a document, as it says, and when, where that is the person who is its only author.
pub(super) fn approved_by_author<'a>(sms: &'a Sms, document: &'a Document) -> Option<(&'a str, Date, &'a Person)> {
    let (approver, day) = (document.text("approved_by")?, document.day("approved_on")?);
    let authors = persons(sms, document.list("author").into_iter(), day);
    let approvers = persons(sms, std::iter::once(approver), day);
    let ([author], [same]) = (authors.as_slice(), approvers.as_slice()) else { return None };
    (author.id == same.id).then_some((approver, day, *same))
}

/// Everybody whom these ids stand for on a day, each once. An id that nobody knows makes the
/// answer unknown: then nobody.
fn persons<'a>(sms: &'a Sms, ids: impl Iterator<Item = &'a str>, day: Date) -> Vec<&'a Person> {
    let mut all: Vec<&Person> = Vec::new();
    for id in ids {
        let persons = sms.people.persons_of(id, day);
        // Somebody who has left is still the author.
        let persons = if persons.is_empty() { sms.people.person(id).into_iter().collect() } else { persons };
        if persons.is_empty() {
            return Vec::new();
        }
        all.extend(persons);
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.dedup_by(|a, b| a.id == b.id);
    all
}

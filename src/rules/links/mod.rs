//! References by id, links and anchors.

mod broken_anchor;
mod broken_link;
mod clause_of_2011;
mod dangling_mention;
mod dangling_reference;
mod duplicate_id;
mod one_sided_link;
mod orphan;
mod reference_of_wrong_kind;
mod reference_to_version;
mod reference_to_withdrawn;

use crate::{
    document::{Document, Population},
    finding::Rule,
    kind::nearest,
    sms::{Sms, without_version},
    source::SourceId,
};

pub(super) static RULES: &[&Rule] = &[
    &broken_anchor::RULE,
    &broken_link::RULE,
    &clause_of_2011::RULE,
    &dangling_mention::RULE,
    &dangling_reference::RULE,
    &duplicate_id::RULE,
    &one_sided_link::RULE,
    &orphan::RULE,
    &reference_of_wrong_kind::RULE,
    &reference_to_version::RULE,
    &reference_to_withdrawn::RULE,
];

/// The source of a file that has links.
fn link_source(sms: &Sms, path: &str) -> SourceId {
    sms.files.get(path).and_then(|file| file.source).unwrap_or(SourceId(0))
}

/// A field as the user calls it, positions in lists left out: `targets.kpi`.
fn field_in_words(document: &Document, pointer: &str) -> String {
    let mut parts = pointer.split('/').skip(1).filter(|part| part.parse::<usize>().is_err());
    let first = parts.next().unwrap_or_default();
    parts.fold(document.name_of(first).to_owned(), |whole, part| format!("{whole}.{part}"))
}

/// The same for a field of a data set.
fn column_in_words(population: &Population, pointer: &str) -> String {
    let mut parts = pointer.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    parts.fold(population.name_of(first).to_owned(), |whole, part| format!("{whole}.{part}"))
}

/// Whether only persons or roles are meant.
fn is_party(kinds: &[String]) -> bool {
    !kinds.is_empty() && kinds.iter().all(|kind| kind == "person" || kind == "role-assignment")
}

fn one_of(kinds: &[String]) -> String {
    kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" or ")
}

/// The id that was meant by a misspelt one. Of numbered ids only those with the same numbers are
/// near: `SLA-002` is no misspelling of `SLA-001`.
fn nearest_id<'a>(sms: &'a Sms, text: &str, kinds: &[String]) -> Option<&'a str> {
    let id = without_version(text);
    let any = kinds.is_empty() || kinds.iter().any(|kind| kind == "*");
    let fits = |kind: &str| any || kinds.iter().any(|allowed| allowed == kind);
    let documents = sms.documents.iter().filter(|document| fits(&document.kind)).map(|document| document.id.as_str());
    let people = sms.people.persons.iter().filter(|_| fits("person")).map(|person| person.id.as_str());
    let wanted = numbers(id);
    nearest(id, documents.chain(people).filter(|known| numbers(known) == wanted))
}

fn numbers(id: &str) -> Vec<u64> {
    id.split(|character: char| !character.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

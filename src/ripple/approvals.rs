//! Whose approval a change needs: owners and approvers of the documents that it changes, as the
//! base names them, and the persons who are that on the day.

use super::{ChangedDocument, How};
use crate::{
    codeowners::{Codeowners, File},
    document::Document,
    sms::{Party, Person, Sms},
};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody whose approval is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// The person's or role's id.
    pub party: String,
    /// Whether it is a person, not a role.
    pub is_person: bool,
    /// Names of the persons who are that on the day; none where nobody is.
    pub persons: Vec<String>,
    /// Documents that the party owns.
    pub owns: Vec<String>,
    /// Documents that the party approved last.
    pub approved: Vec<String>,
    /// Documents and other files that CODEOWNERS gives to the party.
    pub codeowner: Vec<String>,
}

/// The base's CODEOWNERS, by which the hosting platform asks for reviews: where the SMS lies in a
/// folder of the repository, the one at its root.
fn codeowners(base: &Sms) -> Option<(File, Codeowners)> {
    let (file, _) = base.codeowners().pop()?;
    let read = Codeowners::parse(&file.text);
    Some((file, read))
}

/// Whose approval is needed for these documents: each once, in the order of names.
pub(super) fn needed(base: &Sms, now: &Sms, changed: &[ChangedDocument], files: &[String]) -> Vec<Needed> {
    let codeowners = codeowners(base);
    let mut all = BTreeMap::<String, Needed>::new();
    let entry = |all: &mut BTreeMap<String, Needed>, party: &str, add: &dyn Fn(&mut Needed)| {
        add(all.entry(party.to_lowercase()).or_insert_with(|| Needed {
            party: party.to_owned(),
            is_person: base.people.person(party).or_else(|| now.people.person(party)).is_some(),
            persons: persons(base, now, party),
            owns: Vec::new(),
            approved: Vec::new(),
            codeowner: Vec::new(),
        }));
    };
    for change in changed.iter().filter(|change| change.how != How::Renamed) {
        // A change must not choose who approves it: the base names them where it has the document.
        let known = base.document(&change.id).map(|document| (base, document));
        let Some((sms, document)) = known.or_else(|| now.document(&change.id).map(|document| (now, document))) else {
            continue;
        };
        let Some((id, controlled)) = controlled(sms, document) else { continue };
        for (field, is_owner) in [("owner", true), ("approved_by", false)] {
            for party in controlled.list(field) {
                entry(&mut all, party, &|needed| {
                    push(if is_owner { &mut needed.owns } else { &mut needed.approved }, &id);
                });
            }
        }
    }
    // The hosting platform asks for every file that differs, also of what judges and of records.
    for path in differing(base, now, files) {
        let name = [base, now].iter().find_map(|sms| only_document(sms, &path)).unwrap_or_else(|| path.clone());
        let Some((file, codeowners)) = &codeowners else { break };
        let from_root = file.from_root(&path);
        for owner in codeowners.of(&from_root).flat_map(|entry| &entry.owners) {
            let is_theirs =
                |person: &&Person| person.codeowner().is_some_and(|own| own.eq_ignore_ascii_case(&owner.name));
            let person = base.people.persons.iter().find(is_theirs);
            let party = person.map_or(owner.name.as_str(), |person| person.id.as_str());
            entry(&mut all, party, &|needed| push(&mut needed.codeowner, &name));
        }
    }
    all.into_values().collect()
}

/// Files that differ, or are only in one of the two; `others` are those whose text is not read here.
fn differing(base: &Sms, now: &Sms, others: &[String]) -> BTreeSet<String> {
    let differs = |path: &&String| {
        let file = |sms: &'_ Sms| sms.files.get(*path).cloned();
        let text =
            |sms: &'_ Sms| file(sms).and_then(|file| file.source).map(|source| sms.source(source).text().to_owned());
        match (file(base), file(now)) {
            (Some(old), Some(new)) if old.source.is_none() && new.source.is_none() => {
                old.sha256.is_some() && new.sha256.is_some() && old.sha256 != new.sha256
            }
            (Some(_), Some(_)) => text(base) != text(now),
            _ => true,
        }
    };
    base.files.keys().chain(now.files.keys()).filter(differs).chain(others).cloned().collect()
}

/// The id of the document that a file is, where it is one.
fn only_document(sms: &Sms, path: &str) -> Option<String> {
    let source = sms.files.get(path)?.source?;
    sms.documents
        .iter()
        .find(|document| document.source == source && document.register.is_none())
        .map(|one| one.id.clone())
}

fn push(documents: &mut Vec<String>, id: &str) {
    if !documents.iter().any(|known| known == id) {
        documents.push(id.to_owned());
    }
}

/// The controlled document that a document is, or stands in; records need no approval.
fn controlled<'a>(sms: &'a Sms, document: &'a Document) -> Option<(String, &'a Document)> {
    let controlled = sms.register(document).unwrap_or(document);
    let is = sms.is_controlled(controlled) || controlled.entry_kind.is_some();
    is.then(|| (controlled.id.clone(), controlled))
}

fn persons(base: &Sms, now: &Sms, party: &str) -> Vec<String> {
    let people =
        if matches!(base.people.party(party, base.as_of), Party::Unknown) { &now.people } else { &base.people };
    people.persons_of(party, base.as_of).into_iter().map(|person| person.name.clone()).collect()
}

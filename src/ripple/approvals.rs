//! Whose approval a change needs: owners and approvers of the documents that it changes, as the
//! base names them, and the persons who are that on the day.

use super::{ChangedDocument, How};
use crate::{
    document::Document,
    sms::{Party, Sms},
};
use std::collections::BTreeMap;

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
}

/// Whose approval is needed for these documents: each once, in the order of names.
pub(super) fn needed(base: &Sms, now: &Sms, changed: &[ChangedDocument]) -> Vec<Needed> {
    let mut all = BTreeMap::<String, Needed>::new();
    for change in changed.iter().filter(|change| change.how != How::Renamed) {
        // A change must not choose who approves it: the base names them where it has the document.
        let known = base.document(&change.id).map(|document| (base, document));
        let Some((sms, document)) = known.or_else(|| now.document(&change.id).map(|document| (now, document))) else {
            continue;
        };
        let Some((id, controlled)) = controlled(sms, document) else { continue };
        for (field, is_owner) in [("owner", true), ("approved_by", false)] {
            for party in controlled.list(field) {
                let needed = all.entry(party.to_lowercase()).or_insert_with(|| Needed {
                    party: party.to_owned(),
                    is_person: base.people.person(party).or_else(|| now.people.person(party)).is_some(),
                    persons: persons(base, now, party),
                    owns: Vec::new(),
                    approved: Vec::new(),
                });
                let documents = if is_owner { &mut needed.owns } else { &mut needed.approved };
                if !documents.contains(&id) {
                    documents.push(id.clone());
                }
            }
        }
    }
    all.into_values().collect()
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

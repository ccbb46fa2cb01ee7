//! What became of the entries of the ledger since they came to the default branch.

use super::OwnRepositories;
use crate::{
    document::Document,
    history::{Edition, ObjectId},
    ledger::{self, Entry},
    sms::Sms,
};
use std::collections::BTreeSet;

/// A change of an entry that took something from it.
#[derive(Clone, Debug)]
pub struct AlteredEntry<'a> {
    /// The entry.
    pub document: &'a Document,
    /// The commit that changed it; none where that is not on the default branch.
    pub commit: Option<ObjectId>,
    /// What is not as it was, in phrases.
    pub lost: Vec<String>,
}

/// Why an entry counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncounted<'a> {
    /// It is of a repository that is not one of these.
    Foreign(String, OwnRepositories),
    /// Who opened the request brought it: the id of the person.
    ByItsAuthor(&'a str),
}

impl Sms {
    /// Entries of the ledger that were altered, or lost something, one for each change.
    pub fn altered_entries(&self) -> Vec<AlteredEntry<'_>> {
        self.of_kind(ledger::KIND).flat_map(|document| self.alterations(document)).collect()
    }

    /// Entries of the ledger that count for nothing, and why.
    pub fn uncounted_entries(&self) -> Vec<(&Document, Uncounted<'_>)> {
        let own = OwnRepositories::of(self);
        let why = |document| {
            let entry = Entry::of(document)?;
            if !own.has(&entry.repository) {
                return Some(Uncounted::Foreign(entry.repository, own.clone()));
            }
            let opened = self.people.by_account(&entry.request_author)?.id.as_str();
            super::imported::importers(self, document).contains(opened).then_some(Uncounted::ByItsAuthor(opened))
        };
        self.of_kind(ledger::KIND).filter_map(|document| Some((document, why(document)?))).collect()
    }

    /// The contents of files that are needed to follow the ledger.
    pub(super) fn entries_once(&self) -> BTreeSet<ObjectId> {
        let lives = self.of_kind(ledger::KIND).filter_map(|document| Some((document, self.states_on_line(document)?)));
        let changed = lives.filter(|(document, states)| {
            let now = self.substance(document);
            states.iter().any(|edition| edition.substance != now)
        });
        changed.flat_map(|(_, states)| states.into_iter().map(|edition| edition.blob)).collect()
    }

    fn states_on_line(&self, document: &Document) -> Option<Vec<&Edition>> {
        let life = self.life(document)?;
        Some(self.line(life).into_iter().filter_map(|arrival| arrival.edition()).collect())
    }

    fn alterations<'a>(&'a self, document: &'a Document) -> Vec<AlteredEntry<'a>> {
        let mut found = Vec::new();
        let mut before: Option<(&Edition, Option<Entry>)> = None;
        for edition in self.states_on_line(document).unwrap_or_default() {
            let was = before.as_ref().filter(|(older, _)| older.substance != edition.substance);
            let now = self.entry_then(document, edition);
            if let Some((_, Some(was))) = was {
                found.extend(altered(document, Some(edition.commit), was, now.as_ref()));
            }
            // Of what was broken meanwhile, the last whole state counts.
            let kept = now.or_else(|| before.take().and_then(|(_, entry)| entry));
            before = Some((edition, kept));
        }
        if let Some((newest, Some(was))) = before
            && newest.substance != self.substance(document)
            && self.edition(document).is_none()
        {
            found.extend(altered(document, None, &was, Entry::of(document).as_ref()));
        }
        found
    }

    /// What an earlier state said; none where it cannot be read, or was not whole.
    fn entry_then(&self, document: &Document, edition: &Edition) -> Option<Entry> {
        if edition.substance == self.substance(document) {
            return Entry::of(document);
        }
        Entry::of(&self.document_then(edition)?)
    }
}

fn altered<'a>(
    document: &'a Document,
    commit: Option<ObjectId>,
    before: &Entry,
    now: Option<&Entry>,
) -> Option<AlteredEntry<'a>> {
    let lost = now.map_or_else(|| vec!["it is no longer whole".to_owned()], |now| ledger::lost(before, now));
    (!lost.is_empty()).then_some(AlteredEntry { document, commit, lost })
}

//! Signatures that contradict what carries them, where no single approval is shown by it: tags that
//! would approve, and commits that brought the ledger.

use super::{Signature, approval::Tagged, imported::writing};
use crate::{
    document::Document,
    history::{Life, ObjectId, Tag},
    ledger,
    sms::{Person, Sms},
};
use std::collections::BTreeMap;

/// A tag that would approve documents, and whose signature says that it is not by whom it names.
pub struct ContradictedTag<'a> {
    /// The tag.
    pub tag: &'a Tag,
    /// Whom it gives as its tagger.
    pub person: &'a Person,
    /// What its signature says of them.
    pub signature: Signature<'a>,
    /// The documents that name this person as approver and that it would approve.
    pub documents: Vec<&'a Document>,
}

/// A commit that brought entries of the ledger, and whose signature contradicts it.
pub struct ContradictedImport<'a> {
    /// The commit.
    pub commit: ObjectId,
    /// Whom it gives as its author.
    pub person: &'a Person,
    /// The entries that it wrote.
    pub entries: Vec<&'a Document>,
}

impl Sms {
    /// Tags that would approve documents if their signatures did not contradict them.
    pub fn contradicted_tags(&self) -> Vec<ContradictedTag<'_>> {
        let contradicted = self.evidence.tags.iter().filter_map(|(tag, verdict)| {
            let verdict = verdict.as_ref()?;
            let person = self.who(tag.tagger.as_ref()?).person()?;
            let signature = Self::contradiction(verdict, person)?;
            let tagged = Tagged { tag, verdict };
            let approves = |document: &&Document| self.would_approve(&tagged, document, person);
            let documents: Vec<&Document> = self.documents.iter().filter(approves).collect();
            (!documents.is_empty()).then_some(ContradictedTag { tag, person, signature, documents })
        });
        contradicted.collect()
    }

    /// Whether a tag by a person would approve the state of a document that it holds.
    fn would_approve(&self, tagged: &Tagged<'_>, document: &Document, person: &Person) -> bool {
        if !self.is_controlled(document) {
            return false;
        }
        let editions = self.life(document).into_iter().flat_map(Life::editions);
        let Some(state) = tagged.state(self, editions) else { return false };
        state.marks.is_approved()
            && tagged.approves(&state.marks.id)
            && tagged.approvers(self, state).iter().any(|approver| approver.id == person.id)
    }

    /// Commits that wrote entries of the ledger as they stand, and that their signatures contradict.
    pub fn contradicted_imports(&self) -> Vec<ContradictedImport<'_>> {
        let mut found: BTreeMap<usize, ContradictedImport<'_>> = BTreeMap::new();
        for entry in self.of_kind(ledger::KIND) {
            for edition in writing(self, entry) {
                let (Some(person), Some(place)) =
                    (self.contradicted_author(edition.commit), self.evidence.history.place(edition.commit))
                else {
                    continue;
                };
                let new = || ContradictedImport { commit: edition.commit, person, entries: Vec::new() };
                found.entry(place).or_insert_with(new).entries.push(entry);
            }
        }
        found.into_values().collect()
    }

    /// The author of a commit, where its signature contradicts that they made it.
    pub(super) fn contradicted_author(&self, commit: ObjectId) -> Option<&Person> {
        let commit = self.evidence.history.commit(commit)?;
        let author = self.author(commit)?;
        self.is_contradicted(commit, author).then_some(author)
    }
}

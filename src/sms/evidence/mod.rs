//! What the repository proves: the life of every document and register entry, who wrote what,
//! who approved it and how strongly that is shown.

mod approval;
mod change;
mod lives;
mod period;
mod story;
mod who;

pub use approval::{Approval, Proof, Strength};
pub use period::{Ending, Period};
pub use story::{Chapter, Deed, Story, Writer};
pub use who::Who;

use super::Sms;
use crate::{
    document::{Document, text_of},
    history::{Edition, History, Life, Lives, ObjectId, Substance},
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

/// Gives the content of a file by its id in git; none where the repository does not have it.
pub type Contents<'a> = dyn Fn(ObjectId) -> Option<Arc<Vec<u8>>> + Sync + 'a;

/// What the history of the repository shows.
#[derive(Default)]
pub struct Evidence {
    /// The commits that were read.
    pub history: History,
    /// The lives of documents and register entries, by id in lower case.
    pub lives: Lives,
    /// Contents of files that were approved once and changed since, by their id in git.
    texts: BTreeMap<ObjectId, String>,
    approvals: OnceLock<Vec<Vec<Approval>>>,
}

impl Sms {
    /// Takes what the history shows of its documents.
    pub fn add_evidence(&mut self, history: History, contents: &Contents<'_>) {
        let lives = lives::of(self, &history, contents);
        self.evidence = Evidence { history, lives, ..Evidence::default() };
        let texts = self.approved_once().into_iter().filter_map(|blob| {
            let bytes = contents(blob)?;
            Some((blob, text_of(bytes.to_vec()).0))
        });
        self.evidence.texts = texts.collect();
    }

    /// Takes more contents of files, by their id in git: what [`Sms::text_of_blob`] then gives.
    pub fn add_texts(&mut self, wanted: BTreeSet<ObjectId>, contents: &Contents<'_>) {
        for blob in wanted {
            if !self.evidence.texts.contains_key(&blob)
                && let Some(bytes) = contents(blob)
            {
                self.evidence.texts.insert(blob, text_of(bytes.to_vec()).0);
            }
        }
    }

    /// The content of a file that was taken, by its id in git.
    pub fn text_of_blob(&self, blob: ObjectId) -> Option<&str> {
        self.evidence.texts.get(&blob).map(String::as_str)
    }

    /// The file contents that are needed to show what the newest approved version of each document
    /// changed.
    pub fn last_changes(&self) -> BTreeSet<ObjectId> {
        let of = |document: &Document| -> Vec<ObjectId> {
            let story = self.is_controlled(document).then(|| self.story(&document.id)).flatten();
            let change = story.as_ref().and_then(Story::last_change);
            change.map(|(old, new)| vec![old.blob, new.blob]).unwrap_or_default()
        };
        self.documents.par_iter().with_min_len(16).flat_map_iter(of).collect::<Vec<_>>().into_iter().collect()
    }

    /// Whether there is a history to judge by.
    pub fn has_history(&self) -> bool {
        self.evidence.history.tip.is_some() && self.evidence.history.not_evaluated.is_none()
    }

    /// What happened to a document; none where it is not committed at the evidence head.
    pub fn life(&self, document: &Document) -> Option<&Life> {
        self.evidence.lives.get(&document.id.to_lowercase())
    }

    /// The digest of what an approval of the document as it stands would bind to.
    pub fn substance(&self, document: &Document) -> Substance {
        document.substance(self.kind(document), self.source(document.source).text())
    }

    /// The newest committed state with the substance that the document has now; none where what is
    /// there now was never committed at the evidence head.
    pub fn edition(&self, document: &Document) -> Option<&Edition> {
        let substance = self.substance(document);
        self.life(document)?.editions().find(|edition| edition.substance == substance)
    }

    /// The approvals of a document that can be seen, of all its states, newest first and the
    /// stronger before the weaker.
    pub fn approvals(&self, position: usize) -> &[Approval] {
        let all = self.evidence.approvals.get_or_init(|| approval::all(self));
        all.get(position).map_or(&[], Vec::as_slice)
    }
}

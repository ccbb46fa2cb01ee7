//! What the repository proves: the life of every document and register entry, who wrote what,
//! who approved it and how strongly that is shown.

mod approval;
mod change;
mod lives;
mod signatures;
mod who;

pub use approval::{Approval, Proof, Strength};
pub use who::Who;

use super::Sms;
use crate::{
    cache::Memory,
    document::{Document, text_of},
    history::{Edition, History, Life, Lives, ObjectId, Signed, Substance, Tag},
    signature::Verdict,
};
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// Gives the content of a file by its id in git; none where the repository does not have it.
pub type Contents<'a> = dyn Fn(ObjectId) -> Option<Arc<Vec<u8>>> + Sync + 'a;

/// What is read of a repository beside its commits.
pub struct Objects<'a> {
    /// Contents of files.
    pub contents: &'a Contents<'a>,
    /// Where a content lies: neighbours are read quicker one after the other.
    pub place: &'a (dyn Fn(ObjectId) -> usize + Sync + 'a),
    /// What earlier runs found in old versions of files.
    pub memory: &'a Memory,
    /// Gives the signature of a commit; none where it has none.
    pub signature: &'a dyn Fn(ObjectId) -> Option<Signed>,
    /// Annotated tags.
    pub tags: Vec<Tag>,
}

/// What the history of the repository shows.
#[derive(Default)]
pub struct Evidence {
    /// The commits that were read.
    pub history: History,
    /// The lives of documents and register entries, by id in lower case.
    pub lives: Lives,
    /// What is to be said of the signatures of commits that approve or bring the ledger.
    pub verdicts: BTreeMap<ObjectId, Verdict>,
    /// Tags, each with what is to be said of its signature; none where it has none.
    pub tags: Vec<(Tag, Option<Verdict>)>,
    /// Contents of files that were approved once and changed since, by their id in git.
    texts: BTreeMap<ObjectId, String>,
    approvals: OnceLock<Vec<Vec<Approval>>>,
}

impl Sms {
    /// Takes what the history shows of its documents.
    pub fn add_evidence(&mut self, history: History, objects: Objects<'_>) {
        let lives = lives::of(self, &history, &objects);
        self.evidence = Evidence { history, lives, ..Evidence::default() };
        self.verify_signatures(objects.signature, objects.tags);
        let mut needed: Vec<ObjectId> = self.approved_once().into_iter().collect();
        needed.sort_by_cached_key(|blob| (objects.place)(*blob));
        let texts = needed.par_iter().with_min_len(64).filter_map(|blob| {
            let bytes = (objects.contents)(*blob)?;
            Some((*blob, text_of(Arc::unwrap_or_clone(bytes)).0))
        });
        self.evidence.texts = texts.collect();
    }

    /// Says that there is no history to judge by, and why.
    pub fn without_evidence(&mut self, reason: &str) {
        self.evidence = Evidence { history: History::not_evaluated(reason), ..Evidence::default() };
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

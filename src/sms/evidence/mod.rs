//! What the repository proves: the life of every document and register entry, who wrote what,
//! who approved it and how strongly that is shown.

mod anchored;
mod approval;
mod arrival;
mod change;
mod contradicted;
mod entries;
mod frozen;
mod grounds;
mod imported;
mod line;
mod lives;
mod overlap;
mod period;
mod reviewing;
mod row_life;
mod rows;
mod signatures;
mod stated;
mod story;
mod suspect;
mod who;

pub use anchored::{Kept, TimeStrength};
pub use approval::{Approval, Proof, Strength};
pub use arrival::{Arrival, Renumbered};
pub use change::{ChangedLines, FieldChange};
pub use contradicted::{ContradictedImport, ContradictedTag};
pub use entries::{AlteredEntry, Uncounted};
pub use frozen::{Frozen, Reopened};
pub use imported::OwnRepositories;
pub use overlap::Overlap;
pub use period::{Ending, Period};
pub use reviewing::Reviewing;
pub use row_life::{RowChapter, RowEvent, RowLife};
pub use rows::{Afterwards, AlteredRow, AlteredRows, RemovedRows};
pub use signatures::Signature;
pub use stated::{Foreseen, Stated};
pub use story::{Chapter, Deed, Entries, Story, Writer};
pub use suspect::Suspect;
pub use who::{Who, calls_itself_program};

use who::Writers;

use super::{Sms, review::Review};
use crate::{
    anchor::Anchor,
    cache::Memory,
    document::{self, Document, text_of},
    history::{Edition, History, Life, Lives, ObjectId, Signed, Substance, Tag},
    signature::{AllowedSigners, Verdict},
    source::SourceId,
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
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
    writers: Writers,
    /// The lives of documents and register entries, by id in lower case.
    pub lives: Lives,
    /// By position of the document, the place of its life among all.
    places: Vec<Option<usize>>,
    /// Files, from the SMS root, of whose documents no life is told: a version cannot be read.
    holes: BTreeSet<String>,
    /// What is to be said of the signatures of commits that approve or bring the ledger.
    pub verdicts: BTreeMap<ObjectId, Verdict>,
    /// Tags, each with what is to be said of its signature; none where it has none.
    pub tags: Vec<(Tag, Option<Verdict>)>,
    /// Commits that the history is to lead back to: those that the repository lists, then those
    /// that the verifier brought.
    pub anchors: Vec<Anchor>,
    /// Contents of files that were approved or closed once and changed since, by their id in git.
    texts: BTreeMap<ObjectId, String>,
    /// Who could sign since when, for each file that says so; newest first.
    signers: Vec<Vec<(usize, AllowedSigners)>>,
    /// Positions of closed records that are not as they were closed.
    not_as_closed: Vec<usize>,
    rows: rows::Rows,
    /// By position of the document, what a change shows of an approval that it brings: seen in
    /// another history than this one, the one that there will be.
    pub foreseen: BTreeMap<usize, Foreseen>,
    /// By position of the document.
    approvals: Vec<Vec<Approval>>,
    witnessed: OnceLock<BTreeSet<ObjectId>>,
    /// How reviews stand, by position of the document.
    pub(super) reviews: OnceLock<Vec<Review>>,
}

impl Sms {
    /// Takes what the history shows of its documents.
    pub fn add_evidence(&mut self, mut history: History, mut objects: Objects<'_>) {
        let lives::Told { lives, limits, holes } = lives::of(self, &history, &objects);
        // One SMS may hand its history to another, which says this again.
        let new: Vec<String> = limits.into_iter().filter(|said| !history.limits.contains(said)).collect();
        history.limits.extend(new);
        let places =
            self.documents.par_iter().with_min_len(64).map(|document| lives.place(&document.id.to_lowercase()));
        let places = places.collect();
        let writers = Writers::of(&self.people, &history);
        self.evidence = Evidence { history, writers, lives, places, holes, ..Evidence::default() };
        self.evidence.approvals = approval::all(self);
        // What nobody signed is not told otherwise by looking again.
        let tags = std::mem::take(&mut objects.tags);
        if self.verify_signatures(&objects, tags) {
            self.evidence.approvals = approval::all(self);
        }
        self.evidence.not_as_closed = frozen::not_as_closed(self);
        let rows = rows::of(self, line::Store { contents: objects.contents, memory: objects.memory });
        let limits = &mut self.evidence.history.limits;
        let unknown: Vec<String> = rows.limits.iter().filter(|said| !limits.contains(said)).cloned().collect();
        limits.extend(unknown);
        self.evidence.rows = rows;
        let mut needed: Vec<ObjectId> = self.approved_once();
        needed.extend(self.closed_once());
        needed.extend(self.entries_once());
        needed.sort_unstable();
        needed.dedup();
        needed.sort_by_cached_key(|blob| (objects.place)(*blob));
        let texts = needed.par_iter().with_min_len(64).filter_map(|blob| {
            let bytes = (objects.contents)(*blob)?;
            Some((*blob, text_of(Arc::unwrap_or_clone(bytes)).0))
        });
        self.evidence.texts = texts.collect();
        self.evidence.anchors = self.own_heads();
        self.evidence.reviews = OnceLock::from(self.all_reviews());
    }

    /// Says that there is no history to judge by, and why.
    pub fn without_evidence(&mut self, reason: &str) {
        self.evidence = Evidence { history: History::not_evaluated(reason), ..Evidence::default() };
        self.evidence.anchors = self.own_heads();
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

    /// A document as a committed state had it; none where the content of its file was not taken.
    pub fn document_then(&self, edition: &Edition) -> Option<Document> {
        let text = self.text_of_blob(edition.blob)?;
        let path = self.evidence.history.below_root(&edition.path);
        let mut parsed = document::parse(SourceId(0), path, text, &self.kinds, &self.configuration);
        let place = parsed.place_of(&edition.marks.id)?;
        Some(parsed.documents.swap_remove(place))
    }

    /// The file contents that are needed to show what the newest approved version of each document
    /// changed, and who may see documents that are gone.
    pub fn last_changes(&self) -> BTreeSet<ObjectId> {
        let of = |document: &Document| -> Vec<ObjectId> {
            let story = self.is_controlled(document).then(|| self.story(&document.id)).flatten();
            let change = story.as_ref().and_then(Story::last_change);
            change.map(|(old, new)| vec![old.text().blob, new.text().blob]).unwrap_or_default()
        };
        let changes = self.documents.par_iter().with_min_len(16).flat_map_iter(of).collect::<Vec<_>>();
        changes.into_iter().chain(self.gone().map(|(_, last)| last.blob)).collect()
    }

    /// Documents and records that are not there any more and do not go on under another id: their
    /// ids in lower case, and the last state of each.
    pub fn gone(&self) -> impl Iterator<Item = (&str, &Edition)> {
        let renumbered: BTreeSet<&str> = self.renumbered().iter().map(|one| one.from).collect();
        let is_own = |edition: &Edition| {
            let kind = self.kinds.get(&edition.marks.kind);
            kind.is_some_and(|kind| kind.form != crate::kind::Form::Entry)
        };
        let gone = self.evidence.lives.iter().filter(|(id, life)| life.is_gone() && self.document(id).is_none());
        let gone = gone.filter_map(|(id, life)| Some((id, life.editions().next()?)));
        gone.filter(move |(id, last)| is_own(last) && !renumbered.contains(id))
    }

    /// Whether there is a history to judge by.
    pub fn has_history(&self) -> bool {
        self.evidence.history.tip.is_some() && self.evidence.history.not_evaluated.is_none()
    }

    /// Whether the commit that is read, or on which the work tree stands, is the one from which the
    /// history is told.
    pub fn reads_evidence_head(&self) -> bool {
        let tip = self.evidence.history.tip;
        tip.is_some() && self.revision.commit.as_deref().and_then(ObjectId::parse) == tip
    }

    /// What happened to a document; none where it is not committed at the evidence head.
    pub fn life(&self, document: &Document) -> Option<&Life> {
        match self.position(document).and_then(|position| self.evidence.places.get(position)) {
            Some(place) => self.evidence.lives.at((*place)?),
            None => self.evidence.lives.get(&document.id.to_lowercase()),
        }
    }

    /// Whether the document's file has versions that cannot be read, so that no life is told.
    pub fn has_hole(&self, document: &Document) -> bool {
        self.evidence.holes.contains(self.path(document))
    }

    /// The digest of what an approval of the document as it stands would bind to.
    pub fn substance(&self, document: &Document) -> Substance {
        document.substance(self.kind(document), || self.source(document.source).text())
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
        self.evidence.approvals.get(position).map_or(&[], Vec::as_slice)
    }

    /// Whether its approver approved a document as it is now.
    pub fn is_approved_as_it_stands(&self, position: usize) -> bool {
        let substance = self.substance(&self.documents[position]);
        let is_named = self.approvals(position).iter().any(|one| one.named && one.substance == substance);
        is_named || matches!(self.stated_approval(position), Stated::Shown(_) | Stated::Claimed(_))
    }
}

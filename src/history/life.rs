//! The life of a document as its repository tells it: every state it was committed in.

use super::ObjectId;
use crate::calendar::Date;
use smol_str::SmolStr;
use std::{fmt, sync::Arc};

/// The digest of what an approval binds to: the values of a document and its text, without the
/// fields that approving and reviewing fill in. Line ends and the order of fields do not count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Substance(pub [u8; 32]);

impl fmt::Display for Substance {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

impl fmt::Debug for Substance {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

/// What a document said of itself in one of its states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Its id as written.
    pub id: SmolStr,
    /// Its kind.
    pub kind: SmolStr,
    /// Its title, where it wrote one.
    pub title: Option<SmolStr>,
    /// Its version.
    pub version: Option<SmolStr>,
    /// Its `status`: how far it is with being approved, or the state of a record.
    pub state: Option<SmolStr>,
    /// Where it stands in the life of what it describes, where its kind keeps that in a field of
    /// its own: a service is live while its description is approved.
    pub stage: Option<SmolStr>,
    /// Whether stage or state mean closed.
    pub closed: bool,
    /// Who is said to have approved it.
    pub approved_by: Option<SmolStr>,
    /// The day on which it is said to have been approved.
    pub approved_on: Option<Date>,
    /// The day from which it is to apply.
    pub effective_from: Option<Date>,
    /// The day of the last review that it states.
    pub last_reviewed: Option<Date>,
    /// The day of the newest review that it records.
    pub reviewed_on: Option<Date>,
    /// Who is said to have made that review.
    pub reviewed_by: Option<SmolStr>,
    /// Who answers for it.
    pub owner: Option<SmolStr>,
    /// The day of what it records.
    pub dated: Option<Date>,
    /// How long it is to be kept.
    pub retention: Option<SmolStr>,
    /// What it takes the place of: an id, perhaps with a version.
    pub supersedes: Option<SmolStr>,
    /// The digests of what was added after it was closed, in their order.
    pub addenda: Vec<[u8; 32]>,
}

impl Marks {
    /// Whether it said that it was approved.
    pub fn is_approved(&self) -> bool {
        self.state.as_deref() == Some("approved")
    }

    /// Whether it was not finished yet.
    pub fn is_draft(&self) -> bool {
        matches!(self.state.as_deref(), Some("draft" | "in-review"))
    }

    /// Its status, and where it stands in its life, where its kind keeps that apart.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.state.iter().chain(&self.stage).map(SmolStr::as_str)
    }

    /// Who it said approved it, and when.
    pub fn approval(&self) -> (Option<&str>, Option<Date>) {
        (self.approved_by.as_deref(), self.approved_on)
    }

    /// The day of the last review that it states or records.
    pub fn reviewed(&self) -> Option<Date> {
        self.last_reviewed.max(self.reviewed_on)
    }

    /// The last review, and by whom; none where it has none.
    pub fn review(&self) -> Option<(Date, Option<&str>)> {
        self.reviewed().map(|day| (day, self.reviewed_by.as_deref()))
    }
}

/// A state in which a document was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The commit.
    pub commit: ObjectId,
    /// The file's path then, from the git root.
    pub path: SmolStr,
    /// The id of the file's content.
    pub blob: ObjectId,
    /// The digest of what an approval binds to.
    pub substance: Substance,
    /// What it said of itself.
    pub marks: Arc<Marks>,
}

/// Something that a commit did to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was written or changed.
    Written(Box<Edition>),
    /// It was removed.
    Removed(ObjectId),
}

impl Event {
    /// The commit.
    pub fn commit(&self) -> ObjectId {
        match self {
            Self::Written(edition) => edition.commit,
            Self::Removed(commit) => *commit,
        }
    }

    /// The state that the commit left.
    pub fn edition(&self) -> Option<&Edition> {
        match self {
            Self::Written(edition) => Some(edition),
            Self::Removed(_) => None,
        }
    }
}

/// Everything that happened to a document, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// What happened.
    pub events: Vec<Event>,
}

impl Life {
    /// Its states, newest first.
    pub fn editions(&self) -> impl DoubleEndedIterator<Item = &Edition> {
        self.events.iter().filter_map(Event::edition)
    }

    /// Whether it is gone at the evidence head.
    pub fn is_gone(&self) -> bool {
        matches!(self.events.first(), Some(Event::Removed(_)))
    }
}

/// The lives of all documents and register entries, by id in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lives(Vec<(String, Life)>);

impl Lives {
    /// The lives of these ids, which are sorted, each once.
    pub fn of_sorted(lives: Vec<(String, Life)>) -> Self {
        debug_assert!(lives.is_sorted_by(|(one, _), (next, _)| one < next), "ids are sorted, each once");
        Self(lives)
    }

    /// The life of an id in lower case.
    pub fn get(&self, id: &str) -> Option<&Life> {
        self.place(id).and_then(|place| self.at(place))
    }

    /// Where the life of an id in lower case stands among all.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.0.binary_search_by(|(one, _)| one.as_str().cmp(id)).ok()
    }

    /// The life at a place among all.
    pub fn at(&self, place: usize) -> Option<&Life> {
        self.0.get(place).map(|(_, life)| life)
    }

    /// All ids with their lives, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Life)> {
        self.0.iter().map(|(id, life)| (id.as_str(), life))
    }

    /// All ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(id, _)| id)
    }

    /// All lives, by id.
    pub fn values(&self) -> impl Iterator<Item = &Life> {
        self.iter().map(|(_, life)| life)
    }
}

//! Commits and versions as plain values. Nothing here knows git; `repository` makes these values
//! and everything above reads them.

mod ancestry;
mod life;
mod lineage;
mod mailmap;
mod signed;

pub use life::{Edition, Event, Life, Lives, Marks, Substance};
pub use lineage::{Changed, Followed, How, Touched, follow};
pub use mailmap::Mailmap;
pub use signed::{Signed, Tag};

use crate::{calendar::Date, lookup::Lookup};
use sha1::{Digest, Sha1};
use smol_str::SmolStr;
use std::{collections::BTreeMap, fmt, sync::Arc};

/// The id of a commit or a blob.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId(pub [u8; 20]);

impl ObjectId {
    /// The id that git gives to a file of this content.
    pub fn of_blob(content: &[u8]) -> Self {
        Self::of("blob", content)
    }

    /// The id that git gives to an object of this type (`commit`, `tree`, `blob`) and content.
    pub fn of(kind: &str, content: &[u8]) -> Self {
        let mut digest = Sha1::new_with_prefix(format!("{kind} {}\0", content.len()));
        digest.update(content);
        Self(digest.finalize().into())
    }

    /// The first bytes as a number: nearly always enough to tell two ids apart.
    fn start(&self) -> u64 {
        self.0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.start().cmp(&other.start()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What a commit says about when: a claim, since git dates are free text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

/// A person as a commit writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// The name.
    pub name: SmolStr,
    /// The e-mail address.
    pub email: SmolStr,
}

/// A line `Key: value` at the end of a commit's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// What stands before the colon, as written.
    pub key: String,
    /// What stands behind it, continued lines joined.
    pub value: String,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// The author as written; `History::person` applies the mailmap.
    pub author: Arc<Person>,
    /// Who the trailers name as co-authors.
    pub co_authors: Vec<Person>,
    /// Who made the commit.
    pub committer: Arc<Person>,
    /// When the author claims to have written it; none where the date cannot be read.
    pub authored: Option<Moment>,
    /// When the committer claims to have committed it.
    pub committed: Option<Moment>,
    /// The first line of the message.
    pub summary: SmolStr,
    /// The trailers of the message.
    pub trailers: Vec<Trailer>,
    /// The commits it follows.
    pub parents: Vec<ObjectId>,
    /// Whether it carries a signature; nothing is said about whether that holds.
    pub signed: bool,
    /// The commit of the first-parent line that brought it there; none on that line itself.
    pub merged_by: Option<ObjectId>,
    /// Whether the repository asks to ignore it (mass reformatting: `.git-blame-ignore-revs`).
    pub ignored: bool,
}

/// How a commit changed a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    Added,
    /// Its content changed.
    Modified,
    /// Its content is as before; its mode is not.
    ModeChanged,
    /// It had this path before, from the git root.
    RenamedFrom(SmolStr),
    /// It is gone.
    Deleted,
}

/// One version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The commit that made it.
    pub commit: ObjectId,
    /// The id of its content; none where it was deleted.
    pub blob: Option<ObjectId>,
    /// Its path then, from the git root.
    pub path: SmolStr,
    /// What happened to it.
    pub change: Change,
}

/// The history of an SMS up to a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The commit that was looked from.
    pub tip: Option<ObjectId>,
    /// Where the commit that is read parted from what leads there: that commit itself, where it is
    /// part of it. None where the two have no commit in common.
    pub parted: Option<ObjectId>,
    /// All commits that lead there, newest first; no commit stands before one that follows it.
    pub commits: Vec<Commit>,
    /// The first-parent line, newest first.
    pub first_parents: Vec<ObjectId>,
    /// The versions of every file at the tip below the SMS root, newest first, by its path from
    /// the SMS root. Renames are followed.
    pub versions: BTreeMap<String, Vec<Version>>,
    /// The versions of files below the SMS root that are gone, by their last path, newest first.
    pub gone: BTreeMap<String, Vec<Version>>,
    /// Where the SMS root lies in the git root: empty, or a path with `/` at its end.
    pub folder: String,
    /// Who is who, as the tip has it.
    pub mailmap: Mailmap,
    /// By commit that the repository asks to ignore, the commit that put it on the list.
    pub listed_by: BTreeMap<ObjectId, ObjectId>,
    /// Why there is no history, and what to do; none where there is one.
    pub not_evaluated: Option<String>,
    /// What could be told only in part.
    pub limits: Vec<String>,
    /// Places in `commits`, by id.
    places: Lookup<ObjectId, usize>,
    /// The day of each of `commits`, which many ask for.
    days: Vec<Option<Date>>,
}

impl History {
    /// A history that could not be read, and why.
    pub fn not_evaluated(reason: impl Into<String>) -> Self {
        Self { not_evaluated: Some(reason.into()), ..Self::default() }
    }

    /// A history of these commits, newest first.
    pub fn new(commits: Vec<Commit>) -> Self {
        let places: Lookup<ObjectId, usize> =
            commits.iter().enumerate().map(|(place, commit)| (commit.id, place)).collect();
        let days = commits.iter().map(Commit::day).collect();
        let tip = commits.first().map(|commit| commit.id);
        let mut history = Self { tip, commits, places, days, ..Self::default() };
        let line = history.line_from(history.tip);
        history.mark_merges(line);
        history
    }

    /// The same as it will be once a branch is merged that parted from the line of `base`: what it
    /// has beyond that comes with its tip, whatever it did and undid on the way.
    #[must_use]
    pub fn once_merged(mut self, base: ObjectId) -> Self {
        let tip = self.tip.filter(|tip| *tip != base).and_then(|tip| self.place(tip));
        let line = tip.into_iter().chain(self.line_from(Some(base))).collect();
        self.mark_merges(line);
        self
    }

    /// A commit by its id.
    pub fn commit(&self, id: ObjectId) -> Option<&Commit> {
        self.commits.get(*self.places.get(&id)?)
    }

    /// The place of a commit in `commits`: the newest is 0.
    pub fn place(&self, id: ObjectId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The day on which a commit claims to have been made.
    pub fn day(&self, id: ObjectId) -> Option<Date> {
        *self.days.get(self.place(id)?)?
    }

    /// A path from the git root as one from the SMS root; as it is where it lies elsewhere.
    pub fn below_root<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(&self.folder).unwrap_or(path)
    }

    /// The versions of a file at the tip, newest first; nothing where it is not there.
    pub fn versions(&self, path: &str) -> &[Version] {
        self.versions.get(path).map_or(&[], Vec::as_slice)
    }

    /// A person under the name and address that the mailmap gives them.
    pub fn person(&self, person: &Person) -> Person {
        self.mailmap.resolve(person)
    }

    /// The places of a commit and of its first parents, newest first.
    fn line_from(&self, start: Option<ObjectId>) -> Vec<usize> {
        let start = start.and_then(|start| self.place(start));
        let parent = |place: &usize| self.place(*self.commits[*place].parents.first()?);
        std::iter::successors(start, parent).collect()
    }

    /// Takes these commits for the first-parent line, and finds which of them brought each other.
    fn mark_merges(&mut self, line: Vec<usize>) {
        self.commits.iter_mut().for_each(|commit| commit.merged_by = None);
        let mut reached = vec![false; self.commits.len()];
        // From the oldest on: what a merge reaches first is what it brought.
        for &place in line.iter().rev() {
            reached[place] = true;
            let merge = self.commits[place].id;
            // The first parent of most is on the line and reached before.
            let mut pending: Vec<ObjectId> = self.commits[place].parents.clone();
            while let Some(id) = pending.pop() {
                let Some(&place) = self.places.get(&id) else { continue };
                if !std::mem::replace(&mut reached[place], true) {
                    self.commits[place].merged_by = Some(merge);
                    pending.extend(&self.commits[place].parents);
                }
            }
        }
        self.first_parents = line.into_iter().map(|place| self.commits[place].id).collect();
    }
}

impl Commit {
    /// Who wrote it: the author, then the co-authors.
    pub fn writers(&self) -> impl Iterator<Item = &Person> {
        std::iter::once(&*self.author).chain(&self.co_authors)
    }

    /// When it claims to have been made: by its committer, else by its author.
    pub fn made(&self) -> Option<Moment> {
        self.committed.or(self.authored)
    }

    /// The day on which it claims to have been made, by the clock of who made it.
    pub fn day(&self) -> Option<Date> {
        self.made().and_then(Moment::day)
    }
}

impl Moment {
    /// The day that the writer's clock showed.
    pub fn day(self) -> Option<Date> {
        let offset = jiff::tz::Offset::from_seconds(self.offset.checked_mul(60)?).ok()?;
        let instant = jiff::Timestamp::from_second(self.seconds).ok()?;
        Some(offset.to_datetime(instant).date())
    }
}

impl ObjectId {
    /// Reads 40 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 40 {
            return None;
        }
        let mut id = [0; 20];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Self(id))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

/// Where the evidence of a run comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The commit that was read, or on which the work tree stands; none without commits.
    pub commit: Option<String>,
    /// The day of that commit, in the committer's own zone.
    pub day: Option<Date>,
    /// What was asked for: `worktree`, `staged`, the revision as written, or `by` and a day.
    pub named: String,
    /// Whether the work tree, or what is staged, differs from the commit.
    pub modified: bool,
    /// Whether there is a git repository at all.
    pub git: bool,
    /// Whether the clone is shallow, so that history is not complete.
    pub shallow: bool,
}

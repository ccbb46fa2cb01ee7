//! The life of one row of a data set: which committed version of the file had it first, what later
//! ones have otherwise, and when it was closed or gone.

use super::{
    Contents, Writer,
    line::{Line, Store, blob_of},
    period::Days,
    rows::{Stop, gone_files, stops, stops_of_gone, to_now},
};
use crate::{
    cache::Memory,
    calendar::Date,
    document::{Held, Reading, Rewritten, RowDeed},
    history::{Commit, ObjectId},
    sms::Sms,
    source::Source,
};
use serde_json::{Map, Value};

/// The life of a row in one data set, by what the default branch had of it at the end of the day of
/// judgement.
pub struct RowLife<'a> {
    /// Its id as it was written last.
    pub id: String,
    /// The path of the data set, from the SMS root.
    pub path: String,
    /// Its kind.
    pub kind: String,
    /// The positions of the data set and of the row, where it is there now.
    pub row: Option<(usize, usize)>,
    /// What happened, newest first.
    pub chapters: Vec<RowChapter<'a>>,
    /// How many committed versions of the data set have it.
    pub exports: usize,
    /// How many there are from the first on that has it.
    pub of: usize,
    /// The day of the newest that has it.
    pub last: Option<Date>,
    /// How many versions came after the day of judgement; they are left out.
    pub later: usize,
    /// What could not be followed.
    pub limits: Vec<String>,
}

/// What one version of a data set did to a row.
pub struct RowChapter<'a> {
    /// The commit that wrote the version; none where it is not committed.
    pub commit: Option<&'a Commit>,
    /// The day on which it came to the default branch, as the commit that brought it claims.
    pub arrived: Option<Date>,
    /// The merge that brought it there, where it was committed beside the default branch.
    pub merge: Option<&'a Commit>,
    /// Its author, then its co-authors.
    pub writers: Vec<Writer<'a>>,
    /// What happened.
    pub events: Vec<RowEvent>,
    /// The fields that hold something else than before.
    pub rewritten: Vec<Rewritten>,
    /// What the row holds; none where the version does not have it.
    pub fields: Option<Map<String, Value>>,
    /// Whether it may have been a version before that could not be read.
    pub after_unread: bool,
}

/// Something that a version of a data set did to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowEvent {
    /// The file moved, from this path.
    Moved(String),
    /// It is the first that has it.
    First,
    /// It has it again.
    Returned,
    /// Fields hold something else, while it was open or as is to be expected of closed rows.
    Changed,
    /// It was closed.
    Closed,
    /// It was closed and lost values that it had.
    Altered,
    /// It was closed and got values where there were none.
    Completed,
    /// It was closed and is open again, or was in between; the flag tells whether it says so itself.
    Reopened(bool),
    /// It is not there any more, though the version covers its time.
    Gone,
    /// It is not there any more, and dated before everything that is.
    LeftOut,
    /// The file was removed.
    FileRemoved,
}

impl Sms {
    /// The lives of the row of an id, in each data set that has it or had it.
    pub fn row_lives(&self, id: &str, contents: &Contents<'_>) -> Vec<RowLife<'_>> {
        let memory = Memory::forgetful();
        let store = Store { contents, memory: &memory };
        // Where no row has an id like this, none had.
        let beginning: String = id.chars().take_while(|one| one.is_alphabetic()).collect();
        let mut lives = Vec::new();
        for (index, population) in self.populations.iter().enumerate() {
            let row = population.row_of(id);
            if row.is_some() || population.has_beginning(&beginning) {
                let source = self.source(population.source);
                let now = (blob_of(source), source);
                let stops = to_now(self, stops(self, self.evidence.history.versions(source.path())), now.0);
                let row = row.map(|row| (index, row));
                lives.extend(life(self, source.path(), (id, row), &stops, Some(now), store));
            }
        }
        for (path, versions) in gone_files(self) {
            lives.extend(life(self, &path, (id, None), &stops_of_gone(self, &versions), None, store));
        }
        lives.retain(|life| life.row.is_some() || !life.chapters.is_empty());
        lives
    }
}

fn life<'a>(
    sms: &'a Sms,
    path: &str,
    (id, row): (&str, Option<(usize, usize)>),
    stops: &[Stop<'_>],
    now: Option<(ObjectId, &Source)>,
    store: Store<'_>,
) -> Option<RowLife<'a>> {
    let data_set = sms.configuration.data_set(path)?;
    let mut life = RowLife {
        id: row.map_or(id, |(index, row)| &sms.populations[index].rows[row].id).to_owned(),
        path: path.to_owned(),
        kind: data_set.kind.clone(),
        row,
        chapters: Vec::new(),
        exports: 0,
        of: 0,
        last: None,
        later: 0,
        limits: Vec::new(),
    };
    let Some(reading) = Reading::of_any(data_set, &sms.kinds) else {
        life.limits.push(format!("no column of `{path}` is mapped to `id`, so its rows are not followed"));
        return Some(life);
    };
    let days = Days::new(sms);
    let mut versions = Line::new(&reading, path, now, store);
    // The last version that has it, and whether that is the last that was read.
    let (mut last, mut is_there): (Option<Held<'_>>, bool) = (None, false);
    let (mut unread, mut without_rows) = (false, 0);
    // Where the file was, and what was in it, when it was last read.
    let (mut path_then, mut blob_then) = (None, None);
    for stop in stops {
        let arrived = stop.commit.and_then(|commit| days.arrival(commit));
        if arrived.is_some_and(|day| day > sms.as_of) {
            life.later += 1;
            continue;
        }
        let Some(blob) = stop.blob else {
            if std::mem::take(&mut is_there) {
                life.chapters.push(chapter(sms, stop, arrived, vec![RowEvent::FileRemoved]));
            }
            continue;
        };
        let Some(text) = versions.text(blob) else {
            unread = true;
            continue;
        };
        if last.is_none() && !may_have(&text, id) {
            (unread, path_then, blob_then) = (false, stop.path, Some(blob));
            continue;
        }
        let Some(held) = reading.held(path, text, id) else {
            without_rows += 1;
            unread = true;
            continue;
        };
        // What only moved the file is no export.
        let is_export = blob_then != Some(blob);
        if is_export && stop.commit.is_some() && (last.is_some() || held.fields.is_some()) {
            life.of += 1;
            life.exports += usize::from(held.fields.is_some());
        }
        let (mut events, rewritten) = happened(&reading, last.as_ref(), is_there, &held);
        if last.is_some() && (is_there || held.fields.is_some()) {
            let moved = path_then.zip(stop.path).filter(|(then, now)| then != now);
            events
                .splice(0..0, moved.map(|(then, _)| RowEvent::Moved(sms.evidence.history.below_root(then).to_owned())));
        }
        (path_then, blob_then) = (stop.path.or(path_then), Some(blob));
        if !events.is_empty() {
            let chapter = chapter(sms, stop, arrived, events);
            life.chapters.push(RowChapter { rewritten, fields: held.fields.clone(), after_unread: unread, ..chapter });
        }
        unread = false;
        is_there = held.fields.is_some();
        if let Some(fields) = &held.fields {
            life.last = arrived.filter(|_| is_export).or(life.last);
            if let Some(written) = fields.get("id").and_then(Value::as_str) {
                written.clone_into(&mut life.id);
            }
            last = Some(held);
        }
    }
    life.chapters.reverse();
    life.limits = versions.limits();
    if without_rows > 0 {
        let passed_over = crate::wording::counted(without_rows, "version");
        life.limits.push(format!("{passed_over} of `{path}` passed over, where no row can be told by its id"));
    }
    Some(life)
}

fn chapter<'a>(sms: &'a Sms, stop: &Stop<'_>, arrived: Option<Date>, events: Vec<RowEvent>) -> RowChapter<'a> {
    let history = &sms.evidence.history;
    let commit = stop.commit.and_then(|id| history.commit(id));
    RowChapter {
        commit,
        arrived,
        merge: commit.and_then(|commit| history.commit(commit.merged_by?)),
        writers: commit.map(|commit| sms.writers(commit)).unwrap_or_default(),
        events,
        rewritten: Vec::new(),
        fields: None,
        after_unread: false,
    }
}

/// What a version did to a row; nothing where it is as the last version had it that has it.
fn happened(
    reading: &Reading<'_>,
    last: Option<&Held<'_>>,
    was_there: bool,
    now: &Held<'_>,
) -> (Vec<RowEvent>, Vec<Rewritten>) {
    let none = (Vec::new(), Vec::new());
    let Some(last) = last else {
        return if now.fields.is_some() { (vec![RowEvent::First], Vec::new()) } else { none };
    };
    if now.fields.is_none() {
        let gone = if reading.covers(last, now) { RowEvent::Gone } else { RowEvent::LeftOut };
        return if was_there { (vec![gone], Vec::new()) } else { none };
    }
    let rewritten = reading.rewritten(last, now);
    let mut events = if was_there { Vec::new() } else { vec![RowEvent::Returned] };
    if rewritten.is_empty() {
        return (events, rewritten);
    }
    let (was_closed, is_closed) = (is_closed(reading, last), is_closed(reading, now));
    let since_closed = if was_closed { reading.since_closed(last, now) } else { None };
    events.push(match &since_closed {
        Some(RowDeed::Reopened(says_so)) => RowEvent::Reopened(*says_so),
        Some(RowDeed::Changed(was)) if was.iter().all(|was| was.added) => RowEvent::Completed,
        Some(RowDeed::Changed(_)) => RowEvent::Altered,
        _ if !was_closed && is_closed => RowEvent::Closed,
        _ => RowEvent::Changed,
    });
    if matches!(since_closed, Some(RowDeed::Reopened(_))) && is_closed {
        events.push(RowEvent::Closed);
    }
    (events, rewritten)
}

fn is_closed(reading: &Reading<'_>, held: &Held<'_>) -> bool {
    let kind = reading.kind();
    let state = held.fields.as_ref().and_then(|fields| fields.get(&kind.compiled().notes.state_field));
    state.and_then(Value::as_str).is_some_and(|state| kind.is_closed(state))
}

/// Whether a text may have the row of an id: a quick look, since most that never had it do not even
/// mention it. What a format may write in several ways is always looked for.
fn may_have(text: &str, id: &str) -> bool {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let mut windows = text.as_bytes().windows(id.len().max(1));
    !is_plain || windows.any(|window| window.eq_ignore_ascii_case(id.as_bytes()))
}

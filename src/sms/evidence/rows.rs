//! Rows of data sets over the committed versions of their files: those that were closed and are not
//! as they were, and those that are gone.

use super::line::{Line, Store, blob_of};
use crate::{
    calendar::{Date, parse_day},
    document::{Population, Reading, RowDeed, Was, Window},
    history::{Change, ObjectId, Version},
    sms::{Sms, Target},
};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What became of closed rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Afterwards {
    /// Values that they had are others, or gone.
    Changed,
    /// Values came to where there were none; nothing was lost.
    Completed,
    /// They were opened again and do not say so, whether they are closed by now or not.
    Reopened,
    /// A commit that the repository asks to ignore gave them other values.
    Migrated,
}

/// Closed rows of a data set that one commit altered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredRows {
    /// The position of the data set.
    pub population: usize,
    /// The commit; none where it is not committed.
    pub commit: Option<ObjectId>,
    /// What became of them.
    pub how: Afterwards,
    /// The rows, in the order of the file.
    pub rows: Vec<AlteredRow>,
    /// Whether there may be more that were not told apart.
    pub at_least: bool,
}

/// A closed row that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredRow {
    /// Its position in the data set.
    pub row: usize,
    /// What fields held, where they do not any more.
    pub was: Vec<Was>,
}

/// Closed rows that one commit removed and that are nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedRows {
    /// The path of the data set, from the SMS root.
    pub path: String,
    /// Their kind.
    pub kind: String,
    /// The commit; none where it is not committed.
    pub commit: Option<ObjectId>,
    /// Id of each, and the day of what it records.
    pub rows: Vec<(String, Option<Date>)>,
    /// Whether there may be more that were not told apart.
    pub at_least: bool,
}

/// What the versions of data sets show.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) altered: Vec<AlteredRows>,
    pub(super) removed: Vec<RemovedRows>,
    /// What could not be followed.
    pub(super) limits: Vec<String>,
}

impl Sms {
    /// Closed rows of data sets that are not as they were, by data set and commit.
    pub fn altered_rows(&self) -> &[AlteredRows] {
        &self.evidence.rows.altered
    }

    /// Closed rows of data sets that are gone, though the export covers their time.
    pub fn removed_rows(&self) -> &[RemovedRows] {
        &self.evidence.rows.removed
    }
}

/// Follows the rows of all data sets.
pub(super) fn of(sms: &Sms, store: Store<'_>) -> Rows {
    let live: Vec<Rows> =
        sms.populations.par_iter().enumerate().map(|(index, one)| of_population(sms, index, one, store)).collect();
    let mut windows = BTreeMap::new();
    let gone = gone_files(sms);
    let gone = gone.iter().filter_map(|(path, versions)| of_gone(sms, path, versions, store, &mut windows));
    let mut all = Rows::default();
    for rows in live.into_iter().chain(gone) {
        all.altered.extend(rows.altered);
        all.removed.extend(rows.removed);
        all.limits.extend(rows.limits);
    }
    all
}

/// The files of data sets that the tree does not have any more, by their last path there.
pub(super) fn gone_files(sms: &Sms) -> Vec<(String, Vec<Version>)> {
    if sms.configuration.data.is_empty() {
        return Vec::new();
    }
    let history = &sms.evidence.history;
    // Also those that are there at the tip, and not in the tree.
    let gone = history.gone.iter().chain(&history.versions);
    let is_gone = |path: &String| !sms.files.contains_key(path) && !sms.configuration.ignores(path);
    let gone = gone.filter(|(path, _)| is_gone(path) && sms.configuration.data_set(path).is_some());
    let left = history.gone.values().chain(history.versions.values()).filter_map(|versions| left(sms, versions));
    gone.map(|(path, versions)| (path.clone(), versions.clone())).chain(left).collect()
}

/// A file that was in a data set and was moved out of all: its last path there, and its versions with
/// the move as its removal. What the tree that is judged still has under that path is there.
fn left(sms: &Sms, versions: &[Version]) -> Option<(String, Vec<Version>)> {
    let history = &sms.evidence.history;
    let path = |version: &Version| history.below_root(&version.path).to_owned();
    let is_in = |version: &Version| sms.configuration.data_set(&path(version)).is_some();
    // Its path says the last one also of what was removed.
    let last = versions.iter().position(is_in).filter(|last| *last > 0)?;
    let there = path(&versions[last]);
    if sms.files.contains_key(&there) && !sms.reads_evidence_head() {
        return None;
    }
    let removal =
        Version { blob: None, path: versions[last].path.clone(), change: Change::Deleted, ..versions[last - 1] };
    Some((there, std::iter::once(removal).chain(versions[last..].iter().cloned()).collect()))
}

/// A version of a data set on the first-parent line.
#[derive(Clone, Copy)]
pub(super) struct Stop<'a> {
    /// The commit that wrote it; none where it is not committed.
    pub(super) commit: Option<ObjectId>,
    /// The commit that brought it there.
    brought_by: Option<ObjectId>,
    /// Its path from the root of the repository; none where it is not committed.
    pub(super) path: Option<&'a str>,
    /// Its content; none where the file was removed.
    pub(super) blob: Option<ObjectId>,
}

/// The versions that the first-parent line had one after the other, oldest first. What the default
/// branch got since the commit that is read parted from it is nothing that the tree took away.
pub(super) fn stops<'a>(sms: &Sms, versions: &'a [Version]) -> Vec<Stop<'a>> {
    let history = &sms.evidence.history;
    let read = sms.revision.commit.as_deref().and_then(ObjectId::parse).and_then(|commit| history.place(commit));
    let parted = read.or_else(|| history.place(history.parted?));
    let is_tip = sms.reads_evidence_head();
    let mut by_place: BTreeMap<usize, Stop<'_>> = BTreeMap::new();
    for version in versions.iter().filter(|version| version.change != Change::ModeChanged) {
        let brought_by = sms.brought_by(version.commit);
        let place = history.place(brought_by);
        if is_tip || parted.zip(place).is_some_and(|(parted, place)| place >= parted) {
            let (commit, path) = (Some(version.commit), Some(version.path.as_str()));
            let stop = Stop { commit, brought_by: Some(brought_by), path, blob: version.blob };
            by_place.entry(place.unwrap_or(usize::MAX)).or_insert(stop);
        }
    }
    by_place.into_values().rev().collect()
}

/// The same up to a content that the tree has now, which may not be committed.
pub(super) fn to_now<'a>(sms: &Sms, mut stops: Vec<Stop<'a>>, now: ObjectId) -> Vec<Stop<'a>> {
    match stops.iter().rposition(|stop| stop.blob == Some(now)) {
        // What came later is not in the tree that is judged.
        Some(last) if !sms.reads_evidence_head() || last + 1 == stops.len() => stops.truncate(last + 1),
        _ => stops.push(Stop { commit: None, brought_by: None, path: None, blob: Some(now) }),
    }
    stops
}

/// The same of a file that the tree does not have, with its removal at the end.
pub(super) fn stops_of_gone<'a>(sms: &Sms, versions: &'a [Version]) -> Vec<Stop<'a>> {
    let mut stops = stops(sms, versions);
    if stops.last().is_some_and(|last| last.blob.is_some()) {
        stops.push(Stop { commit: None, brought_by: None, path: None, blob: None });
    }
    stops
}

fn of_population(sms: &Sms, index: usize, population: &Population, store: Store<'_>) -> Rows {
    let source = sms.source(population.source);
    let reading = sms.configuration.data_set(source.path()).and_then(|data_set| Reading::of(data_set, &sms.kinds));
    let stops = stops(sms, sms.evidence.history.versions(source.path()));
    let Some(reading) = reading.filter(|_| !stops.is_empty()) else { return Rows::default() };
    let now = blob_of(source);
    let stops = to_now(sms, stops, now);
    let mut line = Line::new(&reading, source.path(), Some((now, source)), store);
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    let mut cut_short = BTreeSet::new();
    for stop in stops.iter().filter(|stop| stop.blob.is_some()) {
        let Some(difference) = stop.blob.and_then(|blob| line.difference(blob)) else { continue };
        if !counts(sms, stop) {
            continue;
        }
        if difference.more > 0 {
            cut_short.insert(stop.commit);
        }
        let is_ignored = [stop.commit, stop.brought_by]
            .into_iter()
            .flatten()
            .any(|id| sms.evidence.history.commit(id).is_some_and(|commit| commit.ignored));
        for change in difference.rows {
            fates.entry(change.id.to_lowercase()).or_default().add(stop.commit, is_ignored, change.id, change.deed);
        }
    }
    let mut rows = told(sms, index, population, &reading, fates, &cut_short);
    rows.limits = line.limits();
    rows
}

/// Whether the configuration says that the SMS had started when a version came.
fn counts(sms: &Sms, stop: &Stop<'_>) -> bool {
    let Some(started) = sms.configuration.started else { return true };
    stop.brought_by.and_then(|commit| sms.committed_on(commit)).is_none_or(|day| day >= started)
}

/// The rows of a file that is gone.
fn of_gone(
    sms: &Sms,
    path: &str,
    versions: &[Version],
    store: Store<'_>,
    windows: &mut BTreeMap<String, Window>,
) -> Option<Rows> {
    let data_set = sms.configuration.data_set(path)?;
    let reading = Reading::of(data_set, &sms.kinds)?;
    let stops = stops_of_gone(sms, versions);
    let (removal, before) = stops.split_last().filter(|(last, _)| counts(sms, last))?;
    let blob = before.iter().rev().find_map(|stop| stop.blob)?;
    let mut line = Line::new(&reading, path, None, store);
    let difference = line.all_removed(blob).unwrap_or_default();
    if difference.rows.is_empty() {
        return Some(Rows { limits: line.limits(), ..Rows::default() });
    }
    // Other files of the data set say which time it covers.
    let same = sms.populations.iter().filter_map(|population| {
        let source = sms.source(population.source);
        let is_same = sms.configuration.data_set(source.path()).is_some_and(|one| one.pointer == data_set.pointer);
        is_same.then(|| reading.window_of(population, source.text()))
    });
    let window =
        windows.entry(data_set.pointer.clone()).or_insert_with(|| same.reduce(Window::join).unwrap_or_default());
    let rows = difference.rows.iter().filter_map(|change| match &change.deed {
        RowDeed::Removed(dated, was) if !window.leaves_out(was) => is_nowhere(sms, &change.id, dated.as_deref()),
        _ => None,
    });
    let removed = RemovedRows {
        path: path.to_owned(),
        kind: data_set.kind.clone(),
        commit: removal.commit,
        rows: rows.collect(),
        at_least: difference.more > 0,
    };
    let removed = if removed.rows.is_empty() { Vec::new() } else { vec![removed] };
    Some(Rows { removed, limits: line.limits(), ..Rows::default() })
}

fn is_nowhere(sms: &Sms, id: &str, dated: Option<&str>) -> Option<(String, Option<Date>)> {
    (sms.resolve(id) == Target::Missing).then(|| (id.to_owned(), dated.and_then(parse_day)))
}

/// What happened to a row since it was closed.
#[derive(Default)]
struct Fate {
    changed: Vec<(Option<ObjectId>, Vec<Was>)>,
    migrated: Vec<(Option<ObjectId>, Vec<Was>)>,
    /// Whether it was opened again without saying so, and by which commit.
    reopened: bool,
    reopened_by: Option<ObjectId>,
    removed: Option<(Option<ObjectId>, String, Option<String>)>,
    /// What it held when it was removed; that it came back is seen in the end.
    held: Vec<Was>,
}

impl Fate {
    fn add(&mut self, commit: Option<ObjectId>, is_ignored: bool, id: String, deed: RowDeed) {
        match deed {
            RowDeed::Changed(was) if is_ignored => self.migrated.push((commit, was)),
            RowDeed::Changed(was) => self.changed.push((commit, was)),
            // It is closed anew; what it was before does not bind any more. That it was opened in
            // silence is not undone by what comes later.
            RowDeed::Reopened(says_so) => {
                let silently = if says_so { self.reopened } else { true };
                let by = if says_so || self.reopened { self.reopened_by } else { commit };
                *self = Self { reopened: silently, reopened_by: by, ..Self::default() };
            }
            RowDeed::Removed(dated, held) => {
                self.removed = Some((commit, id, dated));
                self.held = held;
            }
        }
    }
}

fn told(
    sms: &Sms,
    index: usize,
    population: &Population,
    reading: &Reading<'_>,
    fates: BTreeMap<String, Fate>,
    cut_short: &BTreeSet<Option<ObjectId>>,
) -> Rows {
    let of_commit = |id: ObjectId| sms.evidence.history.place(id).unwrap_or(usize::MAX);
    let place = |commit: Option<ObjectId>| commit.map(of_commit);
    let mut altered: BTreeMap<_, AlteredRows> = BTreeMap::new();
    let mut removed: BTreeMap<_, RemovedRows> = BTreeMap::new();
    for (id, fate) in fates {
        let Some(row) = population.row_of(&id) else {
            let Some((commit, id, dated)) = fate.removed else { continue };
            let rows = removed.entry(place(commit)).or_insert_with(|| RemovedRows {
                path: sms.source(population.source).path().to_owned(),
                kind: population.kind.clone(),
                commit,
                rows: Vec::new(),
                at_least: cut_short.contains(&commit),
            });
            rows.rows.extend(is_nowhere(sms, &id, dated.as_deref()));
            continue;
        };
        let fields = population.fields(sms.source(population.source).text(), row, reading.kind());
        for (commit, how, was) in outcome(&fate, population, reading, &fields, of_commit) {
            let rows = altered.entry((place(commit), how)).or_insert_with(|| AlteredRows {
                population: index,
                commit,
                how,
                rows: Vec::new(),
                at_least: cut_short.contains(&commit),
            });
            rows.rows.push(AlteredRow { row, was });
        }
    }
    let mut altered: Vec<AlteredRows> = altered.into_values().collect();
    for rows in &mut altered {
        rows.rows.sort_by_key(|row| row.row);
    }
    let removed = removed.into_values().filter(|removed| !removed.rows.is_empty()).collect();
    Rows { altered, removed, limits: Vec::new() }
}

/// How a row stands today to what it was when it was closed.
fn outcome(
    fate: &Fate,
    population: &Population,
    reading: &Reading<'_>,
    fields: &Map<String, Value>,
    place: impl Fn(ObjectId) -> usize,
) -> Vec<(Option<ObjectId>, Afterwards, Vec<Was>)> {
    let kind = reading.kind();
    let state = fields.get(&kind.compiled().notes.state_field).and_then(|state| state.as_str());
    if !state.is_some_and(|state| kind.is_closed(state)) {
        let reopened = fate.reopened.then(|| (fate.reopened_by, Afterwards::Reopened, Vec::new()));
        return reopened.into_iter().collect();
    }
    let differs = |was: &Was| population.holds(&was.field) && !was.is(fields.get(&was.field), kind);
    let mut found: Vec<(Option<ObjectId>, Afterwards, Vec<Was>)> = Vec::new();
    // Closed again: the count may say so by now.
    let counted = fields.get("reopened_count").and_then(Value::as_u64).is_some_and(|count| count > 0);
    if fate.reopened && !counted {
        found.push((fate.reopened_by, Afterwards::Reopened, Vec::new()));
    }
    let returned = fate.removed.iter().map(|(commit, ..)| (*commit, &fate.held, true));
    let all = fate.changed.iter().map(|(commit, was)| (*commit, was, false)).chain(returned);
    let mut by_field: BTreeMap<&str, Vec<(Option<ObjectId>, &Was)>> = BTreeMap::new();
    for (commit, list, returned) in all {
        for was in list.iter().filter(|was| !returned || !reading.is_link(&was.field)) {
            by_field.entry(&was.field).or_default().push((commit, was));
        }
    }
    // What it was first is what it is to be; what was added later is to stay as well.
    by_field.retain(|_, all| all.first().is_some_and(|(_, first)| differs(first)));
    let is_lost = by_field.values().any(|all| lost(all, &differs).is_some());
    let last = by_field.values().filter_map(|all| all.last()).map(|(commit, _)| *commit);
    // What is not committed comes last, and of commits the one with the smallest place.
    if let Some(commit) = last.min_by_key(|commit| commit.map(&place)) {
        let how = if is_lost { Afterwards::Changed } else { Afterwards::Completed };
        let was = by_field.values().filter_map(|all| lost(all, &differs).or(all.first().map(|(_, was)| *was)));
        found.push((commit, how, was.cloned().collect()));
    }
    for (commit, was) in &fate.migrated {
        let was: Vec<Was> = was.iter().filter(|was| differs(was)).cloned().collect();
        if !was.is_empty() {
            found.push((*commit, Afterwards::Migrated, was));
        }
    }
    found
}

/// The first value that was there and is not any more.
fn lost<'w>(all: &[(Option<ObjectId>, &'w Was)], differs: &dyn Fn(&Was) -> bool) -> Option<&'w Was> {
    all.iter().map(|(_, was)| *was).find(|was| !was.added && differs(was))
}

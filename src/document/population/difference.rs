//! What two snapshots of a data set differ in, as far as rows are concerned that the older one had
//! closed.

use super::{
    DataSet, Population, Splitter,
    snapshot::{Digested, Half, Snapshot, half},
};
use crate::{
    cache::{self, Key, Reader, Writer},
    document::is_substance,
    kind::{Form, Kind, Kinds, Shape},
};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many rows of a difference are told one by one.
const TOLD: usize = 2_000;
/// The longest value that is shown, in characters.
const SHOWN: usize = 40;

/// How the versions of a data set's file are read: by the mapping that it has today.
pub struct Reading<'a> {
    pub(super) data_set: &'a DataSet,
    pub(super) kind: &'a Kind,
    pub(super) kinds: &'a Kinds,
}

/// What became of the closed rows of a snapshot in a later one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rows that are not as they were; not more than can be told one by one.
    pub rows: Vec<RowChange>,
    /// How many more rows that were closed are not as they were.
    pub more: usize,
}

/// A row that is not as it was when it was closed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// Its id, as the older snapshot wrote it.
    pub id: String,
    /// What happened to it.
    pub deed: RowDeed,
}

/// What happened to a closed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowDeed {
    /// Values are not as they were.
    Changed(Vec<Was>),
    /// It was opened again; the flag tells whether it says so itself.
    Reopened(bool),
    /// It is not there any more: the day of what it records, and what it held.
    Removed(Option<String>, Vec<Was>),
}

/// What a field held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Was {
    /// The field.
    pub field: String,
    /// What it held, where that is short.
    pub before: Option<String>,
    /// Whether nothing was lost: it held nothing, or a list that only grew.
    pub added: bool,
    digest: Half,
}

impl Was {
    /// Whether a field holds this now.
    pub fn is(&self, now: Option<&Value>, kind: &Kind) -> bool {
        half(canonical(now, kind.compiled().shape.properties.get(&self.field).map(AsRef::as_ref)).as_bytes())
            == self.digest
    }
}

/// The earliest moments of a snapshot, by the fields that date its rows: what lies before one of
/// them is not part of what was exported.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window(BTreeMap<String, String>);

impl Window {
    /// Whether a row that held this was not to be expected there.
    pub(crate) fn leaves_out(&self, was: &[Was]) -> bool {
        was.iter().any(|was| {
            let first = self.0.get(&was.field);
            was.before.as_ref().zip(first).is_some_and(|(before, first)| moment(before) < *first)
        })
    }

    /// The window of both.
    pub(crate) fn join(mut self, other: Self) -> Self {
        for (field, first) in other.0 {
            let earliest = self.0.remove(&field).map_or_else(|| first.clone(), |own| own.min(first.clone()));
            self.0.insert(field, earliest);
        }
        self
    }

    fn of_fields(fields: &Map<String, Value>, dating: &[&str]) -> Self {
        let day = |field: &&str| Some(((*field).to_owned(), moment(fields.get(*field)?.as_str()?)));
        Self(dating.iter().filter_map(day).collect())
    }
}

impl<'a> Reading<'a> {
    /// How a data set is read; none where its rows have no ids or never close.
    pub fn of(data_set: &'a DataSet, kinds: &'a Kinds) -> Option<Self> {
        let kind = kinds.get(&data_set.kind)?;
        let notes = &kind.compiled().notes;
        let is_there = |field: &str| data_set.columns.contains_key(field);
        let has_state = is_there(&notes.state_field) || data_set.defaults.contains_key(&notes.state_field);
        let may_close = matches!(kind.form, Form::Record | Form::Entry) && !notes.closed.is_empty();
        (may_close && has_state && is_there("id")).then_some(Self { data_set, kind, kinds })
    }

    /// The kind of the rows.
    pub fn kind(&self) -> &'a Kind {
        self.kind
    }

    /// A digest of what a difference depends on beside the two texts.
    pub fn key(&self, path: &str) -> Key {
        let DataSet { pattern: _, kind, zone, columns, values, dates, defaults, pointer: _ } = self.data_set;
        let own = self.kinds.iter().filter_map(|kind| Some((kind.name.as_str(), kind.own_schema()?)));
        let parts = [
            "rows".to_owned(),
            path.to_owned(),
            format!("{:?}", own.collect::<Vec<_>>()),
            format!("{:?}", (kind, zone, columns, values, dates, defaults)),
        ];
        cache::key(parts.iter().map(String::as_bytes))
    }

    /// Reads a version; none where its rows have no ids.
    pub(crate) fn snapshot(&self, path: &str, text: &str) -> Option<Snapshot> {
        Snapshot::read(path, text, self.data_set, self.kind)
    }

    /// What became of the closed rows of a snapshot in a later one; each with its text.
    pub(crate) fn difference(&self, old: (&Snapshot, &str), new: (&Snapshot, &str)) -> Difference {
        let candidates = old.0.closed_elsewhere(new.0);
        if candidates.is_empty() {
            return Difference::default();
        }
        let exported = self.exported(old);
        let common: BTreeSet<&str> = self.exported(new).intersection(&exported).copied().collect();
        let is_shorter = candidates.iter().any(|(_, now)| now.is_none());
        let window = if is_shorter { self.window_in(new) } else { Window::default() };
        let changed: Vec<RowChange> = candidates
            .par_iter()
            .with_min_len(64)
            .map_init(
                || (old.0.splitter(), new.0.splitter()),
                |(of_old, of_new), (row, now)| {
                    let before = self.fields(of_old, old, row);
                    // A row that cannot be read any more is as good as gone.
                    let now = now.map(|now| self.fields(of_new, new, now)).filter(|now| now.contains_key("id"));
                    let deed = match now {
                        Some(now) => self.deed(&before, &now, &common)?,
                        None => self.removed(&before, &exported, &window)?,
                    };
                    Some(RowChange { id: before.get("id")?.as_str()?.to_owned(), deed })
                },
            )
            .flatten_iter()
            .collect();
        told(changed)
    }

    /// The closed rows of a snapshot whose file was removed.
    pub(crate) fn all_removed(&self, old: (&Snapshot, &str)) -> Difference {
        let exported = self.exported(old);
        let closed: Vec<&Digested> = old.0.rows.iter().filter(|row| row.closed).collect();
        let removed = |splitter: &mut Splitter, row: &&Digested| {
            let before = self.fields(splitter, old, row);
            let deed = self.removed(&before, &exported, &Window::default())?;
            Some(RowChange { id: before.get("id")?.as_str()?.to_owned(), deed })
        };
        told(closed.par_iter().with_min_len(64).map_init(|| old.0.splitter(), removed).flatten_iter().collect())
    }

    /// The window of the rows that a data set has now.
    pub(crate) fn window_of(&self, population: &Population, text: &str) -> Window {
        let rows = (0..population.rows.len()).into_par_iter();
        self.window(
            rows.map_init(
                || population.splitter(),
                |splitter, row| population.next_fields(splitter, text, row, self.kind),
            ),
        )
    }

    /// The window of the rows of a snapshot.
    pub(super) fn window_in(&self, of: (&Snapshot, &str)) -> Window {
        let rows = of.0.rows.par_iter();
        self.window(rows.map_init(|| of.0.splitter(), |splitter, row| self.fields(splitter, of, row)))
    }

    fn window(&self, rows: impl IndexedParallelIterator<Item = Map<String, Value>>) -> Window {
        let dated_by = &self.kind.compiled().notes.dated_by;
        let dating: Vec<&str> = dated_by.iter().map(String::as_str).chain(["closed_on"]).collect();
        rows.with_min_len(256).map(|fields| Window::of_fields(&fields, &dating)).reduce(Window::default, Window::join)
    }

    fn fields(&self, splitter: &mut Splitter, of: (&Snapshot, &str), row: &Digested) -> Map<String, Value> {
        of.0.fields(splitter, row, of.1, self.kind)
    }

    /// The fields that a snapshot has: by its heading, else where any row has the key.
    pub(super) fn exported(&self, of: (&Snapshot, &str)) -> BTreeSet<&'a str> {
        let (snapshot, text) = of;
        let names = self.data_set.columns.iter();
        if !snapshot.shell.lines {
            let there = |field: &str| snapshot.shell.columns.iter().any(|column| column.field == field);
            return names.map(|(field, _)| field.as_str()).filter(|field| there(field)).collect();
        }
        let mut missing: Vec<(&str, &str)> = names.map(|(field, key)| (field.as_str(), key.as_str())).collect();
        let mut found = BTreeSet::new();
        for row in &snapshot.rows {
            if missing.is_empty() {
                break;
            }
            let keys: Map<String, Value> = serde_json::from_str(row.of(text)).unwrap_or_default();
            missing.retain(|(field, key)| !keys.contains_key(*key) || !found.insert(*field));
        }
        found
    }

    /// What happened to a closed row between two snapshots, as far as an auditor would ask.
    pub(super) fn deed(
        &self,
        before: &Map<String, Value>,
        now: &Map<String, Value>,
        common: &BTreeSet<&str>,
    ) -> Option<RowDeed> {
        let state_field = self.kind.compiled().notes.state_field.as_str();
        let state = now.get(state_field).and_then(Value::as_str).unwrap_or_default();
        let count = |fields: &Map<String, Value>| fields.get("reopened_count").and_then(Value::as_u64).unwrap_or(0);
        let says_so = state == "reopened" || count(now) > count(before);
        let is_open = !self.kind.is_closed(state) && common.contains(state_field);
        if is_open || says_so {
            return Some(RowDeed::Reopened(says_so));
        }
        let was: Vec<Was> =
            common.iter().filter_map(|field| self.was(field, before.get(*field), now.get(*field))).collect();
        (!was.is_empty()).then_some(RowDeed::Changed(was))
    }

    pub(super) fn removed(
        &self,
        before: &Map<String, Value>,
        exported: &BTreeSet<&str>,
        window: &Window,
    ) -> Option<RowDeed> {
        let held = exported.iter().filter(|field| before.contains_key(**field));
        let was: Vec<Was> = held.filter_map(|field| self.was(field, before.get(*field), None)).collect();
        if window.leaves_out(&was) {
            return None;
        }
        let dated_by = &self.kind.compiled().notes.dated_by;
        let text = |field: &str| before.get(field).and_then(Value::as_str).and_then(|text| text.get(..10));
        let dated = dated_by.iter().map(String::as_str).chain(["closed_on"]).find_map(text);
        Some(RowDeed::Removed(dated.map(str::to_owned), was))
    }

    /// What a field held, where it matters that it does not any more.
    fn was(&self, field: &str, before: Option<&Value>, now: Option<&Value>) -> Option<Was> {
        let compiled = self.kind.compiled();
        let counts = field == compiled.notes.state_field || is_substance(field, Some(self.kind));
        let shape = compiled.shape.properties.get(field).map(AsRef::as_ref);
        let (old, new) = (canonical(before, shape), canonical(now, shape));
        if !counts || old == new {
            return None;
        }
        let grew = |before: &Value, now: &Value| {
            let (Value::Array(before), Value::Array(now)) = (before, now) else { return false };
            before.iter().all(|one| now.contains(one))
        };
        let added = match (before, now) {
            (None, Some(_)) => true,
            (Some(before), Some(now)) => grew(before, now),
            _ => false,
        };
        // Problems and changes are linked to what is closed long since.
        if added && self.leads_to_records(field, shape) {
            return None;
        }
        let text = match before {
            Some(Value::String(text)) => Some(text.clone()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            _ => None,
        };
        let before = text.filter(|text| text.chars().count() <= SHOWN && !text.contains(['\n', '\r']));
        Some(Was { field: field.to_owned(), before, added, digest: half(old.as_bytes()) })
    }

    /// Whether a field links to records, or to what has to link back.
    pub fn is_link(&self, field: &str) -> bool {
        self.leads_to_records(field, self.kind.compiled().shape.properties.get(field).map(AsRef::as_ref))
    }

    fn leads_to_records(&self, field: &str, shape: Option<&Shape>) -> bool {
        let is_record =
            |kind: &String| self.kinds.get(kind).is_some_and(|kind| matches!(kind.form, Form::Record | Form::Entry));
        let refers = |shape: &Shape| shape.refers_to.iter().any(is_record);
        self.kind.compiled().notes.two_sided.iter().any(|(own, ..)| own == field)
            || shape.is_some_and(|shape| refers(shape) || shape.items.as_deref().is_some_and(refers))
    }
}

fn told(mut rows: Vec<RowChange>) -> Difference {
    let more = rows.len().saturating_sub(TOLD);
    if more > 0 {
        // What an auditor asks about first is told before what was only filled in.
        rows.sort_by_key(|row| match &row.deed {
            RowDeed::Changed(was) => u8::from(was.iter().all(|was| was.added)) * 2,
            RowDeed::Removed(..) => 1,
            RowDeed::Reopened(says_so) => u8::from(*says_so) * 3,
        });
    }
    rows.truncate(TOLD);
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Difference { rows, more }
}

/// A value so that two ways to write it are one: of moments the letter and the seconds do not count
/// where they say nothing.
pub(super) fn canonical(value: Option<&Value>, shape: Option<&Shape>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if shape.is_some_and(|shape| shape.is_day) => format!("\"{}\"", moment(text)),
        // Line ends are git's affair.
        Some(Value::String(text)) => format!("\"{}\"", text.replace("\r\n", "\n")),
        Some(value) => value.to_string(),
    }
}

fn moment(text: &str) -> String {
    let text = text.trim().replacen(' ', "T", 1);
    match text.strip_suffix(":00") {
        Some(short) if text.len() == 19 => short.to_owned(),
        _ => text,
    }
}

impl Snapshot {
    /// Closed rows whose bytes a later snapshot does not have under the same id, with what it has.
    pub(crate) fn closed_elsewhere<'s>(&'s self, later: &'s Self) -> Vec<(&'s Digested, Option<&'s Digested>)> {
        let closed = self.rows.iter().filter(|row| row.closed);
        let found = closed.map(|row| {
            let place = later.rows.binary_search_by(|other| other.id.cmp(&row.id));
            (row, place.ok().map(|place| &later.rows[place]))
        });
        found.filter(|(row, now)| now.is_none_or(|now| now.bytes != row.bytes)).collect()
    }
}

impl Difference {
    /// Writes it down for the next run.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.length(self.more);
        writer.list(&self.rows, |writer, row| {
            writer.text(&row.id);
            match &row.deed {
                RowDeed::Changed(was) => {
                    writer.number(0);
                    writer.list(was, write_was);
                }
                RowDeed::Reopened(says_so) => {
                    writer.number(1);
                    writer.flag(*says_so);
                }
                RowDeed::Removed(dated, was) => {
                    writer.number(2);
                    writer.option(dated.as_deref(), Writer::text);
                    writer.list(was, write_was);
                }
            }
        });
        writer.into_bytes()
    }

    /// Reads what `to_bytes` wrote.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let more = reader.length()?;
        let rows = reader.list(|reader| {
            let id = reader.owned()?;
            let deed = match reader.number()? {
                0 => RowDeed::Changed(reader.list(read_was)?),
                1 => RowDeed::Reopened(reader.flag()?),
                2 => RowDeed::Removed(reader.option(Reader::owned)?, reader.list(read_was)?),
                _ => return None,
            };
            Some(RowChange { id, deed })
        })?;
        reader.is_done().then_some(Self { rows, more })
    }
}

fn write_was(writer: &mut Writer, was: &Was) {
    writer.text(&was.field);
    writer.option(was.before.as_deref(), Writer::text);
    writer.flag(was.added);
    writer.raw(&was.digest);
}

fn read_was(reader: &mut Reader<'_>) -> Option<Was> {
    Some(Was {
        field: reader.owned()?,
        before: reader.option(Reader::owned)?,
        added: reader.flag()?,
        digest: reader.array()?,
    })
}

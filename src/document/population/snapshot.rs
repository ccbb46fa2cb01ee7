//! Snapshots of a data set: what a committed version of its file held, each row as digests, so that
//! versions of a million rows are compared without keeping their texts.

use super::{DataSet, Population, Splitter, csv::delimiter};
use crate::{kind::Kind, source::SourceId};
use ::csv::{ByteRecord, ReaderBuilder};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt;

/// The first half of a SHA-256.
pub(super) type Half = [u8; 16];

/// A version of a data set without its text.
pub(crate) struct Snapshot {
    /// Columns and mapping; no rows.
    pub(super) shell: Population,
    /// One row of each id, sorted by the digest of the id.
    pub(super) rows: Vec<Digested>,
}

/// A row of a snapshot.
#[derive(Clone, Copy)]
pub(crate) struct Digested {
    /// The digest of its id in lower case.
    pub(super) id: Half,
    /// The digest of its bytes, and of the heading that gives them meaning.
    pub(super) bytes: Half,
    start: u32,
    length: u32,
    /// Whether its state means closed.
    pub(super) closed: bool,
}

impl Digested {
    /// Its bytes in the text of its snapshot.
    pub(super) fn of<'t>(&self, text: &'t str) -> &'t str {
        let start = self.start as usize;
        text.get(start..start + self.length as usize).unwrap_or_default()
    }
}

impl Snapshot {
    /// Reads a version of a data set; none where its rows have no ids.
    pub(super) fn read(path: &str, text: &str, data_set: &DataSet, kind: &Kind) -> Option<Self> {
        let mut shell = Population::empty(SourceId(0), path, data_set);
        let mut rows = if shell.lines { shell.digest_lines(text, kind) } else { shell.digest_csv(path, text, kind) }?;
        // Of rows with one id the first counts, as elsewhere.
        rows.sort_by(|a, b| a.id.cmp(&b.id).then(a.start.cmp(&b.start)));
        rows.dedup_by(|later, first| later.id == first.id);
        rows.shrink_to_fit();
        Some(Self { shell, rows })
    }

    /// What splits its rows.
    pub(super) fn splitter(&self) -> Splitter {
        self.shell.splitter()
    }

    /// The fields of a row, from its bytes; `text` is the whole.
    pub(super) fn fields(
        &self,
        splitter: &mut Splitter,
        row: &Digested,
        text: &str,
        kind: &Kind,
    ) -> Map<String, Value> {
        self.shell.fields_of(splitter, row.of(text), kind)
    }
}

/// What a row is told apart and judged by.
struct Telling<'k> {
    kind: &'k Kind,
    state_field: &'k str,
    /// What every row has, as far as it matters here.
    id: Option<Value>,
    state: Option<Value>,
}

impl<'k> Telling<'k> {
    fn of(shell: &Population, kind: &'k Kind) -> Self {
        let notes = &kind.compiled().notes;
        let mut defaults = shell.default_fields(&kind.compiled().shape);
        Self {
            kind,
            state_field: &notes.state_field,
            id: defaults.remove("id"),
            state: defaults.remove(&notes.state_field),
        }
    }

    /// The row of these bytes, if it has an id.
    fn row(
        &self,
        id: Option<Value>,
        state: Option<Value>,
        bytes: Half,
        span: std::ops::Range<usize>,
    ) -> Option<Digested> {
        let id = id.or_else(|| self.id.clone())?;
        let state = state.or_else(|| self.state.clone());
        let closed = state.as_ref().and_then(Value::as_str).is_some_and(|state| self.kind.is_closed(state));
        Some(Digested {
            id: half(id.as_str()?.to_lowercase().as_bytes()),
            bytes,
            start: u32::try_from(span.start).ok()?,
            length: u32::try_from(span.len()).ok()?,
            closed,
        })
    }
}

impl Population {
    fn digest_csv(&mut self, path: &str, text: &str, kind: &Kind) -> Option<Vec<Digested>> {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let bytes = &text.as_bytes()[start..];
        let delimiter = delimiter(path, &text[start..]);
        self.delimiter = delimiter;
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let mut record = ByteRecord::new();
        if !reader.read_byte_record(&mut record).ok()? {
            return None;
        }
        let heading_end = usize::try_from(reader.position().byte()).ok()?;
        let heading: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        self.find_columns(&heading);
        let column = |field: &str| self.columns.iter().find(|column| column.field == field).map(|column| column.index);
        let telling = Telling::of(self, kind);
        let (id, state) = (column("id")?, column(telling.state_field));
        let shape = &kind.compiled().shape;
        let cell = |record: &ByteRecord, field: &str, index: Option<usize>| {
            self.value(field, std::str::from_utf8(record.get(index?)?).ok()?, shape)
        };
        let mut with_heading = Sha256::new();
        with_heading.update(bytes.get(trimmed(bytes, 0, heading_end))?);
        let mut rows = Vec::new();
        let mut from = heading_end;
        // What follows a row that cannot be read is not read, as elsewhere.
        while matches!(reader.read_byte_record(&mut record), Ok(true)) {
            let end = usize::try_from(reader.position().byte()).ok()?.min(bytes.len());
            let span = trimmed(bytes, from, end);
            from = end;
            let digest = finished(with_heading.clone().chain_update(&bytes[span.clone()]));
            let (id, state) = (cell(&record, "id", Some(id)), cell(&record, telling.state_field, state));
            rows.extend(telling.row(id, state, digest, span.start + start..span.end + start));
        }
        Some(rows)
    }

    fn digest_lines(&self, text: &str, kind: &Kind) -> Option<Vec<Digested>> {
        let telling = Telling::of(self, kind);
        let key = |field: &str| self.data_set.columns.get(field).map(String::as_str);
        let keys = [key("id")?, key(telling.state_field).unwrap_or_default()];
        let has_state = key(telling.state_field).is_some();
        let shape = &kind.compiled().shape;
        let mut rows = Vec::new();
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for line in text[at..].split_inclusive('\n') {
            let span = at..at + line.trim_end().len();
            at += line.len();
            let content = &text[span.clone()];
            let mut from = serde_json::Deserializer::from_str(content);
            let picked = Picked(&keys).deserialize(&mut from).and_then(|picked| from.end().map(|()| picked));
            // A line that is no object is no row; reading the data set has told.
            let Ok([id, state]) = picked else { continue };
            let id = id.and_then(|value| self.line_value("id", &value, shape));
            let state =
                state.filter(|_| has_state).and_then(|value| self.line_value(telling.state_field, &value, shape));
            rows.extend(telling.row(id, state, half(content.as_bytes()), span));
        }
        Some(rows)
    }
}

/// The bytes of a record without the line breaks around it.
fn trimmed(bytes: &[u8], from: usize, end: usize) -> std::ops::Range<usize> {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = from + bytes[from..end].iter().take_while(|byte| is_break(byte)).count();
    start..end - bytes[start..end].iter().rev().take_while(|byte| is_break(byte)).count()
}

pub(super) fn half(bytes: &[u8]) -> Half {
    finished(Sha256::new_with_prefix(bytes))
}

fn finished(digest: Sha256) -> Half {
    let whole: [u8; 32] = digest.finalize().into();
    let mut half = Half::default();
    half.copy_from_slice(&whole[..16]);
    half
}

/// The values of two keys of a JSON object; the rest is only passed over.
struct Picked<'k>(&'k [&'k str; 2]);

impl<'de> DeserializeSeed<'de> for Picked<'_> {
    type Value = [Option<Value>; 2];

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Picked<'_> {
    type Value = [Option<Value>; 2];

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None, None];
        while let Some(place) = map.next_key_seed(Which(self.0))? {
            match place {
                Some(place) => found[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// Which of two keys a key is.
struct Which<'k>(&'k [&'k str; 2]);

impl<'de> DeserializeSeed<'de> for Which<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Which<'_> {
    type Value = Option<usize>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|one| *one == key))
    }
}

//! The redline between two versions of a document, for people who do not read patches: which fields
//! changed and how, and what was taken out of the text and put in, by words. How it looks is the
//! affair of those who print it.

mod units;
mod words;

pub use words::{Block, Piece, compare, compare_lines, normalized};

use crate::{
    document::{self, Document},
    kind::Kind,
    sms::Sms,
    source::SourceId,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What differs between two versions of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redline {
    /// Fields that differ, in the order of their titles.
    pub fields: Vec<Field>,
    /// The text, with what differs and what does not; empty where there is none.
    pub text: Vec<Block>,
    /// Whether of the text only line breaks inside paragraphs differ.
    pub rewrapped: bool,
    /// Entries of a register that differ, in the order of their ids.
    pub entries: Vec<Entry>,
}

/// An entry of a register that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id and title.
    pub name: String,
    /// What happened to it.
    pub change: EntryChange,
    /// What it says, or what of that differs.
    pub fields: Vec<Field>,
}

/// What happened to an entry of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryChange {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It is gone.
    Removed,
}

impl EntryChange {
    /// In a word.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is called in print.
    pub title: String,
    /// Its value.
    pub value: Vec<Block>,
}

/// A document as it stood in a file that was committed once.
pub struct Then {
    /// The document.
    pub document: Document,
    /// Its text, for Markdown.
    pub body: String,
    /// Its entries, for a register.
    pub entries: Vec<Document>,
}

/// Fields that say what a document is, not what it says.
const LEFT_OUT: &[&str] = &["entries", "id", "kind"];

impl Redline {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
            && self.entries.is_empty()
            && self.text.iter().all(|block| matches!(block, Block::Same(_)))
    }

    /// Between two versions.
    pub fn between(sms: &Sms, old: &Then, new: &Then) -> Self {
        let text = if old.body.trim().is_empty() && new.body.trim().is_empty() {
            Vec::new()
        } else {
            compare(old.body.trim_start_matches(['\r', '\n']), new.body.trim_start_matches(['\r', '\n']))
        };
        let fields = fields(sms, Some(&old.document), Some(&new.document));
        let is_same = text.iter().all(|block| matches!(block, Block::Same(_)));
        let rewrapped = is_same && normalized(old.body.trim()) != normalized(new.body.trim());
        Self { fields, text, rewrapped, entries: entries(sms, &old.entries, &new.entries) }
    }
}

/// The fields that differ.
fn fields(sms: &Sms, old: Option<&Document>, new: Option<&Document>) -> Vec<Field> {
    let Some(one) = new.or(old) else { return Vec::new() };
    let kind = sms.kind(one);
    let shared = crate::kind::shared_titles();
    let names: BTreeSet<&String> = old.into_iter().chain(new).flat_map(|document| document.fields.keys()).collect();
    let differing = names.into_iter().filter(|name| !LEFT_OUT.contains(&name.as_str())).filter_map(|name| {
        let value = |document: Option<&Document>| {
            // What only follows from the rest, such as a title from the first heading, is no field.
            let written = document.filter(|one| one.is_written(name)).and_then(|one| one.fields.get(name));
            written.map(in_lines).unwrap_or_default()
        };
        let (before, after) = (value(old), value(new));
        // A text has paragraphs, a list and a mapping have a line for each item.
        let is_text = |document: &Document| document.fields.get(name.as_str()).is_none_or(Value::is_string);
        let is_prose = old.into_iter().chain(new).all(is_text);
        (before != after).then(|| Field {
            name: name.clone(),
            title: title(name, kind, &shared),
            value: if is_prose { compare(&before, &after) } else { compare_lines(&before, &after) },
        })
    });
    let mut fields: Vec<Field> = differing.collect();
    // First what was decided, then who noted it.
    fields.sort_by_cached_key(|field| {
        (!document::is_substance(&field.name, kind), field.title.to_lowercase(), field.name.clone())
    });
    fields
}

/// The entries that differ.
fn entries(sms: &Sms, old: &[Document], new: &[Document]) -> Vec<Entry> {
    let by_id = |entries: &'_ [Document]| -> BTreeMap<String, usize> {
        entries.iter().enumerate().map(|(place, entry)| (entry.id.to_lowercase(), place)).collect()
    };
    let (old_places, new_places) = (by_id(old), by_id(new));
    let ids: BTreeSet<&String> = old_places.keys().chain(new_places.keys()).collect();
    let of = |id: &String| {
        let before = old_places.get(id).map(|place| &old[*place]);
        let after = new_places.get(id).map(|place| &new[*place]);
        let change = match (before, after) {
            (None, _) => EntryChange::Added,
            (_, None) => EntryChange::Removed,
            _ => EntryChange::Changed,
        };
        let fields = fields(sms, before, after);
        let one = after.or(before)?;
        let title = one.text("title").filter(|title| *title != one.id).unwrap_or_default();
        let name = format!("{} {title}", one.id).trim_end().to_owned();
        (change != EntryChange::Changed || !fields.is_empty()).then_some(Entry { name, change, fields })
    };
    ids.into_iter().filter_map(of).collect()
}

impl Then {
    /// The document of an id in a file's text; `path` is that of the file then, from the SMS root.
    pub fn read(sms: &Sms, id: &str, path: &str, text: &str) -> Option<Self> {
        let parsed = document::parse(SourceId(0), path, text, &sms.kinds, &sms.configuration);
        let place = parsed.place_of(id)?;
        let mut documents = parsed.documents;
        let document = documents.swap_remove(place);
        let body = document.body.as_ref().and_then(|body| text.get(body.span.clone())).unwrap_or_default().to_owned();
        documents.retain(|other| document.register.is_none() && other.register.is_some());
        Some(Self { document, body, entries: documents })
    }
}

/// What a field is called in print: the first phrase of its title.
fn title(name: &str, kind: Option<&Kind>, shared: &BTreeSet<String>) -> String {
    let shape = kind.and_then(|kind| kind.compiled().shape.properties.get(name).cloned());
    let title = shape.and_then(|shape| shape.title.clone()).filter(|title| !shared.contains(title));
    if let Some(title) = title {
        return title.split([':', '(']).next().unwrap_or_default().trim().to_owned();
    }
    let words = spoken(name);
    let mut characters = words.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

/// The name of a field as words.
fn spoken(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// A value in lines: one for each item of a list and each field of a mapping.
fn in_lines(value: &Value) -> String {
    let mut lines = match value {
        Value::Array(items) => items.iter().map(in_line).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{}: {}", spoken(name), in_line(value)))
            .collect::<Vec<_>>()
            .join("\n"),
        other => in_line(other),
    };
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

/// A value on one line.
pub fn in_line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.trim_end().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(in_line).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{}: {}", spoken(name), in_line(value)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// Part of a text as it is shown: lines that changed, lines around them, and how many are folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Lines that are the same.
    Same(Vec<&'a str>),
    /// Lines that differ.
    Changed(&'a [Piece]),
    /// Lines that are as before and left out.
    Folded(Vec<&'a str>),
}

/// Lines that are shown before and behind a change.
const AROUND: usize = 2;

/// A text with its long unchanged parts folded.
pub fn folded(blocks: &[Block]) -> Vec<Shown<'_>> {
    let mut shown = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let text = match block {
            Block::Changed(pieces) => {
                shown.push(Shown::Changed(pieces));
                continue;
            }
            Block::Same(text) => text,
        };
        let lines: Vec<&str> = text.lines().collect();
        let head = if place == 0 { 0 } else { AROUND };
        let tail = if place + 1 == blocks.len() { 0 } else { AROUND };
        let hidden = lines.len().saturating_sub(head + tail);
        // To fold a line or two saves nothing.
        if hidden < 4 {
            shown.push(Shown::Same(lines));
            continue;
        }
        if head > 0 {
            shown.push(Shown::Same(lines[..head].to_vec()));
        }
        shown.push(Shown::Folded(lines[head..head + hidden].to_vec()));
        if tail > 0 {
            shown.push(Shown::Same(lines[lines.len() - tail..].to_vec()));
        }
    }
    shown
}

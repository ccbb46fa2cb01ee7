//! The redline between two versions of a document, for people who do not read patches: which fields
//! changed and how, and what was taken out of the text and put in, by words. How it looks is the
//! affair of those who print it.

mod words;

pub use words::{Block, Piece, compare, normalized};

use crate::{
    document::{self, Document},
    kind::Kind,
    sms::Sms,
    source::SourceId,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What differs between two versions of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redline {
    /// Fields that differ, in the order of their titles.
    pub fields: Vec<Field>,
    /// The text, with what differs and what does not; empty where there is none.
    pub text: Vec<Block>,
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
}

/// Fields that say what a document is, not what it says.
const LEFT_OUT: &[&str] = &["entries", "id", "kind"];

impl Redline {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.text.iter().all(|block| matches!(block, Block::Same(_)))
    }

    /// Between two versions.
    pub fn between(sms: &Sms, old: &Then, new: &Then) -> Self {
        let kind = sms.kind(&new.document);
        let shared = crate::kind::shared_titles();
        let names: BTreeSet<&String> = old.document.fields.keys().chain(new.document.fields.keys()).collect();
        let mut fields: Vec<Field> = names
            .into_iter()
            .filter(|name| !LEFT_OUT.contains(&name.as_str()))
            .filter_map(|name| {
                let value = |then: &Then| {
                    // What only follows from the rest, such as a title from the first heading, is no field.
                    let written = then.document.fields.get(name).filter(|_| then.document.is_written(name));
                    written.map(in_lines).unwrap_or_default()
                };
                let (before, after) = (value(old), value(new));
                (before != after).then(|| Field {
                    name: name.clone(),
                    title: title(name, kind, &shared),
                    value: compare(&before, &after),
                })
            })
            .collect();
        fields.sort_by(|a, b| (a.title.to_lowercase(), &a.name).cmp(&(b.title.to_lowercase(), &b.name)));
        let text = if old.body.trim().is_empty() && new.body.trim().is_empty() {
            Vec::new()
        } else {
            compare(old.body.trim_start_matches(['\r', '\n']), new.body.trim_start_matches(['\r', '\n']))
        };
        Self { fields, text }
    }
}

impl Then {
    /// The document of an id in a file's text; `path` is that of the file then, from the SMS root.
    pub fn read(sms: &Sms, id: &str, path: &str, text: &str) -> Option<Self> {
        let parsed = document::parse(SourceId(0), path, text, &sms.kinds, &sms.configuration);
        let mut documents = parsed.documents;
        let own = |document: &Document| {
            document.id.eq_ignore_ascii_case(id) || document.id.to_lowercase() == id.to_lowercase()
        };
        let place = documents.iter().position(own);
        // A document without an id of its own is its file.
        let place = place.or_else(|| (documents.len() == 1 && !documents[0].is_written("id")).then_some(0))?;
        let document = documents.swap_remove(place);
        let body = document.body.as_ref().and_then(|body| text.get(body.span.clone())).unwrap_or_default().to_owned();
        Some(Self { document, body })
    }
}

/// What a field is called in print: the first phrase of its title.
fn title(name: &str, kind: Option<&Kind>, shared: &BTreeSet<String>) -> String {
    let shape = kind.and_then(|kind| kind.compiled().shape.properties.get(name).cloned());
    let title = shape.and_then(|shape| shape.title.clone()).filter(|title| !shared.contains(title));
    if let Some(title) = title {
        return title.split([':', '(']).next().unwrap_or_default().trim().to_owned();
    }
    let words = name.replace(['_', '-'], " ");
    let mut characters = words.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

/// A value in lines: one for each item of a list and each field of a mapping.
fn in_lines(value: &Value) -> String {
    let mut lines = match value {
        Value::Array(items) => items.iter().map(in_line).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", in_line(value))).collect::<Vec<_>>().join("\n")
        }
        other => in_line(other),
    };
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

fn in_line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.trim_end().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(in_line).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", in_line(value))).collect::<Vec<_>>().join("; ")
        }
    }
}

/// Part of a text as it is shown: lines that changed, lines around them, and how many are folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Lines that are the same.
    Same(Vec<&'a str>),
    /// Lines that differ.
    Changed(&'a [Piece]),
    /// So many lines are as before and left out.
    Folded(usize),
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
        shown.push(Shown::Folded(hidden));
        if tail > 0 {
            shown.push(Shown::Same(lines[lines.len() - tail..].to_vec()));
        }
    }
    shown
}

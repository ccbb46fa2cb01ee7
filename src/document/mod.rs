//! Documents: what a file of the repository says, typed, with every value at its place.
//!
//! Parsing never fails. What is wrong is returned as [`Problem`]s beside whatever could be read;
//! the rules of the group `reading` turn them into findings.

mod front_matter;
mod kept;
mod markdown;
mod parse;
mod parsed;
mod placeholder;
mod population;
mod problem;
mod trace;

pub use front_matter::{FrontMatter, split};
pub use markdown::{Body, Heading, Link, Word, slug};
pub(crate) use markdown::{markdown_options, scan_words};
pub(crate) use parse::without_extension;
pub use parse::{is_markdown, parse, text_of};
pub use parsed::{Parsed, is_same_id};
pub use population::{
    Column, Difference, Exported, Population, Reading, Rewritten, Row, RowChange, RowDeed, Splitter, Was,
};
pub(crate) use population::{Held, Snapshot, Window};
pub use problem::{Defect, Problem};
pub use trace::{Traced, is_substance, trace, tracing};

use kept::Written;

use crate::{
    calendar::{Date, parse_day},
    fields::{Fields, Named},
    history::Substance,
    source::{Place, SourceId, Span},
    yaml::Node,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::OnceLock};

/// The kind of register files themselves.
pub const REGISTER: &str = "register";

/// One thing with an id: a Markdown file, a YAML file, an entry of a register, or a row of a
/// population that something asked for.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id as written, or its path where it has none.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub source: SourceId,
    /// The JSON pointer of its mapping in the file: empty, or `/entries/3`.
    pub pointer: String,
    /// Its fields under attestry's names.
    pub fields: Fields,
    /// The text below the front matter.
    pub body: Option<Body>,
    /// For an entry, the register that it stands in, by position in the list of documents.
    pub register: Option<usize>,
    /// For a register, the kind of its entries.
    pub entry_kind: Option<String>,
    /// Whether the file broke off in an error, so that what is missing proves nothing.
    pub broken: bool,
    /// Whether placeholders were left in: a stub is not evidence.
    pub stub: bool,
    node: Written,
    taken: Taken,
    /// Computed when it is first asked for: several rules do.
    substance: OnceLock<Substance>,
    /// The user's names of fields, where they differ.
    names: BTreeMap<String, String>,
    /// Where things that are missing are said to be missing.
    anchor: Span,
}

/// What a document does not say itself.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    /// Its id is made of the path.
    id: bool,
    /// Its title is the first heading.
    title: bool,
}

impl Document {
    /// A field's text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// A field's day; a date and time counts with its date.
    pub fn day(&self, field: &str) -> Option<Date> {
        let text = self.text(field)?;
        parse_day(text).or_else(|| parse_day(text.get(..10)?))
    }

    /// The strings of a field that is a list of strings, or one string.
    pub fn list(&self, field: &str) -> Vec<&str> {
        match self.fields.get(field) {
            Some(Value::String(text)) => vec![text.as_str()],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a field that is a list, each with its JSON pointer.
    pub fn items<'a>(&'a self, field: &'a str) -> impl Iterator<Item = (String, &'a Value)> {
        let pointer = pointer_of(field);
        self.value(field)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
            .map(move |(index, item)| (format!("{pointer}/{index}"), item))
    }

    /// Whether a field is true.
    pub fn is(&self, field: &str) -> bool {
        self.fields.get(field) == Some(&Value::Bool(true))
    }

    /// The value at a field name or JSON pointer.
    pub fn value(&self, field: &str) -> Option<&Value> {
        value_in(&self.fields, field)
    }

    /// Whether a field holds something: not empty text, not an empty list.
    pub fn filled(&self, field: &str) -> bool {
        self.value(field).is_some_and(is_filled)
    }

    /// The title, else the id.
    pub fn title(&self) -> &str {
        self.text("title").unwrap_or(&self.id)
    }

    /// What the user calls a field.
    pub fn name_of<'a>(&'a self, field: &'a str) -> &'a str {
        self.names.get(field).map_or(field, String::as_str)
    }

    /// The place of a field's value, by name or JSON pointer. A field that is not there is at the
    /// document's anchor: the bytes of its id, or its first key.
    pub fn field(&self, field: &str) -> Place {
        let pointer = pointer_of(field);
        let span = self
            .node()
            .at(&self.user_pointer(&pointer))
            .map_or_else(|| self.nearest_span(&pointer), |node| node.span.clone());
        self.place(span, &pointer)
    }

    /// The place of a field's key: for fields that should not be there.
    pub fn key(&self, field: &str) -> Place {
        let pointer = pointer_of(field);
        let span = self.node().key_at(&self.user_pointer(&pointer)).unwrap_or_else(|| self.nearest_span(&pointer));
        self.place(span, &pointer)
    }

    /// A place in the body.
    pub fn body(&self, span: Span) -> Place {
        Place { source: self.source, span, pointer: "body".to_owned() }
    }

    /// The document as a whole.
    pub fn whole(&self) -> Place {
        self.place(self.anchor.clone(), "")
    }

    /// Whether a field stands in the file, not only as a default.
    pub fn is_written(&self, field: &str) -> bool {
        self.node().at(&self.user_pointer(&pointer_of(field))).is_some()
    }

    /// The node that holds the fields as the user wrote them.
    pub fn node(&self) -> &Node {
        self.node.get()
    }

    fn place(&self, span: Span, pointer: &str) -> Place {
        Place { source: self.source, span, pointer: pointer.to_owned() }
    }

    /// A pointer with the user's name of the first field.
    fn user_pointer(&self, pointer: &str) -> String {
        let rest = pointer.strip_prefix('/').unwrap_or(pointer);
        let (first, tail) =
            rest.split_once('/').map_or((rest, String::new()), |(first, tail)| (first, format!("/{tail}")));
        self.names.get(first).map_or_else(|| pointer.to_owned(), |name| format!("/{}{tail}", crate::yaml::escape(name)))
    }

    /// For a pointer to nothing: the key of the nearest part that is there, else the anchor.
    fn nearest_span(&self, pointer: &str) -> Span {
        let mut pointer = self.user_pointer(pointer);
        while let Some((parent, _)) = pointer.rsplit_once('/') {
            if parent.is_empty() {
                break;
            }
            if let Some(node) = self.node().at(parent) {
                let first_key = node.entries().first().map(|entry| entry.key_span.clone());
                return self.node().key_at(parent).or(first_key).unwrap_or_else(|| node.span.clone());
            }
            pointer = parent.to_owned();
        }
        self.anchor.clone()
    }
}

/// The value at a field name or JSON pointer.
pub fn value_in<'f>(fields: &'f impl Named, field: &str) -> Option<&'f Value> {
    let Some(below) = field.strip_prefix('/') else { return fields.named(field) };
    let (first, rest) = below.split_once('/').unwrap_or((below, ""));
    let value = fields.named(crate::yaml::unescape(first).as_ref())?;
    if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
}

/// Whether a value holds something; `false` and 0 are values.
pub fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

fn pointer_of(field: &str) -> String {
    if field.is_empty() || field.starts_with('/') { field.to_owned() } else { format!("/{field}") }
}

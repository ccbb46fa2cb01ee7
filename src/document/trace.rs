//! What a text that was committed once says of its documents: enough to tell whether their
//! substance changed, and what they said of approval and review. Nothing is checked here.

use super::{
    Document, REGISTER, is_markdown,
    parse::{FileReader, take_entries, without_extension},
    split,
};
use crate::{
    cache::{Key, Reader, Writer, key},
    calendar::{Date, parse_day},
    configuration::{Configuration, Folder},
    fields::Fields,
    history::{Marks, Substance},
    kind::{Kind, Kinds, Shape},
    source::SourceId,
    yaml::{self, Node, Value as Yaml},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::{collections::BTreeMap, sync::Arc};

/// Fields that no approval binds to: approving and reviewing a document fill them in. What a kind
/// marks with `"substance": false` (the progress of planned actions, say) is left out as well; what
/// it marks with `"substance": true` (the reviews in the ledger) is not.
const NOT_SUBSTANCE: &[&str] =
    &["addenda", "approved_by", "approved_on", "change_log", "id", "last_reviewed", "next_review", "reviews", "status"];

/// Whether an approval binds to a field of a document.
pub fn is_substance(field: &str, kind: Option<&Kind>) -> bool {
    let is_own = kind.is_some_and(|kind| kind.is_substance(field));
    is_own || !NOT_SUBSTANCE.contains(&field) && !kind.is_some_and(|kind| kind.is_about_approval(field))
}

/// A document in a text that was committed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Whether the text gives it an id; else its id is made of the path.
    pub has_id: bool,
    /// The digest of its substance.
    pub substance: Substance,
    /// What it says of itself.
    pub marks: Arc<Marks>,
}

impl Traced {
    /// Writes it down for the next run.
    pub fn write(&self, writer: &mut Writer) {
        let Self { has_id, substance, marks } = self;
        let marks: &Marks = marks;
        let Marks { id, kind, title, version, state, stage, closed, approved_by, .. } = marks;
        let Marks { approved_on, effective_from, last_reviewed, owner, dated, retention, supersedes, .. } = marks;
        let Marks { reviewed_on, reviewed_by, .. } = marks;
        writer.flag(*has_id);
        writer.raw(&substance.0);
        writer.text(id);
        writer.text(kind);
        writer.flag(*closed);
        for text in [title, version, state, stage, approved_by, owner, retention, supersedes] {
            writer.option(text.as_deref(), Writer::text);
        }
        for day in [approved_on, effective_from, last_reviewed, dated, reviewed_on] {
            writer.option(*day, |writer, day| {
                writer.signed(i64::from(day.year()));
                writer.signed(i64::from(day.month()));
                writer.signed(i64::from(day.day()));
            });
        }
        writer.list(&marks.addenda, |writer, digest| writer.raw(digest));
        writer.option(reviewed_by.as_deref(), Writer::text);
    }

    /// Reads what `write` wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let day = |reader: &mut Reader<'_>| {
            let [year, month, day] = [reader.signed()?, reader.signed()?, reader.signed()?];
            Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
        };
        let text_of = |reader: &mut Reader<'_>| reader.option(|reader| reader.text().map(SmolStr::new));
        let (has_id, substance) = (reader.flag()?, Substance(reader.array()?));
        let mut marks = Marks {
            id: reader.text()?.into(),
            kind: reader.text()?.into(),
            closed: reader.flag()?,
            ..Marks::default()
        };
        let Marks { title, version, state, stage, approved_by, owner, retention, supersedes, .. } = &mut marks;
        for text in [title, version, state, stage, approved_by, owner, retention, supersedes] {
            *text = text_of(reader)?;
        }
        let Marks { approved_on, effective_from, last_reviewed, dated, reviewed_on, .. } = &mut marks;
        for place in [approved_on, effective_from, last_reviewed, dated, reviewed_on] {
            *place = reader.option(day)?;
        }
        marks.addenda = reader.list(Reader::array)?;
        marks.reviewed_by = text_of(reader)?;
        Some(Self { has_id, substance, marks: Arc::new(marks) })
    }
}

/// A digest of what `trace` depends on beside path and text: the organization's own kinds, and what
/// its configuration says of files.
pub fn tracing(kinds: &Kinds, configuration: &Configuration) -> Key {
    let own = kinds.iter().filter_map(|kind| Some((kind.name.as_str(), kind.own_schema()?)));
    let mut parts = vec![format!("{:?}", own.collect::<Vec<_>>())];
    for folder in &configuration.folders {
        let Folder { pattern, kind, fields, values, dates, defaults, site_root, other_fields_allowed } = folder;
        let defaults: BTreeMap<&String, Value> = defaults.iter().map(|(field, node)| (field, node.to_json())).collect();
        let of_pattern = (&pattern.text, kind, fields, values, dates);
        parts.push(format!("{of_pattern:?} {defaults:?} {site_root:?} {other_fields_allowed}"));
    }
    key(parts.iter().map(String::as_bytes))
}

/// The documents of a text, as `parse` would find them.
pub fn trace(path: &str, text: &str, kinds: &Kinds, configuration: &Configuration) -> Vec<Traced> {
    let reader = FileReader { source: SourceId(0), path, text, kinds, folder: configuration.folder(path) };
    let mut traced = Vec::new();
    if is_markdown(path) {
        let parts = split(text);
        let node = parts.yaml.and_then(|span| yaml::read(&text[span.clone()], span.start).0);
        let Some(kind) = reader.kind_of(node.as_ref()) else { return traced };
        let node = node.filter(|node| matches!(node.value, Yaml::Mapping(_))).unwrap_or_else(|| reader.empty());
        traced.push(one(&reader, &kind, &node, &reader.names(), text.get(parts.body)));
        return traced;
    }
    let Some(mut node) = reader.yaml_of_ours() else { return traced };
    let Some(kind) = reader.kind_of(Some(&node)) else { return traced };
    if node.get("entries").is_none() {
        traced.push(one(&reader, &kind, &node, &reader.names(), None));
        return traced;
    }
    let entries = take_entries(&mut node);
    traced.push(one(&reader, REGISTER, &node, &BTreeMap::new(), None));
    for entry in entries.iter().filter(|entry| entry.get("id").is_some()) {
        let own = entry.get("kind").and_then(Node::text).unwrap_or(&kind);
        traced.push(one(&reader, own, entry, &BTreeMap::new(), None));
    }
    traced
}

fn one(
    reader: &FileReader<'_>,
    kind: &str,
    node: &Node,
    names: &BTreeMap<String, String>,
    body: Option<&str>,
) -> Traced {
    let known = reader.kinds.get(kind);
    let fields = Fields::from(reader.fields(node, names, known));
    let id = fields.get("id").and_then(Value::as_str);
    Traced {
        has_id: id.is_some(),
        substance: substance(&fields, kind, known, body, &[]),
        marks: Arc::new(marks(id.unwrap_or_else(|| without_extension(reader.path)), kind, &fields, known)),
    }
}

fn marks(id: &str, kind: &str, fields: &Fields, known: Option<&Kind>) -> Marks {
    let text = |field: &str| fields.get(field).and_then(Value::as_str).map(SmolStr::new);
    let day = |field: &str| -> Option<Date> {
        let text = fields.get(field)?.as_str()?;
        parse_day(text).or_else(|| parse_day(text.get(..10)?))
    };
    let reviews = fields.get("reviews").and_then(Value::as_array).into_iter().flatten();
    let reviews = reviews.filter_map(|review| Some((parse_day(review["date"].as_str()?)?, review["by"].as_str())));
    // Of several of one day the last.
    let review = reviews.max_by_key(|(day, _)| *day);
    let notes = known.map(|kind| &kind.compiled().notes);
    let state = text("status");
    let state_field = notes.map(|notes| notes.state_field.as_str()).filter(|field| *field != "status");
    let of_life = state_field.and_then(text);
    let ends = of_life.as_deref().or(state.as_deref());
    Marks {
        id: id.into(),
        kind: kind.into(),
        title: text("title"),
        version: text("version"),
        closed: known.zip(ends).is_some_and(|(kind, state)| kind.is_closed(state)),
        state,
        stage: of_life,
        approved_by: text("approved_by"),
        approved_on: day("approved_on"),
        effective_from: day("effective_from"),
        last_reviewed: day("last_reviewed"),
        reviewed_on: review.map(|(day, _)| day),
        reviewed_by: review.and_then(|(_, by)| by.map(SmolStr::new)),
        owner: text("owner"),
        dated: notes.and_then(|notes| notes.dated_by.iter().find_map(|field| day(field))),
        retention: text("retention"),
        supersedes: text("supersedes"),
        addenda: fields.get("addenda").and_then(Value::as_array).into_iter().flatten().map(digest_of).collect(),
    }
}

fn digest_of(value: &Value) -> [u8; 32] {
    let mut bytes = Vec::new();
    push_value(&mut bytes, value, None);
    Sha256::digest(&bytes).into()
}

/// The digest of what an approval binds to; fields that are `taken` from elsewhere are none of it.
fn substance(fields: &Fields, name: &str, kind: Option<&Kind>, body: Option<&str>, taken: &[&str]) -> Substance {
    let compiled = kind.map(Kind::compiled);
    // The kind counts as it was read: written down, by the folder, by the register.
    let left_out = |field: &str| field == "kind" || taken.contains(&field) || !is_substance(field, kind);
    let mut bytes = Vec::with_capacity(256);
    push_text(&mut bytes, name);
    let counting = fields.iter().filter(|(name, _)| !left_out(name));
    push_fields(&mut bytes, counting, compiled.map(|compiled| compiled.shape.as_ref()));
    let mut digest = Sha256::new();
    digest.update(&bytes);
    if let Some(body) = body {
        // Line ends are git's affair, and a last line break nobody's.
        digest.update(b"\0body\0");
        let body = body.trim_end_matches(['\r', '\n']);
        for line in body.split_inclusive('\n') {
            digest.update(line.trim_end_matches(['\r', '\n']).as_bytes());
            digest.update(b"\n");
        }
    }
    Substance(digest.finalize().into())
}

/// Fields by name, without those that say nothing of the substance.
fn push_fields<'f>(bytes: &mut Vec<u8>, fields: impl Iterator<Item = (&'f String, &'f Value)>, shape: Option<&Shape>) {
    let below = |name: &str| shape.and_then(|shape| shape.properties.get(name)).map(AsRef::as_ref);
    let counts = |name: &str| !below(name).is_some_and(|shape| shape.is_about_approval);
    let mut fields: Vec<(&String, &Value)> = fields.filter(|(name, _)| counts(name)).collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    bytes.push(b'o');
    bytes.extend((fields.len() as u64).to_le_bytes());
    for (name, value) in fields {
        push_text(bytes, name);
        push_value(bytes, value, below(name));
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

/// A value, every part with its type and length, so that no two values have the same bytes.
fn push_value(bytes: &mut Vec<u8>, value: &Value, shape: Option<&Shape>) {
    match value {
        Value::Null => bytes.push(b'0'),
        Value::Bool(value) => bytes.extend([b'b', u8::from(*value)]),
        Value::Number(number) => {
            bytes.push(b'n');
            push_text(bytes, &number.to_string());
        }
        Value::String(text) => {
            bytes.push(b's');
            push_text(bytes, text);
        }
        Value::Array(items) => {
            bytes.push(b'a');
            bytes.extend((items.len() as u64).to_le_bytes());
            let below = shape.and_then(|shape| shape.items.as_deref());
            for item in items {
                push_value(bytes, item, below);
            }
        }
        Value::Object(fields) => push_fields(bytes, fields.iter(), shape),
    }
}

impl Document {
    /// The digest of what an approval binds to; `text` gives that of the document's source, where
    /// the digest is not known yet.
    pub fn substance<'t>(&self, kind: Option<&Kind>, text: impl FnOnce() -> &'t str) -> Substance {
        *self.substance.get_or_init(|| self.digested(kind, text()))
    }

    /// What `trace` says of it; `path` and `text` are those of its source, and the text is asked for
    /// only where the digest of its substance is not known yet. None for an entry of a register
    /// without an id: nothing is followed there.
    pub fn traced<'t>(&self, kind: Option<&Kind>, path: &str, text: impl FnOnce() -> &'t str) -> Option<Traced> {
        if self.register.is_some() && self.taken.id {
            return None;
        }
        let id = self.text("id").filter(|_| !self.taken.id);
        let mut marks = marks(id.unwrap_or_else(|| without_extension(path)), &self.kind, &self.fields, kind);
        marks.title = marks.title.filter(|_| !self.taken.title);
        Some(Traced { has_id: id.is_some(), substance: self.substance(kind, text), marks: Arc::new(marks) })
    }

    fn digested(&self, kind: Option<&Kind>, text: &str) -> Substance {
        let body = self.body.as_ref().and_then(|body| text.get(body.span.clone()));
        // The first heading is part of the text.
        let taken: &[&str] = if self.taken.title { &["title"] } else { &[] };
        substance(&self.fields, &self.kind, kind, body, taken)
    }
}

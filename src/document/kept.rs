//! What a text says as bytes, for the cache: a content that was in order is not parsed again.

use super::{Body, Document, Heading, Link, Parsed, Taken, Word};
use crate::{
    cache::{Reader, Writer},
    fields::SharedNames,
    history::Substance,
    kind::Kinds,
    source::{SourceId, Span},
    yaml::{Entry, Node, Value as Yaml},
};
use serde_json::{Map, Number, Value};
use std::{fmt, sync::OnceLock};

impl Parsed {
    /// What a text says as bytes, with the digest of what approvals bind to. None where something
    /// is wrong with it: that is found anew, with its places.
    pub fn to_bytes(&self, kinds: &Kinds, text: &str) -> Option<Vec<u8>> {
        if !self.problems.is_empty() || self.documents.iter().any(|document| document.broken) {
            return None;
        }
        let mut writer = Writer::default();
        writer.option(self.page.as_ref(), write_body);
        writer.list(&self.documents, |writer, document| {
            write_document(writer, document, document.substance(kinds.get(&document.kind), || text));
        });
        Some(writer.into_bytes())
    }

    /// The same from its bytes; none where they are not such.
    pub fn of_bytes(bytes: &[u8], source: SourceId, names: &mut SharedNames) -> Option<Self> {
        let reader = &mut Reader::new(bytes);
        let page = reader.option(read_body)?;
        let documents = reader.list(|reader| read_document(reader, source, names))?;
        reader.is_done().then_some(Self { documents, page, problems: Vec::new() })
    }
}

/// The values of a document as they were written, with their places. Of a known text few are ever
/// asked for: they are made of their bytes only then.
#[derive(Clone)]
pub(super) struct Written {
    bytes: Box<[u8]>,
    node: OnceLock<Node>,
}

impl fmt::Debug for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(formatter)
    }
}

impl From<Node> for Written {
    fn from(node: Node) -> Self {
        Self { bytes: Box::default(), node: OnceLock::from(node) }
    }
}

impl Written {
    pub(super) fn get(&self) -> &Node {
        let nothing = || Node { span: 0..0, value: Yaml::Mapping(Vec::new()) };
        self.node.get_or_init(|| read_node(&mut Reader::new(&self.bytes)).unwrap_or_else(nothing))
    }

    fn write(&self, writer: &mut Writer) {
        let mut own = Writer::default();
        write_node(&mut own, self.get());
        writer.bytes(&own.into_bytes());
    }
}

fn write_document(writer: &mut Writer, document: &Document, substance: Substance) {
    let Document { id, kind, source: _, pointer, fields, body, register, entry_kind, broken: _, stub, .. } = document;
    let Document { node, taken, substance: _, names, anchor, .. } = document;
    writer.text(id);
    writer.text(kind);
    writer.text(pointer);
    let (names_of_fields, values) = fields.parts();
    writer.list(names_of_fields, |writer, name| writer.text(name));
    writer.list(values, write_value);
    writer.option(body.as_ref(), write_body);
    writer.option(*register, Writer::length);
    writer.option(entry_kind.as_deref(), Writer::text);
    writer.flag(*stub);
    node.write(writer);
    writer.flag(taken.id);
    writer.flag(taken.title);
    writer.raw(&substance.0);
    writer.length(names.len());
    for (field, name) in names {
        writer.text(field);
        writer.text(name);
    }
    write_span(writer, anchor);
}

fn read_document(reader: &mut Reader<'_>, source: SourceId, shared: &mut SharedNames) -> Option<Document> {
    Some(Document {
        id: reader.owned()?,
        kind: reader.owned()?,
        source,
        pointer: reader.owned()?,
        fields: shared.fields(&reader.list(Reader::text)?, reader.list(read_value)?)?,
        body: reader.option(read_body)?,
        register: reader.option(Reader::length)?,
        entry_kind: reader.option(Reader::owned)?,
        broken: false,
        stub: reader.flag()?,
        node: Written { bytes: reader.bytes()?.into(), node: OnceLock::new() },
        taken: Taken { id: reader.flag()?, title: reader.flag()? },
        substance: OnceLock::from(Substance(reader.array()?)),
        names: reader.list(|reader| Some((reader.owned()?, reader.owned()?)))?.into_iter().collect(),
        anchor: read_span(reader)?,
    })
}

fn write_span(writer: &mut Writer, span: &Span) {
    writer.length(span.start);
    writer.length(span.end);
}

fn read_span(reader: &mut Reader<'_>) -> Option<Span> {
    Some(reader.length()?..reader.length()?)
}

fn write_body(writer: &mut Writer, body: &Body) {
    let Body { span, headings, links, words, placeholders } = body;
    write_span(writer, span);
    writer.list(headings, |writer, Heading { level, text, anchor, span }| {
        writer.number(u64::from(*level));
        writer.text(text);
        writer.text(anchor);
        write_span(writer, span);
    });
    writer.list(links, |writer, Link { target, span, image }| {
        writer.text(target);
        write_span(writer, span);
        writer.flag(*image);
    });
    writer.list(words, |writer, Word { text, span }| {
        writer.text(text);
        write_span(writer, span);
    });
    writer.list(placeholders, write_span);
}

fn read_body(reader: &mut Reader<'_>) -> Option<Body> {
    Some(Body {
        span: read_span(reader)?,
        headings: reader.list(|reader| {
            let level = u8::try_from(reader.number()?).ok()?;
            Some(Heading { level, text: reader.owned()?, anchor: reader.owned()?, span: read_span(reader)? })
        })?,
        links: reader
            .list(|reader| Some(Link { target: reader.owned()?, span: read_span(reader)?, image: reader.flag()? }))?,
        words: reader.list(|reader| Some(Word { text: reader.text()?.into(), span: read_span(reader)? }))?,
        placeholders: reader.list(read_span)?,
    })
}

fn write_node(writer: &mut Writer, node: &Node) {
    write_span(writer, &node.span);
    match &node.value {
        Yaml::Scalar { text, plain } => {
            writer.number(u64::from(*plain));
            writer.text(text);
        }
        Yaml::Sequence(items) => {
            writer.number(2);
            writer.list(items, write_node);
        }
        Yaml::Mapping(entries) => {
            writer.number(3);
            writer.list(entries, |writer, Entry { key, key_span, node }| {
                writer.text(key);
                write_span(writer, key_span);
                write_node(writer, node);
            });
        }
    }
}

fn read_node(reader: &mut Reader<'_>) -> Option<Node> {
    let span = read_span(reader)?;
    let value = match reader.number()? {
        plain @ 0..=1 => Yaml::Scalar { text: reader.owned()?, plain: plain == 1 },
        2 => Yaml::Sequence(reader.list(read_node)?),
        3 => Yaml::Mapping(reader.list(|reader| {
            Some(Entry { key: reader.owned()?, key_span: read_span(reader)?, node: read_node(reader)? })
        })?),
        _ => return None,
    };
    Some(Node { span, value })
}

fn write_fields(writer: &mut Writer, fields: &Map<String, Value>) {
    writer.length(fields.len());
    for (field, value) in fields {
        writer.text(field);
        write_value(writer, value);
    }
}

fn read_fields(reader: &mut Reader<'_>) -> Option<Map<String, Value>> {
    let count = reader.length()?;
    let mut fields = Map::with_capacity(count.min(reader.length_left()));
    for _ in 0..count {
        fields.insert(reader.owned()?, read_value(reader)?);
    }
    Some(fields)
}

fn write_value(writer: &mut Writer, value: &Value) {
    match value {
        Value::Null => writer.number(0),
        Value::Bool(value) => writer.number(1 + u64::from(*value)),
        Value::String(text) => {
            writer.number(3);
            writer.text(text);
        }
        Value::Array(items) => {
            writer.number(4);
            writer.list(items, write_value);
        }
        Value::Object(fields) => {
            writer.number(5);
            write_fields(writer, fields);
        }
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => {
                writer.number(6);
                writer.signed(number);
            }
            (None, Some(number), _) => {
                writer.number(7);
                writer.number(number);
            }
            (None, None, number) => {
                writer.number(8);
                writer.raw(&number.unwrap_or_default().to_bits().to_le_bytes());
            }
        },
    }
}

fn read_value(reader: &mut Reader<'_>) -> Option<Value> {
    Some(match reader.number()? {
        0 => Value::Null,
        number @ 1..=2 => Value::Bool(number == 2),
        3 => Value::String(reader.owned()?),
        4 => Value::Array(reader.list(read_value)?),
        5 => Value::Object(read_fields(reader)?),
        6 => Value::Number(reader.signed()?.into()),
        7 => Value::Number(reader.number()?.into()),
        8 => Value::Number(Number::from_f64(f64::from_bits(u64::from_le_bytes(reader.array()?)))?),
        _ => return None,
    })
}

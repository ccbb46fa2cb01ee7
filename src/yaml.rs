//! The one reader of YAML: a tree in which every key and value knows its bytes.
//!
//! Reading never fails. What is wrong with the text is returned as [`Defect`]s beside whatever
//! could be read. Scalars keep their raw text: whether `1.10` is a number or a version is decided
//! later, by the schema.

use crate::source::Span;
use granit_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value as Json};

/// The most values one text may hold, those that aliases repeat included.
pub const VALUE_LIMIT: usize = 2_000_000;
/// The deepest nesting that is read.
pub const DEPTH_LIMIT: usize = 128;

/// A value with the bytes where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The bytes of the value.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text as written; `plain` where it stands without quotes and may mean something else.
    Scalar {
        /// The text, escapes resolved.
        text: String,
        /// Whether it was written without quotes.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the text; each key once.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The bytes of the key.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What sort of defect.
    pub nature: Nature,
    /// Where.
    pub span: Span,
    /// What is wrong, in a lower-case phrase.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Another place that explains it: the first of two equal keys.
    pub related: Option<(Span, &'static str)>,
}

/// Sorts of defects of a YAML text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It is not YAML.
    Syntax,
    /// A key stands twice.
    DuplicateKey,
    /// It is YAML that attestry does not read: several documents, complex keys, unknown tags, merge keys.
    Unsupported,
    /// It is larger or deeper than the stated limits.
    Limit,
}

impl Node {
    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Key and value of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain } if !(*plain && is_null(text)) => Some(text),
            _ => None,
        }
    }

    /// The node at a JSON pointer below this one.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |node, token| node.child(&unescape(token)))
    }

    /// The bytes of the key at a JSON pointer: for `/targets/0/metric`, those of `metric`.
    pub fn key_at(&self, pointer: &str) -> Option<Span> {
        let (parent, key) = pointer.rsplit_once('/')?;
        self.at(parent)?.entry(&unescape(key)).map(|entry| entry.key_span.clone())
    }

    fn child(&self, token: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(_) => self.get(token),
            Value::Sequence(items) => items.get(token.parse::<usize>().ok()?),
            Value::Scalar { .. } => None,
        }
    }

    /// The value as JSON by YAML's own core schema, without a schema to say more.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar { text, plain } if *plain => core_value(text),
            Value::Scalar { text, .. } => Json::String(text.clone()),
            Value::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Value::Mapping(entries) => Json::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// A JSON pointer token without its escapes (RFC 6901).
pub fn unescape(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

/// A JSON pointer token with its escapes (RFC 6901).
pub fn escape(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What a scalar without quotes means in YAML 1.2's core schema.
pub fn core_value(text: &str) -> Json {
    match text {
        _ if is_null(text) => return Json::Null,
        "true" | "True" | "TRUE" => return Json::Bool(true),
        "false" | "False" | "FALSE" => return Json::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let numeric = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if numeric {
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        if let Ok(integer) = unsigned.parse::<i64>() {
            return Json::Number(integer.into());
        }
        if let Some(number) = unsigned.parse::<f64>().ok().and_then(Number::from_f64) {
            return Json::Number(number);
        }
    }
    Json::String(text.to_owned())
}

/// Reads the first YAML document of `text`; `base` is added to every byte offset, for text that
/// stands inside a larger one. A text that breaks off in an error gives the part before it.
pub fn read(text: &str, base: usize) -> (Option<Node>, Vec<Defect>) {
    let mut reader = Reader { base, text, defects: Vec::new(), anchors: Vec::new(), values: 0 };
    let root = reader.read();
    (root, reader.defects)
}

struct Reader<'text> {
    base: usize,
    text: &'text str,
    defects: Vec<Defect>,
    /// Anchored nodes with the number of values in each.
    anchors: Vec<(usize, Node, usize)>,
    values: usize,
}

/// A list or mapping that is not closed yet.
struct Open {
    start: usize,
    anchor: usize,
    values_before: usize,
    items: Vec<Node>,
    entries: Vec<Entry>,
    key: Option<(String, Span)>,
    mapping: bool,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<Node> {
        let text = self.text;
        let mut parser = Parser::new_from_str(text);
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        let mut documents = 0;
        while let Some(next) = parser.next_event() {
            let (event, at) = match next {
                Ok(event) => event,
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(text.len());
                    self.syntax(at, &error.info());
                    break;
                }
            };
            let span = self.span(&at);
            let mapping = matches!(event, Event::MappingStart(..));
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.unsupported(
                            span,
                            "a second YAML document in one file",
                            "keep one document per file; only the first is read",
                        );
                        break;
                    }
                }
                Event::Scalar(value, style, anchor, tag) => {
                    let plain = style == ScalarStyle::Plain
                        && !tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                    self.check_tag(tag.as_deref(), &span);
                    let node = Node { span, value: Value::Scalar { text: value.into_owned(), plain } };
                    self.values += 1;
                    self.anchor(anchor, &node, 1);
                    self.place(&mut open, &mut root, node);
                }
                Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => {
                    self.check_tag(tag.as_deref(), &span);
                    if open.len() >= DEPTH_LIMIT {
                        self.limit(span, format!("nested deeper than {DEPTH_LIMIT} levels"));
                        break;
                    }
                    self.values += 1;
                    open.push(Open {
                        start: span.start,
                        anchor,
                        values_before: self.values,
                        items: Vec::new(),
                        entries: Vec::new(),
                        key: None,
                        mapping,
                    });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(closed) = open.pop() {
                        let (node, anchor, count) = self.close(closed, span.end);
                        self.anchor(anchor, &node, count);
                        self.place(&mut open, &mut root, node);
                    }
                }
                Event::Alias(id) => {
                    let Some((_, node, count)) = self.anchors.iter().find(|(anchor, ..)| *anchor == id).cloned() else {
                        continue;
                    };
                    self.values += count;
                    if self.values > VALUE_LIMIT {
                        self.limit(span, format!("aliases repeat more than {VALUE_LIMIT} values"));
                        break;
                    }
                    self.place(&mut open, &mut root, Node { span, value: node.value });
                }
                _ => {}
            }
            if self.values > VALUE_LIMIT {
                self.limit(self.base..self.base, format!("more than {VALUE_LIMIT} values"));
                break;
            }
        }
        // What an error left open is closed where the text broke off, so that the rest is seen.
        while let Some(unfinished) = open.pop() {
            let end = unfinished
                .entries
                .last()
                .map(|entry| entry.node.span.end)
                .max(unfinished.items.last().map(|item| item.span.end));
            let start = unfinished.start;
            let (node, ..) = self.close(unfinished, end.unwrap_or(start));
            self.place(&mut open, &mut root, node);
        }
        root
    }

    fn close(&self, closed: Open, end: usize) -> (Node, usize, usize) {
        let end = trimmed_end(self.text, self.base, closed.start, end);
        let count = self.values - closed.values_before + 1;
        let value = if closed.mapping { Value::Mapping(closed.entries) } else { Value::Sequence(closed.items) };
        (Node { span: closed.start..end, value }, closed.anchor, count)
    }

    fn anchor(&mut self, id: usize, node: &Node, count: usize) {
        if id != 0 {
            self.anchors.push((id, node.clone(), count));
        }
    }

    fn place(&mut self, open: &mut [Open], root: &mut Option<Node>, node: Node) {
        let Some(parent) = open.last_mut() else {
            root.get_or_insert(node);
            return;
        };
        if !parent.mapping {
            parent.items.push(node);
            return;
        }
        match parent.key.take() {
            None => {
                if let Value::Scalar { text, .. } = node.value {
                    parent.key = Some((text, node.span))
                } else {
                    parent.key = Some((String::new(), node.span.clone()));
                    self.unsupported(node.span, "a key that is a list or a mapping", "write keys as plain text");
                }
            }
            Some((key, key_span)) => {
                if key == "<<" {
                    self.unsupported(
                        key_span.clone(),
                        "a merge key (`<<`)",
                        "write the fields out: YAML 1.2 has no merge keys",
                    );
                }
                if let Some(first) = parent.entries.iter().find(|entry| entry.key == key) {
                    let first = first.key_span.clone();
                    self.defects.push(Defect {
                        nature: Nature::DuplicateKey,
                        span: key_span,
                        message: format!("the key `{key}` stands twice"),
                        help: "keep one of them; the first one is read".to_owned(),
                        related: Some((first, "first here")),
                    });
                } else {
                    parent.entries.push(Entry { key, key_span, node });
                }
            }
        }
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let start = span.start.byte_offset().unwrap_or(0);
        let end = span.end.byte_offset().unwrap_or(start).max(start);
        self.base + start..self.base + end
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: &Span) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            self.unsupported(
                span.clone(),
                &format!("an unknown tag `{}`", tag.original()),
                "remove the tag; the value is read without it",
            );
        }
    }

    fn syntax(&mut self, at: usize, info: &str) {
        let line_end = self.text.get(at..).map_or(at, |rest| at + rest.find('\n').unwrap_or(rest.len()));
        let tab = self.text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default().contains('\t')
            || self.text.get(at..line_end).is_some_and(|line| line.starts_with('\t'));
        let help = if tab {
            "indent with spaces: YAML does not allow tabs there"
        } else {
            "mend the YAML here; what follows could not be read"
        };
        let end = if line_end > at { line_end } else { (at + 1).min(self.text.len()).max(at) };
        self.defects.push(Defect {
            nature: Nature::Syntax,
            span: self.base + at..self.base + end,
            message: format!("this is not YAML: {info}"),
            help: help.to_owned(),
            related: None,
        });
    }

    fn unsupported(&mut self, span: Span, what: &str, help: &str) {
        self.defects.push(Defect {
            nature: Nature::Unsupported,
            span,
            message: format!("{what} is not supported"),
            help: help.to_owned(),
            related: None,
        });
    }

    fn limit(&mut self, span: Span, message: String) {
        self.defects.push(Defect {
            nature: Nature::Limit,
            span,
            message,
            help: "split the file; what follows was not read".to_owned(),
            related: None,
        });
    }
}

/// A block collection ends with its last value, not with the blank lines and comments behind it.
fn trimmed_end(text: &str, base: usize, start: usize, end: usize) -> usize {
    text.get(start - base..end - base).map_or(end, |slice| start + slice.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn natures(text: &str) -> Vec<Nature> {
        read(text, 0).1.into_iter().map(|defect| defect.nature).collect()
    }

    #[test]
    fn every_value_knows_its_bytes() {
        let text = "a:\n  - metric: x # why\n    n: [1, 'two']\nzoë: v\n";
        let (node, defects) = read(text, 0);
        let node = node.expect("a tree");
        assert_eq!(defects, []);
        assert_eq!(&text[node.at("/a/0/metric").expect("a node").span.clone()], "x");
        assert_eq!(&text[node.at("/a/0/n/1").expect("a node").span.clone()], "'two'");
        assert_eq!(&text[node.at("/zoë").expect("a node").span.clone()], "v");
        assert_eq!(&text[node.key_at("/a/0/n").expect("a key")], "n");
        assert_eq!(node.to_json(), serde_json::json!({"a": [{"metric": "x", "n": [1, "two"]}], "zoë": "v"}));
    }

    #[test]
    fn what_is_wrong_is_said_and_the_rest_is_read() {
        assert_eq!(natures("a: 1\nb: 2\na: 3\n"), [Nature::DuplicateKey]);
        assert_eq!(natures("? [a, b]\n: 1\n"), [Nature::Unsupported]);
        assert_eq!(natures("a: !custom x\n"), [Nature::Unsupported]);
        assert_eq!(natures("a: 1\n---\nb: 2\n"), [Nature::Unsupported]);
        assert_eq!(natures("a: 1\nb: [1, 2\n"), [Nature::Syntax]);
        let (node, _) = read("id: X-1\nb: {c: 1\n", 0);
        assert_eq!(node.expect("a tree").get("id").and_then(Node::text), Some("X-1"));
    }

    #[test]
    fn bombs_end_early() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let refs = vec![format!("*a{}", level - 1); 9].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
        }
        assert_eq!(natures(&bomb), [Nature::Limit]);
        assert!(matches!(natures(&"[".repeat(100_000))[..], [Nature::Limit | Nature::Syntax]));
        assert!(matches!(natures(&"- ".repeat(20_000))[..], [Nature::Limit | Nature::Syntax]));
    }

    #[test]
    fn scalars_keep_their_text() {
        for (text, value) in [
            ("1.10", serde_json::json!(1.1)),
            ("no", serde_json::json!("no")),
            ("~", serde_json::json!(null)),
            ("0755", serde_json::json!(755)),
            ("2026-01-01", serde_json::json!("2026-01-01")),
            ("1_000", serde_json::json!("1_000")),
            ("12:30", serde_json::json!("12:30")),
        ] {
            assert_eq!(core_value(text), value, "{text}");
        }
    }
}

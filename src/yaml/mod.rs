//! The one reader of YAML: a tree in which every key and value knows its bytes.
//!
//! Reading never fails. What is wrong with the text is returned as [`Defect`]s beside whatever
//! could be read. Scalars keep their raw text: whether `1.10` is a number or a version is decided
//! later, by the schema.

mod reader;
mod written;

pub use reader::read;
pub use written::{flow, scalar};

use crate::source::Span;
use serde_json::{Map, Number, Value as Json};

/// The most values one text may hold, those that aliases repeat included.
pub const VALUE_LIMIT: usize = 2_000_000;
/// The most keys one mapping may have: each is compared with those before it.
pub const KEY_LIMIT: usize = 10_000;
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

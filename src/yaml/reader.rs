//! From events of the parser to the tree, with everything that is wrong on the way.

use super::{DEPTH_LIMIT, Defect, Entry, KEY_LIMIT, Nature, Node, VALUE_LIMIT, Value};
use crate::source::Span;
use granit_parser::{Event, Parser, ScalarStyle, Tag};

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

impl Open {
    fn new(start: usize, anchor: usize, values_before: usize, mapping: bool) -> Self {
        Self { start, anchor, values_before, items: Vec::new(), entries: Vec::new(), key: None, mapping }
    }
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
                    open.push(Open::new(span.start, anchor, self.values, mapping));
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
            if let Some(full) = open.last().filter(|open| open.entries.len() > KEY_LIMIT) {
                let at = full.entries.last().map_or(0..0, |entry| entry.key_span.clone());
                self.limit(at, format!("more than {KEY_LIMIT} keys in one mapping"));
                break;
            }
        }
        self.close_all(open, &mut root);
        root
    }

    /// What an error left open is closed where the text broke off, so that the rest is seen.
    fn close_all(&mut self, mut open: Vec<Open>, root: &mut Option<Node>) {
        while let Some(unfinished) = open.pop() {
            let end = unfinished
                .entries
                .last()
                .map(|entry| entry.node.span.end)
                .max(unfinished.items.last().map(|item| item.span.end));
            let start = unfinished.start;
            let (node, ..) = self.close(unfinished, end.unwrap_or(start));
            self.place(&mut open, root, node);
        }
    }

    fn close(&self, closed: Open, end: usize) -> (Node, usize, usize) {
        // A block ends with its last value, not with the comments behind it; a flow with its bracket.
        let last =
            closed.entries.last().map(|entry| entry.node.span.end).max(closed.items.last().map(|item| item.span.end));
        let is_flow = matches!(self.text.as_bytes().get(closed.start - self.base), Some(b'[' | b'{'));
        let end = last.filter(|last| !is_flow && *last >= closed.start).unwrap_or(end);
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
                    parent.key = Some((text, node.span));
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
        let info = if info.trim().is_empty() { "a character that is not allowed here" } else { info };
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

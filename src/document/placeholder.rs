//! Placeholders that were left in the values of a document.

use super::{Document, markdown};
use crate::{
    source::Span,
    yaml::{self, Node, Value as Yaml},
};

impl Document {
    /// Placeholders in the values, with the JSON pointer of each value as the user wrote it.
    /// `text` is that of the document's source.
    pub fn placeholders(&self, text: &str) -> Vec<(String, Span)> {
        let mut found = Vec::new();
        if may_hold_placeholders(self.node(), text) {
            collect_placeholders(self.node(), text, "", &mut found);
        }
        found
    }
}

/// One look at the raw text: nearly every document has none.
fn may_hold_placeholders(node: &Node, text: &str) -> bool {
    let mut spans = Vec::new();
    markdown::scan_placeholders(text.get(node.span.clone()).unwrap_or_default(), 0, &mut spans);
    !spans.is_empty()
}

fn collect_placeholders(node: &Node, text: &str, pointer: &str, found: &mut Vec<(String, Span)>) {
    match &node.value {
        Yaml::Scalar { .. } => {
            let mut spans = Vec::new();
            markdown::scan_placeholders(text.get(node.span.clone()).unwrap_or_default(), node.span.start, &mut spans);
            found.extend(spans.into_iter().map(|span| (pointer.to_owned(), span)));
        }
        Yaml::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_placeholders(item, text, &format!("{pointer}/{index}"), found);
            }
        }
        Yaml::Mapping(entries) => {
            for entry in entries {
                collect_placeholders(&entry.node, text, &format!("{pointer}/{}", yaml::escape(&entry.key)), found);
            }
        }
    }
}

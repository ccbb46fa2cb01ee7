//! What a text of the sample looked like on an earlier day: without the facts of later days, in
//! the state of then. The texts are edited by the bytes of their fields, so that everything else
//! stays as it is.

use crate::{
    calendar::{Date, parse_day},
    kind::Shape,
    source::Span,
    yaml::{Entry, Node},
};

/// Changes of a text: bytes and what takes their place.
#[derive(Default)]
pub(super) struct Edits(Vec<(Span, String)>);

impl Edits {
    pub(super) fn remove(&mut self, span: Span) {
        self.0.push((span, String::new()));
    }

    pub(super) fn replace(&mut self, span: Span, text: &str) {
        self.0.push((span, text.to_owned()));
    }

    /// The text with all changes; of changes that overlap, the one that starts first counts.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(span, _)| (span.start, usize::MAX - span.end));
        let mut changed = String::with_capacity(text.len());
        let mut at = 0;
        for (span, with) in self.0 {
            if span.start < at {
                continue;
            }
            changed.push_str(&text[at..span.start]);
            changed.push_str(&with);
            at = span.end;
        }
        changed.push_str(&text[at..]);
        changed
    }
}

/// The days that stand in a text.
pub(super) fn days(text: &str) -> impl Iterator<Item = Date> {
    text.match_indices('-').filter_map(|(at, _)| {
        let start = at.checked_sub(4)?;
        let before = start.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        let apart = before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
        parse_day(text.get(start..start + 10)?).filter(|_| apart)
    })
}

/// Fields that look ahead: their days say nothing about when they were written.
fn looks_ahead(field: &str) -> bool {
    const AHEAD: &[&str] = &[
        "due",
        "until",
        "next",
        "planned",
        "target",
        "expires",
        "end_of",
        "valid",
        "period",
        "review_by",
        "actions",
        "milestones",
        "forecast",
    ];
    AHEAD.iter().any(|word| field.contains(word))
}

/// The whole lines of a field, up to the next field of its mapping.
fn lines(text: &str, node: &Node, index: usize) -> Span {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let entries = node.entries();
    let start = line_start(entries[index].key_span.start);
    let end = match entries.get(index + 1) {
        Some(next) => line_start(next.key_span.start),
        None => text[node.span.end..].find('\n').map_or(text.len(), |newline| node.span.end + newline + 1),
    };
    start..end.max(start)
}

fn is_block(text: &str, node: &Node) -> bool {
    text.as_bytes().get(node.span.start) != Some(&b'{')
}

/// The days on which the facts of a mapping became known.
pub(super) fn known_on(text: &str, node: &Node) -> Vec<Date> {
    let facts = node.entries().iter().filter(|entry| !looks_ahead(&entry.key) && entry.key != "entries");
    let mut all: Vec<Date> = facts.flat_map(|entry| days(&text[entry.node.span.clone()])).collect();
    all.sort_unstable();
    all
}

/// Takes the facts of days after `day` out of a mapping, and puts its state back to `first` where
/// any were taken.
pub(super) fn before(text: &str, node: &Node, day: Date, state: Option<(&str, &str)>, edits: &mut Edits) {
    if !is_block(text, node) {
        return;
    }
    let mut taken = false;
    for (index, entry) in node.entries().iter().enumerate() {
        let later = !looks_ahead(&entry.key) && days(&text[entry.node.span.clone()]).any(|other| other > day);
        if later && !matches!(entry.key.as_str(), "id" | "title" | "entries" | "change_log" | "status") {
            edits.remove(lines(text, node, index));
            taken = true;
        }
    }
    if let Some((field, first)) = state.filter(|_| taken)
        && let Some(value) = node.get(field)
    {
        edits.replace(value.span.clone(), first);
    }
}

/// Takes what was filled in after `day` out of a text that was approved then and did not change
/// since: reviews, progress, where it was published.
pub(super) fn as_approved(text: &str, node: &Node, shape: &Shape, day: Date, edits: &mut Edits) {
    for (index, entry) in node.entries().iter().enumerate() {
        let Some(below) = shape.properties.get(&entry.key) else { continue };
        let is_later = days(&text[entry.node.span.clone()]).any(|other| other > day);
        let filled_in = below.is_about_approval || matches!(entry.key.as_str(), "last_reviewed" | "reviews");
        if filled_in && is_later {
            if is_block(text, node) {
                edits.remove(lines(text, node, index));
            } else {
                let start =
                    index.checked_sub(1).map_or(entry.key_span.start, |before| node.entries()[before].node.span.end);
                edits.remove(start..entry.node.span.end);
            }
            if let Some(status) = node.get("status") {
                let state = shape.properties.get("status").filter(|shape| shape.is_about_approval);
                if let Some(first) = state.and_then(|shape| shape.values.first()) {
                    edits.replace(status.span.clone(), first);
                }
            }
        } else if let Some(items) = &below.items {
            for item in entry.node.items() {
                as_approved(text, item, items, day, edits);
            }
        }
    }
}

/// A version that the change log names.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) number: String,
    pub(super) day: Date,
    pub(super) author: Option<String>,
    pub(super) approver: Option<String>,
    pub(super) summary: String,
}

/// The versions of a change log, oldest first.
pub(super) fn versions(node: &Node) -> Vec<Version> {
    let text = |item: &Node, key: &str| item.get(key).and_then(Node::text).map(str::to_owned);
    let items = node.get("change_log").map(Node::items).unwrap_or_default().iter();
    let mut all: Vec<Version> = items
        .filter_map(|item| {
            Some(Version {
                number: text(item, "version")?,
                day: parse_day(&text(item, "date")?)?,
                author: text(item, "author"),
                approver: text(item, "approver"),
                summary: text(item, "summary").unwrap_or_default(),
            })
        })
        .collect();
    all.sort_by_key(|version| version.day);
    all
}

/// Puts the metadata of a controlled document back to a version: its number, its approval, its
/// change log, nothing later.
pub(super) fn at_version(text: &str, node: &Node, version: &Version, edits: &mut Edits) {
    before(text, node, version.day, None, edits);
    for (index, entry) in node.entries().iter().enumerate() {
        match entry.key.as_str() {
            "version" => edits.replace(entry.node.span.clone(), &format!("\"{}\"", version.number)),
            "approved_on" => {
                // It may have been taken as a later fact; an approval is put back instead.
                let line = lines(text, node, index);
                edits.0.retain(|(span, _)| *span != line);
                edits.replace(entry.node.span.clone(), &version.day.to_string());
            }
            "approved_by" => {
                if let Some(approver) = &version.approver {
                    edits.replace(entry.node.span.clone(), approver);
                }
            }
            "change_log" => shorten(text, entry, version.day, edits),
            _ => {}
        }
    }
}

/// Takes the items after `day` out of a change log that is written as a block.
fn shorten(text: &str, log: &Entry, day: Date, edits: &mut Edits) {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let items = log.node.items();
    for (index, item) in items.iter().enumerate() {
        let later = item.get("date").and_then(Node::text).and_then(parse_day).is_some_and(|date| date > day);
        if later {
            let start = line_start(item.span.start);
            let end = items.get(index + 1).map_or_else(
                || text[item.span.end..].find('\n').map_or(text.len(), |newline| item.span.end + newline + 1),
                |next| line_start(next.span.start),
            );
            edits.remove(start..end);
        }
    }
}

/// A version before its approval: a draft, or in review.
pub(super) fn unapproved(text: &str, node: &Node, status: &str, edits: &mut Edits) {
    for (index, entry) in node.entries().iter().enumerate() {
        match entry.key.as_str() {
            "status" => edits.replace(entry.node.span.clone(), status),
            "approved_by" | "approved_on" | "effective_from" | "last_reviewed" => {
                let line = lines(text, node, index);
                edits.0.retain(|(span, _)| !(line.start <= span.start && span.end <= line.end));
                edits.remove(line);
            }
            _ => {}
        }
    }
}

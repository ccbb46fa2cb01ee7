//! A review that changed nothing, written into a document: `last_reviewed` and one more item of
//! `reviews`. Every other byte stays.

use crate::{
    calendar::Date,
    document::{self, Document},
    fields::Fields,
    sms::Sms,
    yaml::{Entry, Node, Value},
};
use serde_json::Value as Json;

/// A review to record.
pub struct NewReview<'a> {
    /// The day.
    pub on: Date,
    /// The id of the person.
    pub by: &'a str,
    /// What came of it.
    pub result: Option<&'a str>,
}

/// Fields behind which `last_reviewed` is put where it is not there, the best first.
const BEFORE: &[&str] = &["approved_on", "approved_by", "status", "owner", "version", "title", "id"];

/// The text of the document's file with the review; else why it cannot be put there.
pub fn reviewed(sms: &Sms, document: &Document, review: &NewReview<'_>) -> Result<String, String> {
    let text = sms.source(document.source).text();
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let node = document.node();
    if !matches!(node.value, Value::Mapping(_)) || node.entries().is_empty() {
        return Err("it has no fields that could say so".to_owned());
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let item = item(review);
    let in_line = text.get(node.span.clone()).is_some_and(|text| text.starts_with('{'));
    let written = |field: &str| node.entry(document.name_of(field));
    let later = document.day("last_reviewed").is_none_or(|last| last < review.on);
    let mut added: Vec<String> = Vec::new();
    match written("last_reviewed") {
        Some(_) if !later => {}
        Some(entry) => edits.push((entry.node.span.start, value_end(text, entry), value_of(text, entry, review.on))),
        None => added.push(format!("{}: {}", document.name_of("last_reviewed"), review.on)),
    }
    match written("reviews") {
        Some(entry) => edits.push(another(text, entry, &item, newline)?),
        None if in_line => added.push(format!("{}: [{item}]", document.name_of("reviews"))),
        None => added.push(format!("{}:{newline}  - {item}", document.name_of("reviews"))),
    }
    if !added.is_empty() {
        edits.push(if in_line { inside(text, node, &added)? } else { below(text, document, &added, newline)? });
    }
    edits.sort();
    let mut new = text.to_owned();
    for (start, end, with) in edits.into_iter().rev() {
        new.replace_range(start..end, &with);
    }
    holds(sms, document, &new, review).then_some(new).ok_or_else(|| {
        format!("its text has an unusual form; write `last_reviewed: {}` and `reviews: [{item}]` yourself", review.on)
    })
}

/// The review as an item of a list.
fn item(review: &NewReview<'_>) -> String {
    let result = review.result.map_or_else(String::new, |result| format!(", result: {}", Json::from(result)));
    format!("{{ date: {}, by: {}{result} }}", review.on, review.by)
}

/// Where a value that stands in one line ends.
fn value_end(text: &str, entry: &Entry) -> usize {
    let span = entry.node.span.clone();
    span.start + text.get(span).unwrap_or_default().trim_end().len()
}

/// The day in the form of the value that is there: some write days in quotes.
fn value_of(text: &str, entry: &Entry, day: Date) -> String {
    match text[entry.node.span.start..].chars().next() {
        Some(quote @ ('"' | '\'')) => format!("{quote}{day}{quote}"),
        // `last_reviewed:` without a value.
        _ if entry.node.span.is_empty() => format!(" {day}"),
        _ => day.to_string(),
    }
}

/// One more item of a list that is there.
fn another(text: &str, entry: &Entry, item: &str, newline: &str) -> Result<(usize, usize, String), String> {
    let end = value_end(text, entry);
    let value = text.get(entry.node.span.start..end).unwrap_or_default();
    if let Some(inner) = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) {
        let inner = inner.trim();
        let list = if inner.is_empty() { format!("[{item}]") } else { format!("[{inner}, {item}]") };
        return Ok((entry.node.span.start, end, list));
    }
    let Some(last) = entry.node.items().last() else {
        return Err("its `reviews` are no list".to_owned());
    };
    let line_start = text[..last.span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..last.span.start];
    let indent = before.trim_end().strip_suffix('-').filter(|indent| indent.trim().is_empty());
    let indent = indent.ok_or("its `reviews` are written in an unusual form")?;
    let content = text.get(last.span.clone()).unwrap_or_default().trim_end();
    let at = line_end(text, last.span.start + content.len());
    Ok((at, at, format!("{newline}{indent}- {item}")))
}

/// Fields put before the closing brace of a mapping in one line.
fn inside(text: &str, node: &Node, added: &[String]) -> Result<(usize, usize, String), String> {
    let value = text.get(node.span.clone()).unwrap_or_default().trim_end();
    let inner = value.strip_suffix('}').ok_or("its fields are written in an unusual form")?;
    let inner = inner.trim_end();
    let at = node.span.start + inner.len();
    let comma = if inner.ends_with(',') { " " } else { ", " };
    Ok((at, at, format!("{comma}{}", added.join(", "))))
}

/// Lines of fields put below the field after which they are looked for.
fn below(text: &str, document: &Document, added: &[String], newline: &str) -> Result<(usize, usize, String), String> {
    let node = document.node();
    let before = ["last_reviewed"].iter().chain(BEFORE).find_map(|field| node.entry(document.name_of(field)));
    let entry = before.or_else(|| node.entries().first()).ok_or("it has no fields")?;
    // The first field of an entry stands behind the dash of the list: its column counts.
    let line_start = text[..entry.key_span.start].rfind('\n').map_or(0, |at| at + 1);
    let column = text[line_start..entry.key_span.start].trim_start_matches('\u{feff}').chars().count();
    let indent = " ".repeat(column);
    let at = line_end(text, value_end(text, entry).max(entry.key_span.end));
    let lines: String = added
        .iter()
        .flat_map(|field| field.split(newline))
        .fold(String::new(), |lines, line| lines + newline + &indent + line);
    Ok((at, at, lines))
}

/// Where the line ends in which a byte stands, its line break left out.
fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    if text[..end].ends_with('\r') { end - 1 } else { end }
}

/// Whether the new text says what the old one said, and the review.
fn holds(sms: &Sms, document: &Document, new: &str, review: &NewReview<'_>) -> bool {
    let path = sms.path(document);
    let read = |text: &str| document::parse(document.source, path, text, &sms.kinds, &sms.configuration);
    let (before, after) = (read(sms.source(document.source).text()), read(new));
    if before.documents.len() != after.documents.len() || before.problems.len() != after.problems.len() {
        return false;
    }
    before.documents.iter().zip(&after.documents).all(|(old, new)| {
        if old.pointer != document.pointer {
            return old.fields == new.fields;
        }
        let mut expected = old.fields.to_map();
        let last = old.day("last_reviewed").map_or(review.on, |last| last.max(review.on));
        expected.insert("last_reviewed".to_owned(), Json::from(last.to_string()));
        let mut reviews = expected.get("reviews").and_then(Json::as_array).cloned().unwrap_or_default();
        let mut item = serde_json::json!({ "date": review.on.to_string(), "by": review.by });
        if let Some(result) = review.result {
            item["result"] = Json::from(result);
        }
        reviews.push(item);
        expected.insert("reviews".to_owned(), Json::from(reviews));
        Fields::from(expected) == new.fields
    })
}

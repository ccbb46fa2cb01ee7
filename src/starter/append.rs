//! An entry put behind the last one of a register: every byte that was there stays.

use crate::yaml::{self, Node, Value};

/// The register's text with the entry of these lines; else why it cannot be put there.
#[expect(clippy::single_match_else, reason = "two cases of equal rank")]
pub fn append(text: &str, lines: &[String]) -> Result<String, String> {
    let start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let (node, defects) = yaml::read(&text[start..], start);
    let node = node.filter(|_| defects.is_empty()).ok_or("the register has mistakes; mend them first")?;
    let entries = node.entry("entries").ok_or("the register has no `entries`")?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let new = match entries.node.items().last() {
        Some(last) => behind(text, entries.node.items(), last, lines, newline)?,
        None => {
            let value = entries.node.span.clone();
            let written = text.get(value.clone()).unwrap_or_default().trim();
            if !matches!(written, "" | "[]" | "~" | "null") {
                return Err("`entries` is not a list".to_owned());
            }
            let key_end = entries.key_span.end;
            // Whatever stands behind the value, such as a comment, stays in its line.
            let end = line_end(text, if written.is_empty() { key_end } else { value.end });
            let colon = text[key_end..].find(':').map_or(key_end, |at| key_end + at + 1);
            let before = &text[..colon];
            let behind = if written.is_empty() { &text[colon..end] } else { &text[value.end..end] };
            format!("{before}{behind}{newline}{}{}", block("  ", lines, newline), rest(text, end))
        }
    };
    holds(&node, &new, start).then_some(new).ok_or_else(|| "the text of the register has an unusual form".to_owned())
}

/// The text with the entry in the lines behind the last one.
fn behind(text: &str, entries: &[Node], last: &Node, lines: &[String], newline: &str) -> Result<String, String> {
    let line_start = text[..last.span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..last.span.start];
    let indent = before.trim_end().strip_suffix('-').filter(|indent| indent.trim().is_empty());
    let Some(indent) = indent else {
        return Err("its entries stand in one line, in brackets; write them as a list with `-` first".to_owned());
    };
    let content = text.get(last.span.clone()).unwrap_or_default();
    let end = line_end(text, last.span.start + content.trim_end().len());
    let apart = entries.len() > 1 && {
        let former = &entries[entries.len() - 2];
        let former_end = former.span.start + text.get(former.span.clone()).unwrap_or_default().trim_end().len();
        text[former_end..last.span.start].lines().skip(1).any(|line| line.trim().is_empty())
    };
    let gap = if apart { newline } else { "" };
    Ok(format!("{}{newline}{gap}{}{}", &text[..end], block(indent, lines, newline), rest(text, end)))
}

/// The entry's lines as an item of a list.
fn block(indent: &str, lines: &[String], newline: &str) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let start = if index == 0 { "- " } else { "  " };
        text.push_str(&format!("{indent}{start}{line}{newline}"));
    }
    text
}

/// Where the line ends in which a byte stands, its line break left out.
fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    if text[..end].ends_with('\r') { end - 1 } else { end }
}

/// What follows the line break at `end`.
fn rest(text: &str, end: usize) -> &str {
    let rest = &text[end..];
    rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest)
}

/// Whether the new text says what the old one said, and one entry more.
fn holds(old: &Node, new: &str, start: usize) -> bool {
    let (node, defects) = yaml::read(&new[start..], start);
    let Some(node) = node.filter(|_| defects.is_empty()) else { return false };
    let same = |a: &Node, b: &Node| a.to_json() == b.to_json();
    let items = |node: &Node| node.get("entries").map(|entries| entries.items().to_vec()).unwrap_or_default();
    let (before, after) = (items(old), items(&node));
    let others = |node: &Node| {
        node.entries()
            .iter()
            .filter(|entry| entry.key != "entries")
            .map(|entry| (entry.key.clone(), entry.node.to_json()))
            .collect::<Vec<_>>()
    };
    after.len() == before.len() + 1
        && before.iter().zip(&after).all(|(a, b)| same(a, b))
        && after.last().is_some_and(|entry| matches!(entry.value, Value::Mapping(_)))
        && others(old) == others(&node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(text: &str) -> Result<String, String> {
        append(text, &["id: B-2".to_owned(), "title: Two".to_owned()])
    }

    #[test]
    fn an_entry_stands_behind_the_last_one() {
        let text = "kind: risk\nentries:\n  - id: B-1\n    note: |\n      text\n\n      more\n  # a remark\nafter: 1\n";
        assert_eq!(
            put(text),
            Ok("kind: risk\nentries:\n  - id: B-1\n    note: |\n      text\n\n      more\n  - id: B-2\n    title: Two\n  # a remark\nafter: 1\n".to_owned())
        );
        assert_eq!(
            put("entries:\r\n- id: B-1"),
            Ok("entries:\r\n- id: B-1\r\n- id: B-2\r\n  title: Two\r\n".to_owned())
        );
        assert_eq!(
            put("entries:\n  - id: A-1\n\n  - id: B-1 # last\n"),
            Ok("entries:\n  - id: A-1\n\n  - id: B-1 # last\n\n  - id: B-2\n    title: Two\n".to_owned())
        );
    }

    #[test]
    fn the_first_entry_takes_the_place_of_nothing() {
        assert_eq!(
            put("entries: []  # none yet\n"),
            Ok("entries:  # none yet\n  - id: B-2\n    title: Two\n".to_owned())
        );
        assert_eq!(put("entries:\nafter: 1\n"), Ok("entries:\n  - id: B-2\n    title: Two\nafter: 1\n".to_owned()));
    }

    #[test]
    fn what_cannot_be_kept_is_left() {
        assert!(put("entries: [{id: B-1}]\n").is_err());
        assert!(put("entries: 1\n").is_err());
        assert!(put("kind: risk\n").is_err());
        assert!(put("entries:\n  - id: B-1\n  -id: [\n").is_err());
    }
}

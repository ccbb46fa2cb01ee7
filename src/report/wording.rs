//! Text of a repository inside the formats that other programs read: one line, printable, and
//! escaped by the rules of the format.

use super::printable;
use crate::source::Position;

/// Text as one line in which nothing can steer whoever shows it.
pub fn one_line(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    printable(text)
        .chars()
        .map(|character| match character {
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            character => character,
        })
        .collect()
}

/// Lines for people in which a runner of GitHub Actions, which reads what a step prints, sees no
/// command: neither `##[` anywhere nor `::` at the beginning of a line.
pub(super) fn no_commands(text: String) -> String {
    if !text.contains("##[") && !text.contains("::") {
        return text;
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let start = line.len() - line.trim_start().len();
        // `:::` before the path of another file is none: no command is named `:`.
        let line = if line[start..].starts_with("::") && !line[start..].starts_with("::: ") {
            format!("{}: :{}", &line[..start], &line[start + 2..])
        } else {
            line.to_owned()
        };
        line.replace("##[", "##(")
    });
    lines.collect()
}

/// A lower-case phrase as a sentence: first letter in upper case, a period at the end.
pub(super) fn sentence(phrase: &str) -> String {
    let phrase = one_line(phrase);
    let phrase = phrase.trim();
    let mut characters = phrase.chars();
    let first = characters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if phrase.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

/// Text of at most so many characters; where something is cut off an ellipsis says so.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A path as a relative URI (RFC 3986): everything but unreserved characters and `/` is encoded, so
/// that a colon makes no scheme and a question mark no query.
pub(super) fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
        uri
    })
}

/// A position as `12:3`.
pub(super) fn at(position: Position) -> String {
    format!("{}:{}", position.line, position.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_uris() {
        assert_eq!(uri("a b/ü:#?%.md"), "a%20b/%C3%BC%3A%23%3F%25.md");
    }

    #[test]
    fn phrases_become_sentences() {
        assert_eq!(sentence("a review\nis overdue"), "A review is overdue.");
        assert_eq!(sentence("über"), "Über.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn cuts_fall_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äö…");
    }
}

//! Front matter: the YAML between two `---` lines at the top of a Markdown file.

use crate::source::Span;

/// The parts of a Markdown file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontMatter {
    /// The bytes of the YAML, without the lines that mark it; none where there is no front matter.
    pub yaml: Option<Span>,
    /// The bytes of the text below.
    pub body: Span,
    /// Whether it starts and never ends.
    pub unclosed: bool,
}

/// Splits a text. A byte order mark before the first line and blanks behind the dashes do not
/// matter; the end is `---` or `...`; line ends may be LF or CRLF.
pub fn split(text: &str) -> FrontMatter {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let whole = FrontMatter { yaml: None, body: start..text.len(), unclosed: false };
    let mut lines = text[start..].split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| is_mark(line, "---")) else { return whole };
    let yaml_start = start + first.len();
    let mut at = yaml_start;
    for line in lines {
        if is_mark(line, "---") || is_mark(line, "...") {
            return FrontMatter { yaml: Some(yaml_start..at), body: at + line.len()..text.len(), unclosed: false };
        }
        at += line.len();
    }
    // Nothing ends it: what looks like fields up to the first blank line or heading is read, the
    // rest is taken as text, so that its links are still seen.
    let end = text[yaml_start..]
        .split_inclusive('\n')
        .take_while(|line| !line.trim().is_empty() && !line.starts_with("# "))
        .map(str::len)
        .sum::<usize>();
    FrontMatter { yaml: Some(yaml_start..yaml_start + end), body: yaml_start + end..text.len(), unclosed: true }
}

fn is_mark(line: &str, mark: &str) -> bool {
    line.strip_prefix(mark).is_some_and(|rest| rest.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<&str>, &str) {
        let parts = split(text);
        (parts.yaml.map(|span| &text[span]), &text[parts.body])
    }

    #[test]
    fn marks_are_found_in_every_form() {
        assert_eq!(parts("---\na: 1\n---\n# T\n"), (Some("a: 1\n"), "# T\n"));
        assert_eq!(parts("\u{feff}--- \r\na: 1\r\n...\r\nx"), (Some("a: 1\r\n"), "x"));
        assert_eq!(parts("---\n---\n"), (Some(""), ""));
        assert_eq!(parts("text\n---\n"), (None, "text\n---\n"));
        assert_eq!(parts(""), (None, ""));
    }

    #[test]
    fn front_matter_without_an_end_is_still_read() {
        assert!(split("---\nid: A\n\n# Title\n").unclosed);
        assert_eq!(parts("---\nid: A\n\n# Title\n"), (Some("id: A\n"), "\n# Title\n"));
    }
}

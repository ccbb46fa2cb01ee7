//! The lines of a source around a place, safe to print.

use crate::source::{Source, Span};

/// Lines of a source: enough to show some places, no more, however large the file is.
pub struct Excerpt {
    /// The lines, with characters that could steer a terminal replaced; as many bytes as in the
    /// source.
    pub text: String,
    /// The number of the first line.
    pub first_line: usize,
    /// The places inside the text.
    pub spans: Vec<Span>,
}

/// The most bytes of one line that are shown.
const LINE_LIMIT: usize = 2_000;

impl Excerpt {
    /// The lines that hold these places. A place of several lines is cut to its first.
    pub fn of(source: &Source, places: &[Span]) -> Self {
        let first_line = places.iter().map(|span| source.position(span.start).line).min().unwrap_or(1);
        let last_line = places.iter().map(|span| source.position(span.start).line).max().unwrap_or(1);
        let start = source.line_span(first_line).start;
        let end = source.line_span(last_line).end.max(start);
        let spans = places
            .iter()
            .map(|span| {
                let line = source.line_span(source.position(span.start).line);
                let from = span.start.min(line.end).max(line.start);
                let to = span.end.min(line.end).max(from);
                from - start..to - start
            })
            .collect();
        let mut text = printable(source.slice(&(start..end)));
        if text.len() != end - start {
            text = " ".repeat(end - start);
        }
        Self { text, first_line, spans }.cut()
    }

    /// A very long line is shown around the place only.
    fn cut(mut self) -> Self {
        let [span] = &self.spans[..] else { return self };
        if self.text.len() <= LINE_LIMIT || self.text.contains('\n') {
            return self;
        }
        let mut from = span.start.saturating_sub(200);
        let mut to = (span.end.min(span.start + 400) + 200).min(self.text.len());
        while !self.text.is_char_boundary(from) {
            from -= 1;
        }
        while !self.text.is_char_boundary(to) {
            to += 1;
        }
        let span = span.start - from..span.end.min(to) - from;
        self.spans = std::iter::once(span).collect();
        self.text = self.text[from..to].to_owned();
        self
    }
}

/// Text in which nothing can steer a terminal: control characters and those that turn the
/// direction of writing become marks of the same length in bytes.
pub fn printable(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | 0x20..=0x7e)) {
        return text.to_owned();
    }
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            '\r' => ' ',
            character if character.is_ascii_control() => '?',
            '\u{80}'..='\u{9f}' => '¿',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            character => character,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let text = "a\u{1b}[31m\u{202e}b\u{9b}c\r\n";
        assert_eq!(printable(text), "a?[31m\u{fffd}b¿c \n");
        assert_eq!(printable(text).len(), text.len());
    }
}

//! What of a text is compared as a whole before its words are: in prose a paragraph, a list item or
//! a table row, however its lines are broken; elsewhere a line.

use std::collections::BTreeMap;

/// A part of a text, with its line ends.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// What it is compared by: in prose, how its words are set apart does not count.
    pub(super) key: String,
    /// Whether every blank counts, as in code.
    pub(super) exact: bool,
    /// How many letters it has of each word.
    words: BTreeMap<&'a str, usize>,
    letters: usize,
}

impl<'a> Unit<'a> {
    fn new(text: &'a str, exact: bool) -> Self {
        let mut words: BTreeMap<&str, usize> = BTreeMap::new();
        for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *words.entry(word).or_default() += word.chars().count();
        }
        let letters = words.values().sum();
        let key = if exact {
            text.to_owned()
        } else {
            let indent = text.len() - text.trim_start_matches([' ', '\t']).len();
            format!("{}{}", &text[..indent], text.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        Self { text, key, exact, words, letters }
    }

    /// Whether it holds no word: an empty line, the line below a table's head.
    pub(super) fn is_empty(&self) -> bool {
        self.letters == 0
    }

    /// What two units share, in letters; none where that is too little to call one a change of the
    /// other.
    pub(super) fn shared(&self, other: &Self) -> usize {
        if self.is_empty() && other.is_empty() {
            return usize::from(self.key.is_empty() == other.key.is_empty());
        }
        let of = |(word, letters): (&&str, &usize)| other.words.get(word).map_or(0, |others| *letters.min(others));
        let shared: usize = self.words.iter().map(of).sum();
        if shared * 20 < (self.letters + other.letters) * 3 { 0 } else { shared * 2 }
    }

    /// The words that it begins with.
    pub(super) fn start(&self) -> Vec<&str> {
        let words = self.text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        words.take(2).collect()
    }
}

/// The units of prose in Markdown.
pub(super) fn prose(text: &str) -> Vec<Unit<'_>> {
    let mut units = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut fence: Option<&str> = None;
    let mut before: Option<Line> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| content.starts_with(mark));
        let fenced = fence.is_some() || mark.is_some();
        let now = Line::of(line, fenced, before);
        if before.is_some_and(|before| !(before.goes_on && now.continues)) {
            units.push(Unit::new(&text[start..at], before.is_some_and(|before| before.is_code)));
            start = at;
        }
        match (fence, mark) {
            (None, Some(_)) => fence = mark,
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        at += line.len();
        before = Some(now);
    }
    if start < at {
        units.push(Unit::new(&text[start..at], before.is_some_and(|before| before.is_code)));
    }
    units
}

/// Every line is one.
pub(super) fn lines(text: &str) -> Vec<Unit<'_>> {
    text.split_inclusive('\n').map(|line| Unit::new(line, true)).collect()
}

/// How a line of Markdown is joined to its neighbours.
#[derive(Clone, Copy)]
struct Line {
    /// Whether a line break behind it is only a blank.
    goes_on: bool,
    /// Whether a line break before it is only a blank.
    continues: bool,
    is_code: bool,
}

impl Line {
    fn of(line: &str, fenced: bool, before: Option<Self>) -> Self {
        let content = line.trim();
        let begins_unit = content.is_empty()
            || content.starts_with(['#', '>', '|', '<'])
            || content.bytes().all(|byte| matches!(byte, b'=' | b'-' | b'*' | b'_'))
            || is_item(content);
        let indented = line.starts_with("    ") || line.starts_with('\t');
        let in_paragraph = before.is_some_and(|before| before.goes_on);
        let is_code = fenced || (indented && !in_paragraph && !is_item(content));
        let ends_unit = content.is_empty() || content.starts_with(['#', '>', '|']);
        let is_break = line.trim_end_matches(['\r', '\n']).ends_with("  ") || content.ends_with('\\');
        Self { goes_on: !is_code && !ends_unit && !is_break, continues: !is_code && !begins_unit, is_code }
    }
}

/// Whether a line begins an item of a list.
fn is_item(content: &str) -> bool {
    let digits = content.len() - content.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let mark = &content[digits..];
    let marks: &[&str] = if digits > 0 { &[". ", ") "] } else { &["- ", "* ", "+ "] };
    marks.iter().any(|begins| mark.starts_with(begins))
}

//! The text of a redline as it reads. Marks of Markdown that both versions have, or that come or go
//! with all that they mark, are shown as what they mean; every other stays as it is written, so that
//! no change of a mark is lost.

use super::{escape, folded_lines, visible};
use crate::redline::{Piece, Shown};
use std::{collections::BTreeMap, ops::Range};

/// Which version has a letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Old,
    New,
}

/// A letter and the version that has it.
type Letter = (char, Side);

/// Marks inside marks are followed so deep.
const DEPTH: usize = 4;

/// The text as HTML.
pub(super) fn html(shown: &[Shown<'_>]) -> String {
    let mut text = Text::default();
    for part in shown {
        match part {
            Shown::Same(lines) => lines.iter().for_each(|line| text.take(&letters(&format!("{line}\n"), Side::Both))),
            Shown::Folded(lines) => {
                text.end_paragraph();
                for line in lines {
                    text.is_code(line, Side::Both);
                }
                text.tag(&format!("<span class=\"folded\">{}</span>\n", folded_lines(lines.len())));
            }
            Shown::Changed(pieces) => {
                let all: Vec<Letter> = pieces.iter().flat_map(of_piece).collect();
                all.split_inclusive(|(letter, _)| *letter == '\n').for_each(|line| text.take(line));
            }
        }
    }
    text.end_paragraph();
    text.side(Side::Both);
    text.html
}

fn of_piece(piece: &Piece) -> Vec<Letter> {
    match piece {
        Piece::Same(text) => letters(text, Side::Both),
        Piece::Old(text) => letters(&visible(text), Side::Old),
        Piece::New(text) => letters(text, Side::New),
    }
}

fn letters(text: &str, side: Side) -> Vec<Letter> {
    text.chars().map(|letter| (letter, side)).collect()
}

/// What was read so far.
#[derive(Default)]
struct Text {
    html: String,
    /// What the letters at the end are marked as.
    open: Option<&'static str>,
    /// Lines whose marks are not followed yet.
    paragraph: Vec<Letter>,
    /// The fences that are open in the old and in the new version.
    fences: [Option<char>; 2],
}

impl Text {
    fn take(&mut self, line: &[Letter]) {
        let text: String = line.iter().map(|(letter, _)| *letter).collect();
        let content = text.trim();
        let indented = text.starts_with("    ") || text.starts_with('\t');
        let item = item_mark(line);
        let sides = line.iter().filter(|(letter, _)| *letter != '\n').map(|(_, side)| *side);
        let side = sides.reduce(|one, other| if one == other { one } else { Side::Both }).unwrap_or(Side::Both);
        let is_code = self.is_code(&text, side) || (indented && item.is_none() && self.paragraph.is_empty());
        if is_code || content.is_empty() {
            self.end_paragraph();
            self.letters(line);
        } else if let Some((mark, rest)) = heading(line) {
            self.end_paragraph();
            if Marks::of(&line[..rest.end]).agree(&[mark], rest.end) {
                self.tag("<strong>");
                self.inline(&line[rest.clone()], DEPTH);
                self.tag("</strong>");
                self.letters(&line[rest.end..]);
            } else {
                self.inline(line, DEPTH);
            }
        } else {
            if item.is_some() || content.starts_with(['|', '>']) {
                self.end_paragraph();
            }
            self.paragraph.extend(line);
            if let Some(at) = item {
                self.paragraph[at].0 = '•';
            }
        }
    }

    /// Whether a line is one of fenced code, in either version.
    fn is_code(&mut self, line: &str, side: Side) -> bool {
        let line = line.trim();
        let mark = line.chars().next().filter(|_| line.starts_with("```") || line.starts_with("~~~"));
        let was_open = self.fences.iter().any(Option::is_some);
        for (fence, other) in self.fences.iter_mut().zip([Side::New, Side::Old]) {
            match *fence {
                _ if side == other || mark.is_none() => {}
                None => *fence = mark,
                open => *fence = open.filter(|open| Some(*open) != mark),
            }
        }
        was_open || mark.is_some()
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        self.inline(&paragraph, DEPTH);
    }

    /// Shows letters, with marks inside a line as what they mean.
    fn inline(&mut self, letters: &[Letter], depth: usize) {
        let mut marks = Marks::of(letters);
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            let marked = match letter.0 {
                _ if depth == 0 => None,
                // What is escaped is no mark; the sign before it stays.
                '\\' => {
                    let end = letters.len().min(at + 2);
                    self.letters(&letters[at..end]);
                    at = end;
                    continue;
                }
                '[' => self.link(&marks, at, depth),
                '`' | '*' | '_' => self.emphasis(&mut marks, at, depth),
                _ => None,
            };
            at = marked.unwrap_or_else(|| {
                let end = if matches!(letter.0, '`' | '*' | '_') { at + marks.run(at) } else { at + 1 };
                self.letters(&letters[at..end]);
                end
            });
        }
    }

    /// A link at a place, and where what follows it begins. Its target is shown where it is not the
    /// same in both versions.
    fn link(&mut self, marks: &Marks<'_>, at: usize, depth: usize) -> Option<usize> {
        let letters = marks.letters;
        let find = |from: usize, ends: &[char]| {
            letters[from..].iter().position(|(letter, _)| ends.contains(letter)).map(|place| from + place)
        };
        let is_image = at > 0 && letters[at - 1].0 == '!';
        let middle = find(at + 1, &['[', ']']).filter(|place| letters[*place].0 == ']' && *place > at + 1)?;
        let target = middle + 2;
        let is_link = !is_image && letters.get(middle + 1).is_some_and(|(letter, _)| *letter == '(');
        let end = if is_link { find(target, &['(', ')', '\n'])? } else { return None };
        if letters[end].0 != ')' || end == target || !marks.agree(&[at..at + 1, middle..target, end..end + 1], end + 1)
        {
            return None;
        }
        let side = letters[at].1;
        if side == Side::Both && letters[target..end].iter().all(|(_, other)| *other == Side::Both) {
            self.tag("<span class=\"link\">");
            self.inline(&letters[at + 1..middle], depth - 1);
            self.tag("</span>");
        } else {
            self.inline(&letters[at + 1..middle], depth - 1);
            self.letter((' ', side));
            self.letters(&letters[middle + 1..=end]);
        }
        Some(end + 1)
    }

    /// Code or emphasis at a place, and where what follows it begins.
    fn emphasis(&mut self, marks: &mut Marks<'_>, at: usize, depth: usize) -> Option<usize> {
        let (letters, length) = (marks.letters, marks.run(at));
        let from = at + length;
        let mark = letters[at].0;
        let (start, close) = match (mark, length) {
            ('`', 1..=3) => ("<code>", "</code>"),
            ('*' | '_', 1) => ("<em>", "</em>"),
            ('*' | '_', 2) => ("<strong>", "</strong>"),
            _ => return None,
        };
        let inside_word = at > 0 && letters[at - 1].0.is_alphanumeric();
        let opens = mark == '`' || (!inside_word && letters.get(from).is_some_and(|next| !next.0.is_whitespace()));
        let end = if opens { marks.end(mark, length, from)? } else { return None };
        if !marks.agree(&[at..from, end..end + length], end + length) {
            return None;
        }
        let content = &letters[from..end];
        self.tag(start);
        if mark == '`' {
            self.letters(content);
        } else {
            self.inline(content, depth - 1);
        }
        self.tag(close);
        Some(end + length)
    }

    fn letters(&mut self, letters: &[Letter]) {
        for letter in letters {
            self.letter(*letter);
        }
    }

    fn letter(&mut self, (letter, side): Letter) {
        self.side(side);
        self.html.push_str(&escape(letter.encode_utf8(&mut [0; 4])));
    }

    /// Tags stand outside of what is marked as taken out or put in, so that they nest.
    fn tag(&mut self, tag: &str) {
        self.side(Side::Both);
        self.html.push_str(tag);
    }

    fn side(&mut self, side: Side) {
        let wanted = match side {
            Side::Both => None,
            Side::Old => Some("del"),
            Side::New => Some("ins"),
        };
        if wanted != self.open {
            let end = self.open.map_or_else(String::new, |open| format!("</{open}>"));
            let start = wanted.map_or_else(String::new, |wanted| format!("<{wanted}>"));
            self.html.push_str(&format!("{end}{start}"));
            self.open = wanted;
        }
    }
}

/// The marks in some letters. What was looked for once is known for all that begins before it, so that a
/// text of nothing but marks takes no longer.
struct Marks<'a> {
    letters: &'a [Letter],
    /// For each letter, how far those behind it are of the same version.
    same: Vec<usize>,
    ends: BTreeMap<(char, usize), Option<usize>>,
}

impl<'a> Marks<'a> {
    fn of(letters: &'a [Letter]) -> Self {
        let mut same: Vec<usize> = (1..=letters.len()).collect();
        for at in (1..letters.len()).rev() {
            if letters[at - 1].1 == letters[at].1 {
                same[at - 1] = same[at];
            }
        }
        Self { letters, same, ends: BTreeMap::new() }
    }

    /// Whether marks may be left out: they are all of one version, and of one alone only with all that
    /// they mark.
    fn agree(&self, marks: &[Range<usize>], end: usize) -> bool {
        let Some(start) = marks.first().map(|mark| mark.start) else { return false };
        let side = self.letters[start].1;
        let is_of = |mark: &Range<usize>| self.letters[mark.start].1 == side && self.same[mark.start] >= mark.end;
        marks.iter().all(is_of) && (side == Side::Both || self.same[start] >= end)
    }

    /// How often the letter at a place stands there.
    fn run(&self, at: usize) -> usize {
        self.letters[at..].iter().take_while(|(letter, _)| *letter == self.letters[at].0).count()
    }

    /// The first end of a mark at or behind a place.
    fn end(&mut self, mark: char, length: usize, from: usize) -> Option<usize> {
        match self.ends.get(&(mark, length)) {
            Some(None) => return None,
            Some(Some(known)) if *known >= from => return Some(*known),
            _ => {}
        }
        let mut at = from;
        let mut found = None;
        while found.is_none() && at < self.letters.len() {
            let run = if self.letters[at].0 == mark { self.run(at) } else { 0 };
            if run == length && at > from && self.is_end(mark, at, at + run) {
                found = Some(at);
            }
            at += run.max(1);
        }
        self.ends.insert((mark, length), found);
        found
    }

    fn is_end(&self, mark: char, start: usize, end: usize) -> bool {
        let before = self.letters[start - 1].0;
        let goes_on = self.letters.get(end).is_some_and(|(letter, _)| letter.is_alphanumeric());
        mark == '`' || !(before.is_whitespace() || before == '\\' || goes_on)
    }
}

/// The mark of a heading, and what it says.
fn heading(line: &[Letter]) -> Option<(Range<usize>, Range<usize>)> {
    let depth = line.iter().take_while(|(letter, _)| *letter == '#').count();
    let is_heading = (1..=6).contains(&depth) && line.get(depth).is_some_and(|(letter, _)| *letter == ' ');
    let end = line.len() - usize::from(line.last().is_some_and(|(letter, _)| *letter == '\n'));
    (is_heading && depth + 1 < end).then_some((0..depth + 1, depth + 1..end))
}

/// Where the mark of a list item stands in a line.
fn item_mark(line: &[Letter]) -> Option<usize> {
    let at = line.iter().position(|(letter, _)| !matches!(letter, ' ' | '\t'))?;
    let is_mark = matches!(line[at].0, '-' | '*' | '+') && line.get(at + 1).is_some_and(|(letter, _)| *letter == ' ');
    (is_mark && line.get(at + 2).is_some_and(|(letter, _)| !letter.is_whitespace())).then_some(at)
}

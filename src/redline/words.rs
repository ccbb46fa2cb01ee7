//! What differs between two texts, by lines and inside them by words.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::ops::Range;

/// A piece of a text that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// It stands in both.
    Same(String),
    /// It was taken out.
    Old(String),
    /// It was put in.
    New(String),
}

impl Piece {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Same(text) | Self::Old(text) | Self::New(text) => text,
        }
    }
}

/// Some lines of two texts, with their line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// They are the same in both.
    Same(String),
    /// They differ: all pieces but the new ones are the old lines, all but the old ones the new.
    Changed(Vec<Piece>),
}

/// Two texts are compared as a whole where comparing them would take longer than this many steps.
const LINES_LIMIT: usize = 50_000_000;
const WORDS_LIMIT: usize = 9_000_000;

/// A text with line feeds as its line ends, and one at its end unless it is empty: line ends are
/// git's affair, as for the substance of a document.
pub fn normalized(text: &str) -> String {
    let mut lines = text.replace("\r\n", "\n").replace('\r', "\n");
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
    lines
}

/// What differs between two texts.
pub fn compare(old: &str, new: &str) -> Vec<Block> {
    let (old, new) = (normalized(old), normalized(new));
    let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(&old), lines(&new));
    differences(&old, &new, LINES_LIMIT)
        .into_iter()
        .map(|difference| match difference {
            Difference::Same(old_lines) => Block::Same(old[old_lines].concat()),
            Difference::Other(old_lines, new_lines) => {
                Block::Changed(by_words(&old[old_lines].concat(), &new[new_lines].concat()))
            }
        })
        .collect()
}

enum Difference {
    Same(Range<usize>),
    Other(Range<usize>, Range<usize>),
}

/// Where two lists differ; neighbouring differences are one.
fn differences<T: Eq + std::hash::Hash + Ord>(old: &[T], new: &[T], limit: usize) -> Vec<Difference> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = (&old[head..], &new[head..]);
    let tail = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let mut found = Vec::new();
    if head > 0 {
        found.push(Difference::Same(0..head));
    }
    let (inner_old, inner_new) = (&old[head..old_end], &new[head..new_end]);
    if inner_old.len().saturating_mul(inner_new.len()) > limit {
        found.push(Difference::Other(head..old_end, head..new_end));
    } else {
        for change in capture_diff_slices(Algorithm::Myers, inner_old, inner_new) {
            let (tag, old_range, new_range) = change.as_tag_tuple();
            let old_range = old_range.start + head..old_range.end + head;
            let new_range = new_range.start + head..new_range.end + head;
            match (found.last_mut(), tag) {
                (_, DiffTag::Equal) => found.push(Difference::Same(old_range)),
                (Some(Difference::Other(old, new)), _) => {
                    old.end = old_range.end;
                    new.end = new_range.end;
                }
                _ => found.push(Difference::Other(old_range, new_range)),
            }
        }
    }
    if tail > 0 {
        found.push(Difference::Same(old_end..old.len()));
    }
    found
}

/// What differs between two short texts, by words. Where little is alike the whole is replaced:
/// two sentences that share their articles are not one sentence with changes.
fn by_words(old: &str, new: &str) -> Vec<Piece> {
    if old.is_empty() || new.is_empty() {
        return whole(old, new);
    }
    let (old_words, new_words) = (words(old), words(new));
    let mut pieces: Vec<Piece> = Vec::new();
    for difference in differences(&old_words, &new_words, WORDS_LIMIT) {
        match difference {
            Difference::Same(range) => pieces.push(Piece::Same(old_words[range].concat())),
            Difference::Other(old_range, new_range) => {
                pieces.extend(whole(&old_words[old_range].concat(), &new_words[new_range].concat()));
            }
        }
    }
    let pieces = grouped(pieces);
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).count();
    let same: usize =
        pieces.iter().filter(|piece| matches!(piece, Piece::Same(_))).map(|one| letters(one.text())).sum();
    if same * 10 < letters(old).min(letters(new)) * 3 { whole(old, new) } else { pieces }
}

fn whole(old: &str, new: &str) -> Vec<Piece> {
    let old = (!old.is_empty()).then(|| Piece::Old(old.to_owned()));
    let new = (!new.is_empty()).then(|| Piece::New(new.to_owned()));
    old.into_iter().chain(new).collect()
}

/// Words, runs of blanks, and every other character alone. What stands between two letters or digits
/// is part of the word: `2.1`, `2025-09-02`, `POL-001`.
fn words(text: &str) -> Vec<&str> {
    let sort = |character: char| match character {
        character if character.is_alphanumeric() || character == '_' => 0,
        '\n' => 1,
        character if character.is_whitespace() => 2,
        _ => 3,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let follows = characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let inside = ".-:/@'’".contains(character) && before == Some(0) && follows;
        let now = if inside { 0 } else { sort(character) };
        if before.is_some_and(|before| before != now || matches!(now, 1 | 3)) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(now);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Takes what is the same between two changes into them where it holds less than a word: three
/// words that were replaced are one replacement, not three.
fn grouped(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut grouped: Vec<Piece> = Vec::new();
    let (mut old, mut new) = (String::new(), String::new());
    let count = pieces.len();
    for (place, piece) in pieces.into_iter().enumerate() {
        match piece {
            Piece::Old(text) => old.push_str(&text),
            Piece::New(text) => new.push_str(&text),
            Piece::Same(text) => {
                let between = !old.is_empty() || !new.is_empty();
                let is_break = text.contains('\n') || text.chars().any(char::is_alphanumeric);
                if between && !is_break && place + 1 < count {
                    old.push_str(&text);
                    new.push_str(&text);
                } else {
                    grouped.extend(whole(&std::mem::take(&mut old), &std::mem::take(&mut new)));
                    grouped.push(Piece::Same(text));
                }
            }
        }
    }
    grouped.extend(whole(&old, &new));
    grouped
}

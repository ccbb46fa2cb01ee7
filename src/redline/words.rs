//! What differs between two texts, by paragraphs or lines and inside them by words.

use super::units::{self, Unit};
use similar::{Algorithm, DiffTag, capture_diff_slices};
use std::{collections::BTreeMap, hash::Hash, ops::Range};

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

/// Where comparing two lists would take longer than this many steps, what stands once in both is
/// taken as the same first, and what lies between is compared.
const LIMIT: usize = 9_000_000;
/// So many pairs of units are held against each other.
const PAIRS_LIMIT: usize = 1_000_000;

/// A text with line feeds as its line ends, and one at its end unless it is empty: line ends are
/// git's affair, as for the substance of a document.
pub fn normalized(text: &str) -> String {
    let mut lines = text.replace("\r\n", "\n").replace('\r', "\n");
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
    lines
}

/// What differs between two texts in Markdown: how lines are broken inside a paragraph does not
/// count, and what is the same is given as the new text has it.
pub fn compare(old: &str, new: &str) -> Vec<Block> {
    let (old, new) = (normalized(old), normalized(new));
    blocks(&units::prose(&old), &units::prose(&new))
}

/// What differs between two lists of lines.
pub fn compare_lines(old: &str, new: &str) -> Vec<Block> {
    let (old, new) = (normalized(old), normalized(new));
    blocks(&units::lines(&old), &units::lines(&new))
}

fn blocks(old: &[Unit<'_>], new: &[Unit<'_>]) -> Vec<Block> {
    let keys = |units: &[Unit<'_>]| units.iter().map(|unit| unit.key.clone()).collect::<Vec<_>>();
    let text = |units: &[Unit<'_>]| units.iter().map(|unit| unit.text).collect::<String>();
    joined(differences(&keys(old), &keys(new)), new)
        .into_iter()
        .map(|difference| match difference {
            Difference::Same(_, range) => Block::Same(text(&new[range])),
            Difference::Other(old_range, new_range) => Block::Changed(by_units(&old[old_range], &new[new_range])),
        })
        .collect()
}

/// Two differences with nothing but empty lines between them are one: which empty line of one text
/// is which of the other says nothing.
fn joined(differences: Vec<Difference>, new: &[Unit<'_>]) -> Vec<Difference> {
    let mut joined: Vec<Difference> = Vec::new();
    let mut rest = differences.into_iter().peekable();
    while let Some(difference) = rest.next() {
        let Difference::Same(same_old, same_new) = &difference else {
            joined.push(difference);
            continue;
        };
        let is_empty = new[same_new.clone()].iter().all(Unit::is_empty);
        let (Some(Difference::Other(old, new)), true, true) = (joined.last_mut(), is_empty, rest.peek().is_some())
        else {
            joined.push(difference);
            continue;
        };
        (old.end, new.end) = (same_old.end, same_new.end);
        if let Some(Difference::Other(old_next, new_next)) = rest.next() {
            (old.end, new.end) = (old_next.end, new_next.end);
        }
    }
    joined
}

enum Difference {
    Same(Range<usize>, Range<usize>),
    Other(Range<usize>, Range<usize>),
}

/// Where two lists differ; neighbouring differences are one.
fn differences<T: Eq + Hash + Ord>(old: &[T], new: &[T]) -> Vec<Difference> {
    let mut found = Found::default();
    find(old, new, &mut found);
    found.0
}

fn find<T: Eq + Hash + Ord>(old: &[T], new: &[T], found: &mut Found) {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = (&old[head..], &new[head..]);
    let tail = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(a, b)| a == b).count();
    let (inner_old, inner_new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    found.same(head);
    if inner_old.len().saturating_mul(inner_new.len()) <= LIMIT {
        for change in capture_diff_slices(Algorithm::Myers, inner_old, inner_new) {
            match change.as_tag_tuple() {
                (DiffTag::Equal, range, _) => found.same(range.len()),
                (_, old_range, new_range) => found.other(old_range.len(), new_range.len()),
            }
        }
    } else {
        let (mut old_at, mut new_at) = (0, 0);
        for (old_place, new_place) in anchors(inner_old, inner_new) {
            find(&inner_old[old_at..old_place], &inner_new[new_at..new_place], found);
            found.same(1);
            (old_at, new_at) = (old_place + 1, new_place + 1);
        }
        if (old_at, new_at) == (0, 0) {
            found.other(inner_old.len(), inner_new.len());
        } else {
            find(&inner_old[old_at..], &inner_new[new_at..], found);
        }
    }
    found.same(tail);
}

/// Differences one behind the other.
#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn end(&self) -> (usize, usize) {
        self.0.last().map_or((0, 0), |last| match last {
            Difference::Same(old, new) | Difference::Other(old, new) => (old.end, new.end),
        })
    }

    fn same(&mut self, count: usize) {
        let (old, new) = self.end();
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some(Difference::Same(old, new)) => (old.end, new.end) = (old.end + count, new.end + count),
            _ => self.0.push(Difference::Same(old..old + count, new..new + count)),
        }
    }

    fn other(&mut self, old_count: usize, new_count: usize) {
        let (old, new) = self.end();
        match self.0.last_mut() {
            _ if (old_count, new_count) == (0, 0) => {}
            Some(Difference::Other(old, new)) => (old.end, new.end) = (old.end + old_count, new.end + new_count),
            _ => self.0.push(Difference::Other(old..old + old_count, new..new + new_count)),
        }
    }
}

/// What stands once in a list, with its place.
fn once<T: Ord>(list: &[T]) -> BTreeMap<&T, usize> {
    let mut places: BTreeMap<&T, (usize, usize)> = BTreeMap::new();
    for (place, one) in list.iter().enumerate() {
        places.entry(one).or_insert((place, 0)).1 += 1;
    }
    places.into_iter().filter(|(_, (_, count))| *count == 1).map(|(one, (place, _))| (one, place)).collect()
}

/// The places of what stands once in both lists, as many as stand in the same order.
fn anchors<T: Ord>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let (in_old, in_new) = (once(old), once(new));
    let mut common: Vec<(usize, usize)> =
        in_old.into_iter().filter_map(|(one, place)| Some((place, *in_new.get(one)?))).collect();
    common.sort_unstable();
    // The longest increasing run of places in the new list, by the smallest end of each length.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(common.len());
    for (index, (_, place)) in common.iter().enumerate() {
        let length = ends.partition_point(|end| common[*end].1 < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run: Vec<(usize, usize)> =
        std::iter::successors(ends.last().copied(), |index| before[*index]).map(|index| common[index]).collect();
    run.reverse();
    run
}

/// What differs between some units of two texts: those that are alike are compared by words.
fn by_units(old: &[Unit<'_>], new: &[Unit<'_>]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut add = |piece: Piece| match (pieces.last_mut(), piece) {
        (Some(Piece::Old(last)), Piece::Old(text)) | (Some(Piece::New(last)), Piece::New(text)) => last.push_str(&text),
        (_, piece) => pieces.push(piece),
    };
    let (mut old_at, mut new_at) = (0, 0);
    let ends = std::iter::once((old.len(), new.len()));
    for (old_place, new_place) in pairs(old, new).into_iter().chain(ends) {
        old[old_at..old_place].iter().for_each(|unit| add(Piece::Old(unit.text.to_owned())));
        new[new_at..new_place].iter().for_each(|unit| add(Piece::New(unit.text.to_owned())));
        if let (Some(before), Some(after)) = (old.get(old_place), new.get(new_place)) {
            by_words(before, after).into_iter().for_each(&mut add);
        }
        (old_at, new_at) = (old_place + 1, new_place + 1);
    }
    pieces
}

/// The places of units that are alike, in the order of both texts.
fn pairs(old: &[Unit<'_>], new: &[Unit<'_>]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) <= PAIRS_LIMIT {
        return best_pairs(old, new);
    }
    // A long table: rows that begin alike are the same row.
    let starts = |units: &'_ [Unit<'_>]| -> Vec<Vec<String>> {
        units.iter().map(|unit| unit.start().into_iter().map(str::to_owned).collect()).collect()
    };
    let mut pairs = Vec::new();
    for difference in differences(&starts(old), &starts(new)) {
        match difference {
            Difference::Same(old_range, new_range) => pairs.extend(old_range.zip(new_range)),
            Difference::Other(old_range, new_range) => {
                let (first, second) = (&old[old_range.clone()], &new[new_range.clone()]);
                let inner = if first.len().saturating_mul(second.len()) <= PAIRS_LIMIT {
                    best_pairs(first, second)
                } else {
                    let alike = |place: &usize| first[*place].shared(&second[*place]) > 0;
                    (0..first.len().min(second.len())).filter(alike).map(|place| (place, place)).collect()
                };
                pairs.extend(inner.into_iter().map(|(a, b)| (a + old_range.start, b + new_range.start)));
            }
        }
    }
    pairs
}

/// The pairs that share the most.
fn best_pairs(old: &[Unit<'_>], new: &[Unit<'_>]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut shared = vec![0; old.len() * new.len()];
    let mut best = vec![0; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let both = old[i].shared(&new[j]);
            shared[i * new.len() + j] = both;
            let pair = if both > 0 { both + best[(i + 1) * width + j + 1] } else { 0 };
            best[i * width + j] = pair.max(best[(i + 1) * width + j]).max(best[i * width + j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < old.len() && j < new.len() {
        let both = shared[i * new.len() + j];
        if both > 0 && best[i * width + j] == both + best[(i + 1) * width + j + 1] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[i * width + j] == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// What differs between two units, by words. Where little is alike the whole is replaced: two
/// sentences that share their articles are not one sentence with changes.
fn by_words(old: &Unit<'_>, new: &Unit<'_>) -> Vec<Piece> {
    let (old_words, new_words) = (words(old.text), words(new.text));
    let exact = old.exact || new.exact;
    let keys = |words: &[&'_ str]| -> Vec<String> {
        let last = words.len().saturating_sub(1);
        let of = |(place, word): (usize, &&str)| {
            let is_blank = !exact && word.trim().is_empty();
            if is_blank { (if place == last { "\n" } else { " " }).to_owned() } else { (*word).to_owned() }
        };
        words.iter().enumerate().map(of).collect()
    };
    let mut pieces: Vec<Piece> = Vec::new();
    for difference in differences(&keys(&old_words), &keys(&new_words)) {
        match difference {
            Difference::Same(_, range) => pieces.push(Piece::Same(new_words[range].concat())),
            Difference::Other(old_range, new_range) => {
                pieces.extend(whole(&old_words[old_range].concat(), &new_words[new_range].concat()));
            }
        }
    }
    let pieces = grouped(pieces);
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).count();
    let same: usize =
        pieces.iter().filter(|piece| matches!(piece, Piece::Same(_))).map(|one| letters(one.text())).sum();
    let (before, after) = (letters(old.text), letters(new.text));
    if same * 10 < before.min(after) * 3 { whole(old.text, new.text) } else { pieces }
}

fn whole(old: &str, new: &str) -> Vec<Piece> {
    let old = (!old.is_empty()).then(|| Piece::Old(old.to_owned()));
    let new = (!new.is_empty()).then(|| Piece::New(new.to_owned()));
    old.into_iter().chain(new).collect()
}

/// Words, runs of blanks and line ends, and every other character alone. What stands between two letters or digits
/// is part of the word: `2.1`, `2025-09-02`, `POL-001`.
fn words(text: &str) -> Vec<&str> {
    let sort = |character: char| match character {
        character if character.is_alphanumeric() || character == '_' => 0,
        character if character.is_whitespace() => 1,
        _ => 2,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let follows = characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let inside = ".-:/@'’".contains(character) && before == Some(0) && follows;
        let now = if inside { 0 } else { sort(character) };
        if before.is_some_and(|before| before != now || now == 2) {
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
                let is_break = text.chars().any(char::is_alphanumeric);
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

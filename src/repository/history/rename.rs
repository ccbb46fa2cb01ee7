//! Pairing files that a commit deletes with files that it adds: the same content first, then the
//! share of common lines and of common pieces of long lines, as git does by default.

use super::tree::File;
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher},
};

/// The largest number of pairs of one commit whose lines are compared. Above it only files of the
/// same name are.
const PAIR_LIMIT: usize = 100_000;
/// The largest file whose lines are compared, in bytes.
const SIZE_LIMIT: usize = 1024 * 1024;

/// A file that comes or goes.
pub(super) type Named<'p> = (&'p [u8], File);

/// Where contents come from; none where one cannot be read.
pub(super) trait Blobs {
    /// Its size, without reading it.
    fn size(&mut self, id: crate::history::ObjectId) -> Option<usize>;
    /// Its bytes.
    fn blob(&mut self, id: crate::history::ObjectId) -> Option<Vec<u8>>;
}

/// For each added file the deleted one that it was, if any.
pub(super) fn pair(blobs: &mut impl Blobs, deleted: &[Named<'_>], added: &[Named<'_>]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; added.len()];
    let mut taken = vec![false; deleted.len()];
    same_content(deleted, added, &mut pairs, &mut taken);
    alike(blobs, deleted, added, &mut pairs, &mut taken);
    pairs
}

fn same_content(deleted: &[Named<'_>], added: &[Named<'_>], pairs: &mut [Option<usize>], taken: &mut [bool]) {
    let mut by_id: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (old, (_, file)) in deleted.iter().enumerate() {
        by_id.entry(file.id).or_default().push(old);
    }
    // Files that kept their name choose first.
    for same_name in [true, false] {
        for (new, (path, file)) in added.iter().enumerate().filter(|(new, _)| pairs[*new].is_none()).collect::<Vec<_>>()
        {
            let found = by_id.get(&file.id).and_then(|candidates| {
                candidates.iter().copied().find(|&old| {
                    !taken[old]
                        && (!same_name || name(deleted[old].0) == name(path))
                        && kind(deleted[old].1) == kind(*file)
                })
            });
            if let Some(old) = found {
                pairs[new] = Some(old);
                taken[old] = true;
            }
        }
    }
}

fn alike(
    blobs: &mut impl Blobs,
    deleted: &[Named<'_>],
    added: &[Named<'_>],
    pairs: &mut [Option<usize>],
    taken: &mut [bool],
) {
    let sized = |files: &[Named<'_>], open: &dyn Fn(usize) -> bool, blobs: &mut dyn FnMut(File) -> Option<usize>| {
        let open = files.iter().enumerate().filter(|(at, (_, file))| open(*at) && kind(*file) == REGULAR);
        open.filter_map(|(at, (_, file))| {
            let size = blobs(*file).filter(|size| (1..=SIZE_LIMIT).contains(size))?;
            Some((at, size))
        })
        .collect::<Vec<_>>()
    };
    if pairs.iter().all(Option::is_some) || taken.iter().all(|taken| *taken) {
        return;
    }
    let news = sized(added, &|at| pairs[at].is_none(), &mut |file| blobs.size(file.id));
    let olds = sized(deleted, &|at| !taken[at], &mut |file| blobs.size(file.id));
    let only_same_name = news.len().saturating_mul(olds.len()) > PAIR_LIMIT;
    let mut pieces: BTreeMap<(bool, usize), Option<Pieces>> = BTreeMap::new();
    let mut scored: Vec<(u64, bool, usize, usize)> = Vec::new();
    for &(new, new_size) in &news {
        for &(old, old_size) in &olds {
            let same_name = name(added[new].0) == name(deleted[old].0);
            if only_same_name && !same_name || new_size.min(old_size) * 2 < new_size.max(old_size) {
                continue;
            }
            for (side, at, file) in [(true, new, added[new].1), (false, old, deleted[old].1)] {
                pieces.entry((side, at)).or_insert_with(|| blobs.blob(file.id).map(|bytes| Pieces::of(&bytes)));
            }
            let (Some(Some(a)), Some(Some(b))) = (pieces.get(&(true, new)), pieces.get(&(false, old))) else {
                continue;
            };
            let score = a.score(b);
            if score >= HALF {
                scored.push((score, same_name, new, old));
            }
        }
        pieces.remove(&(true, new));
    }
    // The best first; of equals the one that kept its name, then the first in order.
    scored.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then_with(|| (a.2, a.3).cmp(&(b.2, b.3))));
    for (_, _, new, old) in scored {
        if pairs[new].is_none() && !taken[old] {
            pairs[new] = Some(old);
            taken[old] = true;
        }
    }
}

const REGULAR: u32 = 0o100_000;
const WHOLE: u64 = 10_000;
const HALF: u64 = WHOLE / 2;

fn kind(file: File) -> u32 {
    file.mode & 0o170_000
}

fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The longest piece that is compared as one, in bytes: a paragraph on one line of which a word
/// changed is still mostly the same.
const PIECE: usize = 64;
/// How far git looks for a zero byte, which says that a file is no text.
const LOOKED_AT: usize = 8000;

/// The pieces of a file, as hashes with the bytes that each amounts to, sorted. A piece ends with
/// its line, or before.
struct Pieces {
    counts: Vec<(u64, u64)>,
    bytes: u64,
}

impl Pieces {
    fn of(bytes: &[u8]) -> Self {
        let is_text = !bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0);
        let mut hashes: Vec<(u64, u64)> = Vec::with_capacity(bytes.len() / 32);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            // How a line of text ends does not count.
            match line.strip_suffix(b"\r\n").filter(|_| is_text) {
                Some(text) => pieces(&[text, b"\n"].concat(), &mut hashes),
                None => pieces(line, &mut hashes),
            }
        }
        hashes.sort_unstable();
        let mut counts: Vec<(u64, u64)> = Vec::with_capacity(hashes.len());
        for (hash, length) in hashes {
            match counts.last_mut().filter(|last| last.0 == hash) {
                Some(last) => last.1 += length,
                None => counts.push((hash, length)),
            }
        }
        Self { counts, bytes: bytes.len() as u64 }
    }

    /// The share of the larger file that both have, in parts of `WHOLE`.
    fn score(&self, other: &Self) -> u64 {
        let (mut a, mut b) = (self.counts.iter().peekable(), other.counts.iter().peekable());
        let mut common = 0;
        while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
            match left.0.cmp(&right.0) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    common += left.1.min(right.1);
                    a.next();
                    b.next();
                }
            }
        }
        common * WHOLE / self.bytes.max(other.bytes).max(1)
    }
}

fn pieces(line: &[u8], found: &mut Vec<(u64, u64)>) {
    for piece in line.chunks(PIECE) {
        let mut hasher = DefaultHasher::new();
        hasher.write(piece);
        found.push((hasher.finish(), piece.len() as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::ObjectId;

    struct Made(Vec<&'static str>);

    impl Blobs for Made {
        fn size(&mut self, id: ObjectId) -> Option<usize> {
            self.0.get(usize::from(id.0[0])).map(|text| text.len())
        }

        fn blob(&mut self, id: ObjectId) -> Option<Vec<u8>> {
            self.0.get(usize::from(id.0[0])).map(|text| text.as_bytes().to_vec())
        }
    }

    fn file(id: u8) -> File {
        File { mode: 0o100_644, id: ObjectId([id; 20]) }
    }

    #[test]
    fn the_same_content_first_then_the_most_alike() {
        let mut made = Made(vec!["a\nb\nc\nd\n", "a\nb\nc\nx\n", "a\nb\ny\nx\n", "nothing\n"]);
        let deleted: [Named<'_>; 2] = [(b"old/a", file(0)), (b"old/b", file(2))];
        assert_eq!(pair(&mut made, &deleted, &[(b"new/c", file(1)), (b"new/b", file(2))]), [Some(0), Some(1)]);
        assert_eq!(pair(&mut made, &deleted, &[(b"new/c", file(3))]), [None]);
        // Twice the same content: the name decides.
        let twins: [Named<'_>; 2] = [(b"x/one", file(0)), (b"x/two", file(0))];
        assert_eq!(pair(&mut made, &twins, &[(b"y/two", file(0)), (b"y/one", file(0))]), [Some(1), Some(0)]);
    }
}

//! Tree objects: reading them and comparing two, without entering what is equal.

use crate::history::ObjectId;
use std::{cmp::Ordering, ffi::CStr, sync::Arc};

/// An entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    pub(super) mode: u32,
    pub(super) name: &'t [u8],
    pub(super) id: ObjectId,
}

/// The largest number of files and folders that one commit may change.
const CHANGE_LIMIT: usize = 4_000_000;
/// How deep folders may lie in each other.
const DEPTH_LIMIT: usize = 256;
const FOLDER: u32 = 0o040_000;
const SUBMODULE: u32 = 0o160_000;

impl Entry<'_> {
    fn is_folder(&self) -> bool {
        self.mode == FOLDER
    }

    /// Whether it is a file or a symbolic link. A submodule is another repository's matter.
    fn is_file(&self) -> bool {
        !self.is_folder() && self.mode != SUBMODULE
    }
}

/// A file of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) mode: u32,
    pub(super) id: ObjectId,
}

/// A file that is not the same in two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: Vec<u8>,
    pub(super) old: Option<File>,
    pub(super) new: Option<File>,
}

/// Where tree objects come from.
pub(super) trait Trees {
    /// The bytes of a tree.
    fn tree(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, String>;
}

/// Splits the first entry off a tree: the whole entry's length and the entry.
fn first(tree: &[u8]) -> Option<(usize, Entry<'_>)> {
    let space = tree.iter().take(8).position(|byte| *byte == b' ')?;
    let mode = tree[..space]
        .iter()
        .try_fold(0_u32, |mode, digit| (b'0'..=b'7').contains(digit).then(|| mode * 8 + u32::from(digit - b'0')))?;
    // The standard library searches a zero faster than a loop does.
    let zero = space + 1 + CStr::from_bytes_until_nul(&tree[space + 1..]).ok()?.count_bytes();
    let id = tree.get(zero + 1..zero + 21)?.try_into().ok()?;
    Some((zero + 21, Entry { mode, name: &tree[space + 1..zero], id: ObjectId(id) }))
}

/// The entries of a tree; a broken one ends it.
pub(super) fn entries(mut tree: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    std::iter::from_fn(move || {
        let (length, entry) = first(tree)?;
        tree = &tree[length..];
        Some(entry)
    })
}

/// How many bytes two trees have in common at their start.
fn common(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.chunks_exact(16).zip(b.chunks_exact(16)).take_while(|(a, b)| a == b).count() * 16;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

/// The order of git: a folder's name counts as if it ended with `/`.
fn order(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    let common = a.name.len().min(b.name.len());
    a.name[..common].cmp(&b.name[..common]).then_with(|| {
        let next =
            |entry: &Entry<'_>| entry.name.get(common).copied().unwrap_or(if entry.is_folder() { b'/' } else { 0 });
        next(a).cmp(&next(b))
    })
}

/// The files that differ between two trees, in the order of git. A tree that is not there is
/// empty.
pub(super) fn compare(
    trees: &mut impl Trees,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
) -> Result<Vec<Difference>, String> {
    let mut comparison = Comparison { trees, path: Vec::new(), differences: Vec::new(), folders: 0, depth: 0 };
    comparison.folder(old, new)?;
    Ok(comparison.differences)
}

struct Comparison<'t, T> {
    trees: &'t mut T,
    path: Vec<u8>,
    differences: Vec<Difference>,
    folders: usize,
    depth: usize,
}

impl<T: Trees> Comparison<'_, T> {
    fn folder(&mut self, old: Option<ObjectId>, new: Option<ObjectId>) -> Result<(), String> {
        if old == new {
            return Ok(());
        }
        self.folders += 1;
        if self.depth > DEPTH_LIMIT || self.folders > CHANGE_LIMIT || self.differences.len() > CHANGE_LIMIT {
            return Err(format!(
                "a commit changes more than {CHANGE_LIMIT} files or has folders more than {DEPTH_LIMIT} deep"
            ));
        }
        self.depth += 1;
        let old = old.map(|id| self.trees.tree(id)).transpose()?;
        let new = new.map(|id| self.trees.tree(id)).transpose()?;
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        let (mut a, mut b) = (old.as_slice(), new.as_slice());
        let mut same = common(a, b);
        while let Some((a_length, a_entry)) = first(a) {
            if a_length <= same {
                (a, b) = (&a[a_length..], &b[a_length..]);
                same -= a_length;
                continue;
            }
            let Some((b_length, b_entry)) = first(b) else { break };
            match order(&a_entry, &b_entry) {
                Ordering::Less => {
                    self.entry(Some(&a_entry), None)?;
                    a = &a[a_length..];
                }
                Ordering::Greater => {
                    self.entry(None, Some(&b_entry))?;
                    b = &b[b_length..];
                }
                Ordering::Equal => {
                    self.entry(Some(&a_entry), Some(&b_entry))?;
                    (a, b) = (&a[a_length..], &b[b_length..]);
                }
            }
            same = common(a, b);
        }
        for entry in entries(a) {
            self.entry(Some(&entry), None)?;
        }
        for entry in entries(b) {
            self.entry(None, Some(&entry))?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Entries of one name, both folders or both none.
    fn entry(&mut self, old: Option<&Entry<'_>>, new: Option<&Entry<'_>>) -> Result<(), String> {
        let Some(any) = old.or(new) else { return Ok(()) };
        let length = self.path.len();
        self.path.extend_from_slice(any.name);
        if any.is_folder() {
            self.path.push(b'/');
            self.folder(old.map(|old| old.id), new.map(|new| new.id))?;
        } else {
            let file = |entry: &Entry<'_>| entry.is_file().then_some(File { mode: entry.mode, id: entry.id });
            let (old, new) = (old.and_then(file), new.and_then(file));
            if old != new {
                self.differences.push(Difference { path: self.path.clone(), old, new });
            }
        }
        self.path.truncate(length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may stop at once")]
    use super::*;
    use std::collections::BTreeMap;

    struct Made(BTreeMap<ObjectId, Vec<u8>>);

    impl Trees for Made {
        fn tree(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, String> {
            self.0.get(&id).map(|tree| Arc::new(tree.clone())).ok_or_else(|| "missing".to_owned())
        }
    }

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        entries
            .iter()
            .flat_map(|(mode, name, id)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[*id; 20]].concat())
            .collect()
    }

    #[test]
    fn a_file_that_becomes_a_folder_goes_and_its_files_come() {
        let id = |id| ObjectId([id; 20]);
        let mut made = Made(BTreeMap::from([
            (id(1), tree(&[("100644", "a", 10), ("100644", "a.b", 11), ("160000", "sub", 12)])),
            (id(2), tree(&[("100644", "a.b", 11), ("40000", "a", 3), ("100755", "c", 14)])),
            (id(3), tree(&[("100644", "x", 13)])),
        ]));
        let found: Vec<String> = compare(&mut made, Some(id(1)), Some(id(2)))
            .unwrap()
            .iter()
            .map(|one| {
                format!(
                    "{}{}{}",
                    String::from_utf8_lossy(&one.path),
                    if one.old.is_some() { "-" } else { "" },
                    if one.new.is_some() { "+" } else { "" }
                )
            })
            .collect();
        assert_eq!(found, ["a-", "a/x+", "c+"]);
        assert_eq!(compare(&mut made, None, Some(id(3))).unwrap().len(), 1);
        assert!(compare(&mut made, None, Some(id(9))).is_err());
    }
}

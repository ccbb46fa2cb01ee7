//! What one commit did to files, against all of its parents.

use super::{
    rename::{Blobs, Named, pair},
    tree::{Difference, File, Trees, compare},
};
use crate::history::ObjectId;
use std::collections::{BTreeMap, BTreeSet};

/// A commit whose trees are to be compared.
pub(super) struct Work {
    /// Its number in the order of discovery.
    pub(super) commit: u32,
    /// Its tree.
    pub(super) tree: ObjectId,
    /// The trees of its parents.
    pub(super) parents: Vec<ObjectId>,
}

/// What happened to a file; see `history::How`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    Added,
    Modified,
    ModeChanged,
    Renamed,
    Deleted,
    RenamedAway,
}

/// A file that a commit touched; see `history::Changed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) path: Vec<u8>,
    pub(super) how: Option<Happened>,
    pub(super) from: Vec<(u32, Vec<u8>)>,
    pub(super) blob: Option<ObjectId>,
}

/// What a commit did.
pub(super) fn touched(objects: &mut (impl Trees + Blobs), work: &Work) -> Result<Vec<Touch>, String> {
    match work.parents.as_slice() {
        [] => {
            let differences = compare(objects, None, Some(work.tree))?;
            Ok(of_one_parent(objects, differences))
        }
        [parent] => {
            let differences = compare(objects, Some(*parent), Some(work.tree))?;
            Ok(of_one_parent(objects, differences))
        }
        parents => of_merge(objects, work.tree, parents),
    }
}

fn of_one_parent(blobs: &mut impl Blobs, differences: Vec<Difference>) -> Vec<Touch> {
    let origins = origins(blobs, &differences, |_| true);
    let away: BTreeSet<usize> = origins.values().copied().collect();
    let paths: BTreeMap<usize, Vec<u8>> = away.iter().map(|old| (*old, differences[*old].path.clone())).collect();
    let touch = |(at, difference): (usize, Difference)| {
        let origin = origins.get(&at).and_then(|old| paths.get(old));
        let how = match (difference.old, difference.new) {
            (None, _) if origin.is_some() => Happened::Renamed,
            (None, _) => Happened::Added,
            (Some(_), None) if away.contains(&at) => Happened::RenamedAway,
            (Some(_), None) => Happened::Deleted,
            (Some(old), Some(new)) if old.id == new.id => Happened::ModeChanged,
            _ => Happened::Modified,
        };
        Touch {
            path: difference.path,
            how: Some(how),
            from: origin.map(|path| (0, path.clone())).into_iter().collect(),
            blob: difference.new.map(|new| new.id),
        }
    };
    differences.into_iter().enumerate().map(touch).collect()
}

/// For each of the differences that is an addition and wanted, the deletion that it comes from.
fn origins(
    blobs: &mut impl Blobs,
    differences: &[Difference],
    wanted: impl Fn(&Difference) -> bool,
) -> BTreeMap<usize, usize> {
    let places = |is: &dyn Fn(&Difference) -> bool| -> Vec<usize> {
        differences.iter().enumerate().filter(|(_, one)| is(one)).map(|(at, _)| at).collect()
    };
    let deleted = places(&|one| one.new.is_none());
    if deleted.is_empty() {
        return BTreeMap::new();
    }
    let added = places(&|one| one.old.is_none() && wanted(one));
    let named = |at: &usize, file: fn(&Difference) -> Option<File>| -> Option<Named<'_>> {
        differences.get(*at).and_then(|one| Some((one.path.as_slice(), file(one)?)))
    };
    let old: Vec<Named<'_>> = deleted.iter().filter_map(|at| named(at, |one| one.old)).collect();
    let new: Vec<Named<'_>> = added.iter().filter_map(|at| named(at, |one| one.new)).collect();
    let pairs = if new.is_empty() { Vec::new() } else { pair(blobs, &old, &new) };
    added.iter().zip(pairs).filter_map(|(at, old)| Some((*at, *deleted.get(old?)?))).collect()
}

/// A file of a merge: as it is there, and for each parent nothing where that has it the same.
#[expect(clippy::option_option, reason = "as in a parent: the same, or else there or not")]
struct Merged {
    new: Option<File>,
    old: Vec<Option<Option<File>>>,
}

fn of_merge(objects: &mut (impl Trees + Blobs), tree: ObjectId, parents: &[ObjectId]) -> Result<Vec<Touch>, String> {
    let mut by_parent: Vec<Vec<Difference>> = Vec::with_capacity(parents.len());
    for parent in parents {
        by_parent.push(compare(objects, Some(*parent), Some(tree))?);
    }
    let mut files: BTreeMap<&[u8], Merged> = BTreeMap::new();
    for (parent, differences) in by_parent.iter().enumerate() {
        for one in differences {
            let merged =
                files.entry(&one.path).or_insert_with(|| Merged { new: one.new, old: vec![None; parents.len()] });
            merged.old[parent] = Some(one.old);
        }
    }
    // As its first parent has it: nothing to say.
    files.retain(|_, merged| merged.old.first().is_some_and(Option::is_some));
    let differs_from_all = |path: &[u8]| files.get(path).is_some_and(|merged| merged.old.iter().all(Option::is_some));
    let mut origins_by_parent: Vec<BTreeMap<&[u8], &[u8]>> = Vec::with_capacity(parents.len());
    for differences in &by_parent {
        let found = origins(objects, differences, |one| differs_from_all(&one.path));
        let paths =
            found.iter().map(|(new, old)| (differences[*new].path.as_slice(), differences[*old].path.as_slice()));
        origins_by_parent.push(paths.collect());
    }
    let touch = |(path, merged): (&&[u8], &Merged)| {
        if let Some(same) = merged.old.iter().position(Option::is_none) {
            // What the first parent had instead was dropped.
            let dropped = merged.new.and(merged.old.first().copied().flatten().flatten()).map(|_| 0);
            return Touch {
                path: path.to_vec(),
                how: None,
                from: dropped.into_iter().chain([number(same)]).map(|parent| (parent, path.to_vec())).collect(),
                blob: merged.new.map(|new| new.id),
            };
        }
        let from: Vec<(u32, Vec<u8>)> = origins_by_parent
            .iter()
            .enumerate()
            .map(|(parent, origins)| (number(parent), origins.get(path).unwrap_or(path).to_vec()))
            .collect();
        let before: Vec<File> = merged.old.iter().flatten().flatten().copied().collect();
        let how = match merged.new {
            None if origins_by_parent.iter().any(|origins| origins.values().any(|old| old == path)) => {
                Happened::RenamedAway
            }
            None => Happened::Deleted,
            Some(_) if before.is_empty() && from.iter().any(|(_, old)| old != path) => Happened::Renamed,
            Some(_) if before.is_empty() => Happened::Added,
            Some(new) if before.iter().all(|old| old.id == new.id) => Happened::ModeChanged,
            Some(_) => Happened::Modified,
        };
        Touch { path: path.to_vec(), how: Some(how), from, blob: merged.new.map(|new| new.id) }
    };
    Ok(files.iter().map(touch).collect())
}

fn number(parent: usize) -> u32 {
    u32::try_from(parent).unwrap_or(u32::MAX)
}

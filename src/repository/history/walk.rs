//! One walk over all commits that lead to a tip. Commits are discovered by one thread; meanwhile
//! the others compare trees, and when all are discovered that thread joins them.

use super::{
    commit,
    objects::{Handles, Objects},
    touched::{Happened, Touch, Work, touched},
};
use crate::{
    history::{Changed, Commit, How, ObjectId, Touched},
    lookup::Lookup,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    hash::{DefaultHasher, Hasher},
    sync::{Mutex, PoisonError},
};

/// How many commits one piece of work has. Neighbours share trees.
const PIECE: usize = 256;

/// What a walk found. No commit stands before one that follows it, the newest are first.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) commits: Vec<Commit>,
    pub(super) touched: Vec<Touched>,
    /// Paths by their number.
    pub(super) paths: Paths,
    /// How many contents could not be read while looking for renames.
    pub(super) missing: usize,
}

/// Paths and their numbers.
#[derive(Debug, Default)]
pub(super) struct Paths {
    pub(super) names: Vec<Vec<u8>>,
    /// Numbers by a hash of the path, and a count where hashes are equal: paths have long
    /// beginnings in common, which makes comparing them slow.
    numbers: Lookup<(u64, u32), u32>,
}

impl Paths {
    /// These paths, numbered as they stand; none where one stands twice.
    pub(super) fn of(names: Vec<Vec<u8>>) -> Option<Self> {
        let mut paths = Self::default();
        for (number, name) in (0..).zip(names) {
            if paths.number(name) != number {
                return None;
            }
        }
        Some(paths)
    }

    fn number(&mut self, path: Vec<u8>) -> u32 {
        match self.look_up(&path) {
            Ok(number) => number,
            Err(free) => {
                let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                *self.numbers.entry(free) = number;
                self.names.push(path);
                number
            }
        }
    }

    pub(super) fn find(&self, path: &[u8]) -> Option<u32> {
        self.look_up(path).ok()
    }

    /// The number of a path, or the key that it would get.
    fn look_up(&self, path: &[u8]) -> Result<u32, (u64, u32)> {
        let mut hasher = DefaultHasher::new();
        hasher.write(path);
        let mut key = (hasher.finish(), 0);
        while let Some(number) = self.numbers.get(&key) {
            if self.name(*number) == path {
                return Ok(*number);
            }
            key.1 += 1;
        }
        Err(key)
    }

    pub(super) fn name(&self, number: u32) -> &[u8] {
        self.names.get(number as usize).map_or(&[], Vec::as_slice)
    }
}

/// What the threads bring together.
#[derive(Default)]
struct Collected {
    paths: Paths,
    changes: Vec<(u32, Vec<Changed>)>,
    missing: usize,
    failed: Option<String>,
}

/// Commits in the order of their discovery.
#[derive(Default)]
struct Discovered {
    commits: Vec<Commit>,
    /// Their trees; none where an earlier walk knew the commit, until it is needed.
    trees: Vec<Option<ObjectId>>,
    numbers: Lookup<ObjectId, u32>,
    /// The tip of the earlier walk, and whether this one came by.
    known: Option<(ObjectId, bool)>,
}

/// Walks over all commits that lead to `tip`; of those that an earlier walk passed, only the new
/// ones. Where the history was rewritten since, or it was another branch, the earlier walk is of no
/// use. The second value says how many are new.
pub(super) fn walk(handles: &Handles, tip: ObjectId, earlier: Option<Walked>) -> Result<(Walked, usize), String> {
    if let Some(earlier) = earlier {
        let known = earlier.commits.len();
        if let Some(walked) = walk_on(handles, tip, earlier)? {
            let new = walked.commits.len().saturating_sub(known);
            return Ok((walked, new));
        }
    }
    let walked = walk_on(handles, tip, Walked::default())?;
    let walked = walked.ok_or_else(|| format!("the commits that lead to {tip} follow each other in a circle"))?;
    let new = walked.commits.len();
    Ok((walked, new))
}

/// Goes on from an earlier walk; nothing where its tip is not behind this one.
fn walk_on(handles: &Handles, tip: ObjectId, earlier: Walked) -> Result<Option<Walked>, String> {
    let mut collected = Collected { paths: earlier.paths, missing: earlier.missing, ..Collected::default() };
    for (number, touched) in (0..).zip(earlier.touched) {
        collected.changes.push((number, touched.changes));
    }
    let found = Discovered::of(earlier.commits);
    let collected = Mutex::new(collected);
    let discovered = rayon::scope(|scope| {
        discover(handles, tip, found, |piece| {
            let collected = &collected;
            scope.spawn(move |_| work(handles, &piece, collected));
        })
    })?;
    let collected = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
    match collected.failed {
        Some(reason) => Err(reason),
        None if discovered.known.is_some_and(|(_, passed)| !passed) => Ok(None),
        None => Ok(in_order(tip, discovered, collected)),
    }
}

/// Reads all commits, and hands out those whose parents are known too, in pieces.
fn discover(
    handles: &Handles,
    tip: ObjectId,
    mut found: Discovered,
    mut hand_out: impl FnMut(Vec<Work>),
) -> Result<Discovered, String> {
    handles.lend(|objects| {
        let mut pending = vec![tip];
        let mut waiting: BTreeMap<ObjectId, Vec<u32>> = BTreeMap::new();
        let mut missing: Vec<usize> = vec![0; found.commits.len()];
        let mut ready: Vec<Work> = Vec::with_capacity(PIECE);
        while let Some(id) = pending.pop() {
            if found.is_known(id) {
                continue;
            }
            let (commit, tree) = read(objects, id)?;
            let number = u32::try_from(found.commits.len()).map_err(|_| "there are too many commits".to_owned())?;
            *found.numbers.entry(id) = number;
            let mut absent = 0;
            // The first parent is taken next, so that neighbours are discovered together.
            for parent in commit.parents.iter().rev() {
                if !found.is_known(*parent) {
                    absent += 1;
                    waiting.entry(*parent).or_default().push(number);
                    pending.push(*parent);
                }
            }
            found.commits.push(commit);
            found.trees.push(Some(tree));
            missing.push(absent);
            let mut complete: Vec<u32> = if absent == 0 { vec![number] } else { Vec::new() };
            for child in waiting.remove(&id).unwrap_or_default() {
                missing[child as usize] -= 1;
                if missing[child as usize] == 0 {
                    complete.push(child);
                }
            }
            for number in complete {
                ready.push(found.work(objects, number)?);
                if ready.len() == PIECE {
                    hand_out(std::mem::replace(&mut ready, Vec::with_capacity(PIECE)));
                }
            }
        }
        if !ready.is_empty() {
            hand_out(ready);
        }
        Ok(found)
    })
}

/// A commit and its tree.
fn read(objects: &mut Objects<'_>, id: ObjectId) -> Result<(Commit, ObjectId), String> {
    let bytes = objects.commit(id)?;
    commit::parse(id, &bytes).ok_or_else(|| format!("commit {id} cannot be understood"))
}

impl Discovered {
    /// What an earlier walk knew.
    fn of(commits: Vec<Commit>) -> Self {
        let numbers = commits.iter().zip(0..).map(|(commit, number)| (commit.id, number)).collect();
        let known = commits.first().map(|commit| (commit.id, false));
        Self { trees: vec![None; commits.len()], commits, numbers, known }
    }

    fn is_known(&mut self, id: ObjectId) -> bool {
        if let Some((tip, passed)) = &mut self.known {
            *passed |= *tip == id;
        }
        self.numbers.get(&id).is_some()
    }

    fn work(&mut self, objects: &mut Objects<'_>, number: u32) -> Result<Work, String> {
        let parents = &self.commits[number as usize].parents;
        let parents: Vec<u32> = parents.iter().filter_map(|id| self.numbers.get(id).copied()).collect();
        let mut trees = Vec::with_capacity(parents.len());
        for parent in parents {
            trees.push(self.tree(objects, parent)?);
        }
        Ok(Work { commit: number, tree: self.tree(objects, number)?, parents: trees })
    }

    fn tree(&mut self, objects: &mut Objects<'_>, number: u32) -> Result<ObjectId, String> {
        let tree = &mut self.trees[number as usize];
        if let Some(tree) = tree {
            return Ok(*tree);
        }
        Ok(*tree.insert(read(objects, self.commits[number as usize].id)?.1))
    }
}

/// Compares the trees of a piece of commits.
fn work(handles: &Handles, piece: &[Work], collected: &Mutex<Collected>) {
    let lock = || collected.lock().unwrap_or_else(PoisonError::into_inner);
    if lock().failed.is_some() {
        return;
    }
    let done = handles.lend(|objects| {
        let mut done = Vec::with_capacity(piece.len());
        for work in piece {
            done.push((work.commit, touched(objects, work)?));
        }
        Ok((done, std::mem::take(&mut objects.missing)))
    });
    let mut collected = lock();
    match done {
        Ok((done, missing)) => {
            collected.missing += missing;
            for (commit, touches) in done {
                let changes = touches.into_iter().map(|touch| numbered(touch, &mut collected.paths)).collect();
                collected.changes.push((commit, changes));
            }
        }
        Err(reason) => collected.failed = Some(reason),
    }
}

fn numbered(touch: Touch, paths: &mut Paths) -> Changed {
    let path = paths.number(touch.path);
    let from: Vec<(u32, u32)> = touch.from.into_iter().map(|(parent, path)| (parent, paths.number(path))).collect();
    let how = touch.how.map(|how| match how {
        Happened::Added => How::Added,
        Happened::Modified => How::Modified,
        Happened::ModeChanged => How::ModeChanged,
        Happened::Renamed => How::RenamedFrom(from.iter().find(|(_, old)| *old != path).map_or(path, |(_, old)| *old)),
        Happened::Deleted => How::Deleted,
        Happened::RenamedAway => How::RenamedAway,
    });
    Changed { path, how, from, blob: touch.blob }
}

/// Puts the commits in order: by their dates, then their ids, but no commit before one that follows
/// it. In which order they were discovered plays no part, so that an earlier walk changes nothing.
/// None where one stands twice or before itself, which no walk finds and no cache of ours holds.
fn in_order(tip: ObjectId, mut found: Discovered, collected: Collected) -> Option<Walked> {
    let mut changes: Vec<Vec<Changed>> = vec![Vec::new(); found.commits.len()];
    for (commit, of_commit) in collected.changes {
        changes[commit as usize] = of_commit;
    }
    let mut parents: Vec<Vec<u32>> = found
        .commits
        .iter()
        .map(|commit| commit.parents.iter().filter_map(|id| found.numbers.get(id).copied()).collect())
        .collect();
    let mut followers = vec![0_u32; parents.len()];
    for parent in parents.iter().flatten() {
        followers[*parent as usize] += 1;
    }
    let rank = |number: u32| {
        let commit = &found.commits[number as usize];
        (commit.committed.map_or(0, |moment| moment.seconds), Reverse(commit.id), number)
    };
    let start = found.numbers.get(&tip).filter(|number| followers[**number as usize] == 0);
    let mut heap: BinaryHeap<_> = start.map(|number| rank(*number)).into_iter().collect();
    let mut order = Vec::with_capacity(parents.len());
    while let Some((_, _, number)) = heap.pop() {
        order.push(number);
        for &parent in &parents[number as usize] {
            followers[parent as usize] -= 1;
            if followers[parent as usize] == 0 {
                heap.push(rank(parent));
            }
        }
    }
    if order.len() != parents.len() {
        return None;
    }
    let mut places = vec![0_u32; parents.len()];
    for (place, number) in (0_u32..).zip(&order) {
        places[*number as usize] = place;
    }
    let touched = order.iter().map(|number| {
        let number = *number as usize;
        let mut parents = std::mem::take(&mut parents[number]);
        for parent in &mut parents {
            *parent = places[*parent as usize];
        }
        Touched { parents, changes: std::mem::take(&mut changes[number]) }
    });
    let touched: Vec<Touched> = touched.collect();
    // Commits are large: each is moved once, to where it belongs.
    for number in 0..places.len() {
        while places[number] as usize != number {
            let place = places[number] as usize;
            found.commits.swap(number, place);
            places.swap(number, place);
        }
    }
    Some(Walked { commits: found.commits, touched, paths: collected.paths, missing: collected.missing })
}

//! Which commits made the versions of which file: following files from the tip back through
//! changes, renames and merges.
//!
//! A merge that leaves a file as one of its parents has it made no version of it; the file is
//! followed to the first such parent, as `git log` does. What a dropped side branch did to it is
//! therefore not among its versions. What the first-parent line had is, even where a merge took the
//! file from a branch instead: it was there for all to see.
//!
//! `git log --follow` lists other commits. It never shows a merge (without `-c`), also where that
//! put together what stood in no parent; it shows every commit of every branch that touched the
//! file, whether or not anything of it was taken; and it follows one name at a time, in the order
//! of dates, so that it loses what other branches did under another name.

mod line;

use std::collections::BTreeMap;

/// What a commit did to one file, and where the file was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The file.
    pub path: u32,
    /// What happened; none where a merge took the file from a parent other than its first. Its
    /// first stands before that one in `from` where it had another content.
    pub how: Option<How>,
    /// Where the file is followed to: parents, from 0, and the path there. Nothing means the first
    /// parent and the same path.
    pub from: Vec<(u32, u32)>,
    /// Its content afterwards; none where it was deleted.
    pub blob: Option<super::ObjectId>,
}

/// How a file changed, with paths as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was not there before.
    Added,
    /// Its content changed.
    Modified,
    /// Only its mode changed.
    ModeChanged,
    /// It had this path before.
    RenamedFrom(u32),
    /// It is gone.
    Deleted,
    /// It is gone, and goes on under another path.
    RenamedAway,
}

/// A commit for the purpose of following files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Places of its parents in the list.
    pub parents: Vec<u32>,
    /// What it did. A file that is not named is as the first parent has it.
    pub changes: Vec<Changed>,
}

/// A file that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its path at the tip, or its last one where it is gone.
    pub path: u32,
    /// Whether it is gone at the tip.
    pub gone: bool,
    /// Its versions, newest first: place of the commit, and which of that commit's changes. Where
    /// a merge took it from a branch in place of what the first-parent line had, those that came
    /// by a later commit of that line are first.
    pub versions: Vec<(u32, u32)>,
}

/// Who is followed under a path.
#[derive(Clone, Debug)]
enum Here {
    /// These files.
    Files(Vec<u32>),
    /// Nobody: a rename began here, an older file of that name is another file.
    Ended,
    /// Nobody: the file is followed on another line.
    Elsewhere,
}

/// Who is followed at a commit.
#[derive(Debug, Default)]
struct Following {
    /// Whether every file of the tip is followed under its own path, where nothing else is said.
    /// This holds on the first-parent line.
    all: bool,
    here: BTreeMap<u32, Here>,
}

/// Follows files from the first commit of a list, in which no commit stands before one that
/// follows it. `tip` holds the paths that the first commit has, sorted.
pub fn follow(commits: &[Touched], tip: &[u32]) -> Vec<Followed> {
    let mut files: Vec<Followed> =
        tip.iter().map(|&path| Followed { path, gone: false, versions: Vec::new() }).collect();
    let mut pending: BTreeMap<u32, Following> = BTreeMap::new();
    pending.insert(0, Following { all: true, here: BTreeMap::new() });
    let mut taken: Vec<Taken> = Vec::new();
    while let Some((place, mut following)) = pending.pop_first() {
        let Some(commit) = commits.get(place as usize) else { continue };
        let mut elsewhere: Vec<Following> = commit.parents.iter().skip(1).map(|_| Following::default()).collect();
        taken.extend(step(place, commit, tip, &mut following, &mut elsewhere, &mut files));
        for (parent, following) in commit.parents.iter().zip(std::iter::once(following).chain(elsewhere)) {
            if following.all || !following.here.is_empty() {
                let joined = match pending.remove(parent) {
                    Some(other) => join(other, following, tip),
                    None => following,
                };
                pending.insert(*parent, joined);
            }
        }
    }
    line::settle(commits, &mut files, taken);
    files.retain(|file| !file.gone || !file.versions.is_empty());
    files
}

/// A merge of the first-parent line that took a file from another parent than its first, which had
/// it too: the file, the place of the merge, and which of its changes.
type Taken = (u32, u32, u32);

/// Passes one commit: notes versions, and moves those that are followed to its parents.
fn step(
    place: u32,
    commit: &Touched,
    tip: &[u32],
    following: &mut Following,
    elsewhere: &mut [Following],
    files: &mut Vec<Followed>,
) -> Vec<Taken> {
    let mut taken = Vec::new();
    let mut moves: Vec<(u32, u32, Vec<u32>)> = Vec::new();
    for (index, change) in (0_u32..).zip(&commit.changes) {
        let mut found = following.files(change.path, tip);
        let away = change.how == Some(How::RenamedAway);
        if found.is_empty() && change.blob.is_none() && !away && following.may_begin(change.path) {
            // The trail of a file that is gone begins here.
            found.push(u32::try_from(files.len()).unwrap_or(u32::MAX));
            files.push(Followed { path: change.path, gone: true, versions: Vec::new() });
        }
        if change.how.is_some() && !away {
            for &file in &found {
                let versions = &mut files[file as usize].versions;
                if versions.last().is_none_or(|last| last.0 != place) {
                    versions.push((place, index));
                }
            }
        }
        if away {
            // What has this name later is another file: it was not there before.
            following.leave(change.path, Here::Ended);
            continue;
        }
        // What a branch dropped that took the file from elsewhere is work in progress.
        let counts = change.how.is_some() || following.all;
        let stays = change.from.is_empty() || counts && change.from.contains(&(0, change.path));
        if stays && change.how.is_none() {
            taken.extend(found.iter().map(|&file| (file, place, index)));
        }
        if !stays {
            let renamed = change.from.iter().any(|(parent, _)| *parent == 0);
            following.leave(change.path, if renamed { Here::Ended } else { Here::Elsewhere });
        }
        if found.is_empty() {
            continue;
        }
        let targets = change.from.iter().filter(|from| **from != (0, change.path));
        moves.extend(targets.map(|&(parent, path)| (parent, path, found.clone())));
        if stays && following.files(change.path, tip) != found {
            following.here.insert(change.path, Here::Files(found));
        }
    }
    // All leave before anyone arrives: a commit may turn names round.
    for (parent, path, found) in moves {
        match parent.checked_sub(1) {
            None => following.arrive(path, found),
            Some(other) => {
                if let Some(other) = elsewhere.get_mut(other as usize) {
                    other.arrive(path, found);
                }
            }
        }
    }
    taken
}

impl Following {
    fn files(&self, path: u32, tip: &[u32]) -> Vec<u32> {
        match self.here.get(&path) {
            Some(Here::Files(files)) => files.clone(),
            None if self.all => {
                tip.binary_search(&path).ok().and_then(|at| u32::try_from(at).ok()).into_iter().collect()
            }
            Some(Here::Ended | Here::Elsewhere) | None => Vec::new(),
        }
    }

    /// Whether a file that is gone may begin its trail here.
    fn may_begin(&self, path: u32) -> bool {
        self.all && matches!(self.here.get(&path), None | Some(Here::Ended))
    }

    fn leave(&mut self, path: u32, mark: Here) {
        if self.all {
            self.here.insert(path, mark);
        } else {
            self.here.remove(&path);
        }
    }

    fn arrive(&mut self, path: u32, found: Vec<u32>) {
        match self.here.get_mut(&path) {
            Some(Here::Files(files)) => {
                files.extend(found);
                files.sort_unstable();
                files.dedup();
            }
            _ => drop(self.here.insert(path, Here::Files(found))),
        }
    }
}

/// Brings together what two lines follow at the commit where they part.
fn join(a: Following, b: Following, tip: &[u32]) -> Following {
    let (mut wide, narrow) = if b.all { (b, a) } else { (a, b) };
    for (path, here) in narrow.here {
        if let Here::Files(mut found) = here {
            if wide.all && !wide.here.contains_key(&path) {
                let own = wide.files(path, tip);
                if own == found {
                    continue;
                }
                found.extend(own);
                found.sort_unstable();
                found.dedup();
            }
            wide.arrive(path, found);
        }
    }
    wide
}

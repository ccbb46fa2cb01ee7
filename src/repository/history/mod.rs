//! The history of the SMS: one walk over all commits, files followed through renames and merges.

mod by_day;
pub(super) mod commit;
mod objects;
mod pack;
mod rename;
mod saved;
mod touched;
mod tree;
mod walk;

use super::{Repository, cache::Cache, git};
use crate::history::{Change, Followed, History, How, Mailmap, ObjectId, Version, follow};
use anyhow::{Result, anyhow, bail};
use git2::BranchType;
use objects::Objects;
pub(super) use objects::{Handles, oid, plain};
use rayon::prelude::*;
use smol_str::SmolStr;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tree::{Trees, entries};
use walk::{Walked, walk};

pub(super) use by_day::last_before;

const MAILMAP: &[u8] = b".mailmap";
const IGNORED: &[u8] = b".git-blame-ignore-revs";

impl Repository {
    /// The history up to the tip of the default branch. Where there is none, it says why.
    pub fn history(&self) -> Result<History> {
        self.unread_history(None).map(Unread::read)
    }

    /// The history up to a revision.
    pub fn history_at(&self, revision: &str) -> Result<History> {
        self.unread_history(Some(revision)).map(Unread::read)
    }

    /// What is to be read for the history up to a revision, else to the tip of the default branch.
    pub fn unread_history(&self, revision: Option<&str>) -> Result<Unread> {
        let Some(git) = &self.git else {
            return Ok(Unread::Nothing("there is no git repository, so there is no history".to_owned()));
        };
        // A shallow clone is told as one, whatever else it lacks.
        let default = default_tip(git, self.default_branch.as_deref());
        let default_id = default.as_ref().ok().and_then(|tip| tip.as_ref().map(git2::Commit::id));
        let tip = match (revision, default) {
            (Some("HEAD"), _) if git::head(git)?.is_none() => None,
            (Some(name), _) => Some(git::commit(git, name)?),
            (None, Ok(tip)) => tip,
            (None, Err(_)) if git.is_shallow() => git::head(git).ok().flatten(),
            // What is judged by its files alone is judged all the same.
            (None, Err(error)) => return Ok(Unread::Nothing(format!("{error:#}"))),
        };
        let Some(tip) = tip else {
            return Ok(Unread::Nothing("nothing is committed yet, so there is no history".to_owned()));
        };
        if git.is_shallow() {
            let reason = format!("the clone is shallow, its history is cut off; {}", git::FETCH_WHOLE);
            return Ok(Unread::Nothing(reason));
        }
        // Holding every object against its id takes longer than all the rest. Who vouches for the
        // history asks for it; else `git fsck` is for that.
        git2::opts::strict_hash_verification(self.verify);
        let here = self.revision.commit.as_deref().and_then(|commit| git2::Oid::from_str(commit).ok());
        // What another branch was asked for once is no start for the next run.
        let is_default = default_id == Some(tip.id());
        Ok(Unread::UpTo(Box::new(UpTo {
            tip: plain(tip.id()).ok_or_else(|| anyhow!("`{}` is no SHA-1 id", tip.id()))?,
            parted: here.and_then(|here| git.merge_base(here, tip.id()).ok()).and_then(plain),
            handles: self.handles(git),
            folder: self.prefix.clone(),
            cache: self.cache.clone().map(|cache| (cache, is_default)),
        })))
    }

    /// The commit from which the history is read, where it can be: of the revision, else the tip of
    /// the default branch.
    pub fn evidence_head(&self, revision: Option<&str>) -> Option<ObjectId> {
        let git = self.git.as_ref().filter(|git| !git.is_shallow())?;
        let tip = match revision {
            Some(name) => git::commit(git, name).ok(),
            None => default_tip(git, self.default_branch.as_deref()).ok().flatten(),
        };
        plain(tip?.id())
    }

    /// The contents of files by their id in git, for several threads; none where there is no git.
    pub fn contents(&self) -> Option<Contents> {
        Some(Contents(self.handles(self.git.as_ref()?)))
    }

    fn handles(&self, git: &git2::Repository) -> Arc<Handles> {
        self.handles.get_or_init(|| Arc::new(Handles::new(git, self.verify))).clone()
    }
}

/// A history that is not read yet: any thread can do that.
pub enum Unread {
    /// There is none, and why.
    Nothing(String),
    /// That which leads to a commit.
    UpTo(Box<UpTo>),
}

/// The commits that lead to a tip, not read yet.
pub struct UpTo {
    tip: ObjectId,
    /// Where the commit that is read parted from what leads to the tip.
    parted: Option<ObjectId>,
    handles: Arc<Handles>,
    folder: String,
    /// The cache, and whether the walk is to be left there.
    cache: Option<(Cache, bool)>,
}

impl Unread {
    /// Reads it. Where there is none, it says why.
    pub fn read(self) -> History {
        let UpTo { tip, parted, handles, folder, cache } = match self {
            Self::Nothing(reason) => return History::not_evaluated(reason),
            Self::UpTo(up_to) => *up_to,
        };
        let cache = cache.as_ref().map(|(cache, leave)| (cache, *leave));
        let mut history = read(&handles, tip, &folder, cache).unwrap_or_else(History::not_evaluated);
        history.parted = parted;
        history
    }
}

/// Gives the contents of files.
pub struct Contents(Arc<Handles>);

impl Contents {
    /// The content of a file; none where the repository does not have it.
    pub fn read(&self, id: ObjectId) -> Option<Arc<Vec<u8>>> {
        self.0.lend(|objects| objects.file(id)).ok()
    }

    /// Where the content lies among the others: neighbours are read quicker one after the other.
    pub fn place(&self, id: ObjectId) -> usize {
        self.0.place(id)
    }
}

/// The tip of the default branch: the one that the configuration names, else the one that the remote
/// names, else `main` or `master`, else the branch on which the work tree stands. A detached head is
/// no branch: in a pull request it is the change itself, which would be its own evidence. Of the
/// local and the remote branch the one that is ahead counts. None where nothing is committed; one
/// that is there and cannot be read is an error, since another in its place would tell another
/// history.
pub(super) fn default_tip<'git>(
    git: &'git git2::Repository,
    configured: Option<&str>,
) -> Result<Option<git2::Commit<'git>>> {
    let remote_head = git::there(git.find_reference("refs/remotes/origin/HEAD"), "`origin/HEAD`")?;
    let named = remote_head
        .as_ref()
        .and_then(|head| head.symbolic_target().ok().flatten())
        .and_then(|target| target.strip_prefix("refs/remotes/origin/").map(str::to_owned));
    let branch = |name: &str, kind| {
        let what = format!("the branch `{name}`");
        let branch = git::there(git.find_branch(name, kind), &what)?;
        branch.map(|branch| branch.get().peel_to_commit().map_err(|error| git::unreadable(&what, &error))).transpose()
    };
    let others = named.into_iter().chain(["main", "master"].map(str::to_owned));
    let candidates: Vec<String> = configured.map_or_else(|| others.collect(), |name| vec![name.to_owned()]);
    for name in candidates {
        let local = branch(&name, BranchType::Local)?;
        let remote = branch(&format!("origin/{name}"), BranchType::Remote)?;
        match (local, remote) {
            (Some(local), Some(remote)) => {
                let ahead = match git.graph_descendant_of(local.id(), remote.id()) {
                    Ok(ahead) => ahead || local.id() == remote.id(),
                    Err(_) if git.is_shallow() => local.id() == remote.id(),
                    Err(error) => return Err(git::unreadable(&format!("the history of `{name}`"), &error)),
                };
                return Ok(Some(if ahead { local } else { remote }));
            }
            (Some(tip), None) | (None, Some(tip)) => return Ok(Some(tip)),
            (None, None) => {}
        }
    }
    let Some(head) = git::head(git)? else { return Ok(None) };
    match configured {
        Some(name) => bail!(
            "there is no branch `{name}` here, which attestry.yaml names as `default_branch`; fetch it (`git fetch origin {name}`)"
        ),
        None if git.head_detached().unwrap_or(false) => bail!(
            "nothing says which branch is the default one; name it with `--evidence`, or as `default_branch` in attestry.yaml"
        ),
        None => Ok(Some(head)),
    }
}

/// The name of the walk in the cache.
const WALK: &str = "history";
/// So many commits, or changes of the tree, are read again sooner than all is written anew.
const FEW: usize = 16;

/// Reads the history; `cache` is that of the repository, and whether the walk is to be left there.
fn read(handles: &Handles, tip: ObjectId, folder: &str, cache: Option<(&Cache, bool)>) -> Result<History, String> {
    let walk = || -> Result<Walked, String> {
        let earlier = cache.and_then(|(cache, _)| Walked::of_bytes(&cache.read(WALK)?));
        let is_first = earlier.is_none();
        let (walked, new) = walk(handles, tip, earlier)?;
        // What could not be read may be there the next time.
        if let Some((cache, true)) = cache.filter(|_| (is_first || new > FEW) && walked.missing == 0)
            && let Some(bytes) = walked.to_bytes()
        {
            cache.write(WALK, bytes);
        }
        Ok(walked)
    };
    let (walked, at_tip) = rayon::join(walk, || AtTip::of(handles, tip, cache));
    let (walked, at_tip) = (walked?, at_tip?);
    let prefix = folder.as_bytes();
    let left = left(&walked, prefix);
    let mut numbers: Vec<u32> = at_tip.files.iter().filter_map(|path| walked.paths.find(path)).collect();
    numbers.retain(|number| walked.paths.name(*number).starts_with(prefix) || left.contains(number));
    numbers.sort_unstable();
    let followed = follow(&walked.touched, &numbers);
    let listed_by = handles.lend(|objects| Ok(listed_by(objects, &walked, &at_tip.ignored)))?;
    let mut history = history(walked, followed, &at_tip, prefix);
    history.listed_by = listed_by;
    folder.clone_into(&mut history.folder);
    Ok(history)
}

/// Paths outside the SMS root to which files of it were moved, once or on and on.
fn left(walked: &Walked, prefix: &[u8]) -> BTreeSet<u32> {
    let mut left = BTreeSet::new();
    if prefix.is_empty() {
        return left;
    }
    for change in walked.touched.iter().rev().flat_map(|touched| &touched.changes) {
        if let Some(How::RenamedFrom(old)) = change.how
            && (left.contains(&old) || walked.paths.name(old).starts_with(prefix))
            && !walked.paths.name(change.path).starts_with(prefix)
        {
            left.insert(change.path);
        }
    }
    left
}

/// What is read from the tree of the tip.
struct AtTip {
    tip: ObjectId,
    root: ObjectId,
    files: Vec<Vec<u8>>,
    mailmap: String,
    ignored: BTreeSet<ObjectId>,
}

/// The name of the tree of the tip in the cache.
const TIP: &str = "tip";

impl AtTip {
    /// Of the tree at a tip, only what differs from that at the tip of an earlier run is read.
    fn of(handles: &Handles, tip: ObjectId, cache: Option<(&Cache, bool)>) -> Result<Self, String> {
        let earlier = cache.and_then(|(cache, _)| Self::of_bytes(&cache.read(TIP)?));
        let earlier = match earlier {
            Some(same) if same.tip == tip => return Ok(same),
            earlier => earlier,
        };
        let (now, differences) = handles.lend(|objects| Self::read(objects, tip, earlier))?;
        if let Some((cache, true)) = cache.filter(|_| differences > FEW) {
            cache.write(TIP, now.to_bytes());
        }
        Ok(now)
    }

    /// With how much differs from the earlier one.
    fn read(objects: &mut Objects<'_>, tip: ObjectId, earlier: Option<Self>) -> Result<(Self, usize), String> {
        let (_, root) = {
            let bytes = objects.commit(tip)?;
            commit::parse(tip, &bytes).ok_or_else(|| format!("commit {tip} cannot be understood"))?
        };
        let since =
            earlier.and_then(|earlier| Some((tree::compare(objects, Some(earlier.root), Some(root)).ok()?, earlier)));
        let (differences, mut files) = match since {
            Some((differences, earlier)) => (differences, earlier.files),
            // The earlier tree may be gone.
            None => (tree::compare(objects, None, Some(root))?, Vec::new()),
        };
        let gone: BTreeSet<&[u8]> = differences.iter().filter(|one| one.new.is_none()).map(|one| &*one.path).collect();
        files.retain(|path| !gone.contains(path.as_slice()));
        files.extend(differences.iter().filter(|one| one.old.is_none()).map(|one| one.path.clone()));
        let mut at_tip = Self { tip, root, files, mailmap: String::new(), ignored: BTreeSet::new() };
        let root = objects.tree(root)?;
        for entry in entries(&root) {
            if entry.name != MAILMAP && entry.name != IGNORED {
                continue;
            }
            // A file that cannot be read, or is none, says nothing.
            let Ok(bytes) = objects.file(entry.id) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            if entry.name == MAILMAP {
                at_tip.mailmap = text.into_owned();
            } else {
                at_tip.ignored = ids_of(&text);
            }
        }
        Ok((at_tip, differences.len()))
    }
}

/// The commits in a list of those to ignore.
fn ids_of(list: &str) -> BTreeSet<ObjectId> {
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter_map(ObjectId::parse).collect()
}

/// Which commit put each of these on the list on which it is since.
fn listed_by(objects: &mut Objects<'_>, walked: &Walked, ignored: &BTreeSet<ObjectId>) -> BTreeMap<ObjectId, ObjectId> {
    let mut found = BTreeMap::new();
    let Some(list) = walked.paths.find(IGNORED).filter(|_| !ignored.is_empty()) else { return found };
    let mut open = ignored.clone();
    for (commit, touched) in walked.commits.iter().zip(&walked.touched) {
        let changes = touched.changes.iter().filter(|change| change.path == list && change.how.is_some());
        for change in changes {
            let content = change.blob.and_then(|blob| objects.file(blob).ok());
            let there = content.map(|bytes| ids_of(&String::from_utf8_lossy(&bytes))).unwrap_or_default();
            open.retain(|id| there.contains(id));
            found.extend(open.iter().map(|id| (*id, commit.id)));
        }
    }
    found
}

/// Ends the versions of a file that was moved out of the SMS root with that: there it is gone. Gives
/// its last path inside; none where it never was there.
fn moved_out(versions: &mut Vec<Version>, folder: &str) -> Option<String> {
    let last = versions.iter().position(|version| version.path.starts_with(folder)).filter(|last| *last > 0)?;
    let there = versions[last].path.clone();
    versions.drain(..last - 1);
    versions[0] = Version { blob: None, path: there.clone(), change: Change::Deleted, ..versions[0] };
    there.strip_prefix(folder).map(str::to_owned)
}

fn history(walked: Walked, followed: Vec<Followed>, at_tip: &AtTip, prefix: &[u8]) -> History {
    let Walked { mut commits, touched, paths, missing } = walked;
    for commit in &mut commits {
        commit.ignored = at_tip.ignored.contains(&commit.id);
    }
    let lossy = |path: &[u8]| SmolStr::new(String::from_utf8_lossy(path));
    let mut history = History::new(commits);
    let of_file = |file: Followed| {
        // Most files keep their path, which all their versions share then.
        let own = lossy(paths.name(file.path));
        let name = |path| if path == file.path { own.clone() } else { lossy(paths.name(path)) };
        let versions = file.versions.iter().filter_map(|&(commit, change)| {
            let change = touched[commit as usize].changes.get(change as usize)?;
            Some(Version {
                commit: history.commits[commit as usize].id,
                blob: change.blob,
                path: name(change.path),
                change: match change.how {
                    Some(How::Added) => Change::Added,
                    // A merge that took back what the first-parent line had.
                    Some(How::Modified) | None => Change::Modified,
                    Some(How::ModeChanged) => Change::ModeChanged,
                    Some(How::RenamedFrom(old)) => Change::RenamedFrom(name(old)),
                    Some(How::Deleted | How::RenamedAway) => Change::Deleted,
                },
            })
        });
        let mut versions: Vec<Version> = versions.collect();
        let inside = paths.name(file.path).strip_prefix(prefix).map(|path| lossy(path).to_string());
        let gone = file.gone || inside.is_none();
        let path = inside.or_else(|| moved_out(&mut versions, &lossy(prefix)))?;
        Some((gone, path, versions))
    };
    let files: Vec<_> = followed.into_par_iter().with_min_len(256).filter_map(of_file).collect();
    for (gone, path, versions) in files {
        let list = if gone { &mut history.gone } else { &mut history.versions };
        match list.get_mut(&path) {
            None => drop(list.insert(path, versions)),
            // A path may have gone more than once.
            Some(earlier) if gone => earlier.extend(versions),
            Some(earlier) => {
                earlier.extend(versions);
                history.limits.push(format!(
                    "several files have names that are not UTF-8 and read `{path}`; their histories are not told apart"
                ));
            }
        }
    }
    if missing > 0 {
        history.limits.push(format!(
            "{missing} file contents are not in this clone, so renames with changes were not all found; fetch it whole (without `--filter`)"
        ));
    }
    history.mailmap = Mailmap::parse(&at_tip.mailmap);
    history
}

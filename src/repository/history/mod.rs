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
use anyhow::{Result, anyhow};
use git2::BranchType;
use objects::Objects;
pub(super) use objects::{Handles, oid, plain};
use std::{collections::BTreeSet, sync::Arc};
use tree::{Trees, entries};
use walk::{Walked, walk};

pub(super) use by_day::last_before;

const MAILMAP: &[u8] = b".mailmap";
const IGNORED: &[u8] = b".git-blame-ignore-revs";

impl Repository {
    /// The history up to the tip of the default branch. Where there is none, it says why.
    pub fn history(&self) -> Result<History> {
        self.history_of(None)
    }

    /// The history up to a revision.
    pub fn history_at(&self, revision: &str) -> Result<History> {
        self.history_of(Some(revision))
    }

    fn history_of(&self, revision: Option<&str>) -> Result<History> {
        let Some(git) = &self.git else {
            return Ok(History::not_evaluated("there is no git repository, so there is no history"));
        };
        // A shallow clone is told as one, whatever else it lacks.
        let default = default_tip(git, self.default_branch.as_deref());
        let tip = match (revision, &default) {
            (Some("HEAD"), _) if git::head(git).is_none() => None,
            (Some(name), _) => Some(git::commit(git, name)?),
            (None, Ok(tip)) => tip.clone(),
            (None, Err(_)) if git.is_shallow() => git::head(git),
            (None, Err(reason)) => return Ok(History::not_evaluated(reason.clone())),
        };
        let Some(tip) = tip else {
            return Ok(History::not_evaluated("nothing is committed yet, so there is no history"));
        };
        let is_default = default.is_ok_and(|default| default.is_some_and(|default| default.id() == tip.id()));
        if git.is_shallow() {
            let reason = format!("the clone is shallow, its history is cut off; {}", git::FETCH_WHOLE);
            return Ok(History::not_evaluated(reason));
        }
        let tip = plain(tip.id()).ok_or_else(|| anyhow!("`{}` is no SHA-1 id", tip.id()))?;
        // Verifying every object against its id takes longer than all the rest; `git fsck` is for that.
        git2::opts::strict_hash_verification(false);
        let handles = self.handles(git);
        // What another branch was asked for once is no start for the next run.
        let cache = self.cache.as_ref().map(|cache| (cache, is_default));
        let mut history = read(&handles, tip, &self.prefix, cache).unwrap_or_else(History::not_evaluated);
        let here = self.revision.commit.as_deref().and_then(|commit| git2::Oid::from_str(commit).ok());
        history.parted = here.and_then(|here| git.merge_base(here, oid(tip)).ok()).and_then(plain);
        Ok(history)
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
        self.handles.get_or_init(|| Arc::new(Handles::new(git))).clone()
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
/// local and the remote branch the one that is ahead counts.
pub(super) fn default_tip<'git>(
    git: &'git git2::Repository,
    configured: Option<&str>,
) -> Result<Option<git2::Commit<'git>>, String> {
    let remote_head = git.find_reference("refs/remotes/origin/HEAD").ok();
    let named = remote_head
        .as_ref()
        .and_then(|head| head.symbolic_target().ok().flatten())
        .and_then(|target| target.strip_prefix("refs/remotes/origin/").map(str::to_owned));
    let branch = |name: &str, kind| git.find_branch(name, kind).ok()?.get().peel_to_commit().ok();
    let others = named.into_iter().chain(["main", "master"].map(str::to_owned));
    let candidates: Vec<String> = configured.map_or_else(|| others.collect(), |name| vec![name.to_owned()]);
    for name in candidates {
        let local = branch(&name, BranchType::Local);
        let remote = branch(&format!("origin/{name}"), BranchType::Remote);
        match (local, remote) {
            (Some(local), Some(remote)) => {
                let ahead =
                    local.id() == remote.id() || git.graph_descendant_of(local.id(), remote.id()).unwrap_or(false);
                return Ok(Some(if ahead { local } else { remote }));
            }
            (Some(tip), None) | (None, Some(tip)) => return Ok(Some(tip)),
            (None, None) => {}
        }
    }
    let Some(head) = git::head(git) else { return Ok(None) };
    match configured {
        Some(name) => Err(format!(
            "there is no branch `{name}` here, which attestry.yaml names as `default_branch`; fetch it (`git fetch origin {name}`)"
        )),
        None if git.head_detached().unwrap_or(false) => Err(
            "nothing says which branch is the default one; name it with `--evidence`, or as `default_branch` in attestry.yaml"
                .to_owned(),
        ),
        None => Ok(Some(head)),
    }
}

/// The name of the walk in the cache.
const WALK: &str = "history";

/// Reads the history; `cache` is that of the repository, and whether the walk is to be left there.
fn read(handles: &Handles, tip: ObjectId, folder: &str, cache: Option<(&Cache, bool)>) -> Result<History, String> {
    let walk = || -> Result<Walked, String> {
        let earlier = cache.and_then(|(cache, _)| Walked::of_bytes(&cache.read(WALK)?));
        let (walked, is_new) = walk(handles, tip, earlier)?;
        if let Some((cache, true)) = cache.filter(|_| is_new)
            && let Some(bytes) = walked.to_bytes()
        {
            cache.write(WALK, &bytes);
        }
        Ok(walked)
    };
    let (walked, at_tip) = rayon::join(walk, || handles.lend(|objects| AtTip::read(objects, tip)));
    let (walked, at_tip) = (walked?, at_tip?);
    let prefix = folder.as_bytes();
    let mut numbers: Vec<u32> = at_tip
        .files
        .iter()
        .filter(|path| path.starts_with(prefix))
        .filter_map(|path| walked.paths.find(path))
        .collect();
    numbers.sort_unstable();
    let followed = follow(&walked.touched, &numbers);
    let mut history = history(walked, followed, &at_tip, prefix);
    folder.clone_into(&mut history.folder);
    Ok(history)
}

/// What is read from the tree of the tip.
#[derive(Default)]
struct AtTip {
    files: Vec<Vec<u8>>,
    mailmap: String,
    ignored: BTreeSet<ObjectId>,
}

impl AtTip {
    fn read(objects: &mut Objects<'_>, tip: ObjectId) -> Result<Self, String> {
        let (_, root) = {
            let bytes = objects.commit(tip)?;
            commit::parse(tip, &bytes).ok_or_else(|| format!("commit {tip} cannot be understood"))?
        };
        let mut at_tip = Self::default();
        for file in tree::compare(objects, None, Some(root))? {
            at_tip.files.push(file.path);
        }
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
                let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
                at_tip.ignored = lines.filter_map(ObjectId::parse).collect();
            }
        }
        Ok(at_tip)
    }
}

fn history(walked: Walked, followed: Vec<Followed>, at_tip: &AtTip, prefix: &[u8]) -> History {
    let Walked { mut commits, touched, paths, missing } = walked;
    for commit in &mut commits {
        commit.ignored = at_tip.ignored.contains(&commit.id);
    }
    let lossy = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let mut history = History::new(commits);
    for file in followed {
        let Some(path) = paths.name(file.path).strip_prefix(prefix) else { continue };
        let versions = file.versions.iter().filter_map(|&(commit, change)| {
            let change = touched[commit as usize].changes.get(change as usize)?;
            Some(Version {
                commit: history.commits[commit as usize].id,
                blob: change.blob,
                path: lossy(paths.name(change.path)),
                change: match change.how {
                    Some(How::Added) => Change::Added,
                    // A merge that took back what the first-parent line had.
                    Some(How::Modified) | None => Change::Modified,
                    Some(How::ModeChanged) => Change::ModeChanged,
                    Some(How::RenamedFrom(old)) => Change::RenamedFrom(lossy(paths.name(old))),
                    Some(How::Deleted | How::RenamedAway) => Change::Deleted,
                },
            })
        });
        let versions: Vec<Version> = versions.collect();
        let list = if file.gone { &mut history.gone } else { &mut history.versions };
        let path = lossy(path);
        match list.get_mut(&path) {
            None => drop(list.insert(path, versions)),
            // A path may have gone more than once.
            Some(earlier) if file.gone => earlier.extend(versions),
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

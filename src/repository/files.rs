//! The files of a work tree: what git tracks, and what it neither tracks nor ignores. A user's
//! global excludes do not count, so that two people see the same files.

use super::{Found, Listed, git, slashed};
use anyhow::Result;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::{
    fs,
    io::ErrorKind,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

pub(super) fn work_tree(root: &Path, prefix: &str, git: Option<&git2::Repository>) -> Result<Vec<Listed>> {
    let listed = Mutex::new(Vec::new());
    let walk = walk(root).filter_entry(|entry| entry.file_name() != ".git").build_parallel();
    let visit = |entry: DirEntry| {
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        let is_repository = kind.is_dir() && entry.depth() > 0 && entry.path().join(".git").exists();
        if kind.is_dir() && !is_repository {
            return WalkState::Continue;
        }
        let Ok(path) = entry.path().strip_prefix(root) else { return WalkState::Continue };
        let found = if is_repository { Found::Submodule } else { found(entry.path(), kind) };
        listed.lock().unwrap_or_else(PoisonError::into_inner).push(Listed { path: slashed(path), found });
        // What lies inside a repository in the repository is that one's.
        if is_repository { WalkState::Skip } else { WalkState::Continue }
    };
    let failed = |error: &ignore::Error| {
        // What vanished meanwhile is not there.
        let reason = error.io_error().filter(|error| error.kind() != ErrorKind::NotFound).map(super::content::reason);
        let path = path_of(error).and_then(|path| path.strip_prefix(root).ok()).map(slashed);
        if let Some((path, reason)) = path.zip(reason) {
            let found = Found::Closed(format!("what is in this folder cannot be listed: {reason}"));
            listed.lock().unwrap_or_else(PoisonError::into_inner).push(Listed { path, found });
        }
        WalkState::Continue
    };
    // Beside the walk, which waits for the disk, what git tracks is read.
    let tracked = thread::scope(|scope| {
        scope.spawn(|| walk.run(|| Box::new(|entry| entry.map_or_else(|error| failed(&error), visit))));
        git.map(|git| git::tracked(git, prefix)).transpose()
    })?;
    let mut listed = listed.into_inner().unwrap_or_else(PoisonError::into_inner);
    add_ignored(root, tracked.unwrap_or_default(), &mut listed);
    Ok(listed)
}

/// The walk over all files that git does not ignore.
fn walk(root: &Path) -> WalkBuilder {
    let mut walk = WalkBuilder::new(root);
    walk.hidden(false).git_global(false).require_git(false).ignore(false).follow_links(false);
    walk
}

/// Whether one file is there that git does not ignore; other folders are not entered.
pub(super) fn is_listed(root: &Path, path: &str) -> bool {
    let file = root.join(path);
    let towards = file.clone();
    let mut walk = walk(root).filter_entry(move |entry| towards.starts_with(entry.path())).build();
    walk.any(|entry| entry.is_ok_and(|entry| entry.path() == file))
}

/// Adds files that git tracks although a pattern ignores them, or that a sparse checkout leaves out.
fn add_ignored(root: &Path, tracked: Vec<(String, Option<Found>)>, listed: &mut Vec<Listed>) {
    listed.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let mut missing = Vec::new();
    for (path, left_out) in tracked {
        if listed.binary_search_by(|item| item.path.as_str().cmp(&path)).is_ok() {
            continue;
        }
        let found = match fs::symlink_metadata(root.join(&path)) {
            // One that was not fetched is an empty folder.
            _ if matches!(left_out, Some(Found::Submodule)) => Found::Submodule,
            Ok(metadata) if metadata.is_dir() => continue,
            Ok(metadata) => found(&root.join(&path), metadata.file_type()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Found::Closed(super::content::reason(&error)),
            Err(_) => match left_out {
                Some(found) => found,
                None => continue,
            },
        };
        missing.push(Listed { path, found });
    }
    listed.extend(missing);
}

/// The path that an error of the walk is about.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

pub(super) fn found(path: &Path, kind: fs::FileType) -> Found {
    if kind.is_symlink() {
        Found::Link(fs::read_link(path).map(|target| slashed_link(&target)).unwrap_or_default())
    } else if kind.is_file() {
        Found::File
    } else {
        Found::Special
    }
}

fn slashed_link(target: &Path) -> String {
    if target.is_absolute() { format!("/{}", slashed(target).trim_start_matches('/')) } else { slashed(target) }
}

/// Says where a symbolic link leads: into the repository (the target is read under its own path)
/// or out of it.
pub(super) fn link_reason(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    let mut outside = target.starts_with('/');
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => outside |= parts.pop().is_none(),
            part => parts.push(part),
        }
    }
    if outside {
        format!("a symbolic link that leads out of the repository, to `{target}`, is not followed")
    } else {
        format!("a symbolic link is not followed; `{}` is read under its own path", parts.join("/"))
    }
}

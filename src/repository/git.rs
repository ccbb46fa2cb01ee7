//! Reading git. No other part of the program than `repository` says `git2`: `history` walks over
//! commits, and `write` makes the repository of the demo.

use super::{Found, Listed};
use crate::history::Revision;
use anyhow::{Result, anyhow, bail};
use git2::{
    Commit, ErrorClass, ErrorCode, Index, IndexEntry, ObjectType, Oid, Repository, RepositoryOpenFlags, Status,
    StatusOptions,
};
use std::path::Path;

/// What to do about a clone that was cut off.
pub(super) const FETCH_WHOLE: &str = "fetch it whole (`git fetch --unshallow`, in a workflow `fetch-depth: 0`)";
/// Nothing ends the search for a repository but the root of the file system.
const NO_CEILING: &[&str] = &[];
/// The bits of an entry's flags that say which side of a merge it is, and where they stand.
const STAGE: (u16, u16) = (0x3000, 12);
/// The bit of an entry's further flags for `git add --intent-to-add`.
const INTENT_TO_ADD: u16 = 1 << 13;
/// The mode of an entry that is another repository.
const SUBMODULE: u32 = 0o160_000;
/// The bit for what a sparse checkout leaves out.
const SKIP_WORKTREE: u16 = 1 << 14;

/// Opens the git repository around a folder; none where there is no git. A repository that cannot
/// be opened is an error that says what to do.
pub(super) fn open(folder: &Path) -> Result<Option<Repository>> {
    // From the folder on: opened by its git directory, which may lie elsewhere, it would take that
    // one's parent for the work tree.
    match Repository::open_ext(folder, RepositoryOpenFlags::empty(), NO_CEILING) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound => match marked(folder) {
            Some(root) if root.join(".git").is_file() => Err(anyhow!(
                "`{}` leads to no repository; mend it (`git worktree repair` in the main work tree, where this is a linked one) or remove it",
                root.join(".git").display()
            )),
            Some(root) => Err(anyhow!(
                "`{}` is not a repository that git can read; mend it (`git fsck`) or remove `.git`",
                root.join(".git").display()
            )),
            None => Ok(None),
        },
        Err(error) if is_of_another(&error) => Err(anyhow!(
            "the repository belongs to another user; allow it with `git config --global --add safe.directory {}`",
            marked(folder).unwrap_or(folder).display()
        )),
        Err(error) => Err(anyhow!("{}", explained(&error))),
    }
}

/// The nearest folder with a `.git`.
fn marked(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())
}

/// Another handle on a repository for its objects, by its git directory.
pub(super) fn open_objects(directory: &Path) -> Result<Repository, String> {
    let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::BARE;
    Repository::open_ext(directory, flags, NO_CEILING).map_err(|error| explained(&error))
}

fn is_of_another(error: &git2::Error) -> bool {
    error.code() == ErrorCode::Owner || error.message().contains("not owned by current user")
}

/// The e-mail address of `user.email`.
pub(super) fn identity(git: &Repository) -> Option<String> {
    git.config().and_then(|config| config.get_string("user.email")).ok().filter(|mail| !mail.is_empty())
}

/// What libgit2 cannot open, in words that say what to do.
pub(super) fn explained(error: &git2::Error) -> String {
    let message = error.message();
    if is_denied(error) {
        return "permission denied: this user may not read all files of the git repository".to_owned();
    }
    let what = [
        (
            "sha256",
            "the repository uses SHA-256 object ids, which libgit2 cannot read; bring it over with `git fast-export --all` here and `git fast-import` in a repository made by `git init --object-format=sha1`",
        ),
        (
            "refstorage",
            "the repository keeps its references in a reftable; convert it with `git refs migrate --ref-format=files`",
        ),
        (
            "'link'",
            "the repository has a split index; unset `core.splitIndex`, and join it with `git update-index --no-split-index`",
        ),
        ("'sdir'", "the repository has a sparse index; expand it with `git sparse-checkout reapply --no-sparse-index`"),
        (
            "failed to read index",
            "the index of the repository is broken; move it aside and run `git reset`, which keeps the files and forgets what was staged",
        ),
        ("partialclone", "the repository is a partial clone, which libgit2 cannot read; use a whole clone"),
    ];
    what.iter()
        .find(|(sign, _)| message.contains(sign))
        .map_or_else(|| format!("git repository: {message}"), |(_, what)| (*what).to_owned())
}

/// The files of a commit below `prefix`; `name` is how messages call the commit.
pub(super) fn tree(git: &Repository, commit: &Commit<'_>, name: &str, prefix: &str) -> Result<Vec<Listed>> {
    let root = commit.tree().map_err(|error| unreadable(&format!("the tree of `{name}`"), &error))?;
    let mut listed = Vec::new();
    let mut pending = match prefix.trim_end_matches('/') {
        "" => vec![(String::new(), root)],
        below => {
            let entry = root.get_path(Path::new(below)).map_err(|_| anyhow!("`{below}` is not in `{name}`"))?;
            vec![(
                String::new(),
                entry
                    .to_object(git)
                    .and_then(|object| object.peel_to_tree())
                    .map_err(|error| anyhow!("{}", error.message()))?,
            )]
        }
    };
    while let Some((folder, tree)) = pending.pop() {
        for entry in &tree {
            let path = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
            if entry.kind() == Some(ObjectType::Tree) {
                let below = git.find_tree(entry.id()).map_err(|error| unreadable(&format!("`{path}`"), &error))?;
                pending.push((format!("{path}/"), below));
            } else {
                let found = object(git, entry.filemode().cast_unsigned(), entry.id());
                listed.push(Listed { path, found });
            }
        }
    }
    Ok(listed)
}

/// What an entry of a tree or of the index is, by its mode.
fn object(git: &Repository, mode: u32, id: Oid) -> Found {
    match mode {
        SUBMODULE => Found::Submodule,
        0o120_000 => Found::Link(
            git.find_blob(id).map(|blob| String::from_utf8_lossy(blob.content()).into_owned()).unwrap_or_default(),
        ),
        _ => Found::Blob(id),
    }
}

/// The files of the index below `prefix`, as a commit made from it would have them.
pub(super) fn staged(git: &Repository, file: Option<&Path>, prefix: &str) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for entry in index(git, file)?.iter() {
        // What is only intended to be added has no content yet; a commit does not have it.
        if entry.flags_extended & INTENT_TO_ADD != 0 {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path);
        let Some(path) = path.strip_prefix(prefix) else { continue };
        let found = if is_unmerged(&entry) { Found::Unmerged } else { object(git, entry.mode, entry.id) };
        listed.push(Listed { path: path.to_owned(), found });
    }
    Ok(listed)
}

/// What the index has under one path, as a commit made from it would have it.
pub(super) fn staged_at(git: &Repository, file: Option<&Path>, path: &str) -> Option<Found> {
    let index = index(git, file).ok()?;
    match index.get_path(Path::new(path), 0) {
        Some(entry) if entry.flags_extended & INTENT_TO_ADD == 0 => Some(object(git, entry.mode, entry.id)),
        Some(_) => None,
        None => is_in(&index, path).then_some(Found::Unmerged),
    }
}

/// Whether the index knows a path.
pub(super) fn is_tracked(git: &Repository, path: &str) -> bool {
    git.index().is_ok_and(|index| is_in(&index, path))
}

/// Whether an index has a path, of whatever side of a merge.
fn is_in(index: &Index, path: &str) -> bool {
    (0..4).any(|stage| index.get_path(Path::new(path), stage).is_some())
}

/// The content that the index has of one file that a sparse checkout leaves out of the work tree.
pub(super) fn left_out(git: &Repository, path: &str) -> Option<Oid> {
    let entry = git.index().ok()?.get_path(Path::new(path), 0)?;
    (entry.flags_extended & SKIP_WORKTREE != 0 && is_blob(&entry)).then_some(entry.id)
}

/// Whether an entry of the index is a regular file that is not only intended to be added.
fn is_blob(entry: &IndexEntry) -> bool {
    entry.mode & 0o170_000 == 0o100_000 && entry.flags_extended & INTENT_TO_ADD == 0
}

fn is_unmerged(entry: &IndexEntry) -> bool {
    (entry.flags & STAGE.0) >> STAGE.1 != 0
}

/// The index: the repository's own, or this file, whose path git counts from the work tree.
fn index(git: &Repository, file: Option<&Path>) -> Result<Index> {
    let Some(root) = git.workdir() else {
        bail!("`{}` is a bare repository, which has no index; name a commit with `--rev`", git.path().display());
    };
    match file {
        None => git.index().map_err(|error| anyhow!("{}", explained(&error))),
        Some(file) => Index::open(&root.join(file)).map_err(|error| {
            anyhow!("`{}`, which GIT_INDEX_FILE names, cannot be read: {}", file.display(), explained(&error))
        }),
    }
}

pub(super) fn commit<'git>(git: &'git Repository, name: &str) -> Result<Commit<'git>> {
    if name.is_empty() {
        bail!("the name of the revision is empty; name a commit, a branch or a tag");
    }
    let object = git.revparse_single(name).map_err(|error| match error.code() {
        _ if name == "HEAD" && git.head().is_err_and(|error| error.code() == ErrorCode::UnbornBranch) => {
            anyhow!("there is no commit yet, so there is no revision `HEAD`")
        }
        _ if matches!(error.class(), ErrorClass::Odb | ErrorClass::Zlib | ErrorClass::Object) => {
            unreadable(&format!("`{name}`"), &error)
        }
        ErrorCode::NotFound => anyhow!(
            "there is no revision `{name}` here{}",
            if git.is_shallow() { "; the clone is shallow, fetch more (`fetch-depth: 0`)" } else { "" }
        ),
        _ => anyhow!("`{name}`: {}", error.message()),
    })?;
    object.peel_to_commit().map_err(|_| anyhow!("`{name}` is not a commit"))
}

/// The commit at which what is read parted from `base`.
pub(super) fn merge_base(git: &Repository, head: Option<&str>, base: &str) -> Result<String> {
    let Some(head) = head else {
        self::head(git)?;
        bail!("there is no commit yet, so there is nothing to compare");
    };
    let tip = commit(git, base).map_err(|error| {
        let remote = format!("origin/{base}");
        let here = git.revparse_single(&remote).is_ok();
        match git.revparse_single(base) {
            Err(_) if here => anyhow!("there is no revision `{base}` here; did you mean `{remote}`?"),
            Err(ref missing) if missing.code() == ErrorCode::NotFound && !git.is_shallow() => {
                anyhow!("{error}; fetch it first: `git fetch origin {base}`, or `fetch-depth: 0` where a workflow checks out")
            }
            _ => error,
        }
    })?;
    let head = Oid::from_str(head).map_err(|error| anyhow!("{}", error.message()))?;
    match git.merge_base(tip.id(), head) {
        Ok(id) => Ok(id.to_string()),
        Err(_) if git.is_shallow() => bail!(
            "the clone is shallow: where the change parted from `{base}` is cut off; fetch more (`fetch-depth: 0`, or \
             `git fetch --unshallow`)"
        ),
        Err(error) if error.code() == ErrorCode::NotFound => bail!(
            "`{base}` and what is read have no commit in common; name the branch that the change is to be merged into"
        ),
        Err(error) => bail!("cannot find where the change parted from `{base}`: {}", error.message()),
    }
}

/// What is made of each regular file without conflicts that the index notes.
pub(super) fn noted<T>(git: &Repository, made: impl FnMut(IndexEntry) -> Option<T>) -> Option<Vec<T>> {
    let is_file = |entry: &IndexEntry| entry.mode & 0o170_000 == 0o100_000 && !is_unmerged(entry);
    let is_added = |entry: &IndexEntry| entry.flags_extended & INTENT_TO_ADD == 0;
    Some(git.index().ok()?.iter().filter(|entry| is_file(entry) && is_added(entry)).filter_map(made).collect())
}

/// Paths in the index below `prefix`, relative to it; with what the index has of a path that a
/// sparse checkout leaves out of the work tree, and of a submodule.
pub(super) fn tracked(git: &Repository, prefix: &str) -> Result<Vec<(String, Option<Found>)>> {
    let index = git.index().map_err(|error| anyhow!("{}", explained(&error)))?;
    let entries = index.iter().filter_map(|entry| {
        let path = String::from_utf8_lossy(&entry.path).strip_prefix(prefix).map(str::to_owned)?;
        let is_left_out = entry.mode == SUBMODULE || entry.flags_extended & SKIP_WORKTREE != 0;
        Some((path, is_left_out.then(|| object(git, entry.mode, entry.id))))
    });
    Ok(entries.collect())
}

/// The commit on which the work tree stands; none where nothing is committed on its branch yet.
pub(super) fn head(git: &Repository) -> Result<Option<Commit<'_>>> {
    let what = "the commit on which the work tree stands (`HEAD`)";
    let head = match git.head() {
        Err(error) if error.code() == ErrorCode::UnbornBranch => return Ok(None),
        head => head.map_err(|error| unreadable(what, &error))?,
    };
    head.peel_to_commit().map(Some).map_err(|error| unreadable(what, &error))
}

/// What is there, none where it is not, and an error where that cannot be told.
pub(super) fn there<T>(found: Result<T, git2::Error>, what: &str) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(unreadable(what, &error)),
    }
}

/// An error about something in git that is there and cannot be read.
pub(super) fn unreadable(what: &str, error: &git2::Error) -> anyhow::Error {
    anyhow!("{what} cannot be read: {} (a partial or broken clone? `git fsck` tells; fetch it whole)", cause(error))
}

fn is_denied(error: &git2::Error) -> bool {
    error.message().to_lowercase().contains("permission denied")
}

/// Why git could not read something, without the id that is told already and without paths of the
/// machine.
pub(super) fn cause(error: &git2::Error) -> String {
    let message = error.message();
    if is_denied(error) {
        return "permission denied".to_owned();
    }
    match (error.class(), error.code()) {
        (ErrorClass::Odb, ErrorCode::NotFound) => "it is not in this clone".to_owned(),
        _ => message.to_owned(),
    }
}

/// Which commit a run looks at.
pub(super) fn revision(git: Option<&Repository>, commit: Option<&Commit<'_>>, named: String) -> Revision {
    Revision {
        commit: commit.map(|commit| commit.id().to_string()),
        day: commit.and_then(|commit| day_of(&commit.time())),
        named,
        modified: false,
        git: git.is_some(),
        shallow: git.is_some_and(Repository::is_shallow),
    }
}

/// The day that a commit's clock showed.
fn day_of(time: &git2::Time) -> Option<jiff::civil::Date> {
    let offset = jiff::tz::Offset::from_seconds(time.offset_minutes().checked_mul(60)?).ok()?;
    let instant = jiff::Timestamp::from_second(time.seconds()).ok()?;
    Some(instant.to_zoned(offset.to_time_zone()).date())
}

/// Whether a folder is there in a commit.
pub(super) fn holds(git: &Repository, commit: &str, folder: &str) -> bool {
    let tree = Oid::from_str(commit).and_then(|id| git.find_commit(id)).and_then(|commit| commit.tree());
    tree.is_ok_and(|tree| tree.get_path(Path::new(folder.trim_end_matches('/'))).is_ok())
}

/// Whether the work tree differs from the commit it stands on, untracked files included.
pub(super) fn is_modified(git: &Repository) -> bool {
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false).exclude_submodules(true);
    git.statuses(Some(&mut options))
        .is_ok_and(|statuses| statuses.iter().any(|entry| entry.status() != Status::CURRENT))
}

/// Whether the index differs from the commit that the work tree stands on.
pub(super) fn is_staged(git: &Repository, file: Option<&Path>) -> bool {
    let tree = head(git).ok().flatten().and_then(|commit| commit.tree().ok());
    let index = index(git, file).ok();
    let diff = index.and_then(|index| git.diff_tree_to_index(tree.as_ref(), Some(&index), None).ok());
    diff.is_some_and(|diff| diff.deltas().len() > 0)
}

/// The blob id of a path in a commit.
pub(super) fn blob_id_at(git: &Repository, commit: &str, path: &str) -> Option<String> {
    let tree = git.find_commit(Oid::from_str(commit).ok()?).and_then(|commit| commit.tree()).ok()?;
    let entry = tree.get_path(Path::new(path)).ok()?;
    (entry.kind() == Some(ObjectType::Blob)).then(|| entry.id().to_string())
}

/// What a commit has under one path that is no folder.
pub(super) fn found_at(git: &Repository, commit: &str, path: &str) -> Option<Found> {
    let tree = git.find_commit(Oid::from_str(commit).ok()?).and_then(|commit| commit.tree()).ok()?;
    let entry = tree.get_path(Path::new(path)).ok().filter(|entry| entry.kind() != Some(ObjectType::Tree))?;
    Some(object(git, entry.filemode().cast_unsigned(), entry.id()))
}

/// Whether git ignores a path of the work tree, or it lies in the folder of git itself.
pub(super) fn is_ignored(git: &Repository, path: &str) -> bool {
    path.starts_with(".git/") || git.is_path_ignored(Path::new(path)).unwrap_or(false)
}

/// The bytes of a blob.
pub(super) fn blob(git: &Repository, id: Oid) -> Result<Vec<u8>> {
    let blob = git.find_blob(id).map_err(|error| unreadable(&format!("git object {id}"), &error))?;
    Ok(blob.content().to_vec())
}

/// The size of a blob without reading it.
pub(super) fn blob_size(git: &Repository, id: Oid) -> Option<u64> {
    let (size, _) = git.odb().ok()?.read_header(id).ok()?;
    Some(size as u64)
}

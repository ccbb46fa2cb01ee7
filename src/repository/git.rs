//! Reading git. No other part of the program than `repository` says `git2`: `history` walks over
//! commits, and `write` makes the repository of the demo.

use super::{Found, Listed};
use crate::history::Revision;
use anyhow::{Context, Result, anyhow, bail};
use git2::{Commit, ErrorClass, ErrorCode, Index, IndexEntry, ObjectType, Oid, Repository, Status, StatusOptions};
use std::path::Path;

/// What to do about a clone that was cut off.
pub(super) const FETCH_WHOLE: &str = "fetch it whole (`git fetch --unshallow`, in a workflow `fetch-depth: 0`)";
/// The bits of an entry's flags that say which side of a merge it is, and where they stand.
const STAGE: (u16, u16) = (0x3000, 12);
/// The bit of an entry's further flags for `git add --intent-to-add`.
const INTENT_TO_ADD: u16 = 1 << 13;

/// Opens the git repository around a folder; none where there is no git. A repository that cannot
/// be opened is an error that says what to do.
pub(super) fn open(folder: &Path) -> Result<Option<Repository>> {
    match Repository::discover(folder) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound => match marked(folder) {
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
    let what = [
        ("sha256", "the repository uses SHA-256 object ids, which libgit2 cannot read; use a SHA-1 clone of it"),
        (
            "refstorage",
            "the repository keeps its references in a reftable; convert it with `git refs migrate --ref-format=files`",
        ),
        ("'link'", "the repository has a split index; join it with `git update-index --no-split-index`"),
        ("'sdir'", "the repository has a sparse index; expand it with `git sparse-checkout reapply --no-sparse-index`"),
        ("failed to read index", "the index of the repository is broken; remove it and run `git reset`"),
        ("partialclone", "the repository is a partial clone, which libgit2 cannot read; use a whole clone"),
    ];
    what.iter()
        .find(|(sign, _)| message.contains(sign))
        .map_or_else(|| format!("git repository: {message}"), |(_, what)| (*what).to_owned())
}

/// The files of a commit below `prefix`; `name` is how messages call the commit.
pub(super) fn tree(git: &Repository, commit: &Commit<'_>, name: &str, prefix: &str) -> Result<Vec<Listed>> {
    let root = commit.tree().map_err(|error| {
        anyhow!("cannot read the tree of `{name}`: {} (a partial or broken clone? fetch it whole)", error.message())
    })?;
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
                let below = git.find_tree(entry.id()).map_err(|error| {
                    anyhow!("`{path}` cannot be read: {} (a partial or broken clone? fetch it whole)", error.message())
                })?;
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
        0o160_000 => Found::Submodule,
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
    let object = git.revparse_single(name).map_err(|error| match error.code() {
        _ if name == "HEAD" && git.head().is_err_and(|error| error.code() == ErrorCode::UnbornBranch) => {
            anyhow!("there is no commit yet, so there is no revision `HEAD`")
        }
        _ if matches!(error.class(), ErrorClass::Odb | ErrorClass::Zlib | ErrorClass::Object) => {
            anyhow!("`{name}` cannot be read: {} (a partial or broken clone? fetch it whole)", error.message())
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
    let head = head.context("there is no commit yet, so there is nothing to compare")?;
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

/// What the index notes of regular files without conflicts.
pub(super) fn noted(git: &Repository) -> Option<Vec<IndexEntry>> {
    let is_file = |entry: &IndexEntry| entry.mode & 0o170_000 == 0o100_000 && !is_unmerged(entry);
    let is_added = |entry: &IndexEntry| entry.flags_extended & INTENT_TO_ADD == 0;
    Some(git.index().ok()?.iter().filter(|entry| is_file(entry) && is_added(entry)).collect())
}

/// Paths in the index below `prefix`, relative to it.
pub(super) fn tracked(git: &Repository, prefix: &str) -> Result<Vec<String>> {
    let index = git.index().map_err(|error| anyhow!("{}", explained(&error)))?;
    let paths = index.iter().filter(|entry| entry.mode != 0o160_000);
    Ok(paths.filter_map(|entry| String::from_utf8_lossy(&entry.path).strip_prefix(prefix).map(str::to_owned)).collect())
}

/// The commit on which the work tree stands. An unborn branch has none, a broken one neither.
pub(super) fn head(git: &Repository) -> Option<Commit<'_>> {
    commit(git, "HEAD").ok()
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
    let tree = head(git).and_then(|commit| commit.tree().ok());
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

/// Whether git ignores a path of the work tree, or it lies in the folder of git itself.
pub(super) fn is_ignored(git: &Repository, path: &str) -> bool {
    path.starts_with(".git/") || git.is_path_ignored(Path::new(path)).unwrap_or(false)
}

/// The bytes of a blob.
pub(super) fn blob(git: &Repository, id: Oid) -> Result<Vec<u8>> {
    let blob = git.find_blob(id).map_err(|error| {
        anyhow!("git object {id} cannot be read: {} (a partial or broken clone? fetch it whole)", error.message())
    })?;
    Ok(blob.content().to_vec())
}

/// The size of a blob without reading it.
pub(super) fn blob_size(git: &Repository, id: Oid) -> Option<u64> {
    let (size, _) = git.odb().ok()?.read_header(id).ok()?;
    Some(size as u64)
}

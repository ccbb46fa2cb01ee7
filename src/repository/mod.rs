//! The only part that reads: files of the work tree, objects of git. Paths that come from a
//! repository never lead out of it.

#![expect(clippy::disallowed_methods, reason = "this is where files are read")]

mod above;
mod around;
mod blobs;
mod cache;
mod content;
mod files;
mod git;
mod history;
mod roots;
mod signed;
mod unread;
mod write;

pub use crate::source::sha256;
pub use history::{Contents, Unread};
pub use roots::git_root;
pub use write::{NewCommit, NewRepository, write_whole};

use crate::{
    history::{ObjectId, Revision},
    source::{Content, Input, LFS_POINTER},
};
use anyhow::{Context, Result, bail};
use blobs::Databases;
use cache::{Cache, Memories};
use content::{blob_content, content_now_or_later, file_at, file_content};
use rayon::prelude::*;
use roots::{configured_branch, has_configuration, slashed, sms_root};
use std::{
    cell::OnceCell,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The largest document that is read, in bytes.
pub const DOCUMENT_LIMIT: u64 = 8 * 1024 * 1024;
/// The largest data set that is read, in bytes.
pub const DATA_LIMIT: u64 = 2 * 1024 * 1024 * 1024;

/// Which tree is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The files of the work tree.
    WorkTree,
    /// What is staged: the tree that the next commit would have.
    Staged {
        /// The file of the index, where it is not the repository's own. A relative path counts
        /// from the root of the work tree, as git does it.
        index: Option<PathBuf>,
    },
    /// A commit, by whatever name git knows it.
    Revision(String),
    /// The tip of the default branch.
    DefaultBranch,
    /// The last commit on the first-parent line of the default branch before an instant.
    ByDay {
        /// The day that ends with that instant.
        day: String,
        /// The instant, in seconds since 1970.
        end: i64,
    },
}

impl At {
    /// How reports name it.
    fn named(&self) -> String {
        match self {
            Self::WorkTree => "worktree".to_owned(),
            Self::Staged { .. } => "staged".to_owned(),
            Self::Revision(name) => name.clone(),
            Self::DefaultBranch => "default branch".to_owned(),
            Self::ByDay { day, .. } => format!("by {day}"),
        }
    }
}

/// An opened repository: the SMS root, and git around it if there is any.
pub struct Repository {
    root: PathBuf,
    git: Option<git2::Repository>,
    /// The SMS root inside the git root: empty, or a path with `/` at its end.
    prefix: String,
    at: At,
    /// The default branch as the work tree's configuration names it.
    default_branch: Option<String>,
    revision: Revision,
    listed: Vec<Listed>,
    /// When the index of git was written, asked before it was read.
    index_written: Option<unread::Time>,
    /// What the index of git notes of files, read once.
    notes: OnceCell<Option<unread::Notes>>,
    noted: OnceCell<Vec<Option<(ObjectId, u64)>>>,
    handles: OnceCell<Arc<history::Handles>>,
    cache: Option<Cache>,
    memories: Arc<Memories>,
    /// Whether every object of the history is held against its id.
    verify: bool,
    /// The `CODEOWNERS` above the SMS, read once.
    above: OnceCell<Option<(String, Content)>>,
}

/// A file that is there.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    path: String,
    found: Found,
}

#[derive(Clone, Debug)]
enum Found {
    File,
    Blob(git2::Oid),
    Link(String),
    Submodule,
    Special,
    /// A file of the index with an unresolved merge conflict.
    Unmerged,
    /// A folder, or a file in one, that this user may not look at, and why.
    Closed(String),
}

/// How much of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Its text, up to the limit for documents.
    Text,
    /// Its text, up to the limit for data sets.
    Data,
    /// Its size and digest.
    Digest,
    /// Only that it is there.
    Presence,
}

impl Repository {
    /// Opens the SMS at or above `folder`: the nearest folder with an `attestry.yaml`, else the
    /// root of the git repository, else the folder itself.
    pub fn open(folder: &Path, at: At) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("cannot open `{}`", folder.display()))?;
        if !folder.is_dir() {
            bail!("`{}` is not a folder", folder.display());
        }
        let git = git::open(&folder)?;
        let git_root = git.as_ref().and_then(git2::Repository::workdir).and_then(|root| root.canonicalize().ok());
        let root = sms_root(&folder, git_root.as_deref());
        if at == At::WorkTree && git.as_ref().is_some_and(git2::Repository::is_bare) && !has_configuration(&root) {
            bail!("`{}` is a bare repository, which has no files; name a commit with `--rev`", folder.display());
        }
        let prefix =
            git_root.as_deref().and_then(|git_root| root.strip_prefix(git_root).ok()).map(slashed).unwrap_or_default();
        let prefix = if prefix.is_empty() { prefix } else { format!("{prefix}/") };
        let revision = Revision::default();
        let mut repository = Self {
            default_branch: configured_branch(&root),
            root,
            git,
            prefix,
            at,
            revision,
            listed: Vec::new(),
            index_written: None,
            notes: OnceCell::new(),
            noted: OnceCell::new(),
            handles: OnceCell::new(),
            cache: None,
            memories: Arc::default(),
            verify: false,
            above: OnceCell::new(),
        };
        repository.list()?;
        Ok(repository)
    }

    /// The same SMS, read elsewhere.
    pub fn reading(mut self, at: At) -> Result<Self> {
        self.at = at;
        self.list()?;
        Ok(self)
    }

    /// The commit at which what is read parted from `base`.
    /// None where nothing is committed yet and the base is the `HEAD` that there will be.
    pub fn merge_base(&self, base: &str) -> Result<Option<String>> {
        let Some(git) = &self.git else {
            bail!("there is no git repository at `{}`, so there is no revision `{base}`", self.root.display())
        };
        if base == "HEAD" && self.revision.commit.is_none() {
            return Ok(None);
        }
        git::merge_base(git, self.revision.commit.as_deref(), base).map(Some)
    }

    /// The same SMS as it was at a commit, or before the first one; without any file where its
    /// folder was not there yet.
    pub fn at(&self, commit: Option<&str>) -> Result<Self> {
        let mut repository = Self {
            root: self.root.clone(),
            git: git::open(&self.root)?,
            prefix: self.prefix.clone(),
            at: At::Revision(commit.unwrap_or("HEAD").to_owned()),
            default_branch: self.default_branch.clone(),
            revision: Revision::default(),
            listed: Vec::new(),
            index_written: None,
            notes: OnceCell::new(),
            noted: OnceCell::new(),
            handles: self.handles.clone(),
            cache: self.cache.clone(),
            memories: self.memories.clone(),
            verify: self.verify,
            above: OnceCell::new(),
        };
        let Some(commit) = commit else {
            repository.revision = git::revision(repository.git.as_ref(), None, "HEAD".to_owned());
            return Ok(repository);
        };
        let holds = |git: &git2::Repository| git::holds(git, commit, &self.prefix);
        if self.prefix.is_empty() || repository.git.as_ref().is_some_and(holds) {
            repository.list()?;
        } else {
            let git = repository.git.as_ref();
            let found = git.map(|git| git::commit(git, commit)).transpose()?;
            let revision = git::revision(git, found.as_ref(), commit.to_owned());
            drop(found);
            repository.revision = revision;
        }
        Ok(repository)
    }

    fn list(&mut self) -> Result<()> {
        let named = self.at.named();
        self.index_written = self.git.as_ref().and_then(unread::index_written);
        let nothing = || format!("there is no git repository at `{}`", self.root.display());
        let (mut listed, commit) = match (&self.at, &self.git) {
            (At::WorkTree, git) => {
                // The files need no commit; that it cannot be read, the history says.
                let head = git.as_ref().and_then(|git| git::head(git).ok().flatten());
                (files::work_tree(&self.root, &self.prefix, git.as_ref())?, head)
            }
            (At::Staged { .. }, None) => bail!("{}, so nothing is staged", nothing()),
            (At::Revision(name), None) => bail!("{}, so there is no revision `{name}`", nothing()),
            (At::DefaultBranch | At::ByDay { .. }, None) => bail!("{}, so there is no default branch", nothing()),
            (At::Staged { index }, Some(git)) => {
                (git::staged(git, index.as_deref(), &self.prefix)?, git::head(git).ok().flatten())
            }
            (at, Some(git)) => {
                let commit = committed(at, git, self.default_branch.as_deref())?;
                (git::tree(git, &commit, &named, &self.prefix)?, Some(commit))
            }
        };
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        listed.dedup_by(|a, b| a.path == b.path);
        self.revision = git::revision(self.git.as_ref(), commit.as_ref(), named);
        self.listed = listed;
        (self.notes, self.noted) = (OnceCell::new(), OnceCell::new());
        self.above = OnceCell::new();
        Ok(())
    }

    /// The folder of the SMS.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the SMS root lies in the git root: empty, or a path with `/` at its end.
    pub fn folder(&self) -> &str {
        &self.prefix
    }

    /// Which commit is read.
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// Whether the work tree or the index differs from the commit it stands on; never for a
    /// revision. This reads every file that git would have to look at, so it is asked only where
    /// it is told.
    pub fn is_modified(&self) -> bool {
        let Some(git) = &self.git else { return false };
        match &self.at {
            At::WorkTree => git::is_modified(git),
            At::Staged { index } => git::is_staged(git, index.as_deref()),
            At::Revision(_) | At::DefaultBranch | At::ByDay { .. } => false,
        }
    }

    /// The size of one file, where it is there.
    pub fn size(&self, path: &str) -> Option<u64> {
        let index = self.listed.binary_search_by(|listed| listed.path.as_str().cmp(path)).ok()?;
        match &self.listed[index].found {
            Found::File => fs::metadata(self.root.join(path)).ok().map(|metadata| metadata.len()),
            Found::Blob(id) => self.git.as_ref().and_then(|git| git::blob_size(git, *id)),
            _ => None,
        }
    }

    /// The git blob id that a path has in the commit that is read, or on which the work tree stands.
    pub fn committed_blob(&self, path: &str) -> Option<String> {
        let commit = self.revision.commit.as_deref()?;
        git::blob_id_at(self.git.as_ref()?, commit, &format!("{}{path}", self.prefix))
    }

    /// Whether a new file there would be part of the SMS: below its root, and not ignored by git.
    pub fn would_hold(&self, file: &Path) -> bool {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let folder = absolute.parent().and_then(|folder| folder.canonicalize().ok());
        let inside = folder.zip(absolute.file_name()).map(|(folder, name)| folder.join(name));
        let Some(inside) = inside.as_deref().and_then(|file| file.strip_prefix(&self.root).ok()) else { return false };
        let path = format!("{}{}", self.prefix, slashed(inside));
        !self.git.as_ref().is_some_and(|git| git::is_ignored(git, &path))
    }

    /// The e-mail address that git would write into a commit here.
    pub fn identity(&self) -> Option<String> {
        self.git.as_ref().and_then(git::identity)
    }

    /// Paths of all files, sorted, relative to the SMS root.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|listed| listed.path.as_str())
    }

    /// The folders in which they stand, each once or more often.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let mut last = "";
        let folders = self.paths().filter_map(|path| Some(path.rsplit_once('/')?.0));
        folders.filter(move |folder| *folder != std::mem::replace(&mut last, folder))
    }

    /// All files in the order of their paths, each read as far as it is wanted; texts are read when
    /// they are needed.
    pub fn read(&self, want: impl Fn(&str) -> Want + Sync) -> Vec<Input> {
        let root = Arc::new(self.root.clone());
        let databases = self.git.as_ref().map(|git| Arc::new(Databases::new(git)));
        // Without a cache nobody asks for what is known without reading.
        let noted = if self.has_cache() { self.noted_contents() } else { &[] };
        let read = |(position, listed): (usize, &Listed)| {
            let want = want(&listed.path);
            let content = match (&listed.found, &databases) {
                (Found::Blob(id), Some(databases)) => {
                    let (databases, id) = (databases.clone(), *id);
                    content_now_or_later(want, history::plain(id), None, move || {
                        databases.lend(|git| blob_content(git, id, want))
                    })
                }
                (Found::File, _) => {
                    let (id, size) = noted.get(position).copied().flatten().unzip();
                    let path = root.join(&listed.path);
                    content_now_or_later(want, id, size, move || file_at(&path, want))
                }
                _ => file_content(&root, listed, want),
            };
            Input { path: listed.path.clone(), content }
        };
        self.listed.par_iter().enumerate().with_min_len(16).map(read).collect()
    }

    /// What is found under one path, read as far as it is wanted; none where nothing is there.
    pub fn content_of(&self, path: &str, want: Want) -> Option<Content> {
        let index = self.listed.binary_search_by(|listed| listed.path.as_str().cmp(path)).ok()?;
        let listed = &self.listed[index];
        Some(match (&listed.found, &self.git) {
            (Found::Blob(id), Some(git)) => blob_content(Ok(git), *id, want),
            _ => file_content(&self.root, listed, want),
        })
    }

    /// The bytes of one file, for copying; none where it is not there or not a file.
    pub fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let Ok(index) = self.listed.binary_search_by(|listed| listed.path.as_str().cmp(path)) else { return Ok(None) };
        match &self.listed[index].found {
            Found::File => fs::read(self.root.join(path)).map(Some).with_context(|| format!("cannot read `{path}`")),
            Found::Blob(id) => self.git.as_ref().map(|git| git::blob(git, *id)).transpose(),
            _ => Ok(None),
        }
    }

    /// The SHA-256 of one file. A pointer of Git LFS names that of the file itself.
    pub fn digest(&self, path: &str) -> Result<Option<String>> {
        let Some(bytes) = self.bytes(path)? else { return Ok(None) };
        if !bytes.starts_with(LFS_POINTER) {
            return Ok(Some(sha256(&bytes)));
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().find_map(|line| line.strip_prefix("oid sha256:")).map(|digest| digest.trim().to_owned()))
    }
}

/// The commit whose tree is read.
fn committed<'git>(at: &At, git: &'git git2::Repository, branch: Option<&str>) -> Result<git2::Commit<'git>> {
    let tip = || history::default_tip(git, branch);
    match at {
        At::Revision(name) => git::commit(git, name),
        At::ByDay { day, end } => {
            let tip = tip()?.with_context(|| format!("nothing is committed yet, so there is no tree of {day}"))?;
            git::commit(git, &history::last_before(git, tip.id(), day, *end)?.to_string())
        }
        At::WorkTree | At::Staged { .. } | At::DefaultBranch => {
            tip()?.context("nothing is committed yet, so there is no default branch")
        }
    }
}

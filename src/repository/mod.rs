//! The only part that reads: files of the work tree, objects of git. Paths that come from a
//! repository never lead out of it.

#![expect(clippy::disallowed_methods, reason = "this is where files are read")]

mod files;
mod git;
mod history;
mod write;

pub use crate::source::sha256;
pub use write::{NewCommit, NewRepository, write_whole};

use crate::{
    history::Revision,
    source::{Content, Input},
};
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The largest document that is read, in bytes.
pub const DOCUMENT_LIMIT: u64 = 8 * 1024 * 1024;
/// How a pointer of Git LFS begins.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";
/// The largest data set that is read, in bytes.
pub const DATA_LIMIT: u64 = 2 * 1024 * 1024 * 1024;

/// Which tree is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The files of the work tree.
    WorkTree,
    /// A commit, by whatever name git knows it.
    Revision(String),
}

/// An opened repository: the SMS root, and git around it if there is any.
pub struct Repository {
    root: PathBuf,
    git: Option<git2::Repository>,
    /// The SMS root inside the git root: empty, or a path with `/` at its end.
    prefix: String,
    at: At,
    revision: Revision,
    listed: Vec<Listed>,
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
        let mut repository = Self { root, git, prefix, at, revision: Revision::default(), listed: Vec::new() };
        repository.list()?;
        Ok(repository)
    }

    /// The commit at which what is read parted from `base`.
    pub fn merge_base(&self, base: &str) -> Result<String> {
        let Some(git) = &self.git else {
            bail!("there is no git repository at `{}`, so there is no revision `{base}`", self.root.display())
        };
        git::merge_base(git, self.revision.commit.as_deref(), base)
    }

    /// The same SMS as it was at a commit; without any file where its folder was not there yet.
    pub fn at(&self, commit: &str) -> Result<Self> {
        let mut repository = Self {
            root: self.root.clone(),
            git: git::open(&self.root)?,
            prefix: self.prefix.clone(),
            at: At::Revision(commit.to_owned()),
            revision: Revision::default(),
            listed: Vec::new(),
        };
        let holds = |git: &git2::Repository| git::holds(git, commit, &self.prefix);
        if self.prefix.is_empty() || repository.git.as_ref().is_some_and(holds) {
            repository.list()?;
        } else {
            repository.revision = git::revision(repository.git.as_ref(), &repository.at, commit.to_owned())?;
        }
        Ok(repository)
    }

    fn list(&mut self) -> Result<()> {
        let named = match &self.at {
            At::WorkTree => "worktree".to_owned(),
            At::Revision(name) => name.clone(),
        };
        self.listed = match (&self.at, &self.git) {
            (At::WorkTree, git) => files::work_tree(&self.root, &self.prefix, git.as_ref())?,
            (At::Revision(name), Some(git)) => git::tree(git, name, &self.prefix)?,
            (At::Revision(name), None) => {
                bail!("there is no git repository at `{}`, so there is no revision `{name}`", self.root.display())
            }
        };
        self.listed.sort_by(|a, b| a.path.cmp(&b.path));
        self.listed.dedup_by(|a, b| a.path == b.path);
        self.revision = git::revision(self.git.as_ref(), &self.at, named)?;
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

    /// Whether the work tree differs from the commit it stands on; never for a revision. This
    /// reads every file that git would have to look at, so it is asked only where it is told.
    pub fn is_modified(&self) -> bool {
        self.at == At::WorkTree && self.git.as_ref().is_some_and(git::is_modified)
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

    /// Reads all files, each as far as it is wanted, in the order of their paths.
    pub fn read(&self, want: impl Fn(&str) -> Want + Sync) -> Vec<Input> {
        let read = |listed: &Listed, git: Option<&git2::Repository>| Input {
            path: listed.path.clone(),
            content: self.content(listed, want(&listed.path), git),
        };
        match &self.at {
            // An object database belongs to one thread.
            At::Revision(_) => self.listed.iter().map(|listed| read(listed, self.git.as_ref())).collect(),
            At::WorkTree => {
                let (root, listed) = (&self.root, &self.listed);
                listed
                    .par_iter()
                    .map(|listed| Input {
                        path: listed.path.clone(),
                        content: file_content(root, listed, want(&listed.path)),
                    })
                    .collect()
            }
        }
    }

    /// What is found under one path, read as far as it is wanted; none where nothing is there.
    pub fn content_of(&self, path: &str, want: Want) -> Option<Content> {
        let index = self.listed.binary_search_by(|listed| listed.path.as_str().cmp(path)).ok()?;
        Some(self.content(&self.listed[index], want, self.git.as_ref()))
    }

    /// The bytes of one file, for copying; none where it is not there or not a file.
    pub fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let Ok(index) = self.listed.binary_search_by(|listed| listed.path.as_str().cmp(path)) else { return Ok(None) };
        match &self.listed[index].found {
            Found::File => fs::read(self.root.join(path)).map(Some).with_context(|| format!("cannot read `{path}`")),
            Found::Blob(id) => git::blob(self.git.as_ref(), *id).map(Some),
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

    /// The git blob id that these bytes have.
    pub fn blob_id(bytes: &[u8]) -> Option<String> {
        git2::Oid::hash_object(git2::ObjectType::Blob, bytes).ok().map(|id| id.to_string())
    }

    fn content(&self, listed: &Listed, want: Want, git: Option<&git2::Repository>) -> Content {
        let Found::Blob(id) = &listed.found else { return file_content(&self.root, listed, want) };
        let size = git.and_then(|git| git::blob_size(git, *id)).unwrap_or(0);
        if let Some(content) = unread(size, want) {
            return content;
        }
        match git::blob(git, *id) {
            Ok(bytes) => of_bytes(bytes, want),
            Err(error) => Content::Unreadable(format!("{error:#}")),
        }
    }
}

fn file_content(root: &Path, listed: &Listed, want: Want) -> Content {
    let path = root.join(&listed.path);
    match &listed.found {
        Found::Link(target) => return Content::NotFollowed(link_reason(&listed.path, target)),
        Found::Submodule => {
            return Content::NotFollowed("a submodule is another repository and is not entered".to_owned());
        }
        Found::Special => return Content::NotFollowed("this is a device, a socket or a pipe, not a file".to_owned()),
        Found::File | Found::Blob(_) => {}
    }
    if want == Want::Presence {
        return Content::Present { size: 0, sha256: None };
    }
    let size = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) => return Content::Unreadable(reason(&error)),
    };
    if let Some(content) = unread(size, want) {
        return content;
    }
    match fs::read(&path) {
        Ok(bytes) => of_bytes(bytes, want),
        Err(error) => Content::Unreadable(reason(&error)),
    }
}

/// What to say of a file that is not to be read.
fn unread(size: u64, want: Want) -> Option<Content> {
    let limit = match want {
        Want::Presence => return Some(Content::Present { size, sha256: None }),
        Want::Text => DOCUMENT_LIMIT,
        Want::Data | Want::Digest => DATA_LIMIT,
    };
    (size > limit).then(|| Content::Unreadable(format!("the file has {size} bytes, more than the limit of {limit}")))
}

fn of_bytes(bytes: Vec<u8>, want: Want) -> Content {
    if bytes.starts_with(LFS_POINTER) {
        return Content::NotFollowed(
            "this is a pointer of Git LFS; the file itself is not here (`git lfs pull` brings it)".to_owned(),
        );
    }
    match want {
        Want::Text | Want::Data => Content::Bytes(bytes),
        Want::Digest | Want::Presence => Content::Present { size: bytes.len() as u64, sha256: Some(sha256(&bytes)) },
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotFound => "it vanished while it was read".to_owned(),
        _ => error.to_string(),
    }
}

/// Says where a symbolic link leads: into the repository (the target is read under its own path)
/// or out of it.
fn link_reason(path: &str, target: &str) -> String {
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

fn has_configuration(folder: &Path) -> bool {
    folder.join(crate::configuration::FILE).is_file()
}

fn sms_root(folder: &Path, git_root: Option<&Path>) -> PathBuf {
    for candidate in folder.ancestors() {
        if has_configuration(candidate) {
            return candidate.to_owned();
        }
        if Some(candidate) == git_root {
            break;
        }
    }
    git_root.map_or_else(|| folder.to_owned(), Path::to_owned)
}

fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

//! Writing: whole files or nothing, and the git repository that `demo` and `init` make.

use anyhow::{Context, Result, anyhow, bail};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Writes a file whole: beside the target first, then in its place, so that an interrupt leaves
/// the old one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| anyhow!("`{}` is not a file name", path.display()))?;
    let beside = folder.join(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&beside, path)) {
        let _ = fs::remove_file(&beside);
        return Err(error).with_context(|| format!("cannot write `{}`", path.display()));
    }
    Ok(())
}

/// A git repository that is being made, commit by commit.
pub struct NewRepository {
    git: git2::Repository,
    folder: PathBuf,
    heads: BTreeMap<String, Head>,
}

/// The tip of a branch and the files there.
#[derive(Clone)]
struct Head {
    commit: Option<git2::Oid>,
    files: BTreeMap<String, git2::Oid>,
}

/// A commit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommit {
    /// The branch; one that does not exist starts where `main` is.
    pub branch: String,
    /// A branch that is merged by this commit and ends with it.
    pub merges: Option<String>,
    /// Name of author and committer.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Seconds since 1970-01-01 UTC.
    pub time: i64,
    /// Minutes east of UTC.
    pub offset: i32,
    /// The message.
    pub message: String,
    /// Files that change: their new bytes, or none where they go.
    pub changes: Vec<(String, Option<Vec<u8>>)>,
}

const MAIN: &str = "main";

impl NewRepository {
    /// Makes a repository with the branch `main` in an empty or new folder.
    pub fn create(folder: &Path) -> Result<Self> {
        let taken = || -> std::io::Result<bool> { Ok(fs::read_dir(folder)?.next().is_some()) };
        if folder.exists() && taken().with_context(|| format!("cannot open `{}`", folder.display()))? {
            bail!("`{}` is not empty; name a new folder", folder.display());
        }
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head(MAIN).external_template(false).mkpath(true);
        let git = git2::Repository::init_opts(folder, &options)
            .map_err(|error| anyhow!("cannot make a repository in `{}`: {}", folder.display(), error.message()))?;
        Ok(Self { git, folder: folder.to_owned(), heads: BTreeMap::new() })
    }

    /// Makes a commit.
    pub fn commit(&mut self, commit: &NewCommit) -> Result<()> {
        self.make(commit).map_err(|error| anyhow!("git: {}", error.message()))
    }

    fn make(&mut self, commit: &NewCommit) -> Result<(), git2::Error> {
        let none = || Head { commit: None, files: BTreeMap::new() };
        let known = self.heads.get(&commit.branch).or_else(|| self.heads.get(MAIN));
        let mut head = known.cloned().unwrap_or_else(none);
        let merged = commit.merges.as_ref().and_then(|branch| self.heads.remove(branch));
        for (path, bytes) in &commit.changes {
            match bytes {
                Some(bytes) => drop(head.files.insert(path.clone(), self.git.blob(bytes)?)),
                None => drop(head.files.remove(path)),
            }
        }
        let tree = self.git.find_tree(self.tree(&head.files)?)?;
        let who = git2::Signature::new(&commit.name, &commit.email, &git2::Time::new(commit.time, commit.offset))?;
        let parents = [head.commit, merged.and_then(|merged| merged.commit)];
        let parents: Vec<git2::Commit<'_>> =
            parents.into_iter().flatten().map(|id| self.git.find_commit(id)).collect::<Result<_, _>>()?;
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        head.commit = Some(self.git.commit(None, &who, &who, &commit.message, &tree, &parents)?);
        self.heads.insert(commit.branch.clone(), head);
        Ok(())
    }

    fn tree(&self, files: &BTreeMap<String, git2::Oid>) -> Result<git2::Oid, git2::Error> {
        let mut index = git2::Index::new()?;
        let none = git2::IndexTime::new(0, 0);
        for (path, id) in files {
            index.add(&git2::IndexEntry {
                ctime: none,
                mtime: none,
                dev: 0,
                ino: 0,
                mode: 0o100_644,
                uid: 0,
                gid: 0,
                file_size: 0,
                id: *id,
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            })?;
        }
        index.write_tree_to(&self.git)
    }

    /// Gives the branches that are left their names and checks `main` out.
    pub fn finish(self) -> Result<()> {
        let finished = || -> Result<(), git2::Error> {
            for (branch, head) in &self.heads {
                if let Some(commit) = head.commit {
                    self.git.reference(&format!("refs/heads/{branch}"), commit, false, "made")?;
                }
            }
            self.git.checkout_head(Some(git2::build::CheckoutBuilder::new().force()))
        };
        finished().map_err(|error| anyhow!("cannot check out in `{}`: {}", self.folder.display(), error.message()))
    }
}

//! Writing: whole files or nothing, and the git repository that `demo` and `init` make.

use anyhow::{Context, Result, anyhow, bail};
use std::{
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

/// A git repository that is being made.
pub struct NewRepository {
    git: git2::Repository,
    folder: PathBuf,
}

/// A commit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommit {
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
}

impl NewRepository {
    /// Makes a repository with the branch `main` in an empty or new folder.
    pub fn create(folder: &Path) -> Result<Self> {
        if folder.exists()
            && fs::read_dir(folder).with_context(|| format!("cannot open `{}`", folder.display()))?.next().is_some()
        {
            bail!("`{}` is not empty; name a new folder", folder.display());
        }
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        let git = git2::Repository::init_opts(folder, &options)
            .map_err(|error| anyhow!("cannot make a repository in `{}`: {}", folder.display(), error.message()))?;
        Ok(Self { git, folder: folder.to_owned() })
    }

    /// Commits a tree of files: path and content, nothing else. The parent is the tip of
    /// `branch`, or `parent` where the branch is new.
    pub fn commit(
        &self,
        branch: &str,
        parent: Option<&str>,
        files: &std::collections::BTreeMap<String, Vec<u8>>,
        commit: &NewCommit,
    ) -> Result<String> {
        self.commit_all(branch, parent, files, commit).map_err(|error| anyhow!("git: {}", error.message()))
    }

    fn commit_all(
        &self,
        branch: &str,
        parent: Option<&str>,
        files: &std::collections::BTreeMap<String, Vec<u8>>,
        commit: &NewCommit,
    ) -> Result<String, git2::Error> {
        let reference = format!("refs/heads/{branch}");
        let tip = self.git.find_reference(&reference).ok().and_then(|reference| reference.peel_to_commit().ok());
        let start = parent.map(|id| git2::Oid::from_str(id).and_then(|id| self.git.find_commit(id))).transpose()?;
        let parent = tip.or(start);
        let tree = self.git.find_tree(self.tree(files)?)?;
        let time = git2::Time::new(commit.time, commit.offset);
        let who = git2::Signature::new(&commit.name, &commit.email, &time)?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        self.git.commit(Some(&reference), &who, &who, &commit.message, &tree, &parents).map(|id| id.to_string())
    }

    /// Merges `branch` into `into` with a commit of two parents and the files of the result.
    pub fn merge(
        &self,
        into: &str,
        branch: &str,
        files: &std::collections::BTreeMap<String, Vec<u8>>,
        commit: &NewCommit,
    ) -> Result<String> {
        let merged = || -> Result<String, git2::Error> {
            let tip = |name: &str| self.git.find_reference(&format!("refs/heads/{name}"))?.peel_to_commit();
            let (ours, theirs) = (tip(into)?, tip(branch)?);
            let tree = self.git.find_tree(self.tree(files)?)?;
            let who = git2::Signature::new(&commit.name, &commit.email, &git2::Time::new(commit.time, commit.offset))?;
            let id = self.git.commit(
                Some(&format!("refs/heads/{into}")),
                &who,
                &who,
                &commit.message,
                &tree,
                &[&ours, &theirs],
            )?;
            Ok(id.to_string())
        };
        merged().map_err(|error| anyhow!("git: {}", error.message()))
    }

    fn tree(&self, files: &std::collections::BTreeMap<String, Vec<u8>>) -> Result<git2::Oid, git2::Error> {
        let mut index = git2::Index::new()?;
        let none = git2::IndexTime::new(0, 0);
        for (path, bytes) in files {
            let id = self.git.blob(bytes)?;
            index.add(&git2::IndexEntry {
                ctime: none,
                mtime: none,
                dev: 0,
                ino: 0,
                mode: 0o100_644,
                uid: 0,
                gid: 0,
                file_size: 0,
                id,
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            })?;
        }
        index.write_tree_to(&self.git)
    }

    /// Checks out `branch`, so that the work tree shows it.
    pub fn check_out(&self, branch: &str) -> Result<()> {
        let reference = format!("refs/heads/{branch}");
        self.git
            .set_head(&reference)
            .and_then(|()| self.git.checkout_head(Some(git2::build::CheckoutBuilder::new().force())))
            .map_err(|error| anyhow!("cannot check out `{branch}` in `{}`: {}", self.folder.display(), error.message()))
    }
}

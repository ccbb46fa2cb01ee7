//! The file at the root of the git repository by which the hosting platform asks for reviews, where
//! the SMS lies in a folder of it. One file by its path: the rest of what lies above may be large.

use super::{At, Found, Listed, Repository, Want, blob_content, content, file_content, files, git, slashed};
use crate::{codeowners::FILES, source::Content};
use std::{fs, io::ErrorKind, path::Path};

impl Repository {
    /// The `CODEOWNERS` that counts for the whole repository: its path from there and what is found
    /// under it. None where the SMS is all of the repository, or there is none.
    pub fn codeowners_above(&self) -> Option<(&str, &Content)> {
        let above = self.above.get_or_init(|| {
            let git = self.git.as_ref().filter(|_| !self.prefix.is_empty())?;
            let root = self.root.ancestors().nth(self.prefix.matches('/').count())?;
            let (path, found) = FILES.iter().find_map(|path| Some((*path, self.found_above(git, root, path)?)))?;
            let content = match found {
                Found::Blob(id) => blob_content(Ok(git), id, Want::Text),
                Found::Link(to) => Content::NotFollowed(format!("a symbolic link, to `{to}`, is not followed")),
                found => file_content(root, &Listed { path: path.to_owned(), found }, Want::Text),
            };
            Some((path.to_owned(), content))
        });
        above.as_ref().map(|(path, content)| (path.as_str(), content))
    }

    /// Whether a file that is there looks like one for hosting platforms and is none: a `CODEOWNERS` in
    /// the git repository where they do not look.
    pub fn passes_over_codeowners(&self, file: &Path) -> bool {
        let root = self.git.as_ref().and_then(git2::Repository::workdir).and_then(|root| root.canonicalize().ok());
        let file = file.canonicalize().ok();
        let inside = root.zip(file).and_then(|(root, file)| file.strip_prefix(root).ok().map(slashed));
        inside
            .is_some_and(|inside| inside.rsplit('/').next() == Some("CODEOWNERS") && !FILES.contains(&inside.as_str()))
    }

    /// What git has under a path from its root, or would have once it is committed: that is what
    /// platforms read.
    fn found_above(&self, git: &git2::Repository, root: &Path, path: &str) -> Option<Found> {
        match &self.at {
            At::WorkTree => {
                let file = root.join(path);
                let folder = file.parent()?;
                match fs::symlink_metadata(&file) {
                    Ok(metadata)
                        // For git nothing lies in a folder that is a link.
                        if !metadata.is_dir() && folder.canonicalize().is_ok_and(|real| real == folder) =>
                    {
                        let counts = git::is_tracked(git, path) || files::is_listed(root, path);
                        counts.then(|| files::found(&file, metadata.file_type()))
                    }
                    Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                        git::is_tracked(git, path).then(|| Found::Closed(content::reason(&error)))
                    }
                    _ => git::left_out(git, path).map(Found::Blob),
                }
            }
            At::Staged { index } => git::staged_at(git, index.as_deref(), path),
            At::Revision(_) | At::DefaultBranch | At::ByDay { .. } => {
                git::found_at(git, self.revision.commit.as_deref()?, path)
            }
        }
    }
}

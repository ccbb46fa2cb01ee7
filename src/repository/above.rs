//! The file at the root of the git repository by which the hosting platform asks for reviews, where
//! the SMS lies in a folder of it. One file by its path: the rest of what lies above may be large.

use super::{At, DOCUMENT_LIMIT, Repository, git, slashed};
use crate::codeowners::FILES;
use std::{fs, path::Path};

impl Repository {
    /// The `CODEOWNERS` that counts for the whole repository: its path from there and its bytes.
    /// None where the SMS is all of the repository, or there is none that is a file of ordinary size.
    pub fn codeowners_above(&self) -> Option<(&str, &[u8])> {
        let above = self.above.get_or_init(|| {
            let git = self.git.as_ref().filter(|_| !self.prefix.is_empty())?;
            let root = self.root.ancestors().nth(self.prefix.matches('/').count())?;
            FILES.iter().find_map(|path| Some(((*path).to_owned(), self.bytes_above(git, root, path)?)))
        });
        above.as_ref().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
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

    fn bytes_above(&self, git: &git2::Repository, root: &Path, path: &str) -> Option<Vec<u8>> {
        let id = match &self.at {
            At::WorkTree => {
                let file = root.join(path);
                // Neither the file nor its folder is read through a link, which may lead anywhere.
                let is_own = file.canonicalize().is_ok_and(|real| real == file);
                if is_own && fs::metadata(&file).is_ok_and(|it| it.is_file() && it.len() <= DOCUMENT_LIMIT) {
                    return fs::read(file).ok();
                }
                git::left_out(git, path)?
            }
            At::Staged { index } => git::staged_blob(git, index.as_deref(), path)?,
            At::Revision(_) | At::DefaultBranch | At::ByDay { .. } => {
                git2::Oid::from_str(&git::blob_id_at(git, self.revision.commit.as_deref()?, path)?).ok()?
            }
        };
        git::blob_size(git, id).filter(|size| *size <= DOCUMENT_LIMIT)?;
        git::blob(git, id).ok()
    }
}

//! Blobs, read on all cores. An object database belongs to one thread, so each gets its own.

use super::git;
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Object databases of one repository, lent to threads.
pub(super) struct Databases {
    path: PathBuf,
    free: Mutex<Vec<git2::Repository>>,
}

impl Databases {
    pub(super) fn new(git: &git2::Repository) -> Self {
        Self { path: git.path().to_owned(), free: Mutex::default() }
    }

    /// Lends one to some work, or says why there is none.
    pub(super) fn lend<R>(&self, work: impl FnOnce(Result<&git2::Repository, String>) -> R) -> R {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let git = match free.map_or_else(|| git::open_objects(&self.path), Ok) {
            Ok(git) => git,
            Err(reason) => return work(Err(reason)),
        };
        let done = work(Ok(&git));
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(git);
        done
    }
}

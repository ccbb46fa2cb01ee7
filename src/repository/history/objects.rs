//! Reading objects of git, each thread with a handle of its own.

use super::{rename::Blobs, tree::Trees};
use crate::history::ObjectId;
use git2::{ObjectType, Odb, Oid, Repository};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// How many bytes of tree objects one thread keeps, twice.
const KEPT: usize = 8 * 1024 * 1024;

/// Handles on one repository for several threads.
pub(super) struct Handles {
    path: PathBuf,
    free: Mutex<Vec<Handle>>,
}

/// A handle with the trees it read last.
struct Handle {
    git: Repository,
    recent: Recent,
}

/// Trees read lately: when the young ones are many, the old ones go.
#[derive(Default)]
struct Recent {
    young: BTreeMap<ObjectId, Arc<[u8]>>,
    old: BTreeMap<ObjectId, Arc<[u8]>>,
    bytes: usize,
}

/// Objects as one thread reads them.
pub(super) struct Objects<'h> {
    odb: Odb<'h>,
    recent: &'h mut Recent,
    /// How many contents could not be read.
    pub(super) missing: usize,
}

impl Handles {
    pub(super) fn new(git: &Repository) -> Self {
        Self { path: git.path().to_owned(), free: Mutex::new(Vec::new()) }
    }

    /// Lends a handle to some work.
    pub(super) fn lend<R>(&self, work: impl FnOnce(&mut Objects<'_>) -> Result<R, String>) -> Result<R, String> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut handle = match free {
            Some(handle) => handle,
            None => Handle {
                git: Repository::open(&self.path).map_err(|error| super::super::git::explained(&error))?,
                recent: Recent::default(),
            },
        };
        let odb = handle.git.odb().map_err(|error| error.message().to_owned())?;
        let mut objects = Objects { odb, recent: &mut handle.recent, missing: 0 };
        let done = work(&mut objects);
        drop(objects);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        done
    }
}

impl Objects<'_> {
    /// The bytes of an object of a type.
    pub(super) fn read(&self, id: ObjectId, kind: ObjectType) -> Result<git2::OdbObject<'_>, String> {
        let failed = |reason: &str| {
            format!("git object {id} cannot be read: {reason} (a broken or partial clone? `git fsck` tells; fetch it whole)")
        };
        let object = self.odb.read(oid(id)).map_err(|error| failed(error.message()))?;
        if object.kind() == kind { Ok(object) } else { Err(failed("it is of another type")) }
    }
}

impl Trees for Objects<'_> {
    fn tree(&mut self, id: ObjectId) -> Result<Arc<[u8]>, String> {
        if let Some(tree) = self.recent.get(id) {
            return Ok(tree);
        }
        let tree: Arc<[u8]> = Arc::from(self.read(id, ObjectType::Tree)?.data());
        self.recent.keep(id, tree.clone());
        Ok(tree)
    }
}

impl Recent {
    fn get(&mut self, id: ObjectId) -> Option<Arc<[u8]>> {
        if let Some(tree) = self.young.get(&id) {
            return Some(tree.clone());
        }
        let tree = self.old.remove(&id)?;
        self.keep(id, tree.clone());
        Some(tree)
    }

    fn keep(&mut self, id: ObjectId, tree: Arc<[u8]>) {
        self.bytes += tree.len();
        self.young.insert(id, tree);
        if self.bytes > KEPT {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }
}

impl Blobs for Objects<'_> {
    fn size(&mut self, id: ObjectId) -> Option<usize> {
        let size = self.odb.read_header(oid(id)).ok().map(|(size, _)| size);
        self.missing += usize::from(size.is_none());
        size
    }

    fn blob(&mut self, id: ObjectId) -> Option<Vec<u8>> {
        self.read(id, ObjectType::Blob).ok().map(|object| object.data().to_vec())
    }
}

/// The id as libgit2 has it.
pub(super) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(&id.0).unwrap_or(Oid::ZERO_SHA1)
}

/// The id as a plain value; none for one that is no SHA-1.
pub(super) fn plain(oid: Oid) -> Option<ObjectId> {
    oid.as_bytes().try_into().ok().map(ObjectId)
}

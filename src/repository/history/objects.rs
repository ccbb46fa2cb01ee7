//! Reading objects of git, each thread with a handle of its own.

use super::{
    pack::{self, Packs, Recent},
    rename::Blobs,
    tree::Trees,
};
use crate::{
    history::ObjectId,
    repository::git::{cause, open_objects},
};
use flate2::Decompress;
use git2::{ObjectType, Odb, Oid, Repository};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// How many bytes of trees from outside the packs one thread keeps, twice.
const KEPT: usize = 4 * 1024 * 1024;

/// So many objects are read sooner by libgit2 than whole packs are.
const FEW: usize = 128;

/// Handles on one repository for several threads.
pub(in crate::repository) struct Handles {
    path: PathBuf,
    /// Where the packs lie.
    shared: PathBuf,
    /// Read when many objects were asked for.
    packs: OnceLock<Packs>,
    /// How many were.
    asked: AtomicUsize,
    /// Whether every object is held against its id.
    verify: bool,
    free: Mutex<Vec<Handle>>,
}

/// A handle with the trees it read last.
struct Handle {
    git: Repository,
    recent: Recent<ObjectId>,
    inflate: Decompress,
}

/// Objects as one thread reads them.
pub(super) struct Objects<'h> {
    odb: Odb<'h>,
    handles: &'h Handles,
    recent: &'h mut Recent<ObjectId>,
    inflate: &'h mut Decompress,
    verify: bool,
    /// How many contents could not be read.
    pub(super) missing: usize,
}

impl Handles {
    pub(super) fn new(git: &Repository, verify: bool) -> Self {
        let (path, shared) = (git.path().to_owned(), git.commondir().to_owned());
        Self { path, shared, packs: OnceLock::new(), asked: AtomicUsize::new(0), verify, free: Mutex::default() }
    }

    /// Lends a handle to some work.
    pub(super) fn lend<R>(&self, work: impl FnOnce(&mut Objects<'_>) -> Result<R, String>) -> Result<R, String> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut handle = match free {
            Some(handle) => handle,
            None => {
                Handle { git: open_objects(&self.path)?, recent: Recent::default(), inflate: Decompress::new(true) }
            }
        };
        let Handle { git, recent, inflate } = &mut handle;
        let odb = git.odb().map_err(|error| error.message().to_owned())?;
        let verify = self.verify;
        let done = work(&mut Objects { odb, handles: self, recent, inflate, verify, missing: 0 });
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        done
    }
}

impl Handles {
    /// Where an object lies in its pack; behind all others where it is in none.
    pub(super) fn place(&self, id: ObjectId) -> usize {
        self.packs().and_then(|packs| packs.place(id)).unwrap_or(usize::MAX)
    }

    /// The packs, where it is worth it to read them.
    fn packs(&self) -> Option<&Packs> {
        let are_many = || self.asked.fetch_add(1, Ordering::Relaxed) >= FEW;
        let is_worth_it = self.packs.get().is_some() || are_many();
        is_worth_it.then(|| self.packs.get_or_init(|| Packs::read(&self.shared)))
    }
}

impl Objects<'_> {
    /// The bytes of a commit.
    pub(super) fn commit(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, String> {
        match self.packed(id, pack::COMMIT) {
            Some(bytes) => self.held(id, "commit", bytes),
            None => self.read(id, ObjectType::Commit),
        }
    }

    /// The bytes of a file.
    pub(super) fn file(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, String> {
        match self.packed(id, pack::FILE) {
            Some(bytes) => self.held(id, "blob", bytes),
            None => self.read(id, ObjectType::Blob),
        }
    }

    /// An object straight out of a pack.
    fn packed(&mut self, id: ObjectId, sort: u8) -> Option<Arc<Vec<u8>>> {
        self.handles.packs()?.object(id, sort, self.inflate)
    }

    fn read(&self, id: ObjectId, kind: ObjectType) -> Result<Arc<Vec<u8>>, String> {
        let object = self.odb.read(oid(id)).map_err(|error| failed(id, &cause(&error)))?;
        if object.kind() != kind {
            return Err(failed(id, "it is of another type"));
        }
        self.held(id, kind.str(), Arc::new(object.data().to_vec()))
    }

    /// An object, held against its id where that is asked for.
    fn held(&self, id: ObjectId, kind: &str, bytes: Arc<Vec<u8>>) -> Result<Arc<Vec<u8>>, String> {
        let is_true = !self.verify || ObjectId::of(kind, &bytes) == id;
        if is_true { Ok(bytes) } else { Err(failed(id, "its content is not what its id says")) }
    }
}

fn failed(id: ObjectId, reason: &str) -> String {
    format!("git object {id} cannot be read: {reason} (a broken or partial clone? `git fsck` tells; fetch it whole)")
}

impl Trees for Objects<'_> {
    fn tree(&mut self, id: ObjectId) -> Result<Arc<Vec<u8>>, String> {
        if let Some(tree) = self.packed(id, pack::TREE) {
            return self.held(id, "tree", tree);
        }
        if let Some(tree) = self.recent.get(id, KEPT) {
            return Ok(tree);
        }
        let tree = self.read(id, ObjectType::Tree)?;
        self.recent.keep(id, tree.clone(), KEPT);
        Ok(tree)
    }
}

impl Blobs for Objects<'_> {
    fn size(&mut self, id: ObjectId) -> Option<usize> {
        let size = self.odb.read_header(oid(id)).ok().map(|(size, _)| size);
        self.missing += usize::from(size.is_none());
        size
    }

    fn blob(&mut self, id: ObjectId) -> Option<Vec<u8>> {
        self.file(id).ok().map(|bytes| bytes.to_vec())
    }
}

/// The id as libgit2 has it.
pub(in crate::repository) fn oid(id: ObjectId) -> Oid {
    Oid::from_bytes(&id.0).unwrap_or(Oid::ZERO_SHA1)
}

/// The id as a plain value; none for one that is no SHA-1.
pub(in crate::repository) fn plain(oid: Oid) -> Option<ObjectId> {
    oid.as_bytes().try_into().ok().map(ObjectId)
}

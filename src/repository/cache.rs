//! Where a cache lies and how it is read and written. Whatever fails here fails silently: a cache
//! that is not there, cannot be written or is not quite as it should be costs time and nothing else.

use super::{Found, Listed, Repository, sha256};
use crate::cache::{LIMIT, Memory, Writer, sealed, unsealed};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// How many files the folder may hold; the oldest go.
const COUNT_LIMIT: usize = 96;

/// The cache of one repository: files in the user's folder, of which no other repository has one.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// How its files begin: a digest of where the repository lies.
    name: String,
}

impl Cache {
    pub(super) fn new(folder: &Path, git: &git2::Repository) -> Option<Self> {
        let place = git.commondir().canonicalize().ok()?;
        let name = sha256(place.as_os_str().as_encoded_bytes()).chars().take(24).collect();
        Some(Self { folder: folder.to_owned(), name })
    }

    fn path(&self, what: &str) -> PathBuf {
        self.folder.join(format!("{}-{what}", self.name))
    }

    /// What an earlier run of this very build left.
    pub(super) fn read(&self, what: &str) -> Option<Vec<u8>> {
        let path = self.path(what);
        let metadata = fs::symlink_metadata(&path).ok()?;
        if !metadata.is_file() || metadata.len() > LIMIT as u64 + 1024 {
            return None;
        }
        unsealed(what, fs::read(path).ok()?)
    }

    /// Leaves something for the next run, whole or not at all.
    pub(super) fn write(&self, what: &str, content: Vec<u8>) {
        if content.len() <= LIMIT && make_folder(&self.folder).is_ok() {
            let _ = self.write_whole(what, &sealed(what, content));
            self.make_room();
        }
    }

    /// Without waiting for the disk: a file that was cut off is no cache.
    fn write_whole(&self, what: &str, bytes: &[u8]) -> std::io::Result<()> {
        let beside = self.folder.join(format!("{}-{what}.{}.part", self.name, std::process::id()));
        let written = create(&beside).and_then(|mut file| file.write_all(bytes));
        let done = written.and_then(|()| fs::rename(&beside, self.path(what)));
        if done.is_err() {
            let _ = fs::remove_file(&beside);
        }
        done
    }

    /// Removes the oldest files where there are too many.
    fn make_room(&self) {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<_> =
            files.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(COUNT_LIMIT)) {
            let _ = fs::remove_file(path);
        }
    }
}

/// What earlier runs left, read once for everything that this one makes of a repository.
#[derive(Default)]
pub(super) struct Memories(Mutex<BTreeMap<&'static str, Arc<OnceLock<Arc<Memory>>>>>);

impl Memories {
    /// What is in the cache under a name; whoever asks while another reads it waits.
    fn read(&self, cache: Option<&Cache>, name: &'static str) -> Arc<Memory> {
        let cell = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default().clone();
        let read = || match cache {
            Some(cache) => Memory::of(cache.read(name).unwrap_or_default()),
            None => Memory::forgetful(),
        };
        cell.get_or_init(|| Arc::new(read())).clone()
    }
}

impl Repository {
    /// The same, with a cache in this folder: what one run reads of old commits costs the next one
    /// nothing. The results are the same.
    #[must_use]
    pub fn with_cache(mut self, folder: Option<&Path>) -> Self {
        self.cache = folder.zip(self.git.as_ref()).and_then(|(folder, git)| Cache::new(folder, git));
        self
    }

    /// Holds every object of the history against its id, and trusts no earlier run.
    #[must_use]
    pub fn verified(mut self) -> Self {
        (self.verify, self.cache) = (true, None);
        self
    }

    /// Whether there is a cache.
    pub fn has_cache(&self) -> bool {
        self.cache.is_some()
    }

    /// Which files are there, as bytes; with the id of its content where git has it.
    pub fn listing(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        for Listed { path, found } in &self.listed {
            writer.text(path);
            let (sort, more) = match found {
                Found::File => (0, [].as_slice()),
                Found::Blob(id) => (1, id.as_bytes()),
                Found::Link(target) => (2, target.as_bytes()),
                Found::Submodule => (3, [].as_slice()),
                Found::Special => (4, [].as_slice()),
                Found::Unmerged => (5, [].as_slice()),
                Found::Closed(reason) => (6, reason.as_bytes()),
            };
            writer.number(sort);
            writer.bytes(more);
        }
        writer.into_bytes()
    }

    /// Begins to read what earlier runs left under these names, one after the other as they are
    /// needed, beside what is done meanwhile.
    pub fn remember(&self, names: &'static [&'static str]) {
        let Some(cache) = self.cache.clone() else { return };
        let memories = self.memories.clone();
        std::thread::spawn(move || names.iter().for_each(|name| drop(memories.read(Some(&cache), name))));
    }

    /// What earlier runs left under a name, and this one adds: it forgets where there is no cache.
    pub fn memory(&self, name: &'static str) -> Arc<Memory> {
        self.memories.read(self.cache.as_ref(), name)
    }

    /// What an earlier run left in the cache under a name; none where there is nothing.
    pub fn cached(&self, what: &str) -> Option<Vec<u8>> {
        self.cache.as_ref()?.read(what)
    }

    /// Leaves something in the cache for the next run.
    pub fn cache(&self, what: &str, content: Vec<u8>) {
        if let Some(cache) = &self.cache {
            cache.write(what, content);
        }
    }
}

/// Makes the folder, for its user alone: what documents say stands in the files.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

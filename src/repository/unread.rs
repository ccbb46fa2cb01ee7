//! What is in the files of a work tree, without reading those of which git's index tells: a file
//! whose size, times and inode are those that git noted when it last looked has the content that it
//! noted. Where a time is too near to that of the index to prove anything, the file is read, as git
//! does it (`racy-git` in git's technical documentation).

use super::{Found, Listed, Repository, Want, content::file_content, git, history::plain};
use crate::{cache::Writer, history::ObjectId, source::Content};
use rayon::prelude::*;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A time in seconds and nanoseconds.
pub(super) type Time = (i64, u32);

/// What git noted of a file.
struct Noted {
    id: git2::Oid,
    size: u32,
    inode: u32,
    modified: Time,
    changed: Time,
}

/// Git's notes and when they were written.
pub(super) struct Notes {
    /// By path below the SMS root, sorted.
    files: Vec<(Vec<u8>, Noted)>,
    written: Time,
}

impl Repository {
    /// The contents of the files that are read, each told by its id in git and its size, as bytes:
    /// as they were when this was asked first.
    pub fn contents_of_files(&self, want: impl Fn(&str) -> Want + Sync) -> Vec<u8> {
        self.told(want, self.noted_contents())
    }

    /// The same, with those that were read as they are now: of the others nothing was taken but their
    /// id when this was asked first.
    pub fn contents_of_files_now(&self, want: impl Fn(&str) -> Want + Sync, read: &BTreeSet<&str>) -> Vec<u8> {
        let (root, notes) = (&self.root, self.notes());
        let again = |(listed, before): (&Listed, &Option<(ObjectId, u64)>)| {
            let is_read = read.contains(listed.path.as_str());
            if is_read { notes?.content(root, listed) } else { *before }
        };
        let now: Vec<_> = self.listed.par_iter().zip(self.noted_contents()).with_min_len(64).map(again).collect();
        self.told(want, &now)
    }

    fn told(&self, want: impl Fn(&str) -> Want + Sync, noted: &[Option<(ObjectId, u64)>]) -> Vec<u8> {
        let root = &self.root;
        let told = |(listed, noted): (&Listed, &Option<(ObjectId, u64)>)| {
            let want = want(&listed.path);
            if want == Want::Presence || !matches!(listed.found, Found::File) {
                return None;
            }
            Some(match noted {
                Some(noted) => Ok(*noted),
                None => match file_content(root, listed, want) {
                    Content::Bytes(bytes) => Ok((ObjectId::of_blob(&bytes), bytes.len() as u64)),
                    other => Err(format!("{other:?}")),
                },
            })
        };
        let told: Vec<_> = self.listed.par_iter().zip(noted).with_min_len(64).map(told).collect();
        let mut writer = Writer::default();
        for one in told {
            writer.option(one, |writer, read| match read {
                Ok((id, size)) => {
                    writer.flag(true);
                    writer.raw(&id.0);
                    writer.number(size);
                }
                Err(other) => {
                    writer.flag(false);
                    writer.text(&other);
                }
            });
        }
        writer.into_bytes()
    }

    /// By position, the id in git and the size of each file that is as git noted, looked at once.
    pub(super) fn noted_contents(&self) -> &[Option<(ObjectId, u64)>] {
        self.noted.get_or_init(|| self.look_at_files())
    }

    fn look_at_files(&self) -> Vec<Option<(ObjectId, u64)>> {
        let (root, notes) = (&self.root, self.notes());
        let look = |listed: &Listed| notes?.content(root, listed);
        self.listed.par_iter().with_min_len(64).map(look).collect()
    }
}

/// Attributes by which git keeps another content than the file has, so that two may look like one.
const FILTERS: [&str; 3] = ["filter", "ident", "working-tree-encoding"];

impl Repository {
    /// What git noted of the files of the work tree; none where that proves nothing.
    fn notes(&self) -> Option<&Notes> {
        let notes = || {
            let git = self.git.as_ref().filter(|git| !self.has_filters(git))?;
            Notes::of(git, &self.prefix, self.index_written?)
        };
        self.notes.get_or_init(notes).as_ref()
    }

    fn has_filters(&self, git: &git2::Repository) -> bool {
        let listed = self.listed.iter().filter(|listed| listed.path.rsplit('/').next() == Some(".gitattributes"));
        let listed = listed.map(|listed| self.root.join(&listed.path));
        let above = self.root.ancestors().map(|folder| folder.join(".gitattributes"));
        let own = std::iter::once(git.commondir().join("info/attributes"));
        let names_one = |text: Vec<u8>| {
            let text = String::from_utf8_lossy(&text);
            FILTERS.iter().any(|filter| text.contains(filter))
        };
        listed.chain(above).chain(own).chain(of_all(git)).filter_map(|path| fs::read(path).ok()).any(names_one)
    }
}

/// The files of attributes for all repositories: those of the user (`core.attributesFile`, and beside
/// the configuration) and of the system.
fn of_all(git: &git2::Repository) -> impl Iterator<Item = PathBuf> {
    let beside = |path: Result<PathBuf, git2::Error>, name: &str| path.ok().map(|path| path.with_file_name(name));
    let files = [
        git.config().and_then(|config| config.get_path("core.attributesFile")).ok(),
        beside(git2::Config::find_xdg(), "attributes"),
        beside(git2::Config::find_global(), ".config/git/attributes"),
        beside(git2::Config::find_system(), "gitattributes"),
        Some(PathBuf::from("/etc/gitattributes")),
    ];
    files.into_iter().flatten()
}

impl Notes {
    fn of(git: &git2::Repository, prefix: &str, written: Time) -> Option<Self> {
        let mut files = git::noted(git, |entry| {
            let path = entry.path.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec)?;
            let time = |time: git2::IndexTime| (i64::from(time.seconds()), time.nanoseconds());
            let (modified, changed) = (time(entry.mtime), time(entry.ctime));
            Some((path, Noted { id: entry.id, size: entry.file_size, inode: entry.ino, modified, changed }))
        })?;
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        Some(Self { files, written })
    }

    /// The id in git and the size of a file, where it is as git noted.
    fn content(&self, root: &Path, listed: &Listed) -> Option<(ObjectId, u64)> {
        let path = Some(listed.path.as_str()).filter(|_| matches!(listed.found, Found::File))?;
        let place = self.files.binary_search_by(|(other, _)| other.as_slice().cmp(path.as_bytes())).ok()?;
        let noted = Some(&self.files[place].1).filter(|noted| noted.modified < self.written)?;
        let metadata = fs::symlink_metadata(root.join(path)).ok().filter(fs::Metadata::is_file)?;
        let (inode, modified, changed) = times(&metadata)?;
        // Git notes no size where it could not be sure itself.
        let is_sure = noted.size > 0 || noted.id.as_bytes() == ObjectId::of_blob(b"").0;
        let is_as_noted = is_sure
            && u32::try_from(metadata.len()).is_ok_and(|size| size == noted.size)
            && inode == noted.inode
            && modified == noted.modified
            && changed == noted.changed;
        plain(noted.id).filter(|_| is_as_noted).map(|id| (id, metadata.len()))
    }
}

/// When the index was written. To be asked before it is read: of one that is written meanwhile more
/// then counts as too near.
pub(super) fn index_written(git: &git2::Repository) -> Option<Time> {
    Some(times(&fs::metadata(git.path().join("index")).ok()?)?.1)
}

/// Inode, time of the last change of the content, and of anything; none where the system has no
/// such things to rely on.
#[cfg(unix)]
fn times(metadata: &fs::Metadata) -> Option<(u32, Time, Time)> {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = |part: i64| u32::try_from(part).ok();
    let inode = u32::try_from(metadata.ino() & u64::from(u32::MAX)).ok()?;
    let modified = (metadata.mtime(), nanoseconds(metadata.mtime_nsec())?);
    Some((inode, modified, (metadata.ctime(), nanoseconds(metadata.ctime_nsec())?)))
}

#[cfg(not(unix))]
fn times(_: &fs::Metadata) -> Option<(u32, Time, Time)> {
    None
}

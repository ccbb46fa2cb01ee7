//! Reading commits and trees straight out of pack files: a shortcut, three times as fast as
//! libgit2 is with the long chains of small differences that trees are packed as. Whatever is not
//! quite as expected is left to libgit2, which also says what is wrong with it.

use crate::history::ObjectId;
use flate2::{Decompress, FlushDecompress};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Packs are read into memory up to this many bytes together; larger ones are left to libgit2.
const PACKS_LIMIT: u64 = 192 * 1024 * 1024;
/// The largest object that is read here, in bytes.
const OBJECT_LIMIT: usize = 16 * 1024 * 1024;
/// The longest chain of differences that is followed.
const CHAIN_LIMIT: usize = 4096;
/// How many parts the memory of objects has, so that threads seldom wait for each other.
const PARTS: usize = 16;
/// How many bytes of objects each part keeps, twice.
const KEPT: usize = 20 * 1024 * 1024 / PARTS;

/// The packs of a repository, shared by all threads.
#[derive(Default)]
pub(super) struct Packs {
    packs: Vec<Pack>,
    recent: [Mutex<Recent<(usize, usize)>>; PARTS],
}

struct Pack {
    index: Vec<u8>,
    data: Vec<u8>,
    count: usize,
}

/// Objects read lately: when the young ones are many, the old ones go.
pub(super) struct Recent<K> {
    young: BTreeMap<K, Arc<Vec<u8>>>,
    old: BTreeMap<K, Arc<Vec<u8>>>,
    bytes: usize,
}

impl<K> Default for Recent<K> {
    fn default() -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), bytes: 0 }
    }
}

impl<K: Ord + Copy> Recent<K> {
    pub(super) fn get(&mut self, key: K, limit: usize) -> Option<Arc<Vec<u8>>> {
        if let Some(bytes) = self.young.get(&key) {
            return Some(bytes.clone());
        }
        let bytes = self.old.remove(&key)?;
        self.keep(key, bytes.clone(), limit);
        Some(bytes)
    }

    pub(super) fn keep(&mut self, key: K, bytes: Arc<Vec<u8>>, limit: usize) {
        self.bytes += bytes.len();
        self.young.insert(key, bytes);
        if self.bytes > limit {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }
}

/// The sorts of objects, as packs number them.
pub(super) const COMMIT: u8 = 1;
pub(super) const TREE: u8 = 2;
pub(super) const FILE: u8 = 3;
const OFFSET_DELTA: u8 = 6;
const NAMED_DELTA: u8 = 7;

const NAMES: usize = 8 + 4 * 256;

impl Packs {
    /// Reads the packs below a git directory.
    pub(super) fn read(git_folder: &Path) -> Self {
        let mut indexes: Vec<_> = fs::read_dir(git_folder.join("objects/pack"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "idx"))
            .collect();
        indexes.sort();
        let size = |path: &Path| fs::metadata(path).map_or(u64::MAX, |metadata| metadata.len());
        let total = indexes.iter().fold(0_u64, |total, path| {
            total.saturating_add(size(path)).saturating_add(size(&path.with_extension("pack")))
        });
        if total > PACKS_LIMIT {
            return Self::default();
        }
        Self { packs: indexes.iter().filter_map(|path| Pack::read(path)).collect(), ..Self::default() }
    }

    /// Where an object lies.
    pub(super) fn place(&self, id: ObjectId) -> Option<usize> {
        self.packs.iter().find_map(|pack| pack.find(id))
    }

    /// The bytes of an object of a sort; none where it is not here, or not as expected.
    pub(super) fn object(&self, id: ObjectId, sort: u8, inflate: &mut Decompress) -> Option<Arc<Vec<u8>>> {
        let (number, pack, offset) =
            self.packs.iter().enumerate().find_map(|(number, pack)| Some((number, pack, pack.find(id)?)))?;
        let mut offset = offset;
        let mut chain: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut whole = loop {
            if let Some(known) = self.part(offset).get((number, offset), KEPT) {
                break known;
            }
            let (found, size, start) = pack.header(offset)?;
            match found {
                OFFSET_DELTA => {
                    let (back, start) = pack.distance(start)?;
                    chain.push((offset, inflated(pack.data.get(start..)?, size, inflate)?));
                    offset = offset.checked_sub(back)?;
                }
                NAMED_DELTA => {
                    let base = ObjectId(pack.data.get(start..start + 20)?.try_into().ok()?);
                    chain.push((offset, inflated(pack.data.get(start + 20..)?, size, inflate)?));
                    offset = pack.find(base)?;
                }
                _ if found == sort => {
                    let whole = Arc::new(inflated(pack.data.get(start..)?, size, inflate)?);
                    if sort == TREE || !chain.is_empty() {
                        self.part(offset).keep((number, offset), whole.clone(), KEPT);
                    }
                    break whole;
                }
                _ => return None,
            }
            if chain.len() > CHAIN_LIMIT {
                return None;
            }
        };
        while let Some((offset, delta)) = chain.pop() {
            whole = Arc::new(applied(&whole, &delta)?);
            self.part(offset).keep((number, offset), whole.clone(), KEPT);
        }
        Some(whole)
    }

    fn part(&self, offset: usize) -> std::sync::MutexGuard<'_, Recent<(usize, usize)>> {
        let part = (offset ^ offset >> 5 ^ offset >> 11) % PARTS;
        self.recent[part].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pack {
    fn read(index: &Path) -> Option<Self> {
        let data = fs::read(index.with_extension("pack")).ok()?;
        let index = fs::read(index).ok()?;
        let mut pack = Self { index, data, count: 0 };
        let known = pack.index.starts_with(b"\xfftOc\0\0\0\x02") && pack.data.starts_with(b"PACK\0\0\0\x02");
        pack.count = pack.number(8 + 4 * 255)?;
        (known && pack.index.len() >= NAMES + pack.count * 28).then_some(pack)
    }

    fn number(&self, at: usize) -> Option<usize> {
        let bytes = self.index.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }

    /// Where an object begins.
    fn find(&self, id: ObjectId) -> Option<usize> {
        let first = usize::from(id.0[0]);
        let mut low = if first == 0 { 0 } else { self.number(8 + 4 * (first - 1))? };
        let mut high = self.number(8 + 4 * first)?.min(self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            let name = self.index.get(NAMES + middle * 20..)?.first_chunk().copied().map(ObjectId)?;
            match name.cmp(&id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let offset = self.number(NAMES + self.count * 24 + middle * 4)?;
                    // A pack over two gigabytes: not read here.
                    return (offset < 1 << 31).then_some(offset);
                }
            }
        }
        None
    }

    /// Sort and size of an object, and where its content begins.
    fn header(&self, mut at: usize) -> Option<(u8, usize, usize)> {
        let mut byte = *self.data.get(at)?;
        at += 1;
        let sort = byte >> 4 & 7;
        let mut size = usize::from(byte & 15);
        let mut shift = 4;
        while byte & 128 != 0 {
            byte = *self.data.get(at)?;
            at += 1;
            size |= usize::from(byte & 127).checked_shl(shift)?;
            shift += 7;
            if size > OBJECT_LIMIT || shift > 32 {
                return None;
            }
        }
        Some((sort, size, at))
    }

    /// How far back the base of a difference lies, and where its content begins.
    fn distance(&self, mut at: usize) -> Option<(usize, usize)> {
        let mut byte = *self.data.get(at)?;
        at += 1;
        let mut back = usize::from(byte & 127);
        while byte & 128 != 0 {
            byte = *self.data.get(at)?;
            at += 1;
            back = back.checked_add(1)?.checked_mul(128)? | usize::from(byte & 127);
        }
        (back > 0).then_some((back, at))
    }
}

fn inflated(from: &[u8], size: usize, inflate: &mut Decompress) -> Option<Vec<u8>> {
    inflate.reset(true);
    // One byte more, so that the end of the stream is reached.
    let mut bytes = Vec::with_capacity(size + 1);
    inflate.decompress_vec(from, &mut bytes, FlushDecompress::Finish).ok()?;
    (bytes.len() == size).then_some(bytes)
}

/// Makes an object out of another one and the difference to it.
fn applied(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0;
    if length(delta, &mut at)? != base.len() {
        return None;
    }
    let size = length(delta, &mut at).filter(|size| *size <= OBJECT_LIMIT)?;
    let mut made = Vec::with_capacity(size);
    while let Some(&step) = delta.get(at) {
        at += 1;
        if step & 128 == 0 {
            let added = delta.get(at..at + usize::from(step))?;
            made.extend_from_slice(added);
            at += added.len();
            continue;
        }
        let mut part = |bits: std::ops::Range<u32>| -> Option<usize> {
            let mut value = 0;
            for (shift, bit) in bits.enumerate() {
                if step & 1 << bit != 0 {
                    value |= usize::from(*delta.get(at)?) << (8 * shift);
                    at += 1;
                }
            }
            Some(value)
        };
        let (from, count) = (part(0..4)?, part(4..7)?);
        let count = if count == 0 { 0x10000 } else { count };
        if made.len() + count > size {
            return None;
        }
        made.extend_from_slice(base.get(from..from + count)?);
    }
    (made.len() == size).then_some(made)
}

fn length(delta: &[u8], at: &mut usize) -> Option<usize> {
    let (mut value, mut shift) = (0_usize, 0);
    loop {
        let byte = *delta.get(*at)?;
        *at += 1;
        value |= usize::from(byte & 127) << shift;
        shift += 7;
        if byte & 128 == 0 {
            return Some(value);
        }
        if shift > 49 {
            return None;
        }
    }
}

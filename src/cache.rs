//! What a cache file is made of: values as bytes, a table of them, and a seal around the whole.
//! Reading checks every step: a file that is cut off, altered or of another build is no cache.
//! Nothing here touches the disk.

use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// The key of an entry: the SHA-256 of everything that the entry follows from.
pub type Key = [u8; 32];

/// The most that is kept of one sort for one repository, in bytes.
pub const LIMIT: usize = 64 * 1024 * 1024;
/// How a sealed file begins; the number is that of the form.
const MAGIC: &[u8] = b"attestry cache 1\n";
/// The sources that this program was built from: another build may come to something else.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("ATTESTRY_BUILD"));
/// The bytes of the head of an entry of a table: its key, start and length.
const HEAD: usize = 32 + 4 + 4;
/// A table with more bytes than this is written only for so many new entries.
const LARGE: usize = 4 * 1024 * 1024;
/// One new entry in so many is much.
const FEW: usize = 64;
/// How many times more bytes than a run used it leaves of what it did not use.
const UNUSED: usize = 2;

/// The key of these parts: no other parts have the same.
pub fn key<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Key {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Seals what is to be kept: by the build, what it is, and a checksum.
pub fn sealed(what: &str, content: &[u8]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend(seal(what, content));
    file.extend(content);
    file
}

/// The content of a sealed file; none where it is not quite as it was sealed by this very build.
pub fn unsealed<'f>(what: &str, file: &'f [u8]) -> Option<&'f [u8]> {
    let (seal_of_file, content) = file.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
    (*seal_of_file == seal(what, content)).then_some(content)
}

fn seal(what: &str, content: &[u8]) -> Key {
    key([BUILD.as_bytes(), what.as_bytes(), content])
}

/// Writes values as bytes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A number, in few bytes where it is small.
    pub fn number(&mut self, mut number: u64) {
        while number > 127 {
            self.bytes.push(number.to_le_bytes()[0] | 128);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }

    /// A length or a place.
    pub fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    /// A number that may be negative.
    pub fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.bytes.push(u8::from(flag));
    }

    /// Bytes of a length that the reader knows.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A value that may not be there.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Values of one sort.
    pub fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(values.len());
        for value in values {
            write(self, value);
        }
    }
}

/// Reads what a `Writer` wrote. Nothing is given where the bytes are not such.
#[derive(Clone, Debug)]
pub struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// Reads from the start.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all was read.
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are not read yet: no list has more values than that.
    pub fn length_left(&self) -> usize {
        self.rest.len()
    }

    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0_u32);
        loop {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            if shift > 63 {
                return None;
            }
            number |= u64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }

    /// A length or a place.
    pub fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// A small number, such as a place in a list.
    pub fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// A number that may be negative.
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Option<bool> {
        match self.raw(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    /// So many bytes.
    pub fn raw(&mut self, length: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    /// Bytes of a fixed length.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.raw(N)?.try_into().ok()
    }

    /// Bytes with their length.
    pub fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.length()?;
        self.raw(length)
    }

    /// A text.
    pub fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A text as a value of its own.
    pub fn owned(&mut self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// A value that may not be there.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Some(None) }
    }

    /// Values of one sort.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.length()?;
        // Each value has a byte at least: a wrong count does not take memory.
        let mut values = Vec::with_capacity(count.min(self.length_left()));
        for _ in 0..count {
            values.push(read(self)?);
        }
        Some(values)
    }
}

/// Entries that an earlier run left, and those that this one adds; for several threads.
#[derive(Default)]
pub struct Memory {
    /// Heads sorted by key, then the entries.
    table: Vec<u8>,
    heads: usize,
    used: Vec<AtomicBool>,
    new: Mutex<BTreeMap<Key, Arc<[u8]>>>,
    /// How many of the new entries were left for the next run already.
    left: AtomicUsize,
    forgets: bool,
}

impl Memory {
    /// The entries of an earlier run; without any where the bytes are no table.
    pub fn of(table: Vec<u8>) -> Self {
        let Some(heads) = Self::heads(&table) else { return Self::default() };
        let used = (0..heads).map(|_| AtomicBool::new(false)).collect();
        Self { table, heads, used, ..Self::default() }
    }

    /// A memory that keeps nothing: making entries for it is not worth the time.
    pub fn forgetful() -> Self {
        Self { forgets: true, ..Self::default() }
    }

    /// Whether it keeps nothing.
    pub fn forgets(&self) -> bool {
        self.forgets
    }

    fn heads(table: &[u8]) -> Option<usize> {
        let heads = usize::try_from(u32::from_le_bytes(*table.first_chunk()?)).ok()?;
        (table.len() >= heads.checked_mul(HEAD)?.checked_add(4)?).then_some(heads)
    }

    /// What `read` makes of the entry of a key; none where there is no such entry.
    pub fn get<R>(&self, key: &Key, read: impl FnOnce(&[u8]) -> Option<R>) -> Option<R> {
        if let Some(entry) = self.kept(key) {
            return read(entry);
        }
        let new = self.added().get(key).cloned()?;
        read(&new)
    }

    fn kept(&self, key: &Key) -> Option<&[u8]> {
        let (mut low, mut high) = (0, self.heads);
        while low < high {
            let middle = usize::midpoint(low, high);
            let (found, entry) = self.entry(middle)?;
            match found.cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    self.used.get(middle)?.store(true, Ordering::Relaxed);
                    return Some(entry);
                }
            }
        }
        None
    }

    fn added(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<[u8]>>> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, place: usize) -> Option<(Key, &[u8])> {
        let mut head = Reader::new(self.table.get(4 + place * HEAD..)?);
        let key = head.array()?;
        let start = usize::try_from(u32::from_le_bytes(head.array()?)).ok()?;
        let length = usize::try_from(u32::from_le_bytes(head.array()?)).ok()?;
        Some((key, self.table.get(start..start.checked_add(length)?)?))
    }

    /// Adds an entry.
    pub fn keep(&self, key: Key, entry: Vec<u8>) {
        if !self.forgets {
            self.added().insert(key, entry.into());
        }
    }

    /// The table for the next run where writing it is worth it: a few entries are made again sooner
    /// than a large table is written.
    pub fn much_changed(&self, limit: usize) -> Option<Vec<u8>> {
        let is_worth_it = self.table.len() < LARGE || self.added().len() * FEW > self.heads;
        if is_worth_it { self.changed(limit) } else { None }
    }

    /// The table for the next run; none where nothing is new since it was last asked for, or it
    /// would have more bytes than `limit`. What this run did not use stays as long as it is not much
    /// more than what it did.
    pub fn changed(&self, limit: usize) -> Option<Vec<u8>> {
        let new = self.added();
        if self.left.swap(new.len(), Ordering::Relaxed) == new.len() {
            return None;
        }
        let (used, unused): (Vec<usize>, Vec<usize>) =
            (0..self.heads).partition(|place| self.used[*place].load(Ordering::Relaxed));
        let mut entries: BTreeMap<Key, &[u8]> = used.into_iter().filter_map(|place| self.entry(place)).collect();
        entries.extend(new.iter().map(|(key, entry)| (*key, &**entry)));
        let mut room = size(&entries).saturating_mul(UNUSED).min(limit.saturating_sub(size(&entries)));
        for (key, entry) in unused.into_iter().filter_map(|place| self.entry(place)) {
            room = room.saturating_sub(HEAD + entry.len());
            if room == 0 {
                break;
            }
            entries.entry(key).or_insert(entry);
        }
        table(&entries, limit)
    }
}

fn size(entries: &BTreeMap<Key, &[u8]>) -> usize {
    entries.values().fold(4, |total, entry| total.saturating_add(HEAD + entry.len()))
}

/// A table of entries; none where it would have more bytes than this.
fn table(entries: &BTreeMap<Key, &[u8]>, limit: usize) -> Option<Vec<u8>> {
    let mut start = 4 + entries.len() * HEAD;
    let total = size(entries);
    if total > limit.min(u32::MAX as usize) {
        return None;
    }
    let mut table = Vec::with_capacity(total);
    table.extend(u32::try_from(entries.len()).ok()?.to_le_bytes());
    for (key, entry) in entries {
        table.extend(key);
        table.extend(u32::try_from(start).ok()?.to_le_bytes());
        table.extend(u32::try_from(entry.len()).ok()?.to_le_bytes());
        start += entry.len();
    }
    for entry in entries.values() {
        table.extend(*entry);
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may stop at once")]
    use super::*;

    #[test]
    fn what_is_written_is_read_and_a_broken_end_is_nothing() {
        let mut writer = Writer::default();
        for number in [0, 127, 128, u64::MAX] {
            writer.number(number);
        }
        for number in [0, -1, i64::MIN, i64::MAX] {
            writer.signed(number);
        }
        writer.option(Some("ü"), Writer::text);
        writer.list(&[1, 2], |writer, number| writer.number(*number));
        let bytes = writer.into_bytes();
        let read = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes);
            let numbers = (reader.number()?, reader.number()?, reader.number()?, reader.number()?);
            let signed = (reader.signed()?, reader.signed()?, reader.signed()?, reader.signed()?);
            let text = reader.option(Reader::owned)??;
            let list = reader.list(Reader::number)?;
            reader.is_done().then_some((numbers, signed, text, list))
        };
        let expected = ((0, 127, 128, u64::MAX), (0, -1, i64::MIN, i64::MAX), "ü".to_owned(), vec![1, 2]);
        assert_eq!(read(&bytes), Some(expected));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None);
        }
    }

    #[test]
    fn a_seal_holds_only_for_the_same_bytes_and_the_same_use() {
        let file = sealed("history", b"content");
        assert_eq!(unsealed("history", &file), Some(b"content".as_slice()));
        assert_eq!(unsealed("traces", &file), None);
        for at in 0..file.len() {
            let mut broken = file.clone();
            broken[at] ^= 1;
            assert_eq!(unsealed("history", &broken), None);
            assert_eq!(unsealed("history", &file[..at]), None);
        }
    }

    #[test]
    fn a_memory_keeps_what_is_new_and_not_much_that_is_unused() {
        let key = |name: &str| key([name.as_bytes()]);
        let first = Memory::default();
        first.keep(key("a"), b"A".to_vec());
        first.keep(key("b"), vec![b'B'; 200]);
        let second = Memory::of(first.changed(1000).unwrap());
        let got = |memory: &Memory, name: &str| memory.get(&key(name), |entry| Some(entry.to_vec()));
        assert_eq!(got(&second, "a"), Some(b"A".to_vec()));
        assert_eq!(got(&first, "a"), Some(b"A".to_vec()), "what is new");
        second.keep(key("c"), b"C".to_vec());
        let third = Memory::of(second.changed(1000).unwrap());
        assert_eq!(got(&third, "b"), None, "unused, and much");
        assert_eq!(got(&third, "c"), Some(b"C".to_vec()));
        third.keep(key("d"), b"D".to_vec());
        let fourth = Memory::of(third.changed(1000).unwrap());
        assert!(third.changed(1000).is_none(), "left already");
        assert_eq!(got(&fourth, "a"), Some(b"A".to_vec()), "unused, and little");
        assert!(fourth.changed(1000).is_none(), "nothing is new");
        let fifth = Memory::default();
        fifth.keep(key("a"), vec![0; 1000]);
        assert!(fifth.changed(1000).is_none(), "too large");
        assert_eq!(got(&Memory::of(vec![255; 7]), ""), None);
        let none = Memory::forgetful();
        none.keep(key("a"), b"A".to_vec());
        assert_eq!(got(&none, "a"), None);
    }
}

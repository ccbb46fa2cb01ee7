//! A table of what earlier runs made, found by the key of what it follows from.

use super::{Key, Reader};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// The bytes of the head of an entry of a table: its key, start and length.
const HEAD: usize = 32 + 4 + 4;
/// A table with more bytes than this is written only for so many new entries.
const LARGE: usize = 1024 * 1024;
/// One new entry in so many is much.
const FEW: usize = 64;
/// So often a place is guessed; then what is left is halved, in case keys do not lie evenly.
const GUESSES: u32 = 6;
/// How many times more bytes than a run used it leaves of what it did not use.
const UNUSED: usize = 2;

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
        let (mut below, mut above) = (0, u64::MAX);
        // Keys are digests, which lie evenly: where one stands among the others can be guessed.
        let mut guesses = 0..GUESSES;
        while low < high {
            let room = high - low;
            let place = low + guesses.next().map_or(room / 2, |_| part(room, start(key), below, above));
            let (found, entry) = self.entry(place)?;
            match found.cmp(key) {
                std::cmp::Ordering::Less => (low, below) = (place + 1, start(&found)),
                std::cmp::Ordering::Greater => (high, above) = (place, start(&found)),
                std::cmp::Ordering::Equal => {
                    self.used.get(place)?.store(true, Ordering::Relaxed);
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

/// The first bytes of a key as a number.
fn start(key: &Key) -> u64 {
    key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Which of so many places has a number, where they are spread evenly from the one below to the one above.
fn part(places: usize, number: u64, below: u64, above: u64) -> usize {
    let of = |number: u64| u128::from(number.saturating_sub(below));
    let part = of(number) * places as u128 / (of(above) + 1);
    usize::try_from(part).map_or(0, |part| part.min(places - 1))
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

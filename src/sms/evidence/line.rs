//! The committed versions of one data set's file, compared one after the other: what each did to the
//! rows that the one before had closed. Texts are read only where the cache does not know.

use super::Contents;
use crate::{
    cache::{Key, Memory, key},
    document::{Difference, Reading, Snapshot, text_of},
    history::ObjectId,
    source::{LFS_POINTER, Source},
};
use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

/// The largest version of a data set whose rows are followed, in bytes.
const FOLLOWED_LIMIT: usize = 512 * 1024 * 1024;
/// The largest text that is kept at hand until the next version was read, in bytes.
const KEPT_LIMIT: usize = 64 * 1024 * 1024;

/// Where contents of files come from, and what earlier runs found in them.
#[derive(Clone, Copy)]
pub(super) struct Store<'a> {
    pub(super) contents: &'a Contents<'a>,
    pub(super) memory: &'a Memory,
}

/// The id in git of what a source holds.
pub(super) fn blob_of(source: &Source) -> ObjectId {
    source.id().map_or_else(|| ObjectId::of_blob(source.text().as_bytes()), ObjectId)
}

/// The versions of one file, read one after the other.
pub(super) struct Line<'a> {
    reading: &'a Reading<'a>,
    path: &'a str,
    /// The content that is at hand without git.
    now: Option<(ObjectId, &'a Source)>,
    store: Store<'a>,
    reading_key: Key,
    /// The last version whose rows could be read.
    base: Option<ObjectId>,
    held: Option<(ObjectId, Snapshot, Option<Cow<'a, str>>)>,
    /// Versions that are not there or too large; how many are not there or only pointers to what is
    /// elsewhere, and how large one is.
    unread: BTreeSet<ObjectId>,
    missing: usize,
    pointers: usize,
    too_large: usize,
}

/// Why two versions could not be compared, as it is kept in the cache.
const NEW_WITHOUT_ROWS: &[u8] = &[1];
const OLD_WITHOUT_ROWS: &[u8] = &[2];
const COMPARED: u8 = 0;

impl<'a> Line<'a> {
    pub(super) fn new(
        reading: &'a Reading<'a>,
        path: &'a str,
        now: Option<(ObjectId, &'a Source)>,
        store: Store<'a>,
    ) -> Self {
        let reading_key = reading.key(path);
        Self {
            reading,
            path,
            now,
            store,
            reading_key,
            base: None,
            held: None,
            unread: BTreeSet::new(),
            missing: 0,
            pointers: 0,
            too_large: 0,
        }
    }

    /// What the next version did to the closed rows of the one before.
    pub(super) fn difference(&mut self, blob: ObjectId) -> Option<Difference> {
        let Some(base) = self.base.filter(|base| *base != blob) else {
            self.base = Some(blob);
            return None;
        };
        let name = key([self.reading_key.as_slice(), base.0.as_slice(), blob.0.as_slice()]);
        let known = self.store.memory.get(&name, |entry| Some(entry.to_vec()));
        let compared = known.or_else(|| {
            let compared = self.compare(base, blob)?;
            self.store.memory.keep(name, compared.clone());
            Some(compared)
        });
        match compared.as_deref() {
            Some(NEW_WITHOUT_ROWS) => None,
            Some([COMPARED, difference @ ..]) => {
                self.base = Some(blob);
                Difference::of_bytes(difference)
            }
            Some(_) => {
                self.base = Some(blob);
                None
            }
            // What cannot be read says nothing of rows; the next is held against the one before.
            None => {
                if self.unread.contains(&base) {
                    self.base = Some(blob);
                }
                None
            }
        }
    }

    fn compare(&mut self, base: ObjectId, blob: ObjectId) -> Option<Vec<u8>> {
        let held = self.held.take().filter(|(id, ..)| *id == base);
        let (old, old_text) = if let Some((_, snapshot, text)) = held {
            (snapshot, text)
        } else {
            let text = self.text(base)?;
            let Some(snapshot) = self.reading.snapshot(self.path, &text) else {
                return Some(OLD_WITHOUT_ROWS.to_vec());
            };
            (snapshot, kept(text))
        };
        let text = self.text(blob)?;
        let Some(new) = self.reading.snapshot(self.path, &text) else {
            self.held = Some((base, old, old_text));
            return Some(NEW_WITHOUT_ROWS.to_vec());
        };
        let difference = if old.closed_elsewhere(&new).is_empty() {
            Difference::default()
        } else {
            match old_text {
                Some(old_text) => self.reading.difference((&old, &old_text), (&new, &text)),
                None => self.reading.difference((&old, &*self.text(base)?), (&new, &text)),
            }
        };
        self.held = Some((blob, new, kept(text)));
        let mut compared = vec![COMPARED];
        compared.extend(difference.to_bytes());
        Some(compared)
    }

    /// The closed rows of the version after which the file was removed.
    pub(super) fn all_removed(&mut self, blob: ObjectId) -> Option<Difference> {
        let name = key([self.reading_key.as_slice(), blob.0.as_slice(), b"gone"]);
        if let Some(known) = self.store.memory.get(&name, Difference::of_bytes) {
            return Some(known);
        }
        let text = self.text(blob)?;
        let snapshot = self.reading.snapshot(self.path, &text);
        let difference = snapshot.map(|snapshot| self.reading.all_removed((&snapshot, &text))).unwrap_or_default();
        self.store.memory.keep(name, difference.to_bytes());
        Some(difference)
    }

    /// The text of a version; none where it is not there or too large.
    pub(super) fn text(&mut self, blob: ObjectId) -> Option<Cow<'a, str>> {
        let here = self.now.filter(|(id, _)| *id == blob).map(|(_, source)| source.text());
        // The file may be another one by now than when git took note of it.
        let here = here.filter(|text| ObjectId::of_blob(text.as_bytes()) == blob);
        let bytes = if here.is_some() { None } else { (self.store.contents)(blob) };
        if bytes.as_ref().is_some_and(|bytes| bytes.starts_with(LFS_POINTER)) {
            self.pointers += usize::from(self.unread.insert(blob));
            return None;
        }
        let size = here.map(str::len).or_else(|| bytes.as_ref().map(|bytes| bytes.len()));
        match size {
            Some(size) if size <= FOLLOWED_LIMIT => {
                let read = |bytes| Cow::Owned(text_of(Arc::unwrap_or_clone(bytes)).0);
                return here.map(Cow::Borrowed).or_else(|| bytes.map(read));
            }
            Some(size) => self.too_large = self.too_large.max(size),
            None => self.missing += usize::from(!self.unread.contains(&blob)),
        }
        self.unread.insert(blob);
        None
    }

    /// What could not be followed.
    pub(super) fn limits(&self) -> Vec<String> {
        let path = self.path;
        let count = self.missing;
        let missing = (count > 0).then(|| {
            format!(
                "{count} version{} of `{path}` could not be read, so its rows were not all followed; fetch the clone whole (without `--filter`)",
                if count == 1 { "" } else { "s" }
            )
        });
        let too_large = (self.too_large > 0).then(|| {
            format!(
                "`{path}` has {} bytes in a version; rows are followed in versions up to {FOLLOWED_LIMIT} (split it by period)",
                self.too_large
            )
        });
        let pointers = (self.pointers > 0).then(|| {
            format!(
                "{} version{} of `{path}` {} kept by Git LFS, which git does not have, so its rows were not all followed; keep data sets in git itself",
                self.pointers,
                if self.pointers == 1 { "" } else { "s" },
                if self.pointers == 1 { "is" } else { "are" }
            )
        });
        missing.into_iter().chain(pointers).chain(too_large).collect()
    }
}

/// A text that the next comparison is to have at hand.
fn kept(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    Some(text).filter(|text| text.len() <= KEPT_LIMIT)
}

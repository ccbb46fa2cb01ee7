//! What a cache file is made of: values as bytes, a table of them, and a seal around the whole.
//! Reading checks every step: a file that is cut off, altered or of another build is no cache.
//! Nothing here touches the disk.

mod bytes;
mod memory;

pub use bytes::{Reader, Writer};
pub use memory::Memory;

use sha2::{Digest, Sha256};

/// The key of an entry: the SHA-256 of everything that the entry follows from.
pub type Key = [u8; 32];

/// The most that is kept of one sort for one repository, in bytes.
pub const LIMIT: usize = 64 * 1024 * 1024;
/// How a sealed file ends; the number is that of the form.
const MAGIC: &[u8] = b"attestry cache 2\n";
/// The sources that this program was built from: another build may come to something else.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("ATTESTRY_BUILD"));

/// The key of these parts: no other parts have the same.
pub fn key<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Key {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Seals what is to be kept: behind it stand what it is, for which build, and a checksum of all. That
/// finds what a disk or a crash did to it; who can write here can write what they like.
pub fn sealed(what: &str, mut content: Vec<u8>) -> Vec<u8> {
    let seal = seal(what, &content);
    content.extend(seal);
    content.extend(MAGIC);
    content
}

/// The content of a sealed file; none where it is not quite as it was sealed by this very build.
pub fn unsealed(what: &str, mut file: Vec<u8>) -> Option<Vec<u8>> {
    let (content, seal_of_file) = file.strip_suffix(MAGIC)?.split_last_chunk::<4>()?;
    let length = (*seal_of_file == seal(what, content)).then_some(content.len())?;
    file.truncate(length);
    Some(file)
}

fn seal(what: &str, content: &[u8]) -> [u8; 4] {
    let mut checksum = crc32fast::Hasher::new();
    for part in [BUILD.as_bytes(), what.as_bytes(), content] {
        checksum.update(&(part.len() as u64).to_le_bytes());
        checksum.update(part);
    }
    checksum.finalize().to_le_bytes()
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
        let file = sealed("history", b"content".to_vec());
        assert_eq!(unsealed("history", file.clone()), Some(b"content".to_vec()));
        assert_eq!(unsealed("traces", file.clone()), None);
        for at in 0..file.len() {
            let mut broken = file.clone();
            broken[at] ^= 1;
            assert_eq!(unsealed("history", broken), None);
            assert_eq!(unsealed("history", file[..at].to_vec()), None);
        }
    }

    #[test]
    fn every_key_of_a_table_is_found_however_keys_lie() {
        let digests = (0..2_000_u32).map(|number| key([number.to_le_bytes().as_slice()]));
        let crowded = (0..300_u32).map(|number| {
            let mut key = [u8::try_from(number % 3).unwrap() * 127; 32];
            key[28..].copy_from_slice(&number.to_be_bytes());
            key
        });
        let keys: Vec<Key> = digests.chain(crowded).chain([[0; 32], [255; 32]]).collect();
        let memory = Memory::default();
        for key in &keys {
            memory.keep(*key, key.to_vec());
        }
        let memory = Memory::of(memory.changed(1_000_000).unwrap());
        for key in &keys {
            assert_eq!(memory.get(key, |entry| Some(entry == key)), Some(true));
            let mut other = *key;
            other[31] ^= 128;
            let is_there = keys.contains(&other);
            assert_eq!(memory.get(&other, |_| Some(())).is_some(), is_there);
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

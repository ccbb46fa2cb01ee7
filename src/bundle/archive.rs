//! A zip archive, read as strictly as evidence wants: what the central directory says, what the
//! local headers say and what is there must be one, with nothing between, before or behind.
//! (A library that reads archives leniently cannot tell what another program would see.)

use super::{
    FILE_BYTES, RATIO, RATIO_FROM, TOTAL_BYTES,
    headers::{DEFLATED, ENCRYPTED, Member, STORED, central, end, locals},
    names,
    problem::Problems,
};
use flate2::{Crc, bufread::DeflateDecoder};
use std::{
    collections::BTreeMap,
    io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom},
};

/// An opened archive.
#[derive(Debug)]
pub struct Archive<R> {
    reader: R,
    members: Vec<Member>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive and names everything that is wrong with its structure. None where its
    /// content cannot be read, or should not be. Fails only where reading itself fails.
    pub fn open(mut reader: R, problems: &mut Problems) -> io::Result<Option<Self>> {
        let length = reader.seek(SeekFrom::End(0))?;
        if length > TOTAL_BYTES {
            problems.add("too-large", "", format!("the archive has {length} bytes, more than {TOTAL_BYTES}"));
            return Ok(None);
        }
        let Some(directory) = end(&mut reader, length, problems)? else { return Ok(None) };
        let Some(mut members) = central(&mut reader, &directory, problems)? else { return Ok(None) };
        let readable = bounded(&members, problems);
        let apart = locals(&mut reader, &mut members, directory.start, problems)?;
        collisions(&members, problems);
        Ok((readable && apart).then_some(Self { reader, members }))
    }

    /// The files and folders, in the order of the central directory.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Gives the bytes of a member to `take`, piece by piece, and never more than its header
    /// says. The inner error is what is wrong with it.
    pub(super) fn read(&mut self, index: usize, take: &mut dyn FnMut(&[u8])) -> io::Result<Result<(), String>> {
        let member = self.members[index].clone();
        self.reader.seek(SeekFrom::Start(member.data))?;
        let source = BufReader::with_capacity(64 * 1024, (&mut self.reader).take(member.compressed));
        if member.method == STORED {
            return pour(source, &member, take);
        }
        let mut inflated = DeflateDecoder::new(source);
        let poured = pour(&mut inflated, &member, take)?;
        let used = inflated.total_in();
        Ok(poured.and_then(|()| {
            if used == member.compressed {
                Ok(())
            } else {
                Err(format!("{} bytes stand behind its compressed data", member.compressed.saturating_sub(used)))
            }
        }))
    }
}

fn pour(mut source: impl Read, member: &Member, take: &mut dyn FnMut(&[u8])) -> io::Result<Result<(), String>> {
    let mut buffer = vec![0; 64 * 1024];
    let (mut size, mut crc) = (0_u64, Crc::new());
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof
                ) =>
            {
                return Ok(Err("its compressed data is damaged".to_owned()));
            }
            Err(error) => return Err(error),
        };
        size += count as u64;
        if size > member.size {
            return Ok(Err(format!("it holds more than the {} bytes that its header says", member.size)));
        }
        crc.update(&buffer[..count]);
        take(&buffer[..count]);
    }
    Ok(if size != member.size {
        Err(format!("it holds {size} bytes, its header says {}", member.size))
    } else if crc.sum() != member.crc {
        Err("its bytes do not have the checksum (CRC-32) of its header".to_owned())
    } else {
        Ok(())
    })
}

/// Whether the files are small enough to be read at all.
fn bounded(members: &[Member], problems: &mut Problems) -> bool {
    let mut bounded = true;
    let mut total = 0_u64;
    for member in members {
        total += member.size;
        if member.size > FILE_BYTES {
            bounded = false;
            problems.add("too-large", &member.name, format!("{} bytes, at most {FILE_BYTES} are read", member.size));
        } else if member.size > RATIO_FROM && member.size / member.compressed.max(1) > RATIO {
            bounded = false;
            problems.add(
                "bomb",
                &member.name,
                format!("{} bytes out of {}: more than {RATIO} times", member.size, member.compressed),
            );
        }
    }
    if total > TOTAL_BYTES {
        bounded = false;
        problems.add("bomb", "", format!("the files have {total} bytes in all, at most {TOTAL_BYTES} are read"));
    }
    let readable = |member: &Member| member.flags & ENCRYPTED == 0 && matches!(member.method, STORED | DEFLATED);
    bounded && members.iter().all(readable)
}

/// Names that occur twice, or would be one file on some system, or are a file and a folder.
fn collisions(members: &[Member], problems: &mut Problems) {
    let mut seen: BTreeMap<String, &Member> = BTreeMap::new();
    // A longer name is a problem already, and what it costs to compare is not worth it.
    let short = |member: &&Member| member.name.len() <= names::LONGEST;
    for member in members.iter().filter(short) {
        let Some(other) = seen.insert(names::key(member.name.trim_end_matches('/')), member) else { continue };
        if other.name == member.name {
            problems.add("duplicate-name", &member.name, "the name occurs twice");
        } else {
            let message = format!("differs from `{}` only in case, Unicode normalisation or its end", other.name);
            problems.add("duplicate-name", &member.name, message);
        }
    }
    for member in members.iter().filter(short) {
        let key = names::key(member.name.trim_end_matches('/'));
        let file = names::folders(&key).find_map(|folder| seen.get(folder).filter(|other| !other.folder));
        if let Some(file) = file {
            problems.add("duplicate-name", &member.name, format!("stands in `{}`, which is a file", file.name));
        }
    }
}

//! The records of a zip archive: what the central directory says, what the local headers say,
//! and what lies between them.

use super::{ENTRIES, names, problem::Problems};
use std::io::{self, Read, Seek, SeekFrom};

const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: usize = 22;
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const CENTRAL_BYTES: usize = 46;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const LOCAL_BYTES: usize = 30;
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// A central directory larger than this is not read.
const DIRECTORY_LIMIT: u64 = 64 * 1024 * 1024;

pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
pub(super) const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const WITH_DESCRIPTOR: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

/// A file of an archive.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Its path, as it stands there.
    pub(super) name: String,
    /// Its size.
    pub(super) size: u64,
    /// Whether it is only a folder.
    pub(super) folder: bool,
    pub(super) compressed: u64,
    pub(super) crc: u32,
    pub(super) method: u16,
    pub(super) flags: u16,
    /// Version needed, time and day: no content, and yet one thing that is said twice.
    needed: u16,
    time: u32,
    header: u64,
    pub(super) data: u64,
}

/// A record of fixed size, read by offset.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn u16(&self, at: usize) -> u16 {
        self.0.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u16(at + 2)) << 16
    }
}

/// Where the central directory is.
pub(super) struct Directory {
    pub(super) start: u64,
    size: u64,
    count: usize,
}

/// Finds the record at the end of the archive.
pub(super) fn end(
    reader: &mut (impl Read + Seek),
    length: u64,
    problems: &mut Problems,
) -> io::Result<Option<Directory>> {
    let tail_bytes = length.min((END_BYTES + usize::from(u16::MAX)) as u64);
    let tail = bytes_at(reader, length - tail_bytes, tail_bytes)?;
    let at = (0..(tail.len() + 1).saturating_sub(END_BYTES)).rev().find(|at| tail[*at..].starts_with(&END));
    let Some(at) = at else {
        problems.add("not-a-zip", "", "this is not a zip archive, or its end is missing");
        return Ok(None);
    };
    let record = Fields(&tail[at..]);
    let behind = tail.len() - at - END_BYTES;
    if behind > 0 {
        problems.add("data-between", "", format!("{behind} bytes stand behind the end of the archive"));
    }
    if behind != usize::from(record.u16(20)) {
        problems.add("malformed-zip", "", "the end of the archive says that a comment of another length follows");
        return Ok(None);
    }
    let (count, size, start) = (record.u16(10), record.u32(12), record.u32(16));
    if count == u16::MAX || size == u32::MAX || start == u32::MAX {
        problems.add("too-large", "", "the archive uses zip64, which a bundle never needs");
        return Ok(None);
    }
    if record.u16(4) != 0 || record.u16(6) != 0 || record.u16(8) != count {
        problems.add("malformed-zip", "", "the archive claims to be one of several parts");
        return Ok(None);
    }
    let directory = Directory { start: start.into(), size: size.into(), count: count.into() };
    let record_at = length - tail_bytes + at as u64;
    let Some(gap) = record_at.checked_sub(directory.start + directory.size) else {
        problems.add("malformed-zip", "", "the central directory would reach behind the end record");
        return Ok(None);
    };
    if gap > 0 {
        problems.add(
            "data-between",
            "",
            format!("{gap} bytes stand before the archive or between its central directory and its end"),
        );
        return Ok(None);
    }
    if directory.size > DIRECTORY_LIMIT || directory.count > ENTRIES {
        problems.add(
            "too-large",
            "",
            format!("the archive has {} entries, at most {ENTRIES} are read", directory.count),
        );
        return Ok(None);
    }
    Ok(Some(directory))
}

fn bytes_at(reader: &mut (impl Read + Seek), start: u64, count: u64) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the central directory.
pub(super) fn central(
    reader: &mut (impl Read + Seek),
    directory: &Directory,
    problems: &mut Problems,
) -> io::Result<Option<Vec<Member>>> {
    let bytes = bytes_at(reader, directory.start, directory.size)?;
    let mut members = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let record = Fields(&bytes[at..]);
        let lengths = [record.u16(28), record.u16(30), record.u16(32)].map(usize::from);
        let whole = CENTRAL_BYTES + lengths.iter().sum::<usize>();
        if !record.0.starts_with(&CENTRAL) || record.0.len() < whole {
            problems.add(
                "malformed-zip",
                "",
                format!("entry {} of the central directory is damaged", members.len() + 1),
            );
            return Ok(None);
        }
        let name = &record.0[CENTRAL_BYTES..CENTRAL_BYTES + lengths[0]];
        let extra = &record.0[CENTRAL_BYTES + lengths[0]..whole - lengths[2]];
        let flags = record.u16(8);
        let name = checked_name(name, flags, problems);
        extra_fields(extra, &name, problems);
        let member = Member {
            size: record.u32(24).into(),
            folder: name.ends_with('/'),
            compressed: record.u32(20).into(),
            crc: record.u32(16),
            method: record.u16(10),
            flags,
            needed: record.u16(6),
            time: record.u32(12),
            header: record.u32(42).into(),
            data: 0,
            name,
        };
        of_a_plain_file(&member, record.u32(38) >> 16, problems);
        members.push(member);
        at += whole;
    }
    if members.len() != directory.count {
        problems.add(
            "headers-differ",
            "",
            format!(
                "the end of the archive says {} entries, its central directory has {}",
                directory.count,
                members.len()
            ),
        );
    }
    Ok(Some(members))
}

fn checked_name(bytes: &[u8], flags: u16, problems: &mut Problems) -> String {
    let name = String::from_utf8_lossy(bytes).into_owned();
    if name.as_bytes() != bytes {
        problems.add("unsafe-path", &name, "the name is not UTF-8");
    } else if !name.is_ascii() && flags & UTF8 == 0 {
        problems.add("unsafe-path", &name, "the name is not marked as UTF-8, so programs read it differently");
    }
    if let Some(reason) = names::unsafe_because(name.strip_suffix('/').unwrap_or(&name)) {
        problems.add("unsafe-path", &name, reason);
    }
    name
}

/// Extra fields that give a file another name or size than its header.
fn extra_fields(mut extra: &[u8], name: &str, problems: &mut Problems) {
    while extra.len() >= 4 {
        let field = Fields(extra);
        match field.u16(0) {
            0x0001 => problems.add("headers-differ", name, "an extra field gives other sizes (zip64)"),
            0x7075 => problems.add("headers-differ", name, "an extra field gives another name"),
            0x9901 => problems.add("encrypted", name, "the file is encrypted"),
            _ => {}
        }
        extra = extra.get(4 + usize::from(field.u16(2))..).unwrap_or_default();
    }
}

fn of_a_plain_file(member: &Member, mode: u32, problems: &mut Problems) {
    let name = &member.name;
    match mode & 0o170_000 {
        0o120_000 => problems.add("link", name, "this is a symbolic link, not a file"),
        0 | 0o100_000 => {}
        0o040_000 if member.folder => {}
        _ => problems.add("link", name, "this is a special file, not a plain one"),
    }
    if member.flags & ENCRYPTED != 0 {
        problems.add("encrypted", name, "the file is encrypted");
    }
    if member.method != STORED && member.method != DEFLATED {
        problems.add(
            "malformed-zip",
            name,
            format!("compression method {} is not read, only stored and deflate", member.method),
        );
    }
    if member.method == STORED && member.size != member.compressed {
        problems.add("headers-differ", name, "a file that is not compressed has two sizes");
    }
    if member.folder && member.size > 0 {
        problems.add("malformed-zip", name, "a folder has content");
    }
}

/// Compares the local headers with the central directory and looks for what lies between them.
/// Whether every file has bytes of its own.
pub(super) fn locals(
    reader: &mut (impl Read + Seek),
    members: &mut [Member],
    directory: u64,
    problems: &mut Problems,
) -> io::Result<bool> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|index| members[*index].header);
    let (mut at, mut apart) = (0, true);
    for index in order {
        let member = &mut members[index];
        if member.header < at {
            problems.add("overlap", &member.name, "it shares bytes with another file of the archive");
            apart = false;
        } else if member.header > at {
            let bytes = member.header - at;
            problems.add("data-between", &member.name, format!("{bytes} bytes stand before it that belong to no file"));
        }
        let Some(end) = local(reader, member, problems)? else {
            return Ok(false);
        };
        if end > directory {
            problems.add("overlap", &member.name, "it reaches into the central directory");
            apart = false;
        }
        at = at.max(end);
    }
    if at < directory {
        problems.add(
            "data-between",
            "",
            format!("{} bytes before the central directory belong to no file", directory - at),
        );
    }
    Ok(apart)
}

/// Compares one local header; where the file ends.
fn local(reader: &mut (impl Read + Seek), member: &mut Member, problems: &mut Problems) -> io::Result<Option<u64>> {
    let header = bytes_at(reader, member.header, LOCAL_BYTES as u64)?;
    let record = Fields(&header);
    if header.len() < LOCAL_BYTES || !header.starts_with(&LOCAL) {
        problems.add("headers-differ", &member.name, "there is no local header where the central directory says");
        return Ok(None);
    }
    let (name_bytes, extra_bytes) = (u64::from(record.u16(26)), u64::from(record.u16(28)));
    let rest = bytes_at(reader, member.header + LOCAL_BYTES as u64, name_bytes + extra_bytes)?;
    let (name, extra) = rest.split_at(rest.len().min(usize::from(record.u16(26))));
    let mut differs = |what: &str| {
        problems.add(
            "headers-differ",
            &member.name,
            format!("the local header has another {what} than the central directory"),
        );
    };
    if name != member.name.as_bytes() {
        differs("name");
    }
    if record.u16(8) != member.method {
        differs("compression method");
    }
    if record.u16(6) != member.flags {
        differs("set of flags");
    }
    if record.u16(4) != member.needed || record.u32(10) != member.time {
        differs("version or time");
    }
    let later = record.u16(6) & WITH_DESCRIPTOR != 0;
    let same = |there: u32, here: u64| u64::from(there) == here || later && there == 0;
    if !same(record.u32(14), member.crc.into()) {
        differs("checksum");
    }
    if !same(record.u32(18), member.compressed) {
        differs("compressed size");
    }
    if !same(record.u32(22), member.size) {
        differs("size");
    }
    extra_fields(extra, &member.name, problems);
    member.data = member.header + LOCAL_BYTES as u64 + name_bytes + extra_bytes;
    let end = member.data + member.compressed;
    if member.flags & WITH_DESCRIPTOR == 0 {
        return Ok(Some(end));
    }
    descriptor(reader, member, end, problems).map(Some)
}

/// The record that repeats checksum and sizes behind the data, of archives that were streamed.
fn descriptor(reader: &mut (impl Read + Seek), member: &Member, end: u64, problems: &mut Problems) -> io::Result<u64> {
    let bytes = bytes_at(reader, end, 16)?;
    let (record, length) = if bytes.starts_with(&DESCRIPTOR) { (&bytes[4..], 16) } else { (&bytes[..], 12) };
    let record = Fields(record);
    let said = [record.u32(0).into(), u64::from(record.u32(4)), u64::from(record.u32(8))];
    if said != [u64::from(member.crc), member.compressed, member.size] {
        problems.add("headers-differ", &member.name, "the record behind its data has another checksum or size");
    }
    Ok(end + length)
}

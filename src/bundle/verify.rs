//! Verifying a bundle that anybody may have made: nothing is written, no file is held as a whole
//! but manifests and `evidence.json`, and everything that is wrong is named.

use super::{
    Archive, BAG_INFO, BAGIT, ENTRIES, EVIDENCE, FILE_BYTES, MANIFEST, TAG_MANIFEST, TEXT_BYTES, TOTAL_BYTES,
    evidence::{self, Evidence, Told},
    external_identifier, manifest, names,
    problem::Problems,
};
use crate::{history::ObjectId, repository::sha256};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Seek},
};

/// What verifying came to.
#[derive(Debug, Default)]
pub struct Verification {
    /// Everything that is wrong; empty where the bundle is as it was packed.
    pub problems: Problems,
    /// Files of the payload.
    pub files: usize,
    /// Bytes of the payload.
    pub bytes: u64,
    /// The organization, as the bundle says.
    pub organization: Option<String>,
    /// The day of judgement, as the bundle says.
    pub as_of: Option<String>,
    /// The commit, as the bundle says.
    pub commit: Option<String>,
    /// Whether the bundle says that it was packed from changes that were not committed.
    pub modified: bool,
    /// Where the history ended that it was packed with, as the bundle says.
    pub history: Option<Ended>,
    /// For whom it was packed, as it says.
    pub audience: Option<String>,
    /// How many things it says it withholds or leaves out.
    pub not_shown: usize,
    /// SHA-256 of `tagmanifest-sha256.txt`.
    pub digest: Option<String>,
    /// Whether it brings signatures, which this version cannot verify.
    pub signed: bool,
}

/// Where a history ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its head: the tip of the default branch.
    pub head: ObjectId,
    /// The day that the head claims.
    pub day: Option<String>,
    /// The first commit of the first-parent line.
    pub first: ObjectId,
}

/// A file of a bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path in the bag's folder, `/` between folders.
    pub path: String,
    /// Its size.
    pub size: u64,
}

/// The files of a bag.
pub trait Files {
    /// Gives the bytes of a file to `take`, piece by piece. The outer error is that reading
    /// failed, the inner one what is wrong with the file.
    fn read(&mut self, index: usize, take: &mut dyn FnMut(&[u8])) -> io::Result<Result<(), String>>;
}

/// The members of an archive that are files of the bag.
struct Members<R> {
    archive: Archive<R>,
    positions: Vec<usize>,
}

impl<R: Read + Seek> Files for Members<R> {
    fn read(&mut self, index: usize, take: &mut dyn FnMut(&[u8])) -> io::Result<Result<(), String>> {
        self.archive.read(self.positions[index], take)
    }
}

/// Verifies a zip.
pub fn verify_archive(reader: impl Read + Seek) -> io::Result<Verification> {
    let mut verification = Verification::default();
    let Some(archive) = Archive::open(reader, &mut verification.problems)? else { return Ok(verification) };
    let problems = &mut verification.problems;
    let top = archive.members().iter().find_map(|member| member.name.strip_suffix(BAGIT)?.strip_suffix('/'));
    let top = top.filter(|top| !top.contains('/')).map(str::to_owned);
    let top = top.or_else(|| archive.members().first()?.name.split_once('/').map(|(top, _)| top.to_owned()));
    let prefix = top.map_or_else(String::new, |top| format!("{top}/"));
    let (mut listed, mut positions) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (position, member) in archive.members().iter().enumerate() {
        if member.folder && prefix.starts_with(&member.name) {
            continue;
        }
        match member.name.strip_prefix(&prefix).filter(|_| !prefix.is_empty()) {
            Some(path) => {
                // Of two files of one name, which is named already, the first is looked at.
                if !member.folder && seen.insert(path.to_owned()) {
                    listed.push(Listed { path: path.to_owned(), size: member.size });
                    positions.push(position);
                }
            }
            None => problems.add("extra-file", &member.name, "it stands outside of the one folder of the bag"),
        }
    }
    check(&listed, &mut Members { archive, positions }, &mut verification)?;
    Ok(verification)
}

/// Verifies the files of an unpacked bag.
pub fn verify_files(listed: &[Listed], files: &mut dyn Files, problems: Problems) -> io::Result<Verification> {
    let mut verification = Verification { problems, ..Verification::default() };
    let total: u64 = listed.iter().map(|file| file.size).sum();
    let largest = listed.iter().map(|file| file.size).max().unwrap_or_default();
    if listed.len() > ENTRIES || total > TOTAL_BYTES || largest > FILE_BYTES {
        let message = format!("{} files and {total} bytes are more than is read: {}", listed.len(), super::limits());
        verification.problems.add("too-large", "", message);
        return Ok(verification);
    }
    check(listed, files, &mut verification)?;
    Ok(verification)
}

/// What a file came to.
struct Seen {
    bytes: u64,
    sha256: String,
    git_blob: Option<String>,
}

fn check(listed: &[Listed], files: &mut dyn Files, verification: &mut Verification) -> io::Result<()> {
    let payload = || listed.iter().filter(|file| file.path.starts_with("data/"));
    verification.files = payload().count();
    verification.bytes = payload().map(|file| file.size).sum();
    let texts = texts(listed, files, &mut verification.problems)?;
    let problems = &mut verification.problems;
    for name in [BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, EVIDENCE] {
        if !listed.iter().any(|file| file.path == name) {
            problems.add("missing-file", name, "a bundle has this file, and it is missing");
        }
    }
    if let Some(text) = texts.get(BAGIT) {
        declaration(text, problems);
    }
    let info = texts.get(BAG_INFO).map(|text| manifest::read_info(BAG_INFO, text, problems));
    if let Some(info) = &info {
        oxum(info, verification.files, verification.bytes, problems);
    }
    verification.digest = texts.get(TAG_MANIFEST).map(|text| sha256(text.as_bytes()));
    let named = texts.get(MANIFEST).map(|text| manifest::read(MANIFEST, text, true, problems));
    let tags = texts.get(TAG_MANIFEST).map(|text| manifest::read(TAG_MANIFEST, text, false, problems));
    let evidence = texts.get(EVIDENCE).and_then(|text| match evidence::read(text) {
        Ok(evidence) => Some(evidence),
        Err(reason) => {
            problems.add("malformed-evidence", EVIDENCE, reason);
            None
        }
    });
    let told = evidence.as_ref().map(|evidence| told(evidence, problems)).unwrap_or_default();
    let mut seen = BTreeMap::new();
    for (index, file) in listed.iter().enumerate() {
        let blob = told.get(file.path.as_str()).and_then(|told| told.git_blob.as_deref());
        match digested(files, index, file, blob)? {
            Ok(one) => drop(seen.insert(file.path.as_str(), one)),
            Err(reason) => verification.problems.add("altered-file", &file.path, reason),
        }
    }
    let problems = &mut verification.problems;
    if let Some(named) = &named {
        against(MANIFEST, named, listed, &seen, |path| path.starts_with("data/"), problems);
    }
    if let Some(tags) = &tags {
        against(TAG_MANIFEST, tags, listed, &seen, |path| !path.starts_with("data/") && path != TAG_MANIFEST, problems);
        for name in [BAGIT, BAG_INFO, MANIFEST].iter().filter(|name| !tags.contains_key(**name)) {
            problems.add("malformed-manifest", TAG_MANIFEST, format!("it does not name `{name}`"));
        }
    }
    if let Some(evidence) = &evidence {
        facts(evidence, info.as_ref(), verification);
        compare(&told, &seen, &mut verification.problems);
    }
    Ok(())
}

/// The files that are read as a whole.
fn texts(
    listed: &[Listed],
    files: &mut dyn Files,
    problems: &mut Problems,
) -> io::Result<BTreeMap<&'static str, String>> {
    let mut texts = BTreeMap::new();
    for name in [BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, EVIDENCE] {
        let Some(index) = listed.iter().position(|file| file.path == name) else { continue };
        if listed[index].size > TEXT_BYTES {
            problems.add("too-large", name, format!("{} bytes, at most {TEXT_BYTES} are read", listed[index].size));
            continue;
        }
        let mut bytes = Vec::new();
        // What is wrong with it is said where every file is read.
        if files.read(index, &mut |piece| bytes.extend_from_slice(piece))?.is_ok() {
            match String::from_utf8(bytes) {
                Ok(text) => drop(texts.insert(name, text)),
                Err(_) => problems.add("malformed-tag-file", name, "it is not UTF-8"),
            }
        }
    }
    Ok(texts)
}

fn declaration(text: &str, problems: &mut Problems) {
    let fields = manifest::read_info(BAGIT, text, problems);
    let is = |label: &str, value: &str| fields.get(label).is_some_and(|found| found.eq_ignore_ascii_case(value));
    if !is("BagIt-Version", "1.0") {
        problems.add("malformed-tag-file", BAGIT, "it does not say `BagIt-Version: 1.0`");
    }
    if !is("Tag-File-Character-Encoding", "UTF-8") {
        problems.add("malformed-tag-file", BAGIT, "it does not say `Tag-File-Character-Encoding: UTF-8`");
    }
}

fn oxum(info: &BTreeMap<String, String>, files: usize, bytes: u64, problems: &mut Problems) {
    let is = format!("{bytes}.{files}");
    match info.get("Payload-Oxum") {
        None => problems.add("malformed-tag-file", BAG_INFO, "it has no `Payload-Oxum`"),
        Some(says) if *says != is => {
            problems.add(
                "wrong-count",
                BAG_INFO,
                format!("`Payload-Oxum` says {says} (bytes.files), the payload is {is}"),
            );
        }
        Some(_) => {}
    }
}

/// The digests of one file.
fn digested(
    files: &mut dyn Files,
    index: usize,
    file: &Listed,
    blob: Option<&str>,
) -> io::Result<Result<Seen, String>> {
    let header = format!("blob {}\0", file.size);
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    // Repositories have ids of SHA-1, new ones of SHA-256.
    let mut short = blob.filter(|id| id.len() == 40).map(|_| Sha1::new_with_prefix(header.as_bytes()));
    let mut long = blob.filter(|id| id.len() == 64).map(|_| Sha256::new_with_prefix(header.as_bytes()));
    let read = files.read(index, &mut |piece| {
        bytes += piece.len() as u64;
        digest.update(piece);
        if let Some(short) = &mut short {
            short.update(piece);
        }
        if let Some(long) = &mut long {
            long.update(piece);
        }
    })?;
    let short = short.map(|short| hexadecimal(&short.finalize()));
    let git_blob = short.or_else(|| long.map(|long| hexadecimal(&long.finalize())));
    Ok(read.map(|()| Seen { bytes, sha256: hexadecimal(&digest.finalize()), git_blob }))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares a manifest with the files that are there.
fn against(
    file: &str,
    named: &BTreeMap<String, String>,
    listed: &[Listed],
    seen: &BTreeMap<&str, Seen>,
    covers: impl Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let there: BTreeSet<&str> = listed.iter().map(|file| file.path.as_str()).collect();
    for (path, digest) in named {
        if !there.contains(path.as_str()) {
            problems.add("missing-file", path, format!("`{file}` names it, and it is missing"));
        } else if seen.get(path.as_str()).is_some_and(|seen| seen.sha256 != *digest) {
            problems.add("altered-file", path, format!("its bytes do not have the SHA-256 that `{file}` names"));
        }
    }
    for path in there.iter().filter(|path| covers(path) && !named.contains_key(**path)) {
        problems.add("extra-file", path, format!("`{file}` does not name it"));
    }
}

/// What the evidence tells about files, by path.
fn told<'a>(evidence: &'a Evidence, problems: &mut Problems) -> BTreeMap<&'a str, &'a Told> {
    let mut told = BTreeMap::new();
    for file in &evidence.files {
        if let Some(reason) = names::unsafe_because(&file.path) {
            problems.add("malformed-evidence", EVIDENCE, format!("it names `{}`: {reason}", file.path));
        } else if told.insert(file.path.as_str(), file).is_some() {
            problems.add("malformed-evidence", EVIDENCE, format!("it names `{}` twice", file.path));
        }
    }
    told
}

/// Compares the evidence with the files that are there.
fn compare(told: &BTreeMap<&str, &Told>, seen: &BTreeMap<&str, Seen>, problems: &mut Problems) {
    for (path, told) in told {
        let Some(seen) = seen.get(path) else {
            problems.add("evidence-disagrees", path, "evidence.json names it, and it is missing or unreadable");
            continue;
        };
        let mut disagrees = |what: &str| {
            problems.add("evidence-disagrees", path, format!("evidence.json has another {what} than the file"));
        };
        if told.bytes != seen.bytes {
            disagrees("size");
        }
        if told.sha256 != seen.sha256 {
            disagrees("SHA-256");
        }
        if told.git_blob.is_some() && told.git_blob != seen.git_blob {
            disagrees("git blob id");
        }
    }
    for path in seen.keys().filter(|path| path.starts_with("data/") && **path != EVIDENCE && !told.contains_key(**path))
    {
        problems.add("evidence-disagrees", path, "evidence.json does not name it");
    }
}

/// What the bundle says of itself, which has to be the same in both places.
fn facts(evidence: &Evidence, info: Option<&BTreeMap<String, String>>, verification: &mut Verification) {
    verification.organization.clone_from(&evidence.organization);
    verification.as_of = Some(evidence.as_of.clone());
    verification.commit.clone_from(&evidence.revision.commit);
    verification.modified = evidence.revision.modified;
    if let Some(told) = &evidence.history {
        if let (Some(head), Some(first)) = (ObjectId::parse(&told.head), ObjectId::parse(&told.first)) {
            verification.history = Some(Ended { head, day: told.day.clone(), first });
        } else {
            let message = "`history` names a commit that has not 40 hexadecimal digits";
            verification.problems.add("malformed-evidence", EVIDENCE, message);
        }
    }
    verification.audience = Some(evidence.audience.clone());
    verification.not_shown = evidence.withheld.len() + evidence.left_out.len();
    verification.signed = !evidence.signatures.is_empty();
    let Some(info) = info else { return };
    let says = |label: &str| info.get(label).map(String::as_str).unwrap_or_default();
    if says("Bagging-Date") != evidence.as_of {
        let message = "evidence.json has another as-of date than `Bagging-Date`";
        verification.problems.add("evidence-disagrees", BAG_INFO, message);
    }
    if says("External-Identifier")
        != external_identifier(evidence.revision.commit.as_deref(), evidence.revision.modified)
    {
        let message = "evidence.json has another commit than `External-Identifier`";
        verification.problems.add("evidence-disagrees", BAG_INFO, message);
    }
}

//! From a payload to the bytes of the bundle: the tag files of `BagIt` around it, and a zip in which
//! nothing depends on machine, folder or moment.

use super::{
    BAG_INFO, BAGIT, ENTRIES, FILE_BYTES, MANIFEST, RATIO, RATIO_FROM, TAG_MANIFEST, TEXT_BYTES, TOTAL_BYTES,
    contents::Contents, manifest,
};
use crate::repository::sha256;
use anyhow::{Context, Result, bail};
use std::{
    collections::BTreeMap,
    io::{Cursor, Write},
};
use zip::{CompressionMethod, DateTime, System, ZipWriter, write::SimpleFileOptions};

/// A packed bundle.
pub struct Packed {
    /// The archive.
    pub bytes: Vec<u8>,
    /// The one folder in it.
    pub folder: String,
    /// Files of the payload.
    pub files: usize,
    /// SHA-256 of `tagmanifest-sha256.txt`, which stands for everything in the bundle.
    pub digest: String,
}

/// Packs contents.
pub fn pack(contents: Contents) -> Result<Packed> {
    let Contents { folder, info, payload, .. } = contents;
    let files = payload.len();
    let bytes: u64 = payload.values().map(|content| content.len() as u64).sum();
    let digests: Vec<(String, String)> =
        payload.iter().map(|(path, content)| (path.clone(), sha256(content))).collect();
    let mut bag = payload;
    bag.insert(BAGIT.to_owned(), b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_vec());
    let oxum = format!("{bytes}.{files}");
    let fields = info.iter().map(|(label, value)| (*label, value.as_str()));
    let info = manifest::write_info(fields.chain([("Payload-Oxum", oxum.as_str())]));
    bag.insert(BAG_INFO.to_owned(), info.into_bytes());
    let list = manifest::write(digests.iter().map(|(path, digest)| (path.as_str(), digest.as_str())));
    bag.insert(MANIFEST.to_owned(), list.into_bytes());
    let tags: Vec<(&str, String)> =
        [BAG_INFO, BAGIT, MANIFEST].into_iter().map(|name| (name, sha256(&bag[name]))).collect();
    let tags = manifest::write(tags.iter().map(|(name, digest)| (*name, digest.as_str()))).into_bytes();
    let digest = sha256(&tags);
    bag.insert(TAG_MANIFEST.to_owned(), tags);
    within_limits(&bag)?;
    Ok(Packed { bytes: archive(&folder, &bag).context("cannot pack the bundle")?, folder, files, digest })
}

/// What `verify` would refuse to read is not packed.
fn within_limits(bag: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let total: u64 = bag.values().map(|content| content.len() as u64).sum();
    if bag.len() > ENTRIES || total > TOTAL_BYTES {
        bail!(
            "the bundle would have {} files and {total} bytes; the limit is {ENTRIES} files and {TOTAL_BYTES} bytes",
            bag.len()
        );
    }
    for (path, content) in bag {
        let limit = if path.starts_with("data/") && path != super::EVIDENCE { FILE_BYTES } else { TEXT_BYTES };
        if content.len() as u64 > limit {
            bail!("`{path}` has {} bytes, more than the limit of {limit}", content.len());
        }
    }
    Ok(())
}

fn archive(folder: &str, bag: &BTreeMap<String, Vec<u8>>) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in bag {
        let name = format!("{folder}/{path}");
        writer.start_file(name.as_str(), options(CompressionMethod::Deflated))?;
        writer.write_all(content)?;
        if content.len() as u64 > RATIO_FROM && is_squeezed(content)? {
            // A reader could take it for a bomb.
            writer.abort_file()?;
            writer.start_file(name.as_str(), options(CompressionMethod::Stored))?;
            writer.write_all(content)?;
        }
    }
    Ok(writer.finish()?.into_inner())
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    let level = (method == CompressionMethod::Deflated).then_some(6);
    SimpleFileOptions::default()
        .compression_method(method)
        .compression_level(level)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644)
}

/// Whether a content becomes so small that the ratio looks like an attack.
fn is_squeezed(content: &[u8]) -> zip::result::ZipResult<bool> {
    let mut alone = ZipWriter::new(Cursor::new(Vec::new()));
    alone.start_file("", options(CompressionMethod::Deflated))?;
    alone.write_all(content)?;
    let compressed = alone.finish()?.into_inner().len() as u64;
    // The headers of the archive count here: some room keeps it on the safe side.
    Ok(content.len() as u64 / compressed.saturating_sub(256).max(1) > RATIO / 2)
}

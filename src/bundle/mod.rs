//! The bundle: a `BagIt` bag (RFC 8493) in a zip, with the evidence and what an auditor needs to
//! read and verify it offline. Made byte for byte again from the same inputs.
//!
//! `pack` makes it out of plain values; `verify` reads one that anybody may have made, in bounded
//! memory, and never writes.

mod archive;
mod contents;
mod evidence;
mod gap;
mod guide;
mod headers;
mod history;
mod manifest;
mod names;
mod pack;
mod problem;
mod verify;

pub use crate::audience::{Audience, Classification, classification};
pub use archive::Archive;
pub use contents::{Contents, NotShown, Origin, contents, for_audience};
pub use pack::{Packed, pack};
pub use problem::{Problem, Problems};
pub use verify::{Ended, Files, Listed, Verification, verify_archive, verify_files};

/// The version of `evidence.json`.
pub const VERSION: u64 = 1;

/// The most entries of an archive.
pub const ENTRIES: usize = 65_534;
/// The most bytes of one file.
pub const FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// The most bytes of all files together, and of the archive: what fits a zip without zip64.
pub const TOTAL_BYTES: u64 = u32::MAX as u64 - 1;
/// The most bytes of a file that is read as a whole: manifests and `evidence.json`.
pub const TEXT_BYTES: u64 = 64 * 1024 * 1024;
/// How many times larger than its compressed form a file may be.
pub const RATIO: u64 = 200;
/// Up to this size the ratio does not matter.
pub const RATIO_FROM: u64 = 16 * 1024 * 1024;

/// Names of the files of a bag.
const BAGIT: &str = "bagit.txt";
const BAG_INFO: &str = "bag-info.txt";
const MANIFEST: &str = "manifest-sha256.txt";
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
const EVIDENCE: &str = "data/evidence.json";

/// The limits in words.
pub fn limits() -> String {
    format!(
        "at most {ENTRIES} files, {} MiB a file, {} MiB in all, {} MiB for a manifest, and from {} MiB on {RATIO} times the compressed size",
        FILE_BYTES >> 20,
        (TOTAL_BYTES + 1) >> 20,
        TEXT_BYTES >> 20,
        RATIO_FROM >> 20,
    )
}

/// The commit as `bag-info.txt` names it.
fn external_identifier(commit: Option<&str>, modified: bool) -> String {
    let commit = commit.map_or_else(|| "no commit".to_owned(), |commit| format!("git commit {commit}"));
    commit + if modified { " with changes that are not committed" } else { "" }
}

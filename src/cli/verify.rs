//! `attestry verify`: verify a bundle, packed or unpacked. Writes nothing.

use super::{Globals, Outcome, bundle::one_line, print};
use crate::bundle::{ENTRIES, Files, Listed, Problems, Verification, limits, verify_archive, verify_files};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

/// Arguments of `verify`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The bundle: the zip, or the folder it was unpacked to
    file: PathBuf,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line per problem, and the verdict
    Text,
    /// JSON, version 1
    Json,
}

pub(super) fn run(arguments: &Arguments, _globals: &Globals) -> Result<Outcome> {
    let verification = verified(&arguments.file)?;
    print(&match arguments.format {
        Format::Text => text(&verification),
        Format::Json => as_json(&verification),
    })?;
    Ok(if verification.problems.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Verifies what a path leads to.
pub(super) fn verified(path: &Path) -> Result<Verification> {
    let cannot = || format!("cannot read `{}`", path.display());
    let metadata = fs::metadata(path).with_context(cannot)?;
    if metadata.is_dir() {
        unpacked(path).with_context(cannot)
    } else if metadata.is_file() {
        File::open(path).and_then(verify_archive).with_context(cannot)
    } else {
        bail!("`{}` is neither a file nor a folder", path.display())
    }
}

fn text(verification: &Verification) -> String {
    let mut text = String::new();
    for problem in verification.problems.list() {
        let path = if problem.path.is_empty() { String::new() } else { format!("`{}`: ", shortened(&problem.path)) };
        text.push_str(&one_line(&format!("{}: {path}{}", problem.name, shortened(&problem.message))));
    }
    let more = verification.problems.more();
    if more > 0 {
        text.push_str(&format!("and {more} more problems\n"));
    }
    if !verification.problems.is_empty() {
        let count = verification.problems.list().len() + more;
        text.push_str(&format!(
            "altered, or not a whole bundle: {count} problem{}\n",
            if count == 1 { "" } else { "s" }
        ));
        return text;
    }
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let origin = if verification.signed {
        "origin not verified (this version cannot verify its signatures)"
    } else {
        "origin not verified (the bundle is not signed)"
    };
    text.push_str(&format!("unaltered since packing; {origin}\n"));
    text.push_str(&format!("{} files, {} bytes\n", verification.files, verification.bytes));
    let changed = if verification.modified { ", with changes that were not committed" } else { "" };
    let history = verification.history.as_ref().map_or_else(
        || "none".to_owned(),
        |ended| format!("{}{}", ended.head, ended.day.as_ref().map_or_else(String::new, |day| format!(" of {day}"))),
    );
    for (label, value) in [
        ("organization", said(&verification.organization)),
        ("as of", said(&verification.as_of)),
        ("commit", said(&verification.commit) + changed),
        ("history up to", history),
        ("for", format!("{} readers, {} withheld or left out", said(&verification.audience), verification.not_shown)),
        ("sha256 of tagmanifest-sha256.txt", said(&verification.digest)),
    ] {
        text.push_str(&one_line(&format!("{label}: {value}")));
    }
    text
}

/// A text of at most 400 characters.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 400 { text.to_owned() } else { text.chars().take(400).chain(['…']).collect() }
}

fn as_json(verification: &Verification) -> String {
    let problems = verification.problems.list().iter().map(|problem| {
        json!({ "problem": problem.name, "path": shortened(&problem.path), "message": shortened(&problem.message) })
    });
    let whole = json!({
        "version": 1,
        "tool": { "name": "attestry", "version": env!("CARGO_PKG_VERSION") },
        "unaltered": verification.problems.is_empty(),
        "origin": "not verified",
        "signed": verification.signed,
        "problems": problems.collect::<Vec<_>>(),
        "more_problems": verification.problems.more(),
        "files": verification.files,
        "bytes": verification.bytes,
        "organization": verification.organization,
        "as_of": verification.as_of,
        "commit": verification.commit,
        "modified": verification.modified,
        "history": verification.history.as_ref().map(|ended| json!({
            "head": ended.head.to_string(),
            "day": ended.day,
            "first": ended.first.to_string(),
        })),
        "audience": verification.audience,
        "withheld_or_left_out": verification.not_shown,
        "tagmanifest_sha256": verification.digest,
        "limits": limits(),
    });
    format!("{whole:#}\n")
}

/// The files of an unpacked bag.
struct Folder {
    paths: Vec<PathBuf>,
}

impl Files for Folder {
    fn read(&mut self, index: usize, take: &mut dyn FnMut(&[u8])) -> io::Result<Result<(), String>> {
        let mut file = match File::open(&self.paths[index]) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => {
                return Ok(Err(format!("it cannot be read: {error}")));
            }
            Err(error) => return Err(error),
        };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(Ok(())),
                Ok(count) => take(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn unpacked(root: &Path) -> io::Result<Verification> {
    let root = bag_root(root)?;
    let mut problems = Problems::default();
    let (mut listed, mut paths) = (Vec::new(), Vec::new());
    let mut pending = vec![(root, String::new())];
    while let Some((folder, above)) = pending.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let path = format!("{above}{}", name.to_string_lossy());
            let metadata = entry.path().symlink_metadata()?;
            if name.to_str().is_none() {
                problems.add("unsafe-path", &path, "the name is not UTF-8");
            } else if metadata.is_symlink() {
                problems.add("link", &path, "this is a symbolic link, not a file");
            } else if metadata.is_dir() {
                pending.push((entry.path(), format!("{path}/")));
            } else if metadata.is_file() {
                listed.push(Listed { path, size: metadata.len() });
                paths.push(entry.path());
            } else {
                problems.add("link", &path, "this is a special file, not a plain one");
            }
            if listed.len() > ENTRIES {
                return verify_files(&listed, &mut Folder { paths }, problems);
            }
        }
    }
    verify_files(&listed, &mut Folder { paths }, problems)
}

/// The folder of the bag: the one that is named, or the only one in it.
fn bag_root(root: &Path) -> io::Result<PathBuf> {
    if root.join("bagit.txt").symlink_metadata().is_ok() {
        return Ok(root.to_owned());
    }
    let entries: Vec<_> = fs::read_dir(root)?.take(2).collect::<io::Result<_>>()?;
    match &entries[..] {
        [only] if only.file_type()?.is_dir() => Ok(only.path()),
        _ => Ok(root.to_owned()),
    }
}

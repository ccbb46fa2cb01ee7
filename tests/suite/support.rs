//! What several tests need.

use attestry::{
    calendar::parse_day,
    history::Revision,
    sms::{Sms, build},
    source::{Content, Input},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// An SMS of files in memory, as of a day.
pub(crate) fn sms(files: &[(String, String)], as_of: &str) -> Sms {
    let mut inputs: Vec<Input> = files
        .iter()
        .map(|(path, text)| Input { path: path.clone(), content: Content::Bytes(text.clone().into_bytes()) })
        .collect();
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    build(inputs, parse_day(as_of).unwrap_or_else(|| panic!("`{as_of}` is not a day")), Revision::default())
}

/// Whether expected texts are to be written anew: `SNAPSHOTS=overwrite`.
pub(crate) fn overwrite() -> bool {
    std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite")
}

/// A path in the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All files below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() { pending.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}

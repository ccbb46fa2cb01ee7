//! The baseline of `attestry check`: from the command line or the configuration, and written.

use super::{Globals, say};
use crate::{
    baseline::Baseline,
    report::Found,
    repository::{Repository, Want, write_whole},
    source::Content,
    wording::counted,
};
use anyhow::{Context, Result, anyhow, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The baseline that a run compares with, and how it was named; none where nothing names one.
pub(super) fn read(
    named: Option<&PathBuf>,
    configured: Option<&str>,
    globals: &Globals,
    repository: &Repository,
) -> Result<Option<(Baseline, String)>> {
    if let Some(path) = named {
        let baseline = file(&globals.folder.join(path))?;
        let baseline = baseline.ok_or_else(|| absent(&path.display().to_string()))?;
        return Ok(Some((baseline, path.display().to_string())));
    }
    let Some(path) = configured else { return Ok(None) };
    let baseline = of_repository(repository, path)?.ok_or_else(|| absent(path))?;
    Ok(Some((baseline, path.to_owned())))
}

fn absent(path: &str) -> anyhow::Error {
    anyhow!("there is no baseline `{path}`; `attestry check --write-baseline {path}` writes one")
}

/// The baseline in a file of the repository, as it is read; none where the file is not there.
pub(super) fn of_repository(repository: &Repository, path: &str) -> Result<Option<Baseline>> {
    match repository.content_of(path.trim_start_matches("./"), Want::Data) {
        Some(Content::Bytes(bytes)) => parse(path, &String::from_utf8_lossy(&bytes)).map(Some),
        Some(Content::Unreadable(reason) | Content::NotFollowed(reason)) => {
            bail!("the baseline `{path}` cannot be read: {reason}")
        }
        Some(Content::Present { .. } | Content::Later(_)) | None => Ok(None),
    }
}

#[expect(clippy::disallowed_methods, reason = "a file that the command line names")]
fn file(path: &Path) -> Result<Option<Baseline>> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&path.display().to_string(), &text).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read the baseline `{}`", path.display())),
    }
}

fn parse(path: &str, text: &str) -> Result<Baseline> {
    Baseline::read(text).map_err(|reason| anyhow!("`{path}` {reason}"))
}

/// Writes the baseline of what was found; over one that is there only what it had and what still
/// occurs. The baseline that was written, and how it is named.
pub(super) fn write(path: &Path, globals: &Globals, found: &Found) -> Result<(Baseline, String)> {
    let target = globals.folder.join(path);
    let (baseline, before) = match file(&target)? {
        Some(old) => (old.within(&found.occurring()), old.len()),
        None => (found.baseline(), 0),
    };
    write_whole(&target, baseline.to_string().as_bytes())?;
    let shrunk = match before - baseline.len().min(before) {
        0 => String::new(),
        mended => format!(", {mended} mended and gone from it"),
    };
    let name = path.display().to_string();
    say(&format!("{name}: {} written{shrunk}; it only ever shrinks\n", counted(baseline.len(), "finding")));
    Ok((baseline, name))
}

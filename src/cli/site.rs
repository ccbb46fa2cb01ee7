//! `attestry site`: render the evidence site into a folder. The folder is replaced as a whole: the
//! new site is written beside it first, so that the old one stays whole until the new one is.

use super::{Globals, Input, Outcome, add_last_changes, print};
use crate::{
    report::Report,
    repository::Repository,
    site::{self, Audience, Classification, MARKER},
    sms::Sms,
};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Arguments of `site`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The folder to write; a new one, or one that holds an earlier site
    out: PathBuf,
    #[command(flatten)]
    input: Input,
    /// Show documents up to this classification; everything above is visibly withheld
    #[arg(long, value_enum, default_value = "internal")]
    audience: ForWhom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ForWhom {
    /// Public documents only
    Public,
    /// Public and internal ones; what has no classification is internal
    Internal,
    /// Confidential ones too
    Confidential,
    /// Everything
    Restricted,
}

impl From<ForWhom> for Audience {
    fn from(whom: ForWhom) -> Self {
        let up_to = match whom {
            ForWhom::Public => Classification::Public,
            ForWhom::Internal => Classification::Internal,
            ForWhom::Confidential => Classification::Confidential,
            ForWhom::Restricted => Classification::Restricted,
        };
        Self { up_to }
    }
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    // Before anything is computed: this may take a while.
    refuse_foreign(&arguments.out)?;
    let (repository, mut sms) = arguments.input.load(globals)?;
    refuse_inside(&arguments.out, &repository)?;
    sms.revision.modified = repository.is_modified();
    add_last_changes(&repository, &mut sms);
    let files = files(&repository, &sms, arguments.audience.into())?;
    write(&arguments.out, &files)?;
    let pages = files.keys().filter(|path| site::is_page(path)).count();
    print(&format!(
        "{pages} pages as of {} written; open {}\n",
        sms.as_of,
        arguments.out.join("index.html").display()
    ))?;
    Ok(Outcome::Clean)
}

/// The site of an SMS, with the files that it offers read from the repository.
pub(crate) fn files(repository: &Repository, sms: &Sms, audience: Audience) -> Result<BTreeMap<String, Vec<u8>>> {
    let report = Report::new(sms, |_| true, |_| true);
    let mut copies = BTreeMap::new();
    for path in site::copied(sms, audience) {
        if let Some(bytes) = repository.bytes(path)? {
            copies.insert(path.to_owned(), bytes);
        }
    }
    site::render(sms, &report, audience, &copies)
}

/// Only a new or empty folder, or one that holds an earlier site, may be written over.
fn refuse_foreign(out: &Path) -> Result<()> {
    let metadata = match fs::symlink_metadata(out) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot look at `{}`", out.display())),
        Ok(metadata) => metadata,
    };
    if metadata.is_symlink() {
        bail!("`{}` is a symbolic link; name the folder itself", out.display());
    }
    if !metadata.is_dir() {
        bail!("`{}` is a file; name a folder", out.display());
    }
    let mut entries = fs::read_dir(out).with_context(|| format!("cannot open `{}`", out.display()))?;
    let is_ours = fs::symlink_metadata(out.join(MARKER)).is_ok_and(|metadata| metadata.is_file());
    if !is_ours && entries.next().is_some() {
        bail!(
            "`{}` holds files and no site that attestry made (there is no `{MARKER}` in it); name a new folder",
            out.display()
        );
    }
    Ok(())
}

/// Replacing the folder of the SMS, or one above it, would remove the evidence itself.
fn refuse_inside(out: &Path, repository: &Repository) -> Result<()> {
    let out = out.canonicalize().unwrap_or_else(|_| out.to_owned());
    if repository.root().starts_with(&out) {
        bail!("`{}` holds the management system itself; name another folder", out.display());
    }
    Ok(())
}

/// Writes the files into a new folder beside `out`, then puts it in its place.
pub(super) fn write(out: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let name = out.file_name().with_context(|| format!("`{}` does not name a folder", out.display()))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("cannot make `{}`", parent.display()))?;
    let beside = |what: &str| parent.join(format!(".{}.{}.{what}", name.to_string_lossy(), std::process::id()));
    let (new, old) = (beside("new"), beside("old"));
    if let Err(error) = write_all(&new, files) {
        let _ = fs::remove_dir_all(&new);
        return Err(error);
    }
    // It may have changed while the site was made.
    let replaced = refuse_foreign(out).and_then(|()| replace(out, &new, &old));
    if let Err(error) = replaced {
        let _ = fs::remove_dir_all(&new);
        return Err(error);
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a command writes where it was told to")]
fn write_all(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    fs::create_dir(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    for (path, bytes) in files {
        let to = folder.join(path);
        let parent = to.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&to, bytes))
            .with_context(|| format!("cannot write `{}`", to.display()))?;
    }
    Ok(())
}

/// Puts `new` in the place of `out`. What was there goes aside and away only when it is replaced.
fn replace(out: &Path, new: &Path, old: &Path) -> Result<()> {
    let there = out.exists();
    if there {
        fs::rename(out, old).with_context(|| format!("cannot replace `{}`", out.display()))?;
    }
    if let Err(error) = fs::rename(new, out) {
        if there {
            let _ = fs::rename(old, out);
        }
        return Err(error).with_context(|| format!("cannot write `{}`", out.display()));
    }
    if there {
        // The new site is in place; what cannot be removed of the old one does no harm.
        let _ = fs::remove_dir_all(old);
    }
    Ok(())
}

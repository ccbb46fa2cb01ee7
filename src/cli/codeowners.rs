//! `attestry codeowners`: the owners that documents name, as the hosting platform reads them.

use super::{Globals, Input, Outcome, print, say};
use crate::{export::codeowners, repository::write_whole};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// Arguments of `codeowners`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Write to this file, such as .github/CODEOWNERS, instead of standard output
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let folder = arguments.output.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!("there is no folder `{}`; make it first", folder.display());
    }
    let (repository, sms) = arguments.input.load(globals)?;
    let mut again = "attestry codeowners".to_owned();
    if let Some(path) = &arguments.output {
        again.push_str(&format!(" --output {}", path.display()));
    }
    let written = codeowners::of(&sms, repository.folder(), &again);
    let Some(path) = &arguments.output else {
        print(&written.text)?;
        return Ok(Outcome::Clean);
    };
    // What others wrote there stays.
    let mut there = String::new();
    match fs::File::open(path).and_then(|mut file| file.read_to_string(&mut there)) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
    write_whole(path, codeowners::within(&there, &written.text, repository.folder()).as_bytes())?;
    let without = written.without_account.len() + written.without_pattern.len();
    say(&format!("{}: owners of {} files; {without} without an entry\n", path.display(), written.files));
    if repository.passes_over_codeowners(path) {
        let up = "../".repeat(repository.folder().matches('/').count());
        say(&format!(
            "warning: hosting platforms look for CODEOWNERS only in the root of the git repository, `.github`, `docs` and `.gitlab` there, and pass this file over\nhelp: write to {up}.github/CODEOWNERS, as seen from the folder of the SMS\n"
        ));
    }
    Ok(Outcome::Clean)
}

//! `attestry init`: a starter for a new service management system.

use super::{Globals, Outcome, print, schema, today};
use crate::{calendar, kind::Kinds, repository::write_whole, starter};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{fs, path::PathBuf};

/// Arguments of `init`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The folder of the new SMS [default: the current one]
    folder: Option<PathBuf>,
    /// Name of the organization
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Time zone of the organization, an IANA name such as Europe/Oslo
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let zone = arguments.zone.as_deref().unwrap_or("UTC");
    if calendar::zone(zone).is_none() {
        bail!("there is no time zone `{zone}`; use an IANA name such as `Europe/Oslo`");
    }
    let words: Vec<&str> = arguments.organization.as_deref().unwrap_or_default().split_whitespace().collect();
    let organization = if words.is_empty() { "TODO: name of the organization".to_owned() } else { words.join(" ") };
    let folder = arguments.folder.as_ref().map_or_else(|| globals.folder.clone(), |given| globals.folder.join(given));
    let (mut written, mut left) = (0, Vec::new());
    for (path, text) in starter::files(&organization, zone, today(zone)) {
        let target = folder.join(path);
        if target.symlink_metadata().is_ok() {
            left.push(path.to_owned());
            continue;
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make the folder `{}`", parent.display()))?;
        }
        write_whole(&target, text.as_bytes())?;
        written += 1;
    }
    let schemas = folder.join("schema");
    if schemas.symlink_metadata().is_ok() {
        left.push("schema/".to_owned());
    } else {
        written += schema::write(&schemas, &Kinds::built_in())?.0;
    }
    let mut text = format!("{}: {written} files written\n", folder.display());
    if !left.is_empty() {
        text.push_str(&format!("left as they were, because they are there already: {}\n", left.join(", ")));
    }
    text.push_str(
        "\nnext: read README.md: it says in which order to go\n      \
         people.yaml and registers/roles.yaml: who you are\n      \
         `attestry check`: what is still a placeholder\n      \
         `attestry gap`: what evidence is still missing\n",
    );
    if arguments.zone.is_none() {
        text.push_str("      attestry.yaml: the time zone is UTC until you say another\n");
    }
    print(&text)?;
    Ok(Outcome::Clean)
}

//! `attestry init`: a starter for a new service management system.

use super::{Globals, Outcome, print, schema, today};
use crate::{
    calendar, configuration,
    kind::Kinds,
    repository::{git_root, write_whole},
    starter::{self, Platform},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    path::{Component, Path, PathBuf},
};

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
    /// Write the workflows for GitHub Actions too; in a system that is there already, only these
    #[arg(long)]
    github: bool,
    /// Write the pipeline for GitLab too; in a system that is there already, only this
    #[arg(long)]
    gitlab: bool,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let zone = arguments.zone.as_deref().unwrap_or("UTC");
    if calendar::zone(zone).is_none() {
        bail!("there is no time zone `{zone}`; use an IANA name such as `Europe/Oslo`");
    }
    let words: Vec<&str> = arguments.organization.as_deref().unwrap_or_default().split_whitespace().collect();
    let organization = if words.is_empty() { "TODO: name of the organization".to_owned() } else { words.join(" ") };
    let folder = arguments.folder.as_ref().map_or_else(|| globals.folder.clone(), |given| globals.folder.join(given));
    // The platforms look at the root of the repository, wherever the SMS lies in it.
    let (root, inside) = git_root(&folder).unwrap_or_else(|| (folder.clone(), String::new()));
    let platforms: Vec<(&str, String)> = [(arguments.github, Platform::GitHub), (arguments.gitlab, Platform::GitLab)]
        .into_iter()
        .filter(|(wanted, _)| *wanted)
        .flat_map(|(_, platform)| starter::platform_files(platform, &inside))
        .collect();
    // Who has a system already and names a platform wants no starter.
    let starts = platforms.is_empty() || folder.join(configuration::FILE).symlink_metadata().is_err();
    let starter = if starts { starter::files(&organization, zone, today(zone)) } else { Vec::new() };
    let (mut written, mut left) = write(&folder, &starter)?;
    let (more, there) = write(&root, &platforms)?;
    written += more;
    left.extend(there);
    if starts {
        let schemas = folder.join("schema");
        if schemas.symlink_metadata().is_ok() {
            left.push("schema/".to_owned());
        } else {
            written += schema::write(&schemas, &Kinds::built_in())?.0;
        }
    }
    let mut text = format!("{}: {written} files written\n", without_dot(&folder).display());
    if !left.is_empty() {
        text.push_str(&format!("left as they were, because they are there already: {}\n", left.join(", ")));
    }
    let at = if inside.is_empty() { "" } else { " (at the root of the git repository)" };
    for (path, _) in &platforms {
        text.push_str(&format!("{path}{at}: say in it where your attestry is kept\n"));
    }
    if !starts {
        print(&text)?;
        return Ok(Outcome::Clean);
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

/// A path without the `.` that it starts or ends with; `.` itself stays.
fn without_dot(path: &Path) -> PathBuf {
    let plain: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// Writes the files that are not there yet: how many, and which were left as they were.
fn write(folder: &Path, files: &[(&str, String)]) -> Result<(usize, Vec<String>)> {
    let (mut written, mut left) = (0, Vec::new());
    for (path, text) in files {
        let target = folder.join(path);
        if target.symlink_metadata().is_ok() {
            left.push((*path).to_owned());
            continue;
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make the folder `{}`", parent.display()))?;
        }
        write_whole(&target, text.as_bytes())?;
        written += 1;
    }
    Ok((written, left))
}

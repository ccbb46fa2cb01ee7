//! `attestry bundle`: pack site, documents and findings for an auditor.

use super::{Globals, Input, Outcome, print, say};
use crate::{
    bundle::{self, Audience, Classification, Origin, Packed},
    report::{self, Report, printable},
    repository::{Repository, write_whole},
    sms::Sms,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{io::Cursor, path::PathBuf};

/// Arguments of `bundle`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The zip to write, such as `../evidence.zip`
    out: PathBuf,
    #[command(flatten)]
    input: Input,
    /// For whom: what is classified higher is withheld, and listed as withheld
    #[arg(long, value_name = "CLASSIFICATION", default_value = "internal", value_parser = classification)]
    audience: Classification,
}

fn classification(name: &str) -> Result<Classification, String> {
    let all = Classification::ALL;
    all.into_iter()
        .find(|one| one.name() == name)
        .ok_or_else(|| format!("write one of {}", all.map(Classification::name).join(", ")))
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let (repository, mut sms) = arguments.input.load(globals)?;
    let out = &arguments.out;
    if out.is_dir() {
        bail!("`{}` is a folder; name the zip to write", out.display());
    }
    if arguments.input.reads_work_tree() && repository.would_hold(out) {
        bail!(
            "`{}` would itself be part of the management system; write it outside, such as `../evidence.zip`, or have git ignore it",
            out.display()
        );
    }
    let packed = packed(&repository, &mut sms, Audience { up_to: arguments.audience })?;
    write_whole(out, &packed.bytes)?;
    print(&format!(
        "packed {} files into {} ({} KiB), as of {}, {}\nsha256 of tagmanifest-sha256.txt, which stands for all of it: {}\ngive this digest to the auditor by another way than the file\n",
        packed.files,
        printable(&out.display().to_string()),
        packed.bytes.len().div_ceil(1024),
        sms.as_of,
        sms.revision.commit.as_ref().map_or_else(|| "no commit".to_owned(), |commit| format!("commit {commit}")),
        packed.digest,
    ))?;
    Ok(Outcome::Clean)
}

/// Packs an SMS, says what is to be known about it, and verifies the result.
pub(super) fn packed(repository: &Repository, sms: &mut Sms, audience: Audience) -> Result<Packed> {
    sms.revision.modified = repository.is_modified();
    // The same tree is the same evidence, however it was named.
    if let Some(commit) = sms.revision.commit.as_ref().filter(|_| !sms.revision.modified) {
        sms.revision.named = commit.clone();
    }
    warn(sms);
    super::add_last_changes(repository, sms);
    let site = super::site::files(repository, sms, audience)?;
    let mut report = Report::new(sms, |_| true, |_| true);
    bundle::for_audience(&mut report, audience);
    let read = |path: &str| {
        if let Some(size) = repository.size(path).filter(|size| *size > bundle::FILE_BYTES) {
            bail!("it has {size} bytes, more than the limit of {}", bundle::FILE_BYTES);
        }
        repository.bytes(path)
    };
    let origin = Origin { read: &read, committed: &|path| repository.committed_blob(path) };
    let contents = bundle::contents(&report, audience, site, &origin)?;
    match contents.withheld.len() {
        0 => {}
        count => say(&format!(
            "withheld: {count} {} above `{}`; the bundle lists them\n",
            if count == 1 { "file" } else { "files" },
            audience.up_to.name()
        )),
    }
    for (path, reason) in &contents.left_out {
        say(&one_line(&format!("warning: left out: `{path}`: {reason}")));
    }
    let packed = bundle::pack(contents)?;
    // What cannot be verified is not handed out.
    let verification = bundle::verify_archive(Cursor::new(&packed.bytes)).context("cannot verify the bundle")?;
    if let Some(problem) = verification.problems.list().first() {
        bail!("the bundle would not verify: `{}`: {}; nothing was written", printable(&problem.path), problem.message);
    }
    Ok(packed)
}

fn warn(sms: &Sms) {
    let revision = &sms.revision;
    if !revision.git {
        say("warning: there is no git repository: the bundle names no commit, and nobody can trace it back\n");
    } else if revision.commit.is_none() {
        say("warning: there is no commit yet: the bundle names none, and nobody can trace it back\n");
    } else if revision.modified {
        say(
            "warning: there are changes that are not committed, and they go into the bundle, which says so (`modified`)\nhelp: commit them first, or pack a commit: `--rev HEAD`\n",
        );
    }
}

/// A line that nothing in it can break or steer.
pub(super) fn one_line(text: &str) -> String {
    report::one_line(text) + "\n"
}

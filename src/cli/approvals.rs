//! `attestry approvals import`: what the hosting platform knows of merged requests, as documents
//! of the kind `approval`.

use super::{Globals, Input, Outcome, print, say};
use crate::{
    kind::Kind,
    ledger::{self, Entry, Merged, Text, counting},
    report::{one_line, printable},
    repository::{Repository, write_whole},
    sms::Sms,
};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Arguments of `approvals`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write what the API of the hosting platform prints of merged requests
    ///
    /// GitHub: the pull, its reviews and its files, such as
    ///   gh api repos/O/N/pulls/12 > pull.json
    ///   gh api --paginate repos/O/N/pulls/12/reviews > reviews.json
    ///   gh api --paginate repos/O/N/pulls/12/files > files.json
    /// GitLab: the merge request, its approvals and, optionally, its diffs.
    #[command(verbatim_doc_comment)]
    Import(Import),
}

/// Arguments of `approvals import`.
#[derive(Args)]
struct Import {
    /// JSON as the API prints it, one value or several in each file; `-` or none: standard input
    files: Vec<PathBuf>,
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// The most bytes that are read, all files together.
const LIMIT: u64 = 64 * 1024 * 1024;

/// What becomes of one request's file.
struct Plan {
    path: String,
    entry: Entry,
    /// The text to be written; none where nothing changes.
    text: Option<String>,
    /// What is said of it.
    told: String,
    /// What is to be looked at.
    warnings: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    match &arguments.command {
        Command::Import(arguments) => import(arguments, globals),
    }
}

fn import(arguments: &Import, globals: &Globals) -> Result<Outcome> {
    let texts = texts(&arguments.files, globals)?;
    let entries = match ledger::import(&texts) {
        Ok(entries) => entries,
        Err(defects) => {
            for defect in defects {
                say(&format!("error: {}\n  help: {}\n", one_line(&defect.message), one_line(&defect.help)));
            }
            bail!("nothing was imported");
        }
    };
    let (repository, sms) = Input::default().load(globals)?;
    let plans: Vec<Plan> = entries.into_iter().map(|entry| plan(&sms, entry)).collect::<Result<_>>()?;
    let mut text = String::new();
    for plan in &plans {
        let would = if arguments.dry_run && plan.text.is_some() { "would be " } else { "" };
        text.push_str(&format!("{}: {would}{}\n", one_line(&plan.path), one_line(&plan.told)));
        text.push_str(&format!("  {}\n", one_line(&approvers(&plan.entry))));
        if arguments.dry_run
            && let Some(new) = &plan.text
        {
            text.push_str(&format!("\n{}\n", printable(new)));
        }
    }
    if !arguments.dry_run {
        for plan in &plans {
            write(&repository, plan)?;
        }
    }
    print(&text)?;
    let warnings: Vec<&String> = plans.iter().flat_map(|plan| &plan.warnings).collect();
    for warning in &warnings {
        say(&format!("warning: {}\n", one_line(warning)));
    }
    Ok(if warnings.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// What is to be imported, with the names of the files.
fn texts(files: &[PathBuf], globals: &Globals) -> Result<Vec<Text>> {
    let input = [PathBuf::from("-")];
    let files = if files.is_empty() { &input[..] } else { files };
    let mut left = LIMIT;
    let mut texts = Vec::new();
    for file in files {
        let (name, bytes) = if file == Path::new("-") {
            let name = "standard input".to_owned();
            (name, limited(&mut io::stdin().lock(), left).context("cannot read standard input")?)
        } else {
            let name = file.display().to_string();
            let read = fs::File::open(globals.folder.join(file)).and_then(|mut file| limited(&mut file, left));
            let bytes = read.with_context(|| format!("cannot read `{name}`"))?;
            (name, bytes)
        };
        let size = bytes.len() as u64;
        if size > left {
            bail!("what is to be imported has more than {LIMIT} bytes; import fewer requests at a time");
        }
        left -= size;
        let text = String::from_utf8(bytes)
            .map_err(|_| anyhow!("`{name}` is not UTF-8 text; write it anew with the API's own output"))?;
        texts.push(Text { name, text });
    }
    Ok(texts)
}

/// At most one byte more than the limit.
fn limited(from: &mut impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where an entry belongs, and what is to be written there.
fn plan(sms: &Sms, new: Entry) -> Result<Plan> {
    let known = sms.of_kind(ledger::KIND).find(|document| {
        Entry::of(document).is_some_and(|entry| entry.is_same_request(&new)) && document.register.is_none()
    });
    let Some(document) = known else {
        let path = path(sms, &new)?;
        if let Some(other) = sms.document(&new.id) {
            bail!(
                "`{}` has the id `{}` and is not about {} {} of `{}`, or is not whole; `attestry check` says what is wrong with it",
                sms.path(other),
                new.id,
                new.platform.request(),
                new.request,
                new.repository
            );
        }
        if sms.files.contains_key(&path) {
            bail!("`{path}` is there already and is no approval; it is not overwritten");
        }
        let text = ledger::write(&new, &Map::new());
        let told = format!("written ({})", contents(&new));
        return Ok(Plan { path, entry: new, text: Some(text), told, warnings: Vec::new() });
    };
    let path = sms.path(document).to_owned();
    let there = Entry::of(document).ok_or_else(|| anyhow!("`{path}` is not whole"))?;
    let Merged { entry, added, unlisted } = ledger::merge(&there, &new).map_err(|reason| {
        anyhow!("`{path}` contradicts the platform: {reason}; find out who altered it, and mend it by hand")
    })?;
    let warnings = unlisted
        .iter()
        .map(|review| {
            format!(
                "`{path}` has a review by `{}` ({}) that the platform does not list; it is kept{}",
                review.reviewer,
                review.state.name(),
                if review.state == ledger::ReviewState::Approved { ", and does not count" } else { "" }
            )
        })
        .collect();
    if entry == there {
        return Ok(Plan { path, told: format!("unchanged ({})", contents(&entry)), entry, text: None, warnings });
    }
    if document.body.is_some() {
        bail!("`{path}` is Markdown, which the import does not change; make it YAML");
    }
    let own = ledger::fields(&entry);
    let others: Map<String, Value> = document
        .fields
        .iter()
        .filter(|(name, _)| !own.contains_key(*name) && document.is_written(name))
        .filter(|(name, _)| *name != "unlisted_files")
        .map(|(name, value)| (document.name_of(name).to_owned(), value.clone()))
        .collect();
    let told = match added {
        0 => format!("completed ({})", contents(&entry)),
        1 => format!("changed: 1 review added ({})", contents(&entry)),
        added => format!("changed: {added} reviews added ({})", contents(&entry)),
    };
    let text = ledger::write(&entry, &others);
    Ok(Plan { path, entry, text: Some(text), told, warnings })
}

/// The path of a new entry: in the folder of its kind.
fn path(sms: &Sms, entry: &Entry) -> Result<String> {
    let folder = sms.kinds.get(ledger::KIND).map(|kind: &Kind| kind.folder.trim_end_matches('/')).unwrap_or_default();
    let is_safe = folder.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'));
    if !is_safe {
        bail!("the folder `{folder}` of the kind `{}` is not one below the root of the SMS", ledger::KIND);
    }
    Ok(format!("{folder}/{}.yaml", entry.file_stem()))
}

fn write(repository: &Repository, plan: &Plan) -> Result<()> {
    let Some(text) = &plan.text else { return Ok(()) };
    let target = repository.root().join(&plan.path);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    // A link would lead elsewhere, and what git ignores would be lost.
    if !repository.would_hold(&target) {
        bail!("`{}` would not be part of the SMS: it is ignored by git, or its folder is a link", plan.path);
    }
    if target.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("`{}` is not a file", plan.path);
    }
    write_whole(&target, text.as_bytes())
}

fn contents(entry: &Entry) -> String {
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!("{}, {}", count(entry.reviews.len(), "review"), count(entry.files.len(), "file"))
}

/// Whose approval counts.
fn approvers(entry: &Entry) -> String {
    let approvers = counting(entry);
    if approvers.is_empty() {
        return "no approval of its last commit".to_owned();
    }
    let weak = approvers.iter().any(|approver| approver.names_no_commit);
    let names: Vec<String> = approvers.into_iter().map(|approver| approver.account).collect();
    let what = if weak { "; the platform does not say which commit" } else { "" };
    format!("approved by {}{what}", names.join(", "))
}

//! `attestry log`: the life of one document or row, what was in force when, and the redline between
//! two versions.

mod range;

use super::{Globals, Input, Outcome, anchors, parsed_day, print};
use crate::{
    kind,
    report::{is_rewritten, log, printable, redline},
    repository::Repository,
    site,
    sms::Sms,
    wording::{fitted, shell_word},
};
use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum};
use std::{collections::BTreeSet, path::PathBuf};

/// Arguments of `log`. Without the history there is nothing to tell, so its help does not offer that.
#[derive(Args)]
#[command(mut_arg("no_history", |argument| argument.hide(true)))]
pub(super) struct Arguments {
    /// The id of a document, of an entry in a register or of a row in a data set, or the path of a
    /// document
    id: String,
    /// Say which version was in force on this day, YYYY-MM-DD; of a row, what the export of then said
    #[arg(long, value_name = "DATE", conflicts_with = "diff")]
    on: Option<String>,
    /// Show what differs between two versions, commits or days: `1.0..2.1`, `2025-01-31..`, or `2.1`
    /// for what that version changed
    #[arg(long, value_name = "A..B")]
    diff: Option<String>,
    /// Hold the times of approvals against an earlier bundle, or a list of earlier heads, that you
    /// kept elsewhere; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "diff")]
    anchor: Vec<PathBuf>,
    /// Form on standard output
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    input: Input,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading in a terminal
    Human,
    /// JSON, version 1
    Json,
    /// A Markdown document
    Markdown,
    /// A page for the browser, with `--diff`
    Html,
}

impl Arguments {
    /// Whether earlier heads are brought, so that the history is vouched for.
    pub(super) fn brings_anchors(&self) -> bool {
        !self.anchor.is_empty()
    }

    fn asked(&self, globals: &Globals) -> Result<log::Asked> {
        let on = self.on.as_deref().map(|day| parsed_day("--on", day)).transpose()?;
        Ok(log::Asked { on, named: true, colour: globals.colour, width: globals.width })
    }
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    if arguments.input.no_history {
        bail!("a life is told from the history; leave out `--no-history`");
    }
    let (repository, mut sms) = arguments.input.load(globals)?;
    if let Some(reason) = &sms.evidence.history.not_evaluated {
        bail!("no life can be told: {reason}");
    }
    let anchors = anchors::compared(&arguments.anchor, globals, &repository, &sms)?;
    sms.bring_anchors(anchors);
    // As `check` has it: what does not hold is no life to rely on.
    let outcome = if is_rewritten(&sms) { Outcome::Findings } else { Outcome::Clean };
    // A path will do for the document that stands there.
    let at_path = || sms.documents.iter().find(|one| one.register.is_none() && sms.path(one) == arguments.id);
    let of_path = if sms.evidence.lives.get(&arguments.id.to_lowercase()).is_some() { None } else { at_path() };
    let id = of_path.map_or(arguments.id.as_str(), |document| document.id.as_str());
    let Some(life) = sms.evidence.lives.get(&id.to_lowercase()) else {
        let text = rows(arguments, id, globals, &repository, &sms).unwrap_or_else(|| Err(unknown(&sms, id)))?;
        print(&text)?;
        return Ok(outcome);
    };
    let mut story = sms.story(id).ok_or_else(|| unknown(&sms, id))?;
    if let Some(range) = &arguments.diff {
        let (redline, sides) = range::compared(&repository, &sms, life, &story, range)?;
        print(&match arguments.format {
            Format::Human => redline::terminal(&redline, &sides, globals.colour, globals.width),
            Format::Markdown => redline::markdown(&redline, &sides),
            Format::Html => site::redline::page(&redline, &sides),
            Format::Json => bail!("`--diff` is for people: `--format human`, `markdown` or `html`"),
        })?;
        return Ok(Outcome::Clean);
    }
    let asked = arguments.asked(globals)?;
    range::name_fields(&repository, &sms, life, &mut story);
    let mut text = match arguments.format {
        Format::Human => log::human(&sms, &story, asked),
        Format::Markdown => log::markdown(&sms, &story, asked),
        Format::Json => log::json(&sms, &story, asked),
        Format::Html => bail!("`--format html` is for `--diff`; `attestry site` shows lives in the browser"),
    };
    if arguments.format == Format::Human {
        text.push_str(&fitted(&remarks(&sms, id), globals.width));
    }
    print(&text)?;
    Ok(outcome)
}

/// The life of a row of a data set; none where no data set has or had one of this id.
fn rows(
    arguments: &Arguments,
    id: &str,
    globals: &Globals,
    repository: &Repository,
    sms: &Sms,
) -> Option<Result<String>> {
    if id.trim().is_empty() {
        return None;
    }
    let contents = repository.contents();
    let lives = sms.row_lives(id, &|blob| contents.as_ref()?.read(blob));
    if lives.is_empty() {
        return None;
    }
    let asked = printable(id);
    if arguments.diff.is_some() {
        let command = format!("attestry log {}", shell_word(id));
        return Some(Err(anyhow!(
            "`{asked}` is a row of a data set and has no versions to compare; `{command}` tells what each export changed"
        )));
    }
    Some(arguments.asked(globals).and_then(|asked_for| match arguments.format {
        Format::Human => Ok(log::row::human(sms, &lives, asked_for)),
        Format::Json => Ok(log::row::json(sms, &lives, asked_for)),
        Format::Markdown | Format::Html => {
            bail!("`{asked}` is a row of a data set; rows are told as `--format human` or `json`")
        }
    }))
}

/// An id that has no life: what it is instead or why, and which ids are near.
fn unknown(sms: &Sms, id: &str) -> anyhow::Error {
    let asked = printable(id);
    if id.trim().is_empty() {
        return anyhow!("whose life? Write the id of a document or of an entry in a register");
    }
    if sms.populations.iter().any(|population| sms.source(population.source).path() == id) {
        return anyhow!("`{asked}` is a data set, not a document: `git log -- {asked}` tells of its exports");
    }
    if sms.people.person(id).is_some() || id == crate::sms::PEOPLE_FILE {
        return anyhow!(
            "lives are told of documents and entries; who is who stands in `{PEOPLE_FILE}`: `git log -- {PEOPLE_FILE}` tells of its changes",
            PEOPLE_FILE = crate::sms::PEOPLE_FILE
        );
    }
    if let Some(document) = sms.document(id) {
        if sms.has_hole(document) {
            return anyhow!(
                "the life of `{}` cannot be told: {}",
                printable(id),
                printable(&sms.evidence.history.limits.join("; "))
            );
        }
        return anyhow!(
            "`{}` stands in `{}` and was never committed on the default branch, so it has no life yet; commit it first",
            printable(id),
            printable(sms.path(document))
        );
    }
    let lower = id.to_lowercase();
    let known = || sms.evidence.lives.ids();
    let nearest = kind::nearest(&lower, known());
    let alike = known().filter(|other| other.contains(&lower) || (lower.len() > 3 && lower.contains(other)));
    let mut near: Vec<&str> = nearest.into_iter().chain(alike).collect();
    let mut seen = BTreeSet::new();
    near.retain(|id| seen.insert(*id));
    let written = |id: &&str| sms.document(id).map_or_else(|| (*id).to_owned(), |document| document.id.clone());
    let near: Vec<String> = near.iter().take(3).map(|id| format!("`{}`", printable(&written(id)))).collect();
    match near.as_slice() {
        [] => anyhow!("no document or entry has or had the id `{}`", printable(id)),
        near => {
            anyhow!("no document or entry has or had the id `{}`; did you mean {}?", printable(id), near.join(" or "))
        }
    }
}

/// What else is to be known: documents that share the id, and what is not committed.
fn remarks(sms: &Sms, id: &str) -> String {
    let mut text = String::new();
    let documents: Vec<_> = sms.by_id(id).collect();
    if documents.len() > 1 {
        let paths: Vec<String> = documents.iter().map(|document| printable(sms.path(document))).collect();
        text.push_str(&format!(
            "\nnote: {} documents have this id, and their lives are told as one: {}\n",
            documents.len(),
            paths.join(", ")
        ));
    }
    for population in sms.populations.iter().filter(|population| population.row_of(id).is_some()) {
        let path = printable(sms.source(population.source).path());
        text.push_str(&format!("\nnote: a row of {path} has this id too, and is not told here\n"));
    }
    if let [document] = documents.as_slice()
        && sms.edition(document).is_none()
    {
        text.push_str("\nnote: what stands there now was never committed like this on the default branch\n");
    }
    text
}

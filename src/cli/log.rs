//! `attestry log`: the life of one document, what was in force when, and the redline between two of
//! its versions.

use super::{Globals, Input, Outcome, print};
use crate::{
    calendar::{self, Date},
    history::{Edition, Event, Life},
    kind,
    redline::{Redline, Then},
    report::{log, printable, redline, redline::Sides},
    repository::Repository,
    site,
    sms::{Sms, evidence::Story},
};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;

/// Arguments of `log`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The id of a document or of an entry in a register, or the path of a document
    id: String,
    #[command(flatten)]
    input: Input,
    /// Say which version was in force on this day, YYYY-MM-DD
    #[arg(long, value_name = "DATE", conflicts_with = "diff")]
    on: Option<String>,
    /// Show what differs between two versions, commits or days: `1.0..2.1`, `2025-01-31..`, or `2.1`
    /// for what that version changed
    #[arg(long, value_name = "A..B")]
    diff: Option<String>,
    /// Form on standard output
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
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

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    if arguments.input.no_history {
        bail!("a life is told from the history; leave out `--no-history`");
    }
    let (repository, sms) = arguments.input.load(globals)?;
    if let Some(reason) = &sms.evidence.history.not_evaluated {
        bail!("no life can be told: {reason}");
    }
    // A path will do for the document that stands there.
    let at_path = || sms.documents.iter().find(|one| one.register.is_none() && sms.path(one) == arguments.id);
    let of_path = if sms.evidence.lives.contains_key(&arguments.id.to_lowercase()) { None } else { at_path() };
    let id = of_path.map_or(arguments.id.as_str(), |document| document.id.as_str());
    let Some(life) = sms.evidence.lives.get(&id.to_lowercase()) else { return Err(unknown(&sms, id)) };
    let story = sms.story(id).ok_or_else(|| unknown(&sms, id))?;
    if let Some(range) = &arguments.diff {
        let (redline, sides) = compared(&repository, &sms, life, &story, range)?;
        print(&match arguments.format {
            Format::Human => redline::terminal(&redline, &sides, globals.colour),
            Format::Markdown => redline::markdown(&redline, &sides),
            Format::Html => site::redline::page(&redline, &sides),
            Format::Json => bail!("`--diff` is for people: `--format human`, `markdown` or `html`"),
        })?;
        return Ok(Outcome::Clean);
    }
    let on = arguments
        .on
        .as_deref()
        .map(|day| calendar::parse_day(day).with_context(|| format!("`--on {day}` is not a day; write YYYY-MM-DD")));
    let asked = log::Asked { on: on.transpose()?, named: true, colour: globals.colour };
    let mut text = match arguments.format {
        Format::Human => log::human(&sms, &story, asked),
        Format::Markdown => log::markdown(&sms, &story, asked),
        Format::Json => log::json(&sms, &story, asked),
        Format::Html => bail!("`--format html` is for `--diff`; `attestry site` shows lives in the browser"),
    };
    if arguments.format == Format::Human {
        text.push_str(&remarks(&sms, id));
    }
    print(&text)?;
    Ok(Outcome::Clean)
}

/// An id that has no life: why, and which ids are near.
fn unknown(sms: &Sms, id: &str) -> anyhow::Error {
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
    let known = || sms.evidence.lives.keys().map(String::as_str);
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
    if let [document] = documents.as_slice()
        && sms.edition(document).is_none()
    {
        text.push_str("\nnote: what stands there now was never committed like this on the default branch\n");
    }
    text
}

/// The redline that a range asks for, and what its sides are called.
fn compared(
    repository: &Repository,
    sms: &Sms,
    life: &Life,
    story: &Story<'_>,
    range: &str,
) -> Result<(Redline, Sides)> {
    let (old, new) = match range.split_once("..") {
        Some((old, "")) => (state(sms, life, story, old)?, None),
        Some(("", _)) => bail!("`--diff {range}`: write what to compare with, such as `1.0{range}`"),
        Some((old, new)) => (state(sms, life, story, old)?, Some(state(sms, life, story, new)?)),
        None => {
            let new = state(sms, life, story, range)?;
            (before(story, range, new)?, Some(new))
        }
    };
    let id = story.id.as_str();
    let contents = repository.contents();
    let then = |edition: &Edition| -> Result<Then> {
        let bytes = contents.as_ref().and_then(|contents| contents.read(edition.blob));
        let bytes = bytes.with_context(|| {
            format!("`{}` of commit {} is not in this clone; fetch it whole", edition.path, log::short(edition.commit))
        })?;
        let text = crate::document::text_of(bytes.to_vec()).0;
        let path = edition.path.strip_prefix(repository.folder()).unwrap_or(&edition.path);
        Then::read(sms, id, path, &text)
            .with_context(|| format!("`{}` of commit {} cannot be read", edition.path, log::short(edition.commit)))
    };
    let (new_side, new_name) = if let Some(edition) = new {
        (then(edition)?, named(sms, story, edition))
    } else {
        let document = sms.document(id).with_context(|| format!("`{}` is not there any more", printable(id)))?;
        let source = sms.source(document.source);
        let then = Then::read(sms, id, source.path(), source.text()).context("it cannot be read")?;
        (then, "what stands there now".to_owned())
    };
    let title = story.title.as_deref().filter(|title| *title != story.id).unwrap_or_default();
    let sides =
        Sides { subject: format!("{id} {title}").trim_end().to_owned(), old: named(sms, story, old), new: new_name };
    Ok((Redline::between(sms, &then(old)?, &new_side), sides))
}

/// A state in words: `version 1.0 of 2024-06-24 (1a2b3c4d5e6f)`.
fn named(sms: &Sms, story: &Story<'_>, edition: &Edition) -> String {
    let version = edition.marks.version.as_ref().map_or_else(|| "the state".to_owned(), |one| format!("version {one}"));
    let chapter = story.chapters.iter().find(|chapter| chapter.commit.id == edition.commit);
    let claimed = || sms.evidence.history.commit(edition.commit)?.committed?.day();
    let day = chapter.and_then(|chapter| chapter.arrived).or_else(claimed);
    format!("{version}{} ({})", day.map_or_else(String::new, |day| format!(" of {day}")), log::short(edition.commit))
}

/// The state that a version, a day or the beginning of a commit's id means.
fn state<'a>(sms: &Sms, life: &'a Life, story: &Story<'a>, wanted: &str) -> Result<&'a Edition> {
    let has = |edition: &&Edition| edition.marks.version.as_deref() == Some(wanted);
    let approved = |edition: &&Edition| edition.marks.state.as_deref() == Some("approved");
    let by_version = life.editions().filter(has).find(approved).or_else(|| life.editions().find(has));
    if let Some(edition) = by_version {
        return Ok(edition);
    }
    if let Some(day) = calendar::parse_day(wanted) {
        return on(story, day).with_context(|| format!("`{}` was not there yet on {day}", printable(&story.id)));
    }
    let lower = wanted.to_lowercase();
    if lower.len() >= 4 && lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let history = &sms.evidence.history;
        let mut commits = history.commits.iter().filter(|commit| commit.id.to_string().starts_with(&lower));
        if let Some(commit) = commits.next() {
            if commits.next().is_some() {
                bail!("several commits begin with `{wanted}`; write more of the id");
            }
            let event = life.at_commit(history, commit.id);
            return event
                .and_then(Event::edition)
                .with_context(|| format!("`{}` was not there at commit {wanted}", printable(&story.id)));
        }
    }
    let versions: BTreeSet<&str> = life.editions().filter_map(|edition| edition.marks.version.as_deref()).collect();
    let versions: Vec<String> = versions.into_iter().map(printable).collect();
    let known = if versions.is_empty() {
        "it has no versions".to_owned()
    } else {
        format!("it has the versions {}", versions.join(", "))
    };
    bail!("`{}` is no version, commit or day in the life of `{}`; {known}", printable(wanted), printable(&story.id))
}

/// What the default branch held on a day.
fn on<'a>(story: &Story<'a>, day: Date) -> Option<&'a Edition> {
    let there = |chapter: &&crate::sms::evidence::Chapter<'a>| chapter.arrived.is_some_and(|arrived| arrived <= day);
    story.chapters.iter().find(there)?.edition
}

/// The approved version before one; where there is none, the state before it.
fn before<'a>(story: &Story<'a>, range: &str, new: &Edition) -> Result<&'a Edition> {
    let others = story.periods.iter().skip_while(|period| period.version != new.marks.version).skip(1);
    let approved = others.filter_map(|period| period.editions.last()).map(|(_, edition)| *edition).next();
    let earlier = || {
        let mut states = story.chapters.iter().filter_map(|chapter| chapter.edition);
        states.by_ref().find(|state| state.commit == new.commit)?;
        states.find(|state| state.marks.version != new.marks.version || state.substance != new.substance)
    };
    approved.or_else(earlier).with_context(|| {
        format!("nothing was there before `{}`; it is the first state of `{}`", printable(range), printable(&story.id))
    })
}

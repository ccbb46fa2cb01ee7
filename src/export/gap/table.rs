//! The gaps for a person at a terminal.

use super::{ClauseGap, Gap, evidence, judgement_in_words, tally_in_words, verification, verification_in_words};
use crate::{
    report::printable,
    sms::{
        Sms,
        coverage::{Assessment, Verdict},
    },
    wording::wrap,
};
use anstyle::{AnsiColor, Style as Paint};
use std::collections::BTreeSet;

/// Where the words of a requirement start.
const INDENT: usize = 20;
/// How many ids of one file are named.
const IDS: usize = 4;
/// How many files are named.
const FILES: usize = 3;

/// How it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colours.
    pub colour: bool,
    /// How wide it may be, in columns.
    pub width: usize,
}

/// As text for a terminal.
pub fn render(gap: &Gap<'_>, style: Style) -> String {
    let sms = gap.sms;
    let mut text = String::new();
    let organization = sms.configuration.organization.as_deref().unwrap_or_default();
    let mut head = format!("Evidence for {} as of {}", sms.standard.title, sms.as_of);
    if !organization.is_empty() {
        head = format!("{}: {head}", printable(organization));
    }
    text.push_str(&paint(&head, Paint::new().bold(), style));
    text.push('\n');
    let mut states = BTreeSet::new();
    for clause in &gap.clauses {
        heading(clause, style, &mut text);
        for assessment in &clause.requirements {
            states.insert(verification(assessment));
            requirement(sms, assessment, style, &mut text);
        }
    }
    text.push('\n');
    if gap.clauses.is_empty() {
        text.push_str("no requirement of this sort\n");
    }
    states.remove("V1");
    for state in states {
        let line = format!("{state}: {}", verification_in_words(state));
        text.push_str(&paint(&line, Paint::new().dimmed(), style));
        text.push('\n');
    }
    text.push_str(&paint(&format!("{}\n", tally_in_words(gap.tally)), Paint::new().bold(), style));
    text.push_str("Evidence found does not say that a requirement is met.\n");
    text.push_str("`attestry explain CLAUSE` says what is expected.\n");
    text
}

fn heading(clause: &ClauseGap<'_>, style: Style, text: &mut String) {
    let label = clause.clause.label();
    let tally = tally_in_words(clause.tally);
    let together = width(&label) + 2 + width(&tally) <= style.width;
    let gap = style.width.saturating_sub(width(&tally) + if together { width(&label) } else { 0 });
    let paint_of = if clause.clause.parent.is_none() { Paint::new().bold().underline() } else { Paint::new().bold() };
    text.push('\n');
    text.push_str(&paint(&label, paint_of, style));
    if !together {
        text.push('\n');
    }
    text.push_str(&" ".repeat(gap));
    let colour = if clause.tally.missing > 0 { AnsiColor::Red } else { AnsiColor::Green };
    let tally_paint =
        if clause.tally.total() == 0 { Paint::new().dimmed() } else { Paint::new().fg_color(Some(colour.into())) };
    text.push_str(&paint(&tally, tally_paint, style));
    text.push('\n');
}

/// A mark and a colour for a verdict.
#[allow(clippy::match_wildcard_for_single_variants, reason = "whatever else a verdict may be looks the same")]
fn mark(verdict: Verdict) -> (&'static str, Paint) {
    let colour = |colour: AnsiColor| Paint::new().fg_color(Some(colour.into()));
    match verdict {
        Verdict::Found => ("✓", colour(AnsiColor::Green)),
        Verdict::Missing => ("✗", colour(AnsiColor::Red)),
        Verdict::NeedsJudgement => ("?", colour(AnsiColor::Yellow)),
        Verdict::Judged => ("●", colour(AnsiColor::Cyan)),
        _ => ("·", Paint::new().dimmed()),
    }
}

fn requirement(sms: &Sms, assessment: &Assessment<'_>, style: Style, text: &mut String) {
    let (sign, verdict_paint) = mark(assessment.verdict);
    let words = assessment.verdict.in_words();
    let verdict = format!("  {sign} {words}");
    let padding = INDENT.saturating_sub(width(&verdict)).max(1);
    text.push_str(&paint(&verdict, verdict_paint, style));
    text.push_str(&" ".repeat(padding));
    let room = style.width.saturating_sub(INDENT).max(30);
    text.push_str(&indented(&assessment.requirement.text, room, Paint::new(), style));
    let mut demand = assessment.requirement.demand.in_words().to_owned();
    if let Some(amendment) = &assessment.requirement.amendment {
        demand.push_str(&format!("; amendment {amendment}"));
    }
    let state = verification(assessment);
    if state != "V1" {
        demand.push_str(&format!("; wording {state}"));
    }
    let mut line = |words: &str, line_paint: Paint| {
        text.push_str(&" ".repeat(INDENT));
        text.push_str(&indented(words, room, line_paint, style));
    };
    line(&demand, Paint::new().dimmed());
    if let Some(words) = judgement_in_words(sms, assessment) {
        line(&printable(&words), Paint::new());
    }
    let found = summarized(sms, assessment);
    if !found.is_empty() {
        line(&printable(&found), Paint::new().fg_color(Some(AnsiColor::Cyan.into())));
    }
    for lack in &assessment.lacking {
        line(&printable(lack), Paint::new().fg_color(Some(AnsiColor::Red.into())));
    }
}

/// The first few pieces of evidence by file, and how many more there are.
fn summarized(sms: &Sms, assessment: &Assessment<'_>) -> String {
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    for shown in evidence(sms, assessment) {
        match files.last_mut() {
            Some((path, names)) if *path == shown.path => names.push(shown.name),
            _ => files.push((shown.path, vec![shown.name])),
        }
    }
    let more = files.len().saturating_sub(FILES);
    let mut parts: Vec<String> = files
        .iter()
        .take(FILES)
        .map(|(path, names)| {
            let rest = names.len().saturating_sub(IDS);
            let mut text = names.iter().take(IDS).cloned().collect::<Vec<_>>().join(", ");
            if rest > 0 {
                text.push_str(&format!(" and {rest} more"));
            }
            format!("{text} ({path})")
        })
        .collect();
    if more > 0 {
        parts.push(format!("{more} more file{}", if more == 1 { "" } else { "s" }));
    }
    parts.join("; ")
}

/// Words wrapped into the room; lines after the first are indented.
fn indented(words: &str, room: usize, line_paint: Paint, style: Style) -> String {
    let lines = wrap(words, room);
    let painted: Vec<String> = lines.iter().map(|line| paint(line, line_paint, style)).collect();
    format!("{}\n", painted.join(&format!("\n{}", " ".repeat(INDENT))))
}

/// Columns that a text takes; wide scripts are counted as one column per character.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

/// Text in a colour, where colours are wanted.
fn paint(text: &str, paint: Paint, style: Style) -> String {
    if style.colour && paint != Paint::new() { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
}

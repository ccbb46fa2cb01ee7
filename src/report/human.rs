//! The report for a person at a terminal: each finding with its lines, the clause and what to do,
//! and a summary.

use super::{Excerpt, Known, Report, anchors, one_line, since, wording::no_commands};
use crate::finding::{Finding, Level, Rule};
use crate::wording::{counted, fitted};
use annotate_snippets::{AnnotationKind, Group, Level as Mark, Renderer, Snippet};
use rayon::prelude::*;

/// How it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colours.
    pub colour: bool,
    /// One line per finding instead of excerpts.
    pub concise: bool,
    /// How many characters a line of the terminal has; none where it is not one, and lines are whole.
    pub width: Option<usize>,
}

/// All findings, the worst first in the summary, in the order of the files.
pub fn render(report: &Report<'_>, style: Style) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    // Long lines of a source are cut around what is marked.
    let renderer = style.width.map_or(renderer.clone(), |width| renderer.term_width(width));
    let shown: Vec<&Finding> = report.shown().collect();
    let one = |finding: &&Finding| {
        if style.concise {
            format!("{}\n", concise(report, finding))
        } else {
            let text = format!("{}\n\n", renderer.render(&groups(report, finding)));
            fitted(&text, style.width)
        }
    };
    let mut text = shown.par_iter().with_min_len(16).map(one).collect::<Vec<String>>().concat();
    if style.concise && !text.is_empty() {
        text.push('\n');
    }
    no_commands(text)
}

fn concise(report: &Report<'_>, finding: &Finding) -> String {
    let location = report.location(&finding.place);
    let path = one_line(location.path);
    // In a log of GitHub Actions a line that begins with two colons is a command.
    let mark = if path.trim_start().starts_with("::") { "./" } else { "" };
    format!(
        "{mark}{path}:{}:{}: {}[{}]: {}",
        location.start.line,
        location.start.column,
        finding.level.name(),
        finding.rule,
        one_line(&finding.message)
    )
}

fn mark(level: Level) -> Mark<'static> {
    match level {
        Level::Error => Mark::ERROR,
        Level::Warning => Mark::WARNING,
        Level::Note => Mark::NOTE,
    }
}

fn groups<'a>(report: &Report<'a>, finding: &'a Finding) -> Vec<Group<'a>> {
    let source = report.sms.source(finding.place.source);
    let (near, far): (Vec<_>, Vec<_>) = finding.related.iter().partition(|(place, _)| {
        let distance = source.position(place.span.start).line.abs_diff(source.position(finding.place.span.start).line);
        place.source == finding.place.source && distance < 60
    });
    let mut spans = vec![finding.place.span.clone()];
    spans.extend(near.iter().map(|(place, _)| place.span.clone()));
    let excerpt = Excerpt::of(source, &spans);
    let mut snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line).path(one_line(source.path()));
    let mut placed = excerpt.spans.into_iter();
    if let Some(span) = placed.next() {
        let primary = AnnotationKind::Primary.span(span);
        snippet = snippet.annotation(if finding.label.is_empty() {
            primary
        } else {
            primary.label(one_line(&finding.label))
        });
    }
    for (span, (_, note)) in placed.zip(near) {
        snippet = snippet.annotation(AnnotationKind::Context.span(span).label(one_line(note)));
    }
    let mut group = mark(finding.level).primary_title(one_line(&finding.message)).id(finding.rule).element(snippet);
    for (place, note) in far {
        let source = report.sms.source(place.source);
        let excerpt = Excerpt::of(source, std::slice::from_ref(&place.span));
        let span = excerpt.spans.into_iter().next().unwrap_or(0..0);
        let annotation = AnnotationKind::Context.span(span).label(one_line(note));
        group = group.element(
            Snippet::source(excerpt.text)
                .line_start(excerpt.first_line)
                .path(one_line(source.path()))
                .annotation(annotation),
        );
    }
    if let Some(rule) = crate::rules::by_name(finding.rule) {
        group = group.element(Mark::NOTE.message(ground(rule, &report.sms.standard.title)));
    }
    if !finding.help.is_empty() {
        group = group.element(Mark::HELP.message(one_line(&finding.help)));
    }
    vec![group]
}

/// What a rule rests on: "demanded by ISO/IEC 20000-1:2018, 7.5.2".
pub fn ground(rule: &Rule, standard: &str) -> String {
    format!("{} {standard}, {}", rule.basis.in_words(), rule.clauses.join(" and "))
}

/// The last lines: how many findings, what was checked, what was not; on a terminal of so many
/// characters.
pub fn summary(report: &Report<'_>, checked: &str, width: Option<usize>) -> String {
    let mut counts = report.counts();
    counts.notes -= report.findings.iter().filter(|finding| report.is_summarized(finding)).count();
    let mut parts = Vec::new();
    for (count, word) in [(counts.errors, "error"), (counts.warnings, "warning"), (counts.notes, "note")] {
        if count > 0 {
            let word = if report.since.is_some() { format!("new {word}") } else { word.to_owned() };
            parts.push(counted(count, &word));
        }
    }
    let none = if report.since.is_some() { "no new findings" } else { "no findings" };
    let found = if parts.is_empty() { none.to_owned() } else { parts.join(", ") };
    let mut text = report.since.as_ref().map(|since| since::section(since, width)).unwrap_or_default();
    text.push_str(&format!("{found}; {checked}\nread: {}\n", read(report)));
    if let Some(since) = &report.since {
        text.push_str(&format!("{}\n", since::line(since)));
    }
    if let Some(absent) = absences(report) {
        text.push_str(&format!("absent: {absent} (`attestry gap`)\n"));
    }
    if let Some(accepted) = accepted(report) {
        text.push_str(&format!("accepted: {accepted}\n"));
    }
    if let Some(known) = known(report) {
        text.push_str(&format!("baseline: {known}\n"));
    }
    for line in anchors::lines(report) {
        text.push_str(&format!("anchors: {line}\n"));
    }
    if report.hidden > 0 {
        text.push_str(&format!("{} elsewhere: paths only filter what is shown\n", counted(report.hidden, "finding")));
    }
    for (rule, level) in &report.changed_rules {
        text.push_str(&format!(
            "changed by the organization: `{}` is `{}` instead of `{}`\n",
            rule.name,
            one_line(level),
            rule.level.name()
        ));
    }
    for (what, fix) in &report.not_evaluated {
        text.push_str(&format!("not evaluated: {} ({})\n", one_line(what), one_line(fix)));
    }
    no_commands(fitted(&text, width))
}

/// What was read: "worktree at 1a2b3c4d5e6f, evidence of 4d5e6f708192, by attestry 0.1.0".
pub(super) fn read(report: &Report<'_>) -> String {
    let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
    let revision = report.revision();
    let at = revision.commit.as_deref().map(|commit| format!(" at {}", short(commit))).unwrap_or_default();
    let evidence = report.evidence().map(|id| format!(", evidence of {}", short(&id))).unwrap_or_default();
    format!("{}{at}{evidence}, by attestry {}", one_line(&revision.named), env!("CARGO_PKG_VERSION"))
}

/// What waivers accept: "2 findings by waivers: WVR-001 until 2026-08-31 (2)".
pub(super) fn accepted(report: &Report<'_>) -> Option<String> {
    let waivers = report.waivers();
    let list = waivers.values().map(|(acceptance, count)| {
        let count = if *count > 1 { format!(" ({count})") } else { String::new() };
        format!("{} until {}{count}", one_line(&acceptance.waiver), acceptance.until)
    });
    let (list, by) = (list.collect::<Vec<_>>().join(", "), if waivers.len() == 1 { "a waiver" } else { "waivers" });
    (!waivers.is_empty()).then(|| format!("{} by {by}: {list}", counted(report.accepted.len(), "finding")))
}

/// What the baseline keeps from being told, and what of it is mended.
pub(super) fn known(report: &Report<'_>) -> Option<String> {
    let Known { file, findings, mended, rules: _ } = report.known.as_ref()?;
    let file = one_line(file);
    let known = match findings {
        0 => format!("nothing of `{file}` is found"),
        1 => format!("1 finding that is in `{file}` is not told"),
        many => format!("{many} findings that are in `{file}` are not told"),
    };
    Some(match mended {
        0 => known,
        mended => format!("{known}; {mended} of it mended: `--write-baseline {file}` shrinks it"),
    })
}

/// What is absent, by rule: "all evidence for 7 clauses and 12 items of the list in 7.5.4".
pub(super) fn absences(report: &Report<'_>) -> Option<String> {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for finding in report.findings.iter().filter(|finding| report.is_summarized(finding)) {
        *counts.entry(finding.rule).or_default() += 1;
    }
    let words = counts.iter().map(|(rule, count)| match *rule {
        "clause-without-evidence" => format!("all evidence for {}", counted(*count, "clause")),
        "missing-listed-document" => format!("{} of the list in 7.5.4", counted(*count, "item")),
        rule => format!("{rule} ({count})"),
    });
    let words = words.collect::<Vec<_>>();
    (!words.is_empty()).then(|| words.join(" and "))
}

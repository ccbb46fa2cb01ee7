//! Markdown for the summary of a step and for one comment of a pull request: counts, what was not
//! evaluated, and a table of findings with links, the worst first. Text of the repository is
//! shown as text: it can neither break the table nor bring markup, mentions or links.

use super::{
    Report, anchors, human, printable, since,
    wording::{one_line, shortened, uri},
};
use crate::finding::{Acceptance, Finding, Level};
use crate::wording::counted;
use std::cmp::Reverse;

/// The most bytes of a step's summary; GitHub refuses more than 1,024 k.
pub const SUMMARY_LIMIT: usize = 900_000;
/// The most bytes of a comment; GitHub takes 65,536 characters.
pub const COMMENT_LIMIT: usize = 60_000;
/// The first line, by which a comment is found again to be updated.
pub const MARK: &str = "<!-- attestry -->";

/// Room for the line that counts what was cut off.
const TAIL: usize = 200;
/// The most lines above the table.
const LISTED: usize = 50;
/// The most characters of one message.
const WORDS: usize = 1_000;

/// The report in at most so many bytes, cut between rows.
pub fn render(report: &Report<'_>, limit: usize) -> String {
    let mut text = head(report, limit);
    let mut findings: Vec<&Finding> = report.shown().collect();
    findings.sort_by_key(|finding| Reverse(finding.level));
    findings.extend(&report.accepted);
    if findings.is_empty() {
        return text;
    }
    if report.since.is_some() {
        text.push_str("\n**New findings**\n");
    }
    text.push_str("\n| | Finding | Place |\n| --- | --- | --- |\n");
    let mut rows = 0;
    for finding in &findings {
        let row = row(report, finding);
        if text.len() + row.len() + TAIL > limit {
            break;
        }
        text.push_str(&row);
        rows += 1;
    }
    if rows < findings.len() {
        let rest = findings.len() - rows;
        text.push_str(&format!(
            "\n{} more: not shown here, the report is cut at its limit.\n",
            counted(rest, "finding")
        ));
    }
    text
}

/// The first line; where the SMS is a folder of the repository it names that, so that several of
/// one repository keep a comment each.
fn mark(folder: &str) -> String {
    let plain = |one: char| if one.is_ascii_alphanumeric() || "/._".contains(one) { one } else { '_' };
    let folder: String = folder.trim_end_matches('/').chars().map(plain).collect();
    if folder.is_empty() { MARK.to_owned() } else { format!("<!-- attestry {folder} -->") }
}

fn head(report: &Report<'_>, limit: usize) -> String {
    let count = |level| report.shown().filter(|finding| finding.level == level).count();
    let new = if report.since.is_some() { "new " } else { "" };
    let counts: Vec<String> = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .filter(|level| count(*level) > 0)
        .map(|level| counted(count(level), &format!("{new}{}", level.name())))
        .collect();
    let counts = if counts.is_empty() { format!("no {new}findings") } else { counts.join(", ") };
    let revision = report.revision();
    let commit = revision.commit.as_deref().map(|commit| {
        let changed = if revision.modified { " with changes" } else { "" };
        format!(", commit `{}`{changed}", commit.get(..12).unwrap_or(commit))
    });
    let evidence = report.evidence().map(|id| format!(", evidence of `{}`", id.get(..12).unwrap_or(&id)));
    let mut text = format!(
        "{}\n### attestry: {counts}\n\n{} checked by {} as of {}{}{}, by attestry {}.\n",
        mark(&report.folder),
        counted(report.sms.documents.len(), "document"),
        counted(report.rules, "rule"),
        report.as_of(),
        commit.unwrap_or_default(),
        evidence.unwrap_or_default(),
        env!("CARGO_PKG_VERSION")
    );
    let mut lines = Vec::new();
    if let Some(since) = &report.since {
        lines.push(words(&since::line(since)));
    }
    for (what, fix) in &report.not_evaluated {
        lines.push(format!("**not evaluated:** {} ({})", words(what), words(fix)));
    }
    for (rule, level) in &report.changed_rules {
        let (level, own) = (words(level), rule.level.name());
        lines.push(format!("changed by the organization: `{}` is {level} instead of {own}", rule.name));
    }
    if let Some(absent) = human::absences(report) {
        lines.push(format!("absent: {absent} (`attestry gap`)"));
    }
    if let Some(accepted) = human::accepted(report) {
        lines.push(format!("accepted: {}", words(&accepted)));
    }
    if let Some(known) = human::known(report) {
        lines.push(format!("baseline: {}", words(&known)));
    }
    lines.extend(anchors::lines(report).iter().map(|line| format!("anchors: {}", words(line))));
    if report.hidden > 0 {
        lines.push(format!("{} elsewhere: paths only filter what is shown", counted(report.hidden, "finding")));
    }
    let rest = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    if rest > 0 {
        lines.push(format!("and {rest} more of these"));
    }
    for (index, line) in lines.iter().enumerate() {
        if text.len() + line.len() > limit / 4 {
            text.push_str(&format!(
                "{}- and {} more of these\n",
                if index == 0 { "\n" } else { "" },
                lines.len() - index
            ));
            break;
        }
        text.push_str(&format!("{}- {line}\n", if index == 0 { "\n" } else { "" }));
    }
    text.push_str(&report.since.as_ref().map(|since| since::tables(since, limit / 2)).unwrap_or_default());
    text
}

fn row(report: &Report<'_>, finding: &Finding) -> String {
    let location = report.location(&finding.place);
    let path = report.path_from_git(&finding.place);
    let line = location.start.line;
    let help = if finding.help.is_empty() { String::new() } else { format!("<br>help: {}", words(&finding.help)) };
    let accepted = finding.accepted.as_ref().map_or_else(String::new, |acceptance| {
        let Acceptance { waiver, until, reason, .. } = acceptance;
        format!("<br>accepted by {} until {until}: {}", plain(waiver), words(reason))
    });
    let level = if accepted.is_empty() { finding.level.name() } else { "accepted" };
    format!(
        "| {level} | {}<br>`{}`{help}{accepted} | [{}]({}#L{line}) |\n",
        words(&finding.message),
        finding.rule,
        plain(&format!("{path}:{line}")),
        address(report, &path)
    )
}

/// Where a link to a file leads: the commit on the hosting platform where its address is known.
fn address(report: &Report<'_>, path: &str) -> String {
    match (&report.repository, &report.revision().commit) {
        (Some(repository), Some(commit)) => format!("{repository}/blob/{commit}/{}", uri(path)),
        _ => uri(path),
    }
}

/// A message: what stands in backticks becomes code, everything else plain text.
pub(super) fn words(text: &str) -> String {
    let text = shortened(&one_line(text), WORDS);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let closed = index + 1 < parts.len();
        if index % 2 == 1 && closed && !part.is_empty() {
            out.push_str(&code(part));
        } else {
            // A backtick without its partner, or two side by side, are text.
            if index % 2 == 1 {
                out.push_str("&#96;");
                if closed {
                    out.push_str("&#96;");
                }
            }
            out.push_str(&plain(part));
        }
    }
    out
}

/// Text without backticks as code. Where a table would take part of it as its own, in HTML.
fn code(text: &str) -> String {
    if text.contains(['|', '\\']) || text.trim() != text {
        return format!("<code>{}</code>", plain(text));
    }
    format!("`{text}`")
}

/// Text as nothing but text: whatever means something in Markdown or HTML is written as a
/// character reference, and an invisible space stands where the platforms would make a mention, a
/// reference or a link of it.
pub(super) fn plain(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = String::new();
    for character in text.chars() {
        if becomes_link(&before, character) {
            out.push_str("&#8203;");
        }
        if character.is_ascii_alphanumeric() || !character.is_ascii() || " .,;'()-/?=+".contains(character) {
            out.push(character);
        } else {
            out.push_str(&format!("&#{};", u32::from(character)));
        }
        if before.chars().count() == 3 {
            before.remove(0);
        }
        before.push(character.to_ascii_lowercase());
    }
    out
}

/// Whether the platforms would see a mention, a reference or an address here, after up to three
/// characters in lower case: `@name`, `#12`, `!12`, `GH-12`, `https://`, `www.`.
fn becomes_link(before: &str, next: char) -> bool {
    match before.chars().last() {
        Some('@' | '#' | '!' | '%' | '~' | '$') => next != ' ',
        Some('&') => next.is_ascii_digit(),
        Some(':') => next == '/',
        Some('w') => before == "www" && next == '.',
        Some('-') => before == "gh-" && next.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_only_text() {
        assert_eq!(plain("@all #1 a|b <b>"), "&#64;&#8203;all &#35;&#8203;1 a&#124;b &#60;b&#62;");
        assert_eq!(plain("https://www.x GH-1 2026-01-15"), "https&#58;&#8203;//www&#8203;.x GH-&#8203;1 2026-01-15");
    }

    #[test]
    fn backticks_without_partner_are_text() {
        assert_eq!(words("the `a` of `b"), "the `a` of &#96;b");
        assert_eq!(words("`` and `a|b`"), "&#96;&#96; and <code>a&#124;b</code>");
    }
}

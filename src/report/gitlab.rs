//! Code Quality of GitLab: a JSON array. GitLab drops entries whose fingerprint it has seen in the
//! same report, so each has its own, made of the finding's identity and never of its line.

use super::{Report, wording::one_line};
use crate::{
    finding::{Grade, Level},
    rules,
};
use serde::Serialize;

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The array, with a line break at its end.
pub fn render(report: &Report<'_>) -> String {
    let entries: Vec<Entry<'_>> = report
        .fingerprinted()
        .into_iter()
        // Code Quality has no word for what is accepted.
        .filter(|(finding, ..)| finding.accepted.is_none())
        .map(|(finding, fingerprint, occurrence)| {
            let location = report.location(&finding.place);
            let path = report.path_from_git(&finding.place);
            Entry {
                description: one_line(&finding.message),
                check_name: finding.rule,
                fingerprint: if occurrence == 1 { fingerprint } else { format!("{fingerprint}-{occurrence}") },
                severity: severity(finding.level, rules::by_name(finding.rule).map(|rule| rule.grade)),
                location: Location { path, lines: Lines { begin: location.start.line, end: location.end.line } },
            }
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&entries).unwrap_or_default();
    text.push('\n');
    text
}

/// The level leads; among errors those come first that an auditor would likely call major.
fn severity(level: Level, grade: Option<Grade>) -> &'static str {
    match (level, grade) {
        (Level::Error, Some(Grade::Major)) => "critical",
        (Level::Error, _) => "major",
        (Level::Warning, _) => "minor",
        (Level::Note, _) => "info",
    }
}

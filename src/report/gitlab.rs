//! Code Quality of GitLab: a JSON array. GitLab drops entries whose fingerprint it has seen in the
//! same report, so each has its own, made of the finding's identity and never of its line.

use super::{Report, human, json, wording::one_line};
use crate::{
    finding::{Acceptance, Grade, Level},
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

/// Where what is said of the whole stands.
const FILE: &str = "attestry.yaml";

/// The array, with a line break at its end.
pub fn render(report: &Report<'_>) -> String {
    let findings = report.fingerprinted().into_iter().map(|(finding, fingerprint, occurrence)| {
        let location = report.location(&finding.place);
        let path = report.path_from_git(&finding.place);
        Entry {
            description: match &finding.accepted {
                // Code Quality has no word for what is accepted.
                Some(Acceptance { waiver, until, .. }) => {
                    one_line(&format!("accepted by {waiver} until {until}: {}", finding.message))
                }
                None => one_line(&finding.message),
            },
            check_name: finding.rule,
            fingerprint: if occurrence == 1 { fingerprint } else { format!("{fingerprint}-{occurrence}") },
            severity: match finding.accepted {
                Some(_) => "info",
                None => severity(finding.level, rules::by_name(finding.rule).map(|rule| rule.grade)),
            },
            location: Location { path, lines: Lines { begin: location.start.line, end: location.end.line } },
        }
    });
    // An empty list would say that all is well.
    let gaps = report.not_evaluated.iter().map(|(what, fix)| format!("not evaluated: {what} ({fix})"));
    let known = human::known(report).map(|known| format!("baseline: {known}"));
    let said = gaps.chain(known).map(|words| Entry {
        fingerprint: json::digest(&words),
        description: one_line(&words),
        check_name: "attestry",
        severity: "info",
        location: Location { path: format!("{}{FILE}", report.folder), lines: Lines { begin: 1, end: 1 } },
    });
    let entries: Vec<Entry<'_>> = findings.chain(said).collect();
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

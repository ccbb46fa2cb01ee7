//! A rule's page: the one that is written beside it, and what it rests on.

use crate::{
    finding::Rule,
    standard::{Clause, Standard},
};

/// The page.
pub fn page(rule: &Rule, standard: &Standard, level: Option<&str>) -> String {
    let (title, rest) = rule.docs.split_once('\n').unwrap_or((rule.docs, ""));
    let clauses: Vec<String> = rule
        .clauses
        .iter()
        .map(|number| standard.clause(number).map_or_else(|| (*number).to_owned(), Clause::label))
        .collect();
    let mut text = format!("{title}\n\n| | |\n| --- | --- |\n| Rule | `{}` |\n", rule.name);
    let mut row = |name: &str, value: &str| text.push_str(&format!("| {name} | {value} |\n"));
    row("Basis", &format!("{} {}, {}", rule.basis.in_words(), standard.title, clauses.join("; ")));
    row("Typical grade", &format!("{} (the grade is always the auditor's)", rule.grade.in_words()));
    match level {
        Some(level) if level != rule.level.name() => {
            row("Level", &format!("{level}, changed by the organization from {}", rule.level.name()));
        }
        _ => row("Level", rule.level.name()),
    }
    if !rule.checks.is_empty() {
        row("Checks", &rule.checks.join(", "));
    }
    row("Since", rule.since);
    format!("{text}{rest}")
}

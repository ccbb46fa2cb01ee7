//! A clause number is not one of the 2018 edition.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
    standard::Standard,
};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    name: "clause-of-2011",
    summary: "a clause number is not one of the 2018 edition",
    checks: &["LNK-04"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("clause_of_2011.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        for (pointer, text) in named(document) {
            let number = match text.split_once('/') {
                // Another standard, or another edition that is said to be one.
                Some((standard, _)) if standard != sms.standard.id => continue,
                Some((_, number)) => number,
                None => text,
            };
            if let Some((message, help)) = unknown(sms.standard, number) {
                findings.report(document, document.field(&pointer), message, help).about(number);
            } else if let Some((message, help)) = means_another(sms, document, number) {
                let finding = findings.report(document, document.field(&pointer), message, help);
                finding.about(number).at_most(Level::Note);
            }
        }
    }
}

/// The clause numbers of a document with their pointers.
fn named(document: &Document) -> Vec<(String, &str)> {
    let mut all = Vec::new();
    for field in ["clauses", "audited_clauses", "clause"] {
        match document.fields.get(field) {
            Some(Value::String(number)) => all.push((format!("/{field}"), number.as_str())),
            Some(Value::Array(numbers)) => all.extend(
                numbers
                    .iter()
                    .enumerate()
                    .filter_map(|(index, number)| Some((format!("/{field}/{index}"), number.as_str()?))),
            ),
            _ => {}
        }
    }
    all
}

/// What is wrong with a number that the standard does not have. Clauses 1 to 3 hold no
/// requirements and are not in the catalogue.
fn unknown(standard: &Standard, number: &str) -> Option<(String, String)> {
    let first = number.split('.').next().unwrap_or_default();
    if standard.clause(number).is_some() || matches!(first, "1" | "2" | "3") {
        return None;
    }
    let title = &standard.title;
    if first == "A" {
        return Some((
            format!("{title} has no annex with controls, so no clause {number}"),
            format!("write the standard before the number: `iso27001:2022/{number}`"),
        ));
    }
    if let Some(former) = standard.edition_2011.iter().find(|former| former.clause_2011 == number) {
        return Some((
            format!("{number} is a clause of the 2011 edition ({}); {title} has no such clause", former.title_2011),
            format!("use {}", former.clause_2018.join(", ")),
        ));
    }
    let parent = number.match_indices('.').rev().map(|(at, _)| &number[..at]).find_map(|above| standard.clause(above));
    let help = parent.map_or_else(
        || "`attestry explain --clauses` lists the clauses; write another standard before the number".to_owned(),
        |parent| format!("the nearest that exists is {}", parent.label()),
    );
    Some((format!("{title} has no clause {number}"), help))
}

/// A number that means something else today, in a document whose title is just what it meant in
/// 2011, whose kind does not serve that clause, and which does not name the clause of today.
fn means_another(sms: &Sms, document: &Document, number: &str) -> Option<(String, String)> {
    let collision = sms.standard.collisions.iter().find(|collision| collision.number == number)?;
    let former = sms.standard.edition_2011.iter().find(|former| former.clause_2011 == number)?;
    let serves = sms.kind(document).is_some_and(|kind| {
        kind.compiled().notes.clauses.iter().any(|clause| is_below(clause, number) || is_below(number, clause))
    });
    let names_today = named(document)
        .iter()
        .any(|(_, clause)| former.clause_2018.iter().any(|today| is_below(clause, today) || is_below(today, clause)));
    if serves || names_today {
        return None;
    }
    let meaning: BTreeSet<String> = stems(&collision.meaning_2011).chain(stems(&former.title_2011)).collect();
    let today: BTreeSet<String> = stems(&collision.meaning_2018).collect();
    let title: BTreeSet<String> = stems(document.text("title")?).collect();
    let fits = !title.is_empty() && title.is_subset(&meaning) && title.is_disjoint(&today);
    fits.then(|| {
        (
            format!(
                "{number} is about {} since 2018; in 2011 it was about {}, as this document is",
                collision.meaning_2018, collision.meaning_2011
            ),
            format!("use {}; if {number} is meant, add the other clause beside it", former.clause_2018.join(", ")),
        )
    })
}

/// Whether a number is another or lies below it: 8.5.1.2 below 8.5.1.
fn is_below(number: &str, above: &str) -> bool {
    number.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The telling words of a title, without their plural.
fn stems(text: &str) -> impl Iterator<Item = String> {
    const COMMON: [&str; 17] = [
        "and",
        "for",
        "of",
        "or",
        "the",
        "to",
        "our",
        "process",
        "procedure",
        "policy",
        "plan",
        "management",
        "register",
        "description",
        "document",
        "handbook",
        "instruction",
    ];
    text.split(|character: char| !character.is_alphanumeric())
        .map(str::to_lowercase)
        .map(|word| word.strip_suffix('s').map(str::to_owned).unwrap_or(word))
        .filter(|word| !word.is_empty() && !COMMON.contains(&word.as_str()) && word != "proces")
        .collect::<Vec<_>>()
        .into_iter()
}

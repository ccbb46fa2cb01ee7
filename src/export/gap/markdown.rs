//! The gaps as Markdown: a heading per clause, a table of its requirements.

use super::{Gap, evidence, judgement_in_words, tally_in_words, verification, verification_in_words};
use crate::{report::printable, sms::coverage::Assessment};
use std::collections::BTreeSet;

/// As a Markdown document.
pub fn render(gap: &Gap<'_>) -> String {
    let sms = gap.sms;
    let organization = sms.configuration.organization.as_deref().unwrap_or("the organization");
    let mut text = format!(
        "# Evidence for {}\n\n{}, as of {}: {}.\n\nEvidence found does not say that a requirement is met; that is for people to judge.\n",
        sms.standard.title,
        escaped(organization),
        sms.as_of,
        tally_in_words(gap.tally)
    );
    let mut states = BTreeSet::new();
    for clause in &gap.clauses {
        let level = if clause.clause.parent.is_none() { "##" } else { "###" };
        text.push_str(&format!("\n{level} {}\n\n", escaped(&clause.clause.label())));
        if clause.tally.total() > 0 || !clause.clause.heading {
            text.push_str(&format!("{}.\n", tally_in_words(clause.tally)));
        }
        if clause.requirements.is_empty() {
            continue;
        }
        text.push_str("\n| State | What is asked for | Evidence | Lacking |\n| --- | --- | --- | --- |\n");
        for assessment in &clause.requirements {
            states.insert(verification(assessment));
            text.push_str(&row(gap, assessment));
        }
    }
    states.remove("V1");
    if !states.is_empty() {
        text.push('\n');
    }
    for state in states {
        text.push_str(&format!("{state}: {}.\n", verification_in_words(state)));
    }
    text
}

fn row(gap: &Gap<'_>, assessment: &Assessment<'_>) -> String {
    let mut proofs: Vec<String> = evidence(gap.sms, assessment)
        .iter()
        .map(|shown| format!("{} ({})", escaped(&shown.name), escaped(shown.path)))
        .collect();
    proofs.extend(judgement_in_words(gap.sms, assessment).map(|words| escaped(&words)));
    let state = verification(assessment);
    let state = if state == "V1" { String::new() } else { format!("; {state}") };
    let lacking: Vec<String> = assessment.lacking.iter().map(|lack| escaped(lack)).collect();
    format!(
        "| {} | {} ({}{state}) | {} | {} |\n",
        assessment.verdict.in_words(),
        escaped(&assessment.requirement.text),
        assessment.requirement.demand.in_words(),
        proofs.join("; "),
        lacking.join("; ")
    )
}

/// Text that is only text in Markdown, in one line.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '\n' | '\t' => safe.push(' '),
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '\\' | '[' | ']' | '*' | '_' | '!' | '#' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}

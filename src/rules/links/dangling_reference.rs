//! A reference names an id that does not exist.

use super::{column_in_words, field_in_words, is_party, nearest_id, one_of};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    rules::names_control,
    sms::{RowReference, Sms, Target},
};

pub(super) static RULE: Rule = Rule {
    name: "dangling-reference",
    summary: "a reference names an id that does not exist",
    checks: &["LNK-01"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("dangling_reference.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for reference in sms.references().filter(|reference| reference.target == Target::Missing) {
        let Some(pointer) = reference.pointer() else { continue };
        if names_control(pointer) || is_of_nobody(sms, &reference.kinds) {
            continue;
        }
        let document = &sms.documents[reference.from];
        let field = field_in_words(document, pointer);
        // What was superseded may have been removed; the history of the repository has it.
        if pointer == "/supersedes" {
            let message = format!("`{field}` names `{}`, which is not here, or not any more", reference.text);
            let help = "nothing to do if it was removed; else correct the id";
            let finding = findings.report(document, reference.place(sms), message, help);
            finding.about(reference.text.to_lowercase()).at_most(Level::Note);
            continue;
        }
        let (message, help) = told(sms, &field, &reference.text, &reference.kinds);
        findings.report(document, reference.place(sms), message, help).about(reference.text.to_lowercase());
    }
    for reference in sms.row_references() {
        if !is_of_nobody(sms, &reference.kinds) {
            check_rows(sms, reference, findings);
        }
    }
}

/// One finding for each field of a data set, at the first cell.
fn check_rows(sms: &Sms, reference: &RowReference, findings: &mut Findings<'_>) {
    let missing: Vec<(&String, u32, usize)> = reference
        .values
        .iter()
        .filter(|(_, (target, _))| *target == Target::Missing)
        .filter_map(|(value, (_, rows))| Some((value, *rows.first()?, rows.len())))
        .collect();
    let Some((value, row, _)) = missing.iter().min_by_key(|(_, row, _)| *row) else { return };
    let rows: usize = missing.iter().map(|(_, _, rows)| rows).sum();
    let population = &sms.populations[reference.population];
    let source = sms.source(population.source);
    let mut place = population.cell(source.text(), *row as usize, &reference.pointer);
    place.pointer.clone_from(&reference.pointer);
    let field = column_in_words(population, &reference.pointer);
    let (message, help) = told(sms, &field, value, &reference.kinds);
    let values = if missing.len() == 1 { "value".to_owned() } else { format!("{} values", missing.len()) };
    let message = if rows == 1 { message } else { format!("{message}; {rows} rows have such a reference ({values})") };
    findings.report_at(source.path(), place, message, help);
}

/// Without `people.yaml` and without roles nobody can be known; `unknown-owner` says so once.
fn is_of_nobody(sms: &Sms, kinds: &[String]) -> bool {
    sms.people.persons.is_empty() && sms.people.roles.is_empty() && is_party(kinds)
}

fn told(sms: &Sms, field: &str, text: &str, kinds: &[String]) -> (String, String) {
    let near = nearest_id(sms, text, kinds);
    let did_you_mean = |otherwise: String| near.map_or(otherwise, |near| format!("did you mean `{near}`?"));
    if is_party(kinds) {
        let roles = kinds.iter().any(|kind| kind == "role-assignment");
        let what = if roles { "neither a person nor a role" } else { "not a person" };
        let place = if roles { "`people.yaml` or to the register of roles" } else { "`people.yaml`" };
        return (
            format!("`{text}` in `{field}` is {what} that is known"),
            did_you_mean(format!("add `{text}` to {place}, or name somebody who is known")),
        );
    }
    let what = match kinds {
        [] => String::new(),
        [any] if any == "*" => String::new(),
        kinds => format!(" ({})", one_of(kinds)),
    };
    (
        format!("`{field}` refers to `{text}`, which does not exist"),
        did_you_mean(format!("name an id that exists{what}, or add the document")),
    )
}

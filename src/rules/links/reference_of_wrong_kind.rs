//! A reference names something of another kind than the field means.

use super::{column_in_words, field_in_words, one_of};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{RowReference, Sms, Target, without_version},
};

pub(super) static RULE: Rule = Rule {
    name: "reference-of-wrong-kind",
    summary: "a reference names something of another kind than the field means",
    checks: &["LNK-01"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("reference_of_wrong_kind.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for reference in sms.references() {
        let Some(pointer) = reference.pointer() else { continue };
        if fits(sms, reference.target, &reference.text, &reference.kinds) {
            continue;
        }
        let document = &sms.documents[reference.from];
        let field = field_in_words(document, pointer);
        let (message, help) = told(sms, &field, &reference.text, &reference.kinds, reference.target);
        let finding = findings.report(document, reference.place(sms), message, help);
        finding.about(reference.text.to_lowercase());
        if let Target::Document(position) = reference.target {
            let target = &sms.documents[position];
            finding.related(target.whole(), format!("`{}` stands here", target.id));
        }
    }
    for reference in sms.row_references() {
        check_rows(sms, reference, findings);
    }
}

/// One finding for each field of a data set, at the first cell.
fn check_rows(sms: &Sms, reference: &RowReference, findings: &mut Findings<'_>) {
    let wrong: Vec<(&String, Target, u32, usize)> = reference
        .values
        .iter()
        .filter(|(value, (target, _))| !fits(sms, *target, value, &reference.kinds))
        .filter_map(|(value, (target, rows))| Some((value, *target, *rows.first()?, rows.len())))
        .collect();
    let Some((value, target, row, _)) = wrong.iter().min_by_key(|(_, _, row, _)| *row) else { return };
    let rows: usize = wrong.iter().map(|(_, _, _, rows)| rows).sum();
    let population = &sms.populations[reference.population];
    let source = sms.source(population.source);
    let mut place = population.cell(source.text(), *row as usize, &reference.pointer);
    place.pointer.clone_from(&reference.pointer);
    let field = column_in_words(population, &reference.pointer);
    let (message, help) = told(sms, &field, value, &reference.kinds, *target);
    let message = if rows == 1 { message } else { format!("{message}; {rows} rows have such a reference") };
    findings.report_at(source.path(), place, message, help);
}

/// Whether any document of that id is of a kind that is allowed; a kind that nobody knows is
/// another rule's.
fn fits(sms: &Sms, target: Target, text: &str, kinds: &[String]) -> bool {
    let allowed = |kind: &str| kinds.iter().any(|allowed| allowed == kind || allowed == "*");
    match target {
        _ if kinds.is_empty() => true,
        Target::Missing => true,
        Target::Person => allowed("person"),
        Target::Row(population, _) => allowed(&sms.populations[population].kind),
        Target::Document(_) => {
            let id = without_version(text);
            allowed("person") && sms.people.person(id).is_some()
                || sms.by_id(id).any(|document| allowed(&document.kind) || sms.kind(document).is_none())
        }
    }
}

fn told(sms: &Sms, field: &str, text: &str, kinds: &[String], target: Target) -> (String, String) {
    let (is, register_of) = match target {
        Target::Document(position) => {
            let document = &sms.documents[position];
            let entries = document.entry_kind.as_deref().filter(|kind| kinds.iter().any(|allowed| allowed == kind));
            (format!("of kind `{}`", document.kind), entries)
        }
        Target::Row(population, _) => (format!("of kind `{}`", sms.populations[population].kind), None),
        _ => ("a person".to_owned(), None),
    };
    let message = format!("`{field}` refers to `{text}`, which is {is}");
    let help = register_of.map_or_else(
        || format!("name something of kind {}", one_of(kinds)),
        |kind| format!("name an entry of that register, of kind `{kind}`, not the register"),
    );
    (message, help)
}

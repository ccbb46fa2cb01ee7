//! A link that stands on both sides stands on one only.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{RowReference, Sms, Target, without_version},
};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeSet};

pub(super) static RULE: Rule = Rule {
    name: "one-sided-link",
    summary: "a link that stands on both sides stands on one only",
    checks: &["LNK-02"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("one_sided_link.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        let Some(kind) = sms.kind(document) else { continue };
        for (field, other, back) in &kind.compiled().notes.two_sided {
            check_document(sms, document, &Link { field, other, back }, findings);
        }
    }
    for reference in sms.row_references() {
        check_rows(sms, reference, findings);
    }
}

struct Link<'a> {
    field: &'a str,
    other: &'a str,
    back: &'a str,
}

fn check_document(sms: &Sms, document: &Document, link: &Link<'_>, findings: &mut Findings<'_>) {
    let is_list = document.value(link.field).is_some_and(Value::is_array);
    for (index, text) in document.list(link.field).into_iter().enumerate() {
        if row_names(sms, text, link, &document.id) {
            continue;
        }
        let Some((target, named)) = other_side(sms, text, link) else { continue };
        if named.iter().any(|id| without_version(id).eq_ignore_ascii_case(&document.id)) {
            continue;
        }
        let pointer = if is_list { format!("/{}/{index}", link.field) } else { format!("/{}", link.field) };
        let back = target.name_of(link.back);
        findings
            .report(
                document,
                document.field(&pointer),
                format!(
                    "`{}` names `{}` in `{}`, but `{}` {}",
                    document.id,
                    target.id,
                    document.name_of(link.field),
                    target.id,
                    names_instead(&named, back)
                ),
                format!("add `{}` to `{back}` of `{}`, or take the link out here", document.id, target.id),
            )
            .about(target.id.to_lowercase())
            .related(target.field(link.back), format!("`{back}` of `{}`", target.id));
    }
}

/// Whether the other side is a row that names a document: that is known without reading the row.
fn row_names(sms: &Sms, text: &str, link: &Link<'_>, id: &str) -> bool {
    let Target::Row(population, row) = sms.resolve(text) else { return false };
    let is_back = |reference: &&RowReference| {
        reference.population == population && reference.pointer.strip_prefix('/') == Some(link.back)
    };
    let mut named = sms.row_references().iter().filter(is_back).flat_map(|reference| &reference.values);
    let is_row = |rows: &[u32]| u32::try_from(row).is_ok_and(|row| rows.binary_search(&row).is_ok());
    sms.populations[population].kind == link.other
        && named.any(|(value, (_, rows))| without_version(value).eq_ignore_ascii_case(id) && is_row(rows))
}

fn names_instead(named: &[String], back: &str) -> String {
    match named {
        [] => format!("has no `{back}`"),
        [one] => format!("names `{one}` in `{back}`"),
        _ => format!("does not name it in `{back}`"),
    }
}

/// The other side of a link, and what it names; none where it does not exist, is of another kind,
/// or is a row of a data set that has no such column.
fn other_side<'a>(sms: &'a Sms, text: &str, link: &Link<'_>) -> Option<(Cow<'a, Document>, Vec<String>)> {
    let target = match sms.resolve(text) {
        Target::Document(position) => Cow::Borrowed(&sms.documents[position]),
        Target::Row(population, row) if sms.populations[population].holds(link.back) => {
            Cow::Owned(sms.row(population, row)?)
        }
        _ => return None,
    };
    let named = target.list(link.back).into_iter().map(str::to_owned).collect();
    (target.kind == link.other).then_some((target, named))
}

/// Rows whose other side is a document that does not name them: one finding for each field of a
/// data set.
fn check_rows(sms: &Sms, reference: &RowReference, findings: &mut Findings<'_>) {
    let population = &sms.populations[reference.population];
    let Some(kind) = sms.kinds.get(&population.kind) else { return };
    let field = reference.pointer.trim_start_matches('/');
    let links = &kind.compiled().notes.two_sided;
    let Some((_, other, back)) = links.iter().find(|(own, _, _)| own == field) else { return };
    let mut one_sided: Vec<(u32, &Document)> = Vec::new();
    for (target, rows) in reference.values.values() {
        let Target::Document(position) = target else { continue };
        let document = &sms.documents[*position];
        if document.kind != *other {
            continue;
        }
        let named: BTreeSet<String> =
            document.list(back).into_iter().map(|id| without_version(id).to_lowercase()).collect();
        let is_missing = |row: &&u32| !named.contains(&population.rows[**row as usize].id.to_lowercase());
        one_sided.extend(rows.iter().filter(is_missing).map(|row| (*row, document)));
    }
    let Some((row, document)) = one_sided.iter().min_by_key(|(row, _)| *row) else { return };
    let source = sms.source(population.source);
    let id = &population.rows[*row as usize].id;
    let more = match one_sided.len() {
        1 => String::new(),
        rows => format!("; {rows} rows have such a link"),
    };
    let mut place = population.cell(source.text(), *row as usize, &reference.pointer);
    place.pointer.clone_from(&reference.pointer);
    findings
        .report_at(
            source.path(),
            place,
            format!(
                "`{id}` names `{}` in `{}`, but is not in that one's `{back}`{more}",
                document.id,
                population.name_of(field)
            ),
            format!("add `{id}` to `{back}` of `{}`, or correct the data at its source", document.id),
        )
        .related(document.field(back), format!("`{back}` of `{}`", document.id));
}

//! Two things have the same id.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "duplicate-id",
    summary: "two things have the same id",
    checks: &["DOC-01", "LNK-01"],
    clauses: &["7.5.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("duplicate_id.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (id, positions) in sms.ids() {
        let Some((first, others)) = positions.split_first() else { continue };
        let first = &sms.documents[*first];
        for document in others.iter().map(|position| &sms.documents[*position]) {
            if are_versions_in_force(sms, first, document) {
                continue;
            }
            findings
                .report(
                    document,
                    document.field("id"),
                    format!("the id `{}` is taken", document.id),
                    "give it an id of its own, or remove what is there twice; ids are compared without regard to case",
                )
                .about(sms.path(document))
                .related(first.field("id"), "the first of that id");
        }
        if let Some(person) = sms.people.person(id) {
            findings
                .report(
                    first,
                    first.field("id"),
                    format!("the id `{}` is that of a person", first.id),
                    "give it an id of its own: persons, roles and documents share one name space",
                )
                .about("person")
                .related(person.place.clone(), "the person");
        }
        check_rows(sms, first, findings);
    }
    check_data_sets(sms, findings);
    check_people(sms, findings);
}

/// Two versions of one document are in force: `two-versions-in-force` says it better.
fn are_versions_in_force(sms: &Sms, a: &Document, b: &Document) -> bool {
    a.kind == b.kind
        && a.text("version").is_some()
        && a.text("version") != b.text("version")
        && [a, b].iter().all(|document| sms.standing(document) == Standing::InForce)
}

/// A row that has the id of a document.
fn check_rows(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    for population in &sms.populations {
        let Some(row) = population.row_of(&document.id) else { continue };
        let source = sms.source(population.source);
        findings
            .report(
                document,
                document.field("id"),
                format!("the id `{}` is taken by a row of `{}`", document.id, source.path()),
                "keep the record in one place, or give it an id of its own",
            )
            .about(source.path())
            .related(population.cell(source.text(), row, "/id"), "the row");
    }
}

/// Ids that stand in two data sets: one finding for each pair, at the first row.
fn check_data_sets(sms: &Sms, findings: &mut Findings<'_>) {
    for (index, population) in sms.populations.iter().enumerate() {
        for earlier in &sms.populations[..index] {
            let shared: Vec<(usize, usize)> = population
                .rows
                .iter()
                .enumerate()
                .filter_map(|(row, known)| Some((row, earlier.row_of(&known.id)?)))
                .collect();
            let Some((row, first)) = shared.first().copied() else { continue };
            let (here, there) = (sms.source(population.source), sms.source(earlier.source));
            let id = &population.rows[row].id;
            let message = match shared.len() {
                1 => format!("the id `{id}` is taken by a row of `{}`", there.path()),
                rows => format!("the id `{id}` is taken by a row of `{}`; {rows} rows share their ids", there.path()),
            };
            findings
                .report_at(
                    here.path(),
                    population.cell(here.text(), row, "/id"),
                    message,
                    "export every record once, for instance by periods that do not overlap",
                )
                .about(there.path())
                .related(earlier.cell(there.text(), first, "/id"), "the first of that id");
        }
    }
}

fn check_people(sms: &Sms, findings: &mut Findings<'_>) {
    for (index, person) in sms.people.persons.iter().enumerate() {
        let mut earlier = sms.people.persons[..index].iter();
        if let Some(first) = earlier.find(|first| first.id.eq_ignore_ascii_case(&person.id)) {
            findings
                .report_at(
                    &person.id,
                    person.place.clone(),
                    format!("the id `{}` is that of another person", person.id),
                    "give every person an id of their own; ids are never used again",
                )
                .related(first.place.clone(), "the first of that id");
        }
    }
}

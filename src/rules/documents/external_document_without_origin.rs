//! An external document does not say that it is one.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::Form,
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "external-document-without-origin",
    summary: "an external document does not say that it is one",
    checks: &["DOC-06"],
    clauses: &["7.5.3.2"],
    basis: Basis::Follows,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("external_document_without_origin.md"),
    check,
};

/// Folders that by their name hold what others wrote.
const FOLDERS: [&str; 4] = ["external", "external-documents", "third-party", "norms"];
/// Beginnings of titles that only a body of standards or a lawmaker gives.
const TITLES: [&str; 6] = ["ISO/IEC ", "ISO ", "Regulation (EU)", "Directive (EU)", "Directive 20", "RFC "];

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in sms.documents.iter().filter(|document| document.text("origin") != Some("external")) {
        let Some((field, why)) = sign(sms, document) else { continue };
        let name = document.name_of("origin");
        let is_written = document.is_written("origin");
        findings
            .report(
                document,
                document.field(if is_written { "origin" } else { field }),
                format!("`{}` {why}, but `{name}` is not `external`", document.id),
                format!("set `{name}: external`; if it is your own after all, call it by what it is"),
            )
            .about("origin");
    }
}

/// What shows that others wrote it. Only certain signs count.
fn sign<'a>(sms: &Sms, document: &Document) -> Option<(&'a str, String)> {
    if document.kind == "attachment" && document.text("nature") == Some("external-document") {
        return Some(("nature", format!("has the `{}` `external-document`", document.name_of("nature"))));
    }
    let is_document = sms.kind(document).is_some_and(|kind| kind.form == Form::Document) && document.register.is_none();
    if !is_document || sms.standing(document) == Standing::Withdrawn {
        return None;
    }
    let mut folders = sms.path(document).split('/').rev().skip(1);
    if let Some(folder) = folders.find(|folder| FOLDERS.contains(folder)) {
        return Some(("id", format!("stands in a folder `{folder}`")));
    }
    let title = document.text("title")?;
    let is_norm = |start: &str| {
        title.strip_prefix(start).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
            && title.split_whitespace().count() <= 3
    };
    TITLES.iter().any(|start| is_norm(start)).then(|| ("title", "has the title of a standard or law".to_owned()))
}

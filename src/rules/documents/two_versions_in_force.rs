//! Two versions of a document are in force, or none is.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, without_version},
};

pub(super) static RULE: Rule = Rule {
    name: "two-versions-in-force",
    summary: "two versions of a document are in force, or none is",
    checks: &["DOC-05"],
    clauses: &["7.5.3.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("two_versions_in_force.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in sms.documents.iter().enumerate() {
        check_same_id(sms, position, document, findings);
        let Some(old) = superseded(sms, position, document) else { continue };
        match (sms.standing(old), sms.standing(document)) {
            (Standing::InForce, Standing::InForce) => drop(
                findings
                    .report(
                        old,
                        old.field("status"),
                        format!("`{}` is in force although `{}`, in force too, supersedes it", old.id, document.id),
                        format!("set its `{}` to `superseded`", old.name_of("status")),
                    )
                    .about(document.id.to_lowercase())
                    .related(document.field("supersedes"), "supersedes it"),
            ),
            (Standing::Withdrawn, Standing::Draft) if !has_successor(sms, old) => drop(
                findings
                    .report(
                        old,
                        old.field("status"),
                        format!(
                            "`{}` is {}, but `{}`, which is to take its place, is not approved: nothing is in force",
                            old.id,
                            old.text("status").unwrap_or("withdrawn"),
                            document.id
                        ),
                        "keep it approved until its successor is",
                    )
                    .about(document.id.to_lowercase())
                    .related(document.field("status"), "not approved yet"),
            ),
            _ => {}
        }
    }
}

/// The other document that this one supersedes, in the version that it names.
fn superseded<'a>(sms: &'a Sms, position: usize, document: &Document) -> Option<&'a Document> {
    if !sms.is_controlled(document) {
        return None;
    }
    let text = document.text("supersedes")?;
    let version = text.split_once('@').map(|(_, version)| version);
    let old = sms.positions(without_version(text)).iter().find(|old| **old != position)?;
    let old = &sms.documents[*old];
    let is_that_version = version.is_none() || old.text("version").is_none() || old.text("version") == version;
    (is_that_version && !old.id.eq_ignore_ascii_case(&document.id)).then_some(old)
}

/// Whether some document that is in force, or approved and upcoming, supersedes this one.
fn has_successor(sms: &Sms, old: &Document) -> bool {
    sms.documents.iter().any(|document| {
        document.text("supersedes").is_some_and(|id| without_version(id).eq_ignore_ascii_case(&old.id))
            && matches!(sms.standing(document), Standing::InForce | Standing::Upcoming)
    })
}

/// Two files with one id and different versions, both in force.
fn check_same_id(sms: &Sms, position: usize, document: &Document, findings: &mut Findings<'_>) {
    if !sms.is_controlled(document) || sms.standing(document) != Standing::InForce {
        return;
    }
    let version = document.text("version");
    let first = sms
        .positions(&document.id)
        .iter()
        .take_while(|other| **other < position)
        .map(|other| &sms.documents[*other])
        .find(|other| {
            other.kind == document.kind
                && sms.standing(other) == Standing::InForce
                && version.is_some()
                && other.text("version").is_some_and(|other| Some(other) != version)
        });
    let Some(first) = first else { return };
    findings
        .report(
            document,
            document.field("version"),
            format!(
                "`{}` is in force in versions {} and {}",
                document.id,
                first.text("version").unwrap_or_default(),
                version.unwrap_or_default()
            ),
            "keep the current version in one file; earlier ones are in the history of the repository",
        )
        .about(sms.path(document))
        .related(first.field("version"), "the other version");
}

//! Nothing leads to an instruction.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    lookup::Lookup,
    sms::{Sms, Standing, Target, link::Lead},
};

pub(super) static RULE: Rule = Rule {
    name: "orphan",
    summary: "nothing leads to an instruction",
    checks: &[],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Note,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("orphan.md"),
    check,
};

/// Kinds that exist to be used from elsewhere. Policies, plans and agreements are known by their
/// kind; registers and records are looked up in lists.
const INSTRUCTIONS: [&str; 3] = ["procedure", "request-model", "knowledge-article"];

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let mut linked: Option<Lookup<&str, ()>> = None;
    for kind in INSTRUCTIONS {
        let documents: Vec<(usize, &Document)> = sms
            .documents
            .iter()
            .enumerate()
            .filter(|(_, document)| document.kind == kind && sms.standing(document) != Standing::Withdrawn)
            .collect();
        if documents.is_empty() {
            continue;
        }
        let linked = linked.get_or_insert_with(|| linked_paths(sms));
        let orphans: Vec<&Document> = documents
            .iter()
            .filter(|(position, document)| !is_reached(sms, *position, document, linked))
            .map(|(_, document)| *document)
            .collect();
        // Where nobody refers to any, it is a way of working, not a slip: said once.
        if orphans.len() > 3 && orphans.len() == documents.len() {
            findings.report(
                orphans[0],
                orphans[0].whole(),
                format!("nothing refers to any of the {} documents of kind `{kind}`", orphans.len()),
                "refer to them from the processes and services that use them",
            );
            continue;
        }
        for document in orphans {
            findings.report(
                document,
                document.whole(),
                format!("nothing refers or links to `{}`", document.id),
                "refer to it from the process or service that uses it, or withdraw it",
            );
        }
    }
}

fn is_reached(sms: &Sms, position: usize, document: &Document, linked: &Lookup<&str, ()>) -> bool {
    let path = sms.path(document);
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    sms.incoming(position).any(|reference| reference.from != position)
        || linked.get(path).is_some()
        || folders.into_iter().any(|folder| linked.get(folder).is_some())
        || names_its_user(sms, position)
        || sms
            .row_references()
            .iter()
            .any(|reference| reference.values.values().any(|(target, _)| *target == Target::Document(position)))
}

/// An instruction that says which process, service or known error it serves is found from there:
/// the site lists it.
fn names_its_user(sms: &Sms, position: usize) -> bool {
    sms.outgoing(position).any(|reference| {
        reference.pointer().is_some()
            && matches!(reference.target_kind(sms), Some("process" | "service" | "known-error" | "request-model"))
    })
}

/// Files and folders that a link of another file leads to.
fn linked_paths(sms: &Sms) -> Lookup<&str, ()> {
    let linked = sms.links().filter_map(|(from, _, _, lead)| match lead {
        Lead::File { path, .. } if path != from => Some((path.as_str(), ())),
        Lead::Folder(path) if !path.is_empty() => Some((path.as_str(), ())),
        _ => None,
    });
    linked.collect()
}

//! A reference names a version that the document does not have.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Target},
};
use serde_json::Value;

pub(super) static RULE: Rule = Rule {
    name: "reference-to-version",
    summary: "a reference names a version that the document does not have",
    checks: &["LNK-01", "DOC-05"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("reference_to_version.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for reference in sms.references() {
        let Target::Document(position) = reference.target else { continue };
        let Some((id, version)) = reference.text.split_once('@') else { continue };
        let (document, target) = (&sms.documents[reference.from], &sms.documents[position]);
        let supersedes_itself = reference.pointer() == Some("/supersedes")
            && reference.from == position
            && document.text("version").is_some_and(|own| same(own, version));
        if supersedes_itself {
            findings.report(
                document,
                reference.place(sms),
                format!("version {version} of `{id}` says that it supersedes itself"),
                "name the version before it",
            );
            continue;
        }
        if sms.by_id(id).any(|document| may_have(document, version)) {
            continue;
        }
        let help = target.text("version").map_or_else(
            || format!("give `{}` a `{}`, or leave the version out", target.id, target.name_of("version")),
            |current| {
                format!("the current version is {current}; earlier ones stand in `{}`", target.name_of("change_log"))
            },
        );
        findings
            .report(document, reference.place(sms), format!("`{}` has no version {version}", target.id), help)
            .about(reference.text.to_lowercase())
            .related(target.field("version"), format!("`{}` is described here", target.id));
    }
}

/// Whether the document has or may have had a version: the current one, one of its change log, or,
/// where it keeps none, an earlier one.
fn may_have(document: &Document, version: &str) -> bool {
    let Some(current) = document.text("version") else { return false };
    if same(current, version) {
        return true;
    }
    let log = document.fields.get("change_log").and_then(Value::as_array);
    match log {
        Some(log) => log.iter().filter_map(|item| item["version"].as_str()).any(|known| same(known, version)),
        None => match (parts(current), parts(version)) {
            (Some(current), Some(version)) => version < current,
            _ => true,
        },
    }
}

fn same(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

fn bare(version: &str) -> &str {
    version.strip_prefix(['v', 'V']).unwrap_or(version)
}

/// The numbers of a version such as 1.10; none where it has others than numbers.
fn parts(version: &str) -> Option<Vec<u32>> {
    bare(version).split('.').map(|part| part.parse().ok()).collect()
}

//! An approval does not say all that it should, or is not one of this version.

use crate::{
    calendar::parse_day,
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};
use serde_json::Value;

pub(super) static RULE: Rule = Rule {
    name: "incomplete-approval",
    summary: "an approval lacks its author, belongs to an earlier version, or stands in a draft",
    checks: &["DOC-01"],
    clauses: &["7.5.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("incomplete_approval.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in sms.documents.iter().filter(|document| sms.is_controlled(document) && !document.broken) {
        match document.text("status") {
            Some("approved") => {
                check_author(document, findings);
                check_version(document, findings);
            }
            Some("draft" | "in-review") => check_draft(document, findings),
            _ => {}
        }
    }
}

/// The title, the author or a reference identify a document; here the author is looked for.
fn check_author(document: &Document, findings: &mut Findings<'_>) {
    let logged = document.fields.get("change_log").and_then(Value::as_array).into_iter().flatten();
    if document.filled("author") || logged.into_iter().any(|item| item.get("author").is_some()) {
        return;
    }
    findings.report(
        document,
        document.field("author"),
        format!("`{}` is approved and names no author", document.id),
        format!("add `{}`: who wrote it; an approver can then be seen to be somebody else", document.name_of("author")),
    );
}

/// A version that is younger than the approval was not what was approved.
fn check_version(document: &Document, findings: &mut Findings<'_>) {
    let (Some(version), Some(approved)) = (document.text("version"), document.day("approved_on")) else { return };
    let log = document.fields.get("change_log").and_then(Value::as_array);
    let current = log.into_iter().flatten().enumerate().find(|(_, item)| item["version"].as_str() == Some(version));
    let Some((index, item)) = current else { return };
    let Some(day) = item["date"].as_str().and_then(parse_day).filter(|day| *day > approved) else { return };
    findings
        .report(
            document,
            document.field("approved_on"),
            format!("version {version} is of {day}, but the approval of {approved}"),
            format!("have this version approved and set `{}`", document.name_of("approved_on")),
        )
        .related(document.field(&format!("/change_log/{index}/date")), "day of this version");
}

/// Left over from the version before, or the state was forgotten.
fn check_draft(document: &Document, findings: &mut Findings<'_>) {
    let (Some(by), Some(on)) = (document.text("approved_by"), document.text("approved_on")) else { return };
    let status = document.text("status").unwrap_or_default();
    findings.report(
        document,
        document.field("approved_on"),
        format!("approved by `{by}` on {on}, but the status is `{status}`"),
        "set the status to `approved`, or remove the approval of the version before",
    );
}

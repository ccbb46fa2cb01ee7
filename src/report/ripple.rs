//! What a change brings and touches, for programs: the objects `since` and `ripple` of the report.

use crate::{
    finding::Finding,
    ripple::{ChangedDocument, Ripple, Touched},
    since::Since,
};
use serde_json::{Value, json};

/// The object `since`.
pub(super) fn since(since: &Since, fingerprint: impl Fn(&Finding) -> String) -> Value {
    let told = |finding: &Finding| {
        json!({
            "rule": finding.rule,
            "level": finding.level.name(),
            "subject": finding.subject,
            "pointer": finding.place.pointer,
            "message": finding.message,
            "fingerprint": fingerprint(finding),
        })
    };
    let mut value = json!({
        "base": since.base,
        "commit": since.commit,
        "before": since.before,
        "mended": since.mended.iter().map(told).collect::<Vec<_>>(),
        "not_judged": since.not_judged.iter().map(told).collect::<Vec<_>>(),
    });
    if let Some(step) = &since.baseline {
        value["baseline"] = json!({ "file": step.file, "more": step.more, "fewer": step.fewer });
    }
    value
}

/// The object `ripple`.
pub(super) fn ripple(ripple: &Ripple) -> Value {
    let judges = ripple.judges.iter().map(|judge| json!({ "what": judge.what, "change": judge.change }));
    let rows = ripple.rows.iter().map(|rows| {
        let (added, modified, removed) = rows.counts;
        json!({ "path": rows.path, "added": added, "modified": modified, "removed": removed })
    });
    let approvals = ripple.approvals.iter().map(|needed| {
        json!({
            "party": needed.party,
            "persons": needed.persons,
            "owns": needed.owns,
            "approved": needed.approved,
            "codeowner": needed.codeowner,
        })
    });
    let mut value = json!({
        "judges": judges.collect::<Vec<_>>(),
        "documents": ripple.documents.iter().map(document).collect::<Vec<_>>(),
        "data": rows.collect::<Vec<_>>(),
        "clauses": ripple.clauses,
        "services": touched(&ripple.services),
        "slas": touched(&ripple.slas),
        "customers": touched(&ripple.customers),
        "approvals": approvals.collect::<Vec<_>>(),
    });
    // What the history did not evaluate is left out: an empty list would say that there is none.
    for (name, list) in [("resets", &ripple.resets), ("suspects", &ripple.suspects)] {
        if let Some(list) = list {
            value[name] = json!(list);
        }
    }
    value
}

fn document(document: &ChangedDocument) -> Value {
    let step = |(before, now): &(Option<String>, Option<String>)| json!({ "before": before, "now": now });
    json!({
        "id": document.id,
        "title": document.title,
        "kind": document.kind,
        "change": document.how.name(),
        "path": document.path,
        "path_before": document.path_before,
        "version": step(&document.version),
        "status": step(&document.status),
        "fields": document.fields,
    })
}

fn touched(all: &[Touched]) -> Vec<Value> {
    all.iter()
        .map(|one| json!({ "id": one.id, "title": one.title, "changed": one.changed, "through": one.through }))
        .collect()
}

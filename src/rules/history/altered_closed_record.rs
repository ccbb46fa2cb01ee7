//! A closed record was changed after it was closed.

use super::named;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Rule},
    sms::{
        Sms,
        evidence::{FieldChange, Frozen},
    },
};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "altered-closed-record",
    summary: "a closed record was changed after it was closed",
    checks: &["DOC-08"],
    clauses: &["7.5.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    since: "0.1.0",
    docs: include_str!("altered_closed_record.md"),
    check,
};

/// How many fields are named and shown.
const SHOWN: usize = 4;

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    // By the place of the commit in the history.
    let mut migrated: BTreeMap<usize, Vec<&Document>> = BTreeMap::new();
    for document in sms.not_as_closed() {
        let Some(frozen) = sms.frozen(document) else { continue };
        for commit in &frozen.migrated_by {
            let place = sms.evidence.history.place(*commit).unwrap_or(usize::MAX);
            migrated.entry(place).or_default().push(document);
        }
        if frozen.is_altered() {
            report(sms, document, &frozen, findings);
        }
    }
    for (place, documents) in migrated {
        let (Some(commit), Some(first)) = (sms.evidence.history.commits.get(place), documents.first()) else {
            continue;
        };
        let who = named(sms, commit.id);
        let which = match documents.len() {
            1 => format!("the closed record `{}`", first.id),
            count => format!("{count} closed records, such as `{}`,", first.id),
        };
        findings
            .report(
                first,
                first.whole(),
                format!("{which} got other values by {who}, which `.git-blame-ignore-revs` lists"),
                "see that the commit only brought the values into another form; undo what changed their meaning",
            )
            .about(commit.id.to_string())
            .at_most(Level::Note);
    }
}

fn report(sms: &Sms, document: &Document, frozen: &Frozen<'_>, findings: &mut Findings<'_>) {
    let changes = sms.fields_changed_since(document, frozen.edition).unwrap_or_default();
    if !changes.is_empty() && changes.iter().all(|change| only_links_added(sms, document, change)) {
        return;
    }
    let by = match (frozen.changed_by.as_slice(), frozen.is_uncommitted) {
        ([], _) => ", not committed yet".to_owned(),
        ([one], false) => format!(" by {}", named(sms, *one)),
        ([one], true) => format!(" by {}, and in what is not committed", named(sms, *one)),
        ([rest @ .., newest], _) => format!(" by {}, and {} earlier", named(sms, *newest), rest.len()),
    };
    let names: Vec<String> = changes
        .iter()
        .take(SHOWN)
        .map(|change| match change.field.as_str() {
            "body" => "the text".to_owned(),
            field => format!("`{}`", document.name_of(field)),
        })
        .collect();
    let what = match (names.as_slice(), changes.len().saturating_sub(SHOWN)) {
        ([], _) => String::new(),
        (names, 0) => format!(": {}", names.join(", ")),
        (names, more) => format!(": {} and {more} more", names.join(", ")),
    };
    let closed = sms.committed_on(frozen.closed_by).map(|day| format!(" on {day}")).unwrap_or_default();
    let is_there = |field: &str| field != "body" && document.is_written(field);
    let first = changes.iter().map(|change| change.field.as_str()).find(|field| is_there(field));
    let place = first.map_or_else(|| document.whole(), |field| document.field(field));
    let finding = findings.report(
        document,
        place,
        format!("`{}` was closed{closed} and changed since{by}{what}", document.id),
        "restore it and add the correction to `addenda` with day, author and reason; or reopen it if it is not finished",
    );
    if let Some(before) = changes.iter().find(|change| Some(change.field.as_str()) == first).and_then(was) {
        finding.label(before);
    }
    let others = changes.iter().filter(|change| is_there(&change.field) && Some(change.field.as_str()) != first);
    for change in others.take(SHOWN - 1) {
        finding.related(document.field(&change.field), was(change).unwrap_or_else(|| "changed since".to_owned()));
    }
    if changes.iter().any(|change| change.field == "body") {
        for span in sms.changes_since(document, &frozen.edition.substance).into_iter().take(SHOWN - 1) {
            finding.related(document.body(span), "changed since");
        }
    }
}

/// What a short value was.
fn was(change: &FieldChange) -> Option<String> {
    let before = match &change.before {
        Value::Null => return Some("was not there".to_owned()),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    (before.chars().count() <= 40 && !before.contains('\n')).then(|| format!("was `{before}`"))
}

/// Whether a link was only added to where the other side of it asks for that.
fn only_links_added(sms: &Sms, document: &Document, change: &FieldChange) -> bool {
    let Some(kind) = sms.kind(document) else { return false };
    let is_two_sided = kind.compiled().notes.two_sided.iter().any(|(field, ..)| *field == change.field);
    let list = |value: &Value| match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let now = list(&change.now);
    is_two_sided && list(&change.before).iter().all(|one| now.contains(one))
}

//! `data/evidence.json`: what every file of the bundle is and where it comes from, and by which
//! rules it was judged. It names every file of the payload but itself.

use super::{
    VERSION,
    contents::{Facts, own_schemas},
};
use crate::{calendar, kind, repository::sha256, standard};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What says in which form the rest is.
#[derive(Deserialize)]
struct Head {
    version: u64,
    format: String,
}

/// What verifying reads of the evidence; the rest costs no memory.
#[derive(Deserialize)]
pub(super) struct Evidence {
    pub(super) organization: Option<String>,
    pub(super) as_of: String,
    pub(super) audience: String,
    pub(super) revision: Revision,
    #[serde(default)]
    pub(super) history: Option<Ended>,
    pub(super) files: Vec<Told>,
    pub(super) withheld: Vec<IgnoredAny>,
    pub(super) left_out: Vec<IgnoredAny>,
    pub(super) signatures: Vec<IgnoredAny>,
}

/// The commit.
#[derive(Deserialize)]
pub(super) struct Revision {
    pub(super) commit: Option<String>,
    pub(super) modified: bool,
}

/// The history that was looked at.
#[derive(Deserialize)]
pub(super) struct Ended {
    pub(super) head: String,
    pub(super) day: Option<String>,
    pub(super) first: String,
}

/// What is told of a file.
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) git_blob: Option<String>,
}

/// Reads evidence; the reason where it cannot be used.
pub(super) fn read(text: &str) -> Result<Evidence, String> {
    let form = |error: serde_json::Error| format!("it does not have the form of evidence: {error}");
    let head: Head = serde_json::from_str(text).map_err(form)?;
    if head.version != VERSION || head.format != "full" {
        return Err("it is of a version or format that this attestry does not know; use a newer one".to_owned());
    }
    serde_json::from_str(text).map_err(form)
}

/// The evidence as JSON, with a line break at its end.
pub(super) fn render(facts: &Facts<'_>, payload: &BTreeMap<String, Vec<u8>>) -> String {
    let sms = facts.sms;
    let revision = &sms.revision;
    let counts = facts.report.counts();
    let tally = facts.tally;
    let evidence = json!({
        "version": VERSION,
        "format": "full",
        "tool": {
            "name": "attestry",
            "version": env!("CARGO_PKG_VERSION"),
            "zone_data": calendar::zone_data_version(),
        },
        "organization": sms.configuration.organization,
        "as_of": sms.as_of.to_string(),
        "zone": sms.configuration.zone,
        "audience": facts.audience.up_to.name(),
        "revision": {
            "git": revision.git,
            "commit": revision.commit,
            "modified": revision.modified,
            "shallow": revision.shallow,
        },
        "history": history(facts),
        "standards": standards(facts),
        "schemas": schemas(facts),
        "judges": judges(facts),
        "changed_by_the_organization": changed(facts),
        "not_evaluated": not_evaluated(facts),
        "findings": {
            "errors": counts.errors,
            "warnings": counts.warnings,
            "notes": counts.notes,
            "hidden": facts.report.hidden,
        },
        "requirements": {
            "total": tally.total(),
            "found": tally.found,
            "missing": tally.missing,
            "needs_judgement": tally.needs_judgement,
            "judged": tally.judged,
        },
        "files": files(facts, payload),
        "withheld": facts.withheld.iter().map(|item| json!({
            "id": item.id,
            "kind": item.kind,
            "classification": item.classification.name(),
            "reason": format!("it is {}, and this bundle is for {} readers", item.classification.name(), facts.audience.up_to.name()),
        })).collect::<Vec<_>>(),
        "left_out": facts.left_out.iter().map(|(path, reason)| json!({ "path": path, "reason": reason })).collect::<Vec<_>>(),
        "previous": null,
        "signatures": [],
    });
    format!("{evidence:#}\n")
}

/// Where the history ended: later ones have to lead back to it.
fn history(facts: &Facts<'_>) -> Value {
    let history = &facts.sms.evidence.history;
    let (Some(head), Some(first)) = (history.tip, history.first_parents.last()) else { return Value::Null };
    let day = history.commit(head).and_then(|commit| commit.committed).and_then(crate::history::Moment::day);
    json!({
        "head": head.to_string(),
        "day": day.map(|day| day.to_string()),
        "first": first.to_string(),
        "first_parents": history.first_parents.len(),
        "commits": history.commits.len(),
    })
}

fn files(facts: &Facts<'_>, payload: &BTreeMap<String, Vec<u8>>) -> Vec<Value> {
    let one = |(path, bytes): (&String, &Vec<u8>)| {
        let source = facts.sources.get(path);
        json!({
            "path": path,
            "bytes": bytes.len(),
            "sha256": sha256(bytes),
            "source": source.map(|source| &source.path),
            "git_blob": source.and_then(|source| source.git_blob.as_ref()),
            "commit": source.and_then(|source| source.commit.as_ref()),
        })
    };
    payload.iter().map(one).collect()
}

fn standards(facts: &Facts<'_>) -> Vec<Value> {
    let one = |id: &str| json!({ "id": id, "sha256": standard::built_in_text(id).map(|text| sha256(text.as_bytes())) });
    let own = &facts.sms.standard.id;
    let claimed = facts.sms.configuration.standards.iter().filter(|id| *id != own);
    std::iter::once(own).chain(claimed).map(|id| one(id)).collect()
}

fn schemas(facts: &Facts<'_>) -> Vec<Value> {
    let shared = [
        ("metadata", kind::metadata_text()),
        ("attestry", kind::configuration_schema_text()),
        ("people", kind::people_schema_text()),
    ];
    let shared = shared.into_iter().map(|(name, text)| json!({ "schema": name, "sha256": sha256(text.as_bytes()) }));
    let kinds = facts.sms.kinds.iter().map(|kind| {
        json!({
            "kind": kind.name,
            "sha256": kind.built_in_schema().map(|text| sha256(text.as_bytes())),
            "own_sha256": kind.own_schema().map(|text| sha256(text.as_bytes())),
        })
    });
    shared.chain(kinds).collect()
}

/// Files of the repository that decide over the judgement.
fn judges(facts: &Facts<'_>) -> Vec<Value> {
    // The path of a withheld file may say too much.
    let shown = |path: &str| facts.sources.contains_key(&format!("data/documents/{path}"));
    let one = |(path, (role, digest)): (&String, &(&str, String))| json!({ "what": role, "path": Some(path).filter(|path| shown(path)), "sha256": digest });
    facts.judges.iter().map(one).collect()
}

/// What the organization changed of the built-in rules and schemas.
fn changed(facts: &Facts<'_>) -> Vec<Value> {
    let rules = facts
        .report
        .changed_rules
        .iter()
        .map(|(rule, level)| json!({ "rule": rule.name, "level": level, "default": rule.level.name() }));
    let kinds = own_schemas(facts.sms).into_iter().map(|kind| json!({ "kind": kind }));
    rules.chain(kinds).collect()
}

fn not_evaluated(facts: &Facts<'_>) -> Vec<Value> {
    super::guide::not_evaluated(facts).into_iter().map(|(what, fix)| json!({ "what": what, "fix": fix })).collect()
}

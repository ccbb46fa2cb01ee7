//! The reading guide: what is in the bundle, how to verify it, and what it does not prove.

use super::{
    contents::{Facts, own_schemas},
    limits,
};
use anyhow::{Result, anyhow};
use serde_json::json;
use std::collections::BTreeMap;
use tera::{Context, Tera};

const NAME: &str = "reading-guide.html";

/// The guide as a page that needs nothing else.
pub(super) fn render(facts: &Facts<'_>) -> Result<String> {
    let sms = facts.sms;
    let counts = facts.report.counts();
    let mut context = Context::new();
    let organization = sms.configuration.organization.as_deref().unwrap_or("an organization that is not named");
    context.insert("organization", organization);
    context.insert("standard", &sms.standard.title);
    context.insert("as_of", &sms.as_of.to_string());
    context.insert("zone", &sms.configuration.zone);
    context.insert("audience", facts.audience.up_to.name());
    context.insert("commit", &sms.revision.commit);
    context.insert("modified", &sms.revision.modified);
    context.insert("head", &sms.evidence.history.tip.map(|tip| tip.to_string()));
    context.insert("version", env!("CARGO_PKG_VERSION"));
    context.insert("limits", &limits());
    context.insert("documents", &facts.sources.len());
    context.insert(
        "uncommitted",
        &facts.sources.values().filter(|source| source.commit.is_none()).map(|source| &source.path).collect::<Vec<_>>(),
    );
    context.insert(
        "findings",
        &json!({ "errors": counts.errors, "warnings": counts.warnings, "notes": counts.notes, "hidden": facts.report.hidden }),
    );
    let tally = facts.tally;
    context.insert(
        "evidence",
        &json!({
            "total": tally.total(),
            "found": tally.found,
            "missing": tally.missing,
            "needs_judgement": tally.needs_judgement,
            "judged": tally.judged,
        }),
    );
    let rules = facts.report.changed_rules.iter();
    let rules = rules.map(|(rule, level)| json!({ "name": rule.name, "level": level, "default": rule.level.name() }));
    context.insert("changed_rules", &rules.collect::<Vec<_>>());
    context.insert("own_schemas", &own_schemas(sms));
    context.insert("not_evaluated", &not_evaluated(facts));
    context.insert("withheld", &withheld(facts));
    context.insert("left_out", &facts.left_out);
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    tera.add_raw_template(NAME, include_str!("reading-guide.html"))
        .map_err(|error| anyhow!("the reading guide: {error}"))?;
    tera.render(NAME, &context).map_err(|error| anyhow!("the reading guide: {error}"))
}

/// What is withheld; things without an id are counted by kind.
fn withheld(facts: &Facts<'_>) -> Vec<serde_json::Value> {
    let mut counted: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for item in &facts.withheld {
        let id = item.id.as_deref().unwrap_or_default();
        *counted.entry((id, &item.kind, item.classification.name())).or_default() += 1;
    }
    counted
        .into_iter()
        .map(|((id, kind, classification), count)| {
            json!({ "id": id, "kind": kind, "classification": classification, "count": count })
        })
        .collect()
}

/// What could not be looked at, and what would change that.
pub(super) fn not_evaluated(facts: &Facts<'_>) -> Vec<(String, String)> {
    let mut all = facts.report.not_evaluated.clone();
    let mut add = |what: &str, fix: &str| all.push((what.to_owned(), fix.to_owned()));
    add("signatures of commits and approvals", "ask for the repository, and verify them there");
    all
}

//! The gaps for programs. The form is version 1 and published as `schema/gap.schema.json`; fields
//! are added, never changed.

use super::{ClauseGap, Gap, verification};
use crate::sms::{
    Sms,
    coverage::{Assessment, Proof, Tally},
};
use serde_json::{Value, json};

/// The version of this form.
pub const VERSION: u32 = 1;

/// As JSON, with a line break at its end.
pub fn render(gap: &Gap<'_>) -> String {
    let sms = gap.sms;
    let revision = &sms.revision;
    let value = json!({
        "version": VERSION,
        "tool": {
            "name": "attestry",
            "version": env!("CARGO_PKG_VERSION"),
            "zone_data": crate::calendar::zone_data_version(),
        },
        "standard": sms.standard.id,
        "organization": sms.configuration.organization,
        "as_of": sms.as_of.to_string(),
        "revision": { "named": revision.named, "commit": revision.commit, "shallow": revision.shallow },
        "filter": { "clause": gap.clause, "only": gap.only.map(super::Only::name) },
        "tally": tally(gap.tally),
        "clauses": gap.clauses.iter().map(|clause| of_clause(sms, clause)).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn tally(tally: Tally) -> Value {
    json!({
        "found": tally.found,
        "missing": tally.missing,
        "needs_judgement": tally.needs_judgement,
        "judged": tally.judged,
        "total": tally.total(),
    })
}

fn of_clause(sms: &Sms, gap: &ClauseGap<'_>) -> Value {
    json!({
        "number": gap.clause.number,
        "title": gap.clause.title,
        "heading": gap.clause.heading,
        "verification": gap.clause.verification,
        "tally": tally(gap.tally),
        "requirements": gap.requirements.iter().map(|assessment| of_requirement(sms, assessment)).collect::<Vec<_>>(),
    })
}

fn of_requirement(sms: &Sms, assessment: &Assessment<'_>) -> Value {
    let requirement = assessment.requirement;
    let evidence = assessment.evidence.iter().filter_map(|proof| of_proof(sms, proof)).collect::<Vec<_>>();
    let judgement = assessment.judgement.as_ref().map(|judgement| {
        json!({
            "id": judgement.document.id,
            "path": sms.path(judgement.document),
            "verdict": judgement.verdict,
            "by": judgement.by,
            "on": judgement.on.map(|day| day.to_string()),
            "until": judgement.until.map(|day| day.to_string()),
        })
    });
    json!({
        "id": sms.standard.full_id(requirement),
        "demand": requirement.demand.code(),
        "demand_in_words": requirement.demand.in_words(),
        "text": requirement.text,
        "verification": verification(assessment),
        "amendment": requirement.amendment,
        "verdict": assessment.verdict.in_words().replace(' ', "-"),
        "evidence": evidence,
        "lacking": assessment.lacking,
        "judgement": judgement,
    })
}

fn of_proof(sms: &Sms, proof: &Proof<'_>) -> Option<Value> {
    Some(match proof {
        Proof::Document(document) => json!({
            "id": document.id,
            "kind": document.kind,
            "title": document.title(),
            "path": sms.path(document),
        }),
        Proof::Rows(population, count) => {
            let population = sms.populations.get(*population)?;
            json!({ "rows": count, "kind": population.kind, "path": sms.source(population.source).path() })
        }
    })
}

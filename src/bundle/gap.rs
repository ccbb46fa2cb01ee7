//! Per requirement what evidence is there and what is missing, as tables for the bundle.

use super::{Audience, Classification, classification};
use crate::{
    export::csv,
    sms::{
        Sms,
        coverage::{Assessment, Proof},
    },
};
use serde_json::{Value, json};

/// The assessments as JSON.
pub(super) fn as_json(sms: &Sms, assessments: &[Assessment<'_>], audience: Audience) -> String {
    let requirements: Vec<Value> = assessments
        .iter()
        .map(|assessment| {
            json!({
                "id": sms.standard.full_id(assessment.requirement),
                "clause": assessment.clause.number,
                "demand": assessment.requirement.demand.code(),
                "text": assessment.requirement.text,
                "verdict": assessment.verdict.in_words(),
                "evidence": evidence(sms, assessment, audience),
                "lacking": assessment.lacking,
                "judgement": judgement(sms, assessment, audience),
            })
        })
        .collect();
    let whole = json!({
        "version": 1,
        "standard": sms.standard.id,
        "as_of": sms.as_of.to_string(),
        "requirements": requirements,
    });
    format!("{whole:#}\n")
}

/// The assessments as a table.
pub(super) fn as_csv(sms: &Sms, assessments: &[Assessment<'_>], audience: Audience) -> String {
    let header =
        ["clause", "title", "id in attestry", "demand", "paraphrase", "verdict", "evidence", "lacking", "judgement"];
    let rows = assessments.iter().map(|assessment| {
        let evidence: Vec<String> = evidence(sms, assessment, audience).iter().map(shown).collect();
        let judgement = judgement(sms, assessment, audience);
        let judged = judgement
            .is_object()
            .then(|| ["verdict", "by", "on"].map(|key| judgement[key].as_str().unwrap_or_default()).join(" "));
        vec![
            assessment.clause.number.clone(),
            assessment.clause.title.clone().unwrap_or_default(),
            sms.standard.full_id(assessment.requirement),
            assessment.requirement.demand.in_words().to_owned(),
            assessment.requirement.text.clone(),
            assessment.verdict.in_words().to_owned(),
            evidence.join("; "),
            assessment.lacking.join("; "),
            judged.unwrap_or_default(),
        ]
    });
    csv::rows(&header, rows)
}

fn shown(evidence: &Value) -> String {
    let text = |key: &str| evidence[key].as_str().unwrap_or_default();
    match evidence["rows"].as_u64() {
        Some(rows) => format!("{rows} rows of {}", text("path")),
        None => text("id").to_owned(),
    }
}

fn evidence(sms: &Sms, assessment: &Assessment<'_>, audience: Audience) -> Vec<Value> {
    let one = |proof: &Proof<'_>| match proof {
        Proof::Document(document) if !audience.may_see(classification(sms, document)) => {
            json!({ "id": document.text("id"), "withheld": true })
        }
        Proof::Document(document) => {
            json!({ "id": document.id, "title": document.title(), "path": sms.path(document) })
        }
        Proof::Rows(index, rows) => {
            let path = sms.populations.get(*index).map(|population| sms.source(population.source).path());
            json!({ "path": path.filter(|_| audience.may_see(Classification::Internal)), "rows": rows })
        }
    };
    assessment.evidence.iter().map(one).collect()
}

fn judgement(sms: &Sms, assessment: &Assessment<'_>, audience: Audience) -> Value {
    let Some(judgement) = &assessment.judgement else { return Value::Null };
    if !audience.may_see(classification(sms, judgement.document)) {
        return json!({ "id": judgement.document.text("id"), "withheld": true });
    }
    json!({
        "id": judgement.document.id,
        "verdict": judgement.verdict,
        "by": judgement.by,
        "on": judgement.on.map(|day| day.to_string()),
        "until": judgement.until.map(|day| day.to_string()),
    })
}

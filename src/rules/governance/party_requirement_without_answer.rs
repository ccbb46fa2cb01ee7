//! A requirement of an interested party says nowhere how it is met.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "party-requirement-without-answer",
    summary: "a requirement of an interested party says nowhere how it is met",
    checks: &["GOV-05"],
    clauses: &["4.2"],
    basis: Basis::Follows,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("party_requirement_without_answer.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for party in sms.of_kind("interested-party").filter(|party| sms.standing(party) != Standing::Withdrawn) {
        for (pointer, requirement) in party.items("relevant_requirements") {
            let answered = match &requirement["how_met"] {
                serde_json::Value::Array(items) => !items.is_empty(),
                serde_json::Value::String(text) => !text.trim().is_empty(),
                _ => false,
            };
            if !requirement.is_object() || answered {
                continue;
            }
            findings.report(
                party,
                party.field(&format!("{pointer}/how_met")),
                format!("a relevant requirement of `{}` does not say how it is met", party.title()),
                "name in `how_met` what answers it: an obligation, a service requirement, an SLA, a policy, a process",
            );
        }
    }
}

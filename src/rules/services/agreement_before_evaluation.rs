//! Another party was evaluated after the agreement with it.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "agreement-before-evaluation",
    summary: "another party was evaluated after the agreement with it",
    checks: &["SVC-11"],
    clauses: &["8.2.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("agreement_before_evaluation.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for party in sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")) {
        let Some(evaluated) = party.day("evaluated_on") else { continue };
        let Some(agreement) = party.text("agreement").and_then(|id| sms.meant_by(id)) else {
            continue;
        };
        let Some(field) = agreed(agreement) else { continue };
        let Some(day) = agreement.day(field).filter(|day| *day < evaluated) else { continue };
        // What was agreed before the SMS started could not follow its criteria.
        if sms.started().is_some_and(|started| day < started) {
            continue;
        }
        findings
            .report(
                party,
                party.field("evaluated_on"),
                format!("`{}` was evaluated on {evaluated}, after the agreement of {day}", party.id),
                "keep the day of the evaluation that led to the agreement here; later ones are supplier reviews",
            )
            .related(agreement.field(field), format!("`{}`", agreement.id));
    }
}

/// The field that says when an agreement was made.
fn agreed(agreement: &Document) -> Option<&'static str> {
    ["signed_on", "agreed_on", "valid_from"].into_iter().find(|field| agreement.day(field).is_some())
}

//! The decision on climate change is too old.

use crate::{
    calendar::{Date, Interval},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "outdated-climate-decision",
    summary: "the decision on climate change is too old",
    checks: &["GOV-04"],
    clauses: &["4.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("outdated_climate_decision.md"),
    check,
};

/// The amendment that asks for the decision came out in this month.
const AMENDED: Date = jiff::civil::date(2024, 2, 1);

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let decisions = sms.of_kind("context-issue").filter(|issue| {
        issue.filled("climate_relevance") && !matches!(sms.standing(issue), Standing::Withdrawn | Standing::Draft)
    });
    for issue in decisions {
        let Some((dated, own)) = dated(sms, issue) else { continue };
        let due = cycle(sms, issue).after(dated);
        let place = if own { issue.field(own_field(issue)) } else { issue.field("climate_relevance") };
        if dated < AMENDED {
            findings.report(
                issue,
                place,
                format!(
                    "the decision on climate change dates from {dated}, before Amendment 1 of February 2024 \
                 asked for it"
                ),
                "decide again whether climate change is relevant to the SMS, and set `last_reviewed` to that day",
            );
        } else if own && due < sms.as_of {
            findings.report(
                issue,
                place,
                format!(
                    "the decision on climate change dates from {dated}; by its review cycle it was due again on {due}"
                ),
                "look at the decision again and set `last_reviewed`, or state a longer `review_cycle`",
            );
        }
    }
}

/// The day of the decision, and whether the entry itself says it: a register that is overdue as a
/// whole is said to be so elsewhere.
fn dated(sms: &Sms, issue: &Document) -> Option<(Date, bool)> {
    issue
        .day(own_field(issue))
        .map(|day| (day, true))
        .or_else(|| sms.register(issue).and_then(|register| sms.last_looked_at(register)).map(|day| (day, false)))
}

fn own_field(issue: &Document) -> &'static str {
    if issue.day("last_reviewed").is_some() { "last_reviewed" } else { "created_on" }
}

fn cycle(sms: &Sms, issue: &Document) -> Interval {
    let own = issue.text("review_cycle").and_then(Interval::parse);
    own.unwrap_or_else(|| {
        sms.register(issue).map_or_else(|| sms.review_cycle(issue), |register| sms.review_cycle(register))
    })
}

//! No interval is planned for the review of another party.

use crate::{
    calendar::Interval,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "unplanned-party-review",
    summary: "no interval is planned for the review of another party",
    checks: &["SVC-12"],
    clauses: &["8.2.3.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unplanned_party_review.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for party in sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")) {
        // Without controls at all the schema has its say.
        let interval =
            party.value("/controls/review_interval").and_then(serde_json::Value::as_str).and_then(Interval::parse);
        if !party.filled("controls") || interval.is_some() {
            continue;
        }
        findings.report(
            party,
            party.field("/controls/review_interval"),
            format!("the controls of `{}` do not say how often its performance is reviewed", party.id),
            "choose an interval that fits its weight and write it in `review_interval`; the standard names none",
        );
    }
}

//! No interval between reviews is planned.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, review::Review},
};

pub(super) static RULE: Rule = Rule {
    name: "no-review-planned",
    summary: "no interval between reviews is planned",
    checks: &["DOC-02"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("no_review_planned.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let unplanned: Vec<&Document> = sms
        .documents
        .iter()
        .filter(|document| sms.review(document) != Review::NotSubject && !sms.plans_reviews(document))
        .collect();
    let Some(first) = unplanned.first() else { return };
    let which = match unplanned.len() {
        1 => format!("`{}`", first.id),
        count => format!("{count} documents (first: `{}`)", first.id),
    };
    let message = format!(
        "no interval between reviews is planned for {which}: what attestry assumes is a convention, not a decision"
    );
    let help = format!(
        "decide on an interval: `review.cycle` in attestry.yaml, or `{}` in the document",
        first.name_of("review_cycle")
    );
    findings.report_absence("review.cycle", message, help).related(first.whole(), "says no interval");
}

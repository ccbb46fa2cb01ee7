//! A review falls due soon.

use super::deciding_field;
use crate::{
    calendar::days_between,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, review::Review},
};

pub(super) static RULE: Rule = Rule {
    name: "review-due-soon",
    summary: "a review falls due soon",
    checks: &["DOC-02"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Note,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("review_due_soon.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in sms.documents.iter().filter(|document| sms.plans_reviews(document)) {
        let Review::DueSoon(due) = sms.review(document) else { continue };
        let days = days_between(sms.as_of, due);
        findings.report(
            document,
            document.field(deciding_field(sms, document)),
            format!("the review of `{}` is due on {due}, {}", document.id, in_days(days)),
            "review it and record the day and the result",
        );
    }
}

fn in_days(days: i32) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days"),
    }
}

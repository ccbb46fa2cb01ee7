//! A review is dated in the future.

use crate::{
    calendar::parse_day,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};
use serde_json::Value;

pub(super) static RULE: Rule = Rule {
    name: "review-in-future",
    summary: "a review is dated in the future",
    checks: &["DOC-09"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("review_in_future.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let help =
        "a review counts once it was held: give the day on which it was, or use `next_review` for one that is planned";
    for document in sms.documents.iter().filter(|document| sms.is_controlled(document)) {
        if let Some(day) = document.day("last_reviewed").filter(|day| *day > sms.latest_day()) {
            let name = document.name_of("last_reviewed");
            findings.report(
                document,
                document.field("last_reviewed"),
                format!("`{name}` is {day}, which is still to come on {}", sms.as_of),
                help,
            );
        }
        let reviews = document.fields.get("reviews").and_then(Value::as_array);
        for (index, review) in reviews.into_iter().flatten().enumerate() {
            let Some(day) = review["date"].as_str().and_then(parse_day).filter(|day| *day > sms.latest_day()) else {
                continue;
            };
            findings.report(
                document,
                document.field(&format!("/reviews/{index}/date")),
                format!("a review is recorded for {day}, which is still to come on {}", sms.as_of),
                help,
            );
        }
    }
}

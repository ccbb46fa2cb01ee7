//! Another party was not reviewed in its own interval.

use crate::{
    calendar::{Date, Interval},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, without_version},
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "overdue-party-review",
    summary: "another party was not reviewed in its own interval",
    checks: &["SVC-12"],
    clauses: &["8.2.3.2"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("overdue_party_review.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let mut reviews: BTreeMap<String, (Date, String)> = BTreeMap::new();
    sms.each_of("supplier-review", |review| {
        let held = review.text("status") != Some("planned");
        let Some(day) = review.day("held_on").filter(|day| held && *day <= sms.as_of) else { return };
        let Some(party) = review.text("party").map(|party| without_version(party).to_lowercase()) else { return };
        if reviews.get(&party).is_none_or(|(latest, _)| *latest < day) {
            reviews.insert(party, (day, review.id.clone()));
        }
    });
    for party in sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")) {
        let interval = party.value("/controls/review_interval").and_then(serde_json::Value::as_str);
        let Some(interval) = interval.and_then(Interval::parse) else { continue };
        let last = reviews.get(&party.id.to_lowercase());
        let reviewed = last.map(|(day, _)| *day);
        let Some(from) = reviewed.max(began(sms, party)) else { continue };
        let due = interval.after(from);
        if sms.as_of <= due {
            continue;
        }
        let when = match last {
            Some((day, _)) => format!("was last reviewed on {day}"),
            None => "has not been reviewed yet".to_owned(),
        };
        let finding = findings.report(
            party,
            party.field("/controls/review_interval"),
            format!("`{}` {when}; by its own interval of {interval} a review was due on {due}", party.id),
            "hold the review and record it (`attestry new supplier-review`), or plan a longer interval and say why",
        );
        if let Some(review) = last.and_then(|(_, id)| sms.document(id)) {
            finding.related(review.field("held_on"), "the last review");
        }
    }
}

/// The day from which reviews are owed: when the relation and the SMS both had begun.
fn began(sms: &Sms, party: &Document) -> Option<Date> {
    let agreement = party.text("agreement").and_then(|id| sms.meant_by(id));
    let agreed = ["valid_from", "signed_on", "agreed_on"];
    let since =
        party.day("since").or_else(|| agreement.and_then(|one| agreed.into_iter().find_map(|field| one.day(field))));
    since.max(sms.started())
}

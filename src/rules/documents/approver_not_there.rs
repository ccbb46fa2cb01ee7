//! The approver was not there on the day of the approval.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Party, Sms},
};

pub(super) static RULE: Rule = Rule {
    name: "approver-not-there",
    summary: "the approver was not there on the day of the approval",
    checks: &["GOV-13"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("approver_not_there.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        let (Some(approver), Some(day)) = (document.text("approved_by"), document.day("approved_on")) else { continue };
        if day > sms.latest_day() {
            continue;
        }
        let (why, place, note) = match sms.people.party(approver, day) {
            Party::Left(person) => {
                let until = person.until.unwrap_or(day);
                (format!("`{approver}` approved on {day}, but left on {until}"), person.place.clone(), "last day here")
            }
            Party::Future(person) => {
                let from = person.from.unwrap_or(day);
                (format!("`{approver}` approved on {day}, but came on {from}"), person.place.clone(), "first day here")
            }
            Party::Vacant(role) => (
                format!("`{approver}` approved on {day}, but nobody held that role then"),
                sms.documents[role.document].field("holders"),
                "who held it when",
            ),
            Party::Present(_) | Party::Held(..) | Party::Unknown => continue,
        };
        findings
            .report(
                document,
                document.field("approved_by"),
                why,
                "correct the day or the approver; where the dates of the person or role are wrong, correct those",
            )
            .related(place, note)
            .related(document.field("approved_on"), "day of the approval");
    }
}

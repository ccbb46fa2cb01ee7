//! Dates contradict each other or the calendar.

use crate::{
    calendar::{day_of, instant},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::Form,
    sms::Sms,
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    name: "implausible-dates",
    summary: "dates contradict each other or the calendar",
    checks: &["DOC-09"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("implausible_dates.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        check_approval(sms, document, findings);
        check_order(sms, document, findings);
        check_state(sms, document, findings);
        check_future(sms, document, findings);
    }
    for person in &sms.people.persons {
        if let (Some(from), Some(until)) = (person.from, person.until)
            && until < from
        {
            findings.report_at(
                &person.id,
                person.place.clone(),
                format!("`{}` leaves on {until}, before the first day, {from}", person.id),
                "correct `from` or `until`",
            );
        }
    }
}

fn check_approval(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some(day) = document.day("approved_on").filter(|day| *day > sms.latest_day()) else { return };
    if sms.is_controlled(document) && document.text("status") == Some("approved") {
        findings.report(
            document,
            document.field("approved_on"),
            format!("approved on {day}, which is still to come on {}", sms.as_of),
            format!("give the day of the approval; for a later first day use `{}`", document.name_of("effective_from")),
        );
    }
}

/// Nothing is closed before it is made.
fn check_order(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let (Some(created), Some(closed)) = (document.text("created_on"), document.text("closed_on")) else { return };
    let zone = sms.configuration.time_zone();
    // A day alone says nothing of the hour.
    let is_before = if created.len() == 10 || closed.len() == 10 {
        day_of(closed, &zone) < day_of(created, &zone) && day_of(closed, &zone).is_some()
    } else {
        instant(closed, &zone) < instant(created, &zone) && instant(closed, &zone).is_some()
    };
    if is_before {
        findings
            .report(
                document,
                document.field("closed_on"),
                format!("`{}` was closed on {closed}, before it was made on {created}", document.id),
                "correct the day that is wrong",
            )
            .related(document.field("created_on"), "made on this day");
    }
}

fn check_state(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some(kind) = sms.kind(document).filter(|kind| matches!(kind.form, Form::Record | Form::Entry)) else { return };
    let notes = &kind.compiled().notes;
    let (Some(closed), Some(state)) = (document.text("closed_on"), document.text(&notes.state_field)) else { return };
    if notes.closed.is_empty() || kind.is_closed(state) || !notes.states.iter().any(|known| known == state) {
        return;
    }
    let states: Vec<String> = notes.closed.iter().map(|state| format!("`{state}`")).collect();
    findings
        .report(
            document,
            document.field("closed_on"),
            format!("`{}` was closed on {closed}, but its state is `{state}`", document.id),
            format!("set the state to {}, or remove the day", states.join(" or ")),
        )
        .related(document.field(&notes.state_field), "its state");
}

/// What has happened lies in the past. Plans, and what was called off, may be of the future.
fn check_future(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some(kind) = sms.kind(document).filter(|kind| matches!(kind.form, Form::Record | Form::Entry)) else { return };
    let notes = &kind.compiled().notes;
    let happened = sms.tells_what_happened(document);
    let dated = notes.dated_by.iter().map(String::as_str).filter(|field| happened && !field.starts_with("planned"));
    let fields: BTreeSet<&str> = dated.chain(["created_on", "closed_on"]).collect();
    for field in fields {
        let Some(day) = document.day(field).filter(|day| *day > sms.latest_day()) else { continue };
        findings.report(
            document,
            document.field(field),
            format!(
                "`{}` of `{}` is {day}, which is still to come on {}",
                document.name_of(field),
                document.id,
                sms.as_of
            ),
            "a record says what was: correct the day, or leave it out until then",
        );
    }
}

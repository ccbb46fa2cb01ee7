//! A record of something was finished, or an approval committed, before it happened.

use super::named;
use crate::{
    calendar::days_between,
    document::{Document, is_substance},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::Edition,
    kind::Form,
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "committed-before-event",
    summary: "a record was finished before what it records took place",
    checks: &["DOC-09"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("committed_before_event.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    for document in &sms.documents {
        if sms.says_approved(document) {
            approval(sms, document, findings);
        }
        let Some(field) = event_field(sms, document) else { continue };
        let Some(day) = document.day(field).filter(|day| *day <= sms.latest_day()) else { continue };
        let Some(life) = sms.life(document) else { continue };
        let arrivals = sms.line(life);
        // Clocks in other zones may be a day behind.
        let is_before = |commit| sms.committed_on(commit).is_some_and(|arrived| days_between(arrived, day) > 1);
        if !arrivals.first().is_some_and(|first| is_before(first.commit)) {
            continue;
        }
        let substance = sms.substance(document);
        // The newest states that are as the record is now; the oldest of them finished it.
        let same = arrivals.iter().rev().map_while(|arrival| Some((arrival.commit, arrival.edition()?)));
        let finished = same.take_while(|(_, edition)| edition.substance == substance).last();
        if let Some((commit, _)) = finished.filter(|(commit, _)| is_before(*commit)) {
            findings.report(
                document,
                document.field(field),
                format!(
                    "`{}` records something of {day}, and has been as it is since {}",
                    document.id,
                    named(sms, commit)
                ),
                "correct the day; or complete the record with what took place",
            );
        }
    }
}

/// An approval that was committed before the day that it states.
fn approval(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some(day) = document.day("approved_on").filter(|day| *day <= sms.latest_day()) else { return };
    let Some(life) = sms.life(document) else { return };
    let states = |edition: &&Edition| edition.marks.is_approved() && edition.marks.approved_on == Some(day);
    let Some(first) = life.editions().rfind(states) else { return };
    if sms.committed_on(first.commit).is_some_and(|committed| days_between(committed, day) > 1) {
        findings.report(
            document,
            document.field("approved_on"),
            format!("`{}` is approved since {day}, and said so already with {}", document.id, named(sms, first.commit)),
            "correct the day; what is to apply later has `effective_from`",
        );
    }
}

/// The field with the day of what a finished record says has happened.
fn event_field<'a>(sms: &'a Sms, document: &Document) -> Option<&'a str> {
    let kind = sms.kind(document).filter(|kind| matches!(kind.form, Form::Record | Form::Entry))?;
    let notes = &kind.compiled().notes;
    if !sms.tells_what_happened(document) {
        return None;
    }
    let field = notes.dated_by.iter().map(String::as_str).find(|field| document.day(field).is_some())?;
    let is_fact = !field.starts_with("planned") && is_substance(field, Some(kind));
    is_fact.then_some(field)
}

//! A record was committed long after what it records.

use super::named;
use crate::{
    calendar::{Date, Interval},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::Edition,
    kind::{Form, Kind},
    sms::Sms,
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "late-entry",
    summary: "a record was committed months after what it records",
    checks: &["DOC-09"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Note,
    drafts: Drafts::AreNotes,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("late_entry.md"),
    check,
};

/// How much later is late.
const LATE: Interval = Interval { months: 2, days: 0 };

/// How long after its first commit a repository is still being filled.
const ADOPTION: Interval = Interval { months: 0, days: 30 };

/// Fields that say since when something is so; it is no event, and listed when the list is made.
const SINCE: &[&str] = &["in_use_since", "ordered_on", "signed_on", "since", "valid_from"];

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    let Some(adopted) = sms.history_began().map(|began| ADOPTION.after(began)).max(sms.started()) else { return };
    // By the place of the commit in the history and by kind.
    let mut late: BTreeMap<(usize, &str), Vec<(&Document, Date)>> = BTreeMap::new();
    for document in &sms.documents {
        if sms.says_approved(document) {
            approval(sms, document, adopted, findings);
        }
        if !sms.kind(document).is_some_and(records_events) {
            continue;
        }
        let Some(life) = sms.life(document) else { continue };
        let arrivals = sms.line(life);
        let Some((commit, edition)) = arrivals.iter().find_map(|one| Some((one.commit, one.edition()?))) else {
            continue;
        };
        let (Some(dated), Some(arrived)) = (edition.marks.dated, sms.committed_on(commit)) else { continue };
        if arrived > adopted && arrived > LATE.after(dated) {
            let place = sms.evidence.history.place(commit).unwrap_or(usize::MAX);
            late.entry((place, document.kind.as_str())).or_default().push((document, dated));
        }
    }
    for ((place, _), documents) in late {
        let Some(commit) = sms.evidence.history.commits.get(place).map(|commit| commit.id) else { continue };
        let Some((first, dated)) = documents.iter().min_by_key(|(_, dated)| *dated) else { continue };
        let which = match documents.len() {
            1 => format!("`{}` is of {dated}", first.id),
            count => {
                let kind = sms.kind(first).map_or(first.kind.as_str(), |kind| kind.title.as_str()).to_lowercase();
                format!("{count} records ({kind}), the oldest `{}` of {dated}, are months old", first.id)
            }
        };
        let came = if documents.len() == 1 { "and came" } else { "and all came" };
        findings
            .report(
                first,
                first.whole(),
                format!("{which} {came} into the repository with {}", named(sms, commit)),
                "say in the record when it was written down and after what; from now on commit records when they are made",
            )
            .about(super::short(commit));
    }
}

/// An approval of a text that was committed first, or changed, long after the day that it states.
fn approval(sms: &Sms, document: &Document, adopted: Date, findings: &mut Findings<'_>) {
    let Some(day) = document.day("approved_on") else { return };
    let Some(life) = sms.life(document) else { return };
    let states = |edition: &&Edition| edition.marks.is_approved() && edition.marks.approved_on == Some(day);
    let Some(first) = life.editions().rfind(states) else { return };
    let Some(arrived) = sms.arrived(first) else { return };
    if arrived > adopted && arrived > LATE.after(day) {
        findings
            .report(
                document,
                document.field("approved_on"),
                format!(
                    "the approval of `{}` is of {day} and came into the repository with {}",
                    document.id,
                    named(sms, first.commit)
                ),
                "say in the change log where it was approved then; from now on commit approvals when they are given",
            )
            .about(super::short(first.commit));
    }
}

/// Whether items of a kind are about something that happened on a day.
fn records_events(kind: &Kind) -> bool {
    let dated_by = &kind.compiled().notes.dated_by;
    matches!(kind.form, Form::Record | Form::Entry) && !dated_by.iter().any(|field| SINCE.contains(&field.as_str()))
}

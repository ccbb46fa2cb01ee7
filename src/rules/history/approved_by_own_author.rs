//! By the commits, nobody but the approver wrote what was approved.

use super::approved;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Edition, Life, Substance},
    rules::documents::only_author_approved,
    sms::{
        Person, Sms,
        evidence::{Approval, Arrival, Proof, Strength, Who},
    },
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    name: "approved-by-own-author",
    summary: "by the commits, nobody but the approver wrote what was approved",
    checks: &["DOC-03"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("approved_by_own_author.md"),
    check,
};

/// A document that was approved longer ago than this when it was committed first was written
/// elsewhere, in days.
const BROUGHT_ALONG: i32 = 31;

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in approved(sms) {
        if only_author_approved(sms, document) {
            // Front matter says it already.
            continue;
        }
        let substance = sms.substance(document);
        let approvals = sms.approvals(position);
        let Some(life) = sms.life(document) else { continue };
        let written = written_for(sms, life, &substance, approvals);
        let of_now: Vec<&Approval> = approvals.iter().filter(|approval| approval.substance == substance).collect();
        let approvers = shown_best(&of_now);
        if approvers.is_empty() || is_brought_along(sms, &written) {
            continue;
        }
        let best = of_now.iter().filter(|approval| approval.day.is_some()).max_by_key(|approval| approval.strength);
        let day = best.and_then(|approval| approval.day).map(|day| format!(" on {day}")).unwrap_or_default();
        let others = |author: &Person| {
            document.entry_kind.is_some() && others_wrote_entries(sms, document, life, &written, author)
        };
        let Some(author) = only_writer(sms, &written).filter(|author| !others(author)) else {
            also_wrote(sms, document, &without_its_day(life, &written), &approvers, &day, findings);
            continue;
        };
        if approvers.iter().any(|by| !by.eq_ignore_ascii_case(&author.id)) {
            continue;
        }
        let commits = match written.len() {
            1 => "one commit".to_owned(),
            count => format!("{count} commits"),
        };
        let finding = findings.report(
            document,
            document.field("approved_by"),
            format!("`{}` approved{day} what by the history nobody else wrote ({commits})", author.id),
            "have somebody else with the authority approve it",
        );
        if document.filled("author") {
            finding.related(document.field("author"), "said to be the author");
        }
    }
}

/// Without the states that were approved as they were, but for the first day of force: to set that
/// is part of approving.
fn without_its_day<'a>(life: &Life, written: &[&'a Edition]) -> Vec<&'a Edition> {
    let sets_day = |edition: &Edition| {
        let before = life.editions().skip_while(|one| one.commit != edition.commit).nth(1);
        edition.marks.is_approved()
            && before.is_some_and(|before| {
                !before.marks.is_approved() && before.marks.effective_from != edition.marks.effective_from
            })
    };
    written.iter().copied().filter(|edition| !sets_day(edition)).collect()
}

/// Whoever approves and wrote along read their own words; others did too, so it is worth a look.
fn also_wrote(
    sms: &Sms,
    document: &Document,
    written: &[&Edition],
    approvers: &BTreeSet<&str>,
    day: &str,
    findings: &mut Findings<'_>,
) {
    let commits = written.iter().filter_map(|edition| sms.evidence.history.commit(edition.commit));
    let wrote: BTreeSet<&str> =
        commits.flat_map(|commit| sms.authors(commit)).map(|person| person.id.as_str()).collect();
    // Somebody who wrote nothing approved as well.
    if let Some(approver) = approvers.first().filter(|_| approvers.iter().all(|by| wrote.contains(by))) {
        findings
            .report(
                document,
                document.field("approved_by"),
                format!("`{approver}` approved{day} what by the history they wrote along"),
                "have somebody who did not write it look at it as well",
            )
            .at_most(Level::Note);
    }
}

/// The states that gave a document this substance, since the last other one that was approved and
/// stood on the default branch: those that changed the substance, newest first.
fn written_for<'a>(sms: &Sms, life: &'a Life, substance: &Substance, approvals: &[Approval]) -> Vec<&'a Edition> {
    let mut approved_before: BTreeSet<&Substance> =
        approvals.iter().map(|approval| &approval.substance).filter(|one| *one != substance).collect();
    if !approved_before.is_empty() {
        let on_line = sms.line(life);
        let stood =
            |one: &Substance| on_line.iter().filter_map(Arrival::edition).any(|edition| edition.substance == *one);
        approved_before.retain(|one| stood(one));
    }
    let since: Vec<&Edition> = life.editions().skip_while(|edition| edition.substance != *substance).collect();
    let end = since.iter().position(|edition| approved_before.contains(&edition.substance)).unwrap_or(since.len());
    let changes = |index: &usize| since.get(index + 1).is_none_or(|before| before.substance != since[*index].substance);
    (0..end).filter(changes).map(|index| since[index]).collect()
}

/// Whether somebody else wrote entries of a register since its last other approved state.
fn others_wrote_entries(sms: &Sms, register: &Document, life: &Life, written: &[&Edition], author: &Person) -> bool {
    let history = &sms.evidence.history;
    let oldest = written.last().map(|edition| edition.commit);
    let mut before = life.editions().skip_while(|edition| Some(edition.commit) != oldest).skip(1);
    let since = before.next().and_then(|edition| history.place(edition.commit)).unwrap_or(usize::MAX);
    let versions = history.versions(sms.path(register)).iter();
    let commits = versions.filter(|version| history.place(version.commit).is_some_and(|place| place < since));
    commits
        .filter_map(|version| history.commit(version.commit))
        .any(|commit| sms.author(commit).is_none_or(|person| person.id != author.id))
}

/// The one person who committed all of these states; none where others or unknown people did.
/// A co-author is only named by whoever writes the message: that makes no second pair of eyes.
fn only_writer<'a>(sms: &'a Sms, written: &[&Edition]) -> Option<&'a Person> {
    let history = &sms.evidence.history;
    let mut only: Option<&Person> = None;
    for edition in written {
        match sms.who(&history.commit(edition.commit)?.author) {
            Who::Person(person) if only.is_none_or(|only| only.id == person.id) => only = Some(person),
            // What a program changes makes none either.
            Who::Bot => {}
            Who::Person(_) | Who::Platform | Who::Unknown => return None,
        }
    }
    only
}

/// Whether it was approved long before it was committed: who wrote it cannot be told.
fn is_brought_along(sms: &Sms, written: &[&Edition]) -> bool {
    written.iter().any(|edition| {
        edition.marks.is_approved()
            && edition
                .marks
                .approved_on
                .zip(sms.committed_on(edition.commit))
                .is_some_and(|(approved, committed)| crate::calendar::days_between(approved, committed) > BROUGHT_ALONG)
    })
}

/// Who approved, by what shows it best: fields alone count only where there is nothing else, since
/// they name everybody who held the role.
fn shown_best<'a>(approvals: &[&'a Approval]) -> BTreeSet<&'a str> {
    let is_shown =
        |approval: &&&Approval| approval.strength > Strength::Claimed || matches!(approval.proof, Proof::Trailer(..));
    let shown: BTreeSet<&str> = approvals.iter().filter(is_shown).map(|approval| approval.by.as_str()).collect();
    if shown.is_empty() { approvals.iter().map(|approval| approval.by.as_str()).collect() } else { shown }
}

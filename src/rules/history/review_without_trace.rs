//! The day of the last review was moved, and nothing shows a review.

use super::{named, short};
use crate::{
    calendar::{Date, parse_day},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Commit, Edition, ObjectId},
    sms::{
        Party, Sms,
        evidence::{Strength, Who},
    },
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "review-without-trace",
    summary: "the day of the last review was moved, and nothing shows a review",
    checks: &["EVD-05"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("review_without_trace.md"),
    check,
};

/// So many documents are not looked at in one commit.
const MANY: usize = 10;

/// What a commit that moved the day shows of a review.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trace {
    /// Nothing.
    None,
    /// Only that somebody moved it who answers for the document.
    OwnCommit,
}

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() || sms.people.persons.iter().all(|person| person.emails.is_empty()) {
        return;
    }
    // By the place of the commit in the history.
    let mut moved: BTreeMap<usize, Vec<(&Document, Trace)>> = BTreeMap::new();
    for document in sms.documents.iter().filter(|document| sms.is_controlled(document)) {
        let Some((edition, before)) = moved_by(sms, document) else { continue };
        let Some(commit) = sms.evidence.history.commit(edition.commit) else { continue };
        let Some(trace) = trace(sms, document, edition, commit) else {
            claimed(sms, document, findings);
            continue;
        };
        if trace == Trace::OwnCommit && before.substance != edition.substance {
            continue;
        }
        let place = sms.evidence.history.place(commit.id).unwrap_or(usize::MAX);
        moved.entry(place).or_default().push((document, trace));
    }
    for (place, documents) in moved {
        let Some(commit) = sms.evidence.history.commits.get(place).map(|commit| commit.id) else { continue };
        for trace in [Trace::None, Trace::OwnCommit] {
            let same: Vec<&Document> =
                documents.iter().filter(|(_, other)| *other == trace).map(|(document, _)| *document).collect();
            if same.len() > MANY {
                report_many(sms, &same, commit, trace, findings);
            } else if trace == Trace::None {
                for document in same {
                    report(sms, document, commit, findings);
                }
            }
        }
    }
}

/// The state in which a document first had the day of review that it has now, and the one before.
/// None where the day was there from the beginning or came with an approval.
fn moved_by<'a>(sms: &'a Sms, document: &Document) -> Option<(&'a Edition, &'a Edition)> {
    let day = document.day("last_reviewed")?;
    let editions: Vec<&Edition> = sms.life(document)?.editions().collect();
    let same = editions.iter().take_while(|edition| edition.marks.last_reviewed == Some(day)).count();
    let edition = editions.get(same.checked_sub(1)?)?;
    let before = editions.get(same)?;
    let with_approval = edition.marks.approved_on.is_some_and(|approved| approved >= day);
    let started = sms.configuration.started;
    let before_start = started.is_some_and(|started| sms.arrived(edition).is_some_and(|arrived| arrived < started));
    (!with_approval && !before_start).then_some((*edition, *before))
}

/// What is missing as a trace; none where there is one.
fn trace(sms: &Sms, document: &Document, edition: &Edition, commit: &Commit) -> Option<Trace> {
    let history = &sms.evidence.history;
    let day = edition.marks.last_reviewed?;
    let recorded = document.items("reviews").any(|(_, review)| {
        review["date"].as_str().and_then(parse_day) == Some(day)
            && review["by"].as_str().is_some_and(|by| is_there(sms, by, day))
    });
    let merge = commit.merged_by.and_then(|id| history.commit(id));
    let mut carriers = std::iter::once(commit).chain(merge);
    let others = |carrier: &Commit| {
        sms.approvers_in_trailers(carrier)
            .iter()
            .any(|(person, _)| !sms.authors(commit).iter().any(|author| author.id == person.id))
    };
    // Whom nobody knows may be anybody; that is another finding.
    if recorded || carriers.clone().any(others) || sms.who(&commit.author) == Who::Unknown {
        return None;
    }
    let named = [&edition.marks.owner, &edition.marks.approved_by];
    let on = sms.committed_on(commit.id).unwrap_or(day);
    let answering: Vec<&str> = named
        .into_iter()
        .flatten()
        .flat_map(|id| sms.people.persons_of(id, on))
        .map(|person| person.id.as_str())
        .collect();
    let by_own = carriers.any(|carrier| sms.authors(carrier).iter().any(|one| answering.contains(&one.id.as_str())));
    Some(if by_own { Trace::OwnCommit } else { Trace::None })
}

/// A review that is recorded, by somebody else than who is said to have made it.
fn claimed(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some((edition, _)) = sms.life(document).and_then(|life| life.reviews().into_iter().next()) else { return };
    let review = sms.reviewing(edition);
    let is_of_now = edition.marks.reviewed() >= document.day("last_reviewed");
    if review.strength != Some(Strength::Claimed) || !is_of_now {
        return;
    }
    let by: Vec<String> = review.by.iter().map(|person| format!("`{}`", person.id)).collect();
    let by = if by.is_empty() { "somebody".to_owned() } else { by.join(" or ") };
    let day = edition.marks.reviewed().map(|day| format!(" on {day}")).unwrap_or_default();
    findings
        .report(
            document,
            document.field("last_reviewed"),
            format!("that {by} reviewed it{day} is only said by commit {}", named(sms, edition.commit)),
            "let whoever reviewed it commit or merge that; until then the day of review is a claim, and does not count where another look is shown",
        )
        .at_most(Level::Note);
}

/// Whether an id names a person who was there on a day, or a role that somebody held.
fn is_there(sms: &Sms, id: &str, day: Date) -> bool {
    matches!(sms.people.party(id, day), Party::Present(_) | Party::Held(..))
}

const HELP: &str =
    "record who looked at it in `reviews` (date, by, result), or name the reviewer by `Reviewed-by:` in the commit";

fn report(sms: &Sms, document: &Document, commit: ObjectId, findings: &mut Findings<'_>) {
    let day = document.text("last_reviewed").unwrap_or_default();
    let answers = [document.text("owner"), document.text("approved_by")];
    let mut answers: Vec<String> = answers.into_iter().flatten().map(|id| format!("`{id}`")).collect();
    answers.dedup();
    let neither = match answers.as_slice() {
        [] => String::new(),
        [one] => format!(", who is not {one}"),
        more => format!(", who is neither {}", more.join(" nor ")),
    };
    findings.report(
        document,
        document.field("last_reviewed"),
        format!("that it was reviewed on {day} is only said by commit {}{neither}", named(sms, commit)),
        HELP,
    );
}

fn report_many(sms: &Sms, documents: &[&Document], commit: ObjectId, trace: Trace, findings: &mut Findings<'_>) {
    let Some(first) = documents.first() else { return };
    let finding = findings.report(
        first,
        first.field("last_reviewed"),
        format!(
            "commit {} moved the day of review of {} documents at once, and nothing shows who looked at them",
            named(sms, commit),
            documents.len()
        ),
        HELP,
    );
    finding.about(short(commit));
    if trace == Trace::OwnCommit {
        finding.at_most(Level::Note);
    }
}

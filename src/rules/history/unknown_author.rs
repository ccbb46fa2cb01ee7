//! Somebody changed documents whom nobody knows.

use crate::{
    calendar::Date,
    finding::{Basis, Drafts, Findings, Grade, Level, Rule},
    history::{Life, ObjectId},
    sms::{PEOPLE_FILE, Sms, evidence::Who},
    source::{Place, SourceId},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    name: "unknown-author",
    summary: "documents were changed by somebody whom people.yaml does not know",
    checks: &["EVD-05"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::Count,
    since: "0.1.0",
    docs: include_str!("unknown_author.md"),
    check,
};

/// What an address that nobody knows wrote.
struct Wrote {
    names: BTreeSet<String>,
    commits: BTreeSet<usize>,
}

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let knows_addresses = sms.people.persons.iter().any(|person| !person.emails.is_empty());
    if !sms.has_history() || !knows_addresses {
        return;
    }
    let place = people(sms);
    for (email, wrote) in unknown(sms) {
        let commits: Vec<_> =
            wrote.commits.iter().filter_map(|place| sms.evidence.history.commits.get(*place)).collect();
        let (Some(newest), Some(oldest)) = (commits.first(), commits.last()) else { continue };
        let day = |id: ObjectId| sms.committed_on(id);
        let before_start = |started: Date| day(newest.id).is_some_and(|day| day < started);
        if sms.configuration.started.is_some_and(before_start) {
            continue;
        }
        let said = |day: Option<Date>| day.map_or_else(|| "an unknown day".to_owned(), |day| day.to_string());
        let when = match (commits.len(), day(oldest.id) == day(newest.id)) {
            (1, _) => format!("one commit, {} of {}", super::short(newest.id), said(day(newest.id))),
            (count, true) => {
                format!("{count} commits of {}, the last is {}", said(day(newest.id)), super::short(newest.id))
            }
            (count, false) => format!(
                "{count} commits from {} to {}, the last is {}",
                said(day(oldest.id)),
                said(day(newest.id)),
                super::short(newest.id)
            ),
        };
        let names: Vec<&str> = wrote.names.iter().map(String::as_str).collect();
        let namesake = sms.people.persons.iter().find(|person| {
            names.iter().any(|name| name.eq_ignore_ascii_case(&person.name) || name.eq_ignore_ascii_case(&person.id))
        });
        let help = namesake.map_or_else(
            || "find out who it is: add the address to `email` of the person, or map it in `.mailmap`".to_owned(),
            |person| format!("if it is `{}`, add the address to `email` there, or map it in `.mailmap`", person.id),
        );
        findings
            .report_at(
                PEOPLE_FILE,
                place.clone(),
                format!("documents were changed by {} <{email}>, whom nobody here knows ({when})", names.join(" or ")),
                help,
            )
            .about(email.clone());
    }
}

/// The addresses that nobody knows, with the commits of theirs that changed documents, newest
/// first.
fn unknown(sms: &Sms) -> BTreeMap<String, Wrote> {
    let history = &sms.evidence.history;
    let events = sms.evidence.lives.values().flat_map(|life: &Life| &life.events);
    let changing: BTreeSet<usize> = events.filter_map(|event| history.place(event.commit())).collect();
    let mut unknown: BTreeMap<String, Wrote> = BTreeMap::new();
    for place in changing {
        let Some(commit) = history.commits.get(place) else { continue };
        for signature in std::iter::once(&commit.author).chain(&commit.co_authors) {
            if sms.people.who(signature, history) != Who::Unknown {
                continue;
            }
            let resolved = history.person(signature);
            let wrote = unknown
                .entry(resolved.email.to_lowercase())
                .or_insert_with(|| Wrote { names: BTreeSet::new(), commits: BTreeSet::new() });
            wrote.names.insert(resolved.name);
            wrote.commits.insert(place);
        }
    }
    unknown
}

/// The place in `people.yaml` where persons are listed.
fn people(sms: &Sms) -> Place {
    let source = sms.files.get(PEOPLE_FILE).and_then(|file| file.source);
    let place = |source: SourceId| {
        let text = sms.source(source).text();
        let start = text.find("people:").unwrap_or(0);
        let end = text[start..].find('\n').map_or(text.len(), |line| start + line);
        Place { source, span: start..end, pointer: "/people".to_owned() }
    };
    source.map_or_else(|| sms.absence(), place)
}

//! Somebody changed documents whom nobody knows.

use crate::{
    calendar::Date,
    configuration::FILE,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Event, Life, Moment, ObjectId},
    sms::{
        Need, PEOPLE_FILE, Person, SIGNERS_FILE, Sms,
        evidence::{Who, calls_itself_program},
        wanted,
    },
    source::{Place, SourceId},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    name: "unknown-author",
    summary: "the SMS was changed by somebody whom people.yaml does not know, or not at that time",
    checks: &["EVD-05"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::Count,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("unknown_author.md"),
    check,
};

/// What somebody wrote.
#[derive(Default)]
struct Wrote {
    names: BTreeSet<String>,
    commits: BTreeSet<usize>,
    who: Option<Stranger>,
}

/// Who is no person of `people.yaml`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stranger {
    Unknown,
    CallsItselfProgram,
    Platform,
}

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let knows_addresses = sms.people.persons.iter().any(|person| !person.emails.is_empty());
    if !sms.has_history() || !knows_addresses {
        return;
    }
    let changing = changing(sms);
    let place = people(sms);
    for (email, wrote) in unknown(sms, &changing) {
        let Some(when) = when(sms, &wrote.commits) else { continue };
        let names: Vec<&str> = wrote.names.iter().map(String::as_str).collect();
        let namesake = sms.people.persons.iter().find(|person| {
            names.iter().any(|name| name.eq_ignore_ascii_case(&person.name) || name.eq_ignore_ascii_case(&person.id))
        });
        let whom = match wrote.who {
            Some(Stranger::Platform) => "the address with which the hosting platform merges, and which names no author",
            Some(Stranger::CallsItselfProgram) => "who calls itself a program, and whom nobody here knows",
            _ => "whom nobody here knows",
        };
        let help = match (namesake, wrote.who) {
            (Some(person), _) => format!(
                "if it is `{}`, add the address to `email` there, or map it in `.mailmap` and commit that",
                person.id
            ),
            (None, Some(Stranger::CallsItselfProgram)) => {
                format!("if it is a program of yours, list it in `{PEOPLE_FILE}` with `program: true`")
            }
            (None, Some(Stranger::Platform)) => {
                "find out on the platform who it was; let people commit under their own address".to_owned()
            }
            (None, _) => "find out who it is: add the address to `email` of the person, or map it in `.mailmap` and \
                          commit that"
                .to_owned(),
        };
        let message = format!("the SMS was changed by {} <{email}>, {whom} ({when})", names.join(" or "));
        findings.report_at(PEOPLE_FILE, place.clone(), message, help).about(email.clone());
    }
    for (person, commits) in absent(sms, &changing) {
        let Some(when) = when(sms, &commits) else { continue };
        let until = person.until.map(|day| format!("was there until {day}"));
        let from = person.from.map(|day| format!("is there from {day}"));
        let times: Vec<String> = from.into_iter().chain(until).collect();
        findings
            .report_at(
                PEOPLE_FILE,
                person.place.clone(),
                format!("`{}` {} and changed the SMS at another time ({when})", person.id, times.join(", ")),
                "correct `from` and `until`, or find out who used the account",
            )
            .about(person.id.clone());
    }
}

/// When commits were made; none where all were before the day on which the SMS started.
fn when(sms: &Sms, commits: &BTreeSet<usize>) -> Option<String> {
    let commits: Vec<_> = commits.iter().filter_map(|place| sms.evidence.history.commits.get(*place)).collect();
    let (newest, oldest) = (commits.first()?, commits.last()?);
    let day = |id: ObjectId| sms.committed_on(id);
    let before_start = |started: Date| day(newest.id).is_some_and(|day| day < started);
    if sms.configuration.started.is_some_and(before_start) {
        return None;
    }
    let said = |day: Option<Date>| day.map_or_else(|| "an unknown day".to_owned(), |day| day.to_string());
    Some(match (commits.len(), day(oldest.id) == day(newest.id)) {
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
    })
}

/// The places of the commits that changed the SMS: documents, data sets, what is attached, and what
/// says how all of it is judged.
fn changing(sms: &Sms) -> Vec<usize> {
    let history = &sms.evidence.history;
    let attached = sms.attached_paths();
    let is_part = |path: &str| {
        wanted(path, &sms.configuration) == Need::Data
            || [FILE, PEOPLE_FILE, SIGNERS_FILE, ".mailmap", ".git-blame-ignore-revs"].contains(&path)
            || sms.configuration.heads.as_deref() == Some(path)
            || crate::codeowners::is_file(path)
            || attached.contains(path)
    };
    let files = history.versions.iter().chain(&history.gone).filter(|(path, _)| is_part(path));
    let versions = files.flat_map(|(_, versions)| versions).map(|version| version.commit);
    let events = sms.evidence.lives.values().flat_map(|life: &Life| &life.events).map(Event::commit);
    let mut places: Vec<usize> = events.chain(versions).filter_map(|commit| history.place(commit)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The addresses that mean no person and no known program, with their commits, newest first.
fn unknown(sms: &Sms, changing: &[usize]) -> BTreeMap<String, Wrote> {
    let history = &sms.evidence.history;
    let mut unknown: BTreeMap<String, Wrote> = BTreeMap::new();
    for place in changing {
        let Some(commit) = history.commits.get(*place) else { continue };
        for (index, signature) in commit.writers().enumerate() {
            let who = match sms.who(signature) {
                Who::Unknown => Stranger::Unknown,
                Who::Platform if index == 0 => Stranger::Platform,
                Who::Person(_) | Who::Bot | Who::Platform => continue,
            };
            let resolved = sms.people.resolved(signature, history);
            let is_program = who == Stranger::Unknown && calls_itself_program(&resolved);
            let who = if is_program { Stranger::CallsItselfProgram } else { who };
            let wrote = unknown.entry(resolved.email.to_lowercase()).or_default();
            wrote.who = Some(who);
            wrote.names.insert(resolved.name.to_string());
            wrote.commits.insert(*place);
        }
    }
    unknown
}

/// Persons with the commits that they wrote before their first day or after their last.
fn absent<'a>(sms: &'a Sms, changing: &[usize]) -> Vec<(&'a Person, BTreeSet<usize>)> {
    let history = &sms.evidence.history;
    let mut absent: BTreeMap<&str, (&Person, BTreeSet<usize>)> = BTreeMap::new();
    for place in changing {
        let Some(commit) = history.commits.get(*place) else { continue };
        // When it was written counts: somebody else may merge it later.
        let Some(day) = commit.authored.or(commit.committed).and_then(Moment::day) else { continue };
        for person in sms.authors(commit) {
            let is_there = person.from.is_none_or(|from| from <= day) && person.until.is_none_or(|until| day <= until);
            if !is_there {
                absent.entry(&person.id).or_insert_with(|| (person, BTreeSet::new())).1.insert(*place);
            }
        }
    }
    absent.into_values().collect()
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

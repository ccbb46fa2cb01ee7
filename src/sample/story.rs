//! The history of the sample: drafts, reviews, approvals and revisions of documents, records and
//! register entries month by month, exports of tickets, a few renames, and at the end a branch
//! with a bad change. The last commit on `main` has exactly the files of the sample.

#![expect(
    clippy::similar_names,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    clippy::unused_self,
    reason = "one story, told in order"
)]

mod documents;
mod registers;

use super::{DAY, SAMPLE};
use crate::{
    calendar::{Date, Interval},
    document::Document,
    sms::Sms,
};
use jiff::ToSpan;
use std::collections::BTreeMap;

/// The branch that brings a bad change.
pub const BAD_BRANCH: &str = "bad-change";

/// A commit of the history.
#[derive(Clone, Debug)]
pub struct Step {
    /// The day.
    pub day: Date,
    /// Seconds since 1970-01-01 UTC.
    pub time: i64,
    /// Minutes east of UTC.
    pub offset: i32,
    /// Name and e-mail address of who commits.
    pub who: (String, String),
    /// The branch.
    pub branch: String,
    /// The branch that is merged.
    pub merges: Option<String>,
    /// The message.
    pub message: String,
    /// What changes: new bytes, or none where a file goes.
    pub changes: Vec<(String, Option<Vec<u8>>)>,
}

/// Where documents stood before they were moved: path today, path then, day of the move.
const RENAMES: &[(&str, &str, Date)] = &[
    ("policies/service-management.md", "policies/quality-of-service.md", Date::constant(2024, 9, 16)),
    ("processes/01-incident-management.md", "processes/incidents.md", Date::constant(2025, 3, 10)),
    ("plans/continuity-plan.md", "plans/emergency-plan.md", Date::constant(2025, 2, 3)),
];

const START: Date = Date::constant(2024, 6, 3);

/// The whole history, in order.
pub fn story(sms: &Sms) -> Vec<Step> {
    let mut teller = Teller { sms, steps: Vec::new() };
    teller.beginning();
    for (path, _) in SAMPLE {
        teller.file(path);
    }
    teller.renames();
    let mut steps = teller.steps;
    steps.sort_by(|a, b| (a.time, &a.message).cmp(&(b.time, &b.message)));
    steps.push(bad_change(sms));
    steps
}

struct Teller<'a> {
    sms: &'a Sms,
    steps: Vec<Step>,
}

impl<'a> Teller<'a> {
    /// What is there from the first day: configuration, people, files without a date.
    fn beginning(&mut self) {
        let mut changes = Vec::new();
        for (path, bytes) in SAMPLE {
            let is_document = self.sms.documents.iter().any(|document| self.sms.path(document) == *path);
            let is_data = self.sms.configuration.data_set(path).is_some();
            if !is_document && !is_data {
                changes.push(((*path).to_owned(), Some(self.without_leavers(path, bytes))));
            }
        }
        self.step(START, 9, "bo.samplesen", "sms: start of the repository".to_owned(), changes);
        for person in self.sms.people.persons.iter().filter(|person| person.until.is_some()) {
            let Some(day) = person.until else { continue };
            let change = (crate::sms::PEOPLE_FILE.to_owned(), Some(sample(crate::sms::PEOPLE_FILE).to_vec()));
            self.step(day, 15, "bo.samplesen", format!("people: {} leaves", person.name), vec![change]);
        }
    }

    fn without_leavers(&self, path: &str, bytes: &[u8]) -> Vec<u8> {
        if path != crate::sms::PEOPLE_FILE {
            return bytes.to_vec();
        }
        let text = String::from_utf8_lossy(bytes);
        let kept: String = text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("until:")).collect();
        kept.into_bytes()
    }

    fn file(&mut self, path: &str) {
        let Some(source) = self.sms.files.get(path).and_then(|file| file.source) else { return };
        if let Some(population) = self.sms.populations.iter().find(|population| population.source == source) {
            self.data_set(path, population);
            return;
        }
        let documents: Vec<&Document> =
            self.sms.documents.iter().filter(|document| document.source == source).collect();
        match documents.first() {
            None => {}
            Some(register) if register.entry_kind.is_some() => self.register(path, register),
            Some(document) if self.sms.is_controlled(document) => self.controlled(path, document),
            Some(record) => self.record(path, record),
        }
    }

    /// Lets documents stand under their earlier paths until the day of the move.
    fn renames(&mut self) {
        for (now, then, day) in RENAMES {
            let mut latest = None;
            let mut before: Vec<&mut Step> = self.steps.iter_mut().filter(|step| step.day < *day).collect();
            before.sort_by_key(|step| step.time);
            for step in before {
                for (path, bytes) in step.changes.iter_mut().filter(|(path, _)| path == now) {
                    (*then).clone_into(path);
                    latest = Some(bytes.clone());
                }
            }
            if let Some(bytes) = latest {
                let changes = vec![((*then).to_owned(), None), ((*now).to_owned(), bytes)];
                self.step(*day, 8, "kari.madeup", format!("{}: rename {then} to {now}", area(now)), changes);
            }
        }
    }

    fn last(&self, path: &str) -> Vec<(String, Option<Vec<u8>>)> {
        vec![(path.to_owned(), Some(sample(path).to_vec()))]
    }

    fn text(&self, document: &Document) -> &'a str {
        let sms: &'a Sms = self.sms;
        sms.source(document.source).text()
    }

    fn step(&mut self, day: Date, hour: i8, who: &str, message: String, changes: Vec<(String, Option<Vec<u8>>)>) {
        self.step_on("main", None, day, hour, who, message, changes);
    }

    #[expect(clippy::too_many_arguments, reason = "a commit has this many parts")]
    fn step_on(
        &mut self,
        branch: &str,
        merges: Option<String>,
        day: Date,
        hour: i8,
        who: &str,
        message: String,
        changes: Vec<(String, Option<Vec<u8>>)>,
    ) {
        let (time, offset) = moment(self.sms, day, hour, &message);
        self.steps.push(Step {
            day,
            time,
            offset,
            who: identity(self.sms, who, day),
            branch: branch.to_owned(),
            merges,
            message,
            changes,
        });
    }
}

fn sample(path: &str) -> &'static [u8] {
    super::file(path).unwrap_or_default()
}

fn area(path: &str) -> &str {
    path.split_once('/').map_or("sms", |(area, _)| area)
}

fn after(day: Date, days: i32) -> Date {
    day.checked_add(days.days()).unwrap_or(day).min(last_working_day(DAY))
}

fn month_end(day: Date) -> Date {
    last_working_day(day.last_of_month())
}

fn last_working_day(day: Date) -> Date {
    let back = match day.weekday() {
        jiff::civil::Weekday::Saturday => 1,
        jiff::civil::Weekday::Sunday => 2,
        _ => 0,
    };
    Interval { months: 0, days: back }.before(day)
}

/// Name and address of a person, or of who held a role on a day.
fn identity(sms: &Sms, who: &str, day: Date) -> (String, String) {
    let persons = sms.people.persons_of(who, day);
    let person = persons
        .first()
        .copied()
        .or_else(|| sms.people.persons_of(who, DAY).first().copied())
        .or_else(|| sms.people.person("bo.samplesen"));
    let name = person.map_or(who, |person| person.name.as_str());
    let email = person.and_then(|person| person.emails.first()).map_or(who, String::as_str);
    (name.to_owned(), email.to_owned())
}

/// A time of a day near an hour; the minute comes from the message, so that it is the same every
/// time and not the same for all.
fn moment(sms: &Sms, day: Date, hour: i8, message: &str) -> (i64, i32) {
    let seed = message.bytes().fold(17_u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let minute = i8::try_from(seed % 58).unwrap_or(0);
    let zone = sms.configuration.time_zone();
    let zoned = day.at(hour, minute, i8::try_from(seed / 64 % 60).unwrap_or(0), 0).to_zoned(zone);
    zoned.map_or((0, 0), |zoned| (zoned.timestamp().as_second(), zoned.offset().seconds() / 60))
}

/// A change that should not be merged: a target lowered without a new approval, an owner who has
/// left, a mandatory part removed, a link broken.
fn bad_change(sms: &Sms) -> Step {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let mut edit = |path: &'static str, from: &str, to: &str| {
        let text = files.entry(path).or_insert_with(|| String::from_utf8_lossy(sample(path)).into_owned());
        *text = text.replacen(from, to, 1);
    };
    edit("policies/service-management.md", "owner: top-management", "owner: lars.imaginar");
    edit("policies/service-management.md", "(../scope.md)", "(../scope-of-the-sms.md)");
    edit("services/backup-and-restore.yaml", "status: approved", "status: aproved");
    edit("services/managed-workplace.yaml", "SVC-002", "SVC-020");
    let changes = files.into_iter().map(|(path, text)| (path.to_owned(), Some(text.into_bytes()))).collect();
    let message = "services: small corrections".to_owned();
    let (time, offset) = moment(sms, DAY, 18, &message);
    let who = identity(sms, "finn.testerman", DAY);
    Step { day: DAY, time, offset, who, branch: BAD_BRANCH.to_owned(), merges: None, message, changes }
}

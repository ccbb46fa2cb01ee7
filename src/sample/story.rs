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

use super::{
    DAY, SAMPLE,
    earlier::{self, Edits, Version},
};
use crate::{
    calendar::{Date, Interval, days_between},
    document::{Document, Population},
    sms::Sms,
    yaml::Node,
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

    /// A document with versions: a draft, its review, its approval; later versions on branches
    /// that the approver merges; a review that changed nothing.
    fn controlled(&mut self, path: &str, document: &Document) {
        let text = self.text(document);
        let node = document.node();
        let approved = document.day("approved_on").unwrap_or(DAY);
        let mut versions = earlier::versions(node);
        if versions.last().is_none_or(|last| last.day != approved) {
            versions.push(Version {
                number: document.text("version").unwrap_or("1.0").to_owned(),
                day: approved,
                author: None,
                approver: None,
                summary: format!("Version {}", document.text("version").unwrap_or("1.0")),
            });
        }
        let count = versions.len();
        for (index, version) in versions.iter().enumerate() {
            let is_last = index + 1 == count;
            let content = |status: Option<&str>| {
                let mut edits = Edits::default();
                if !is_last {
                    earlier::at_version(text, node, version, &mut edits);
                } else if let Some(kind) = self.sms.kind(document) {
                    earlier::as_approved(text, node, &kind.compiled().shape, version.day, &mut edits);
                }
                if let Some(status) = status {
                    earlier::unapproved(text, node, status, &mut edits);
                }
                drop_sections(text, document, count - 1 - index, &mut edits);
                edits.apply(text).into_bytes()
            };
            let author =
                version.author.clone().or_else(|| document.list("author").first().map(|author| (*author).to_owned()));
            let author = author.unwrap_or_else(|| "bo.samplesen".to_owned());
            let approver = version
                .approver
                .clone()
                .or_else(|| document.text("approved_by").map(str::to_owned))
                .unwrap_or_else(|| author.clone());
            let name = &document.id;
            let change = |content: Vec<u8>| vec![(path.to_owned(), Some(content))];
            let ago = |days: i32| version.day.checked_sub(days.days()).unwrap_or(START).max(START);
            let area = area(path);
            if index == 0 {
                self.step(
                    ago(18),
                    10,
                    &author,
                    format!("{area}: draft {name} {}", document.title()),
                    change(content(Some("draft"))),
                );
                self.step(
                    ago(6),
                    14,
                    &author,
                    format!("{area}: {name} ready for review"),
                    change(content(Some("in-review"))),
                );
                let message = format!(
                    "{area}: approve {name} {}\n\n{}\n\nApproved-by: {approver}",
                    version.number, version.summary
                );
                self.step(version.day, 11, &approver, message, change(content(None)));
            } else {
                let branch = format!("revise-{}-{}", document.id.to_lowercase(), version.number);
                let message = format!("{area}: revise {name}\n\n{}", version.summary);
                self.step_on(&branch, None, ago(9), 13, &author, message, change(content(Some("in-review"))));
                let message = format!(
                    "{area}: approve {name} {}\n\n{}\n\nApproved-by: {approver}",
                    version.number, version.summary
                );
                self.step_on("main", Some(branch), version.day, 11, &approver, message, change(content(None)));
            }
        }
        if let Some(day) = document.day("last_reviewed").filter(|day| *day > approved) {
            // Whoever looked commits it.
            let recorded = document.items("reviews").filter_map(|(_, review)| review["by"].as_str()).last();
            let reviewer = recorded.or(document.text("owner")).unwrap_or("bo.samplesen").to_owned();
            self.step(
                day,
                15,
                &reviewer,
                format!("{}: {} reviewed, no change", area(path), document.id),
                self.last(path),
            );
        } else if document.node().get("change_log").is_some() {
            // What the last version's text says is the file itself.
            let approver = document.text("approved_by").unwrap_or("bo.samplesen").to_owned();
            self.step(approved, 16, &approver, format!("{}: {} filed", area(path), document.id), self.last(path));
        }
    }

    /// A register: its entries appear and change month by month.
    fn register(&mut self, path: &str, register: &Document) {
        let text = self.text(register);
        let (Some(node), _) = crate::yaml::read(text, 0) else { return };
        let Some(items) = node.get("entries").map(Node::items) else { return };
        let kind = register.entry_kind.as_deref().and_then(|kind| self.sms.kinds.get(kind));
        let notes = kind.map(|kind| kind.compiled().notes.clone()).unwrap_or_default();
        let state = notes.states.first().map(|first| (notes.state_field.as_str(), first.as_str()));
        let known: Vec<Vec<Date>> = items.iter().map(|item| earlier::known_on(text, item)).collect();
        let mut versions = earlier::versions(&node);
        if versions.is_empty() {
            let number = register.text("version").unwrap_or("1.0");
            let version = |number: &str, day: Date| Version {
                number: number.to_owned(),
                day,
                author: None,
                approver: None,
                summary: format!("Version {number}"),
            };
            versions = vec![version("1.0", START), version(number, register.day("approved_on").unwrap_or(START))];
        }
        // Entries are older than the oldest version that the change log still names: the register
        // was there when they were made.
        let oldest = known.iter().flatten().copied().filter(|day| *day > START).min().map(month_end);
        if let (Some(oldest), Some(named)) = (oldest, versions.first().map(|version| version.day))
            && oldest < named
        {
            let summary = "Opened".to_owned();
            versions
                .insert(0, Version { number: "0.1".to_owned(), day: oldest, author: None, approver: None, summary });
        }
        let first = versions.first().map_or(START, |version| version.day).max(START);
        let mut days = vec![first];
        days.extend(known.iter().flatten().copied().filter(|day| *day > first).map(month_end));
        days.extend(versions.iter().map(|version| version.day).filter(|day| *day > first));
        days.sort_unstable();
        days.dedup();
        // Who keeps the register, not who approves it.
        let keeper = register.list("author").first().copied().or_else(|| register.text("owner"));
        let owner = keeper.unwrap_or("bo.samplesen").to_owned();
        let title = register.title().to_lowercase();
        let approved = |day: Date| versions.iter().find(|version| version.day.max(START) == day);
        let mut previous = String::new();
        for day in days.into_iter().filter(|day| *day < DAY) {
            let content = register_on(text, &node, items, &known, state, &versions, day);
            if content == previous {
                continue;
            }
            let change = vec![(path.to_owned(), Some(content.clone().into_bytes()))];
            if let Some(version) = approved(day) {
                let approver = version.approver.as_deref().or(register.text("approved_by")).unwrap_or(&owner);
                let message = format!(
                    "registers: approve {title} {}\n\n{}\n\nApproved-by: {approver}",
                    version.number, version.summary
                );
                let (proposed, _) = crate::yaml::read(&content, 0);
                let mut edits = Edits::default();
                if let Some(node) = &proposed {
                    earlier::unapproved(&content, node, "in-review", &mut edits);
                }
                let proposal = vec![(path.to_owned(), Some(edits.apply(&content).into_bytes()))];
                self.step(day, 10, &owner, format!("registers: {title} {} for approval", version.number), proposal);
                self.step(day, 15, approver, message, change);
            } else {
                let word = if previous.is_empty() { "opened" } else { "entries and updates" };
                self.step(day, 16, &owner, format!("registers: {title} {word}, {}", day.strftime("%B %Y")), change);
            }
            previous = content;
        }
        if previous != text {
            let day = last_working_day(DAY);
            self.step(day, 12, &owner, format!("registers: {title} up to date"), self.last(path));
        }
    }

    /// A record: written when it happened, completed when it was closed.
    fn record(&mut self, path: &str, record: &Document) {
        let text = self.text(record);
        let days = earlier::known_on(text, record.node());
        let dated = self.sms.dated(record).unwrap_or(DAY).max(START);
        let last = days.iter().copied().filter(|day| *day <= DAY).max().unwrap_or(dated).max(dated);
        let author = ["created_by", "author", "owner"]
            .into_iter()
            .find_map(|field| record.list(field).first().map(|author| (*author).to_owned()));
        let author = author.unwrap_or_else(|| "bo.samplesen".to_owned());
        if days_between(dated, last) > 10 {
            let notes = self.sms.kind(record).map(|kind| kind.compiled().notes.clone()).unwrap_or_default();
            let state = notes.states.first().map(|first| (notes.state_field.as_str(), first.as_str()));
            let mut edits = Edits::default();
            earlier::before(text, record.node(), dated, state, &mut edits);
            let change = vec![(path.to_owned(), Some(edits.apply(text).into_bytes()))];
            self.step(after(dated, 1), 9, &author, format!("records: {} {}", record.id, record.title()), change);
            self.step(after(last, 1), 14, &author, format!("records: {} completed", record.id), self.last(path));
        } else {
            self.step(
                after(last, 1),
                10,
                &author,
                format!("records: {} {}", record.id, record.title()),
                self.last(path),
            );
        }
    }

    /// A data set: an export a month, with what was closed by then.
    fn data_set(&mut self, path: &str, population: &Population) {
        let text = self.sms.source(population.source).text();
        let Some(kind) = self.sms.kinds.get(&population.kind) else { return };
        let day_of = |row: usize| {
            let fields = population.fields(text, row, kind);
            let of = |field: &str| {
                crate::kind::text(&fields, field).and_then(|text| crate::calendar::parse_day(text.get(..10)?))
            };
            of("closed_on").or_else(|| of("reported_on")).or_else(|| of("requested_on"))
        };
        let months: Vec<Date> = (0..population.rows.len()).map(|row| month_end(day_of(row).unwrap_or(START))).collect();
        let heading = &text[..population.rows.first().map_or(0, |row| row.span.start)];
        let mut ends = months.clone();
        ends.sort_unstable();
        ends.dedup();
        for end in ends.into_iter().filter(|end| *end < DAY) {
            let rows = population.rows.iter().zip(&months).filter(|(_, month)| **month <= end);
            let content = rows.fold(heading.to_owned(), |content, (row, _)| content + &text[row.span.clone()] + "\n");
            let message =
                format!("data: {} exported, {}", path.rsplit('/').next().unwrap_or(path), end.strftime("%B %Y"));
            self.step(end, 17, "dario.fictini", message, vec![(path.to_owned(), Some(content.into_bytes()))]);
        }
        let message = format!("data: {} exported, {}", path.rsplit('/').next().unwrap_or(path), DAY.strftime("%B %Y"));
        self.step(last_working_day(DAY), 13, "dario.fictini", message, self.last(path));
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

fn register_on(
    text: &str,
    node: &Node,
    items: &[Node],
    known: &[Vec<Date>],
    state: Option<(&str, &str)>,
    versions: &[Version],
    day: Date,
) -> String {
    let mut edits = Edits::default();
    if let Some(version) = versions.iter().rev().find(|version| version.day <= day).or(versions.first()) {
        earlier::at_version(text, node, version, &mut edits);
    } else {
        earlier::before(text, node, day, None, &mut edits);
    }
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut shown = 0;
    for (index, item) in items.iter().enumerate() {
        if known[index].first().is_none_or(|first| *first <= day) {
            earlier::before(text, item, day, state, &mut edits);
            shown += 1;
        } else {
            let end = items.get(index + 1).map_or(text.len(), |next| line_start(next.span.start));
            edits.remove(line_start(item.span.start)..end);
        }
    }
    if shown == 0
        && let Some(entry) = node.entry("entries")
    {
        edits.replace(entry.key_span.start..text.len(), "entries: []\n");
    }
    edits.apply(text)
}

/// An earlier version had fewer sections: the last ones are left out, never more than half.
fn drop_sections(text: &str, document: &Document, count: usize, edits: &mut Edits) {
    let Some(body) = &document.body else { return };
    let sections: Vec<usize> =
        body.headings.iter().filter(|heading| heading.level == 2).map(|heading| heading.span.start).collect();
    let keep = sections.len() - count.min(sections.len() / 2);
    if let Some(start) = sections.get(keep).filter(|_| count > 0) {
        edits.remove(*start..text.len());
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

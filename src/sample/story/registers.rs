//! How registers and exports of tickets grew, month by month.

use super::{START, Teller, last_working_day, month_end};
use crate::{
    calendar::Date,
    document::{Document, Population},
    sample::{
        DAY,
        earlier::{self, Edits, Version},
    },
    yaml::Node,
};

impl Teller<'_> {
    /// A register: its entries appear and change month by month.
    pub(super) fn register(&mut self, path: &str, register: &Document) {
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

    /// A data set: an export a month, with what was closed by then.
    pub(super) fn data_set(&mut self, path: &str, population: &Population) {
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

//! A closed record was changed after it was closed.

use super::{SHOWN, and_more, by_whom, named};
use crate::{
    document::{Document, Was},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::ObjectId,
    sms::{
        Sms,
        evidence::{Afterwards, AlteredRow, AlteredRows, FieldChange, Frozen, Reopened},
    },
};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "altered-closed-record",
    summary: "a closed record was changed after it was closed",
    checks: &["DOC-08"],
    clauses: &["7.5.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("altered_closed_record.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    // By the place of the commit in the history.
    let mut migrated: BTreeMap<usize, Vec<&Document>> = BTreeMap::new();
    for document in sms.not_as_closed() {
        let Some(frozen) = sms.frozen(document) else { continue };
        for commit in &frozen.migrated_by {
            let place = sms.evidence.history.place(*commit).unwrap_or(usize::MAX);
            migrated.entry(place).or_default().push(document);
        }
        if frozen.is_altered() {
            report(sms, document, &frozen, findings);
        } else if let Some(reopened) = frozen.reopened.as_ref().filter(|reopened| !reopened.is_same) {
            report_reopened(sms, document, reopened, findings);
        }
    }
    for (place, documents) in migrated {
        let (Some(commit), Some(first)) = (sms.evidence.history.commits.get(place), documents.first()) else {
            continue;
        };
        let who = named(sms, commit.id);
        let which = match documents.len() {
            1 => format!("the closed record `{}`", first.id),
            count => format!("{count} closed records, such as `{}`,", first.id),
        };
        findings
            .report(
                first,
                first.whole(),
                format!("{which} got other values by {who}, which {}", listed(sms, commit.id)),
                MIGRATED,
            )
            .about(commit.id.to_string())
            .at_most(level_of_migration(sms, commit.id));
    }
    for rows in sms.altered_rows() {
        report_rows(sms, rows, findings);
    }
}

/// What to do about what a migration brought.
const MIGRATED: &str = "see that the commit only brought the values into another form, and let somebody else than its \
                        author list it; undo what changed their meaning";

/// Who put a migration on the list.
fn listed(sms: &Sms, commit: ObjectId) -> String {
    match sms.listed_by(commit) {
        Some((by, true)) => format!("`.git-blame-ignore-revs` lists since {}", named(sms, by)),
        Some((by, false)) => {
            format!("`.git-blame-ignore-revs` lists since {}: not by another known person", named(sms, by))
        }
        None => "`.git-blame-ignore-revs` lists".to_owned(),
    }
}

/// Whoever alters a record may not make a note of it by listing the commit.
fn level_of_migration(sms: &Sms, commit: ObjectId) -> Level {
    if sms.listed_by(commit).is_some_and(|(_, is_other)| is_other) { Level::Note } else { Level::Warning }
}

fn report(sms: &Sms, document: &Document, frozen: &Frozen<'_>, findings: &mut Findings<'_>) {
    let changes = sms.fields_changed_since(document, frozen.edition).unwrap_or_default();
    let other_kind = document.kind != frozen.edition.marks.kind;
    let only_links = !changes.is_empty() && changes.iter().all(|change| only_links_added(sms, document, change));
    if only_links && !other_kind && !frozen.lost_addenda || may_be_gone(sms, frozen) {
        return;
    }
    let by = match (frozen.changed_by.as_slice(), frozen.is_uncommitted) {
        ([], _) => format!(" by {}", by_whom(sms, None)),
        ([one], false) => format!(" by {}", named(sms, *one)),
        ([one], true) => format!(" by {}, and by {}", named(sms, *one), by_whom(sms, None)),
        ([rest @ .., newest], _) => format!(" by {}, and {} earlier", named(sms, *newest), rest.len()),
    };
    // A folder or a register may say the kind, so that no field differs.
    let other_kind = other_kind && !changes.iter().any(|change| change.field == "kind");
    let also = [(other_kind, "kind"), (frozen.lost_addenda, "addenda")].into_iter().filter(|(is, _)| *is);
    let what = what_changed(document, &changes, also.map(|(_, field)| field));
    let closed = sms.committed_on(frozen.closed_by).map(|day| format!(" on {day}")).unwrap_or_default();
    let removed = frozen.removed_by.map(|commit| format!(", removed by {},", named(sms, commit))).unwrap_or_default();
    let is_there = |field: &str| field != "body" && document.is_written(field);
    let first = changes.iter().map(|change| change.field.as_str()).find(|field| is_there(field));
    let place = first.map_or_else(|| document.whole(), |field| document.field(field));
    let finding = findings.report(
        document,
        place,
        format!("`{}` was closed{closed}{removed} and changed since{by}{what}", document.id),
        "restore it and add the correction to `addenda` with day, author and reason; or reopen it if it is not finished",
    );
    if let Some(before) = changes.iter().find(|change| Some(change.field.as_str()) == first).and_then(was) {
        finding.label(before);
    }
    let others = changes.iter().filter(|change| is_there(&change.field) && Some(change.field.as_str()) != first);
    for change in others.take(SHOWN - 1) {
        finding.related(document.field(&change.field), was(change).unwrap_or_else(|| "changed since".to_owned()));
    }
    if changes.iter().any(|change| change.field == "body") {
        for span in sms.changes_since(document, &frozen.edition.substance).into_iter().take(SHOWN - 1) {
            finding.related(document.body(span), "changed since");
        }
    }
}

/// A record that was opened again, which is allowed, and is another one now: a person should know.
fn report_reopened(sms: &Sms, document: &Document, reopened: &Reopened<'_>, findings: &mut Findings<'_>) {
    let changes = sms.fields_changed_since(document, reopened.was).unwrap_or_default();
    let closed = sms.committed_on(reopened.closed_by).map(|day| format!(" on {day}")).unwrap_or_default();
    let message = format!(
        "`{}` was closed{closed}, opened again by {}, and is not as it was closed{}",
        document.id,
        named(sms, reopened.by),
        what_changed(document, &changes, std::iter::empty())
    );
    let help = "see that it says why it was opened again, and that nothing was lost: `attestry log` shows both states";
    let finding = findings.report(document, document.whole(), message, help);
    finding.about(format!("reopened {}", reopened.by)).at_most(Level::Note);
}

/// A colon and what is not as it was; nothing where nothing is known.
fn what_changed<'a>(document: &Document, changes: &'a [FieldChange], also: impl Iterator<Item = &'a str>) -> String {
    let name = |field: &str| match field {
        "body" => "the text".to_owned(),
        field => format!("`{}`", document.name_of(field)),
    };
    let names: Vec<String> = changes.iter().map(|change| change.field.as_str()).chain(also).map(name).collect();
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.is_empty() { String::new() } else { format!(": {shown}{}", and_more(names.len())) }
}

/// Whether a record that was removed could go: then what has its id now is another one, which is
/// told elsewhere.
fn may_be_gone(sms: &Sms, frozen: &Frozen<'_>) -> bool {
    let day = frozen.removed_by.and_then(|commit| sms.committed_on(commit));
    let closed = sms.committed_on(frozen.closed_by);
    day.zip(closed)
        .is_some_and(|(day, closed)| super::deleted_before_retention::may_go(sms, frozen.edition, closed, day))
}

/// What a short value was.
fn was(change: &FieldChange) -> Option<String> {
    let before = match &change.before {
        Value::Null => return Some("was not there".to_owned()),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    (before.chars().count() <= 40 && !before.contains('\n')).then(|| format!("was `{before}`"))
}

/// Whether a link was only added to where the other side of it asks for that.
fn only_links_added(sms: &Sms, document: &Document, change: &FieldChange) -> bool {
    let Some(kind) = sms.kind(document) else { return false };
    let is_two_sided = kind.compiled().notes.two_sided.iter().any(|(field, ..)| *field == change.field);
    let list = |value: &Value| match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let now = list(&change.now);
    is_two_sided && list(&change.before).iter().all(|one| now.contains(one))
}

/// Reports the closed rows that one commit altered: one finding, whatever their number.
fn report_rows(sms: &Sms, altered: &AlteredRows, findings: &mut Findings<'_>) {
    let population = &sms.populations[altered.population];
    let (source, rows) = (sms.source(population.source), &altered.rows);
    let by = by_whom(sms, altered.commit);
    let which = match rows.as_slice() {
        [one] if !altered.at_least => {
            format!("the closed row `{}` of `{}`", population.rows[one.row].id, source.path())
        }
        rows => {
            let at_least = if altered.at_least { "at least " } else { "" };
            format!("{at_least}{} closed rows of `{}`", rows.len(), source.path())
        }
    };
    let is = |one: &'static str, more: &'static str| if which.starts_with("the ") { one } else { more };
    let (said, help) = match altered.how {
        Afterwards::Changed => (
            format!("{} changed by {by}", is("was", "were")),
            "restore the values and export again; correct a ticket by opening it again, which the export is to count (`reopened_count`)",
        ),
        Afterwards::Completed => (
            format!("got values that {} not have by {by}", is("it did", "they did")),
            "see that what was added afterwards was known when they were closed",
        ),
        Afterwards::Reopened => (
            format!("{} opened again by {by}, and {} not say so", is("was", "were"), is("does", "do")),
            "close what was opened by mistake; where tickets are reopened, export the count (`reopened_count`) or the state `reopened`",
        ),
        Afterwards::Migrated => (
            format!(
                "got other values by {by}, which {}",
                altered.commit.map_or_else(String::new, |id| listed(sms, id))
            ),
            MIGRATED,
        ),
    };
    let Some(first) = rows.first() else { return };
    let state_field = sms.kinds.get(&population.kind).map_or("status", |kind| &kind.compiled().notes.state_field);
    let place = |row: &AlteredRow| {
        let field = row.was.first().map_or(state_field, |was| &was.field);
        let mut place = population.cell(source.text(), row.row, &format!("/{field}"));
        // Which row and field is the first changes with what is restored; the finding is the same.
        place.pointer.clear();
        place
    };
    let what = rows_in_words(altered, |field| population.name_of(field), |row| &population.rows[row].id);
    let finding = findings.report_at(source.path(), place(first), format!("{which} {said}{what}"), help);
    finding.about(format!("{} {:?}", altered.commit.map(|id| id.to_string()).unwrap_or_default(), altered.how));
    finding.at_most(match altered.how {
        Afterwards::Changed => Level::Error,
        Afterwards::Reopened => Level::Warning,
        Afterwards::Completed => Level::Note,
        Afterwards::Migrated => altered.commit.map_or(Level::Warning, |id| level_of_migration(sms, id)),
    });
    if let Some(label) = first.was.first().and_then(was_there) {
        finding.label(label);
    }
    for row in rows.iter().skip(1).take(SHOWN - 1) {
        finding.related(place(row), row.was.first().and_then(was_there).unwrap_or_else(|| "so here".to_owned()));
    }
}

/// Few rows each with their fields; of many how often which field, and the first.
fn rows_in_words<'a>(
    altered: &'a AlteredRows,
    name_of: impl Fn(&'a str) -> &'a str,
    id_of: impl Fn(usize) -> &'a String,
) -> String {
    let rows = &altered.rows;
    let names = |row: &'a AlteredRow| {
        let names: Vec<String> = row.was.iter().take(SHOWN).map(|was| format!("`{}`", name_of(&was.field))).collect();
        format!("{}{}", names.join(", "), and_more(row.was.len()))
    };
    let ids = || rows.iter().take(SHOWN).map(|row| format!("`{}`", id_of(row.row))).collect::<Vec<_>>();
    match rows.as_slice() {
        [one] if one.was.is_empty() => String::new(),
        [one] => format!(": {}", names(one)),
        _ if rows.iter().all(|row| row.was.is_empty()) => format!(": {}{}", ids().join(", "), and_more(rows.len())),
        few if few.len() <= SHOWN => {
            let each: Vec<String> = few.iter().map(|row| format!("`{}` ({})", id_of(row.row), names(row))).collect();
            format!(": {}", each.join("; "))
        }
        many => {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for was in many.iter().flat_map(|row| &row.was) {
                *counts.entry(name_of(&was.field)).or_default() += 1;
            }
            let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
            counts.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
            let fields: Vec<String> =
                counts.iter().take(SHOWN).map(|(name, count)| format!("`{name}` in {count}")).collect();
            format!(": {}{}; {}{}", fields.join(", "), and_more(counts.len()), ids().join(", "), and_more(many.len()))
        }
    }
}

fn was_there(was: &Was) -> Option<String> {
    match &was.before {
        Some(before) => Some(format!("was `{before}`")),
        None => was.added.then(|| "was added".to_owned()),
    }
}

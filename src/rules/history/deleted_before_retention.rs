//! A record was removed before the time for which it had to be kept was over.

use super::{SHOWN, and_more, by_whom, named};
use crate::{
    calendar::{Date, Interval, parse_day},
    document::{Document, REGISTER},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Edition, Life, ObjectId},
    kind::Form,
    sms::{Sms, Target, evidence::RemovedRows},
    source::Place,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    name: "deleted-before-retention",
    summary: "a record was removed before its retention had ended",
    checks: &["DOC-07"],
    clauses: &["7.5.3.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("deleted_before_retention.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    let renumbered: BTreeSet<&str> = sms.renumbered().iter().map(|one| one.from).collect();
    for (id, life) in sms.evidence.lives.iter() {
        if !life.is_gone() || renumbered.contains(id) {
            continue;
        }
        let Some(removed) = removed(sms, life) else { continue };
        let marks = &removed.last.marks;
        if sms.resolve(&marks.id) != Target::Missing {
            continue;
        }
        let Some((retention, is_own)) = retention(sms, removed.last) else { continue };
        let Some(interval) = Interval::parse(&retention) else { continue };
        let end = interval.after(removed.began);
        let started = sms.configuration.started;
        if removed.day >= end || started.is_some_and(|started| removed.day < started) {
            continue;
        }
        let removal = Removal { commit: Some(removed.commit), day: removed.day, began: removed.began, end, is_own };
        let weakness = match allowed(sms, &marks.id, &marks.kind, marks.dated, &removal) {
            Allowed::Yes => continue,
            Allowed::Weakly(disposal, why) => Some(format!("; `{}` allows it, but {why}", disposal.id)),
            Allowed::No => None,
        };
        let but = weakness.as_deref().unwrap_or_default();
        let whose = if is_own { "" } else { ", which attestry assumes" };
        let finding = findings.report_at(
            &marks.id,
            place(sms, removed.last),
            format!(
                "`{}` ({}) was removed by {}, and was to be kept until {end} ({retention} from {}{whose}){but}",
                marks.id,
                marks.kind,
                named(sms, removed.commit),
                removed.began
            ),
            "restore it; or say in a record of kind `disposal-record` which rule allowed it and who authorised it",
        );
        finding.about(removed.commit.to_string());
        if !is_own || weakness.is_some() {
            finding.at_most(Level::Warning);
        }
    }
    for removed in sms.removed_rows() {
        check_rows(sms, removed, findings);
    }
    check_emptied(sms, findings);
}

/// Data sets that had a file and have none, where no closed row is missed for it.
fn check_emptied(sms: &Sms, findings: &mut Findings<'_>) {
    let history = &sms.evidence.history;
    let data = &sms.configuration;
    for data_set in &data.data {
        let is_in = |path: &str| data.data_set(path).is_some_and(|one| one.pointer == data_set.pointer);
        if sms.files.keys().any(|path| is_in(path)) || sms.removed_rows().iter().any(|rows| is_in(&rows.path)) {
            continue;
        }
        let then = |path: &str| path.strip_prefix(&history.folder).map(str::to_owned);
        // The newest that had a file there, and what took it away.
        let last = history.versions.values().chain(history.gone.values()).filter_map(|versions| {
            let last =
                versions.iter().position(|one| one.blob.is_some() && then(&one.path).is_some_and(|it| is_in(&it)))?;
            let removal = last.checked_sub(1).map(|newer| versions[newer].commit);
            // What the default branch got since is nothing that the tree took away.
            let place = history.place(versions[last].commit)?;
            history.parted.and_then(|parted| history.place(parted)).filter(|parted| *parted <= place)?;
            Some((place, then(&versions[last].path)?, removal))
        });
        let Some((_, path, removal)) = last.min() else { continue };
        findings
            .report_at(
                &path,
                sms.absence(),
                format!(
                    "no file is in the data set `{}` ({}) any more: `{path}` was the last, until {}",
                    data_set.pattern.text,
                    data_set.kind,
                    by_whom(sms, removal)
                ),
                "restore it or correct `path` under `data`; take the entry out once a disposal record covers what it held",
            )
            .about(data_set.pointer.clone())
            .at_most(Level::Warning);
    }
}

/// What allows a removal, but weakly: the id of the disposal record, and why.
type Weakly<'a> = (&'a str, String);

/// Closed rows of a data set that one commit removed: one finding for all that nothing allowed, and
/// one for each disposal record that is a weak reason, whatever their number.
fn check_rows(sms: &Sms, removed: &RemovedRows, findings: &mut Findings<'_>) {
    let Some(kind) = sms.kinds.get(&removed.kind) else { return };
    let Some(retention) = &kind.compiled().notes.retention else { return };
    let Some(interval) = Interval::parse(retention) else { return };
    let is_own = kind.built_in_schema().is_none();
    let day = removed.commit.and_then(|commit| sms.committed_on(commit)).unwrap_or(sms.as_of);
    let mut missed: BTreeMap<Option<Weakly<'_>>, Vec<(&str, Date)>> = BTreeMap::new();
    for (id, dated) in &removed.rows {
        let began = dated.unwrap_or(day);
        let end = interval.after(began);
        if day >= end {
            continue;
        }
        let removal = Removal { commit: removed.commit, day, began, end, is_own };
        let weakly = match allowed(sms, id, &removed.kind, *dated, &removal) {
            Allowed::Yes => continue,
            Allowed::Weakly(disposal, why) => Some((disposal.id.as_str(), why)),
            Allowed::No => None,
        };
        missed.entry(weakly).or_default().push((id, end));
    }
    for (weakly, rows) in missed {
        let whose = if is_own { "" } else { ", which attestry assumes" };
        let mut message = rows_in_words(sms, removed, &rows, &format!("{retention}{whose}"));
        if let Some((disposal, why)) = &weakly {
            message.push_str(&format!("; `{disposal}` allows it, but {why}"));
        }
        let source = sms.files.get(&removed.path).and_then(|file| file.source);
        let place = source.map_or_else(|| sms.absence(), |source| Place { source, span: 0..0, pointer: String::new() });
        let finding = findings.report_at(
            &removed.path,
            place,
            message,
            "export them again; or say in a record of kind `disposal-record` which rule allowed it and who authorised it",
        );
        let commit = removed.commit.map(|commit| commit.to_string()).unwrap_or_default();
        finding.about(weakly.as_ref().map_or_else(|| commit.clone(), |(disposal, _)| format!("{commit} {disposal}")));
        if !is_own || weakly.is_some() {
            finding.at_most(Level::Warning);
        }
    }
}

/// Which rows were removed by whom, and until when they were to be kept.
fn rows_in_words(sms: &Sms, removed: &RemovedRows, rows: &[(&str, Date)], retention: &str) -> String {
    let end = rows.iter().map(|(_, end)| *end).min().map(|end| end.to_string()).unwrap_or_default();
    let ids: Vec<String> = rows.iter().take(SHOWN).map(|(id, _)| format!("`{id}`")).collect();
    let (path, kind) = (&removed.path, &removed.kind);
    let by = by_whom(sms, removed.commit);
    match rows {
        [_] if !removed.at_least => format!(
            "the closed row {} of `{path}` ({kind}) was removed by {by}, and was to be kept until {end} ({retention})",
            ids.join("")
        ),
        _ => format!(
            "{}{} closed rows of `{path}` ({kind}) were removed by {by}, and were to be kept, the first until {end} \
             ({retention}): {}{}",
            if removed.at_least { "at least " } else { "" },
            rows.len(),
            ids.join(", "),
            and_more(rows.len())
        ),
    }
}

/// The end of a record.
struct Removed<'a> {
    last: &'a Edition,
    commit: ObjectId,
    day: Date,
    /// The day from which its retention is counted.
    began: Date,
}

/// How a record went that the default branch had and that was more than a draft.
fn removed<'a>(sms: &'a Sms, life: &'a Life) -> Option<Removed<'a>> {
    let arrivals = sms.line(life);
    let (removal, before) = arrivals.split_last().filter(|(last, _)| last.edition().is_none())?;
    let states: Vec<(Date, &Edition)> =
        before.iter().filter_map(|arrival| Some((sms.committed_on(arrival.commit)?, arrival.edition()?))).collect();
    let (arrived, last) = *states.last()?;
    let kind = sms.kinds.get(&last.marks.kind).filter(|kind| matches!(kind.form, Form::Record | Form::Entry))?;
    let is_draft =
        |edition: &Edition| matches!(edition.marks.state.as_deref(), Some("draft" | "in-review" | "proposed"));
    if states.iter().all(|(_, edition)| is_draft(edition)) {
        return None;
    }
    // The newest closed states: the oldest of them closed it.
    let closed = states.iter().rev().take_while(|(_, edition)| edition.marks.closed).last().map(|(day, _)| *day);
    let first = states.first().map_or(arrived, |(day, _)| *day);
    let began = if kind.compiled().notes.closed.is_empty() {
        last.marks.dated.unwrap_or(first)
    } else {
        closed.into_iter().chain(last.marks.dated).min().unwrap_or(arrived)
    };
    let day = sms.committed_on(removal.commit)?;
    Some(Removed { last, commit: removal.event.commit(), day, began })
}

/// Whether a closed record could be removed on a day: its retention had ended, or a disposal record
/// says so.
pub(super) fn may_go(sms: &Sms, closed: &Edition, closed_on: Date, day: Date) -> bool {
    let marks = &closed.marks;
    let began = marks.dated.map_or(closed_on, |dated| dated.min(closed_on));
    let interval = retention(sms, closed).and_then(|(retention, _)| Interval::parse(&retention));
    interval.is_some_and(|interval| day >= interval.after(began)) || disposed(sms, &marks.id, &marks.kind, marks.dated)
}

/// How long a record was to be kept, and whether the organization says so itself.
fn retention(sms: &Sms, last: &Edition) -> Option<(String, bool)> {
    if let Some(own) = &last.marks.retention {
        return Some((own.to_string(), true));
    }
    if let Some(of_register) = register(sms, last).and_then(|register| register.text("retention")) {
        return Some((of_register.to_owned(), true));
    }
    let kind = sms.kinds.get(&last.marks.kind)?;
    Some((kind.compiled().notes.retention.clone()?, kind.built_in_schema().is_none()))
}

/// The register that a record stood in, where it is still there.
fn register<'a>(sms: &'a Sms, last: &Edition) -> Option<&'a Document> {
    let path = last.path.strip_prefix(&sms.evidence.history.folder)?;
    sms.of_kind(REGISTER).find(|register| sms.path(register) == path)
}

fn place(sms: &Sms, last: &Edition) -> Place {
    register(sms, last).map_or_else(|| sms.absence(), Document::whole)
}

/// The disposal records that were authorised and cover a record.
fn disposals<'a>(sms: &'a Sms, id: &str, kind: &str, dated: Option<Date>) -> impl Iterator<Item = &'a Document> {
    let lawful = sms
        .of_kind("disposal-record")
        .filter(|disposal| matches!(disposal.text("status"), Some("authorised" | "done")));
    lawful.filter(move |disposal| disposal.items("records").any(|(_, item)| covers(item, id, kind, dated)))
}

/// Whether a disposal record that was authorised covers a record.
fn disposed(sms: &Sms, id: &str, kind: &str, dated: Option<Date>) -> bool {
    disposals(sms, id, kind, dated).next().is_some()
}

/// How a record or a row went, and how long it was to be kept.
struct Removal {
    /// None where it is not committed.
    commit: Option<ObjectId>,
    day: Date,
    began: Date,
    end: Date,
    /// Whether the organization itself says how long.
    is_own: bool,
}

/// Whether a disposal record allows a removal.
enum Allowed<'a> {
    No,
    Yes,
    /// One that is a weak reason, and why.
    Weakly(&'a Document, String),
}

/// Whether a disposal record allows the removal of a record or a row; one that is no weak reason is
/// enough.
fn allowed<'a>(sms: &'a Sms, id: &str, kind: &str, dated: Option<Date>, removal: &Removal) -> Allowed<'a> {
    let mut weakly = Allowed::No;
    for disposal in disposals(sms, id, kind, dated) {
        match weakness(sms, disposal, removal) {
            None => return Allowed::Yes,
            Some(why) if matches!(weakly, Allowed::No) => weakly = Allowed::Weakly(disposal, why),
            Some(_) => {}
        }
    }
    weakly
}

/// Why a disposal record is a weak reason: who removed the record authorised that alone, or its
/// rule is shorter than what the organization says of the record.
fn weakness(sms: &Sms, disposal: &Document, removal: &Removal) -> Option<String> {
    let by = disposal.text("authorised_by");
    let authorised = by.map(|by| sms.people.persons_of(by, removal.day)).unwrap_or_default();
    let commit = removal.commit.and_then(|commit| sms.evidence.history.commit(commit));
    let writers = commit.map(|commit| sms.authors(commit)).unwrap_or_default();
    if let ([one], Some(by)) = (authorised.as_slice(), by)
        && writers.iter().any(|writer| writer.id == one.id)
    {
        return Some(format!("`{by}` authorised it, and removed it"));
    }
    let rule = disposal.fields.get("retention_rule").and_then(|rule| rule["retention"].as_str());
    let shorter = |rule: &&str| Interval::parse(rule).is_some_and(|rule| rule.after(removal.began) < removal.end);
    rule.filter(|rule| removal.is_own && shorter(rule)).map(|rule| format!("by a retention of {rule}"))
}

/// Whether an item of a disposal record means a record: by its id, by ids from and to, or by kind
/// and period.
fn covers(item: &Value, id: &str, kind: &str, dated: Option<Date>) -> bool {
    let text = item["id"].as_str().unwrap_or_default().to_lowercase();
    let id = id.to_lowercase();
    let parts = text.split([',', ';']).map(str::trim);
    if text == id || parts.clone().any(|part| part == id || is_in_range(part, &id)) {
        return true;
    }
    let day = |key: &str| item["period"][key].as_str().and_then(parse_day);
    item["record_kind"].as_str() == Some(kind)
        && dated.is_some_and(|dated| {
            day("from").is_some_and(|from| from <= dated) && day("to").is_some_and(|to| dated <= to)
        })
}

/// Whether an id lies in `from..to`, `from … to` or `from to to`, numbers at the end counted. Ids
/// that only stand side by side are a list.
fn is_in_range(text: &str, id: &str) -> bool {
    let Some((from, to)) = ["..", "…", " to "].iter().find_map(|between| text.split_once(between)) else {
        return text.split_whitespace().any(|word| word == id);
    };
    let (from, to) = (from.trim(), to.trim_start_matches('.').trim());
    let numbered = (number_of(from), number_of(to), number_of(id));
    let (Some((prefix, from)), Some((same, to)), Some((own, number))) = numbered else { return false };
    prefix == own && same == own && (from..=to).contains(&number)
}

/// What stands before the number at the end of an id, and the number.
fn number_of(id: &str) -> Option<(&str, u64)> {
    let prefix = id.trim_end_matches(|character: char| character.is_ascii_digit());
    Some((prefix, id[prefix.len()..].parse().ok()?)).filter(|_| !prefix.is_empty())
}

//! What a change touches, for people: a short section above the summary, and tables in Markdown.
//! What it does to its judges comes first.

use super::{
    markdown::{plain, words},
    wording::one_line,
};
use crate::{
    finding::Finding,
    ripple::{ChangedDocument, ChangedJudge, How, Ripple, Touched},
    since::{BaselineStep, Since, levels},
    wording::{counted, wrap},
};
use std::collections::{BTreeMap, BTreeSet};

/// The most items of one list; the other formats have them all.
const LISTED: usize = 20;
/// The most characters of a cell.
const WORDS: usize = 500;
/// Where the second column starts.
const MARGIN: usize = 13;
/// How wide the second column is at most, where it is prose.
const ROOM: usize = 100;

/// The section above the summary, on a terminal of so many characters.
pub(super) fn section(since: &Since, width: Option<usize>) -> String {
    let room = width.map_or(ROOM, |width| width.saturating_sub(MARGIN + 2).max(20));
    let ripple = &since.ripple;
    let mut text = format!("what the change does, {}\n\n", from(since));
    // What judges is never cut: a flood of small changes must not hide the one that matters.
    whole(&mut text, "judges", judges(ripple), "none changed");
    if !ripple.judges.is_empty() {
        rows(&mut text, "", wrap(&one_line(&judged(since)), room), "");
    }
    rows(&mut text, "documents", documents(ripple), "none changed");
    for (name, list) in touched(ripple) {
        rows(&mut text, name, wrap(&list, room), "");
    }
    let approvals = approvals(ripple).into_iter().map(|(who, why)| format!("{who}: {why}"));
    rows(&mut text, "needed from", approvals.collect(), "");
    for (name, list) in history(ripple) {
        rows(&mut text, name, wrap(&list, room), "");
    }
    let (gone, better) = parted(since);
    rows(&mut text, "mended", better.into_iter().map(mended).collect(), "");
    rows(&mut text, "gone with it", gone.into_iter().map(mended).collect(), "");
    rows(&mut text, "not judged", since.not_judged.iter().map(mended).collect(), "");
    text.push('\n');
    text
}

fn rows(text: &mut String, name: &str, mut rows: Vec<String>, none: &str) {
    let rest = rows.len().saturating_sub(LISTED);
    rows.truncate(LISTED);
    if rest > 0 {
        rows.push(format!("and {rest} more"));
    }
    whole(text, name, rows, none);
}

fn whole(text: &mut String, name: &str, mut rows: Vec<String>, none: &str) {
    if rows.is_empty() && !none.is_empty() {
        rows.push(none.to_owned());
    }
    for (index, row) in rows.iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        text.push_str(&format!("  {name:MARGIN$}{row}\n"));
    }
}

/// Since when: the base and the commit at which the change parted from it.
fn from(since: &Since) -> String {
    let base = one_line(&since.base);
    let Some(commit) = &since.commit else { return "before the first commit".to_owned() };
    let commit = commit.get(..12).unwrap_or(commit);
    if base.starts_with(commit) { format!("since {commit}") } else { format!("since `{base}` (parted at {commit})") }
}

fn judged(since: &Since) -> String {
    format!("this change is judged by those of `{}`; its own count too, and alone once it is merged", since.base)
}

fn judges(ripple: &Ripple) -> Vec<String> {
    let judges = by_place(ripple);
    let width = judges.iter().map(|(what, _)| one_line(what).chars().count()).max().unwrap_or(0);
    judges.iter().map(|(what, change)| format!("{:width$}  {}", one_line(what), one_line(change))).collect()
}

/// The most changes of one file, or of the files of one folder, that are told one by one.
const TOLD: usize = 8;

/// What is done to the judges, with one line that counts what is too much of one place: so all
/// places are told, however much is done in one of them.
fn by_place(ripple: &Ripple) -> Vec<(String, String)> {
    let place = |judge: &ChangedJudge| match judge.what.split_once('/') {
        // A workflow counts for itself.
        Some((folder, _)) if folder != ".github" => format!("{folder}/"),
        None if !judge.what.contains('.') && judge.change.starts_with("waiver ") => "waivers".to_owned(),
        None if !judge.what.contains('.') && judge.change.starts_with("role ") => "roles".to_owned(),
        _ => judge.what.clone(),
    };
    let mut places: Vec<(String, Vec<&ChangedJudge>)> = Vec::new();
    for judge in &ripple.judges {
        let place = place(judge);
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, judges)) => judges.push(judge),
            None => places.push((place, vec![judge])),
        }
    }
    let told = places.into_iter().flat_map(|(place, judges)| {
        let rest = judges.len().saturating_sub(TOLD);
        let more = (rest > 0).then(|| (place, format!("and {rest} more change{}", if rest == 1 { "" } else { "s" })));
        judges.into_iter().take(TOLD).map(|judge| (judge.what.clone(), judge.change.clone())).chain(more)
    });
    told.collect()
}

fn documents(ripple: &Ripple) -> Vec<String> {
    let width = |text: fn(&ChangedDocument) -> String| {
        ripple.documents.iter().take(LISTED).map(|document| text(document).chars().count()).max().unwrap_or(0)
    };
    let (id, title) = (width(|document| one_line(&document.id)), width(|document| cut(&one_line(&document.title))));
    let line = |document: &ChangedDocument| {
        format!(
            "{:8}  {:id$}  {:title$}  {}",
            document.how.name(),
            one_line(&document.id),
            cut(&one_line(&document.title)),
            what(document)
        )
    };
    let rows = ripple.rows.iter().map(|rows| {
        let (added, modified, removed) = rows.counts;
        format!(
            "{:8}  {}: {} added, {modified} modified, {removed} removed",
            "data",
            one_line(&rows.path),
            counted(added, "row")
        )
    });
    ripple.documents.iter().map(|document| line(document).trim_end().to_owned()).chain(rows).collect()
}

fn cut(text: &str) -> String {
    super::wording::shortened(text, 40)
}

/// What is different in a document: version, status, fields.
fn what(document: &ChangedDocument) -> String {
    let step = |(before, now): &(Option<String>, Option<String>)| match (before, now) {
        (Some(before), Some(now)) if before == now => None,
        (None, None) => None,
        (before, now) => {
            let word = |text: &Option<String>| text.as_deref().map_or("none".to_owned(), one_line);
            Some(if before.is_none() && document.path_before.is_none() && document.fields.is_empty() {
                word(now)
            } else {
                format!("{} → {}", word(before), word(now))
            })
        }
    };
    if document.how == How::Removed {
        return String::new();
    }
    let mut parts = Vec::new();
    match (step(&document.version), &document.version.1) {
        (Some(step), _) => parts.push(format!("version {step}")),
        (None, Some(version)) if !document.fields.is_empty() => {
            parts.push(format!("still version {}", one_line(version)));
        }
        _ => {}
    }
    parts.extend(step(&document.status).map(|step| format!("status {step}")));
    let fields: Vec<String> = document
        .fields
        .iter()
        .filter(|field| !matches!(field.as_str(), "version" | "status"))
        .map(|field| one_line(field))
        .collect();
    parts.extend((!fields.is_empty()).then(|| fields.join(", ")));
    parts.extend(document.path_before.as_ref().map(|path| format!("was {}", one_line(path))));
    parts.join("; ")
}

/// What is touched, one line for each sort that there is.
fn touched(ripple: &Ripple) -> Vec<(&'static str, String)> {
    let lists = [
        ("clauses", ripple.clauses.join(", ")),
        ("services", near(&ripple.services)),
        ("SLAs", near(&ripple.slas)),
        ("customers", near(&ripple.customers)),
    ];
    lists.into_iter().filter(|(_, list)| !list.is_empty()).collect()
}

/// What is changed, with titles; then what is touched through others.
fn near(all: &[Touched]) -> String {
    let (changed, others): (Vec<&Touched>, Vec<&Touched>) = all.iter().partition(|one| one.changed);
    let titled = |one: &&Touched| format!("{} {}", one_line(&one.id), one_line(&one.title));
    let changed: Vec<String> = changed.iter().map(titled).collect();
    // Titles of agreements and of many services say less than they take.
    let others: Vec<String> = match others.len() {
        0..4 if changed.is_empty() => others.iter().map(titled).collect(),
        _ => others.iter().map(|one| one_line(&one.id)).collect(),
    };
    let parts = [(changed, "changed: "), (others, if all.iter().any(|one| one.changed) { "touched: " } else { "" })];
    let parts = parts.into_iter().filter(|(list, _)| !list.is_empty());
    parts.map(|(list, word)| format!("{word}{}", list.join(", "))).collect::<Vec<_>>().join("; ")
}

/// What the history says: approvals that are undone, documents that become suspect.
fn history(ripple: &Ripple) -> Vec<(&'static str, String)> {
    let lists = [
        ("unapproved", &ripple.resets, "approved as they stood, and differ now: to be approved again"),
        ("suspect", &ripple.suspects, "refer to what changed: to be looked at again"),
    ];
    let list = |(name, list, why): (&'static str, &Option<Vec<String>>, &str)| {
        let mut ids = list.clone().filter(|ids| !ids.is_empty())?;
        ids.sort();
        Some((name, one_line(&format!("{} ({why})", ids.join(", ")))))
    };
    lists.into_iter().filter_map(list).collect()
}

/// Who is to approve, and why, by persons.
fn approvals(ripple: &Ripple) -> Vec<(String, String)> {
    let mut by_persons = BTreeMap::<String, Vec<String>>::new();
    for needed in &ripple.approvals {
        let party = one_line(&needed.party);
        let (who, role) = match needed.persons.as_slice() {
            [] if needed.codeowner.is_empty() => (format!("{party} (nobody on that day)"), String::new()),
            // An account or a team that people.yaml does not know.
            [] => (party.clone(), String::new()),
            [person] if needed.is_person => (one_line(person), String::new()),
            persons => (one_line(&persons.join(" or ")), format!("as {party} ")),
        };
        for (word, documents) in
            [("owns", &needed.owns), ("approved before", &needed.approved), ("by CODEOWNERS for", &needed.codeowner)]
        {
            if !documents.is_empty() {
                by_persons.entry(who.clone()).or_default().push(format!("{role}{word} {}", some(documents)));
            }
        }
    }
    by_persons.into_iter().map(|(who, why)| (who, why.join("; "))).collect()
}

/// The first of a list, and how many more there are.
fn some(ids: &[String]) -> String {
    let rest = ids.len().saturating_sub(6);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", ids.iter().take(6).map(|id| one_line(id)).collect::<Vec<_>>().join(", "))
}

fn mended(finding: &Finding) -> String {
    format!("{}[{}]: {}", finding.level.name(), finding.rule, one_line(&finding.message))
}

/// Findings that are gone with the document that they were about, and those that are mended.
fn parted(since: &Since) -> (Vec<&Finding>, Vec<&Finding>) {
    let removed = |document: &&ChangedDocument| document.how == How::Removed;
    let removed: BTreeSet<String> =
        since.ripple.documents.iter().filter(removed).map(|document| document.id.to_lowercase()).collect();
    since.mended.iter().partition(|finding| removed.contains(&finding.subject.to_lowercase()))
}

/// The line of the summary: what was there before, what is gone.
pub(super) fn line(since: &Since) -> String {
    let count = |findings: &[&Finding], word: &str| {
        let levels = levels(findings).into_iter().map(|(level, count)| counted(count, level.name()));
        let levels: Vec<String> = levels.collect();
        (!levels.is_empty()).then(|| format!("{} {word}", levels.join(", ")))
    };
    let (gone, better) = parted(since);
    let gone = count(&gone, "gone with what was removed");
    let mended = count(&better, "mended").or_else(|| gone.is_none().then(|| "nothing mended".to_owned()));
    let not_judged = count(&since.not_judged.iter().collect::<Vec<_>>(), "no longer judged");
    let mended = mended.into_iter().chain(gone).chain(not_judged).collect::<Vec<_>>().join(", ");
    let before = match since.before {
        _ if since.commit.is_none() => "everything is new".to_owned(),
        0 if since.mended.is_empty() && since.not_judged.is_empty() => "nothing was wrong before".to_owned(),
        0 => "nothing else was wrong before".to_owned(),
        count => format!("{} there before not told", counted(count, "finding")),
    };
    let baseline = since.baseline.as_ref().map(|step| format!("; {}", baseline(step))).unwrap_or_default();
    format!("{}: {mended}, {before}{baseline}", from(since))
}

/// What the change does to the baseline: "baseline `b.json`: 2 more, 0 fewer".
pub(super) fn baseline(step: &BaselineStep) -> String {
    let grows = if step.more > 0 { "; it only ever shrinks, so the change fails" } else { "" };
    format!("baseline `{}`: {} more, {} fewer{grows}", one_line(&step.file), step.more, step.fewer)
}

/// The ripple as tables of Markdown: of each the first rows, and of all no more than `limit` bytes
/// but for what counts the rest.
pub(super) fn tables(since: &Since, limit: usize) -> String {
    let ripple = &since.ripple;
    let cell = |text: &str| plain(&super::wording::shortened(&one_line(text), WORDS));
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let judge = |(what, change): (String, String)| row(&[cell(&what), words(&change)]);
    let document = |document: &ChangedDocument| {
        let (id, title) = (cell(&document.id), cell(&document.title));
        row(&[document.how.name().to_owned(), id, title, cell(&what(document))])
    };
    let mended = |finding: &Finding| {
        let message = format!("{}<br>`{}`", words(&finding.message), finding.rule);
        row(&[finding.level.name().to_owned(), message])
    };
    let touched = touched(ripple).into_iter().chain(history(ripple));
    let (gone, better) = parted(since);
    let tables: [(String, &[&str], Vec<String>); 7] = [
        (
            format!("What judges is changed: {}", words(&judged(since))),
            &["Judge", "Change"],
            by_place(ripple).into_iter().map(judge).collect(),
        ),
        (
            format!("Documents changed {}", words(&from(since))),
            &["", "Document", "Title", "What"],
            ripple.documents.iter().map(document).collect(),
        ),
        (
            "What they touch".to_owned(),
            &["", ""],
            touched.map(|(name, list)| row(&[name.to_owned(), cell(&list)])).collect(),
        ),
        (
            "Approval needed by".to_owned(),
            &["Who", "Because"],
            approvals(ripple).into_iter().map(|(who, why)| row(&[cell(&who), cell(&why)])).collect(),
        ),
        ("Mended".to_owned(), &["", "Finding"], better.into_iter().map(mended).collect()),
        ("Gone with what was removed".to_owned(), &["", "Finding"], gone.into_iter().map(mended).collect()),
        (
            "No longer judged, since it cannot be read as before or is a draft again".to_owned(),
            &["", "Finding"],
            since.not_judged.iter().map(mended).collect(),
        ),
    ];
    let mut text = String::new();
    if ripple.judges.is_empty() {
        text.push_str("\nWhat judges is not changed.\n");
    }
    for (title, heads, rows) in tables.iter().filter(|(.., rows)| !rows.is_empty()) {
        let line = heads.iter().map(|_| "---").collect::<Vec<_>>().join(" | ");
        text.push_str(&format!("\n**{title}**\n\n| {} |\n| {line} |\n", heads.join(" | ")));
        let mut shown = 0;
        let listed = if heads[0] == "Judge" { rows.len() } else { LISTED };
        for row in rows.iter().take(listed) {
            if text.len() + row.len() > limit {
                break;
            }
            text.push_str(row);
            shown += 1;
        }
        if shown < rows.len() {
            text.push_str(&format!("\n{} more not shown here.\n", rows.len() - shown));
        }
    }
    text
}

//! The life of a row of a data set, in plain words: what each export did to it.

use super::{Asked, short, writers_in_words};
use crate::{
    calendar::Date,
    document::{Exported, Rewritten},
    report::{anchors, one_line, redline, wording::shortened},
    sms::{
        Sms,
        evidence::{RowChapter, RowEvent, RowLife},
    },
    wording::{counted, fitted},
};
use serde_json::{Value, json};

/// Values longer than this are compared by words.
const SHORT: usize = 40;
/// So much of a value is written out where it came or went as a whole.
const SHOWN: usize = 400;

/// The lives for a terminal, one for each data set.
pub fn human(sms: &Sms, lives: &[RowLife<'_>], asked: Asked) -> String {
    let mut text = lives.iter().map(|life| one(sms, life, asked)).collect::<Vec<_>>().join("\n");
    if let Some(hold) = anchors::hold(sms) {
        text.push_str(&format!("\nanchors: {}\n", one_line(&hold)));
    }
    fitted(&text, asked.width)
}

fn one(sms: &Sms, life: &RowLife<'_>, asked: Asked) -> String {
    let style = |code: &str, text: &str| {
        let text = one_line(text);
        if asked.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text }
    };
    let kind = sms.kinds.get(&life.kind).map_or(life.kind.as_str(), |kind| kind.title.as_str());
    let which = if life.row.is_some() { "a row of" } else { "was a row of" };
    let head = format!("{kind} · {which} {}", life.path);
    let mut text = format!("{}\n{}\n\n", style("1", &life.id), style("2", &head));
    if let Some(day) = asked.on {
        text.push_str(&on(life, day));
        return text;
    }
    text.push_str(&format!("{}\n", style("1", &now(sms, life))));
    if !life.chapters.is_empty() {
        text.push('\n');
    }
    for chapter in &life.chapters {
        let none = if chapter.commit.is_some() { "no day    " } else { "now       " };
        let day = chapter.arrived.map_or_else(|| none.to_owned(), |day| day.to_string());
        text.push_str(&format!("{day}  {}\n", style("1", &events(sms, life, chapter))));
        for line in rewritten(chapter, asked.colour) {
            text.push_str(&format!("            {line}\n"));
        }
        text.push_str(&format!("            {}\n", style("2", &brought(chapter, asked.named))));
    }
    if life.later > 0 {
        let versions = counted(life.later, "export");
        text.push_str(&format!("\nleft out: {versions} that came after {}\n", sms.as_of));
    }
    for limit in &life.limits {
        text.push_str(&format!("\nnot followed: {}\n", one_line(limit)));
    }
    let document = life.row.and_then(|(population, row)| sms.row(population, row));
    if let Some(document) = document {
        text.push_str(&format!("\n{}\n{}", style("1", "it says"), fields(document.fields.iter())));
    }
    text
}

/// Its state and which exports have it.
fn now(sms: &Sms, life: &RowLife<'_>) -> String {
    let state = life.row.and_then(|(population, row)| {
        let document = sms.row(population, row)?;
        let state = document.text(&sms.kind(&document)?.compiled().notes.state_field)?.to_owned();
        Some(format!("its state is {state}"))
    });
    let state = match (state, life.row) {
        (Some(state), _) => state,
        (None, Some(_)) => "it has no state".to_owned(),
        (None, None) => "it is not there any more".to_owned(),
    };
    let first = life.chapters.last().and_then(|chapter| chapter.arrived);
    let Some((first, last)) = first.zip(life.last) else { return state };
    let exports = match (life.exports, life.of) {
        (1, 1) => format!("in the export of {first}"),
        (all, of) if all == of => format!("in all {all} exports from {first} to {last}"),
        (some, of) => format!("in {some} of the {of} exports since {first}, last in that of {last}"),
    };
    format!("{state}; {exports}")
}

/// What a row says, one line for each field.
fn fields<'f>(fields: impl Iterator<Item = (&'f String, &'f Value)>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        text.push_str(&format!("  {}: {}\n", one_line(name), in_line(value)));
    }
    text
}

fn in_line(value: &Value) -> String {
    one_line(&crate::redline::in_line(value))
}

fn chapter_on<'l, 'a>(life: &'l RowLife<'a>, day: Date) -> Option<&'l RowChapter<'a>> {
    // A move of the file changes nothing of what it says.
    let says = |chapter: &&RowChapter<'a>| !chapter.events.iter().all(|event| matches!(event, RowEvent::Moved(_)));
    life.chapters.iter().filter(says).find(|chapter| chapter.arrived.is_some_and(|arrived| arrived <= day))
}

/// What the export said that was the newest on a day.
fn on(life: &RowLife<'_>, day: Date) -> String {
    let Some(chapter) = chapter_on(life, day) else {
        let first = life.chapters.last().and_then(|chapter| chapter.arrived);
        let first = first.map_or_else(String::new, |first| format!("; the first is of {first}"));
        return format!("on {day} no export had it yet{first}\n");
    };
    let arrived = chapter.arrived.map_or_else(String::new, |arrived| format!(" since the export of {arrived}"));
    let commit = chapter.commit.map_or_else(String::new, |commit| format!(" ({})", short(commit.id)));
    match &chapter.fields {
        Some(held) => format!("on {day} it said, unchanged{arrived}{commit}\n{}", fields(held.iter())),
        None => format!("on {day} it was not there,{arrived}{commit}\n"),
    }
}

/// What an export did, in words.
fn events(sms: &Sms, life: &RowLife<'_>, chapter: &RowChapter<'_>) -> String {
    let standing = standing(sms, life, chapter);
    let one = |event: &RowEvent| match event {
        RowEvent::Moved(from) => format!("the data set moved from `{from}`"),
        RowEvent::First => format!("first exported, {standing}"),
        RowEvent::Returned => format!("exported again, {standing}"),
        RowEvent::Changed => "changed".to_owned(),
        RowEvent::Closed => standing.clone(),
        RowEvent::Altered => "altered after it was closed".to_owned(),
        RowEvent::Completed => "completed after it was closed".to_owned(),
        RowEvent::Reopened(true) => "opened again".to_owned(),
        RowEvent::Reopened(false) => "opened again, which it does not say".to_owned(),
        RowEvent::Gone => "gone, though the export covers its time".to_owned(),
        RowEvent::LeftOut => "left out, the export begins later".to_owned(),
        RowEvent::FileRemoved => "gone: the data set was removed".to_owned(),
    };
    let mut words = chapter.events.iter().map(one).collect::<Vec<_>>().join(", ");
    if chapter.after_unread {
        words.push_str("; here or in a version before, which could not be read");
    }
    words
}

/// The state that an export left: `closed on 2024-07-08`, `as assigned`.
fn standing(sms: &Sms, life: &RowLife<'_>, chapter: &RowChapter<'_>) -> String {
    let Some((kind, fields)) = sms.kinds.get(&life.kind).zip(chapter.fields.as_ref()) else {
        return "without a state".to_owned();
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(one_line);
    match text(&kind.compiled().notes.state_field) {
        Some(state) if kind.is_closed(&state) => {
            let day = text("closed_on").map_or_else(String::new, |day| format!(" on {day}"));
            if state == "closed" { format!("closed{day}") } else { format!("closed as {state}{day}") }
        }
        Some(state) => format!("as {state}"),
        None => "without a state".to_owned(),
    }
}

/// What changed, a line for each field; new and lost columns together.
fn rewritten(chapter: &RowChapter<'_>, colour: bool) -> Vec<String> {
    let changed = chapter.rewritten.iter().filter(|one| one.exported == Exported::Both);
    let mut lines: Vec<String> =
        changed.map(|one| format!("{}: {}", one_line(&one.field), change(one, colour))).collect();
    let of = |exported: Exported| {
        let names = chapter.rewritten.iter().filter(|one| one.exported == exported).map(|one| one_line(&one.field));
        names.collect::<Vec<_>>().join(", ")
    };
    for (exported, words) in [
        (Exported::Since, "told since the export has a column for it"),
        (Exported::Before, "told no longer, the export has no column for it"),
    ] {
        let names = of(exported);
        if !names.is_empty() {
            lines.push(format!("{words}: {names}"));
        }
    }
    lines
}

fn change(one: &Rewritten, colour: bool) -> String {
    let text = |value: &Option<Value>| value.as_ref().map(in_line).filter(|text| !text.is_empty());
    match (text(&one.before), text(&one.after)) {
        (Some(before), Some(after)) if before.chars().count().max(after.chars().count()) > SHORT => {
            redline::in_place(&before, &after, colour)
        }
        (before, after) => {
            let said = |text: Option<String>| text.map_or_else(|| "nothing".to_owned(), |one| shortened(&one, SHOWN));
            format!("{} -> {}", said(before), said(after))
        }
    }
}

/// Who brought an export and by which commit.
fn brought(chapter: &RowChapter<'_>, named: bool) -> String {
    let Some(commit) = chapter.commit else { return "not committed".to_owned() };
    let own = chapter.commit.and_then(crate::history::Commit::day).filter(|_| chapter.merge.is_some());
    let own = own.map_or_else(String::new, |day| format!(" of {day}"));
    let merge = chapter.merge.map_or_else(String::new, |merge| format!(", merged by {}", short(merge.id)));
    let ignored = if commit.ignored { ", which `.git-blame-ignore-revs` lists" } else { "" };
    let writers = writers_in_words(&chapter.writers, named);
    format!("by {writers} · {}{own}{merge}{ignored} “{}”", short(commit.id), commit.summary)
}

/// The lives for programs.
pub fn json(sms: &Sms, lives: &[RowLife<'_>], asked: Asked) -> String {
    let chapter = |life: &RowLife<'_>, chapter: &RowChapter<'_>| {
        let rewritten = |one: &Rewritten| {
            json!({
                "field": one.field,
                "before": one.before,
                "after": one.after,
                "column": match one.exported {
                    Exported::Both => "same",
                    Exported::Since => "new",
                    Exported::Before => "gone",
                },
            })
        };
        json!({
            "day": chapter.arrived.map(|day| day.to_string()),
            "commit": chapter.commit.map(|commit| commit.id.to_string()),
            "merged_by": chapter.merge.map(|merge| merge.id.to_string()),
            "writers": chapter.writers.iter().map(|writer| writer.in_words(asked.named)).collect::<Vec<_>>(),
            "what": events(sms, life, chapter),
            "changes": chapter.rewritten.iter().map(rewritten).collect::<Vec<_>>(),
        })
    };
    let on = |life: &RowLife<'_>, day: Date| {
        let chapter = chapter_on(life, day);
        json!({
            "day": day.to_string(),
            "commit": chapter.and_then(|chapter| Some(chapter.commit?.id.to_string())),
            "fields": chapter.and_then(|chapter| chapter.fields.clone()),
        })
    };
    let one = |life: &RowLife<'_>| {
        json!({
            "id": life.id,
            "kind": life.kind,
            "path": life.path,
            "is_there": life.row.is_some(),
            "exports": life.exports,
            "of_exports": life.of,
            "life": life.chapters.iter().map(|one| chapter(life, one)).collect::<Vec<_>>(),
            "on": asked.on.map(|day| on(life, day)),
            "not_followed": life.limits,
        })
    };
    let whole = json!({
        "version": super::VERSION,
        "as_of": sms.as_of.to_string(),
        "rows": lives.iter().map(one).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

//! The life of one document in plain words: what happened, who wrote it, who approved it and what
//! shows that, and which version was in force when.

mod grounds;
mod in_force;
pub mod row;

pub use grounds::{Times, grounds};
pub use in_force::{altered, now, on, period, remarks, removed};

use super::{
    anchors,
    markdown::{plain, words},
    one_line,
};
use crate::{
    calendar::Date,
    history::ObjectId,
    sms::{
        Sms,
        evidence::{Approval, Chapter, Deed, Period, Story, Writer},
    },
    wording::{counted, fitted, sentence, wrap},
};
use serde_json::{Value, json};
use std::borrow::Borrow;

/// The version of the form for programs.
pub const VERSION: u32 = 1;

/// What is asked beside the life itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Which version was in force on this day.
    pub on: Option<Date>,
    /// Whether persons are told by name.
    pub named: bool,
    /// Whether the output takes colours.
    pub colour: bool,
    /// How many characters a line of the terminal has; none where it is not one, and lines are whole.
    pub width: Option<usize>,
}

/// The first digits of a commit's id.
pub fn short(id: ObjectId) -> String {
    id.to_string().chars().take(12).collect()
}

/// What a commit did, in words: `approved as version 2.1 by Ada Exampleton`.
pub fn deeds(sms: &Sms, chapter: &Chapter<'_>, named: bool) -> String {
    let words: Vec<String> = chapter.deeds.iter().map(|deed| deed_in_words(sms, chapter, deed, named)).collect();
    words.join(", ")
}

fn deed_in_words(sms: &Sms, chapter: &Chapter<'_>, deed: &Deed, named: bool) -> String {
    match deed {
        Deed::Drafted => "drafted".to_owned(),
        Deed::Added => "written for the first time".to_owned(),
        Deed::Returned => "written again after its removal".to_owned(),
        Deed::Renamed(from) => format!("moved from `{from}`"),
        Deed::Changed if chapter.fields.is_empty() => "changed".to_owned(),
        Deed::Changed => format!("changed {}", listed(&chapter.fields)),
        Deed::SentToReview => "sent to review".to_owned(),
        Deed::Reopened => "made a draft again".to_owned(),
        Deed::Reviewed if chapter.deeds.contains(&Deed::Changed) => {
            format!("reviewed{}", reviewers(sms, chapter, named))
        }
        Deed::Reviewed => format!("reviewed without change{}", reviewers(sms, chapter, named)),
        Deed::Superseded => "superseded".to_owned(),
        Deed::Withdrawn => "withdrawn".to_owned(),
        Deed::Closed(state) if state == "closed" => "closed".to_owned(),
        Deed::Closed(state) => format!("closed as {state}"),
        Deed::Removed => "removed".to_owned(),
        Deed::Noted if chapter.fields.is_empty() => "only what an approval does not cover changed".to_owned(),
        Deed::Noted => format!("noted {}", listed(&chapter.fields)),
        Deed::State(None, now) => format!("opened as {}", now.as_deref().unwrap_or("nothing")),
        Deed::State(before, now) => {
            format!("went from {} to {}", before.as_deref().unwrap_or("nothing"), now.as_deref().unwrap_or("nothing"))
        }
        Deed::Approved(version) => {
            let version = version.as_ref().map_or_else(String::new, |version| format!(" as version {version}"));
            let day = chapter.edition.and_then(|edition| edition.marks.approved_on);
            let day = day.filter(|day| Some(*day) != chapter.arrived);
            let day = day.map_or_else(String::new, |day| format!(" on {day}"));
            format!("approved{version} by {}{day}", approvers(sms, chapter, named))
        }
        Deed::Entries(entries) => {
            let told = [("added", &entries.added), ("changed", &entries.changed), ("removed", &entries.removed)];
            let told = told.into_iter().filter(|(_, ids)| !ids.is_empty());
            told.map(|(how, ids)| format!("{how} {}", listed(ids))).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The first of some names or ids, and how many more there are.
fn listed(ids: &[impl Borrow<str>]) -> String {
    let shown = if ids.len() > LISTED + 1 { &ids[..LISTED] } else { ids };
    let more = ids.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// So many names and ids are written out.
const LISTED: usize = 6;

/// The commit of a chapter, and where it came beside the default branch its own day and the merge
/// that brought it: `1a2b3c4d5e6f of 2025-09-02, merged by 6f5e4d3c2b1a`.
pub fn commit(chapter: &Chapter<'_>) -> String {
    let own = short(chapter.commit.id);
    let Some(merge) = chapter.merge else { return own };
    let day = chapter.commit.day().map_or_else(String::new, |day| format!(" of {day}"));
    format!("{own}{day}, merged by {}", short(merge.id))
}

/// A person by name, where persons are told by name, or a role by its title.
fn approver(sms: &Sms, id: &str, named: bool) -> String {
    match sms.people.person(id) {
        Some(person) if named => person.name.clone(),
        _ => sms.people.role(id).map_or_else(|| id.to_owned(), |role| role.title.clone()),
    }
}

/// Who approved: whom the approvals show, else whom the document names.
fn approvers(sms: &Sms, chapter: &Chapter<'_>, named: bool) -> String {
    let name = |id: &str| approver(sms, id, named);
    let mut approvers: Vec<String> = Vec::new();
    for approval in &chapter.approvals {
        let name = name(&approval.by);
        if !approvers.contains(&name) {
            approvers.push(name);
        }
    }
    if approvers.is_empty() {
        let written = chapter.edition.and_then(|edition| edition.marks.approved_by.as_deref());
        return written.map_or_else(|| "nobody who is named".to_owned(), name);
    }
    approvers.join(" and ")
}

/// Who is said to have reviewed.
fn reviewers(sms: &Sms, chapter: &Chapter<'_>, named: bool) -> String {
    let by = chapter.edition.map(|edition| sms.reviewing(edition).by).unwrap_or_default();
    let persons: Vec<&str> = by.iter().map(|person| if named { &*person.name } else { &*person.id }).collect();
    if persons.is_empty() { String::new() } else { format!(" by {}", persons.join(" or ")) }
}

/// Who wrote a commit: author and co-authors.
pub fn writers(chapter: &Chapter<'_>, named: bool) -> String {
    writers_in_words(&chapter.writers, named)
}

fn writers_in_words(writers: &[Writer<'_>], named: bool) -> String {
    let writers: Vec<String> = writers.iter().map(|writer| writer.in_words(named)).collect();
    match writers.split_first() {
        Some((author, [])) => author.clone(),
        Some((author, others)) => format!("{author} with {}", others.join(", ")),
        None => "nobody".to_owned(),
    }
}

/// Version and states after a commit: `version 2.1, approved, live`.
pub fn standing(chapter: &Chapter<'_>) -> String {
    let marks = chapter.edition.map(|edition| &edition.marks);
    let version = marks.and_then(|marks| marks.version.as_ref()).map(|version| format!("version {version}"));
    let states = marks.into_iter().flat_map(|marks| marks.states()).map(str::to_owned);
    version.into_iter().chain(states).collect::<Vec<_>>().join(", ")
}

/// The life for a terminal.
pub fn human(sms: &Sms, story: &Story<'_>, asked: Asked) -> String {
    let style = |code: &str, text: &str| {
        let text = one_line(text);
        if asked.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text }
    };
    let fit = |text: &str| fitted(text, asked.width);
    let title = story.title.as_deref().filter(|title| *title != story.id).unwrap_or_default();
    let mut text = format!("{} {}\n", style("1", &story.id), style("1", title)).replace(" \n", "\n");
    let kind = sms.kinds.get(&story.kind).map_or(story.kind.as_str(), |kind| kind.title.as_str());
    text.push_str(&format!("{}\n\n", style("2", &format!("{kind} · {}", story.path))));
    match asked.on {
        Some(day) => {
            on(sms, story, day, asked.named).lines().for_each(|line| text.push_str(&format!("{}\n", one_line(line))));
            return fit(&text);
        }
        None => text.push_str(&format!("{}\n", style("1", &now(sms, story)))),
    }
    let times = Times::of(sms, story);
    if let Times::AtOnce(times) = &times {
        text.push_str(&format!("{}\n", style("2", times)));
    }
    text.push('\n');
    for chapter in &story.chapters {
        let day = chapter.arrived.map_or_else(|| "no day    ".to_owned(), |day| day.to_string());
        text.push_str(&format!("{day}  {}\n", style("1", &deeds(sms, chapter, asked.named))));
        for line in grounds(sms, chapter, asked.named, &times) {
            text.push_str(&format!("            {}\n", one_line(&line)));
        }
        let standing = standing(chapter);
        let parts = [standing, format!("by {}", writers(chapter, asked.named)), commit(chapter)];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let line = format!("{} “{}”", parts.join(" · "), chapter.commit.summary);
        text.push_str(&format!("            {}\n", style("2", &line)));
    }
    if story.later > 0 {
        text.push_str(&format!("\nleft out: {} that came after {}\n", counted(story.later, "commit"), sms.as_of));
    }
    let mut text = fit(&text);
    if !story.periods.is_empty() {
        text.push_str(&format!("\n{}\n", style("1", "in force")));
        text.push_str(&table(story, sms.as_of, asked.width));
    }
    if let Some(hold) = anchors::hold(sms) {
        text.push_str(&fit(&format!("\nanchors: {}\n", one_line(&hold))));
    }
    text
}

/// The periods as a table, without the blanks at the ends of lines.
fn table(story: &Story<'_>, as_of: Date, width: Option<usize>) -> String {
    let head = ["version", "from", "until", ""].map(str::to_owned);
    let rows = story.periods.iter().map(|period| {
        let until = period.until.map_or_else(String::new, |until| until.to_string());
        [one_line(period.version.as_deref().unwrap_or("none")), period.from.to_string(), until, remarks(period, as_of)]
    });
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let of = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [of(0), of(1), of(2)];
    let start = widths.iter().sum::<usize>() + 8;
    // Where little room is left for remarks they go on further out.
    let (room, hang) = match width {
        Some(width) if width >= start + 20 => (width - start, start),
        Some(width) => (width.saturating_sub(start).max(1), start.min(width / 4)),
        None => (usize::MAX, 0),
    };
    let mut text = String::new();
    for [version, from, until, remarks] in &rows {
        let (a, b, c) = (widths[0], widths[1], widths[2]);
        let mut lines = wrap(&one_line(remarks), room).into_iter();
        let line = format!("  {version:a$}  {from:b$}  {until:c$}  {}", lines.next().unwrap_or_default());
        text.push_str(line.trim_end());
        text.push('\n');
        for line in wrap(&lines.collect::<Vec<_>>().join(" "), room.max(width.unwrap_or(0).saturating_sub(hang))) {
            if !line.is_empty() {
                text.push_str(&format!("{}{line}\n", " ".repeat(hang)));
            }
        }
    }
    text
}

/// The life as Markdown.
pub fn markdown(sms: &Sms, story: &Story<'_>, asked: Asked) -> String {
    let plain = |text: &str| plain(&one_line(text));
    let title = story.title.as_deref().filter(|title| *title != story.id).unwrap_or_default();
    let mut text = format!("# {}\n\n", plain(format!("{} {title}", story.id).trim()));
    match asked.on {
        Some(day) => {
            let lines = on(sms, story, day, asked.named);
            let lines: Vec<String> = lines.lines().map(|line| format!("{}\n", words(&sentence(line)))).collect();
            text.push_str(&lines.join("\n"));
        }
        None => text.push_str(&format!("{}.\n", words(&sentence(&now(sms, story))))),
    }
    let times = Times::of(sms, story);
    if let (Times::AtOnce(times), None) = (&times, asked.on) {
        text.push_str(&format!("\n{}.\n", words(&sentence(times))));
    }
    if let Some(hold) = anchors::hold(sms) {
        text.push_str(&format!("\nAnchors: {}.\n", words(&hold)));
    }
    if !story.periods.is_empty() {
        text.push_str("\n| Version | From | Until | |\n| --- | --- | --- | --- |\n");
        for period in &story.periods {
            let until = period.until.map_or_else(String::new, |until| until.to_string());
            let version = period.version.as_deref().unwrap_or("none");
            let remarks = words(&sentence(&remarks(period, sms.as_of)));
            text.push_str(&format!("| {} | {} | {until} | {remarks} |\n", plain(version), period.from));
        }
    }
    text.push_str("\n| Day | What | Shown by | Who | Commit |\n| --- | --- | --- | --- | --- |\n");
    for chapter in &story.chapters {
        let day = chapter.arrived.map_or_else(|| "not known".to_owned(), |day| day.to_string());
        let standing = standing(chapter);
        let what = deeds(sms, chapter, asked.named);
        let what = if standing.is_empty() { what } else { format!("{what} ({standing})") };
        let grounds: Vec<String> =
            grounds(sms, chapter, asked.named, &times).iter().map(|line| words(&sentence(line))).collect();
        text.push_str(&format!(
            "| {day} | {} | {} | {} | {} |\n",
            words(&sentence(&what)),
            grounds.join("<br>"),
            plain(&writers(chapter, asked.named)),
            commit(chapter)
        ));
    }
    text
}

/// The life for programs.
pub fn json(sms: &Sms, story: &Story<'_>, asked: Asked) -> String {
    let mut life = value(sms, story, asked.named);
    if let Some(fields) = life.as_object_mut() {
        fields.insert("version".to_owned(), json!(VERSION));
        fields.insert("as_of".to_owned(), json!(sms.as_of.to_string()));
        let brought: Vec<Value> = sms.brought_anchors().map(|anchor| anchors::head(sms, anchor)).collect();
        if !brought.is_empty() {
            fields.insert("anchors".to_owned(), json!(brought));
        }
        if let Some(day) = asked.on {
            let period = story.in_force_on(day);
            let edition = period.map(|period| period.text_on(day));
            let answer = json!({
                "day": day.to_string(),
                "version": period.and_then(|period| period.version.clone()),
                "in_force": period.is_some(),
                "commit": edition.map(|edition| edition.commit.to_string()),
                "path": edition.map(|edition| edition.path.clone()),
            });
            fields.insert("on".to_owned(), answer);
        }
    }
    format!("{life:#}\n")
}

/// The life as a value.
pub fn value(sms: &Sms, story: &Story<'_>, named: bool) -> Value {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let approval = |approval: &Approval| {
        let (time, anchor) = sms.time_of(approval);
        json!({
            "by": approval.by,
            "day": day(approval.day),
            "strength": approval.strength.in_words(),
            "commit": approval.proof.commit().map(|id| id.to_string()),
            "grounds": approval.grounds(sms, named),
            "time": time.in_words(),
            "witnessed_by": anchor.map(|anchor| anchors::head(sms, anchor)),
        })
    };
    let chapter = |chapter: &Chapter<'_>| {
        let marks = chapter.edition.map(|edition| &edition.marks);
        json!({
            "day": day(chapter.arrived),
            "commit": chapter.commit.id.to_string(),
            "committed": day(chapter.commit.day()),
            "merged_by": chapter.merge.map(|merge| merge.id.to_string()),
            "path": chapter.edition.map(|edition| edition.path.clone()),
            "what": deeds(sms, chapter, named),
            "fields": chapter.fields,
            "writers": chapter.writers.iter().map(|writer| writer.in_words(named)).collect::<Vec<_>>(),
            "version": marks.and_then(|marks| marks.version.clone()),
            "state": marks.and_then(|marks| marks.state.clone()),
            "stage": marks.and_then(|marks| marks.stage.clone()),
            "substance": chapter.edition.map(|edition| edition.substance.to_string()),
            "approvals": chapter.approvals.iter().map(approval).collect::<Vec<_>>(),
        })
    };
    let period = |period: &Period<'_>| {
        json!({
            "version": period.version,
            "approved_on": period.approved_on.to_string(),
            "from": period.from.to_string(),
            "until": day(period.until),
            "upcoming": period.from > sms.as_of,
            "ended": period.ended.map(crate::sms::evidence::Ending::in_words),
            "approvals": period.approvals.iter().map(approval).collect::<Vec<_>>(),
            "changed_without_approval":
                period.altered.iter().map(|(day, id)| json!({ "day": day.to_string(), "commit": id.to_string() })).collect::<Vec<_>>(),
        })
    };
    json!({
        "id": story.id,
        "title": story.title,
        "kind": story.kind,
        "path": story.path,
        "life": story.chapters.iter().map(chapter).collect::<Vec<_>>(),
        "in_force": story.periods.iter().map(period).collect::<Vec<_>>(),
    })
}

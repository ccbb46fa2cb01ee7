//! Which version was in force when, in words.

use super::{approver, grounds::time, short};
use crate::{
    calendar::Date,
    history::{Edition, ObjectId},
    report::one_line,
    sms::{
        Sms,
        evidence::{Chapter, Period, Story},
    },
    wording::shell_word,
};

/// A period in words: `version 2.1 since 2025-09-08`.
pub fn period(period: &Period<'_>, as_of: Date) -> String {
    let version = named_version(period);
    match period.until {
        _ if period.from > as_of => format!("{version} from {} on", period.from),
        Some(until) => format!("{version} from {} until {until}", period.from),
        None => format!("{version} since {}", period.from),
    }
}

fn named_version(period: &Period<'_>) -> String {
    period.version.as_ref().map_or_else(|| "a state without a version".to_owned(), |one| format!("version {one}"))
}

/// What is to be said of a period beside its days: what ended it, whether it is still to come, who
/// changed it without a new approval.
pub fn remarks(period: &Period<'_>, as_of: Date) -> String {
    let mut remarks = Vec::new();
    if period.from > as_of {
        remarks.push("upcoming".to_owned());
    } else if period.until.is_none_or(|until| until >= as_of) {
        remarks.push("in force".to_owned());
    }
    let still = period.until.is_some_and(|until| until >= as_of);
    remarks.extend(period.ended.map(|ended| format!("{}{}", if still { "then " } else { "" }, ended.in_words())));
    for (day, commit) in &period.altered {
        remarks.push(format!("changed on {day} without a new approval ({})", short(*commit)));
    }
    remarks.join("; ")
}

/// What stands there by a day instead of what was approved: who changed it when. None where what
/// was approved stands.
pub fn altered(period: &Period<'_>, day: Date) -> Option<String> {
    let told = |(day, commit): &(Date, ObjectId)| format!("on {day} ({})", short(*commit));
    let told: Vec<String> = period.altered_by(day).map(told).collect();
    (!told.is_empty()).then(|| format!("changed since without a new approval {}", told.join(", ")))
}

/// The answer to what is in force on the day of judgement.
pub fn now(sms: &Sms, story: &Story<'_>) -> String {
    let as_of = sms.as_of;
    if story.periods.is_empty() {
        return not_versioned(story);
    }
    let upcoming = story.periods.iter().find(|period| period.from > as_of);
    let then = upcoming.map_or_else(String::new, |period| format!("; upcoming: {}", self::period(period, as_of)));
    match story.in_force_on(as_of) {
        Some(period) => {
            let altered = altered(period, as_of).map_or_else(String::new, |altered| format!("; {altered}"));
            format!("in force on {as_of}: {}{altered}{then}", self::period(period, as_of))
        }
        None => format!("in force on {as_of}: nothing{then}"),
    }
}

/// Why a document has no versions in force.
fn not_versioned(story: &Story<'_>) -> String {
    let state = story.chapters.first().and_then(|chapter| chapter.edition);
    let now = state.and_then(|edition| edition.marks.stage.as_deref().or(edition.marks.state.as_deref()));
    let status = state.and_then(|edition| edition.marks.state.as_deref());
    if story.chapters.first().is_some_and(|chapter| chapter.edition.is_none()) {
        return "it was removed".to_owned();
    }
    match status {
        _ if !story.versioned => {
            now.map_or_else(|| "it has no state".to_owned(), |state| format!("its state is {state}"))
        }
        Some("approved") => {
            "it says that it is approved, and not on which day, so nothing shows what was in force".to_owned()
        }
        Some(state) => format!("its status is {state}; no version of it was ever put in force"),
        None => "it states no status, so no version of it was ever put in force".to_owned(),
    }
}

/// What was in force on the day that was asked for, in words: who approved it, who changed it since
/// without an approval, and where its text is.
pub fn on(sms: &Sms, story: &Story<'_>, day: Date, named: bool) -> String {
    let id = &story.id;
    let Some(period) = story.in_force_on(day) else { return nothing_on(story, day) };
    let until = period.until.map_or_else(String::new, |until| format!(" until {until}"));
    let mut lines = vec![
        format!("on {day} {} of {id} was in force, from {}{until}", named_version(period), period.from),
        format!("approved on {} by {}", period.approved_on, approved_by(sms, period, named)),
    ];
    let text = period.text_on(day);
    lines.push(format!("its text: {}", show(text)));
    if let Some(altered) = altered(period, day) {
        let last = period.altered_by(day).last().map(|(_, commit)| short(*commit)).unwrap_or_default();
        let range = shell_word(&format!("{}..{last}", short(text.commit)));
        lines.push(format!("{altered}: attestry log {} --diff {range}", shell_word(id)));
    }
    lines.join("\n")
}

/// Why no version was in force on a day: what the default branch had then.
fn nothing_on(story: &Story<'_>, day: Date) -> String {
    let id = &story.id;
    let arrived = |chapter: &&Chapter<'_>| chapter.arrived.is_some_and(|arrived| arrived <= day);
    let Some(chapter) = story.chapters.iter().find(arrived) else {
        let first = story.chapters.last().and_then(|chapter| chapter.arrived);
        let first = first.map_or_else(String::new, |first| format!("; it came on {first}"));
        return format!("on {day} {id} was not there yet{first}{}", next(story, day));
    };
    let Some(edition) = chapter.edition else {
        return format!("on {day} {id} was not there: it was {}", removed(chapter));
    };
    let states: Vec<&str> = edition.marks.states().collect();
    let state = match states.as_slice() {
        [] => "it states no status".to_owned(),
        states => format!("its state was {}", states.join(", ")),
    };
    let what = if story.versioned {
        let last = story.periods.iter().find(|period| period.until.is_some_and(|until| until < day));
        let last = last.and_then(|last| {
            Some(format!(
                "; {} was {} on {}",
                named_version(last),
                last.ended?.in_words(),
                last.until?.tomorrow().ok()?
            ))
        });
        format!("no version of {id} was in force: {state}{}{}", last.unwrap_or_default(), next(story, day))
    } else {
        format!(
            "{id} stood as it was written on {}; {state}",
            chapter.arrived.map_or_else(String::new, |day| day.to_string())
        )
    };
    format!("on {day} {what}\nits text: {}", show(edition))
}

fn next(story: &Story<'_>, day: Date) -> String {
    let next = story.periods.iter().rev().find(|period| period.from > day);
    next.map_or_else(String::new, |next| format!("; the next was {} from {} on", named_version(next), next.from))
}

/// When and by which commit a document was removed: `removed on 2025-04-01 (84dc92531a2b)`.
pub fn removed(chapter: &Chapter<'_>) -> String {
    let day = chapter.arrived.map_or_else(String::new, |day| format!(" on {day}"));
    format!("removed{day} ({})", short(chapter.commit.id))
}

/// How to see a state with git.
fn show(edition: &Edition) -> String {
    format!("git show {}", shell_word(&format!("{}:{}", short(edition.commit), one_line(&edition.path))))
}

/// Who approved a version and how strongly that is shown.
fn approved_by(sms: &Sms, period: &Period<'_>, named: bool) -> String {
    let mut told: Vec<String> = Vec::new();
    for approval in &period.approvals {
        told.push(format!(
            "{} ({}; time {})",
            approver(sms, &approval.by, named),
            approval.strength.in_words(),
            time(sms, approval)
        ));
    }
    let written = || {
        let by = period.text().marks.approved_by.as_deref();
        by.map_or_else(|| "nobody who is named".to_owned(), |by| format!("{} (claimed)", approver(sms, by, named)))
    };
    if told.is_empty() { written() } else { told.join(" and ") }
}

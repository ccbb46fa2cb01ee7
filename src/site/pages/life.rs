//! The life of a document on its page: what happened, who wrote and approved it, which version was
//! in force when, and what the newest version changed.

use crate::{
    document::Document,
    history::Edition,
    redline::{Redline, Then},
    report::log,
    site::{Site, html, redline},
    sms::evidence::{Period, Story},
};
use serde::Serialize;

/// More than this many entries are folded, but for the newest.
const AT_ONCE: usize = 8;

/// The life of a document.
#[derive(Serialize)]
pub(super) struct History {
    /// What is in force on the day of judgement, in words.
    now: String,
    /// Whether what stands in the tree was never committed like this.
    uncommitted: bool,
    periods: Vec<PeriodView>,
    chapters: crate::site::view::Folded<ChapterView>,
    /// How many commits came later and are left out.
    later: usize,
    changes: Option<Changes>,
}

#[derive(Serialize)]
struct PeriodView {
    version: String,
    from: String,
    until: Option<String>,
    remarks: String,
    approvals: Vec<String>,
}

#[derive(Serialize)]
struct ChapterView {
    day: String,
    what: String,
    /// What shows the approvals, one line each; HTML, made of escaped text.
    grounds: Vec<String>,
    standing: String,
    writers: String,
    commit: String,
}

/// What the newest approved version changed.
#[derive(Serialize)]
struct Changes {
    old: String,
    new: String,
    /// HTML, made of escaped text.
    redline: String,
}

/// The life of a document that the audience may see; none where the history does not know it.
pub(super) fn history(site: &Site<'_>, document: &Document) -> Option<History> {
    let sms = site.sms;
    if !sms.has_history() || document.register.is_some() && !document.is_written("id") {
        return None;
    }
    let story = sms.story(&document.id)?;
    // Two documents of one id share their lives, and neither of them is to tell the other's.
    if sms.positions(&document.id).iter().any(|position| site.withheld.document(*position).is_some()) {
        return None;
    }
    let named = !site.withheld.unclassified();
    let chapters = story.chapters.iter().map(|chapter| ChapterView {
        day: chapter.arrived.map_or_else(|| "not known".to_owned(), |day| day.to_string()),
        what: html::message(&log::deeds(sms, chapter, named)),
        grounds: log::grounds(sms, chapter, named).iter().map(|line| html::message(line)).collect(),
        standing: log::standing(chapter),
        writers: log::writers(chapter, named),
        commit: log::short(chapter.commit.id),
    });
    let chapters: Vec<ChapterView> = chapters.collect();
    if chapters.is_empty() {
        return None;
    }
    Some(History {
        now: if story.versioned { sentence(&log::now(sms, &story)) } else { String::new() },
        uncommitted: sms.edition(document).is_none(),
        periods: story.periods.iter().map(|period| period_view(site, period, named)).collect(),
        chapters: crate::site::view::Folded::new(chapters, AT_ONCE),
        later: story.later,
        changes: changes(site, &story),
    })
}

fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

fn period_view(site: &Site<'_>, period: &Period<'_>, named: bool) -> PeriodView {
    let sms = site.sms;
    let approvals = period.approvals.iter().map(|approval| {
        let person = sms.people.person(&approval.by);
        let name = person.map_or(approval.by.as_str(), |person| if named { &person.name } else { &person.id });
        format!("{name}, {}", approval.strength.in_words())
    });
    PeriodView {
        version: period.version.clone().unwrap_or_else(|| "none".to_owned()),
        from: period.from.to_string(),
        until: period.until.map(|day| day.to_string()),
        remarks: log::remarks(period, sms.as_of),
        approvals: approvals.collect(),
    }
}

/// The redline between the newest approved version and the one before, where the contents of both
/// were taken and the audience may see both.
fn changes(site: &Site<'_>, story: &Story<'_>) -> Option<Changes> {
    let sms = site.sms;
    let (old, new) = story.last_change()?;
    let then = |edition: &Edition| {
        let text = sms.text_of_blob(edition.blob)?;
        let folder = &sms.evidence.history.folder;
        let path = edition.path.strip_prefix(folder.as_str()).unwrap_or(&edition.path);
        let then = Then::read(sms, &story.id, path, text)?;
        // What was more confidential once stays so.
        let class = crate::audience::own_classification(&then.document);
        site.audience.may_see(class).then_some(then)
    };
    let redline = Redline::between(sms, &then(old)?, &then(new)?);
    let name = |edition: &Edition| edition.marks.version.clone().unwrap_or_else(|| log::short(edition.commit));
    Some(Changes { old: name(old), new: name(new), redline: redline::fragment(&redline) })
}

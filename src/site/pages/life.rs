//! The life of a document on its page: what happened, who wrote and approved it, which version was
//! in force when, and what the newest version changed.

use crate::{
    document::Document,
    history::Edition,
    redline::{Redline, Then},
    report::log,
    site::{Site, html, redline},
    sms::evidence::{Period, Story},
    wording::sentence,
};
use serde::Serialize;
use smol_str::SmolStr;
use std::collections::BTreeSet;

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
    /// Whether approvals are told.
    approved: bool,
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
    /// Its own day and the merge that brought it, where it was committed beside the default branch.
    brought: String,
}

/// What the newest approved version changed.
#[derive(Serialize)]
struct Changes {
    old: String,
    new: String,
    /// What was changed since without an approval.
    altered: Vec<String>,
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
    let times = log::Times::of(sms, &story);
    let chapters = story.chapters.iter().map(|chapter| ChapterView {
        day: chapter.arrived.map_or_else(|| "not known".to_owned(), |day| day.to_string()),
        what: html::message(&log::deeds(sms, chapter, named)),
        grounds: log::grounds(sms, chapter, named, &times).iter().map(|line| html::message(line)).collect(),
        standing: log::standing(chapter),
        writers: log::writers(chapter, named),
        commit: log::short(chapter.commit.id),
        brought: log::commit(chapter).split_once(' ').map_or_else(String::new, |(_, brought)| format!(" {brought}")),
    });
    let chapters: Vec<ChapterView> = chapters.collect();
    if chapters.is_empty() {
        return None;
    }
    let periods: Vec<PeriodView> = story.periods.iter().map(|period| period_view(site, period, named)).collect();
    let approved = chapters.iter().any(|chapter| !chapter.grounds.is_empty())
        || periods.iter().any(|period| !period.approvals.is_empty());
    Some(History {
        now: if story.versioned { sentence(&log::now(sms, &story)) } else { String::new() },
        uncommitted: sms.edition(document).is_none(),
        approved,
        periods,
        chapters: crate::site::view::Folded::new(chapters, AT_ONCE),
        later: story.later,
        changes: changes(site, &story),
    })
}

fn period_view(site: &Site<'_>, period: &Period<'_>, named: bool) -> PeriodView {
    let sms = site.sms;
    let approvals = period.approvals.iter().map(|approval| {
        let person = sms.people.person(&approval.by);
        let name = person.map_or(approval.by.as_str(), |person| if named { &person.name } else { &person.id });
        format!("{name}, {}", approval.strength.in_words())
    });
    PeriodView {
        version: period.version.as_ref().map_or_else(|| "none".to_owned(), SmolStr::to_string),
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
    // An entry that says nothing of its own is as confidential as its register.
    let may_see = |document: &Document| {
        let states_none = document.register.is_some() && !document.is_written("classification");
        states_none || site.audience.may_see(crate::audience::own_classification(document))
    };
    let then = |edition: &Edition| {
        let text = sms.text_of_blob(edition.blob)?;
        let folder = &sms.evidence.history.folder;
        let path = edition.path.strip_prefix(folder.as_str()).unwrap_or(&edition.path);
        let then = Then::read(sms, &story.id, path, text)?;
        // What was more confidential once stays so.
        may_see(&then.document).then_some(then)
    };
    let (mut before, mut after) = (then(old.text())?, then(new.text())?);
    let hidden = |entry: &&Document| {
        !may_see(entry) || sms.positions(&entry.id).iter().any(|at| site.withheld.document(*at).is_some())
    };
    let hidden: BTreeSet<String> =
        before.entries.iter().chain(&after.entries).filter(hidden).map(|entry| entry.id.to_lowercase()).collect();
    for then in [&mut before, &mut after] {
        then.entries.retain(|entry| !hidden.contains(&entry.id.to_lowercase()));
    }
    let redline = Redline::between(sms, &before, &after);
    let name = |period: &Period<'_>| {
        period.version.as_ref().map_or_else(|| log::short(period.text().commit), SmolStr::to_string)
    };
    let altered = |period: &Period<'_>| {
        let altered = log::altered(period, period.until.unwrap_or(sms.as_of))?;
        Some(format!("Version {} was {altered}; what was approved is shown.", name(period)))
    };
    Some(Changes {
        old: name(old),
        new: name(new),
        altered: [old, new].into_iter().filter_map(altered).collect(),
        redline: redline::fragment(&redline),
    })
}

/// A document that is not there any more.
#[derive(Serialize)]
pub(super) struct Gone {
    id: String,
    title: String,
    kind: String,
    removed: String,
    periods: Vec<String>,
}

/// The documents and records that the history knows, that are not there any more and that the
/// audience might see.
pub(super) fn gone(site: &Site<'_>) -> Vec<Gone> {
    let sms = site.sms;
    let stories = sms.gone().filter(|(_, last)| crate::audience::could_see(sms, site.audience, last));
    let stories = stories.filter_map(|(id, _)| sms.story(id));
    let told = stories.filter_map(|story| {
        let removal = story.chapters.first().filter(|chapter| chapter.edition.is_none())?;
        Some(Gone {
            removed: log::removed(removal),
            periods: story.periods.iter().map(|period| log::period(period, sms.as_of)).collect(),
            title: story.title.filter(|title| *title != story.id).unwrap_or_default().to_string(),
            kind: sms.kinds.get(&story.kind).map_or_else(|| story.kind.to_string(), |kind| kind.title.clone()),
            id: story.id.to_string(),
        })
    });
    told.collect()
}

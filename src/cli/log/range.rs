//! What `--diff` asks for: the two states that it names, and what they are called.

use crate::{
    calendar::{self, Date},
    history::{Edition, Event, Life, ObjectId},
    redline::{Redline, Then},
    report::{log, printable, redline::Sides},
    repository::Repository,
    sms::{
        Sms,
        evidence::{Chapter, Deed, Period, Story},
    },
    wording::shell_word,
};
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeSet;

/// The redline that a range asks for, and what its sides are called.
pub(super) fn compared(
    repository: &Repository,
    sms: &Sms,
    life: &Life,
    story: &Story<'_>,
    range: &str,
) -> Result<(Redline, Sides)> {
    let states = States { repository, sms, life, story };
    if range.contains("...") {
        bail!("`--diff {}`: two dots stand between what is compared: `1.0..2.1`", printable(range));
    }
    let (old, new) = match range.split_once("..") {
        Some((old, "")) if !old.is_empty() => (states.of(old)?, None),
        None if !range.is_empty() => {
            let new = states.of(range)?;
            (states.before(range, new)?, Some(new))
        }
        Some((old, new)) if !old.is_empty() => (states.of(old)?, Some(states.of(new)?)),
        _ => {
            let example = story.periods.last().and_then(|period| Some(period.version.as_ref()?.to_string()));
            let example =
                example.or_else(|| Some(states.days().next()?.to_string())).unwrap_or_else(|| "1.0".to_owned());
            bail!("`--diff {}` does not say what to compare with: write `{}..`", printable(range), printable(&example));
        }
    };
    let id = story.id.as_str();
    let (new_side, new_name) = if let Some(edition) = new {
        (states.read(edition)?, states.named(edition))
    } else {
        let document =
            sms.document(id).ok_or_else(|| anyhow!("{}; compare with a commit or day before", states.gone()))?;
        let source = sms.source(document.source);
        let then = Then::read(sms, id, source.path(), source.text()).context("it cannot be read")?;
        (then, "what stands there now".to_owned())
    };
    let title = story.title.as_deref().filter(|title| *title != story.id).unwrap_or_default();
    let sides = Sides {
        subject: format!("{id} {title}").trim_end().to_owned(),
        old: states.named(old),
        new: new_name,
        remarks: states.remarks(old, new),
    };
    Ok((Redline::between(sms, &states.read(old)?, &new_side), sides))
}

/// So many of the newest commits are told with the fields that they changed: each takes reading two
/// versions of the file.
const NAMED: usize = 100;

/// Tells which fields the commits of a life changed.
pub(super) fn name_fields<'a>(repository: &Repository, sms: &Sms, life: &'a Life, story: &mut Story<'a>) {
    let states = States { repository, sms, life, story };
    let mut found = Vec::new();
    for pair in states.story.chapters.windows(2).take(NAMED) {
        let changes = |deed: &Deed| matches!(deed, Deed::Changed | Deed::Noted);
        let (Some(new), Some(old)) = (pair[0].edition, pair[1].edition) else { continue };
        if !pair[0].deeds.iter().any(changes) {
            continue;
        }
        let (Ok(before), Ok(after)) = (states.read(old), states.read(new)) else { continue };
        let redline = Redline::between(sms, &before, &after);
        let kind = sms.kind(&after.document);
        let noted = pair[0].deeds.contains(&Deed::Noted);
        let of = |name: &&str| noted || crate::document::is_substance(name, kind);
        let names = redline.fields.iter().map(|field| field.name.as_str()).filter(of);
        let text = redline.rewrapped || crate::report::redline::has_changes(&redline.text);
        found.push((pair[0].commit.id, names.chain(text.then_some("text")).map(str::to_owned).collect::<Vec<_>>()));
    }
    for chapter in &mut story.chapters {
        if let Some((_, fields)) = found.iter().find(|(commit, _)| *commit == chapter.commit.id) {
            chapter.fields = fields.clone();
        }
    }
}

/// The states of one document.
struct States<'a, 's> {
    repository: &'a Repository,
    sms: &'a Sms,
    life: &'a Life,
    story: &'s Story<'a>,
}

impl<'a> States<'a, '_> {
    /// The state that a version, a day, a commit or another name of one means.
    fn of(&self, wanted: &str) -> Result<&'a Edition> {
        let (sms, life, story) = (self.sms, self.life, self.story);
        // A version is what was approved as such, whatever became of it afterwards.
        if let Some(period) = story.periods.iter().find(|period| period.version.as_deref() == Some(wanted)) {
            return Ok(period.text());
        }
        let has = |edition: &&Edition| edition.marks.version.as_deref() == Some(wanted);
        let by_version = life.editions().filter(has).find(|edition| edition.marks.is_approved());
        if let Some(edition) = by_version.or_else(|| life.editions().find(has)) {
            return Ok(edition);
        }
        if let Some(day) = calendar::parse_day(wanted) {
            return self.on(day);
        }
        let lower = wanted.to_lowercase();
        if lower.len() >= 4 && lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let history = &sms.evidence.history;
            let mut commits = history.commits.iter().filter(|commit| commit.id.to_string().starts_with(&lower));
            if let Some(commit) = commits.next() {
                if commits.next().is_some() {
                    bail!("several commits begin with `{wanted}`; write more of the id");
                }
                return self.at(commit.id, wanted);
            }
        }
        match self.repository.evidence_head(Some(wanted)) {
            Some(id) if sms.evidence.history.commit(id).is_some() => self.at(id, wanted),
            Some(id) => {
                bail!("`{}` is {}, which does not lead to the default branch", printable(wanted), log::short(id))
            }
            None => bail!(
                "`{}` is no version, commit or day in the life of `{}`; {}",
                printable(wanted),
                printable(&story.id),
                self.known()
            ),
        }
    }

    fn at(&self, commit: ObjectId, wanted: &str) -> Result<&'a Edition> {
        let event = self.life.at_commit(&self.sms.evidence.history, commit);
        event
            .and_then(Event::edition)
            .with_context(|| format!("`{}` was not there at commit {}", printable(&self.story.id), printable(wanted)))
    }

    /// What the default branch held on a day.
    fn on(&self, day: Date) -> Result<&'a Edition> {
        let id = printable(&self.story.id);
        let arrived = |chapter: &&Chapter<'a>| chapter.arrived.is_some_and(|arrived| arrived <= day);
        let chapter = self.story.chapters.iter().find(arrived);
        let chapter = chapter.with_context(|| format!("`{id}` was not there yet on {day}"))?;
        chapter
            .edition
            .with_context(|| format!("`{id}` was not there any more on {day}: it was {}", log::removed(chapter)))
    }

    /// Why nothing stands there now.
    fn gone(&self) -> String {
        let id = printable(&self.story.id);
        match self.story.chapters.first().filter(|chapter| chapter.edition.is_none()) {
            Some(chapter) => format!("`{id}` is not there any more: it was {}", log::removed(chapter)),
            None => format!("`{id}` is not there"),
        }
    }

    /// The days on which it was written, newest first.
    fn days(&self) -> impl Iterator<Item = Date> {
        let mut days: Vec<Date> =
            self.story.chapters.iter().filter(|one| one.edition.is_some()).filter_map(|one| one.arrived).collect();
        days.dedup();
        days.into_iter()
    }

    /// What could be asked for.
    fn known(&self) -> String {
        let versions: BTreeSet<&str> =
            self.life.editions().filter_map(|edition| edition.marks.version.as_deref()).collect();
        if !versions.is_empty() {
            let versions: Vec<String> = versions.into_iter().map(printable).collect();
            return format!("it has the versions {}", versions.join(", "));
        }
        let days: Vec<String> = self.days().take(8).map(|day| day.to_string()).collect();
        format!("it has no versions, and was written on {}", days.join(", "))
    }

    /// The approved version before one; where there is none, the state before it.
    fn before(&self, range: &str, new: &Edition) -> Result<&'a Edition> {
        let is_of = |period: &Period<'_>| period.editions.iter().any(|(_, edition)| edition.commit == new.commit);
        let approved = self.story.periods.iter().skip_while(|period| !is_of(period)).nth(1);
        let earlier = || {
            let mut states = self.story.chapters.iter().filter_map(|chapter| chapter.edition);
            states.by_ref().find(|state| state.commit == new.commit)?;
            states.find(|state| state.marks.version != new.marks.version || state.substance != new.substance)
        };
        // A draft is held against the version that it is to take the place of.
        let newest = || self.story.periods.first().filter(|_| !self.story.periods.iter().any(is_of));
        let arrived = |state: &Edition| self.story.chapters.iter().position(|one| one.commit.id == state.commit);
        let newest = || newest().map(Period::text).filter(|text| arrived(text) > arrived(new));
        approved.map(Period::text).or_else(newest).or_else(earlier).with_context(|| {
            let id = printable(&self.story.id);
            format!("nothing was there before `{}`; it is the first state of `{id}`", printable(range))
        })
    }

    /// A state in words: `version 1.0 approved on 2024-06-24 (1a2b3c4d5e6f)`.
    fn named(&self, edition: &Edition) -> String {
        let commit = log::short(edition.commit);
        let marks = &edition.marks;
        let version = marks.version.as_ref().map_or_else(|| "the state".to_owned(), |one| format!("version {one}"));
        let of = |period: &&Period<'_>| period.editions.iter().any(|(_, one)| one.commit == edition.commit);
        let chapter = self.story.chapters.iter().find(|chapter| chapter.commit.id == edition.commit);
        let claimed = || self.sms.evidence.history.commit(edition.commit)?.day();
        let day = chapter.and_then(|chapter| chapter.arrived).or_else(claimed);
        let day = day.map_or_else(String::new, |day| format!(" of {day}"));
        match self.story.periods.iter().find(of) {
            Some(period) if period.text() == edition => {
                format!("{version} approved on {} ({commit})", period.approved_on)
            }
            Some(period) if !period.is_approved(edition) => {
                format!("{version} as changed{} without a new approval ({commit})", day.replace(" of", " by"))
            }
            None => match marks.state.as_deref().filter(|_| marks.version.is_some()) {
                Some(state) => format!("{version}, {state},{day} ({commit})"),
                None => format!("{version}{day} ({commit})"),
            },
            Some(_) => format!("{version}{day} ({commit})"),
        }
    }

    /// Versions that are compared as they were approved, and stand otherwise since.
    fn remarks(&self, old: &Edition, new: Option<&Edition>) -> Vec<String> {
        let mut remarks = Vec::new();
        for period in &self.story.periods {
            let text = period.text();
            if ![Some(old), new].contains(&Some(text)) {
                continue;
            }
            let last_day = period.until.unwrap_or(self.sms.as_of);
            let Some(altered) = log::altered(period, last_day) else { continue };
            let Some((_, last)) = period.altered_by(last_day).last() else { continue };
            if new.is_some_and(|new| new.commit == *last) {
                continue;
            }
            let version = text.marks.version.as_ref().map_or_else(|| "it".to_owned(), |one| format!("version {one}"));
            let range = shell_word(&format!("{}..{}", log::short(text.commit), log::short(*last)));
            let id = shell_word(&self.story.id);
            remarks.push(format!("{version} was {altered}: attestry log {id} --diff {range}"));
        }
        remarks
    }

    /// The document as a state has it.
    fn read(&self, edition: &Edition) -> Result<Then> {
        let (sms, short) = (self.sms, log::short(edition.commit));
        let contents = self.repository.contents();
        let bytes = contents.as_ref().and_then(|contents| contents.read(edition.blob));
        let bytes = bytes
            .with_context(|| format!("`{}` of commit {short} is not in this clone; fetch it whole", edition.path))?;
        let text = crate::document::text_of(bytes.to_vec()).0;
        let path = edition.path.strip_prefix(self.repository.folder()).unwrap_or(&edition.path);
        Then::read(sms, &self.story.id, path, &text)
            .with_context(|| format!("`{}` of commit {short} cannot be read", edition.path))
    }
}

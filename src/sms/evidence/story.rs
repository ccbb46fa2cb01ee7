//! The life of one document told: what each commit did to it, who wrote it and who approved it.

use super::{
    Approval, Period, Who, approval,
    imported::imported,
    period::{Days, periods},
};
use crate::{
    calendar::Date,
    document::REGISTER,
    history::{Commit, Edition, Event, History, Life, ObjectId, Person as Signature},
    sms::{Person, Sms},
};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The life of a document, as it stood at the end of the day of judgement.
pub struct Story<'a> {
    /// Its id as it was written last.
    pub id: SmolStr,
    /// Its title, where it ever wrote one.
    pub title: Option<SmolStr>,
    /// Its kind.
    pub kind: SmolStr,
    /// Where it stood last, from the git root.
    pub path: SmolStr,
    /// What happened, newest first.
    pub chapters: Vec<Chapter<'a>>,
    /// When which version was in force, newest first; those that are upcoming come before.
    pub periods: Vec<Period<'a>>,
    /// Whether it is approved in versions: records and entries are not.
    pub versioned: bool,
    /// How many commits came to the default branch after the day of judgement; they are left out.
    pub later: usize,
}

/// What one commit did to the document.
pub struct Chapter<'a> {
    /// The commit.
    pub commit: &'a Commit,
    /// The day on which it came to the default branch, as the commit that brought it claims.
    pub arrived: Option<Date>,
    /// The merge that brought it there, where it was committed beside the default branch.
    pub merge: Option<&'a Commit>,
    /// The state that it left; none where the document was removed.
    pub edition: Option<&'a Edition>,
    /// What it did.
    pub deeds: Vec<Deed>,
    /// The names of the fields that it changed, `text` for the text; none where the contents were
    /// not looked at.
    pub fields: Vec<String>,
    /// The approvals that it shows, the strongest of each person.
    pub approvals: Vec<Approval>,
    /// Its author, then its co-authors.
    pub writers: Vec<Writer<'a>>,
}

/// Something that a commit did to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It was written for the first time, as a draft.
    Drafted,
    /// It was written for the first time.
    Added,
    /// It came back after it was removed.
    Returned,
    /// Its file had this path before, from the git root.
    Renamed(SmolStr),
    /// What an approval binds to was changed.
    Changed,
    /// It was given to those who are to approve it.
    SentToReview,
    /// It became a draft again.
    Reopened,
    /// It was approved, as this version.
    Approved(Option<SmolStr>),
    /// It was looked at, and stayed as it was.
    Reviewed,
    /// It went from one state to another.
    State(Option<SmolStr>, Option<SmolStr>),
    /// Entries of the register were written, changed or removed.
    Entries(Entries),
    /// It was superseded.
    Superseded,
    /// It was withdrawn.
    Withdrawn,
    /// It was closed, in this state.
    Closed(SmolStr),
    /// It was removed.
    Removed,
    /// Only fields changed that no approval binds to.
    Noted,
}

/// Ids of entries of a register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// Those that were written for the first time, or again.
    pub added: Vec<SmolStr>,
    /// Those that were changed.
    pub changed: Vec<SmolStr>,
    /// Those that were removed.
    pub removed: Vec<SmolStr>,
}

/// Who wrote a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writer<'a> {
    /// Somebody of `people.yaml`.
    Person(&'a Person),
    /// A program with an account.
    Bot(Signature),
    /// The hosting platform.
    Platform(Signature),
    /// Nobody who is known.
    Unknown(Signature),
}

impl Writer<'_> {
    /// The writer in words; without `named`, persons are told by their ids and strangers not at all.
    pub fn in_words(&self, named: bool) -> String {
        match self {
            Self::Person(person) if named => person.name.clone(),
            Self::Person(person) => person.id.clone(),
            Self::Bot(signature) if named => format!("the program {}", signature.name),
            Self::Bot(_) => "a program".to_owned(),
            Self::Platform(signature) if named => format!("the hosting platform ({})", signature.name),
            Self::Platform(_) => "the hosting platform".to_owned(),
            Self::Unknown(signature) if named => format!("unknown: {} <{}>", signature.name, signature.email),
            Self::Unknown(_) => "somebody who is not in `people.yaml`".to_owned(),
        }
    }
}

impl<'a> Story<'a> {
    /// The version that was in force on a day.
    pub fn in_force_on(&self, day: Date) -> Option<&Period<'a>> {
        self.periods.iter().find(|period| period.from <= day && period.until.is_none_or(|until| day <= until))
    }

    /// The approved version before the newest one, and the newest one.
    pub fn last_change(&self) -> Option<(&Period<'a>, &Period<'a>)> {
        let mut periods = self.periods.iter();
        let new = periods.next()?;
        Some((periods.next()?, new))
    }
}

impl Sms {
    /// The life of the document or entry of an id; none where the history knows none.
    pub fn story(&self, id: &str) -> Option<Story<'_>> {
        let life = self.evidence.lives.get(&id.to_lowercase())?;
        let days = Days::new(self);
        let known = |event: &&Event| days.arrival(event.commit()).is_none_or(|day| day <= self.as_of);
        let events: Vec<&Event> = life.events.iter().filter(known).collect();
        let newest = life.editions().next()?;
        let controlled = self.is_followed_by_approvals(id, newest);
        let states: Vec<&Edition> = events.iter().filter_map(|event| event.edition()).collect();
        let entries = if controlled { imported(self) } else { Vec::new() };
        let tags = if controlled { approval::tags(self) } else { Vec::new() };
        let approvals_of = |edition: &Edition| -> Vec<Approval> {
            if !controlled {
                return Vec::new();
            }
            let place = states.iter().position(|one| one.commit == edition.commit && one.path == edition.path);
            strongest(
                place.map(|place| approval::of_edition(self, &states, place, &entries, &tags)).unwrap_or_default(),
            )
        };
        let told = states.first().copied().unwrap_or(newest);
        let mut entries_of =
            if told.marks.kind == REGISTER { self.entries_by_commit(&states) } else { BTreeMap::new() };
        let chapters = (0..events.len()).filter_map(|place| {
            let entries = entries_of.remove(&events[place].commit());
            chapter(self, &days, &events, place, entries, &approvals_of)
        });
        Some(Story {
            id: told.marks.id.clone(),
            title: states.iter().find_map(|edition| edition.marks.title.clone()),
            kind: told.marks.kind.clone(),
            path: told.path.clone(),
            chapters: chapters.collect(),
            periods: if controlled { periods(&days, &events, &approvals_of) } else { Vec::new() },
            versioned: controlled,
            later: life.events.len() - events.len(),
        })
    }

    /// What commits did to the entries of a register, whose states are given newest first.
    fn entries_by_commit(&self, states: &[&Edition]) -> BTreeMap<ObjectId, Entries> {
        let path_at: BTreeMap<ObjectId, &str> =
            states.iter().map(|edition| (edition.commit, edition.path.as_str())).collect();
        let mut found: BTreeMap<ObjectId, Entries> = BTreeMap::new();
        for life in self.evidence.lives.values() {
            for (place, event) in life.events.iter().enumerate() {
                let before = life.events.get(place + 1).and_then(Event::edition);
                let (Some(path), Some(one)) = (path_at.get(&event.commit()), event.edition().or(before)) else {
                    continue;
                };
                let is_entry = one.marks.kind != REGISTER && one.path == *path;
                let moved = before.is_some_and(|before| before.marks == one.marks && before.substance == one.substance);
                if !is_entry || (moved && event.edition().is_some()) {
                    continue;
                }
                let entries = found.entry(event.commit()).or_default();
                let list = match (event, before) {
                    (Event::Removed(_), _) => &mut entries.removed,
                    (_, None) => &mut entries.added,
                    _ => &mut entries.changed,
                };
                list.push(one.marks.id.clone());
            }
        }
        found
    }

    /// Whether the document of an id is approved in versions: those that are gone by their kind.
    fn is_followed_by_approvals(&self, id: &str, newest: &Edition) -> bool {
        match self.document(id) {
            Some(document) => self.is_controlled(document),
            None => self
                .kinds
                .get(&newest.marks.kind)
                .is_some_and(|kind| matches!(kind.form, crate::kind::Form::Document | crate::kind::Form::Register)),
        }
    }

    /// Who wrote a commit: its author, then its co-authors.
    pub fn writers(&self, commit: &Commit) -> Vec<Writer<'_>> {
        let history = &self.evidence.history;
        let of = |signature: &Signature| match self.who(signature) {
            Who::Person(person) => Writer::Person(person),
            Who::Bot => Writer::Bot(self.people.resolved(signature, history)),
            Who::Platform => Writer::Platform(self.people.resolved(signature, history)),
            Who::Unknown => Writer::Unknown(self.people.resolved(signature, history)),
        };
        let mut writers: Vec<Writer<'_>> = Vec::new();
        for writer in commit.writers().map(of) {
            if !writers.contains(&writer) {
                writers.push(writer);
            }
        }
        writers
    }
}

/// One approval per person: of those that are sorted by strength the first.
fn strongest(approvals: Vec<Approval>) -> Vec<Approval> {
    let mut one_each: Vec<Approval> = Vec::new();
    for approval in approvals {
        if !one_each.iter().any(|other| other.by == approval.by) {
            one_each.push(approval);
        }
    }
    one_each
}

fn chapter<'a>(
    sms: &'a Sms,
    days: &Days<'_>,
    events: &[&'a Event],
    place: usize,
    entries: Option<Entries>,
    approvals_of: &dyn Fn(&Edition) -> Vec<Approval>,
) -> Option<Chapter<'a>> {
    let event = events[place];
    let commit = sms.evidence.history.commit(event.commit())?;
    let before = events.get(place + 1).copied();
    let edition = event.edition();
    let mut approvals = edition.map(approvals_of).unwrap_or_default();
    // What another commit of this life shows is told there.
    let elsewhere = |id: ObjectId| id != commit.id && events.iter().any(|event| event.commit() == id);
    approvals.retain(|approval| !approval.proof.commit().is_some_and(elsewhere));
    let mut deeds = edition.map_or_else(|| vec![Deed::Removed], |edition| deeds(edition, before));
    if let Some(entries) = entries {
        deeds.retain(|deed| *deed != Deed::Noted);
        deeds.push(Deed::Entries(entries));
    }
    Some(Chapter {
        commit,
        arrived: days.arrival(commit.id),
        merge: commit.merged_by.and_then(|id| sms.evidence.history.commit(id)),
        edition,
        deeds,
        fields: Vec::new(),
        approvals,
        writers: sms.writers(commit),
    })
}

fn deeds(now: &Edition, before: Option<&Event>) -> Vec<Deed> {
    let is_draft = |edition: &Edition| edition.marks.state.as_deref() == Some("draft");
    let Some(before) = before.and_then(Event::edition) else {
        let first = match before {
            Some(_) => Deed::Returned,
            None if is_draft(now) => Deed::Drafted,
            None => Deed::Added,
        };
        let state = state_deed(now, None).filter(|deed| !matches!(deed, Deed::State(..) | Deed::Reopened));
        return std::iter::once(first).chain(state).collect();
    };
    let mut deeds = Vec::new();
    if before.path != now.path {
        deeds.push(Deed::Renamed(before.path.clone()));
    }
    if before.substance != now.substance {
        deeds.push(Deed::Changed);
    }
    let again = now.marks.is_approved() && before.marks.approval() != now.marks.approval();
    if before.marks.state != now.marks.state || again {
        deeds.extend(state_deed(now, Some(before)));
    } else if before.marks.review() != now.marks.review() && now.marks.review().is_some() {
        deeds.push(Deed::Reviewed);
    }
    if before.marks.stage != now.marks.stage {
        deeds.push(Deed::State(before.marks.stage.clone(), now.marks.stage.clone()));
    }
    if deeds.is_empty() {
        deeds.push(Deed::Noted);
    }
    deeds
}

fn state_deed(now: &Edition, before: Option<&Edition>) -> Option<Deed> {
    let state = now.marks.state.as_deref()?;
    Some(match state {
        "approved" if now.marks.approved_by.is_some() || now.marks.version.is_some() => {
            Deed::Approved(now.marks.version.clone())
        }
        "in-review" => Deed::SentToReview,
        "draft" => Deed::Reopened,
        "superseded" => Deed::Superseded,
        "withdrawn" => Deed::Withdrawn,
        state if now.marks.closed && now.marks.stage.is_none() => Deed::Closed(state.into()),
        _ => Deed::State(before.and_then(|before| before.marks.state.clone()), now.marks.state.clone()),
    })
}

impl Life {
    /// The state that led to a commit: the newest among what the commit builds on.
    pub fn at_commit(&self, history: &History, commit: ObjectId) -> Option<&Event> {
        let mut led = BTreeSet::new();
        let mut pending = vec![commit];
        while let Some(id) = pending.pop() {
            if led.insert(id) {
                pending.extend(history.commit(id).map(|commit| commit.parents.clone()).unwrap_or_default());
            }
        }
        self.events.iter().find(|event| led.contains(&event.commit()))
    }
}

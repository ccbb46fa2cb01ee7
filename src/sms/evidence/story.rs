//! The life of one document told: what each commit did to it, who wrote it and who approved it.

use super::{
    Approval, Period, Who, approval,
    period::{Days, periods},
};
use crate::{
    calendar::Date,
    history::{Commit, Edition, Event, History, Life, ObjectId, Person as Signature},
    sms::{Person, Sms},
};

/// The life of a document, as it stood at the end of the day of judgement.
pub struct Story<'a> {
    /// Its id as it was written last.
    pub id: String,
    /// Its title, where it ever wrote one.
    pub title: Option<String>,
    /// Its kind.
    pub kind: String,
    /// Where it stood last, from the git root.
    pub path: String,
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
    /// The state that it left; none where the document was removed.
    pub edition: Option<&'a Edition>,
    /// What it did.
    pub deeds: Vec<Deed>,
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
    Renamed(String),
    /// What an approval binds to was changed.
    Changed,
    /// It was given to those who are to approve it.
    SentToReview,
    /// It became a draft again.
    Reopened,
    /// It was approved, as this version.
    Approved(Option<String>),
    /// It was looked at, and stayed as it was.
    Reviewed,
    /// It went from one state to another.
    State(Option<String>, Option<String>),
    /// It was superseded.
    Superseded,
    /// It was withdrawn.
    Withdrawn,
    /// It was closed, in this state.
    Closed(String),
    /// It was removed.
    Removed,
    /// Only fields changed that no approval binds to.
    Noted,
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

impl Story<'_> {
    /// The version that was in force on a day.
    pub fn in_force_on(&self, day: Date) -> Option<&Period<'_>> {
        self.periods.iter().find(|period| period.from <= day && period.until.is_none_or(|until| day <= until))
    }

    /// The newest approved version and the one before it, as they were committed last.
    pub fn last_change(&self) -> Option<(&Edition, &Edition)> {
        let mut approved = self.periods.iter().filter_map(|period| period.editions.last());
        let (_, new) = approved.next()?;
        let (_, old) = approved.next()?;
        Some((old, new))
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
        let entries = if controlled { approval::imported(self) } else { Vec::new() };
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
        let chapters = (0..events.len()).filter_map(|place| chapter(self, &days, &events, place, &approvals_of));
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
        let of = |signature: &Signature| match self.people.who(signature, history) {
            Who::Person(person) => Writer::Person(person),
            Who::Bot => Writer::Bot(history.person(signature)),
            Who::Platform => Writer::Platform(history.person(signature)),
            Who::Unknown => Writer::Unknown(history.person(signature)),
        };
        let mut writers: Vec<Writer<'_>> = Vec::new();
        for writer in std::iter::once(&commit.author).chain(&commit.co_authors).map(of) {
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
    Some(Chapter {
        commit,
        arrived: days.arrival(commit.id),
        edition,
        deeds: edition.map_or_else(|| vec![Deed::Removed], |edition| deeds(edition, before)),
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
        state if now.marks.closed => Deed::Closed(state.to_owned()),
        _ => Deed::State(before.and_then(|before| before.marks.state.clone()), now.marks.state.clone()),
    })
}

impl Life {
    /// The state that led to a commit: the newest among what the commit builds on.
    pub fn at_commit(&self, history: &History, commit: ObjectId) -> Option<&Event> {
        let mut led = std::collections::BTreeSet::new();
        let mut pending = vec![commit];
        while let Some(id) = pending.pop() {
            if led.insert(id) {
                pending.extend(history.commit(id).map(|commit| commit.parents.clone()).unwrap_or_default());
            }
        }
        self.events.iter().find(|event| led.contains(&event.commit()))
    }
}

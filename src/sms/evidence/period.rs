//! Which version of a document was in force when.

use super::Approval;
use crate::{
    calendar::Date,
    document::REGISTER,
    history::{Edition, Event, ObjectId, Substance},
    sms::Sms,
};
use jiff::tz::TimeZone;
use smol_str::SmolStr;

/// A time in which a version was, is or will be in force.
pub struct Period<'a> {
    /// The version.
    pub version: Option<SmolStr>,
    /// The day of its approval.
    pub approved_on: Date,
    /// The first day.
    pub from: Date,
    /// The last day; none where nothing has ended it.
    pub until: Option<Date>,
    /// What ended it.
    pub ended: Option<Ending>,
    /// Its states with the day on which each came to the default branch, oldest first; never none.
    pub editions: Vec<(Date, &'a Edition)>,
    /// The approvals of it that can be seen, the strongest of each person.
    pub approvals: Vec<Approval>,
    /// Commits that changed what was approved, without a new approval, with their days.
    pub altered: Vec<(Date, ObjectId)>,
    /// Substances that were approved.
    approved: Vec<Substance>,
}

/// What ended the time in which a version was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A later version.
    Replaced,
    /// It was superseded.
    Superseded,
    /// It was withdrawn.
    Withdrawn,
    /// It was removed.
    Removed,
}

impl Ending {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Replaced => "replaced by a later version",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::Removed => "removed",
        }
    }
}

impl<'a> Period<'a> {
    /// What the version says: its newest state whose substance was approved. The entries of a
    /// register live on under one approval, so that its version is what was approved.
    pub fn text(&self) -> &'a Edition {
        let (_, first) = self.editions[0];
        let newest = self.editions.iter().rev().map(|(_, edition)| *edition).find(|edition| self.is_approved(edition));
        newest.filter(|_| !is_register(first)).unwrap_or(first)
    }

    /// What was in force on a day: its newest state by then whose substance was approved.
    pub fn text_on(&self, day: Date) -> &'a Edition {
        let there = |(arrived, edition): &&(Date, &Edition)| *arrived <= day && self.is_approved(edition);
        self.editions.iter().rev().find(there).map_or(self.editions[0].1, |(_, edition)| *edition)
    }

    /// The commits by the end of a day that changed what was in force then, without a new approval.
    pub fn altered_by(&self, day: Date) -> impl Iterator<Item = &(Date, ObjectId)> {
        let commit = self.text_on(day).commit;
        let place = self.editions.iter().position(|(_, edition)| edition.commit == commit).unwrap_or(0);
        let since: Vec<ObjectId> = self.editions[place..].iter().map(|(_, edition)| edition.commit).collect();
        self.altered.iter().filter(move |(altered, commit)| *altered <= day && since.contains(commit))
    }

    /// Whether a state has a substance that was approved in this time.
    pub fn is_approved(&self, edition: &Edition) -> bool {
        self.approved.contains(&edition.substance)
    }
}

fn is_register(edition: &Edition) -> bool {
    edition.marks.kind == REGISTER
}

/// When commits came to the default branch, in the organization's zone.
pub(super) struct Days<'a> {
    sms: &'a Sms,
    zone: TimeZone,
}

impl<'a> Days<'a> {
    pub(super) fn new(sms: &'a Sms) -> Self {
        Self { sms, zone: sms.configuration.time_zone() }
    }

    /// The day on which a commit came there, as the commit that brought it claims.
    pub(super) fn arrival(&self, id: ObjectId) -> Option<Date> {
        let made = self.sms.evidence.history.commit(self.sms.brought_by(id))?.made()?;
        let instant = jiff::Timestamp::from_second(made.seconds).ok()?;
        Some(instant.to_zoned(self.zone.clone()).date())
    }
}

/// When which version was in force: approved, on the default branch, its first day come, and
/// nothing later in force, superseded or withdrawn.
pub(super) fn periods<'a>(
    days: &Days<'_>,
    events: &[&'a Event],
    approvals_of: &dyn Fn(&Edition) -> Vec<Approval>,
) -> Vec<Period<'a>> {
    let mut periods: Vec<Period<'a>> = Vec::new();
    let claims = |edition: &Edition| {
        let marks = &edition.marks;
        (marks.version.clone(), marks.approved_on, marks.approved_by.clone())
    };
    // Only while the approved state stands may a later commit belong to the same version.
    let mut open = false;
    for arrival in days.sms.line_of(events.iter().copied()) {
        let Some(arrived) = days.arrival(arrival.commit) else { continue };
        let event = arrival.event;
        let state = event.edition().and_then(|edition| edition.marks.state.as_deref());
        match (event.edition(), state) {
            (None, _) => end(&mut periods, arrived, Ending::Removed),
            (_, Some("superseded")) => end(&mut periods, arrived, Ending::Superseded),
            (_, Some("withdrawn")) => end(&mut periods, arrived, Ending::Withdrawn),
            (Some(edition), Some("approved")) => {
                let last = periods.last_mut().filter(|last| open && last.ended.is_none());
                let same =
                    last.filter(|last| last.editions.last().is_some_and(|(_, one)| claims(one) == claims(edition)));
                if let Some(same) = same {
                    same.editions.push((arrived, edition));
                } else if let Some(period) = begin(arrived, edition, approvals_of(edition)) {
                    end(&mut periods, period.from, Ending::Replaced);
                    periods.push(period);
                }
            }
            _ => {}
        }
        open = state == Some("approved");
    }
    for period in &mut periods {
        find_altered(period, approvals_of);
    }
    periods.reverse();
    periods
}

fn begin(arrived: Date, edition: &Edition, approvals: Vec<Approval>) -> Option<Period<'_>> {
    let approved_on = edition.marks.approved_on.or_else(|| approvals.iter().filter_map(|one| one.day).min())?;
    let from = edition.marks.effective_from.unwrap_or(approved_on).max(approved_on).max(arrived);
    Some(Period {
        version: edition.marks.version.clone(),
        approved_on,
        from,
        until: None,
        ended: None,
        editions: vec![(arrived, edition)],
        approvals,
        altered: Vec::new(),
        approved: vec![edition.substance],
    })
}

/// Ends what is in force the day before; what would have begun on that day or later never was.
fn end(periods: &mut Vec<Period<'_>>, day: Date, how: Ending) {
    periods.retain(|period| period.ended.is_some() || period.from < day);
    for period in periods.iter_mut().filter(|period| period.ended.is_none()) {
        period.until = day.yesterday().ok();
        period.ended = Some(how);
    }
}

/// Which states of a version were approved, and which differ from what was.
fn find_altered(period: &mut Period<'_>, approvals_of: &dyn Fn(&Edition) -> Vec<Approval>) {
    let mut before = period.editions[0].1.substance;
    for (day, edition) in &period.editions[1..] {
        if !approvals_of(edition).is_empty() {
            period.approved.push(edition.substance);
        }
        if !period.approved.contains(&edition.substance) && before != edition.substance {
            period.altered.push((*day, edition.commit));
        }
        before = edition.substance;
    }
}

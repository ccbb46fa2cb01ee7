//! Days on which a document and its successor were both in force.

use super::{Ending, Period, Story};
use crate::{calendar::Date, history::Edition, sms::Sms, sms::without_version};
use smol_str::SmolStr;

/// A time in which a document and its successor were both in force, and that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The id of the document that was superseded.
    pub old: SmolStr,
    /// Its version then.
    pub old_version: Option<SmolStr>,
    /// The id of its successor.
    pub new: SmolStr,
    /// The successor's version then.
    pub new_version: Option<SmolStr>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// What ended it, and whether it ended the old one.
    pub ended: (Ending, bool),
}

impl Sms {
    /// Times that are over in which a document and one that supersedes it were both in force, by
    /// successor. Counted is from the day on which the successor, in force, said that it supersedes.
    pub fn overlaps(&self) -> Vec<Overlap> {
        let says_so = |edition: &Edition| edition.marks.supersedes.is_some();
        let successors = self.evidence.lives.iter().filter(|(_, life)| life.editions().any(says_so));
        let mut found = Vec::new();
        for (id, _) in successors {
            let Some(new) = self.story(id) else { continue };
            let mut named: Vec<&str> = new.periods.iter().flat_map(superseded).map(|(_, named)| named).collect();
            named.sort_unstable();
            named.dedup();
            for named in named.into_iter().filter(|named| !without_version(named).eq_ignore_ascii_case(id)) {
                if let Some(old) = self.story(without_version(named)) {
                    found.extend(self.overlaps_of(&old, &new, named));
                }
            }
        }
        found
    }

    fn overlaps_of(&self, old: &Story<'_>, new: &Story<'_>, named: &str) -> Vec<Overlap> {
        let version = named.split_once('@').map(|(_, version)| version);
        let is_meant = |period: &&Period<'_>| {
            version.is_none() || period.version.is_none() || period.version.as_deref() == version
        };
        let mut found: Vec<Overlap> = Vec::new();
        for (at, new_period) in new.periods.iter().enumerate().rev() {
            let Some((since, _)) = superseded(new_period).find(|(_, one)| *one == named) else { continue };
            for old_period in old.periods.iter().rev().filter(is_meant) {
                let last = |period: &Period<'_>| period.until.unwrap_or(Date::MAX);
                let until = last(old_period).min(last(new_period));
                let from = since.max(old_period.from).max(self.configuration.started.unwrap_or(Date::MIN));
                if until < from {
                    continue;
                }
                // A version of either that follows at once goes on with it.
                let goes_on = |before: &Overlap| before.until.tomorrow().is_ok_and(|day| day >= from);
                // What lasts is for the rules that look at the tree, with the versions before.
                if until >= self.as_of {
                    found.pop_if(|before| goes_on(before));
                    continue;
                }
                let ends_old = last(old_period) <= last(new_period);
                let ender = if ends_old { old_period } else { new_period };
                let Some(how) = ender.ended else { continue };
                if let Some(before) = found.last_mut().filter(|before| goes_on(before)) {
                    (before.until, before.ended) = (until, (how, ends_old));
                    continue;
                }
                found.push(Overlap {
                    old: old.id.clone(),
                    old_version: old_period.version.clone(),
                    new: new.id.clone(),
                    new_version: new.periods[at].version.clone(),
                    from,
                    until,
                    ended: (how, ends_old),
                });
            }
        }
        found
    }
}

/// What a version said that it supersedes, with the first day on which it did while in force.
fn superseded<'a>(period: &'a Period<'_>) -> impl Iterator<Item = (Date, &'a str)> {
    let said = period
        .editions
        .iter()
        .filter_map(|(day, edition)| edition.marks.supersedes.as_deref().map(|named| ((*day).max(period.from), named)));
    said.filter(|(_, named)| !named.is_empty())
}

//! What the default branch had when: the first-parent line of the history, on which a merge brings
//! what was written beside it.

use crate::{
    calendar::Date,
    history::{Edition, Event, Life, ObjectId},
    sms::Sms,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a commit of the first-parent line did to a document: itself, or by merging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// The commit of the first-parent line.
    pub commit: ObjectId,
    /// What it left there.
    pub event: &'a Event,
}

impl<'a> Arrival<'a> {
    /// The state that came; none where the document was removed.
    pub fn edition(&self) -> Option<&'a Edition> {
        self.event.edition()
    }
}

/// A document whose life went on under another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renumbered<'a> {
    /// The id that it had, in lower case.
    pub from: &'a str,
    /// The id that it has since, in lower case.
    pub to: &'a str,
    /// Its last state under the old id.
    pub last: &'a Edition,
    /// The commit that changed the id.
    pub commit: ObjectId,
    /// Whether it had an id of its own, not only that of its path.
    pub had_id: bool,
}

impl Sms {
    /// The day on which a commit came to the first-parent line: that of the merge that brought it,
    /// else its own.
    pub fn arrived_on(&self, commit: ObjectId) -> Option<Date> {
        self.committed_on(self.brought_by(commit))
    }

    /// The day on which a state of a document came to the first-parent line.
    pub fn arrived(&self, edition: &Edition) -> Option<Date> {
        self.arrived_on(edition.commit)
    }

    /// The commit of the first-parent line that brought a commit: itself, or the merge.
    pub fn brought_by(&self, commit: ObjectId) -> ObjectId {
        self.evidence.history.commit(commit).and_then(|commit| commit.merged_by).unwrap_or(commit)
    }

    /// The commit that put a commit, or the merge that brought it, on the list of those to ignore,
    /// and whether that was another known person than wrote the one that is listed.
    pub fn listed_by(&self, commit: ObjectId) -> Option<(ObjectId, bool)> {
        let history = &self.evidence.history;
        let listed = [commit, self.brought_by(commit)];
        let by = listed.iter().find_map(|id| history.listed_by.get(id)).copied()?;
        let wrote = listed.iter().filter_map(|id| history.commit(*id)).flat_map(|commit| self.authors(commit));
        let wrote: Vec<&str> = wrote.map(|person| person.id.as_str()).collect();
        let listers = self.authors(history.commit(by)?);
        let is_other = !wrote.is_empty() && !listers.is_empty();
        Some((by, is_other && listers.iter().all(|person| !wrote.contains(&person.id.as_str()))))
    }

    /// The day that a commit claims to have been committed on.
    pub fn committed_on(&self, commit: ObjectId) -> Option<Date> {
        self.evidence.history.day(commit)
    }

    /// The day of the first commit.
    pub fn history_began(&self) -> Option<Date> {
        self.evidence.history.first_parents.last().and_then(|id| self.committed_on(*id))
    }

    /// What the first-parent line had of a document one after the other, oldest first. Of the
    /// states that one merge brought, the last counts.
    pub fn line<'a>(&self, life: &'a Life) -> Vec<Arrival<'a>> {
        self.line_of(&life.events)
    }

    /// The same of some of the events of a life, newest first.
    pub(super) fn line_of<'a>(&self, events: impl IntoIterator<Item = &'a Event>) -> Vec<Arrival<'a>> {
        let place = |id: ObjectId| self.evidence.history.place(id).unwrap_or(usize::MAX);
        let arrival = |event: &'a Event| {
            let commit = self.brought_by(event.commit());
            (place(commit), Arrival { commit, event })
        };
        let mut arrivals: Vec<(usize, Arrival<'a>)> = events.into_iter().map(arrival).collect();
        // Newest first, as the places of commits are.
        arrivals.sort_by_key(|(place, _)| *place);
        arrivals.dedup_by_key(|(place, _)| *place);
        arrivals.into_iter().rev().map(|(_, arrival)| arrival).collect()
    }

    /// Documents that are gone under one id and go on under another: the commit that removed one
    /// wrote the other with the same substance, or as the same file.
    pub fn renumbered(&self) -> Vec<Renumbered<'_>> {
        let lives = &self.evidence.lives;
        let removals = |life: &Life| match life.events.first() {
            Some(Event::Removed(commit)) => Some(*commit),
            _ => None,
        };
        let mut begun: BTreeMap<ObjectId, Vec<(&str, &Edition)>> =
            lives.values().filter_map(removals).map(|commit| (commit, Vec::new())).collect();
        if begun.is_empty() {
            return Vec::new();
        }
        for (id, life) in lives.iter() {
            if let Some(Event::Written(first)) = life.events.last()
                && let Some(begun) = begun.get_mut(&first.commit)
            {
                begun.push((id, first));
            }
        }
        let editions = lives.values().flat_map(Life::editions);
        let registers: BTreeSet<&str> = editions
            .filter(|edition| edition.marks.kind == crate::document::REGISTER)
            .map(|edition| edition.path.as_str())
            .collect();
        let renumbered = lives.iter().filter_map(|(from, life)| {
            let commit = removals(life)?;
            let last = life.editions().next()?;
            let candidates = begun.get(&commit)?.iter().filter(|(_, first)| first.marks.kind == last.marks.kind);
            let same_file = |first: &Edition| first.path == last.path && !registers.contains(first.path.as_str());
            let (to, _) = candidates
                .clone()
                .find(|(_, first)| first.substance == last.substance)
                .or_else(|| candidates.clone().find(|(_, first)| same_file(first)))?;
            let had_id = last.marks.id.to_lowercase() != self.id_of_path(&last.path).to_lowercase();
            Some(Renumbered { from, to, last, commit, had_id })
        });
        renumbered.collect()
    }

    /// The id that a file without one has: its path from the SMS root, without the ending.
    fn id_of_path<'a>(&self, path: &'a str) -> &'a str {
        crate::document::without_extension(self.evidence.history.below_root(path))
    }
}

//! How the approval stands that a document states now.

use super::{Approval, Proof, Strength};
use crate::{
    calendar::{Date, days_between},
    document::Document,
    history::{Edition, Life},
    sms::Sms,
};
use std::collections::BTreeMap;

/// How the approval that a document states stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated<'a> {
    /// The history shows it by more than what somebody else wrote.
    Shown(&'a Approval),
    /// Only what somebody else wrote says so.
    Claimed(&'a Approval),
    /// It is being given: the default branch does not have this statement yet.
    Pending,
    /// Nobody approved what is there now; this is the last approval of what was there before.
    Changed(&'a Approval),
    /// The history says nothing of it.
    Unknown,
}

/// What the commits of a change show of an approval that it brings, as it will be once the change is
/// merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreseen {
    /// It is shown by more than what somebody else wrote: how strongly, and by what in words.
    Shown(Strength, String),
    /// Only what somebody else wrote says so, in words.
    Claimed(String),
    /// It is not committed.
    Uncommitted,
    /// Nothing in them says so.
    Nothing,
}

impl Foreseen {
    /// What remains where others look at the same and see this: the weaker of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let rank = |seen: &Self| match seen {
            Self::Nothing => (0, None),
            Self::Uncommitted => (1, None),
            Self::Claimed(_) => (2, None),
            Self::Shown(strength, _) => (3, Some(*strength)),
        };
        if rank(&other) < rank(&self) { other } else { self }
    }
}

/// So many days may lie between a review on the hosting platform and the day of approval that is
/// written into the document afterwards.
const WRITTEN_LATER: i32 = 7;

impl Sms {
    /// How the approval stands that a document states now.
    pub fn stated_approval(&self, position: usize) -> Stated<'_> {
        let document = &self.documents[position];
        let (substance, all) = (self.substance(document), self.approvals(position));
        let of_now: Vec<&Approval> =
            all.iter().filter(|one| one.substance == substance && self.is_by_approver(document, one)).collect();
        let stated = document.day("approved_on");
        let is_stated = |one: &&&Approval| {
            let day = if one.named { one.stated } else { near(one.day, stated) };
            day == stated
        };
        if let Some(shown) = of_now.iter().filter(|one| one.strength > Strength::Claimed).find(is_stated) {
            return Stated::Shown(shown);
        }
        if self.is_pending(document) {
            return Stated::Pending;
        }
        if let Some(claim) = of_now.iter().find(is_stated).or(of_now.first()) {
            return Stated::Claimed(claim);
        }
        let mut named = all.iter().filter(|one| one.named);
        match named.next() {
            Some(last) if named.chain([last]).all(|one| one.substance != substance) => Stated::Changed(last),
            _ => Stated::Unknown,
        }
    }

    /// The positions of documents whose approval is being given.
    pub fn pending_approvals(&self) -> Vec<usize> {
        let positions = 0..self.documents.len();
        let states_one = |position: &usize| self.says_approved(&self.documents[*position]);
        positions.filter(states_one).filter(|position| self.stated_approval(*position) == Stated::Pending).collect()
    }

    /// What the history that was taken shows of these approvals.
    pub fn foresee(&self, pending: &[usize]) -> BTreeMap<usize, Foreseen> {
        let of = |position: usize| match self.stated_approval(position) {
            Stated::Shown(approval) => Foreseen::Shown(approval.strength, approval.grounds(self, true)),
            Stated::Claimed(approval) => Foreseen::Claimed(approval.grounds(self, true)),
            Stated::Pending => Foreseen::Uncommitted,
            Stated::Changed(_) | Stated::Unknown => Foreseen::Nothing,
        };
        pending.iter().map(|position| (*position, of(*position))).collect()
    }

    /// The same, as far as whoever else judges the change sees it too.
    pub fn foresee_with(&self, judging: &Self, pending: &[usize]) -> BTreeMap<usize, Foreseen> {
        let mut foreseen = self.foresee(pending);
        for (position, seen) in &mut foreseen {
            let there = judging.positions(&self.documents[*position].id);
            let other = there.first().and_then(|there| judging.foresee(&[*there]).remove(there));
            *seen = std::mem::replace(seen, Foreseen::Nothing).and(other.unwrap_or(Foreseen::Nothing));
        }
        foreseen
    }

    /// What a change shows of an approval that it brings; none where that was not looked at.
    pub fn foreseen(&self, position: usize) -> Option<&Foreseen> {
        self.evidence.foreseen.get(&position)
    }

    /// The approval that a document had, shown by more than what somebody else wrote, of another
    /// text than the one for which an approval is only claimed now; or of which nobody says so.
    pub fn undone_approval(&self, position: usize) -> Option<&Approval> {
        match self.stated_approval(position) {
            Stated::Changed(last) => Some(last),
            Stated::Claimed(claim) => {
                let shown = |one: &&Approval| one.named && one.strength > Strength::Claimed;
                let last = self.approvals(position).iter().find(shown)?;
                (last.substance != claim.substance).then_some(last)
            }
            Stated::Shown(_) | Stated::Pending | Stated::Unknown => None,
        }
    }

    /// Whether an approval is of whom the document names now, on the day on which they acted; of
    /// anybody where it names nobody.
    fn is_by_approver(&self, document: &Document, approval: &Approval) -> bool {
        // A review on the platform may come before the document says that it is approved; nothing
        // else speaks for a state that was not.
        if !approval.named && !matches!(approval.proof, Proof::Ledger(_)) {
            return false;
        }
        let Some(named) = document.text("approved_by") else { return approval.named };
        let day = approval.acted(self).unwrap_or(self.as_of);
        self.approvers_on(named, day).iter().any(|person| person.id.eq_ignore_ascii_case(&approval.by))
    }

    /// Whether the document states another approval than the default branch ever had of this text,
    /// and another than the last one there; the first one too.
    fn is_pending(&self, document: &Document) -> bool {
        let life = self.life(document);
        if !self.has_history() || life.is_none() && self.has_hole(document) {
            return false;
        }
        let stated = (document.text("approved_by"), document.day("approved_on"));
        let substance = self.substance(document);
        let editions = life.into_iter().flat_map(Life::editions);
        let mut approved = editions.filter(|edition| edition.marks.is_approved());
        let is_there = |edition: &Edition| edition.substance == substance && edition.marks.approval() == stated;
        match approved.next() {
            Some(last) => last.marks.approval() != stated && !approved.any(is_there),
            None => stated != (None, None) && self.says_approved(document),
        }
    }
}

/// The day that a document states, where it is near the day of a review.
fn near(reviewed: Option<Date>, stated: Option<Date>) -> Option<Date> {
    reviewed.zip(stated).filter(|(one, other)| days_between(*one, *other).abs() <= WRITTEN_LATER).map(|(_, day)| day)
}

//! Reviews that changed nothing: who is said to have looked, and how strongly that is shown.

use super::{Proof, Stated, Strength};
use crate::{
    calendar::Date,
    document::Document,
    history::{Commit, Edition, Life},
    sms::{Person, Sms},
};

/// Who is said to have reviewed a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewing<'a> {
    /// The persons: of a role its holders.
    pub by: Vec<&'a Person>,
    /// How strongly it is shown; none where only the day was moved, by somebody who does not
    /// answer for the document.
    pub strength: Option<Strength>,
}

impl Life {
    /// The states that first had a review, with the state before, newest first.
    pub fn reviews(&self) -> Vec<(&Edition, &Edition)> {
        self.editions()
            .zip(self.editions().skip(1))
            .filter(|(now, before)| now.marks.review().is_some() && now.marks.review() != before.marks.review())
            .collect()
    }
}

impl Sms {
    /// Who is said to have made the review that a state brought, and how strongly that is shown.
    pub fn reviewing(&self, edition: &Edition) -> Reviewing<'_> {
        let history = &self.evidence.history;
        let Some(commit) = history.commit(edition.commit) else { return Reviewing { by: Vec::new(), strength: None } };
        let day = edition.marks.reviewed().or_else(|| commit.day()).unwrap_or(self.as_of);
        let merge = commit.merged_by.and_then(|id| history.commit(id));
        let carriers = || std::iter::once(commit).chain(merge);
        let own = |person: &Person| {
            let by_them = carriers().filter(|carrier| self.is_author(carrier, person));
            by_them.map(|carrier| self.strength_of(carrier, person)).max()
        };
        let shown = |by: Vec<&'_ Person>| by.iter().filter_map(|person| own(person)).max();
        if let Some(said) = edition.marks.reviewed_by.as_deref() {
            let by = self.people.persons_of(said, day);
            let strength = shown(by.clone()).max(self.on_platform(edition, &by)).unwrap_or(Strength::Claimed);
            return Reviewing { by, strength: Some(strength) };
        }
        let named = carriers().flat_map(|carrier| self.approvers_in_trailers(carrier)).map(|(person, _)| person);
        let mut by: Vec<&Person> = Vec::new();
        for person in named {
            if !by.iter().any(|other| other.id == person.id) {
                by.push(person);
            }
        }
        if !by.is_empty() {
            let strength = shown(by.clone()).unwrap_or(Strength::Claimed);
            return Reviewing { by, strength: Some(strength) };
        }
        let marks = [&edition.marks.owner, &edition.marks.approved_by];
        let answering = marks.into_iter().flatten().flat_map(|id| self.people.persons_of(id, day));
        let by: Vec<&Person> = answering.filter(|person| own(person).is_some()).take(1).collect();
        let strength = shown(by.clone());
        Reviewing { by, strength }
    }

    /// The strength of a review on the platform of this very state.
    fn on_platform(&self, edition: &Edition, by: &[&Person]) -> Option<Strength> {
        let approvals = self.positions(&edition.marks.id).iter().flat_map(|position| self.approvals(*position));
        let of_this = approvals.filter(|one| one.edition == edition.commit && matches!(one.proof, Proof::Ledger(_)));
        of_this.filter(|one| by.iter().any(|person| person.id == one.by)).map(|one| one.strength).max()
    }

    fn is_author(&self, commit: &Commit, person: &Person) -> bool {
        self.author(commit).is_some_and(|author| author.id == person.id)
    }

    /// The day on which a document was last approved or reviewed: what the history shows, and what
    /// it does not have yet. None where it shows nothing; then what is written counts.
    pub(in crate::sms) fn last_look_shown(&self, document: &Document) -> Option<Date> {
        let position = self.position(document).filter(|_| self.has_history())?;
        let life = self.life(document)?;
        let is_shown = |strength: Option<Strength>| strength.is_some_and(|strength| strength > Strength::Claimed);
        let approvals = self.approvals(position).iter().filter(|one| one.named && is_shown(Some(one.strength)));
        let approved = approvals.filter_map(|one| one.stated.or(one.day)).max();
        let reviews = life.reviews();
        let shown = reviews.iter().filter(|(edition, _)| is_shown(self.reviewing(edition).strength));
        let reviewed = shown.filter_map(|(edition, _)| edition.marks.reviewed()).max();
        let shown = approved.max(reviewed)?;
        let newest = life.editions().next()?;
        let written = crate::sms::review::reviewed_on(document);
        // What came with the first state, or is not on the default branch, nobody could show.
        let is_new = written != newest.marks.reviewed() || reviews.is_empty();
        let seen = Some(shown).max(written.filter(|_| is_new));
        let later = document.day("approved_on").filter(|day| Some(*day) > seen);
        later.filter(|_| self.stated_approval(position) == Stated::Pending).or(seen)
    }
}

//! Approvals: who approved which substance of a document, and how strongly that is shown.

use super::imported::{self, Imported, imported};
use crate::{
    calendar::Date,
    document::Document,
    history::{Commit, Edition, Life, ObjectId, Substance},
    sms::{Person, Sms},
};
use rayon::prelude::*;

/// How strongly something is shown, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A field or a trailer says so; anybody could have written it.
    Claimed,
    /// A commit that gives the approver as its author says so.
    Attributed,
    /// The hosting platform's review, imported into the ledger.
    Platform,
    /// A commit or tag of the approver, with a signature that was verified.
    Signed,
}

impl Strength {
    /// In a word.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Attributed => "attributed",
            Self::Platform => "platform",
            Self::Signed => "signed",
        }
    }
}

/// What shows an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A commit of the approver that approves.
    Commit(ObjectId),
    /// A merge by the approver.
    Merge(ObjectId),
    /// A trailer in a commit: its key.
    Trailer(ObjectId, String),
    /// The fields `approved_by` and `approved_on`, and the commit that filled them in.
    Fields(ObjectId),
    /// A tag of the approver, by its name.
    Tag(String),
    /// A review on the hosting platform: the id of the ledger's entry.
    Ledger(String),
}

impl Approval {
    /// What shows it and how strongly, in words; without `named` persons are told by their ids.
    pub fn grounds(&self, sms: &Sms, named: bool) -> String {
        let person = sms.people.person(&self.by);
        let by = person.map_or(self.by.as_str(), |person| if named { &person.name } else { &person.id });
        let commit = self.proof.commit().and_then(|id| sms.evidence.history.commit(id));
        let signed = match commit.map(|commit| commit.signed) {
            _ if self.strength == Strength::Signed => "signed, and the signature was verified",
            Some(true) => "with a signature that was not verified",
            _ => "unsigned",
        };
        let writer = commit.and_then(|commit| sms.writers(commit).into_iter().next());
        let writer = writer.map_or_else(|| "somebody".to_owned(), |writer| writer.in_words(named));
        let shown = match &self.proof {
            Proof::Commit(_) => format!("the commit names {by} as its author, {signed}"),
            Proof::Merge(_) => format!("the merge names {by} as its author, {signed}"),
            Proof::Trailer(_, key) if self.strength > Strength::Claimed => {
                format!("a commit by {by} has the line `{key}`, {signed}")
            }
            Proof::Trailer(_, key) => format!("only the line `{key}` in a commit by {writer} says so"),
            Proof::Tag(name) => format!("the tag `{name}` is by {by}, {signed}"),
            Proof::Ledger(entry) => imported::in_words(sms, entry, by, named),
            Proof::Fields(_) => {
                format!("only the fields `approved_by` and `approved_on` say so, in a commit by {writer}")
            }
        };
        format!("{}: {shown}", self.strength.in_words())
    }
}

impl Proof {
    /// The commit that shows it, where it is one.
    pub fn commit(&self) -> Option<ObjectId> {
        match self {
            Self::Commit(id) | Self::Merge(id) | Self::Trailer(id, _) | Self::Fields(id) => Some(*id),
            Self::Tag(_) | Self::Ledger(_) => None,
        }
    }
}

/// An approval of one substance of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The id of the person who approved, or the account where no person has it.
    pub by: String,
    /// Whether the document names them as its approver, or names nobody.
    pub named: bool,
    /// The day, as the proof claims it.
    pub day: Option<Date>,
    /// What was approved.
    pub substance: Substance,
    /// How strongly it is shown.
    pub strength: Strength,
    /// What shows it.
    pub proof: Proof,
}

/// Trailers that say that somebody approved.
const APPROVING: &[&str] = &["approved-by", "reviewed-by", "acked-by"];

/// The approvals of all documents, in their order.
pub(super) fn all(sms: &Sms) -> Vec<Vec<Approval>> {
    let entries = imported(sms);
    sms.documents.par_iter().with_min_len(64).map(|document| of(sms, document, &entries)).collect()
}

fn of(sms: &Sms, document: &Document, entries: &[Imported<'_>]) -> Vec<Approval> {
    if !sms.is_controlled(document) {
        return Vec::new();
    }
    let Some(life) = sms.life(document) else { return Vec::new() };
    let editions: Vec<&Edition> = life.editions().collect();
    let mut approvals = Vec::new();
    for index in 0..editions.len() {
        approvals.extend(of_edition(sms, &editions, index, entries));
    }
    approvals
}

/// Approvals of one of the states of a document, which are given newest first; the stronger first.
pub(super) fn of_edition(sms: &Sms, editions: &[&Edition], index: usize, entries: &[Imported<'_>]) -> Vec<Approval> {
    let newer = index.checked_sub(1).map(|newer| editions[newer]);
    let mut of_edition = OfEdition::new(sms, editions[index]);
    of_edition.by_commits(editions.get(index + 1).copied(), newer);
    of_edition.by_platform(entries);
    of_edition.by_tags(newer);
    let mut found = of_edition.found;
    found.sort_by_key(|approval| std::cmp::Reverse((approval.named, approval.strength)));
    found
}

/// Gathers the approvals of one state of a document.
struct OfEdition<'a> {
    sms: &'a Sms,
    edition: &'a Edition,
    /// Whom the document names as approver, as persons.
    approvers: Vec<&'a Person>,
    /// The day of approval that it states, else that of its commit.
    day: Option<Date>,
    found: Vec<Approval>,
}

impl<'a> OfEdition<'a> {
    fn new(sms: &'a Sms, edition: &'a Edition) -> Self {
        let commit = sms.evidence.history.commit(edition.commit);
        let day = edition.marks.approved_on.or_else(|| commit.and_then(Commit::day));
        Self { sms, edition, approvers: approvers(sms, edition, day), day, found: Vec::new() }
    }

    fn add(&mut self, by: &str, day: Option<Date>, strength: Strength, proof: Proof) {
        let named = self.edition.marks.approved_by.is_none() || self.approvers.iter().any(|person| person.id == by);
        let substance = self.edition.substance;
        self.found.push(Approval { by: by.to_owned(), named, day, substance, strength, proof });
    }

    /// How strongly a commit shows who made it.
    fn strength(&self, commit: &Commit, person: &Person) -> Strength {
        let verdict = self.sms.evidence.verdicts.get(&commit.id);
        if Sms::is_signed_by(verdict, person) { Strength::Signed } else { Strength::Attributed }
    }

    /// What the commit of the edition shows, and the merge that brought it.
    fn by_commits(&mut self, before: Option<&Edition>, newer: Option<&Edition>) {
        let (sms, edition) = (self.sms, self.edition);
        let history = &sms.evidence.history;
        let Some(commit) = history.commit(edition.commit) else { return };
        let approved = edition.marks.is_approved();
        let newly = approved
            && edition.marks.approved_by.is_some()
            && before.is_none_or(|before| {
                before.marks.approval() != edition.marks.approval() || !before.marks.is_approved()
            });
        for approver in self.approvers.clone().into_iter().filter(|_| newly) {
            if sms.people.who(&commit.author, history).person().is_some_and(|author| author.id == approver.id) {
                self.add(&approver.id, self.day, self.strength(commit, approver), Proof::Commit(commit.id));
            } else {
                self.add(&approver.id, self.day, Strength::Claimed, Proof::Fields(commit.id));
            }
        }
        // A merge speaks for the state that it brings, not for those on the way there.
        let is_brought_by = |edition: &Edition, merge: ObjectId| {
            edition.commit == merge || history.commit(edition.commit).is_some_and(|it| it.merged_by == Some(merge))
        };
        let merge = commit.merged_by.filter(|merge| !newer.is_some_and(|newer| is_brought_by(newer, *merge)));
        let merge = merge.and_then(|id| history.commit(id));
        for carrier in std::iter::once(commit).chain(merge) {
            let author = sms.people.who(&carrier.author, history).person();
            for (person, key) in sms.approvers_in_trailers(carrier) {
                let own = author.is_some_and(|author| author.id == person.id);
                let strength = if own { self.strength(carrier, person) } else { Strength::Claimed };
                self.add(&person.id, carrier.day(), strength, Proof::Trailer(carrier.id, key));
            }
        }
        if let Some(merge) = merge.filter(|_| approved)
            && let Some(merger) = sms.people.who(&merge.author, history).person()
            && self.approvers.iter().any(|approver| approver.id == merger.id)
        {
            self.add(&merger.id, merge.day(), self.strength(merge, merger), Proof::Merge(merge.id));
        }
    }

    /// What the ledger has of the hosting platform's reviews.
    fn by_platform(&mut self, entries: &[Imported<'_>]) {
        for review in imported::reviews(self.sms, self.edition, entries) {
            self.add(&review.by, review.day, review.strength, Proof::Ledger(review.entry));
        }
    }

    /// Tags that an approver signed while this was the newest state.
    fn by_tags(&mut self, newer: Option<&Edition>) {
        let history = &self.sms.evidence.history;
        let place = |id| history.place(id);
        let Some(own) = place(self.edition.commit) else { return };
        let until = newer.and_then(|newer| place(newer.commit));
        for (tag, verdict) in &self.sms.evidence.tags {
            let holds = place(tag.target).is_some_and(|at| at <= own && until.is_none_or(|until| until < at));
            for approver in self.approvers.clone().into_iter().filter(|_| holds) {
                if Sms::is_signed_by(verdict.as_ref(), approver) {
                    let day = tag.tagged.and_then(crate::history::Moment::day);
                    self.add(&approver.id, day, Strength::Signed, Proof::Tag(tag.name.clone()));
                }
            }
        }
    }
}

/// Whom the document names as approver, as persons: who held the role on the day.
fn approvers<'a>(sms: &'a Sms, edition: &Edition, day: Option<Date>) -> Vec<&'a Person> {
    let Some(named) = edition.marks.approved_by.as_deref() else { return Vec::new() };
    let day = day.unwrap_or(sms.as_of);
    let persons = sms.people.persons_of(named, day);
    if persons.is_empty() { sms.people.person(named).into_iter().collect() } else { persons }
}

impl Sms {
    /// The persons whom a commit's trailers name as those who approved or reviewed, with the
    /// trailer's key.
    pub fn approvers_in_trailers(&self, commit: &Commit) -> Vec<(&Person, String)> {
        let approving =
            commit.trailers.iter().filter(|trailer| APPROVING.contains(&trailer.key.to_lowercase().as_str()));
        approving.filter_map(|trailer| Some((self.named(&trailer.value)?, trailer.key.clone()))).collect()
    }
}

impl Life {
    /// The states since the newest one with another substance than this, which was approved: what
    /// was written since, newest first.
    pub fn since<'a>(&'a self, approved: &'a Substance) -> impl Iterator<Item = &'a Edition> {
        self.editions().take_while(move |edition| edition.substance != *approved)
    }
}

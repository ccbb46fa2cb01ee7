//! Approvals: who approved which substance of a document, and how strongly that is shown.

use super::imported::{self, Imported, imported};
use crate::{
    calendar::Date,
    document::Document,
    history::{Commit, Edition, Moment, ObjectId, Substance, Tag},
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
    /// Whether the state was approved and names them as its approver, or names nobody.
    pub named: bool,
    /// The day, as the proof claims it.
    pub day: Option<Date>,
    /// The day of approval that the state gives.
    pub stated: Option<Date>,
    /// What was approved.
    pub substance: Substance,
    /// The commit that left it so.
    pub edition: ObjectId,
    /// How strongly it is shown.
    pub strength: Strength,
    /// What shows it.
    pub proof: Proof,
}

/// Trailers that say that somebody approved.
const APPROVING: &[&str] = &["approved-by", "reviewed-by", "acked-by"];

/// The approvals of all documents, in their order.
pub(super) fn all(sms: &Sms) -> Vec<Vec<Approval>> {
    let (entries, tags) = (imported(sms), tags(sms));
    sms.documents.par_iter().with_min_len(64).map(|document| of(sms, document, &entries, &tags)).collect()
}

fn of(sms: &Sms, document: &Document, entries: &[Imported<'_>], tags: &[Tagged<'_>]) -> Vec<Approval> {
    if !sms.is_controlled(document) {
        return Vec::new();
    }
    let Some(life) = sms.life(document) else { return Vec::new() };
    let editions: Vec<&Edition> = life.editions().collect();
    let mut approvals = Vec::new();
    for index in 0..editions.len() {
        approvals.extend(of_edition(sms, &editions, index, entries, tags));
    }
    approvals
}

/// Approvals of one of the states of a document, which are given newest first; the stronger first.
pub(super) fn of_edition(
    sms: &Sms,
    editions: &[&Edition],
    index: usize,
    entries: &[Imported<'_>],
    tags: &[Tagged<'_>],
) -> Vec<Approval> {
    let newer = index.checked_sub(1).map(|newer| editions[newer]);
    let mut of_edition = OfEdition::new(sms, editions[index]);
    if editions[index].marks.is_approved() {
        of_edition.by_commits(editions.get(index + 1).copied(), newer);
        of_edition.by_tags(editions, tags);
    }
    of_edition.by_platform(entries);
    let mut found = of_edition.found;
    found.sort_by_key(|approval| std::cmp::Reverse((approval.named, approval.strength)));
    found
}

/// Gathers the approvals of one state of a document.
struct OfEdition<'a> {
    sms: &'a Sms,
    edition: &'a Edition,
    /// The day of approval that it states, else that of its commit.
    day: Option<Date>,
    found: Vec<Approval>,
}

impl<'a> OfEdition<'a> {
    fn new(sms: &'a Sms, edition: &'a Edition) -> Self {
        let commit = sms.evidence.history.commit(edition.commit);
        let day = edition.marks.approved_on.or_else(|| commit.and_then(Commit::day));
        Self { sms, edition, day, found: Vec::new() }
    }

    /// Whom the state names as approver, as persons: who held the role on the day.
    fn approvers(&self, day: Option<Date>) -> Vec<&'a Person> {
        let Some(named) = self.edition.marks.approved_by.as_deref() else { return Vec::new() };
        self.sms.approvers_on(named, day.unwrap_or(self.sms.as_of))
    }

    fn add(&mut self, by: &str, day: Option<Date>, strength: Strength, proof: Proof) {
        let marks = &self.edition.marks;
        let mut approval = Approval {
            by: by.to_owned(),
            named: false,
            day,
            stated: marks.approved_on,
            substance: self.edition.substance,
            edition: self.edition.commit,
            strength,
            proof,
        };
        let acted = approval.acted(self.sms);
        approval.named = marks.is_approved()
            && (marks.approved_by.is_none() || self.approvers(acted).iter().any(|person| person.id == by));
        self.found.push(approval);
    }

    /// What the commit of the edition shows, and the merge that brought it.
    fn by_commits(&mut self, before: Option<&Edition>, newer: Option<&Edition>) {
        let (sms, edition) = (self.sms, self.edition);
        let history = &sms.evidence.history;
        let Some(commit) = history.commit(edition.commit) else { return };
        let newly = edition.marks.approved_by.is_some()
            && before.is_none_or(|before| {
                before.marks.approval() != edition.marks.approval() || !before.marks.is_approved()
            });
        if newly {
            self.by_fields(commit);
        }
        // A merge speaks for the state that it brings, not for those on the way there.
        let is_brought_by = |edition: &Edition, merge: ObjectId| {
            edition.commit == merge || history.commit(edition.commit).is_some_and(|it| it.merged_by == Some(merge))
        };
        let merge = commit.merged_by.filter(|merge| !newer.is_some_and(|newer| is_brought_by(newer, *merge)));
        let merge = merge.and_then(|id| history.commit(id));
        let is_change = before.is_none_or(|before| before.substance != edition.substance);
        let writers = if is_change { sms.authors(commit) } else { Vec::new() };
        for carrier in std::iter::once(commit).chain(merge) {
            let author = sms.author(carrier);
            for (person, key) in sms.approvers_in_trailers(carrier) {
                // What somebody wrote does not become approved by writing their name below it.
                if writers.iter().any(|writer| writer.id == person.id) {
                    continue;
                }
                let own = author.is_some_and(|author| author.id == person.id);
                let strength = if own { sms.strength_of(carrier, person) } else { Strength::Claimed };
                self.add(&person.id, carrier.day(), strength, Proof::Trailer(carrier.id, key));
            }
        }
        if let Some(merge) = merge
            && let Some(merger) = sms.author(merge)
            && self.approvers(self.day.max(merge.day())).iter().any(|approver| approver.id == merger.id)
        {
            self.add(&merger.id, merge.day(), sms.strength_of(merge, merger), Proof::Merge(merge.id));
        }
    }

    /// What the fields say that the commit filled in: its author may say so for themselves. The
    /// authority must be there on the day that is stated, and still when it is committed.
    fn by_fields(&mut self, commit: &Commit) {
        let sms = self.sms;
        let author = sms.author(commit);
        let still = self.approvers(self.day.max(commit.day()));
        if let Some(author) = author.filter(|author| still.iter().any(|approver| approver.id == author.id)) {
            self.add(&author.id, self.day, sms.strength_of(commit, author), Proof::Commit(commit.id));
        }
        for approver in self.approvers(self.day) {
            if !self.found.iter().any(|approval| approval.by == approver.id) {
                self.add(&approver.id, self.day, Strength::Claimed, Proof::Fields(commit.id));
            }
        }
    }

    /// What the ledger has of the hosting platform's reviews.
    fn by_platform(&mut self, entries: &[Imported<'_>]) {
        for review in imported::reviews(self.sms, self.edition, entries) {
            self.add(&review.by, review.day, review.strength, Proof::Ledger(review.entry));
        }
    }

    /// Tags by which an approver signed this state: what is tagged has it, and the tag says that it
    /// approves.
    fn by_tags(&mut self, editions: &[&Edition], tags: &[Tagged<'_>]) {
        for tagged in tags.iter().filter(|tagged| tagged.approves(&self.edition.marks.id)) {
            let there = tagged.state(self.sms, editions.iter().copied());
            if !there.is_some_and(|there| std::ptr::eq(there, self.edition)) {
                continue;
            }
            for approver in tagged.approvers(self.sms, self.edition) {
                if self.sms.is_tag_signed_by(tagged.tag, tagged.verdict, approver) {
                    self.add(&approver.id, tagged.day(), Strength::Signed, Proof::Tag(tagged.tag.name.clone()));
                }
            }
        }
    }
}

/// A tag with what is to be said of its signature.
pub(super) struct Tagged<'a> {
    pub(super) tag: &'a Tag,
    pub(super) verdict: &'a crate::signature::Verdict,
}

/// The tags whose signatures hold.
pub(super) fn tags(sms: &Sms) -> Vec<Tagged<'_>> {
    let signed = sms.evidence.tags.iter().filter_map(|(tag, verdict)| Some((tag, verdict.as_ref()?)));
    let good = signed.filter(|(_, verdict)| verdict.is_good());
    good.map(|(tag, verdict)| Tagged { tag, verdict }).collect()
}

impl Tagged<'_> {
    fn day(&self) -> Option<Date> {
        self.tag.tagged.and_then(Moment::day)
    }

    /// Which state of a document it holds, of those that are given newest first.
    pub(super) fn state<'e>(&self, sms: &Sms, editions: impl IntoIterator<Item = &'e Edition>) -> Option<&'e Edition> {
        editions.into_iter().find(|edition| sms.evidence.history.leads(edition.commit, self.tag.target))
    }

    /// Whom a state names as its approvers, on the day of its approval or that of the tag, whichever
    /// is later.
    pub(super) fn approvers<'a>(&self, sms: &'a Sms, state: &'a Edition) -> Vec<&'a Person> {
        let state = OfEdition::new(sms, state);
        state.approvers(state.day.max(self.day()))
    }

    /// Whether it names a document, or says that it approves what it holds: a tag for another
    /// purpose approves nothing.
    pub(super) fn approves(&self, id: &str) -> bool {
        let said = format!("{}\n{}", self.tag.name, self.tag.message).to_lowercase();
        let is_word = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
        let id = id.to_lowercase();
        let named = said.match_indices(&id).any(|(at, _)| {
            !said[..at].chars().next_back().is_some_and(is_word)
                && !said[at + id.len()..].chars().next().is_some_and(is_word)
        });
        named || said.split(|character: char| !character.is_alphanumeric()).any(|word| word.starts_with("approv"))
    }
}

impl Approval {
    /// The day on which whoever approved must have had the authority: the later of the day that is
    /// stated and the one on which it was committed.
    pub fn acted(&self, sms: &Sms) -> Option<Date> {
        let own = |id: &ObjectId| sms.committed_on(*id);
        match &self.proof {
            Proof::Commit(id) | Proof::Merge(id) | Proof::Trailer(id, _) => self.day.max(self.stated).max(own(id)),
            Proof::Tag(_) => self.day.max(self.stated),
            Proof::Fields(_) | Proof::Ledger(_) => self.day,
        }
    }
}

impl Sms {
    /// The persons whom an approver's id means: who held the role on the day. A person stays who
    /// they are; whether they were there on the day is for another rule.
    pub(super) fn approvers_on(&self, named: &str, day: Date) -> Vec<&Person> {
        let persons = self.people.persons_of(named, day);
        if persons.is_empty() { self.people.person(named).into_iter().collect() } else { persons }
    }

    /// The persons whom a commit's trailers name as those who approved or reviewed, with the
    /// trailer's key.
    pub fn approvers_in_trailers(&self, commit: &Commit) -> Vec<(&Person, String)> {
        let approving =
            commit.trailers.iter().filter(|trailer| APPROVING.contains(&trailer.key.to_lowercase().as_str()));
        approving.filter_map(|trailer| Some((self.named(&trailer.value)?, trailer.key.clone()))).collect()
    }
}

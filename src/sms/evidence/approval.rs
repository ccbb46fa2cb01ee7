//! Approvals: who approved which substance of a document, and how strongly that is shown.

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
}

impl Approval {
    /// What shows it and how strongly, in words; without `named` persons are told by their ids.
    pub fn grounds(&self, sms: &Sms, named: bool) -> String {
        let person = sms.people.person(&self.by);
        let by = person.map_or(self.by.as_str(), |person| if named { &person.name } else { &person.id });
        let commit = sms.evidence.history.commit(self.proof.commit());
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
            Proof::Fields(_) => {
                format!("only the fields `approved_by` and `approved_on` say so, in a commit by {writer}")
            }
        };
        format!("{}: {shown}", self.strength.in_words())
    }
}

impl Proof {
    /// The commit that shows it.
    pub fn commit(&self) -> ObjectId {
        match self {
            Self::Commit(id) | Self::Merge(id) | Self::Trailer(id, _) | Self::Fields(id) => *id,
        }
    }
}

/// An approval of one substance of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The id of the person who approved.
    pub by: String,
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
    sms.documents.par_iter().with_min_len(64).map(|document| of(sms, document)).collect()
}

fn of(sms: &Sms, document: &Document) -> Vec<Approval> {
    if !sms.is_controlled(document) {
        return Vec::new();
    }
    let Some(life) = sms.life(document) else { return Vec::new() };
    let editions: Vec<&Edition> = life.editions().collect();
    let mut approvals = Vec::new();
    for (index, edition) in editions.iter().enumerate() {
        approvals.extend(of_edition(sms, edition, editions.get(index + 1).copied()));
    }
    approvals
}

/// Approvals that the commit of an edition shows, and the merge that brought it; the stronger first.
pub(super) fn of_edition(sms: &Sms, edition: &Edition, before: Option<&Edition>) -> Vec<Approval> {
    let history = &sms.evidence.history;
    let Some(commit) = history.commit(edition.commit) else { return Vec::new() };
    let mut found: Vec<Approval> = Vec::new();
    let mut add = |by: &Person, day: Option<Date>, strength: Strength, proof: Proof| {
        found.push(Approval { by: by.id.clone(), day, substance: edition.substance, strength, proof });
    };
    let approved = edition.marks.state.as_deref() == Some("approved");
    let claims = |edition: &Edition| (edition.marks.approved_by.clone(), edition.marks.approved_on);
    let newly = approved
        && edition.marks.approved_by.is_some()
        && before.is_none_or(|before| {
            claims(before) != claims(edition) || before.marks.state.as_deref() != Some("approved")
        });
    let day = edition.marks.approved_on.or_else(|| commit.authored.and_then(crate::history::Moment::day));
    let approvers = approvers(sms, edition, day);
    if newly {
        for approver in &approvers {
            let by_themselves = sms.authors(commit).iter().any(|author| author.id == approver.id);
            let (strength, proof) = if by_themselves {
                (Strength::Attributed, Proof::Commit(commit.id))
            } else {
                (Strength::Claimed, Proof::Fields(commit.id))
            };
            add(approver, day, strength, proof);
        }
    }
    let merge = commit.merged_by.and_then(|id| history.commit(id));
    for carrier in std::iter::once(commit).chain(merge) {
        for (person, key) in named_by(sms, carrier) {
            let own = sms.authors(carrier).iter().any(|author| author.id == person.id);
            let strength = if own { Strength::Attributed } else { Strength::Claimed };
            add(person, claimed_day(carrier), strength, Proof::Trailer(carrier.id, key));
        }
    }
    if let Some(merge) = merge.filter(|_| approved) {
        let merger = sms.people.who(&merge.author, history).person();
        if let Some(merger) = merger.filter(|merger| approvers.iter().any(|approver| approver.id == merger.id)) {
            add(merger, claimed_day(merge), Strength::Attributed, Proof::Merge(merge.id));
        }
    }
    found.sort_by_key(|approval| std::cmp::Reverse(approval.strength));
    found
}

fn claimed_day(commit: &Commit) -> Option<Date> {
    commit.committed.or(commit.authored).and_then(crate::history::Moment::day)
}

/// Whom the document names as approver, as persons: who held the role on the day.
fn approvers<'a>(sms: &'a Sms, edition: &Edition, day: Option<Date>) -> Vec<&'a Person> {
    let Some(named) = edition.marks.approved_by.as_deref() else { return Vec::new() };
    let day = day.unwrap_or(sms.as_of);
    let persons = sms.people.persons_of(named, day);
    if persons.is_empty() { sms.people.person(named).into_iter().collect() } else { persons }
}

/// The persons whom a commit's trailers name as those who approved.
fn named_by<'a>(sms: &'a Sms, commit: &Commit) -> Vec<(&'a Person, String)> {
    let approving = commit.trailers.iter().filter(|trailer| APPROVING.contains(&trailer.key.to_lowercase().as_str()));
    approving.filter_map(|trailer| Some((sms.named(&trailer.value)?, trailer.key.clone()))).collect()
}

impl Life {
    /// The states since the newest one with another substance than this, which was approved: what
    /// was written since, newest first.
    pub fn since<'a>(&'a self, approved: &'a Substance) -> impl Iterator<Item = &'a Edition> {
        self.editions().take_while(move |edition| edition.substance != *approved)
    }
}

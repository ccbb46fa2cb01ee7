//! What the ledger proves: reviews on the hosting platform, as an import brought them into the
//! repository. An entry is a text that anybody with write access could have typed, so it counts by
//! how it came: later than what it approves, by whom, and never altered by anybody weaker.

use super::{Signature, Strength, Who};
use crate::{
    calendar::Date,
    document::Document,
    history::{Commit, Edition, ObjectId},
    ledger::{self, Entry},
    sms::Sms,
};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// An entry of the ledger and what it is worth.
pub(super) struct Imported<'a> {
    entry: Entry,
    zone: TimeZone,
    /// The place in the history of the first-parent commit that first brought any of it.
    came: usize,
    /// How strongly it is shown to be by who wrote it.
    strength: Strength,
    /// The persons who wrote it.
    importers: BTreeSet<&'a str>,
}

/// An approval that the ledger has of a state.
pub(super) struct Review {
    /// The id of the person; `@account` where no person has it, which is nobody's id.
    pub by: String,
    pub day: Option<Date>,
    pub strength: Strength,
    /// The id of the ledger's entry.
    pub entry: String,
}

/// The entries of the ledger that are worth something.
pub(super) fn imported(sms: &Sms) -> Vec<Imported<'_>> {
    let own = OwnRepositories::of(sms);
    sms.of_kind(ledger::KIND).filter_map(|entry| Imported::of(sms, entry, &own)).collect()
}

/// The approvals that they have of one state of a document.
pub(super) fn reviews(sms: &Sms, edition: &Edition, entries: &[Imported<'_>]) -> Vec<Review> {
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_about(sms, edition)) {
        for approver in ledger::counting(&entry.entry) {
            let person = sms.people.by_account(&approver.account);
            found.push(Review {
                by: person.map_or_else(|| format!("@{}", approver.account), |person| person.id.clone()),
                day: approver.submitted.map(|submitted| submitted.to_zoned(entry.zone.clone()).date()),
                strength: match entry.strength {
                    Strength::Platform if approver.names_no_commit => Strength::Attributed,
                    strength => strength,
                },
                entry: entry.entry.id.clone(),
            });
        }
    }
    found
}

/// What the ledger says of an approval, and who put it there; persons by their names or ids.
pub(super) fn in_words(sms: &Sms, id: &str, by: &str, named: bool) -> String {
    let Some(document) = sms.document(id) else {
        return format!("{by} approved on the hosting platform, as `{id}` has it");
    };
    let weaker = match Entry::of(document).map(|entry| entry.platform) {
        Some(ledger::Platform::GitLab) => ", which names no commit",
        _ => "",
    };
    let commits = writing(sms, document).into_iter().filter_map(|edition| sms.evidence.history.commit(edition.commit));
    let mut writers: Vec<String> = Vec::new();
    for commit in commits {
        let how = match signature(sms, commit) {
            Signature::Holds => "signed".to_owned(),
            other => sms.signature_in_words(other, named),
        };
        let who = sms.writers(commit).into_iter().next().map(|writer| writer.in_words(named)).unwrap_or_default();
        let who = format!("{who} ({how})");
        if !writers.contains(&who) {
            writers.push(who);
        }
    }
    // The oldest first: they imported it, the others added to it.
    writers.reverse();
    format!("{by} approved on the hosting platform{weaker}, as `{id}` has it, imported by {}", writers.join(", "))
}

/// The commit that wrote an entry of the ledger as it is now, and whether all who wrote it signed.
pub(super) fn import(sms: &Sms, id: &str) -> Option<(ObjectId, bool)> {
    let written = writing(sms, sms.document(id)?);
    Some((written.first()?.commit, written.iter().all(|edition| is_signed(sms, edition.commit))))
}

/// The committed states of an entry as it is now, back to the first: those that changed it.
pub(super) fn writing<'a>(sms: &'a Sms, document: &Document) -> Vec<&'a Edition> {
    let substance = sms.substance(document);
    let editions = sms.life(document).into_iter().flat_map(crate::history::Life::editions);
    let mut written: Vec<&Edition> = editions.skip_while(|edition| edition.substance != substance).collect();
    // What only moved the file is no word about the review. The older of two alike remains.
    written.reverse();
    written.dedup_by(|newer, older| newer.substance == older.substance);
    written.reverse();
    written
}

/// What the signature of a commit of the ledger says of its author: somebody by their own address,
/// or whom it contradicts.
fn signature<'a>(sms: &'a Sms, commit: &Commit) -> Signature<'a> {
    let author = sms.contradicted_author(commit.id).or_else(|| sms.people.by_email(&commit.author.email));
    match author {
        Some(author) => sms.signature(commit, author),
        None if commit.signed => Signature::NotRead,
        None => Signature::Absent,
    }
}

/// Whether a commit of the ledger is signed by its author, with a key that was known before.
fn is_signed(sms: &Sms, commit: ObjectId) -> bool {
    sms.evidence.history.commit(commit).is_some_and(|commit| signature(sms, commit) == Signature::Holds)
}

impl Sms {
    /// What the signatures of the commits say that wrote an entry of the ledger as it is: the worst,
    /// a contradiction before what shows nothing.
    pub fn import_signature(&self, id: &str) -> Signature<'_> {
        let written = self.document(id).map(|document| writing(self, document)).unwrap_or_default();
        let commits = written.into_iter().filter_map(|edition| self.evidence.history.commit(edition.commit));
        let badness = |signature: &Signature<'_>| match signature {
            Signature::Broken(_) => 0,
            Signature::OfOthers(_) => 1,
            Signature::NotRead | Signature::KeyTooNew(_) | Signature::Unproven(_) => 2,
            Signature::Absent => 3,
            Signature::Holds => 4,
        };
        commits.map(|commit| signature(self, commit)).min_by_key(badness).unwrap_or(Signature::Absent)
    }
}

/// How strongly a commit of the ledger is shown to be by its author: what its signature contradicts,
/// anybody may have written.
fn strength(sms: &Sms, commit: ObjectId) -> Strength {
    match sms.contradicted_author(commit) {
        Some(_) => Strength::Claimed,
        None if is_signed(sms, commit) => Strength::Platform,
        None => Strength::Attributed,
    }
}

impl<'a> Imported<'a> {
    /// Nothing where it is not committed as it stands, or is of another repository.
    fn of(sms: &'a Sms, document: &Document, own: &OwnRepositories) -> Option<Self> {
        let entry = Entry::of(document).filter(|entry| own.has(&entry.repository))?;
        let written = writing(sms, document);
        let came = written.iter().filter_map(|edition| sms.evidence.history.place(sms.brought_by(edition.commit)));
        Some(Self {
            zone: sms.configuration.time_zone(),
            came: came.max()?,
            strength: written.iter().map(|edition| strength(sms, edition.commit)).min()?,
            importers: importers(sms, document),
            entry,
        })
    }

    /// Whether it can speak for a state: it came to the default branch after it, by others than
    /// those who wrote it, and means a request that the history knows.
    fn is_about(&self, sms: &Sms, edition: &Edition) -> bool {
        let history = &sms.evidence.history;
        let arrived = sms.brought_by(edition.commit);
        self.has_file(sms, edition)
            && history.place(arrived).is_some_and(|place| place > self.came)
            && self.is_of_this_history(sms)
            && !self.is_by_author(sms, edition)
    }

    /// Whether the request had a file as it is in this state: by the digest of its content, or
    /// where the platform names none by the merge that brought it.
    fn has_file(&self, sms: &Sms, edition: &Edition) -> bool {
        let file = self.entry.files.iter().find(|file| file.path == edition.path);
        match file.map(|file| file.blob.as_deref().and_then(ObjectId::parse)) {
            Some(Some(blob)) => blob == edition.blob,
            Some(None) => {
                let merge = self.entry.merge.as_deref().and_then(ObjectId::parse);
                merge.is_some() && (merge == Some(edition.commit) || merge == Some(sms.brought_by(edition.commit)))
            }
            None => false,
        }
    }

    /// Whether the history has the request's last commit, or its merge on the first-parent line:
    /// what was squashed or put there anew has only the latter.
    fn is_of_this_history(&self, sms: &Sms) -> bool {
        let commit =
            |id: Option<&String>| id.and_then(|id| ObjectId::parse(id)).and_then(|id| sms.evidence.history.commit(id));
        commit(Some(&self.entry.head)).is_some()
            || commit(self.entry.merge.as_ref()).is_some_and(|merge| merge.merged_by.is_none())
    }

    /// Whether somebody wrote it who also wrote what it approves: the word of an author about the
    /// approval of the own work is none.
    fn is_by_author(&self, sms: &Sms, edition: &Edition) -> bool {
        let opened = sms.people.by_account(&self.entry.request_author).map(|person| person.id.as_str());
        let wrote = writers(sms, edition.commit);
        opened.into_iter().chain(wrote).any(|person| self.importers.contains(person))
    }
}

/// The persons who wrote an entry as it stands, by id.
pub(super) fn importers<'a>(sms: &'a Sms, document: &Document) -> BTreeSet<&'a str> {
    writing(sms, document).iter().flat_map(|edition| writers(sms, edition.commit)).collect()
}

/// The persons who wrote a commit, by id.
fn writers(sms: &Sms, commit: ObjectId) -> Vec<&str> {
    let history = &sms.evidence.history;
    let Some(commit) = history.commit(commit) else { return Vec::new() };
    let who = |signature| sms.who(signature);
    let signatures = commit.writers();
    signatures.map(who).filter_map(Who::person).map(|person| person.id.as_str()).collect()
}

/// The repositories whose requests the ledger may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRepositories {
    /// As `attestry.yaml` states them, or the one whose entry came first.
    names: Vec<String>,
    /// Whether `attestry.yaml` states them.
    pub are_stated: bool,
}

impl OwnRepositories {
    /// Those of an SMS. Where `attestry.yaml` states none, there is one: a ledger that anybody can
    /// add to must not take up what was approved elsewhere.
    pub fn of(sms: &Sms) -> Self {
        let stated = &sms.configuration.repositories;
        if !stated.is_empty() {
            return Self { names: stated.clone(), are_stated: true };
        }
        let came = |document: &Document| {
            let first = sms.life(document)?.editions().last()?;
            sms.evidence.history.place(first.commit)
        };
        let entries =
            sms.of_kind(ledger::KIND).filter_map(|document| Some((came(document), Entry::of(document)?.repository)));
        // What is not committed came last.
        let oldest = entries.max_by_key(|(came, repository)| (*came, std::cmp::Reverse(repository.clone())));
        Self { names: oldest.map(|(_, repository)| repository).into_iter().collect(), are_stated: false }
    }

    /// Whether a repository is one of them.
    pub fn has(&self, repository: &str) -> bool {
        self.names.iter().any(|own| own.eq_ignore_ascii_case(repository))
    }

    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

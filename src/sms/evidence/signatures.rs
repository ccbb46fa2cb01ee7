//! Which signatures hold: those of commits that approve something, of commits that bring the ledger,
//! and of tags. Nobody pays for the others.

use super::Proof;
use crate::{
    history::{Moment, ObjectId, Signed, Tag},
    ledger,
    signature::{AllowedSigners, GIT, Verdict, verify},
    sms::{Person, SIGNERS_FILE, Sms},
};
use std::collections::{BTreeMap, BTreeSet};

impl Sms {
    /// Who may sign: the keys of `people.yaml`, and the file `allowed_signers`.
    pub fn allowed_signers(&self) -> AllowedSigners {
        let zone = self.configuration.time_zone();
        let file = self.files.get(SIGNERS_FILE).and_then(|file| file.source);
        let (mut signers, _) = AllowedSigners::parse(file.map_or("", |source| self.source(source).text()), &zone);
        self.people.add_signers(&mut signers, &zone);
        signers
    }

    /// Whether a verdict says that this person signed.
    pub fn is_signed_by(verdict: Option<&Verdict>, person: &Person) -> bool {
        let identities = person.emails.iter().chain(std::iter::once(&person.id));
        verdict.is_some_and(|verdict| identities.into_iter().any(|identity| verdict.is_by(identity)))
    }

    /// Verifies what is signed; whether any of it holds.
    pub(super) fn verify_signatures(&mut self, signature: &dyn Fn(ObjectId) -> Option<Signed>, tags: Vec<Tag>) -> bool {
        let signers = self.allowed_signers();
        let said = |signed: &Signed, at: Option<Moment>| {
            verify(&signed.signature, &signed.payload, GIT, &signers, at.map_or(0, |moment| moment.seconds))
        };
        let verdicts = self.commits_that_matter().into_iter().filter_map(|id| {
            let commit = self.evidence.history.commit(id).filter(|commit| commit.signed)?;
            Some((id, said(&signature(id)?, commit.committed)))
        });
        let verdicts: BTreeMap<ObjectId, Verdict> = verdicts.collect();
        let tags = tags.into_iter().map(|tag| {
            // A signature is about the name in the tag, not the one under which it is found now.
            let verdict =
                tag.signed.as_ref().filter(|_| tag.name == tag.own_name).map(|signed| said(signed, tag.tagged));
            (tag, verdict)
        });
        let tags: Vec<(Tag, Option<Verdict>)> = tags.collect();
        let holds =
            verdicts.values().chain(tags.iter().filter_map(|(_, verdict)| verdict.as_ref())).any(Verdict::is_good);
        (self.evidence.verdicts, self.evidence.tags) = (verdicts, tags);
        holds
    }

    fn commits_that_matter(&self) -> BTreeSet<ObjectId> {
        let approving = (0..self.documents.len())
            .flat_map(|position| self.approvals(position))
            .filter(|approval| matches!(approval.proof, Proof::Commit(_) | Proof::Merge(_) | Proof::Trailer(..)))
            .filter_map(|approval| approval.proof.commit());
        let entries = self.of_kind(ledger::KIND).filter_map(|entry| self.life(entry));
        let bringing = entries.flat_map(|life| life.editions().map(|edition| edition.commit));
        approving.chain(bringing).collect()
    }
}

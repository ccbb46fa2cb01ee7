//! Which signatures hold: those of commits that approve something, of commits that bring the ledger,
//! and of tags. Nobody pays for the others.

use super::{Contents, Objects, Proof, Strength};
use crate::{
    document::text_of,
    history::{Commit, ObjectId, Signed, Tag},
    ledger,
    signature::{AllowedSigners, GIT, Keys, Signer, Verdict, verify},
    sms::{PEOPLE_FILE, People, Person, SIGNERS_FILE, Sms},
    source::SourceId,
    yaml,
};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What the signature of a commit says of the person who is given as its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature<'a> {
    /// There is none.
    Absent,
    /// There is one, and nobody read it.
    NotRead,
    /// It holds, and is the person's.
    Holds,
    /// It is the person's, by a key that came to the default branch no sooner than what it signs:
    /// with this commit, or not at all.
    KeyTooNew(Option<ObjectId>),
    /// It is of others who are known.
    OfOthers(&'a [Signer]),
    /// It does not fit what it is on.
    Broken(&'a Verdict),
    /// It shows nothing.
    Unproven(&'a Verdict),
}

/// Whether a key is this person's.
fn is_of(signer: &Signer, person: &Person) -> bool {
    let identities = person.emails.iter().chain(std::iter::once(&person.id));
    identities.into_iter().any(|identity| signer.principals.matches(identity))
}

impl Sms {
    /// Who may sign: the keys of `people.yaml`, and the file `allowed_signers`.
    pub fn allowed_signers(&self) -> AllowedSigners {
        let zone = self.configuration.time_zone();
        let file = self.files.get(SIGNERS_FILE).and_then(|file| file.source);
        let (mut signers, _) = AllowedSigners::parse(file.map_or("", |source| self.source(source).text()), &zone);
        self.people.add_signers(&mut signers, &mut Keys::default(), &zone);
        signers
    }

    /// Verifies what is signed; whether there is anything that is.
    pub(super) fn verify_signatures(&mut self, objects: &Objects<'_>, tags: Vec<Tag>) -> bool {
        let signers = self.allowed_signers();
        let said = |signed: &Signed, at: i64| verify(&signed.signature, &signed.payload, GIT, &signers, at);
        let matter = self.commits_that_matter();
        let history = &self.evidence.history;
        // Dates are claims: no commit is older than what it follows, whatever its committer says.
        let earliest = if matter.is_empty() { Vec::new() } else { history.earliest() };
        let signed = matter.into_iter().filter_map(|id| {
            history.commit(id).filter(|commit| commit.signed)?;
            let at = earliest.get(history.place(id)?).copied().unwrap_or_default();
            Some((id, (objects.signature)(id)?, at))
        });
        // Git is asked on one thread; to verify takes longer, and is done on all.
        let signed: Vec<(ObjectId, Signed, i64)> = signed.collect();
        let verdicts = signed.par_iter().map(|(id, signed, at)| (*id, said(signed, *at)));
        let verdicts: BTreeMap<ObjectId, Verdict> = verdicts.collect();
        let tags = tags.into_par_iter().map(|tag| {
            let at = tag.tagged.map_or(0, |moment| moment.seconds);
            // A signature is about the name in the tag, not the one under which it is found now.
            let verdict = tag.signed.as_ref().filter(|_| tag.name == tag.own_name).map(|signed| said(signed, at));
            (tag, verdict)
        });
        let tags: Vec<(Tag, Option<Verdict>)> = tags.collect();
        let any = !verdicts.is_empty() || tags.iter().any(|(_, verdict)| verdict.is_some());
        let good =
            verdicts.values().chain(tags.iter().filter_map(|(_, verdict)| verdict.as_ref())).any(Verdict::is_good);
        if good {
            self.evidence.signers = self.signers_then(objects.contents);
        }
        (self.evidence.verdicts, self.evidence.tags) = (verdicts, tags);
        any
    }

    /// Who could sign at each commit of the first-parent line that changed it, newest first; one
    /// list for each file that says so.
    fn signers_then(&self, contents: &Contents<'_>) -> Vec<Vec<(usize, AllowedSigners)>> {
        let (zone, mut keys) = (self.configuration.time_zone(), Keys::default());
        let of_file = |file: &str| {
            let mut by_place: BTreeMap<usize, AllowedSigners> = BTreeMap::new();
            for version in self.evidence.history.versions(file) {
                let Some(place) = self.evidence.history.place(self.brought_by(version.commit)) else { continue };
                // Of what one merge brought, the last counts: versions are newest first.
                by_place.entry(place).or_insert_with(|| {
                    let content = version.blob.and_then(contents).unwrap_or_default();
                    let text = text_of(content.to_vec()).0;
                    if file == SIGNERS_FILE {
                        return AllowedSigners::parse(&text, &zone).0;
                    }
                    let mut signers = AllowedSigners::default();
                    if let Some(node) = yaml::read(&text, 0).0 {
                        People::read(&node, SourceId(0)).add_signers(&mut signers, &mut keys, &zone);
                    }
                    signers
                });
            }
            by_place.into_iter().collect()
        };
        [PEOPLE_FILE, SIGNERS_FILE].into_iter().map(of_file).collect()
    }

    /// The commit of the first-parent line since which a key is known to be a person's.
    fn known_since(&self, fingerprint: &str, person: &Person) -> Option<usize> {
        let has = |signers: &AllowedSigners| {
            signers.signers().iter().any(|signer| signer.fingerprint == fingerprint && is_of(signer, person))
        };
        let since = |file: &Vec<(usize, AllowedSigners)>| {
            file.iter().take_while(|(_, signers)| has(signers)).last().map(|(place, _)| *place)
        };
        self.evidence.signers.iter().filter_map(since).max()
    }

    /// What the signature of a commit says of a person who is given as its author.
    pub fn signature(&self, commit: &Commit, person: &Person) -> Signature<'_> {
        if !commit.signed {
            return Signature::Absent;
        }
        let Some(verdict) = self.evidence.verdicts.get(&commit.id) else { return Signature::NotRead };
        if let Some(contradiction) = Self::contradiction(verdict, person) {
            return contradiction;
        }
        let Verdict::Good { fingerprint, .. } = verdict else { return Signature::Unproven(verdict) };
        let history = &self.evidence.history;
        let arrived = history.place(self.brought_by(commit.id));
        match self.known_since(fingerprint, person) {
            // What comes by the same commit or merge must not vouch for itself.
            Some(since) if arrived.is_some_and(|arrived| arrived < since) => Signature::Holds,
            since => Signature::KeyTooNew(since.map(|place| history.commits[place].id)),
        }
    }

    /// Whether a person signed a tag, with a key that was known to be theirs then.
    pub(super) fn is_tag_signed_by(&self, tag: &Tag, verdict: &Verdict, person: &Person) -> bool {
        let Verdict::Good { signers, fingerprint } = verdict else { return false };
        let known = self.known_since(fingerprint, person).and_then(|place| self.evidence.history.commits[place].made());
        signers.iter().any(|signer| is_of(signer, person)) && known.is_some_and(|known| Some(known) <= tag.tagged)
    }

    /// How strongly a commit shows that a person made it who is given as its author.
    pub(super) fn strength_of(&self, commit: &Commit, person: &Person) -> Strength {
        match self.signature(commit, person) {
            Signature::Holds => Strength::Signed,
            Signature::OfOthers(_) | Signature::Broken(_) => Strength::Claimed,
            Signature::Absent | Signature::NotRead | Signature::KeyTooNew(_) | Signature::Unproven(_) => {
                Strength::Attributed
            }
        }
    }

    /// Whether the signature of a commit contradicts what it says of its author: it does not fit, or
    /// is of somebody else than author and committer.
    pub fn is_contradicted(&self, commit: &Commit, person: &Person) -> bool {
        match self.signature(commit, person) {
            Signature::Broken(_) => true,
            // Whoever puts the commits of others on another base signs as their committer.
            Signature::OfOthers(signers) => {
                let committer = self.who(&commit.committer).person();
                !committer.is_some_and(|committer| signers.iter().any(|signer| is_of(signer, committer)))
            }
            _ => false,
        }
    }

    /// What a signature says against a person who is given as who made it: it does not fit, or is of
    /// others who are known.
    pub(super) fn contradiction<'a>(verdict: &'a Verdict, person: &Person) -> Option<Signature<'a>> {
        match verdict {
            Verdict::Bad { .. } => Some(Signature::Broken(verdict)),
            Verdict::Good { signers, .. } | Verdict::OutsideValidity { signers, .. } => {
                let is_theirs = signers.iter().any(|signer| is_of(signer, person));
                (!is_theirs).then_some(Signature::OfOthers(signers))
            }
            _ => None,
        }
    }

    /// What a signature says, in words; without `named` persons are told by their ids.
    pub fn signature_in_words(&self, signature: Signature<'_>, named: bool) -> String {
        match signature {
            Signature::Absent => "unsigned".to_owned(),
            Signature::Holds => "signed, and the signature was verified".to_owned(),
            Signature::NotRead => "with a signature that was not verified".to_owned(),
            Signature::KeyTooNew(Some(id)) => {
                let id: String = id.to_string().chars().take(8).collect();
                format!("signed with a key that came no sooner than by {id}, so that it shows no more than the name")
            }
            Signature::KeyTooNew(None) => {
                "signed with a key that is not on the default branch, so that it shows no more than the name".to_owned()
            }
            Signature::OfOthers(signers) => {
                let is_signer = |person: &&Person| signers.iter().any(|signer| is_of(signer, person));
                let name = |person: &Person| if named { person.name.clone() } else { person.id.clone() };
                let known: Vec<String> = self.people.persons.iter().filter(is_signer).map(name).collect();
                match known.as_slice() {
                    [] => "signed by somebody else".to_owned(),
                    several => format!("but signed by {}", several.join(" or ")),
                }
            }
            Signature::Broken(verdict) | Signature::Unproven(verdict) => match verdict {
                Verdict::Bad { why } => format!("with a bad signature: {why}"),
                Verdict::Unsupported { why } => format!("with a signature that was not verified: {why}"),
                Verdict::X509 => {
                    "with an X.509 signature, which attestry does not verify (`git verify-commit` does)".to_owned()
                }
                Verdict::UnknownKey { fingerprint } => {
                    format!("with a signature by a key that nobody is known to have ({fingerprint})")
                }
                Verdict::OutsideValidity { fingerprint, why, .. } => {
                    let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
                    format!("with a signature by a key that was not valid at that time ({fingerprint}{why})")
                }
                Verdict::WrongNamespace { .. } => "with a signature that was made for another purpose".to_owned(),
                Verdict::NotForNamespace { .. } => {
                    "with a signature by a key that is not to be used for this".to_owned()
                }
                Verdict::Good { .. } => "signed".to_owned(),
            },
        }
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

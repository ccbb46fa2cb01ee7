//! What shows an approval, in words.

use super::{Approval, Proof, imported};
use crate::{
    history::{Commit, ObjectId},
    sms::Sms,
};

impl Approval {
    /// What shows it and how strongly, in words; without `named` persons are told by their ids.
    pub fn grounds(&self, sms: &Sms, named: bool) -> String {
        let person = sms.people.person(&self.by);
        let by = person.map_or(self.by.as_str(), |person| if named { &person.name } else { &person.id });
        let commit = |id: &ObjectId| sms.evidence.history.commit(*id);
        let signed = |id: &ObjectId| {
            let signature = commit(id).zip(person).map(|(commit, person)| sms.signature(commit, person));
            signature.map_or_else(|| "unsigned".to_owned(), |signature| sms.signature_in_words(signature, named))
        };
        let author = |id: &ObjectId| match commit(id).filter(|commit| sms.is_by_mailmap(commit)) {
            Some(commit) if named => format!("{}, who is {by} by `.mailmap`,", commit.author.email),
            Some(_) => format!("{by}, by `.mailmap`,"),
            None => by.to_owned(),
        };
        let writer = |id: &ObjectId| {
            let writer = commit(id).and_then(|commit| sms.writers(commit).into_iter().next());
            writer.map_or_else(|| "somebody".to_owned(), |writer| writer.in_words(named))
        };
        let own = |id: &ObjectId| {
            let author = commit(id).and_then(|commit| sms.author(commit));
            author.is_some_and(|author| author.id == self.by)
        };
        let shown = match &self.proof {
            Proof::Commit(id) => format!("the commit names {} as its author, {}", author(id), signed(id)),
            Proof::Merge(id) => format!("the merge names {} as its author, {}", author(id), signed(id)),
            Proof::Trailer(id, key) if own(id) => {
                format!("a commit by {} has the line `{key}`, {}", author(id), signed(id))
            }
            Proof::Trailer(id, key) => format!("only the line `{key}` in a commit by {} says so", writer(id)),
            Proof::Tag(name) => format!("the tag `{name}` is by {by}, signed, and the signature was verified"),
            Proof::Ledger(entry) => imported::in_words(sms, entry, by, named),
            Proof::Fields(id) => {
                format!("only the fields `approved_by` and `approved_on` say so, in a commit by {}", writer(id))
            }
        };
        format!("{}: {shown}", self.strength.in_words())
    }
}

impl Sms {
    /// Whether only `.mailmap` says who the author of a commit is.
    pub fn is_by_mailmap(&self, commit: &Commit) -> bool {
        let person = self.author(commit);
        person.is_some() && self.people.who_as_written(&commit.author).person() != person
    }
}

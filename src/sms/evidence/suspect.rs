//! Documents that refer to what changed after they were last looked at.

use super::{Approval, Proof, Strength};
use crate::{
    document::Document,
    history::{Edition, Life, ObjectId},
    sms::{Reference, Sms, Target},
};

/// A reference to a document that changed since.
#[derive(Clone, Copy, Debug)]
pub struct Suspect<'a> {
    /// The reference.
    pub reference: &'a Reference,
    /// The document that it leads to.
    pub target: &'a Document,
    /// The state that the other document was brought to.
    pub changed: &'a Edition,
}

impl Sms {
    /// The references of an approved document whose targets changed in substance after the
    /// document was last approved or reviewed, the first of each target.
    pub fn suspects(&self, position: usize) -> Vec<Suspect<'_>> {
        if !self.documents.get(position).is_some_and(|document| self.says_approved(document)) {
            return Vec::new();
        }
        let looks = self.looks(position);
        if looks.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Suspect<'_>> = Vec::new();
        for reference in self.outgoing(position).filter(|reference| reference.pointer().is_some()) {
            let Target::Document(other) = reference.target else { continue };
            let target = &self.documents[other];
            let known = found.iter().any(|suspect| std::ptr::eq(suspect.target, target));
            if known || other == position || !self.says_approved(target) || is_of_history(reference) {
                continue;
            }
            let seen = |edition: &Edition| looks.iter().any(|look| self.evidence.history.leads(edition.commit, *look));
            if let Some(changed) = self.life(target).and_then(Life::last_change).filter(|edition| !seen(edition)) {
                found.push(Suspect { reference, target, changed });
            }
        }
        found
    }

    /// The commits at which a document was approved as it stands, or reviewed: where some of that is
    /// shown, what somebody else only claims does not count.
    fn looks(&self, position: usize) -> Vec<ObjectId> {
        let document = &self.documents[position];
        let substance = self.substance(document);
        let of_now = self.approvals(position).iter().filter(|approval| approval.substance == substance);
        let approved = of_now.map(|approval| (approval.looked_at(self), approval.strength));
        let reviews = self.life(document).map(Life::reviews).unwrap_or_default();
        let reviewed = reviews
            .into_iter()
            .map(|(edition, _)| (edition.commit, self.reviewing(edition).strength.unwrap_or(Strength::Claimed)));
        let all: Vec<(ObjectId, Strength)> = approved.chain(reviewed).collect();
        let is_shown = |(_, strength): &(ObjectId, Strength)| *strength > Strength::Claimed;
        let any = all.iter().any(is_shown);
        all.into_iter().filter(|look| !any || is_shown(look)).map(|(commit, _)| commit).collect()
    }
}

impl Approval {
    /// The commit at which whoever approved looked.
    fn looked_at(&self, sms: &Sms) -> ObjectId {
        let tagged = |name: &String| sms.evidence.tags.iter().find(|(tag, _)| tag.name == *name);
        match &self.proof {
            Proof::Tag(name) => tagged(name).map_or(self.edition, |(tag, _)| tag.target),
            proof => proof.commit().unwrap_or(self.edition),
        }
    }
}

/// A reference to an earlier version stays as it was.
fn is_of_history(reference: &Reference) -> bool {
    let field = reference.pointer().unwrap_or_default();
    field.starts_with("/supersedes") || field.starts_with("/change_log") || reference.text.contains('@')
}

impl Life {
    /// The approved state that brought the substance of now.
    fn last_change(&self) -> Option<&Edition> {
        let approved = || self.editions().filter(|edition| edition.marks.is_approved());
        let now = approved().next()?;
        let first = approved().take_while(|edition| edition.substance == now.substance).last()?;
        // What was never otherwise did not change.
        approved().any(|edition| edition.substance != now.substance).then_some(first)
    }
}

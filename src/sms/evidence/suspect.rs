//! Documents that refer to what changed after they were last looked at.

use crate::{
    document::Document,
    history::{Edition, Life},
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
        let Some(looked_at) = self.last_look(position) else { return Vec::new() };
        let mut found: Vec<Suspect<'_>> = Vec::new();
        for reference in self.outgoing(position).filter(|reference| reference.pointer.is_some()) {
            let Target::Document(other) = reference.target else { continue };
            let target = &self.documents[other];
            let known = found.iter().any(|suspect| std::ptr::eq(suspect.target, target));
            if known || other == position || !self.says_approved(target) || is_of_history(reference) {
                continue;
            }
            let newer =
                |edition: &&Edition| self.evidence.history.place(edition.commit).is_some_and(|it| it < looked_at);
            if let Some(changed) = self.life(target).and_then(Life::last_change).filter(newer) {
                found.push(Suspect { reference, target, changed });
            }
        }
        found
    }

    /// The place in the history at which a document was last approved as it stands, or reviewed.
    fn last_look(&self, position: usize) -> Option<usize> {
        let document = &self.documents[position];
        let history = &self.evidence.history;
        let substance = self.substance(document);
        let of_now = self.approvals(position).iter().filter(|approval| approval.substance == substance);
        let approved = of_now.filter_map(|approval| history.place(approval.proof.commit()?));
        let editions: Vec<&Edition> = self.life(document)?.editions().collect();
        let reviewed = editions.windows(2).filter_map(|pair| {
            let reviewed =
                pair[0].marks.last_reviewed.is_some() && pair[0].marks.last_reviewed != pair[1].marks.last_reviewed;
            reviewed.then(|| history.place(pair[0].commit)).flatten()
        });
        approved.chain(reviewed).min()
    }
}

/// A reference to an earlier version stays as it was.
fn is_of_history(reference: &Reference) -> bool {
    let field = reference.pointer.as_deref().unwrap_or_default();
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

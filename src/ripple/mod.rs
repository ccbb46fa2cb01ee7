//! The ripple of a change: which documents it changes, what they touch, who has to approve it, and
//! first of all what it does to those that judge it. Made of two SMS as of one day.

mod approvals;
mod documents;
mod judges;
mod touched;

pub use approvals::Needed;
pub use documents::{ChangedDocument, ChangedRows, How};
pub use judges::ChangedJudge;
pub use touched::Touched;

use crate::{
    document::Document,
    sms::{Sms, Target},
};
use std::collections::BTreeSet;

/// What a change touches.
#[derive(Clone, Debug, Default)]
pub struct Ripple {
    /// What the change does to what judges it.
    pub judges: Vec<ChangedJudge>,
    /// Documents that differ by value, records and entries of registers among them.
    pub documents: Vec<ChangedDocument>,
    /// Data sets whose rows differ.
    pub rows: Vec<ChangedRows>,
    /// Clauses that the documents bear on, in the standard's order.
    pub clauses: Vec<String>,
    /// Services that are changed, or that changed documents name or are named by.
    pub services: Vec<Touched>,
    /// Service level agreements, likewise.
    pub slas: Vec<Touched>,
    /// Customers, likewise.
    pub customers: Vec<Touched>,
    /// Whose approval is needed now.
    pub approvals: Vec<Needed>,
    /// Documents whose approval the change undoes; none where the history was not evaluated.
    pub resets: Option<Vec<String>>,
    /// Documents that become suspect; none where the history was not evaluated.
    pub suspects: Option<Vec<String>>,
}

impl Ripple {
    /// What parts `base` from `now`. `files` are files beside documents that judge and differ.
    pub fn of(base: &Sms, now: &Sms, files: &[String]) -> Self {
        let documents = documents::changed(base, now);
        let ids: BTreeSet<String> = documents.iter().map(|document| document.id.to_lowercase()).collect();
        let touched = |kind: &str| touched::of_kind(base, now, &ids, kind);
        let services = touched("service");
        let slas = touched::and_through(base, now, touched("sla"), &services, "sla");
        let customers = touched::and_through(base, now, touched("customer"), &services, "customer");
        let customers = touched::and_through(base, now, customers, &slas, "customer");
        Self {
            judges: judges::changed(base, now, files),
            rows: documents::rows(base, now),
            clauses: touched::clauses(base, now, &ids),
            approvals: approvals::needed(base, now, &documents, files),
            services,
            slas,
            customers,
            documents,
            resets: resets(base, now),
            suspects: suspects(base, now),
        }
    }

    /// Whether the change changes nothing that attestry reads.
    pub fn is_empty(&self) -> bool {
        self.judges.is_empty() && self.documents.is_empty() && self.rows.is_empty()
    }
}

/// Documents that were approved as they stood, and are not as the change has them.
fn resets(base: &Sms, now: &Sms) -> Option<Vec<String>> {
    if !now.has_history() || !base.has_history() {
        return None;
    }
    let reset = base.documents.iter().enumerate().filter(|(position, document)| {
        let changed = now.positions(&document.id).first().is_some_and(|after| !now.is_approved_as_it_stands(*after));
        changed && base.is_approved_as_it_stands(*position)
    });
    Some(reset.map(|(_, document)| document.id.clone()).collect())
}

/// Documents that refer to something that changed since they were last looked at, and did not
/// before the change.
fn suspects(base: &Sms, now: &Sms) -> Option<Vec<String>> {
    if !now.has_history() || !base.has_history() {
        return None;
    }
    // What the change touches in substance makes suspect who refers to it.
    let changed = |document: &Document| {
        let before = base.positions(&document.id).first().map(|position| &base.documents[*position]);
        before.is_some_and(|before| base.is_controlled(before) && base.substance(before) != now.substance(document))
    };
    let referring = now.documents.iter().enumerate().filter(|(position, document)| {
        now.says_approved(document)
            && !changed(document)
            && now.outgoing(*position).filter(|reference| reference.pointer().is_some()).any(|reference| {
                matches!(reference.target, Target::Document(target) if target != *position && changed(&now.documents[target]))
            })
    });
    Some(referring.map(|(_, document)| document.id.clone()).collect())
}

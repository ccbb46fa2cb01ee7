//! Where documents stand in their lives, and what therefore counts as evidence.

use super::Sms;
use crate::{document::Document, kind::Form};

/// Where a document stands in its life, on the day of judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Not approved yet.
    Draft,
    /// Approved, with a first day that is still to come.
    Upcoming,
    /// It applies.
    InForce,
    /// A record that is still open.
    Open,
    /// A record that is closed.
    Closed,
    /// Superseded or withdrawn.
    Withdrawn,
}

impl Standing {
    /// The standing in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Upcoming => "upcoming",
            Self::InForce => "in force",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Sms {
    /// Whether a closed record tells of something that took place: not of what was called off.
    pub fn tells_what_happened(&self, document: &Document) -> bool {
        let state = self.kind(document).and_then(|kind| document.text(&kind.compiled().notes.state_field));
        let called_off = matches!(state, Some("cancelled" | "rejected" | "withdrawn" | "planned" | "draft"));
        self.standing(document) == Standing::Closed && !called_off
    }

    /// Where the document stands on the day of judgement.
    pub fn standing(&self, document: &Document) -> Standing {
        let known = self.position(document).and_then(|position| self.standings.get(position));
        known.copied().unwrap_or_else(|| self.standing_of(document))
    }

    pub(super) fn standing_of(&self, document: &Document) -> Standing {
        let form = self.kind(document).map_or(Form::Document, |kind| kind.form);
        if let Some(register) = self.register(document)
            && matches!(form, Form::Document | Form::Entry)
        {
            let state = self
                .kind(document)
                .and_then(|kind| document.text(&kind.compiled().notes.state_field).map(|state| (kind, state)));
            return match state {
                Some((kind, state)) if kind.is_closed(state) && form == Form::Entry => Standing::Closed,
                Some((_, "draft" | "in-review")) => Standing::Draft,
                _ => self.standing(register),
            };
        }
        if matches!(form, Form::Record | Form::Entry) {
            return self.record_standing(document);
        }
        match document.text("status") {
            Some("superseded" | "withdrawn") => Standing::Withdrawn,
            Some("approved") => {
                let approved = document.day("approved_on");
                let effective = document.day("effective_from").or(approved);
                match (approved, effective) {
                    (Some(approved), Some(effective)) if approved <= self.as_of && effective <= self.as_of => {
                        Standing::InForce
                    }
                    (Some(_), _) => Standing::Upcoming,
                    _ => Standing::Draft,
                }
            }
            _ => Standing::Draft,
        }
    }

    fn record_standing(&self, document: &Document) -> Standing {
        let Some(kind) = self.kind(document) else { return Standing::Open };
        let notes = &kind.compiled().notes;
        match document.text(&notes.state_field) {
            Some("draft" | "in-review") => Standing::Draft,
            Some(state) if kind.is_closed(state) => Standing::Closed,
            // A record without a life cycle is complete when it is written.
            None if notes.states.is_empty() => Standing::Closed,
            _ => Standing::Open,
        }
    }

    /// Whether the document counts as evidence on the day of judgement: in force, closed, or in a
    /// state that its kind calls effective.
    pub fn is_evidence(&self, document: &Document) -> bool {
        match self.standing(document) {
            Standing::InForce | Standing::Closed => true,
            Standing::Open => {
                let Some(kind) = self.kind(document) else { return false };
                let notes = &kind.compiled().notes;
                let state = document.text(&notes.state_field);
                kind.form == Form::Entry
                    || state.is_some_and(|state| notes.effective.iter().any(|effective| effective == state))
            }
            _ => false,
        }
    }

    /// Whether findings about the document are notes, because it is not finished yet.
    pub fn is_draft(&self, document: &Document) -> bool {
        self.standing(document) == Standing::Draft && matches!(document.text("status"), Some("draft" | "in-review"))
            || self
                .register(document)
                .is_some_and(|register| matches!(register.text("status"), Some("draft" | "in-review")))
    }
}

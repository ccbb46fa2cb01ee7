//! When a document is next to be reviewed, and how that stands on the day of judgement.

use super::{Sms, Standing};
use crate::{
    calendar::{Date, Interval},
    document::Document,
};
use rayon::prelude::*;

/// How a document's review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// Drafts, records, superseded documents: nothing to review.
    NotSubject,
    /// Neither approved nor reviewed, as far as it says.
    Never,
    /// The last review lies in the future.
    InFuture(Date),
    /// Due on a day that is not near.
    Due(Date),
    /// Due soon.
    DueSoon(Date),
    /// Due on a day that has passed.
    Overdue(Date),
}

impl Review {
    /// The day of the next review.
    pub fn due(self) -> Option<Date> {
        match self {
            Self::Due(day) | Self::DueSoon(day) | Self::Overdue(day) => Some(day),
            _ => None,
        }
    }
}

impl Sms {
    /// The interval between reviews of a document: its own, its kind's, the configuration's.
    pub fn review_cycle(&self, document: &Document) -> Interval {
        document
            .text("review_cycle")
            .and_then(Interval::parse)
            .or_else(|| self.kind(document).and_then(|kind| kind.review_cycle))
            .unwrap_or(self.configuration.review_cycle)
    }

    /// The day of the last review: the latest of `last_reviewed`, the recorded reviews and the
    /// approval. Where the history shows an approval or a review, those that somebody else only
    /// claims do not count.
    pub fn last_looked_at(&self, document: &Document) -> Option<Date> {
        self.last_look_shown(document).or_else(|| reviewed_on(document).max(document.day("approved_on")))
    }

    /// How all reviews stand, by position of the document.
    pub(super) fn all_reviews(&self) -> Vec<Review> {
        self.documents.par_iter().with_min_len(64).map(|document| self.review_of(document)).collect()
    }

    /// The day of the next review: last look plus the cycle; an explicit day may only be earlier.
    pub fn next_review(&self, document: &Document) -> Option<Date> {
        let by_cycle = self.last_looked_at(document).map(|last| self.review_cycle(document).after(last));
        match (by_cycle, document.day("next_review")) {
            (Some(by_cycle), Some(explicit)) => Some(by_cycle.min(explicit)),
            (by_cycle, explicit) => by_cycle.or(explicit),
        }
    }

    /// Whether the organization decided when the document is to be reviewed: in the document, in
    /// the configuration, or in a kind of its own. What attestry assumes else is a convention.
    pub fn plans_reviews(&self, document: &Document) -> bool {
        let configured = || {
            let node = self.configuration.node.as_ref().and_then(|node| node.get("review"));
            node.is_some_and(|review| review.get("cycle").is_some())
        };
        document.filled("review_cycle")
            || document.day("next_review").is_some()
            || self.kind(document).is_some_and(|kind| kind.is_own() && kind.review_cycle.is_some())
            || configured()
    }

    /// How the review of a document stands.
    pub fn review(&self, document: &Document) -> Review {
        // Not on several threads: whoever waits for the others could be given work that waits for this.
        let all = || self.documents.iter().map(|document| self.review_of(document)).collect();
        match self.position(document) {
            Some(position) => self.evidence.reviews.get_or_init(all)[position],
            None => self.review_of(document),
        }
    }

    fn review_of(&self, document: &Document) -> Review {
        let subject = self.is_controlled(document)
            && !matches!(document.text("status"), Some("draft" | "in-review" | "superseded" | "withdrawn"));
        if !subject || self.standing(document) == Standing::Withdrawn {
            return Review::NotSubject;
        }
        if let Some(reviewed) = document.day("last_reviewed").filter(|day| *day > self.as_of) {
            return Review::InFuture(reviewed);
        }
        match self.next_review(document) {
            None => Review::Never,
            Some(due) if due < self.as_of => Review::Overdue(due),
            Some(due) if due <= self.configuration.due_soon.after(self.as_of) => Review::DueSoon(due),
            Some(due) => Review::Due(due),
        }
    }
}

/// The day of the last review that a document gives.
pub(super) fn reviewed_on(document: &Document) -> Option<Date> {
    let reviews = document.fields.get("reviews").and_then(serde_json::Value::as_array).into_iter().flatten();
    let recorded = reviews.filter_map(|review| review["date"].as_str().and_then(crate::calendar::parse_day)).max();
    document.day("last_reviewed").max(recorded)
}

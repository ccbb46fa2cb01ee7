//! What is delivered and agreed on the day of judgement: live services, the documents of a kind
//! that apply, agreements that run.

use super::{Sms, Standing, without_version};
use crate::document::{Document, is_same_id};

impl Sms {
    /// The documents of a kind that apply: those in force; where none is, those that are still to
    /// come. Superseded and withdrawn ones never do.
    pub fn applicable(&self, kind: &str) -> Vec<&Document> {
        let standing = |wanted: &[Standing]| -> Vec<&Document> {
            self.of_kind(kind).filter(|document| wanted.contains(&self.standing(document))).collect()
        };
        let in_force = standing(&[Standing::InForce]);
        if in_force.is_empty() { standing(&[Standing::Upcoming, Standing::Draft]) } else { in_force }
    }

    /// Whether a service is delivered on the day of judgement: its stage is `live` or `retiring`
    /// and the day lies between going live and removal. An entry in force that names no stage
    /// counts as live: the catalogue offers it.
    pub fn is_live(&self, service: &Document) -> bool {
        let standing = self.standing(service);
        let stage = match service.text("lifecycle_status") {
            Some(stage) => matches!(stage, "live" | "retiring"),
            None => standing == Standing::InForce,
        };
        stage
            && standing != Standing::Withdrawn
            && service.day("live_since").is_none_or(|day| day <= self.as_of)
            && service.day("retired_on").is_none_or(|day| self.as_of <= day)
    }

    /// The services that are delivered on the day of judgement.
    pub fn live_services(&self) -> impl Iterator<Item = &Document> {
        self.of_kind("service").filter(|service| self.is_live(service))
    }

    /// Whether an agreement runs: it is in force, and the day of judgement lies within its
    /// validity.
    pub fn runs(&self, agreement: &Document) -> bool {
        self.standing(agreement) == Standing::InForce
            && agreement.day("valid_from").is_none_or(|day| day <= self.as_of)
            && agreement.day("valid_to").is_none_or(|day| self.as_of <= day)
    }

    /// The document that a reference means, with or without a version in it.
    pub fn meant_by(&self, reference: &str) -> Option<&Document> {
        self.document(without_version(reference))
    }

    /// Looks at every item of a kind, rows of data sets included.
    pub fn each_of(&self, kind: &str, mut look: impl FnMut(&Document)) {
        self.of_kind(kind).for_each(&mut look);
        for (index, population) in self.populations.iter().enumerate().filter(|(_, rows)| rows.kind == kind) {
            (0..population.rows.len()).filter_map(|row| self.row(index, row)).for_each(|row| look(&row));
        }
    }
}

/// Whether two references mean the same id: without regard to version and case.
pub fn same_id(one: &str, other: &str) -> bool {
    is_same_id(without_version(one), without_version(other))
}

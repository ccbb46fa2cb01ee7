//! What is looked up once for all requirements: which rows, and which documents of whatever kind,
//! meet what is asked for.

use super::{Sought, Wants, counts_as_evidence, value_of};
use crate::{
    document::Document,
    sms::Sms,
    standard::{Evidence, Predicate},
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What is looked up once for all requirements.
#[derive(Clone, Copy)]
pub(super) struct Facts<'b> {
    pub(super) rows: &'b Rows,
    pub(super) any_kind: &'b AnyKind,
    pub(super) sought: Sought,
}

/// How a leaf names documents of whatever kind.
pub(super) const ANY_KIND: &str = "*";

/// The positions of the documents that meet each leaf that asks for no kind, and whether each
/// counts as evidence, however old: every document is held against all of them at once.
pub(super) struct AnyKind(BTreeMap<usize, Vec<(usize, bool)>>);

impl AnyKind {
    pub(super) fn of(sms: &Sms) -> Self {
        let leaves = leaves_of_kind(sms, ANY_KIND).into_iter().map(|leaf| (identity(leaf), Wants::of(leaf)));
        let leaves: Vec<(usize, Wants<'_>)> = leaves.collect();
        let met_by = |document: &Document| -> (Vec<usize>, bool) {
            let met = leaves.iter().filter(|(_, wants)| wants.hold(sms, &|field| value_of(sms, document, field)));
            let met: Vec<usize> = met.map(|(leaf, _)| *leaf).collect();
            let counts = !met.is_empty() && counts_as_evidence(sms, document, None);
            (met, counts)
        };
        let met: Vec<(Vec<usize>, bool)> = sms.documents.par_iter().with_min_len(64).map(met_by).collect();
        let mut found: BTreeMap<usize, Vec<(usize, bool)>> = BTreeMap::new();
        for (position, (met, counts)) in met.into_iter().enumerate() {
            for leaf in met {
                found.entry(leaf).or_default().push((position, counts));
            }
        }
        Self(found)
    }

    /// Each with whether it counts as evidence, however old.
    pub(super) fn of_leaf<'a>(&self, sms: &'a Sms, leaf: &Evidence) -> impl Iterator<Item = (&'a Document, bool)> {
        let met = self.0.get(&identity(leaf)).into_iter().flatten();
        met.map(|(position, counts)| (&sms.documents[*position], *counts))
    }
}

/// The leaves that ask for documents of a kind.
pub(in crate::sms) fn leaves_of_kind(sms: &Sms, kind: &str) -> Vec<&'static Evidence> {
    leaves(sms).filter(|leaf| leaf.kind == kind).collect()
}

/// The leaves of all that the standard asks for.
fn leaves(sms: &Sms) -> impl Iterator<Item = &'static Evidence> {
    let requirements = sms.standard.requirements();
    let predicates = requirements.flat_map(|(_, requirement)| requirement.evidence.iter().chain(&requirement.occasion));
    predicates.flat_map(Predicate::leaves)
}

/// How many rows of each data set meet each leaf.
#[derive(Debug, Default)]
pub struct Rows(BTreeMap<usize, Vec<(usize, usize)>>);

impl Rows {
    /// Takes how many rows of a data set meet each of the leaves for its kind.
    pub(in crate::sms) fn add(&mut self, population: usize, leaves: &[&Evidence], counts: &[usize]) {
        for (leaf, count) in leaves.iter().zip(counts).filter(|(_, count)| **count > 0) {
            self.0.entry(identity(leaf)).or_default().push((population, *count));
        }
    }

    pub(super) fn of(&self, leaf: &Evidence) -> impl Iterator<Item = (usize, usize)> {
        self.0.get(&identity(leaf)).into_iter().flatten().copied()
    }
}

/// Which leaf: the standard is one value that does not move while it is assessed.
fn identity(leaf: &Evidence) -> usize {
    std::ptr::from_ref(leaf).addr()
}

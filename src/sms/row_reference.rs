//! References out of data sets: each value once, with its rows, so that a million tickets that
//! name forty services are forty questions.

use super::{Sms, Target};
use crate::document::Population;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What one field of a data set refers to.
#[derive(Debug)]
pub struct RowReference {
    /// Position of the data set.
    pub population: usize,
    /// The JSON pointer of the field, positions in lists left out: `/services`.
    pub pointer: String,
    /// The kinds that are allowed there; `*` for any.
    pub kinds: Vec<String>,
    /// What is named, as written: its meaning, and the rows that name it.
    pub values: BTreeMap<String, (Target, Vec<u32>)>,
}

impl Sms {
    /// The references out of all data sets; read in one pass when first asked for.
    pub fn row_references(&self) -> &[RowReference] {
        self.row_references.get_or_init(|| {
            let found: Vec<Vec<RowReference>> = self
                .populations
                .par_iter()
                .enumerate()
                .map(|(index, population)| self.references_of(index, population))
                .collect();
            found.into_iter().flatten().collect()
        })
    }

    fn references_of(&self, index: usize, population: &Population) -> Vec<RowReference> {
        let Some(kind) = self.kinds.get(&population.kind) else { return Vec::new() };
        let text = self.source(population.source).text();
        let mapped = kind.compiled().references.iter().filter(|reference| {
            matches!(reference.steps.first(), Some(crate::kind::Step::Field(field)) if population.holds(field))
        });
        let mapped: Vec<_> = mapped.collect();
        if mapped.is_empty() {
            return Vec::new();
        }
        let mut all: BTreeMap<(String, usize), RowReference> = BTreeMap::new();
        for row in 0..population.rows.len() {
            let fields = population.fields(text, row, kind);
            for (position, reference) in mapped.iter().enumerate() {
                for (pointer, value) in reference.find(&fields) {
                    let pointer = without_positions(&pointer);
                    let known = all.entry((pointer.clone(), position)).or_insert_with(|| RowReference {
                        population: index,
                        pointer,
                        kinds: reference.kinds.clone(),
                        values: BTreeMap::new(),
                    });
                    let row = u32::try_from(row).unwrap_or(u32::MAX);
                    if let Some((_, rows)) = known.values.get_mut(value) {
                        rows.push(row);
                    } else {
                        known.values.insert(value.to_owned(), (self.resolve(value), vec![row]));
                    }
                }
            }
        }
        all.into_values().collect()
    }
}

/// `/services/3` as `/services`.
fn without_positions(pointer: &str) -> String {
    pointer
        .split('/')
        .skip(1)
        .filter(|token| token.parse::<usize>().is_err())
        .fold(String::new(), |whole, token| format!("{whole}/{token}"))
}

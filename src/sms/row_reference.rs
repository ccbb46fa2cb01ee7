//! What the rows of data sets say, read once: what they are evidence for, and what they refer to,
//! each value with its rows, so that a million tickets that name forty services are forty questions.

use super::{Sms, Target, coverage};
use crate::{
    cache::{Reader, Writer},
    document::value_in,
    kind::{Reference, Step},
};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// What one field of a data set refers to.
#[derive(Debug)]
pub struct RowReference {
    /// Position of the data set.
    pub population: usize,
    /// The JSON pointer of the field, positions in lists left out: `/services`.
    pub pointer: String,
    /// The kinds that are allowed there; `*` for any.
    pub kinds: Arc<[String]>,
    /// What is named, as written: its meaning, and the rows that name it, from the first on.
    pub values: BTreeMap<String, (Target, Vec<u32>)>,
}

/// What the rows of all data sets say.
#[derive(Debug, Default)]
pub(super) struct RowsSaid {
    pub(super) references: Vec<RowReference>,
    pub(super) evidence: coverage::Rows,
}

/// What some rows of one data set say: by pointer and the reference of the kind, each value with the
/// rows that name it; and how many meet each requirement.
#[derive(Clone, Default)]
pub(super) struct Part {
    values: BTreeMap<(String, usize), BTreeMap<String, Vec<u32>>>,
    met: Vec<usize>,
}

/// How many rows are read in one piece.
const PIECE: usize = 256;

/// Reads every row once, for all that is asked of rows. This is done while the SMS is built: rules
/// run beside each other, and one that waited for rows could be made to run another that waits too.
/// What an earlier run read of a data set is in `known`, by its position; what is read now is handed
/// to `keep`.
pub(super) fn read(sms: &Sms, mut known: Vec<Option<Part>>, keep: impl Fn(usize, &Part)) -> RowsSaid {
    let mut said = RowsSaid::default();
    for (index, population) in sms.populations.iter().enumerate() {
        let Some(kind) = sms.kinds.get(&population.kind) else { continue };
        let leaves = coverage::leaves_of_kind(sms, &population.kind);
        let wants: Vec<coverage::Wants<'_>> = leaves.iter().map(|leaf| coverage::Wants::of(leaf)).collect();
        let mapped =
            kind.compiled().references.iter().filter(
                |reference| matches!(reference.steps.first(), Some(Step::Field(field)) if population.holds(field)),
            );
        let mapped: Vec<&Reference> = mapped.collect();
        if mapped.is_empty() && leaves.is_empty() {
            continue;
        }
        let known = known.get_mut(index).and_then(Option::take);
        let text = if known.is_some() { "" } else { sms.source(population.source).text() };
        let pieces = population.rows.len().div_ceil(PIECE);
        let part = |piece: usize| {
            let mut part = Part { met: vec![0; leaves.len()], ..Part::default() };
            let mut splitter = population.splitter();
            for row in piece * PIECE..population.rows.len().min((piece + 1) * PIECE) {
                let fields = population.next_fields(&mut splitter, text, row, kind);
                part.refer(row, &mapped, &fields);
                for (met, wants) in part.met.iter_mut().zip(&wants) {
                    *met += usize::from(wants.hold(sms, &|field| value_in(&fields, field)));
                }
            }
            part
        };
        let read = || {
            let parts: Vec<Part> = (0..pieces).into_par_iter().map(part).collect();
            let whole = parts.into_iter().reduce(Part::joined).unwrap_or_default();
            keep(index, &whole);
            whole
        };
        let whole = known.unwrap_or_else(read);
        said.evidence.add(index, &leaves, &whole.met);
        said.references.extend(whole.values.into_iter().map(|((pointer, position), values)| RowReference {
            population: index,
            pointer,
            kinds: mapped[position].kinds.clone(),
            values: values.into_iter().map(|(value, rows)| (value.clone(), (sms.resolve(&value), rows))).collect(),
        }));
    }
    said
}

impl Part {
    /// As bytes, for the cache.
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.length(self.values.len());
        for ((pointer, reference), values) in &self.values {
            writer.text(pointer);
            writer.length(*reference);
            writer.length(values.len());
            for (value, rows) in values {
                writer.text(value);
                writer.list(rows, |writer, row| writer.number(u64::from(*row)));
            }
        }
        writer.list(&self.met, |writer, met| writer.length(*met));
    }

    /// The same from its bytes; none where they are not such.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let values = reader.list(|reader| {
            let field = (reader.owned()?, reader.length()?);
            let values = reader.list(|reader| Some((reader.owned()?, reader.list(Reader::small)?)))?;
            Some((field, values.into_iter().collect()))
        })?;
        Some(Self { values: values.into_iter().collect(), met: reader.list(Reader::length)? })
    }

    fn refer(&mut self, row: usize, mapped: &[&Reference], fields: &Map<String, Value>) {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        for (position, reference) in mapped.iter().enumerate() {
            for (pointer, value) in reference.find(fields) {
                let values = self.values.entry((without_positions(&pointer), position)).or_default();
                match values.get_mut(value) {
                    Some(rows) => rows.push(row),
                    None => drop(values.insert(value.to_owned(), vec![row])),
                }
            }
        }
    }

    /// With what later rows say.
    fn joined(mut self, later: Self) -> Self {
        for (field, values) in later.values {
            let known = self.values.entry(field).or_default();
            for (value, rows) in values {
                known.entry(value).or_default().extend(rows);
            }
        }
        for (met, more) in self.met.iter_mut().zip(later.met) {
            *met += more;
        }
        self
    }
}

impl Sms {
    /// The references out of all data sets.
    pub fn row_references(&self) -> &[RowReference] {
        &self.row_references
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

//! Which lines of a document differ from a state that was committed before.

use crate::{
    document::Document,
    history::{ObjectId, Substance},
    sms::Sms,
    source::Span,
};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::BTreeSet;

impl Sms {
    /// The file contents that are needed to show what changed since the last approval of documents
    /// that are not approved as they stand.
    pub(super) fn approved_once(&self) -> BTreeSet<ObjectId> {
        let positions = 0..self.documents.len();
        let needed = positions.filter_map(|position| {
            let last = self.approvals(position).iter().find(|approval| approval.named)?;
            let document = &self.documents[position];
            let substance = self.substance(document);
            let changed = !self.approvals(position).iter().any(|one| one.named && one.substance == substance);
            let edition = self.life(document)?.editions().find(|edition| edition.substance == last.substance)?;
            changed.then_some(edition.blob)
        });
        needed.collect()
    }

    /// Where the text of a document's file differs from the newest committed state of this
    /// substance, from top to bottom; what was removed is shown where it stood. Fields that no
    /// approval binds to, and the entries of a register, are left out.
    pub fn changes_since(&self, document: &Document, substance: &Substance) -> Vec<Span> {
        let edition = self.life(document).and_then(|life| life.editions().find(|one| one.substance == *substance));
        let Some(old) = edition.and_then(|edition| self.evidence.texts.get(&edition.blob)) else { return Vec::new() };
        let text = self.source(document.source).text();
        let (before, now): (Vec<&str>, Vec<&str>) = (old.lines().collect(), text.lines().collect());
        let starts: Vec<usize> =
            text.split_inclusive('\n').scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect();
        let left_out: Vec<Span> = document
            .node()
            .entries()
            .iter()
            .filter(|entry| {
                let field = entry.key.as_str();
                field == "entries"
                    || crate::document::NOT_SUBSTANCE.contains(&field)
                    || self.kind(document).is_some_and(|kind| kind.is_about_approval(field))
            })
            .map(|entry| entry.key_span.start..entry.node.span.end)
            .collect();
        let span_of = |first: usize, count: usize| {
            let last = (first + count).saturating_sub(1).max(first);
            let start = starts.get(first).copied().unwrap_or(text.len());
            let end = starts.get(last).map_or(text.len(), |start| start + now[last].len());
            start..end.max(start)
        };
        capture_diff_slices(Algorithm::Patience, &before, &now)
            .into_iter()
            .filter_map(|change| match change {
                DiffOp::Equal { .. } => None,
                DiffOp::Delete { new_index, .. } => Some(span_of(new_index.min(now.len().saturating_sub(1)), 1)),
                DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
                    Some(span_of(new_index, new_len))
                }
            })
            .filter(|span| !left_out.iter().any(|out| out.start <= span.start && span.end <= out.end))
            .collect()
    }
}

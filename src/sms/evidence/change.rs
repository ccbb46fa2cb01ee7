//! Which lines of a document differ from a state that was committed before.

use crate::{
    document::{Document, is_substance},
    history::{Edition, ObjectId, Substance},
    sms::Sms,
    source::Span,
};
use rayon::prelude::*;
use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::BTreeSet;

/// A field that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name; `body` for the text.
    pub field: String,
    /// What it was; null where there was none, and for the text.
    pub before: Value,
    /// What it is; null where there is none, and for the text.
    pub now: Value,
}

/// Lines that differ from a state that was committed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedLines {
    /// The lines; where some were removed, the one that stands there now.
    pub span: Span,
    /// How many lines were removed there and nothing put in their place.
    pub removed: usize,
}

impl Sms {
    /// The file contents that are needed to show what changed since the last approval of documents
    /// that are not approved as they stand.
    pub(super) fn approved_once(&self) -> Vec<ObjectId> {
        let positions = (0..self.documents.len()).into_par_iter().with_min_len(64);
        let needed = positions.filter_map(|position| {
            let document = &self.documents[position];
            let last = if self.says_approved(document) { self.undone_approval(position)? } else { return None };
            let edition = self.life(document)?.editions().find(|edition| edition.substance == last.substance)?;
            Some(edition.blob)
        });
        needed.collect()
    }

    /// Where the text of a document's file differs from the newest committed state of this
    /// substance, from top to bottom; what was removed is shown where it stood. Fields that no
    /// approval binds to, and the entries of a register, are left out.
    pub fn changes_since(&self, document: &Document, substance: &Substance) -> Vec<Span> {
        self.lines_since(document, substance).into_iter().map(|lines| lines.span).collect()
    }

    /// The same, with how many lines were removed where none took their place.
    pub fn lines_since(&self, document: &Document, substance: &Substance) -> Vec<ChangedLines> {
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
                field == "entries" || !is_substance(field, self.kind(document))
            })
            .map(|entry| entry.key_span.start..entry.node.span.end)
            .collect();
        let span_of = |first: usize, count: usize| {
            let last = (first + count).saturating_sub(1).max(first);
            let start = starts.get(first).copied().unwrap_or(text.len());
            let end = starts.get(last).map_or(text.len(), |start| start + now[last].len());
            start..end.max(start)
        };
        let filled = |lines: &[&str]| lines.iter().filter(|line| !line.trim().is_empty()).count();
        // Blank lines around a paragraph came with it and say nothing.
        let trimmed = |first: usize, count: usize| {
            let is_blank = |at: &usize| now[*at].trim().is_empty();
            let start = (first..first + count).find(|at| !is_blank(at))?;
            let end = (first..first + count).rfind(|at| !is_blank(at))?;
            Some((start, end + 1 - start))
        };
        let removed = |at: usize, count: usize| {
            let span = span_of(at.min(now.len().saturating_sub(1)), 1);
            ChangedLines { span, removed: count }
        };
        let changes =
            capture_diff_slices(Algorithm::Patience, &before, &now).into_iter().filter_map(|change| match change {
                DiffOp::Equal { .. } => None,
                DiffOp::Delete { old_index, old_len, new_index } => {
                    Some(removed(new_index, filled(&before[old_index..old_index + old_len])))
                }
                DiffOp::Insert { new_index, new_len, .. } => {
                    let (first, count) = trimmed(new_index, new_len).unwrap_or((new_index, new_len));
                    Some(ChangedLines { span: span_of(first, count), removed: 0 })
                }
                DiffOp::Replace { old_index, old_len, new_index, new_len } => Some(match trimmed(new_index, new_len) {
                    Some((first, count)) => ChangedLines { span: span_of(first, count), removed: 0 },
                    None => removed(new_index, filled(&before[old_index..old_index + old_len])),
                }),
            });
        changes
            .filter(|lines| !left_out.iter().any(|out| out.start <= lines.span.start && lines.span.end <= out.end))
            .collect()
    }

    /// The file contents that are needed to show what changed in closed records.
    pub(super) fn closed_once(&self) -> BTreeSet<ObjectId> {
        let altered = self.not_as_closed().filter_map(|document| {
            let frozen = self.frozen(document)?;
            let then = frozen.reopened.as_ref().filter(|_| !frozen.is_altered()).map(|reopened| reopened.was);
            let edition = then.unwrap_or(frozen.edition);
            let newest = self.life(document)?.editions().find(|one| one.substance == edition.substance)?;
            Some([edition.blob, newest.blob])
        });
        altered.flatten().collect()
    }

    /// The fields of a document's substance that are not as a committed state had them; none where
    /// that state cannot be read.
    pub fn fields_changed_since(&self, document: &Document, edition: &Edition) -> Option<Vec<FieldChange>> {
        let text = self.evidence.texts.get(&edition.blob)?;
        let old = &self.document_then(edition)?;
        let kind = self.kind(document);
        let counts = |field: &str| {
            let derived = field == "title" && !document.is_written("title") && !old.is_written("title");
            !derived && is_substance(field, kind)
        };
        let value = |of: &Document, field: &str| of.fields.get(field).cloned().unwrap_or_default();
        let fields: BTreeSet<&String> = old.fields.keys().chain(document.fields.keys()).collect();
        let mut changes: Vec<FieldChange> = fields
            .into_iter()
            .filter(|field| counts(field))
            .map(|field| FieldChange { field: field.clone(), before: value(old, field), now: value(document, field) })
            .filter(|change| change.before != change.now)
            .collect();
        let body = |of: &Document, text: &str| -> Option<Vec<String>> {
            let body = text.get(of.body.as_ref()?.span.clone())?;
            Some(body.trim_end().lines().map(str::to_owned).collect())
        };
        if body(old, text) != body(document, self.source(document.source).text()) {
            changes.push(FieldChange { field: "body".to_owned(), before: Value::Null, now: Value::Null });
        }
        Some(changes)
    }
}

//! What the history shows: approvals that hold or do not, reviews that took place, records that
//! were altered. Without a history these rules are not evaluated.

mod altered_closed_record;
mod approved_by_own_author;
mod changed_after_approval;
mod changed_id;
mod committed_before_event;
mod deleted_before_retention;
mod late_entry;
mod reused_id;
mod review_without_trace;
mod rewritten_history;
mod suspect_reference;
mod two_versions_were_in_force;
mod unknown_author;
mod unproven_approval;

use crate::{document::Document, finding::Rule, history::ObjectId, sms::Sms};

pub(super) static RULES: &[&Rule] = &[
    &altered_closed_record::RULE,
    &approved_by_own_author::RULE,
    &changed_after_approval::RULE,
    &changed_id::RULE,
    &committed_before_event::RULE,
    &deleted_before_retention::RULE,
    &late_entry::RULE,
    &reused_id::RULE,
    &review_without_trace::RULE,
    &rewritten_history::RULE,
    &suspect_reference::RULE,
    &two_versions_were_in_force::RULE,
    &unknown_author::RULE,
    &unproven_approval::RULE,
];

/// A commit as people name it: `1a2b3c4d of 2026-05-03, Ada Exampleton`.
fn named(sms: &Sms, id: ObjectId) -> String {
    let Some(commit) = sms.evidence.history.commit(id) else { return short(id) };
    let day = commit.day().map(|day| format!(" of {day}")).unwrap_or_default();
    format!("{}{day}, {}", short(id), sms.evidence.history.person(&commit.author).name)
}

fn short(id: ObjectId) -> String {
    id.to_string().chars().take(8).collect()
}

/// Controlled documents that are said to be approved and whose history is known, with their
/// positions.
fn approved(sms: &Sms) -> impl Iterator<Item = (usize, &Document)> {
    let documents = if sms.has_history() { sms.documents.as_slice() } else { &[] };
    documents.iter().enumerate().filter(|(_, document)| sms.says_approved(document))
}

/// What did something that the default branch does not have.
fn not_there_yet(sms: &Sms) -> String {
    let tip = sms.evidence.history.tip.map(|tip| tip.to_string());
    let is_aside = sms.revision.commit.is_some() && sms.revision.commit != tip;
    let what = if is_aside { "what is not on the default branch yet" } else { "what is not committed yet" };
    what.to_owned()
}

//! What the history shows: approvals that hold or do not, reviews that took place, records that
//! were altered. Without a history these rules are not evaluated.

mod altered_closed_record;
mod altered_ledger_entry;
mod approved_by_own_author;
mod changed_after_approval;
mod changed_id;
mod committed_before_event;
mod deleted_before_retention;
mod late_entry;
mod reused_id;
mod review_without_trace;
mod rewritten_history;
mod signature_does_not_hold;
mod suspect_reference;
mod two_versions_were_in_force;
mod uncounted_ledger_entry;
mod unknown_author;
mod unproven_approval;
mod unproven_withdrawal;

use crate::{document::Document, finding::Rule, history::ObjectId, sms::Sms};

pub(super) static RULES: &[&Rule] = &[
    &altered_closed_record::RULE,
    &altered_ledger_entry::RULE,
    &approved_by_own_author::RULE,
    &changed_after_approval::RULE,
    &changed_id::RULE,
    &committed_before_event::RULE,
    &deleted_before_retention::RULE,
    &late_entry::RULE,
    &reused_id::RULE,
    &review_without_trace::RULE,
    &rewritten_history::RULE,
    &signature_does_not_hold::RULE,
    &suspect_reference::RULE,
    &two_versions_were_in_force::RULE,
    &uncounted_ledger_entry::RULE,
    &unknown_author::RULE,
    &unproven_approval::RULE,
    &unproven_withdrawal::RULE,
];

/// A commit as people name it: `1a2b3c4d of 2026-05-03, Ada Exampleton`.
fn named(sms: &Sms, id: ObjectId) -> String {
    let Some(commit) = sms.evidence.history.commit(id) else { return short(id) };
    let day = commit.day().map(|day| format!(" of {day}")).unwrap_or_default();
    let author = sms.people.resolved(&commit.author, &sms.evidence.history);
    format!("{}{day}, {}", short(id), author.name)
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

/// Who did something: the commit, or what the default branch does not have.
fn by_whom(sms: &Sms, commit: Option<ObjectId>) -> String {
    match commit {
        Some(commit) => named(sms, commit),
        None if sms.revision.commit.is_none() || sms.reads_evidence_head() => "what is not committed yet".to_owned(),
        None => "what is not on the default branch yet".to_owned(),
    }
}

/// How many fields and rows are named; the others are counted.
const SHOWN: usize = 4;

/// What follows those of a number of things that are named.
fn and_more(count: usize) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

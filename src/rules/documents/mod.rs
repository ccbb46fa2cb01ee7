//! Control of documented information: owners, approvals, reviews, versions, dates.

mod altered_attachment;
mod approved_after_effective;
mod approver_not_there;
mod external_document_without_origin;
mod implausible_dates;
mod incomplete_approval;
mod missing_listed_document;
mod missing_retention;
mod never_reviewed;
mod no_review_planned;
mod overdue_review;
mod owner_has_left;
mod placeholder;
mod review_due_soon;
mod review_in_future;
mod review_later_than_cycle;
mod sole_author_approves;
mod two_versions_in_force;
mod unknown_owner;
mod vacant_role;

use crate::{document::Document, finding::Rule, sms::Sms};

pub(super) static RULES: &[&Rule] = &[
    &altered_attachment::RULE,
    &approved_after_effective::RULE,
    &approver_not_there::RULE,
    &external_document_without_origin::RULE,
    &implausible_dates::RULE,
    &incomplete_approval::RULE,
    &missing_listed_document::RULE,
    &missing_retention::RULE,
    &never_reviewed::RULE,
    &no_review_planned::RULE,
    &overdue_review::RULE,
    &owner_has_left::RULE,
    &placeholder::RULE,
    &review_due_soon::RULE,
    &review_in_future::RULE,
    &review_later_than_cycle::RULE,
    &sole_author_approves::RULE,
    &two_versions_in_force::RULE,
    &unknown_owner::RULE,
    &vacant_role::RULE,
];

/// Whether a document says itself that its only author approved it.
pub(super) fn only_author_approved(sms: &Sms, document: &Document) -> bool {
    sole_author_approves::approved_by_author(sms, document).is_some()
}

/// The field with the day of the last look at a document: the one that the next review is counted
/// from.
fn last_look_field(sms: &Sms, document: &Document) -> &'static str {
    let last = sms.last_looked_at(document);
    ["last_reviewed", "approved_on"].into_iter().find(|field| document.day(field) == last).unwrap_or("reviews")
}

/// The field that decides when the next review is due.
fn deciding_field(sms: &Sms, document: &Document) -> &'static str {
    let explicit = document.day("next_review");
    if explicit.is_some() && explicit == sms.next_review(document) {
        "next_review"
    } else {
        last_look_field(sms, document)
    }
}

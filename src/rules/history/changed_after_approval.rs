//! The text is another than the one that was approved.

use super::{approved, named};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "changed-after-approval",
    summary: "an approved document was changed after its approval",
    checks: &["DOC-01", "EVD-05"],
    clauses: &["7.5.2", "7.5.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    since: "0.1.0",
    docs: include_str!("changed_after_approval.md"),
    check,
};

/// How many places of change are shown.
const SHOWN: usize = 3;

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in approved(sms) {
        if sms.is_approved_as_it_stands(position) {
            continue;
        }
        let Some(last) = sms.approvals(position).iter().find(|approval| approval.named) else { continue };
        let writers = sms.life(document).into_iter().flat_map(|life| life.since(&last.substance));
        let commits: Vec<String> = writers.map(|edition| named(sms, edition.commit)).collect();
        let day = last.day.map_or_else(String::new, |day| format!(" on {day}"));
        let changed = match commits.as_slice() {
            [] => "was changed since, and the change is not on the default branch yet".to_owned(),
            [one] => format!("was changed since by {one}"),
            [newest, rest @ ..] => format!("was changed since by {newest}, and {} earlier", rest.len()),
        };
        let field = if document.is_written("approved_on") { "approved_on" } else { "status" };
        let finding = findings.report(
            document,
            document.field(field),
            format!("what `{}` approved{day} {changed}", last.by),
            "have it approved again, or set `status: in-review` until it is",
        );
        for span in sms.changes_since(document, &last.substance).into_iter().take(SHOWN) {
            finding.related(document.body(span), "changed since");
        }
    }
}

//! The next review is planned later than the interval allows.

use super::last_look_field;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, review::Review},
};

pub(super) static RULE: Rule = Rule {
    name: "review-later-than-cycle",
    summary: "the next review is planned later than the interval allows",
    checks: &["DOC-02"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("review_later_than_cycle.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        if sms.review(document) == Review::NotSubject {
            continue;
        }
        let Some(planned) = document.day("next_review") else { continue };
        let Some(last) = sms.last_looked_at(document) else { continue };
        let cycle = sms.review_cycle(document);
        let latest = cycle.after(last);
        if planned <= latest {
            continue;
        }
        let name = document.name_of("next_review");
        let own = document.filled("review_cycle");
        let whose = if own { "its interval" } else { "the usual interval" };
        let finding = findings.report(
            document,
            document.field("next_review"),
            format!("`{name}` is {planned}, but {whose} of {cycle} after {last} ends on {latest}"),
            format!("plan it by {latest}, or set `{}` to the interval that is meant", document.name_of("review_cycle")),
        );
        finding.related(document.field(last_look_field(sms, document)), "last look");
        if !own {
            finding.at_most(Level::Note);
        }
    }
}

//! A review is overdue.

use super::deciding_field;
use crate::{
    calendar::days_between,
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, review::Review},
};

pub(super) static RULE: Rule = Rule {
    name: "overdue-review",
    summary: "a review is overdue",
    checks: &["DOC-02"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("overdue_review.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        let Review::Overdue(due) = sms.review(document) else { continue };
        let field = deciding_field(sms, document);
        let help = format!(
            "review it and set `{}`, or record the review in `{}`; approve a new version if it has to change",
            document.name_of("last_reviewed"),
            document.name_of("reviews")
        );
        if !sms.plans_reviews(document) {
            report_unplanned(sms, document, findings);
            continue;
        }
        let last = sms.last_looked_at(document).filter(|last| *last >= due);
        if let Some(last) = last.filter(|_| field == "next_review") {
            findings.report(
                document,
                document.field(field),
                format!("the next review of `{}` is given as {due}, but the last was on {last}", document.id),
                format!("set `{}` to the day of the one to come, or remove it", document.name_of(field)),
            );
            continue;
        }
        let days = days_between(due, sms.as_of);
        let ago = if days == 1 { "1 day ago".to_owned() } else { format!("{days} days ago") };
        findings.report(
            document,
            document.field(field),
            format!("the review of `{}` was due on {due}, {ago}", document.id),
            help,
        );
    }
}

/// Nobody planned an interval: a default is no demand, so this is worth a look, no more.
fn report_unplanned(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some(last) = sms.last_looked_at(document) else { return };
    findings
        .report(
            document,
            document.field(deciding_field(sms, document)),
            format!(
                "`{}` was last looked at on {last}, more than {} ago, and no interval is planned",
                document.id,
                sms.review_cycle(document)
            ),
            format!(
                "review it, and plan an interval: `{}`, or `review.cycle` in attestry.yaml",
                document.name_of("review_cycle")
            ),
        )
        .at_most(Level::Warning);
}

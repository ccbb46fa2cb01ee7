//! An item that the service management plan must have is announced and not written.

use super::report_blank;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "plan-lacks-item",
    summary: "an item that the service management plan must have is announced and not written",
    checks: &["GOV-14"],
    clauses: &["6.3"],
    basis: Basis::Demanded,
    grade: Grade::Major,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("plan_lacks_item.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let items = [
        ("known_limitations", "known limitations"),
        ("obligations", "the obligations and how they apply"),
        ("authorities_responsibilities", "authorities and responsibilities"),
        ("resources", "the resources"),
        ("other_parties_approach", "the approach to working with other parties"),
        ("technology", "the technology that supports the SMS"),
        ("measure_audit_report_improve", "how effectiveness is measured, audited, reported and improved"),
    ];
    for plan in sms.of_kind("sm-plan") {
        for (field, item) in items {
            report_blank(sms, findings, plan, field, &format!("the service management plan lacks {item}"));
        }
    }
}

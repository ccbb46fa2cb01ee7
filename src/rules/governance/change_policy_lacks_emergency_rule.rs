//! The rule for emergency changes is announced and not written.

use super::report_blank;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "change-policy-lacks-emergency-rule",
    summary: "the rule for emergency changes is announced and not written",
    checks: &["GOV-10"],
    clauses: &["8.5.1.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("change_policy_lacks_emergency_rule.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for policy in sms.of_kind("change-policy") {
        let lacks = "the change policy lacks what an emergency change is and how it is handled";
        report_blank(sms, findings, policy, "emergency_rule", lacks);
    }
}

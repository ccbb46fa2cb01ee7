//! The information security policy was approved by somebody without a role.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Party, Sms},
};

pub(super) static RULE: Rule = Rule {
    name: "security-policy-approver-without-role",
    summary: "the information security policy was approved by somebody without a role",
    checks: &["GOV-09"],
    clauses: &["8.7.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("security_policy_approver_without_role.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if sms.people.roles.is_empty() {
        return;
    }
    for policy in sms.of_kind("infosec-policy").filter(|policy| policy.text("status") == Some("approved")) {
        let (Some(approver), Some(day)) = (policy.text("approved_by"), policy.day("approved_on")) else { continue };
        let Party::Present(person) = sms.people.party(approver, day) else { continue };
        if sms.people.roles_of(&person.id, day).next().is_some() {
            continue;
        }
        findings
            .report(
                policy,
                policy.field("approved_by"),
                format!("`{approver}` approved the information security policy and held no role on {day}"),
                "have it approved by management with the authority for it, and record that role with its \
                 `authorities`; it need not be top management",
            )
            .related(policy.field("approved_on"), "the day of approval");
    }
}

//! The service management policy was not approved by top management.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Party, Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "policy-not-approved-by-top-management",
    summary: "the service management policy was not approved by top management",
    checks: &["GOV-06"],
    clauses: &["5.2.1"],
    basis: Basis::Demanded,
    grade: Grade::Major,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("policy_not_approved_by_top_management.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for policy in sms.of_kind("sm-policy").filter(|policy| {
        matches!(policy.text("status"), Some("approved")) && sms.standing(policy) != Standing::Withdrawn
    }) {
        let (Some(approver), Some(day)) = (policy.text("approved_by"), policy.day("approved_on")) else { continue };
        // Nobody knows the id: said elsewhere. No roles at all: nothing to judge by.
        if sms.people.party(approver, day) == Party::Unknown
            || sms.people.roles.is_empty()
            || sms.people.is_top_management(approver, day)
        {
            continue;
        }
        if !sms.people.roles.iter().any(|role| role.top_management) {
            findings.report(
                policy,
                policy.field("approved_by"),
                format!(
                    "nothing shows that `{approver}`, who approved the policy, is top management: no role is marked so"
                ),
                "set `top_management: true` on the roles that direct and control the organization at the highest level",
            );
            continue;
        }
        findings
            .report(
                policy,
                policy.field("approved_by"),
                format!(
                    "the service management policy was approved by `{approver}`, who held no role of top \
                 management on {day}"
                ),
                "have top management approve it, or mark the role of the approver with `top_management: true` \
                 if it is one",
            )
            .related(policy.field("approved_on"), "the day of approval");
    }
}

//! A part that the service management policy must have is announced and not written.

use super::report_blank;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "policy-lacks-part",
    summary: "a part that the service management policy must have is announced and not written",
    checks: &["GOV-07"],
    clauses: &["5.2.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("policy_lacks_part.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let parts = [
        ("purpose_fit", "why it fits the purpose of the organization"),
        ("objectives_framework", "how objectives are set"),
        ("commitment_requirements", "the commitment to satisfy applicable requirements"),
        ("commitment_improvement", "the commitment to continual improvement"),
    ];
    for policy in sms.of_kind("sm-policy") {
        for (field, part) in parts {
            report_blank(sms, findings, policy, field, &format!("the policy lacks {part}"));
        }
    }
}

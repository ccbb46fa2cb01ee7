//! Nothing but a field says that the document was approved.

use super::{approved, named};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Rule},
    sms::{
        Sms,
        evidence::{Proof, Strength},
    },
};

pub(super) static RULE: Rule = Rule {
    name: "unproven-approval",
    summary: "nothing but what somebody else wrote says that the document was approved",
    checks: &["EVD-05"],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    since: "0.1.0",
    docs: include_str!("unproven_approval.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in approved(sms) {
        let substance = sms.substance(document);
        let of_now: Vec<_> =
            sms.approvals(position).iter().filter(|approval| approval.substance == substance).collect();
        if of_now.iter().any(|approval| approval.named && approval.strength > Strength::Claimed) {
            continue;
        }
        let Some(claim) = of_now.iter().find(|approval| approval.named) else { continue };
        let Some(commit) = claim.proof.commit() else { continue };
        let who = named(sms, commit);
        let message = match &claim.proof {
            Proof::Trailer(_, key) => {
                format!("that `{}` approved is only said by `{key}:` in commit {who}", claim.by)
            }
            _ => format!("that `{}` approved is only said by commit {who}", claim.by),
        };
        findings.report(
            document,
            document.field("approved_by"),
            message,
            "let the approver commit or merge the approval, or import the platform's review (`attestry approvals import`)",
        );
    }
}

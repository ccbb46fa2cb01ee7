//! Something is provided or operated by a party whose entry does not say so.

use super::contributes;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "contribution-not-in-register",
    summary: "something is provided or operated by a party whose entry does not say so",
    checks: &["SVC-09"],
    clauses: &["8.2.3.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("contribution_not_in_register.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for item in sms.of_kind("ci").filter(|item| !matches!(item.text("status"), Some("retired"))) {
        if let Some(party) = item.text("supplier") {
            compare(sms, findings, (item, "supplier"), item, party);
        }
    }
    for process in sms.applicable("process") {
        for (pointer, other) in process.items("/operated_by/others") {
            if let Some(party) = other["party"].as_str() {
                compare(sms, findings, (process, &format!("{pointer}/party")), process, party);
            }
        }
    }
    for contract in sms.of_kind("external-contract").filter(|contract| sms.standing(contract) == Standing::InForce) {
        let Some(party) = contract.text("supplier") else { continue };
        for (pointer, part) in contract.items("scope") {
            let Some(subject) = part["reference"].as_str().and_then(|id| sms.meant_by(id)) else {
                continue;
            };
            compare(sms, findings, (contract, &format!("{pointer}/reference")), subject, party);
        }
    }
}

/// Holds what a field says about a service, component or process against the entry of the party.
fn compare(sms: &Sms, findings: &mut Findings<'_>, said: (&Document, &str), subject: &Document, party: &str) {
    let Some(party) = sms.meant_by(party).filter(|party| party.kind == "other-party") else {
        return;
    };
    if contributes(party, &subject.id).is_some() {
        return;
    }
    let (said_by, field) = said;
    findings
        .report(
            said_by,
            said_by.field(field),
            format!(
                "`{}` comes from `{}`, whose entry in the register of other parties does not say so",
                subject.id, party.id
            ),
            format!("add `{}` to `provides` or `operates` of `{}`", subject.id, party.id),
        )
        .related(party.field("provides"), format!("what `{}` provides", party.id))
        .about(format!("{} {}", party.id, subject.id));
}

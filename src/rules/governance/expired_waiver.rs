//! A waiver has run out and what it accepted is still there.

use crate::{
    finding::{Basis, Drafts, Finding, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
    waiver,
};

pub(super) static RULE: Rule = Rule {
    name: "expired-waiver",
    summary: "a waiver has run out and what it accepted is still there",
    checks: &[],
    clauses: &["10.1.1"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("expired_waiver.md"),
    check: |_, _| {},
};

pub(super) fn over(sms: &Sms, all: &[Finding], findings: &mut Findings<'_>) {
    let waivers = waiver::approved(sms);
    let (in_force, expired): (Vec<_>, Vec<_>) = waivers.iter().partition(|waiver| waiver.expires_on >= sms.as_of);
    for waiver in expired {
        let open: Vec<&Finding> = all
            .iter()
            .filter(|finding| waiver.matches(sms, finding))
            // A later waiver may have taken its place.
            .filter(|finding| !in_force.iter().any(|later| later.matches(sms, finding)))
            .collect();
        let Some(first) = open.first() else { continue };
        let document = &sms.documents[waiver.document];
        let what = match open.len() {
            1 => format!("the finding of `{}` that it accepted counts again", waiver.rule),
            many => format!("{many} findings of `{}` that it accepted count again", waiver.rule),
        };
        findings
            .report(
                document,
                document.field("expires_on"),
                format!("`{}` ran out on {}; {what}", document.id, waiver.expires_on),
                "mend the cause and withdraw the waiver, or have it approved anew with a later day",
            )
            .related(first.place.clone(), first.message.clone());
    }
}

//! Somebody else than who answers for it took an approved document out of force.

use super::named;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Edition, ObjectId},
    sms::{
        Sms,
        evidence::{Approval, Strength},
    },
};

pub(super) static RULE: Rule = Rule {
    name: "unproven-withdrawal",
    summary: "nothing shows that who approved a document took it out of force",
    checks: &["EVD-05"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("unproven_withdrawal.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    for (position, document) in sms.documents.iter().enumerate() {
        let Some(status) = document.text("status").filter(|status| matches!(*status, "superseded" | "withdrawn"))
        else {
            continue;
        };
        let Some((ended, before)) = ended_by(sms, document, status) else { continue };
        let is_shown = |one: &&Approval| one.named && one.strength > Strength::Claimed;
        // What nobody was shown to have approved needs no more to end it.
        if !sms.approvals(position).iter().any(|one| is_shown(&one)) || is_traced(sms, position, ended, before) {
            continue;
        }
        findings.report(
            document,
            document.field("status"),
            format!(
                "that `{}` is {status} is only said by commit {}, who neither approved nor owns it",
                document.id,
                named(sms, ended.commit)
            ),
            "let the approver or the owner commit or merge it, or name them by `Approved-by:` in a merge of theirs",
        );
    }
}

/// The state in which a document first said that it is no longer in force, and the approved one
/// before.
fn ended_by<'a>(sms: &'a Sms, document: &Document, status: &str) -> Option<(&'a Edition, &'a Edition)> {
    let editions: Vec<&Edition> = sms.life(document)?.editions().collect();
    let same = editions.iter().take_while(|edition| edition.marks.state.as_deref() == Some(status)).count();
    let (ended, before) = (*editions.get(same.checked_sub(1)?)?, *editions.get(same)?);
    before.marks.is_approved().then_some((ended, before))
}

/// Whether the approver or the owner committed or merged it, or reviewed it on the platform.
fn is_traced(sms: &Sms, position: usize, ended: &Edition, before: &Edition) -> bool {
    let history = &sms.evidence.history;
    let Some(commit) = history.commit(ended.commit) else { return true };
    let day = commit.day().unwrap_or(sms.as_of);
    let answering: Vec<&str> = [&before.marks.approved_by, &before.marks.owner]
        .into_iter()
        .flatten()
        .flat_map(|id| sms.people.persons_of(id, day))
        .map(|person| person.id.as_str())
        .collect();
    let by = |id: ObjectId| {
        let author = history.commit(id).and_then(|commit| sms.author(commit));
        author.is_some_and(|author| answering.contains(&author.id.as_str()))
    };
    let reviewed = sms.approvals(position).iter().any(|one| {
        one.strength > Strength::Claimed
            && one.substance == ended.substance
            && !one.named
            && answering.contains(&one.by.as_str())
    });
    by(commit.id) || commit.merged_by.is_some_and(by) || reviewed
}

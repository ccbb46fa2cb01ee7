//! A commit that approves carries a signature that contradicts it.

use super::{named, short};
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::Commit,
    sms::{Person, Sms, evidence::Approval},
};

pub(super) static RULE: Rule = Rule {
    name: "signature-does-not-hold",
    summary: "a commit that approves a document carries a signature that contradicts it",
    checks: &["EVD-05"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("signature_does_not_hold.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in sms.documents.iter().enumerate() {
        let mut told = Vec::new();
        for (commit, person) in sms.approvals(position).iter().filter_map(|approval| said_by(sms, approval)) {
            if told.contains(&commit.id) || !sms.is_contradicted(commit, person) {
                continue;
            }
            told.push(commit.id);
            report(sms, document, commit, person, findings);
        }
    }
}

/// The commit that shows an approval as its author's, and the author.
fn said_by<'a>(sms: &'a Sms, approval: &Approval) -> Option<(&'a Commit, &'a Person)> {
    let history = &sms.evidence.history;
    let commit = history.commit(approval.proof.commit()?)?;
    let author = sms.people.who(&commit.author, history).person()?;
    (author.id == approval.by).then_some((commit, author))
}

fn report(sms: &Sms, document: &Document, commit: &Commit, person: &Person, findings: &mut Findings<'_>) {
    let how = sms.signature_in_words(sms.signature(commit, person), true);
    findings
        .report(
            document,
            document.field(if document.is_written("approved_by") { "approved_by" } else { "status" }),
            format!("commit {} gives `{}` as its author, {how}", named(sms, commit.id), person.id),
            "ask who made the commit, and have the document approved again; where a key is given to the wrong person, correct `people.yaml` or `allowed_signers`",
        )
        .about(short(commit.id));
}

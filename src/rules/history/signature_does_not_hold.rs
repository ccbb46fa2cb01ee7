//! What approves carries a signature that contradicts it: a commit, a tag, or the import of a review.

use super::{named, short};
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::Commit,
    sms::{Person, Sms, evidence::Approval},
    source::Place,
};

pub(super) static RULE: Rule = Rule {
    name: "signature-does-not-hold",
    summary: "a commit or tag that approves, or an import of reviews, carries a signature that contradicts it",
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
    check_tags(sms, findings);
    check_imports(sms, findings);
}

/// A place for what is about a tag or commit. It stands at one of the documents, and which of them that
/// is, and what is written there, is no part of what identifies it.
fn of_no_field(place: Place) -> Place {
    Place { pointer: String::new(), ..place }
}

/// One finding for each tag, whatever the number of documents.
fn check_tags(sms: &Sms, findings: &mut Findings<'_>) {
    for found in sms.contradicted_tags() {
        let Some(first) = found.documents.first() else { continue };
        let how = sms.signature_in_words(found.signature, true);
        let which = match found.documents.len() {
            1 => format!("`{}`", first.id),
            count => format!("{count} documents, such as `{}`,", first.id),
        };
        let (name, person) = (&found.tag.name, &found.person.id);
        findings
            .report_at(
                &format!("refs/tags/{name}"),
                of_no_field(first.field(if first.is_written("approved_by") { "approved_by" } else { "status" })),
                format!("the tag `{name}`, by which {which} would be approved, gives `{person}` as its tagger, {how}"),
                "ask who made the tag, delete it, and have what it names approved again; where a key is given to the wrong person, correct `people.yaml` or `allowed_signers`",
            )
            .about(format!("tag {name}"));
    }
}

/// One finding for each commit, whatever the number of entries.
fn check_imports(sms: &Sms, findings: &mut Findings<'_>) {
    for found in sms.contradicted_imports() {
        let Some(commit) = sms.evidence.history.commit(found.commit) else { continue };
        let Some(first) = found.entries.first() else { continue };
        let how = sms.signature_in_words(sms.signature(commit, found.person), true);
        let which = match found.entries.len() {
            1 => format!("`{}`,", first.id),
            count => format!("{count} entries of the ledger, such as `{}`,", first.id),
        };
        let (who, person) = (named(sms, commit.id), &found.person.id);
        findings
            .report_at(
                &commit.id.to_string(),
                of_no_field(first.whole()),
                format!("commit {who}, which wrote {which} gives `{person}` as its author, {how}"),
                "ask who made the commit, and see on the platform whether the entries are right; where a key is given to the wrong person, correct `people.yaml` or `allowed_signers`",
            )
            .about(short(commit.id));
    }
}

/// The commit that shows an approval as its author's, and the author.
fn said_by<'a>(sms: &'a Sms, approval: &Approval) -> Option<(&'a Commit, &'a Person)> {
    let history = &sms.evidence.history;
    let commit = history.commit(approval.proof.commit()?)?;
    let author = sms.author(commit)?;
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

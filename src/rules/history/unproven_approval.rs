//! Nothing but a field says that the document was approved.

use super::{approved, named};
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::ObjectId,
    sms::{
        Sms,
        evidence::{Approval, Foreseen, Proof, Stated, Strength},
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
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("unproven_approval.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in approved(sms) {
        let claim = match sms.stated_approval(position) {
            Stated::Claimed(claim) if sms.undone_approval(position).is_none() => claim,
            Stated::Pending => {
                pending(sms, document, sms.foreseen(position), findings);
                continue;
            }
            _ => continue,
        };
        let by = &claim.by;
        let day = document.day("approved_on").map_or_else(String::new, |day| format!(" on {day}"));
        let mut message = match (&claim.proof, claim.proof.commit().map(|commit| (commit, named(sms, commit)))) {
            (Proof::Trailer(_, key), Some((_, who))) => {
                format!("that `{by}` approved{day} is only said by `{key}:` in commit {who}")
            }
            (Proof::Fields(_), Some((commit, who))) if is_author(sms, commit, by) => {
                format!("that `{by}` approved{day} is said by commit {who}, who had no such authority by then")
            }
            (Proof::Commit(_) | Proof::Merge(_), Some((_, who))) => {
                format!("that `{by}` approved{day} is not shown by commit {who}: {}", claim.grounds(sms, true))
            }
            (_, Some((_, who))) => format!("that `{by}` approved{day} is only said by commit {who}"),
            (Proof::Ledger(entry), None) => {
                format!("that `{by}` approved{day} is not shown by `{entry}`: {}", claim.grounds(sms, true))
            }
            (_, None) => continue,
        };
        let is_shown = |one: &&Approval| {
            one.named && one.strength > Strength::Claimed && one.substance == claim.substance && one.day.is_some()
        };
        if let Some(shown) = sms.approvals(position).iter().find(is_shown)
            && let Some(day) = shown.day
        {
            message.push_str(&format!("; what is shown is an approval by `{}` on {day}", shown.by));
        }
        findings.report(
            document,
            document.field("approved_by"),
            message,
            "let the approver commit or merge the approval, or import the platform's review (`attestry approvals import`)",
        );
    }
}

/// An approval that is being given is no defect; it is told, since nothing shows it yet. Of a change
/// that is to be merged, with what its commits will show then.
fn pending(sms: &Sms, document: &Document, foreseen: Option<&Foreseen>, findings: &mut Findings<'_>) {
    let day = document.day("approved_on").map_or_else(String::new, |day| format!(" of {day}"));
    let by = document.text("approved_by").map_or_else(String::new, |by| format!(" by `{by}`"));
    let lacks = if sms.reads_evidence_head() { "is not committed" } else { "the default branch does not have" };
    let seen = match foreseen {
        None => String::new(),
        Some(Foreseen::Shown(_, grounds) | Foreseen::Claimed(grounds)) => format!("; once merged it is {grounds}"),
        Some(Foreseen::Uncommitted) => "; it is not committed".to_owned(),
        Some(Foreseen::Nothing) => "; nothing in the commits of the change shows it".to_owned(),
    };
    let help = match foreseen {
        Some(Foreseen::Shown(..)) => "it counts once it is on the default branch",
        Some(Foreseen::Claimed(_) | Foreseen::Nothing) => {
            "let the approver commit the approval here or merge it, or approve on the platform and import the review (`attestry approvals import`)"
        }
        None | Some(Foreseen::Uncommitted) => {
            "it counts once it is on the default branch, when the approver commits or merges it, or the platform's review of it is imported"
        }
    };
    findings
        .report(
            document,
            document.field(if document.is_written("approved_on") { "approved_on" } else { "approved_by" }),
            format!("approval pending: `{}` states an approval{day}{by} that {lacks} yet{seen}", document.id),
            help,
        )
        .at_most(Level::Note);
}

fn is_author(sms: &Sms, commit: ObjectId, id: &str) -> bool {
    let history = &sms.evidence.history;
    let author = history.commit(commit).and_then(|commit| sms.author(commit));
    author.is_some_and(|author| author.id == id)
}

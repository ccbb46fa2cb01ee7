//! The text is another than the one that was approved.

use super::{approved, named};
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Life, ObjectId, Substance},
    sms::{
        Sms,
        evidence::{ChangedLines, Stated},
    },
};

pub(super) static RULE: Rule = Rule {
    name: "changed-after-approval",
    summary: "an approved document was changed after its approval",
    checks: &["DOC-01", "EVD-05"],
    clauses: &["7.5.2", "7.5.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("changed_after_approval.md"),
    check,
};

/// How many places of change are shown.
const SHOWN: usize = 3;

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for (position, document) in approved(sms) {
        let Some(last) = sms.undone_approval(position) else { continue };
        let day = last.day.map_or_else(String::new, |day| format!(" on {day}"));
        let lines = sms.lines_since(document, &last.substance);
        let (who, at) = (changed(sms, document, &last.substance), where_it_differs(sms, document, &lines));
        let mut message = format!("what `{}` approved{day} {who}{at}", last.by);
        if let Stated::Claimed(claim) = sms.stated_approval(position)
            && let Some(commit) = claim.proof.commit()
        {
            let day = document.day("approved_on").map_or_else(String::new, |day| format!(" on {day}"));
            let claimed = format!("; that `{}` approved it{day} is only said by {}", claim.by, named(sms, commit));
            message.push_str(&claimed);
        }
        let field = if document.is_written("approved_on") { "approved_on" } else { "status" };
        let finding = findings.report(
            document,
            document.field(field),
            message,
            "have it approved again by whoever approves it, or set `status: in-review` until it is",
        );
        for (index, change) in lines.iter().take(SHOWN).enumerate() {
            let what = match change.removed {
                0 => "changed since".to_owned(),
                1 => "a line was removed here since".to_owned(),
                count => format!("{count} lines were removed here since"),
            };
            let more = match lines.len().saturating_sub(SHOWN) {
                0 => "",
                1 => "; and at one more place",
                _ => "; and at more places",
            };
            let more = if index + 1 == SHOWN { more } else { "" };
            finding.related(document.body(change.span.clone()), what + more);
        }
    }
}

/// The lines, for formats that show no text: `, in lines 15-16 and 20`.
fn where_it_differs(sms: &Sms, document: &Document, changes: &[ChangedLines]) -> String {
    let source = sms.source(document.source);
    let line = |offset: usize| source.position(offset).line;
    let lines: Vec<String> = changes
        .iter()
        .map(|change| match (line(change.span.start), line(change.span.end.saturating_sub(1))) {
            (first, last) if first < last => format!("{first}-{last}"),
            (first, _) => first.to_string(),
        })
        .collect();
    match lines.as_slice() {
        [] => String::new(),
        [one] if one.contains('-') => format!(" (lines {one})"),
        [one] => format!(" (line {one})"),
        [rest @ .., last] => format!(" (lines {} and {last})", rest.join(", ")),
    }
}

/// Who wrote since the state of this substance.
fn changed(sms: &Sms, document: &Document, approved: &Substance) -> String {
    let mut commits: Vec<ObjectId> = Vec::new();
    if sms.edition(document).is_none() {
        let lacks = if sms.reads_evidence_head() { "committed" } else { "on the default branch" };
        return format!("was changed since, and the change is not {lacks} yet");
    }
    let mut editions = sms.life(document).into_iter().flat_map(Life::editions).peekable();
    while let Some(edition) = editions.next_if(|edition| edition.substance != *approved) {
        // What changed no more than who approved it did not change what was approved.
        if editions.peek().is_none_or(|before| before.substance != edition.substance) {
            commits.push(edition.commit);
        }
    }
    match commits.as_slice() {
        [] => "was changed since".to_owned(),
        [one] => format!("was changed since by {}", named(sms, *one)),
        [newest, rest @ ..] => format!("was changed since by {}, and {} earlier", named(sms, *newest), rest.len()),
    }
}

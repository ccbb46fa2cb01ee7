//! An id was given away a second time.

use super::named;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    history::{Edition, Life},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "reused-id",
    summary: "an id was given to something else after its document had been removed",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Commits,
    since: "0.1.0",
    docs: include_str!("reused_id.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    for document in &sms.documents {
        let Some(life) = sms.life(document).filter(|life| may_be_reused(life)) else { continue };
        let arrivals = sms.line(life);
        let mut before: Option<&Edition> = None;
        let mut was_more_than_draft = false;
        let mut removed_by = None;
        let mut reused = None;
        let mut rewritten = None;
        for arrival in &arrivals {
            let Some(edition) = arrival.edition() else {
                removed_by = Some(arrival.commit);
                continue;
            };
            if let Some(before) = before.filter(|before| is_other(before, edition, removed_by.is_some())) {
                if was_more_than_draft {
                    reused = Some((before, arrival.commit));
                }
                was_more_than_draft = false;
            } else if let Some(before) = before.filter(|before| before.substance != edition.substance)
                && let Some(removal) = removed_by.filter(|_| was_more_than_draft)
            {
                rewritten = Some((before, removal, arrival.commit));
            }
            removed_by = None;
            before = Some(edition);
            was_more_than_draft |= !edition.marks.is_draft();
        }
        if let Some((before, commit)) = reused {
            let title = before.marks.title.as_ref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
            findings.report(
                document,
                document.field("id"),
                format!(
                    "`{}` was the id of another document before, `{}`{title} in `{}`, until {}",
                    document.id,
                    before.marks.kind,
                    before.path,
                    named(sms, commit)
                ),
                "give the new document an id of its own: records and bundles of earlier days mean the other one",
            );
        } else if let Some((before, removal, commit)) = rewritten {
            let finding = findings.report(
                document,
                document.field("id"),
                format!(
                    "`{}` was removed by {}, and written again with other content by {}",
                    before.marks.id,
                    named(sms, removal),
                    named(sms, commit)
                ),
                "see that it is the same document: a new one needs an id of its own",
            );
            finding.at_most(Level::Note);
        }
    }
}

/// What was never removed and always stood in one file was always the same.
fn may_be_reused(life: &Life) -> bool {
    let mut paths = life.events.iter().map(|event| event.edition().map(|edition| edition.path.as_str()));
    let first = paths.next().flatten();
    first.is_none() || paths.any(|path| path != first)
}

/// Whether an id was given to something else: after a removal another kind, or another title and
/// other content; without one, all of it and another file.
fn is_other(before: &Edition, now: &Edition, removed: bool) -> bool {
    let (old, new) = (&before.marks, &now.marks);
    let other_kind = old.kind != new.kind;
    let other_title = old.title.is_some() && new.title.is_some() && old.title != new.title;
    let other_content = before.substance != now.substance;
    if removed {
        other_kind || other_title && other_content
    } else {
        before.path != now.path && other_kind && other_title && other_content
    }
}

//! The history does not lead back to a commit that somebody noted as its head.

use super::{SHOWN, and_more, named as commit_named, short};
use crate::{
    anchor::{Anchor, Keeper},
    configuration::FILE,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, evidence::Kept},
    source::Place,
};

pub(super) static RULE: Rule = Rule {
    name: "rewritten-history",
    summary: "the history does not lead back to a commit that was noted as its head",
    checks: &["EVD-06"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("rewritten_history.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for anchor in &sms.evidence.anchors {
        // Without a history nothing is said: a clone that is cut off is no rewritten one.
        let Some(kept) = sms.kept(anchor) else { continue };
        let (message, help) = match kept {
            Kept::OnLine => continue,
            Kept::Aside => aside(sms, anchor),
            Kept::Gone => gone(sms, anchor),
        };
        let (subject, place) = place(sms, anchor);
        let finding = findings.report_at(subject, place, message, help).about(anchor.commit.to_string());
        match (kept, anchor.keeper.is_verifier()) {
            (Kept::Aside, false) => drop(finding.at_most(Level::Note)),
            (Kept::Aside, true) if anchor.dropped.is_empty() => drop(finding.at_most(Level::Warning)),
            (Kept::Gone, false) => drop(finding.at_most(Level::Warning)),
            _ => {}
        }
    }
}

/// The line of the repository's own list; what the verifier brought has none here.
fn place<'a>(sms: &'a Sms, anchor: &'a Anchor) -> (&'a str, Place) {
    let list = sms.files.get(&anchor.file).and_then(|file| file.source);
    match list.filter(|_| anchor.keeper == Keeper::Repository) {
        Some(source) => (&anchor.file, Place { source, span: anchor.span.clone(), pointer: String::new() }),
        None => (FILE, Place { pointer: String::new(), ..sms.absence() }),
    }
}

/// `1a2b3c4d of 2026-03-31`, and where that is noted.
fn named(anchor: &Anchor) -> String {
    let day = anchor.day.map_or_else(String::new, |day| format!(" of {day}"));
    match anchor.keeper {
        Keeper::Bundle => format!("commit {}, the head in the bundle{day} (`{}`),", short(anchor.commit), anchor.file),
        Keeper::List => format!("commit {}{day}, a head in `{}`,", short(anchor.commit), anchor.file),
        Keeper::Repository => format!("commit {}{day}, a head that the repository lists itself,", short(anchor.commit)),
    }
}

fn gone(sms: &Sms, anchor: &Anchor) -> (String, String) {
    let named = named(anchor);
    if anchor.keeper == Keeper::Repository {
        return (
            format!("{named} is not in the history: it was rewritten, or the line is wrong"),
            "find out why, and compare with a head that was kept elsewhere (`--anchor`): this list is self-claimed"
                .to_owned(),
        );
    }
    if let Some(first) = anchor.first.filter(|first| sms.evidence.history.commit(*first).is_none()) {
        return (
            format!(
                "{named} is not in the history, nor is the first commit {} before it: the bundle is of another repository, or everything was rewritten",
                short(first)
            ),
            "look whether the bundle is of this repository; if it is, nothing here is what it shows".to_owned(),
        );
    }
    (
        format!("{named} is not in the history: what led to it was rewritten since"),
        "fetch the default branch, in case this clone is the older one; if it stays so, ask who rewrote it and why, and compare with what was kept"
            .to_owned(),
    )
}

fn aside(sms: &Sms, anchor: &Anchor) -> (String, String) {
    let merge = sms.evidence.history.commit(anchor.commit).and_then(|commit| commit.merged_by);
    if !anchor.dropped.is_empty() {
        let files: Vec<String> = anchor.dropped.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
        return (
            format!(
                "{} is in the history, but what it had of {}{} is not: the merge {} dropped it",
                named(anchor),
                files.join(", "),
                and_more(anchor.dropped.len()),
                merge.map(|merge| commit_named(sms, merge)).unwrap_or_default()
            ),
            "find out who replaced the line of the default branch and why (`git merge -s ours` does), and put back what was anchored"
                .to_owned(),
        );
    }
    (
        format!("{} is in the history, and no longer on its first-parent line", named(anchor)),
        "merge into the default branch, not the default branch into another one: what was in force when is read from its first-parent line"
            .to_owned(),
    )
}

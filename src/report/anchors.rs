//! What anchors say of the history: for the summary, and for programs.

use super::{Report, one_line};
use crate::{
    anchor::{Anchor, Keeper},
    sms::{
        Sms,
        evidence::{Kept, TimeStrength},
    },
    wording::counted,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whether an anchor that the verifier brought is gone from the history, or a merge dropped what it
/// held.
pub fn is_rewritten(sms: &Sms) -> bool {
    sms.brought_anchors().any(|anchor| sms.kept(anchor) == Some(Kept::Gone) || !anchor.dropped.is_empty())
}

/// One line for what the verifier brought, and one per list of the repository's own.
pub(super) fn lines(report: &Report<'_>) -> Vec<String> {
    let sms = report.sms;
    let brought: Vec<&Anchor> = sms.brought_anchors().collect();
    let mut lines: Vec<String> = hold(sms).into_iter().collect();
    if let Some(line) = lines.first_mut().filter(|_| is_unchanged(sms, &brought)) {
        let (witnessed, approvals) = approvals(sms);
        if approvals > 0 {
            line.push_str(&format!("; witnessed in time: {witnessed} of {}", counted(approvals, "approval")));
        }
    }
    let mut own: BTreeMap<&str, Vec<&Anchor>> = BTreeMap::new();
    for anchor in told(report).filter(|anchor| !anchor.keeper.is_verifier()) {
        own.entry(&anchor.file).or_default().push(anchor);
    }
    for (file, heads) in own {
        let file = one_line(file);
        let result = match gone(sms, &heads) {
            None => "not compared, there is no history to look in".to_owned(),
            Some(0) if heads.len() == 1 => "its 1 head is in the history".to_owned(),
            Some(0) => format!("its {} heads are in the history", heads.len()),
            Some(gone) => format!("{gone} of {} not in the history", counted(heads.len(), "head")),
        };
        lines.push(format!(
            "`{file}`: {result}; self-claimed: who rewrites the history can rewrite the list, `--anchor` checks against one kept elsewhere"
        ));
    }
    lines
}

/// The anchors that are told.
fn told<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a Anchor> {
    let own = report.own_heads;
    report.sms.evidence.anchors.iter().filter(move |anchor| own || anchor.keeper.is_verifier())
}

/// How many are gone; none where there is no history to look in.
fn gone(sms: &Sms, anchors: &[&Anchor]) -> Option<usize> {
    let kept: Option<Vec<Kept>> = anchors.iter().map(|anchor| sms.kept(anchor)).collect();
    Some(kept?.into_iter().filter(|kept| *kept == Kept::Gone).count())
}

/// Whether the anchors hold that the verifier brought, in a line; none where there are none.
pub(super) fn hold(sms: &Sms) -> Option<String> {
    let brought: Vec<&Anchor> = sms.brought_anchors().collect();
    (!brought.is_empty()).then(|| verdict(sms, &brought))
}

fn verdict(sms: &Sms, brought: &[&Anchor]) -> String {
    let all = counted(brought.len(), "anchor");
    let Some(gone) = gone(sms, brought) else { return format!("{all} not compared, there is no history to look in") };
    if gone > 0 {
        let verb = if gone == 1 { "does" } else { "do" };
        return format!("{gone} of {all} {verb} not hold: the history is not the one that was anchored");
    }
    let is_aside = |anchor: &&&Anchor| sms.kept(anchor) == Some(Kept::Aside);
    let aside = brought.iter().filter(is_aside).count();
    if aside > 0 {
        let verb = if aside == 1 { "lies" } else { "lie" };
        let dropped = brought.iter().filter(|anchor| !anchor.dropped.is_empty()).count();
        let what = match dropped {
            0 => "what was in force when is told by another line now".to_owned(),
            _ => format!("{dropped} of them with what a merge dropped"),
        };
        return format!("{aside} of {all} {verb} off the first-parent line: {what}");
    }
    let history = &sms.evidence.history;
    let newest = brought.iter().min_by_key(|anchor| history.place(anchor.commit));
    let since = newest.map_or_else(String::new, |anchor| since(anchor));
    let hold = if brought.len() == 1 { "holds" } else { "hold" };
    format!("the history is unchanged {since}: {all} {hold}")
}

fn is_unchanged(sms: &Sms, brought: &[&Anchor]) -> bool {
    brought.iter().all(|anchor| sms.kept(anchor) == Some(Kept::OnLine))
}

fn since(anchor: &Anchor) -> String {
    let day = anchor.day.map_or_else(String::new, |day| format!(" of {day}"));
    let short: String = anchor.commit.to_string().chars().take(8).collect();
    let file = one_line(&anchor.file);
    match anchor.keeper {
        Keeper::Bundle => format!("since the bundle{day} (`{file}`)"),
        Keeper::List | Keeper::Repository => format!("since {short}{day} (`{file}`)"),
    }
}

/// Approvals of documents as they stand that a commit shows, and how many of them are witnessed.
fn approvals(sms: &Sms) -> (usize, usize) {
    let (mut witnessed, mut all) = (0, 0);
    for (position, document) in sms.documents.iter().enumerate() {
        let mut approvals = sms.approvals(position).iter().filter(|approval| approval.named).peekable();
        if approvals.peek().is_none() || document.text("status") != Some("approved") {
            continue;
        }
        let substance = sms.substance(document);
        let commits = approvals.filter(|approval| approval.substance == substance);
        let times = commits.filter_map(|approval| approval.proof.commit()).map(|commit| sms.time_strength(commit));
        if let Some(time) = times.max() {
            all += 1;
            witnessed += usize::from(time == TimeStrength::Witnessed);
        }
    }
    (witnessed, all)
}

/// An anchor for programs.
pub(super) fn head(sms: &Sms, anchor: &Anchor) -> Value {
    let kept = sms.kept(anchor);
    json!({
        "commit": anchor.commit.to_string(),
        "day": anchor.day.map(|day| day.to_string()),
        "strength": anchor.keeper.in_words(),
        "kept_in": match anchor.keeper {
            Keeper::Bundle => "bundle",
            Keeper::List => "list",
            Keeper::Repository => "repository",
        },
        "file": anchor.file,
        "in_history": kept.map(|kept| kept != Kept::Gone),
        "on_first_parent_line": kept.map(|kept| kept == Kept::OnLine),
        "dropped_files": anchor.dropped,
    })
}

/// The same for programs; none where there are no anchors.
pub(super) fn json(report: &Report<'_>) -> Option<Value> {
    let sms = report.sms;
    let list: Vec<Value> = told(report).map(|anchor| head(sms, anchor)).collect();
    let compared = sms.brought_anchors().next().is_some() && sms.has_history();
    let approvals =
        compared.then(|| approvals(sms)).map(|(witnessed, all)| json!({ "all": all, "witnessed": witnessed }));
    (!list.is_empty()).then(|| json!({ "heads": list, "approvals": approvals }))
}

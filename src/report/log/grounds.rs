//! What shows approvals and reviews, and what shows when approvals were given, in words.

use crate::{
    anchor::{Anchor, Keeper},
    sms::{
        Sms,
        evidence::{Approval, Chapter, Deed, Proof, Signature, Story, Strength, TimeStrength},
    },
};

/// How the times of a life's approvals are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Times {
    /// Not at all: no approval can be seen.
    Nothing,
    /// In one phrase: they are all shown alike.
    AtOnce(String),
    /// Each beside what shows the approval.
    Each,
}

impl Times {
    /// Of the approvals of a life.
    pub fn of(sms: &Sms, story: &Story<'_>) -> Self {
        let approvals: Vec<&Approval> = story.chapters.iter().flat_map(|chapter| &chapter.approvals).collect();
        let mut times: Vec<String> = approvals.iter().map(|approval| time(sms, approval)).collect();
        times.dedup();
        let [time] = times.as_slice() else { return if times.is_empty() { Self::Nothing } else { Self::Each } };
        let times = if approvals.len() == 1 { "time" } else { "times" };
        // Whoever asks may have kept something that shows more.
        let is_claimed = sms.time_of(approvals[0]).0 == TimeStrength::Claimed;
        let more = if is_claimed && sms.brought_anchors().next().is_none() { " (see `--anchor`)" } else { "" };
        Self::AtOnce(format!("{times} of approval: {time}{more}"))
    }
}

/// How the time of an approval is shown.
pub(super) fn time(sms: &Sms, approval: &Approval) -> String {
    let (strength, anchor) = sms.time_of(approval);
    let claimed = match &approval.proof {
        Proof::Tag(_) => "claimed by the tagger",
        Proof::Ledger(entry) => match sms.import_signature(entry) {
            Signature::Broken(_) => "claimed by an import with a bad signature",
            Signature::OfOthers(_) => "claimed by an import that somebody other than its author signed",
            Signature::KeyTooNew(_) => "claimed by an import signed with a key that was not known before",
            Signature::NotRead | Signature::Unproven(_) => {
                "claimed by an import with a signature that shows nothing of its author"
            }
            Signature::Absent | Signature::Holds => "claimed by an unsigned import",
        },
        _ => "claimed by the committer",
    };
    match (strength, anchor) {
        (TimeStrength::Witnessed, Some(anchor)) => witnessed(anchor),
        (TimeStrength::Platform, _) => "kept by the hosting platform, as imported".to_owned(),
        _ => claimed.to_owned(),
    }
}

fn witnessed(anchor: &Anchor) -> String {
    let file = &anchor.file;
    match (anchor.keeper, anchor.day) {
        (Keeper::Bundle, Some(day)) => format!("witnessed by the bundle of {day}, `{file}`"),
        (Keeper::Bundle, None) => format!("witnessed by the bundle `{file}`"),
        (_, Some(day)) => format!("witnessed by the head of {day} in `{file}`"),
        (_, None) => format!("witnessed by a head in `{file}`, without a day"),
    }
}

/// How strongly a review is shown.
fn review_grounds(sms: &Sms, chapter: &Chapter<'_>, named: bool) -> Option<String> {
    let edition = chapter.edition.filter(|_| chapter.deeds.contains(&Deed::Reviewed))?;
    let writer = chapter.writers.first().map_or_else(|| "somebody".to_owned(), |writer| writer.in_words(named));
    Some(match sms.reviewing(edition).strength {
        None => format!("claimed: only the day was moved, in a commit by {writer}"),
        Some(Strength::Claimed) => format!("claimed: only a commit by {writer} says so"),
        Some(strength) => format!(
            "{}: whoever reviewed committed or merged it, or said so on the hosting platform",
            strength.in_words()
        ),
    })
}

/// What shows the approvals of a commit, one line each; with their times where these are not told
/// at once.
pub fn grounds(sms: &Sms, chapter: &Chapter<'_>, named: bool, times: &Times) -> Vec<String> {
    let mut lines = approval_grounds(sms, chapter, named, *times == Times::Each);
    lines.extend(review_grounds(sms, chapter, named));
    lines
}

fn approval_grounds(sms: &Sms, chapter: &Chapter<'_>, named: bool, timed: bool) -> Vec<String> {
    let approves = chapter.deeds.iter().any(|deed| matches!(deed, Deed::Approved(_)));
    if chapter.approvals.is_empty() && approves {
        let who = chapter.edition.and_then(|edition| edition.marks.approved_by.as_deref());
        return vec![who.map_or_else(
            || "claimed: no `approved_by` says by whom".to_owned(),
            |who| format!("claimed: `approved_by` says `{who}`, which stands for nobody in `people.yaml` on that day"),
        )];
    }
    let several = chapter.approvals.len() > 1 || !approves;
    let line = |approval: &Approval| {
        let time = if timed { format!("; time {}", time(sms, approval)) } else { String::new() };
        let grounds = format!("{}{time}", approval.grounds(sms, named));
        let person = sms.people.person(&approval.by);
        let name = person.map_or(approval.by.as_str(), |person| if named { &person.name } else { &person.id });
        if several { format!("{name}: {grounds}") } else { grounds }
    };
    chapter.approvals.iter().map(line).collect()
}

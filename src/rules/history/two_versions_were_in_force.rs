//! A document and its successor were both in force for a time.

use crate::{
    calendar::{Interval, days_between},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, evidence::Overlap},
};
use smol_str::SmolStr;

pub(super) static RULE: Rule = Rule {
    name: "two-versions-were-in-force",
    summary: "a document and its successor were both in force for a time",
    checks: &["DOC-05"],
    clauses: &["7.5.3.2"],
    basis: Basis::Follows,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::Count,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("two_versions_were_in_force.md"),
    check,
};

/// How far back is looked: from one audit to the next.
const LOOKED_BACK: Interval = Interval { months: 12, days: 0 };

/// How many days a handover may take.
const HANDOVER: i32 = 1;

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    let since = LOOKED_BACK.before(sms.as_of);
    for overlap in sms.overlaps() {
        let days = days_between(overlap.from, overlap.until) + 1;
        if days > HANDOVER && overlap.until >= since {
            report(sms, &overlap, days, findings);
        }
    }
}

fn report(sms: &Sms, overlap: &Overlap, days: i32, findings: &mut Findings<'_>) {
    let Overlap { old, old_version, new, new_version, from, until, ended: (how, ends_old) } = overlap;
    let named = |id: &str, version: &Option<SmolStr>| {
        version.as_ref().map_or_else(|| format!("`{id}`"), |version| format!("`{id}` {version}"))
    };
    let place = match (sms.document(new), sms.document(old)) {
        (Some(new), _) if new.text("supersedes").is_some() => new.field("supersedes"),
        (_, Some(old)) => old.field("status"),
        (Some(new), None) => new.whole(),
        (None, None) => sms.absence(),
    };
    findings
        .report_at(
            old,
            place,
            format!(
                "{} and {}, which supersedes it, were both in force from {from} to {until} ({days} days), until {} was {}",
                named(old, old_version),
                named(new, new_version),
                if *ends_old { format!("`{old}`") } else { format!("`{new}`") },
                how.in_words()
            ),
            "see which of the two was followed in that time; set the old one to `superseded` in the commit that brings its successor into force",
        )
        .about(format!("{} {from}", new.to_lowercase()));
}

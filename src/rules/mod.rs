//! All rules, by group. A rule is a pair of files with one stem, `<group>/<name>.rs` and
//! `<group>/<name>.md`, and one line in its group's list.

mod documents;
mod evidence;
mod governance;
mod history;
mod links;
mod reading;
mod services;

use crate::{
    finding::{Finding, Findings, Level, Rule},
    sms::Sms,
    waiver,
};
use rayon::prelude::*;

/// A group of rules.
pub struct Group {
    /// Its folder.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Its rules by name.
    pub rules: &'static [&'static Rule],
}

/// All groups in the order in which they are read.
pub static GROUPS: &[Group] = &[
    Group { name: "reading", title: "Reading: files, metadata, schemas", rules: reading::RULES },
    Group { name: "links", title: "References and links", rules: links::RULES },
    Group { name: "documents", title: "Control of documented information", rules: documents::RULES },
    Group { name: "history", title: "What the history shows: approvals, reviews, records", rules: history::RULES },
    Group { name: "governance", title: "Governance, scope, policies", rules: governance::RULES },
    Group { name: "evidence", title: "Evidence: commits, approvals, the hosting platform", rules: evidence::RULES },
    Group { name: "services", title: "Services, catalogue, other parties", rules: services::RULES },
];

/// All rules.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|group| group.rules.iter().copied())
}

/// The rule of a name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.name == name)
}

/// Whether a field names who answers for a document: owner, author, approver, reviewer. Who is
/// meant there is a question of its own.
pub(crate) fn names_control(pointer: &str) -> bool {
    let mut parts = pointer.split('/').skip(1).filter(|part| part.parse::<usize>().is_err());
    matches!(
        (parts.next(), parts.next()),
        (Some("owner" | "author" | "approved_by" | "created_by"), None)
            | (Some("reviews"), Some("by"))
            | (Some("change_log"), Some("author" | "approver"))
    )
}

/// The level at which a rule runs; none where the configuration switches it off.
pub fn level(rule: &Rule, sms: &Sms) -> Option<Level> {
    match sms.configuration.levels.get(rule.name).map(String::as_str) {
        Some("off") => None,
        Some(name) => Some(Level::parse(name).unwrap_or(rule.level)),
        None => Some(rule.level),
    }
}

/// Runs the rules that `chosen` accepts over the SMS. Findings come in the order of place and
/// rule. What waivers accept is among them; `waiver::apply` parts it off.
pub fn run(sms: &Sms, chosen: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let over: Vec<_> = governance::OVER_FINDINGS.iter().filter(|(rule, _)| chosen(rule)).collect();
    let waivers = if over.is_empty() { Vec::new() } else { waiver::approved(sms) };
    // Whether a waiver is of use shows only when its rule runs.
    let asked = |rule: &Rule| chosen(rule) || waivers.iter().any(|waiver| waiver.rule == rule.name);
    let rules: Vec<(&'static Rule, Level)> =
        all().filter(|rule| asked(rule)).filter_map(|rule| Some((rule, level(rule, sms)?))).collect();
    let found: Vec<Vec<Finding>> =
        rules.par_iter().with_max_len(1).map(|(rule, level)| Findings::of(rule, *level, sms)).collect();
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    for (rule, look) in over {
        let Some(level) = level(rule, sms) else { continue };
        let found = Findings::over(rule, level, sms, |found| look(sms, &findings, found));
        findings.extend(found);
    }
    findings.retain(|finding| by_name(finding.rule).is_some_and(&chosen));
    findings.sort_by(|a, b| key(sms, a).cmp(&key(sms, b)));
    findings.dedup_by(|a, b| a.identity() == b.identity() && a.place == b.place);
    findings
}

fn key<'a>(sms: &'a Sms, finding: &'a Finding) -> (&'a str, usize, &'a str, &'a str, &'a str) {
    (
        sms.source(finding.place.source).path(),
        finding.place.span.start,
        finding.rule,
        &finding.subject,
        &finding.discriminator,
    )
}

//! Findings made ready to print: places as lines and columns, levels counted. One file per format.

mod anchors;
mod excerpt;
mod found;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod log;
pub mod markdown;
pub mod redline;
mod ripple;
pub mod sarif;
mod since;
mod wording;

use crate::{
    calendar::Date,
    document::{Defect, Problem},
    finding::{Acceptance, Finding, Level, Rule},
    history::Revision,
    rules,
    since::Since,
    sms::Sms,
    source::{Place, Position, Source},
    waiver,
};
use std::collections::BTreeMap;

pub use anchors::is_rewritten;
pub use excerpt::{Excerpt, printable};
pub use found::{Found, Known};
pub use wording::one_line;

/// What a run found.
pub struct Report<'a> {
    /// Where the texts come from.
    pub sms: &'a Sms,
    /// Findings that are shown, in the order of path and place.
    pub findings: Vec<Finding>,
    /// Findings that are shown and that waivers accept: they are told and do not count.
    pub accepted: Vec<Finding>,
    /// What a change brings and touches, where the findings are only those that it brings.
    pub since: Option<Since>,
    /// What a baseline knew before.
    pub known: Option<Known>,
    /// Findings that a path filter left out.
    pub hidden: usize,
    /// Whether the repository's own list of heads is told.
    pub own_heads: bool,
    /// How many rules ran.
    pub rules: usize,
    /// The rules that were chosen, those that the configuration switched off among them.
    pub chosen: Vec<&'static Rule>,
    /// Rules that the configuration switched off or moved, with the level it gave.
    pub changed_rules: Vec<(&'static Rule, String)>,
    /// What could not be evaluated, and how to change that.
    pub not_evaluated: Vec<(String, String)>,
    /// Where the SMS root lies in the git root: empty, or a path with `/` at its end.
    pub folder: String,
    /// The address of the repository on its hosting platform, for links and provenance.
    pub repository: Option<String>,
}

/// How many findings there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

/// A place as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// Path from the SMS root.
    pub path: &'a str,
    /// Where it starts.
    pub start: Position,
    /// Where it ends, behind the last character.
    pub end: Position,
}

impl<'a> Report<'a> {
    /// Runs the chosen rules and shows the findings whose path `shown` accepts.
    pub fn new(sms: &'a Sms, chosen: impl Fn(&Rule) -> bool, shown: impl Fn(&str) -> bool) -> Self {
        let found = Found::of(sms, rules::run(sms, &chosen), &waiver::in_force(sms));
        Self::of(sms, found, chosen, shown)
    }

    /// Shows of what was found by the chosen rules the findings whose path `shown` accepts.
    pub fn of(sms: &'a Sms, found: Found, chosen: impl Fn(&Rule) -> bool, shown: impl Fn(&str) -> bool) -> Self {
        let Found { mut findings, mut accepted, known } = found;
        let total = findings.len() + accepted.len();
        let is_shown = |finding: &Finding| shown(sms.source(finding.place.source).path());
        findings.retain(is_shown);
        accepted.retain(is_shown);
        let changed = |rule: &&'static Rule| {
            sms.configuration
                .levels
                .get(rule.name)
                .filter(|level| *level != rule.level.name())
                .map(|level| (*rule, level.clone()))
        };
        let changed_rules = rules::all().collect::<Vec<_>>().iter().filter_map(changed).collect();
        Self {
            sms,
            hidden: total - findings.len() - accepted.len(),
            findings,
            accepted,
            known,
            since: None,
            own_heads: true,
            rules: rules::all().filter(|rule| chosen(rule)).count(),
            chosen: rules::all().filter(|rule| chosen(rule)).collect(),
            changed_rules,
            not_evaluated: not_evaluated(sms, &chosen),
            folder: String::new(),
            repository: None,
        }
    }

    /// The findings by level.
    pub fn counts(&self) -> Counts {
        self.findings.iter().fold(Counts::default(), |mut counts, finding| {
            match finding.level {
                Level::Error => counts.errors += 1,
                Level::Warning => counts.warnings += 1,
                Level::Note => counts.notes += 1,
            }
            counts
        })
    }

    /// Whether a finding is told in the one line of the summary that counts absences: what is not
    /// there yet belongs to `attestry gap`, unless its rule was asked for.
    pub fn is_summarized(&self, finding: &Finding) -> bool {
        // What a change takes away is told as what it is.
        finding.absence && finding.level == Level::Note && self.since.is_none() && self.rules == rules::all().count()
    }

    /// How many findings are told, those among them that waivers accept.
    pub fn told(&self) -> usize {
        self.findings.len() + self.accepted.len()
    }

    /// The findings that are told one by one.
    pub fn shown(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !self.is_summarized(finding))
    }

    /// The findings that are told one by one, then those that waivers accept, each with its
    /// fingerprint and a number from 1 that tells apart those of one identity.
    pub fn fingerprinted(&self) -> Vec<(&Finding, String, usize)> {
        let mut seen = BTreeMap::<String, usize>::new();
        self.shown()
            .chain(&self.accepted)
            .map(|finding| {
                let fingerprint = json::fingerprint(finding);
                let occurrence = seen.entry(fingerprint.clone()).or_default();
                *occurrence += 1;
                (finding, fingerprint, *occurrence)
            })
            .collect()
    }

    /// The waivers that accept findings here, each with how many.
    pub fn waivers(&self) -> BTreeMap<&str, (&Acceptance, usize)> {
        let mut waivers = BTreeMap::new();
        for acceptance in self.accepted.iter().filter_map(|finding| finding.accepted.as_ref()) {
            waivers.entry(acceptance.waiver.as_str()).or_insert((acceptance, 0)).1 += 1;
        }
        waivers
    }

    /// Whether a rule was chosen for the run.
    pub fn was_chosen(&self, rule: &Rule) -> bool {
        self.chosen.iter().any(|chosen| chosen.name == rule.name)
    }

    /// The path of a place as a hosting platform knows it: from the git root.
    pub fn path_from_git(&self, place: &Place) -> String {
        format!("{}{}", self.folder, self.sms.source(place.source).path())
    }

    /// The most serious level that was found.
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|finding| finding.level).max()
    }

    /// The day of judgement.
    pub fn as_of(&self) -> Date {
        self.sms.as_of
    }

    /// Which commit was read.
    pub fn revision(&self) -> &Revision {
        &self.sms.revision
    }

    /// The commit from which approvals and the history of records are taken; none without a history.
    pub fn evidence(&self) -> Option<String> {
        self.sms.evidence.history.tip.map(|tip| tip.to_string())
    }

    /// A place with line and column.
    pub fn location(&self, place: &Place) -> Location<'a> {
        locate(self.sms.source(place.source), place)
    }
}

/// What the chosen rules could not look at, and what to do about it.
fn not_evaluated(sms: &Sms, chosen: impl Fn(&Rule) -> bool) -> Vec<(String, String)> {
    let asked = sms.brought_anchors().next().is_some()
        || rules::all().any(|rule| chosen(rule) && rule.reads.needs_history() && rules::level(rule, sms).is_some());
    let history = &sms.evidence.history;
    let whole = history
        .not_evaluated
        .iter()
        .map(|gap| ("history, and what it shows of approvals and records".to_owned(), gap.clone()));
    let parts = history.limits.iter().map(|gap| ("a part of the history".to_owned(), gap.clone()));
    let history = whole.chain(parts).filter(|_| asked);
    // Whole populations that are elsewhere.
    let is_pointer = |problem: &&Problem| {
        problem.defect == Defect::NotFollowed
            && problem.message.contains("Git LFS")
            && sms.configuration.data_set(&problem.subject).is_some()
    };
    let pointers = sms.problems.iter().filter(is_pointer);
    let data = pointers.map(|problem| (format!("the data set `{}`", problem.subject), problem.message.clone()));
    data.chain(history).collect()
}

/// A place of a source with line and column.
pub fn locate<'a>(source: &'a Source, place: &Place) -> Location<'a> {
    Location { path: source.path(), start: source.position(place.span.start), end: source.position(place.span.end) }
}

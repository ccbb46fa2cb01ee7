//! Which requirements have evidence: found, missing, or for a person to judge. Nothing here says
//! that a requirement is met.

mod facts;
mod wants;

pub use facts::Rows;
pub(super) use facts::leaves_of_kind;
pub(super) use wants::Wants;

use super::Sms;
use crate::{
    calendar::{Date, Interval},
    document::Document,
    standard::{Clause, Demand, Evidence, Predicate, Requirement},
    wording::lower_first,
};
use facts::{ANY_KIND, AnyKind, Facts};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// How the evidence for a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Evidence is there: in force or closed, filled, fresh enough.
    Found,
    /// Evidence is missing.
    Missing,
    /// Only a person can judge.
    NeedsJudgement,
    /// A person has judged, and the judgement still holds.
    Judged,
    /// A note: nothing is demanded.
    NotCounted,
}

impl Verdict {
    /// The verdict in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
            Self::NeedsJudgement => "needs judgement",
            Self::Judged => "judged",
            Self::NotCounted => "not counted",
        }
    }
}

/// A requirement with its evidence.
pub struct Assessment<'a> {
    /// The clause.
    pub clause: &'a Clause,
    /// The requirement.
    pub requirement: &'a Requirement,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found, each once, in the order of ids.
    pub evidence: Vec<Proof<'a>>,
    /// What is missing, in words.
    pub lacking: Vec<String>,
    /// A person's judgement that holds on the day.
    pub judgement: Option<Judgement<'a>>,
}

/// A piece of evidence.
#[derive(Clone, Debug)]
pub enum Proof<'a> {
    /// A document.
    Document(&'a Document),
    /// Rows of a data set: which, and how many count.
    Rows(usize, usize),
}

/// A recorded judgement.
#[derive(Clone, Debug)]
pub struct Judgement<'a> {
    /// The entry that records it.
    pub document: &'a Document,
    /// `conforming`, `not-conforming`, `needs-work`.
    pub verdict: &'a str,
    /// Who judged.
    pub by: &'a str,
    /// When.
    pub on: Option<Date>,
    /// Until when it holds.
    pub until: Option<Date>,
}

/// How many requirements stand how; notes are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// With evidence.
    pub found: usize,
    /// Without.
    pub missing: usize,
    /// For a person.
    pub needs_judgement: usize,
    /// Judged by a person.
    pub judged: usize,
}

impl Tally {
    /// Counts assessments.
    pub fn of<'a, 'b: 'a>(assessments: impl IntoIterator<Item = &'a Assessment<'b>>) -> Self {
        assessments.into_iter().fold(Self::default(), |mut tally, assessment| {
            match assessment.verdict {
                Verdict::Found => tally.found += 1,
                Verdict::Missing => tally.missing += 1,
                Verdict::NeedsJudgement => tally.needs_judgement += 1,
                Verdict::Judged => tally.judged += 1,
                Verdict::NotCounted => {}
            }
            tally
        })
    }

    /// All that are counted.
    pub fn total(self) -> usize {
        self.found + self.missing + self.needs_judgement + self.judged
    }
}

/// The assessment of every requirement, in the order of the standard.
pub fn assess(sms: &Sms) -> Vec<Assessment<'_>> {
    assessed(sms, Sought::All)
}

/// The same with a part of the evidence: enough to tell how each requirement stands.
pub fn outline(sms: &Sms) -> Vec<Assessment<'_>> {
    assessed(sms, Sought::First)
}

fn assessed(sms: &Sms, sought: Sought) -> Vec<Assessment<'_>> {
    let judgements = judgements(sms);
    let any_kind = AnyKind::of(sms);
    let facts = Facts { rows: &sms.evidence_rows, any_kind: &any_kind, sought };
    let requirements: Vec<(&Clause, &Requirement)> = sms.standard.requirements().collect();
    let requirements = requirements.into_par_iter().with_min_len(16);
    let assessments: Vec<Assessment<'_>> =
        requirements.map(|(clause, requirement)| one(sms, clause, requirement, &judgements, facts)).collect();
    sms.tally.get_or_init(|| Tally::of(&assessments));
    assessments
}

/// How many requirements stand how; counted by whoever assesses first.
pub fn tally(sms: &Sms) -> Tally {
    sms.tally.get().copied().unwrap_or_else(|| Tally::of(&outline(sms)))
}

fn one<'a>(
    sms: &'a Sms,
    clause: &'a Clause,
    requirement: &'a Requirement,
    judgements: &[(&'a str, Judgement<'a>)],
    facts: Facts<'_>,
) -> Assessment<'a> {
    let mut search = Search { sms, facts, states: States::Evidence, evidence: Vec::new(), lacking: Vec::new() };
    let holds = requirement.evidence.as_ref().is_some_and(|predicate| search.satisfied(predicate));
    let Search { evidence, mut lacking, .. } = search;
    let owed = requirement.occasion.as_ref().is_none_or(|occasion| {
        Search { sms, facts, states: States::Any, evidence: Vec::new(), lacking: Vec::new() }.satisfied(occasion)
    });
    let full = sms.standard.full_id(requirement);
    let judgement = judgements.iter().rev().find(|(id, _)| *id == full || *id == requirement.id);
    let judgement = judgement.map(|(_, judgement)| judgement.clone());
    let verdict = match requirement.demand {
        Demand::Note => Verdict::NotCounted,
        _ if judgement.is_some() => Verdict::Judged,
        Demand::Activity => Verdict::NeedsJudgement,
        _ if holds => Verdict::Found,
        _ if !owed => Verdict::NeedsJudgement,
        _ => Verdict::Missing,
    };
    if verdict == Verdict::NeedsJudgement && !owed && !holds {
        lacking = vec!["no occasion for it is recorded; a person says whether there was one".to_owned()];
    } else if verdict != Verdict::Missing {
        lacking.clear();
    }
    lacking.dedup();
    // One leaf finds nothing twice.
    let is_leaf = matches!(requirement.evidence, Some(Predicate::Leaf(_)));
    let evidence = if is_leaf { evidence } else { each_once(evidence) };
    Assessment { clause, requirement, verdict, evidence, lacking, judgement }
}

fn each_once<'a>(evidence: Vec<Proof<'a>>) -> Vec<Proof<'a>> {
    let mut seen: BTreeSet<(usize, &'a str)> = BTreeSet::new();
    let is_new = |proof: &Proof<'a>| {
        seen.insert(match *proof {
            Proof::Document(document) => (document.source.0 as usize, document.pointer.as_str()),
            Proof::Rows(population, _) => (population, "rows"),
        })
    };
    evidence.into_iter().filter(is_new).collect()
}

/// How much of the evidence is gathered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sought {
    All,
    /// The first that each leaf asks for.
    First,
}

/// Which states of documents count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum States {
    /// In force, closed, effective.
    Evidence,
    /// Any: whether something happened at all.
    Any,
}

struct Search<'a, 'b> {
    sms: &'a Sms,
    facts: Facts<'b>,
    states: States,
    evidence: Vec<Proof<'a>>,
    lacking: Vec<String>,
}

impl Search<'_, '_> {
    fn satisfied(&mut self, predicate: &Predicate) -> bool {
        match predicate {
            // Every part is looked at, so that all evidence and every gap is shown.
            Predicate::Any { any } => any.iter().filter(|part| self.satisfied(part)).count() > 0,
            Predicate::All { all } => all.iter().filter(|part| !self.satisfied(part)).count() == 0,
            Predicate::Leaf(leaf) => {
                let before = self.evidence.len();
                self.collect(leaf);
                let found = self.evidence.len() > before;
                if !found && !leaf.kind.is_empty() {
                    self.lacking.push(lack(self.sms, leaf));
                }
                found
            }
        }
    }

    fn collect(&mut self, leaf: &Evidence) {
        let sms = self.sms;
        let earliest = leaf.within.as_deref().and_then(Interval::parse).map(|interval| interval.before(sms.as_of));
        let (states, wants) = (self.states, Wants::of(leaf));
        let most = if self.facts.sought == Sought::All { usize::MAX } else { 1 };
        let counts = |document: &&Document| {
            wants.hold(sms, &|field| value_of(sms, document, field))
                && (states == States::Any || counts_as_evidence(sms, document, earliest))
        };
        if leaf.kind == ANY_KIND {
            let evidence = |(document, counts): &(&Document, bool)| {
                states == States::Any || *counts && (earliest.is_none() || counts_as_evidence(sms, document, earliest))
            };
            let met = self.facts.any_kind.of_leaf(sms, leaf).filter(evidence);
            self.evidence.extend(met.map(|(document, _)| Proof::Document(document)).take(most));
        } else {
            self.evidence.extend(sms.of_kind(&leaf.kind).filter(counts).map(Proof::Document).take(most));
        }
        self.evidence.extend(self.facts.rows.of(leaf).map(|(population, count)| Proof::Rows(population, count)));
    }
}

fn counts_as_evidence(sms: &Sms, document: &Document, earliest: Option<Date>) -> bool {
    let dated = sms.dated(document);
    let fresh = earliest.is_none_or(|earliest| dated.is_some_and(|day| day >= earliest));
    sms.is_evidence(document) && dated.is_none_or(|day| day <= sms.as_of) && fresh && !document.stub
}

/// A field of a document; an entry has its register's where it has none of its own.
fn value_of<'a>(sms: &'a Sms, document: &'a Document, field: &str) -> Option<&'a Value> {
    document.value(field).or_else(|| sms.register(document).and_then(|register| register.value(field)))
}

/// What a leaf asks for, in words.
fn lack(sms: &Sms, leaf: &Evidence) -> String {
    let mut text = match sms.kinds.get(&leaf.kind) {
        Some(kind) => format!("no {} (`{}`)", lower_first(&kind.title), leaf.kind),
        None => "no document".to_owned(),
    };
    let conditions = leaf.condition.iter().map(|(field, value)| {
        let values = match value {
            Value::Array(several) => several.iter().map(shown).collect::<Vec<_>>().join(" or "),
            Value::Object(other) => serde_json::from_value::<Predicate>(Value::Object(other.clone())).map_or_else(
                |_| String::new(),
                |predicate| {
                    let mut kinds: Vec<&str> = predicate.leaves().iter().map(|leaf| leaf.kind.as_str()).collect();
                    kinds.dedup();
                    format!("that is `{}`", kinds.join("` or `"))
                },
            ),
            value => shown(value),
        };
        format!("`{field}` {values}")
    });
    let conditions: Vec<String> = conditions.collect();
    if !conditions.is_empty() {
        text.push_str(&format!(" with {}", conditions.join(" and ")));
    }
    text.push_str(" in force or closed");
    if !leaf.fields.is_empty() {
        let fields: Vec<String> = leaf.fields.iter().map(|field| format!("`{field}`")).collect();
        text.push_str(&format!(", with {} filled", fields.join(", ")));
    }
    if let Some(interval) = leaf.within.as_deref().and_then(Interval::parse) {
        text.push_str(&format!(", within the last {interval}"));
    }
    text
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("`{text}`"))
}

/// Judgements that hold on the day, oldest first.
fn judgements(sms: &Sms) -> Vec<(&str, Judgement<'_>)> {
    let mut all: Vec<(&str, Judgement<'_>)> = sms
        .of_kind("judgement")
        .filter_map(|document| {
            let judgement = Judgement {
                document,
                verdict: document.text("verdict")?,
                by: document.text("judged_by")?,
                on: document.day("judged_on"),
                until: document.day("valid_until"),
            };
            Some((document.text("requirement")?, judgement))
        })
        .filter(|(_, judgement)| {
            judgement.on.is_some_and(|on| on <= sms.as_of) && judgement.until.is_none_or(|until| sms.as_of <= until)
        })
        .collect();
    all.sort_by_key(|(_, judgement)| (judgement.on, judgement.document.id.clone()));
    all
}

//! Which requirements have evidence: found, missing, or for a person to judge. Nothing here says
//! that a requirement is met.

use super::Sms;
use crate::{
    calendar::{Date, Interval},
    document::Document,
    standard::{Clause, Demand, Evidence, Predicate, Requirement},
};
use serde_json::Value;

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
    let judgements = judgements(sms);
    sms.standard.requirements().map(|(clause, requirement)| one(sms, clause, requirement, &judgements)).collect()
}

fn one<'a>(
    sms: &'a Sms,
    clause: &'a Clause,
    requirement: &'a Requirement,
    judgements: &[(&'a str, Judgement<'a>)],
) -> Assessment<'a> {
    let mut evidence = Vec::new();
    let mut lacking = Vec::new();
    let holds =
        requirement.evidence.as_ref().is_some_and(|predicate| satisfied(sms, predicate, &mut evidence, &mut lacking));
    let full = sms.standard.full_id(requirement);
    let judgement = judgements
        .iter()
        .rev()
        .find(|(id, _)| *id == full || *id == requirement.id)
        .map(|(_, judgement)| judgement.clone());
    let verdict = match requirement.demand {
        Demand::Note => Verdict::NotCounted,
        _ if judgement.is_some() => Verdict::Judged,
        Demand::Activity => Verdict::NeedsJudgement,
        _ if holds => Verdict::Found,
        _ => Verdict::Missing,
    };
    if verdict != Verdict::Missing {
        lacking.clear();
    }
    lacking.dedup();
    Assessment { clause, requirement, verdict, evidence: each_once(evidence), lacking, judgement }
}

fn each_once(evidence: Vec<Proof<'_>>) -> Vec<Proof<'_>> {
    let mut seen = std::collections::BTreeSet::new();
    evidence
        .into_iter()
        .filter(|proof| {
            seen.insert(match proof {
                Proof::Document(document) => format!("d{}", document.id),
                Proof::Rows(population, _) => format!("r{population}"),
            })
        })
        .collect()
}

fn satisfied<'a>(
    sms: &'a Sms,
    predicate: &Predicate,
    evidence: &mut Vec<Proof<'a>>,
    lacking: &mut Vec<String>,
) -> bool {
    match predicate {
        // Every part is looked at, so that all evidence and every gap is shown.
        Predicate::Any { any } => {
            any.iter().fold(false, |found, part| satisfied(sms, part, evidence, lacking) || found)
        }
        Predicate::All { all } => all.iter().fold(true, |found, part| satisfied(sms, part, evidence, lacking) && found),
        Predicate::Leaf(leaf) => {
            let before = evidence.len();
            collect(sms, leaf, evidence);
            let found = evidence.len() > before;
            if !found {
                lacking.push(lack(sms, leaf));
            }
            found
        }
    }
}

fn collect<'a>(sms: &'a Sms, leaf: &Evidence, evidence: &mut Vec<Proof<'a>>) {
    let earliest = leaf.within.as_deref().and_then(Interval::parse).map(|interval| interval.before(sms.as_of));
    let documents = sms.of_kind(&leaf.kind).filter(|document| counts(sms, document, leaf, earliest));
    evidence.extend(documents.map(Proof::Document));
    for (index, population) in sms.populations.iter().enumerate().filter(|(_, population)| population.kind == leaf.kind)
    {
        let Some(kind) = sms.kinds.get(&population.kind) else { continue };
        let text = sms.source(population.source).text();
        let count = (0..population.rows.len())
            .filter(|row| {
                let fields = population.fields(text, *row, kind);
                leaf.condition.iter().all(|(field, expected)| matches(fields.get(field), expected))
                    && leaf.fields.iter().all(|field| fields.contains_key(field.trim_start_matches('/')))
            })
            .count();
        if count > 0 {
            evidence.push(Proof::Rows(index, count));
        }
    }
}

fn counts(sms: &Sms, document: &Document, leaf: &Evidence, earliest: Option<Date>) -> bool {
    leaf.condition.iter().all(|(field, expected)| matches(document.value(field), expected))
        && leaf.fields.iter().all(|field| {
            document.filled(field) || sms.register(document).is_some_and(|register| register.filled(field))
        })
        && sms.is_evidence(document)
        && sms.dated(document).is_none_or(|day| day <= sms.as_of && earliest.is_none_or(|earliest| day >= earliest))
        && (earliest.is_none() || sms.dated(document).is_some())
}

fn matches(value: Option<&Value>, expected: &Value) -> bool {
    let one = |expected: &Value| match value {
        Some(Value::Array(items)) => items.contains(expected),
        Some(value) => value == expected,
        None => false,
    };
    match expected {
        Value::Array(several) => several.iter().any(one),
        expected => one(expected),
    }
}

/// What a leaf asks for, in words.
fn lack(sms: &Sms, leaf: &Evidence) -> String {
    let kind = sms.kinds.get(&leaf.kind).map_or(leaf.kind.as_str(), |kind| kind.title.as_str());
    let mut text = format!("no {} (`{}`)", kind.to_lowercase(), leaf.kind);
    let conditions = leaf.condition.iter().map(|(field, value)| {
        let values = match value {
            Value::Array(several) => several.iter().map(shown).collect::<Vec<_>>().join(" or "),
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

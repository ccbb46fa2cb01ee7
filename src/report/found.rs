//! What a run found, before anything is left out for the reader: findings that count, those that
//! waivers accept, and how many a baseline knew before.

use crate::{
    baseline::Baseline,
    finding::{Finding, Level},
    sms::Sms,
    waiver::{self, Waiver},
};
use std::collections::BTreeMap;

/// The findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Findings that count, in the order of place and rule.
    pub findings: Vec<Finding>,
    /// Findings that waivers accept.
    pub accepted: Vec<Finding>,
    /// What the baseline knew before.
    pub known: Option<Known>,
}

/// What a baseline did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The file, as it was named.
    pub file: String,
    /// How many findings it kept from being told.
    pub findings: usize,
    /// How many of its entries are found no more.
    pub mended: usize,
    /// How many findings of each rule it kept from being told.
    pub rules: BTreeMap<&'static str, usize>,
}

impl Found {
    /// Parts off what the waivers accept.
    pub fn of(sms: &Sms, findings: Vec<Finding>, waivers: &[Waiver]) -> Self {
        let (findings, accepted) = waiver::apply(waivers, sms, findings);
        Self { findings, accepted, known: None }
    }

    /// The baseline that these findings would make. What is absent altogether stays out: it is
    /// told in one line as it is.
    pub fn baseline(&self) -> Baseline {
        Baseline::of(self.findings.iter().filter(|finding| has_place(finding)))
    }

    /// What occurs, accepted or not: entries of a baseline beyond it are mended.
    pub fn occurring(&self) -> Baseline {
        Baseline::of(self.findings.iter().chain(&self.accepted).filter(|finding| has_place(finding)))
    }

    /// Leaves out what the baseline knew before; of its entries only those are judged whose rules
    /// ran.
    #[must_use]
    pub fn without(mut self, baseline: &Baseline, file: &str, ran: impl Fn(&str) -> bool) -> Self {
        let asked = baseline.of_rules(ran);
        let mended = asked.len() - asked.within(&self.occurring()).len();
        let count = |findings: &[Finding]| {
            findings.iter().fold(BTreeMap::<&'static str, usize>::new(), |mut counts, finding| {
                *counts.entry(finding.rule).or_default() += 1;
                counts
            })
        };
        let mut rules = count(&self.findings);
        let findings = baseline.take(&mut self.findings);
        let told = count(&self.findings);
        for (rule, found) in &mut rules {
            *found -= told.get(rule).copied().unwrap_or(0);
        }
        rules.retain(|_, known| *known > 0);
        self.known = Some(Known { file: file.to_owned(), findings, mended, rules });
        self
    }
}

fn has_place(finding: &Finding) -> bool {
    !(finding.absence && finding.level == Level::Note)
}

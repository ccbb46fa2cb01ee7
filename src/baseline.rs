//! The baseline of an adoption: findings that were there when attestry came, kept as identities in
//! a file. They are counted, not told one by one, and the file only ever shrinks.

use crate::finding::Finding;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The version of the form, published as `schema/baseline.schema.json`.
pub const VERSION: u64 = 1;

/// Findings by identity, with how many there are of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Entry, usize>,
}

/// What identifies a finding over time; see `Finding::identity`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    subject: String,
    pointer: String,
    discriminator: String,
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_owned(),
            subject: finding.subject.to_lowercase(),
            pointer: finding.place.pointer.clone(),
            discriminator: finding.discriminator.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    findings: Vec<Entry>,
}

impl Baseline {
    /// The baseline of these findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut entries = BTreeMap::new();
        for finding in findings {
            *entries.entry(Entry::of(finding)).or_default() += 1;
        }
        Self { entries }
    }

    /// Reads the text of a file; the error is a phrase that says what is wrong and what to do.
    pub fn read(text: &str) -> Result<Self, String> {
        let again = "delete it and write it anew with `--write-baseline`";
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}; {again}"))?;
        match value.get("version").map(serde_json::Value::as_u64) {
            Some(Some(VERSION)) => {}
            Some(Some(version)) if version > VERSION => {
                return Err(format!("has version {version}, this attestry knows {VERSION}; use a newer attestry"));
            }
            _ => return Err(format!("is not a baseline: it has no `version` {VERSION}; {again}")),
        }
        let file: File =
            serde_json::from_value(value).map_err(|error| format!("is not a baseline: {error}; {again}"))?;
        debug_assert_eq!(file.version, VERSION, "internal error: the version was looked at");
        let mut entries = BTreeMap::new();
        for mut entry in file.findings {
            entry.subject = entry.subject.to_lowercase();
            *entries.entry(entry).or_default() += 1;
        }
        Ok(Self { entries })
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the findings that are in the baseline out of `findings`; gives how many. Of one
    /// identity no more are taken than the baseline has.
    pub fn take(&self, findings: &mut Vec<Finding>) -> usize {
        let (mut left, before) = (self.entries.clone(), findings.len());
        findings.retain(|finding| match left.get_mut(&Entry::of(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        before - findings.len()
    }

    /// What of this baseline still occurs in another.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let both = self.entries.iter().filter_map(|(entry, count)| {
            let common = other.entries.get(entry).copied().unwrap_or(0).min(*count);
            (common > 0).then(|| (entry.clone(), common))
        });
        Self { entries: both.collect() }
    }

    /// The part that rules of these names found.
    #[must_use]
    pub fn of_rules(&self, chosen: impl Fn(&str) -> bool) -> Self {
        let of = self.entries.iter().filter(|(entry, _)| chosen(&entry.rule));
        Self { entries: of.map(|(entry, count)| (entry.clone(), *count)).collect() }
    }
}

/// The text of the file: one line per finding, sorted, so that a change of it reads well.
impl fmt::Display for Baseline {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(form, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
        let repeated = self.entries.iter().flat_map(|(entry, count)| std::iter::repeat_n(entry, *count));
        for (index, entry) in repeated.enumerate() {
            let line = serde_json::to_string(entry).map_err(|_| fmt::Error)?;
            write!(form, "{}\n    {line}", if index == 0 { "" } else { "," })?;
        }
        writeln!(form, "{}]\n}}", if self.is_empty() { "" } else { "\n  " })
    }
}

//! The configuration or the list of people has a mistake.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "invalid-configuration",
    summary: "the configuration or the list of people has a mistake",
    checks: &[],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("invalid_configuration.md"),
    check: |sms, findings| report(Defect::InvalidConfiguration, sms, findings),
};

//! The YAML of a document cannot be read.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "invalid-yaml",
    summary: "the YAML of a document cannot be read",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("invalid_yaml.md"),
    check: |sms, findings| report(Defect::InvalidYaml, sms, findings),
};

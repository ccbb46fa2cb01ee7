//! A key stands twice.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "duplicate-key",
    summary: "a key stands twice",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("duplicate_key.md"),
    check: |sms, findings| report(Defect::DuplicateKey, sms, findings),
};

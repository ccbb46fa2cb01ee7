//! A schema of the organization cannot be used.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "invalid-schema",
    summary: "a schema of the organization cannot be used",
    checks: &[],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("invalid_schema.md"),
    check: |sms, findings| report(Defect::InvalidSchema, sms, findings),
};

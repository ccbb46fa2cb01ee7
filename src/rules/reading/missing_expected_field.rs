//! A field that practice expects is missing.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "missing-expected-field",
    summary: "a field that practice expects is missing",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("missing_expected_field.md"),
    check: |sms, findings| report(Defect::MissingExpectedField, sms, findings),
};

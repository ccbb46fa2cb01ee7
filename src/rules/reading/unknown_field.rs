//! A field is not one of its kind.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown-field",
    summary: "a field is not one of its kind",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unknown_field.md"),
    check: |sms, findings| report(Defect::UnknownField, sms, findings),
};

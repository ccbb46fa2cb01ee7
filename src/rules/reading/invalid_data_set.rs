//! A data set cannot be read as its mapping says.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "invalid-data-set",
    summary: "a data set cannot be read as its mapping says",
    checks: &[],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("invalid_data_set.md"),
    check: |sms, findings| report(Defect::InvalidDataSet, sms, findings),
};

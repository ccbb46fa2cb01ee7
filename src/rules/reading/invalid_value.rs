//! A value has the wrong type or form.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "invalid-value",
    summary: "a value has the wrong type or form",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("invalid_value.md"),
    check: |sms, findings| report(Defect::InvalidValue, sms, findings),
};

//! A document is of a kind that does not exist.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown-kind",
    summary: "a document is of a kind that does not exist",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unknown_kind.md"),
    check: |sms, findings| report(Defect::UnknownKind, sms, findings),
};

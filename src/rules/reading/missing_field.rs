//! A field that is due is missing.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "missing-field",
    summary: "a field that is due is missing",
    checks: &["DOC-01"],
    clauses: &["7.5.1", "7.5.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("missing_field.md"),
    check: |sms, findings| report(Defect::MissingField, sms, findings),
};

//! A file cannot be read as text.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "unreadable-file",
    summary: "a file cannot be read as text",
    checks: &[],
    clauses: &["7.5.3.2"],
    basis: Basis::Follows,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unreadable_file.md"),
    check: |sms, findings| report(Defect::UnreadableFile, sms, findings),
};

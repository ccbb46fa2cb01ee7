//! Front matter does not end.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "unclosed-front-matter",
    summary: "front matter does not end",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unclosed_front_matter.md"),
    check: |sms, findings| report(Defect::UnclosedFrontMatter, sms, findings),
};

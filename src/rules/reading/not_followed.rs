//! A link, submodule or pointer is not followed.

use super::report;
use crate::{
    document::Defect,
    finding::{Basis, Drafts, Grade, Level, Reads, Rule},
};

pub(super) static RULE: Rule = Rule {
    name: "not-followed",
    summary: "a link, submodule or pointer is not followed",
    checks: &[],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Note,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("not_followed.md"),
    check: |sms, findings| report(Defect::NotFollowed, sms, findings),
};

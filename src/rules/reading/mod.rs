//! Reading: what is wrong with files, metadata and values, found while the repository is read.

mod duplicate_key;
mod invalid_configuration;
mod invalid_data_set;
mod invalid_schema;
mod invalid_value;
mod invalid_yaml;
mod missing_expected_field;
mod missing_field;
mod not_followed;
mod unclosed_front_matter;
mod unknown_field;
mod unknown_kind;
mod unreadable_file;

use crate::{
    document::Defect,
    finding::{Findings, Rule},
    sms::Sms,
};

pub(super) static RULES: &[&Rule] = &[
    &duplicate_key::RULE,
    &invalid_configuration::RULE,
    &invalid_data_set::RULE,
    &invalid_schema::RULE,
    &invalid_value::RULE,
    &invalid_yaml::RULE,
    &missing_expected_field::RULE,
    &missing_field::RULE,
    &not_followed::RULE,
    &unclosed_front_matter::RULE,
    &unknown_field::RULE,
    &unknown_kind::RULE,
    &unreadable_file::RULE,
];

/// Every rule of this group reports one sort of defect.
fn report(defect: Defect, sms: &Sms, findings: &mut Findings<'_>) {
    for problem in sms.problems.iter().filter(|problem| problem.defect == defect) {
        findings.report_problem(problem);
    }
}

//! Governance, scope, policies, roles, the plan.

mod change_policy_lacks_emergency_rule;
mod clause_without_evidence;
mod expired_waiver;
mod no_climate_decision;
mod organization_name_differs;
mod outdated_climate_decision;
mod party_requirement_without_answer;
mod plan_differs_from_catalogue;
mod plan_ignores_other_parties;
mod plan_lacks_item;
mod plan_older_than_management_plan;
mod policy_lacks_part;
mod policy_not_approved_by_top_management;
mod policy_not_communicated;
mod process_with_several_accountable_roles;
mod process_without_accountable_role;
mod role_without_holder;
mod scope_differs_from_catalogue;
mod security_policy_approver_without_role;
mod unassigned_responsibility;
mod unused_waiver;

use crate::{
    document::Document,
    finding::{Finding, Findings, Rule},
    sms::{Section, Sms, Standing, same_id},
};

pub(super) static RULES: &[&Rule] = &[
    &change_policy_lacks_emergency_rule::RULE,
    &clause_without_evidence::RULE,
    &expired_waiver::RULE,
    &no_climate_decision::RULE,
    &organization_name_differs::RULE,
    &outdated_climate_decision::RULE,
    &party_requirement_without_answer::RULE,
    &plan_differs_from_catalogue::RULE,
    &plan_ignores_other_parties::RULE,
    &plan_lacks_item::RULE,
    &plan_older_than_management_plan::RULE,
    &policy_lacks_part::RULE,
    &policy_not_approved_by_top_management::RULE,
    &policy_not_communicated::RULE,
    &process_with_several_accountable_roles::RULE,
    &process_without_accountable_role::RULE,
    &role_without_holder::RULE,
    &scope_differs_from_catalogue::RULE,
    &security_policy_approver_without_role::RULE,
    &unassigned_responsibility::RULE,
    &unused_waiver::RULE,
];

/// A rule that looks at the findings of all others.
type OverFindings = fn(&Sms, &[Finding], &mut Findings<'_>);

/// The rules about waivers: what they find depends on what the other rules find.
pub(super) static OVER_FINDINGS: &[(&Rule, OverFindings)] =
    &[(&expired_waiver::RULE, expired_waiver::over), (&unused_waiver::RULE, unused_waiver::over)];

/// Roles that are accountable for a process, each with the pointer of the line that says so.
fn accountable<'sms>(sms: &'sms Sms, process: &str) -> Vec<(&'sms Document, String)> {
    sms.of_kind("role-assignment")
        .filter_map(|role| {
            let (pointer, _) = role.items("raci").find(|(_, part)| {
                part["part"] == "accountable" && part["process"].as_str().is_some_and(|id| same_id(id, process))
            })?;
            Some((role, pointer))
        })
        .collect()
}

/// Reports a field that leads to a heading that is not there, or under which nothing is written.
fn report_blank(sms: &Sms, findings: &mut Findings<'_>, document: &Document, field: &str, lacks: &str) {
    if document.broken || sms.standing(document) == Standing::Withdrawn {
        return;
    }
    match sms.section(document, field) {
        Section::Absent | Section::Text(..) => {}
        Section::NoHeading(anchor) => {
            let headings = document.body.iter().flat_map(|body| &body.headings).map(|heading| heading.anchor.as_str());
            let help = match crate::kind::nearest(anchor, headings) {
                Some(near) => format!("write `\"#{near}\"` if that heading is meant"),
                None => format!("write a heading with the anchor `{anchor}` and the text below it"),
            };
            let message = format!("{lacks}: there is no heading `#{anchor}`");
            findings.report(document, document.field(field), message, help);
        }
        Section::Blank(heading) => {
            let message = format!("{lacks}: nothing is written there");
            let help = "write the section, or put the text into the field itself";
            let finding = findings.report(document, document.field(field), message, help);
            if let Some(heading) = heading {
                finding.related(document.body(heading), "no text below this heading");
            }
        }
    }
}

//! A plan has not been looked at since the service management plan changed.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, same_id},
};

pub(super) static RULE: Rule = Rule {
    name: "plan-older-than-management-plan",
    summary: "a plan has not been looked at since the service management plan changed",
    checks: &["GOV-16"],
    clauses: &["6.3"],
    basis: Basis::Follows,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("plan_older_than_management_plan.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let newest = sms
        .of_kind("sm-plan")
        .filter(|plan| sms.standing(plan) == Standing::InForce)
        .filter_map(|plan| Some((plan.day("approved_on")?, plan)))
        .max_by_key(|(day, plan)| (*day, plan.id.clone()));
    let Some((approved, management_plan)) = newest else { return };
    let related = management_plan.list("related_plans");
    for plan in sms.documents.iter().filter(|plan| follows(plan, &related)) {
        let Some(looked_at) = sms.last_looked_at(plan).filter(|day| *day < approved) else { continue };
        if sms.standing(plan) != Standing::InForce {
            continue;
        }
        let finding = findings.report(
            plan,
            plan.field(if plan.filled("last_reviewed") { "last_reviewed" } else { "approved_on" }),
            format!(
                "`{}` was last looked at on {looked_at}, before the service management plan of {approved}",
                plan.id
            ),
            "check whether it still follows the service management plan, and note that in `reviews` or `last_reviewed`",
        );
        finding.related(management_plan.field("approved_on"), "the service management plan in force");
        if sms.as_of <= sms.configuration.due_soon.after(approved) {
            finding.at_most(Level::Note);
        }
    }
}

/// Plans that have to agree with the service management plan: those that it names, and those of
/// capacity, continuity, audit, and transition while it runs.
fn follows(plan: &Document, related: &[&str]) -> bool {
    match plan.kind.as_str() {
        "capacity-plan" | "continuity-plan" | "audit-programme" => true,
        "design-plan" => !matches!(plan.text("stage"), Some("completed" | "cancelled")) && !plan.filled("completed_on"),
        // A budget is for its year; it is not kept in step.
        "budget" | "sm-plan" => false,
        _ => related.iter().any(|id| same_id(id, &plan.id)),
    }
}

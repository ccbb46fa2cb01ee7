//! The service management plan lists other services than the catalogue.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, same_id},
};

pub(super) static RULE: Rule = Rule {
    name: "plan-differs-from-catalogue",
    summary: "the service management plan lists other services than the catalogue",
    checks: &["GOV-15"],
    clauses: &["6.3", "8.2.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("plan_differs_from_catalogue.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let plans: Vec<_> = sms.applicable("sm-plan").into_iter().filter(|plan| plan.filled("services")).collect();
    let Some(first) = plans.first() else { return };
    for plan in &plans {
        for (pointer, item) in plan.items("services") {
            let Some(service) = item.as_str().and_then(|id| sms.meant_by(id)) else {
                continue;
            };
            let gone = service.day("retired_on").is_some_and(|day| day < sms.as_of)
                || matches!(service.text("lifecycle_status"), Some("retired" | "transferred"));
            if service.kind == "service" && gone {
                findings
                    .report(
                        plan,
                        plan.field(&pointer),
                        format!("the service management plan lists `{}`, which has left the catalogue", service.id),
                        format!("take `{}` out of the plan when it is next revised", service.id),
                    )
                    .related(service.field("lifecycle_status"), "the catalogue says")
                    .about(&service.id);
            }
        }
    }
    let listed = |id: &str| plans.iter().any(|plan| plan.list("services").iter().any(|listed| same_id(listed, id)));
    for service in sms.live_services().filter(|service| !listed(&service.id)) {
        if service.value("in_sms_scope") == Some(&serde_json::Value::Bool(false)) {
            continue;
        }
        findings
            .report(
                first,
                first.field("services"),
                format!("`{}` is live and the service management plan does not list it", service.id),
                format!("add `{}` to `services` of the plan, or set `in_sms_scope: false` in its entry", service.id),
            )
            .related(service.whole(), format!("{} in the catalogue", service.title()))
            .about(&service.id);
    }
}

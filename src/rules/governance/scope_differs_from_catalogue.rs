//! The scope names other services than the catalogue.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, same_id},
};

pub(super) static RULE: Rule = Rule {
    name: "scope-differs-from-catalogue",
    summary: "the scope names other services than the catalogue",
    checks: &["GOV-02"],
    clauses: &["4.3", "8.2.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("scope_differs_from_catalogue.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let scopes: Vec<&Document> =
        sms.applicable("scope-statement").into_iter().filter(|scope| scope.filled("services_in_scope")).collect();
    let Some(first) = scopes.first() else { return };
    for scope in &scopes {
        for (pointer, item) in scope.items("services_in_scope") {
            let Some(service) = item.as_str().and_then(|id| sms.meant_by(id)) else {
                continue;
            };
            let Some(why) = why_not(sms, service) else { continue };
            findings
                .report(
                    scope,
                    scope.field(&pointer),
                    format!("the scope names `{}`, which {why}", service.id),
                    format!("take `{}` out of the scope, or bring its entry in the catalogue up to date", service.id),
                )
                .related(service.field("lifecycle_status"), "the catalogue says")
                .about(&service.id);
        }
    }
    let named = |service: &Document| {
        scopes.iter().any(|scope| scope.list("services_in_scope").iter().any(|id| same_id(id, &service.id)))
    };
    let left_out = |service: &Document| {
        scopes.iter().any(|scope| {
            scope
                .items("out_of_scope_services")
                .any(|(_, item)| item["service"].as_str().is_some_and(|id| same_id(id, &service.id)))
        })
    };
    for service in sms.live_services().filter(|service| !named(service)) {
        let marked = service.value("in_sms_scope").and_then(serde_json::Value::as_bool);
        if marked == Some(false) || (marked.is_none() && left_out(service)) {
            continue;
        }
        let message = if left_out(service) {
            format!("the scope leaves `{}` out, and the catalogue says that it is in scope", service.id)
        } else {
            format!("`{}` is live and the scope does not name it", service.id)
        };
        findings
            .report(
                first,
                first.field("services_in_scope"),
                message,
                format!("name `{}` in the scope, or set `in_sms_scope: false` in its entry", service.id),
            )
            .related(service.whole(), format!("{} in the catalogue", service.title()))
            .about(&service.id);
    }
}

/// Why a service should not be in the scope; none where it should.
fn why_not(sms: &Sms, service: &Document) -> Option<String> {
    if service.kind != "service" {
        return None;
    }
    if service.value("in_sms_scope") == Some(&serde_json::Value::Bool(false)) {
        return Some("its own entry puts outside the scope".to_owned());
    }
    let ended = service.day("retired_on").filter(|day| *day < sms.as_of);
    match (service.text("lifecycle_status"), ended) {
        (Some("live" | "retiring") | None, Some(day)) => Some(format!("was removed on {day}")),
        (Some("live" | "retiring") | None, None) => None,
        (Some(stage), _) => Some(format!("is in the stage `{stage}` and not live")),
    }
}

//! Other parties provide or operate everything.

use super::contributes;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "everything-provided-by-others",
    summary: "other parties provide or operate everything",
    checks: &["SVC-10"],
    clauses: &["8.2.3.1"],
    basis: Basis::Demanded,
    grade: Grade::Major,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("everything_provided_by_others.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let parties: Vec<&Document> =
        sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")).collect();
    let Some(first) = parties.first() else { return };
    let in_scope = |service: &&Document| service.value("in_sms_scope") != Some(&serde_json::Value::Bool(false));
    let services: Vec<&Document> = sms.live_services().filter(in_scope).collect();
    let components: Vec<&Document> = sms
        .of_kind("ci")
        .filter(|item| !item.filled("service") && matches!(item.text("status"), Some("live" | "maintenance")))
        .collect();
    let processes = sms.applicable("process");
    for (what, field, all) in [
        ("services", "services", services),
        ("service components", "components", components),
        ("processes", "processes", processes),
    ] {
        let elsewhere = |one: &&Document| {
            one.value("/operated_by/extent").is_some_and(|extent| extent == "other-party")
                || parties.iter().any(|party| contributes(party, &one.id) == Some(true))
        };
        if all.is_empty() || !all.iter().all(elsewhere) {
            continue;
        }
        let register = sms.register(first);
        let (document, place) =
            register.map_or_else(|| (*first, first.field("provides")), |register| (register, register.whole()));
        let number = if all.len() == 1 { "the only one".to_owned() } else { format!("all {}", all.len()) };
        findings
            .report(
                document,
                place,
                format!("other parties provide or operate the whole of the {what} in scope ({number})"),
                "keep some in your own hands; where a party does only a part, name it in `operates` with \
                 `extent: part`",
            )
            .about(field);
    }
}

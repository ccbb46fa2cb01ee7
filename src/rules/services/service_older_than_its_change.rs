//! A change altered a service and its entry was not looked at since.

use crate::{
    calendar::Date,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, same_id},
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "service-older-than-its-change",
    summary: "a change altered a service and its entry was not looked at since",
    checks: &["SVC-07"],
    clauses: &["8.2.4", "8.5.2.2"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("service_older_than_its_change.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let mut latest: BTreeMap<String, (Date, String)> = BTreeMap::new();
    sms.each_of("change", |change| {
        let deployed = matches!(change.text("status"), Some("implemented" | "reviewed" | "closed"))
            && !matches!(change.text("outcome"), Some("failed" | "backed-out" | "cancelled"));
        let Some(day) = change.day("implemented_on").filter(|day| deployed && *day <= sms.as_of) else { return };
        for document in change.list("documents") {
            let id = crate::sms::without_version(document).to_lowercase();
            let newer = latest.get(&id).is_none_or(|(before, _)| *before < day);
            if newer {
                latest.insert(id, (day, change.id.clone()));
            }
        }
    });
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        let Some((day, change)) = latest.iter().find(|(id, _)| same_id(id, &service.id)).map(|(_, last)| last) else {
            continue;
        };
        let Some(looked_at) = sms.last_looked_at(service).filter(|looked_at| looked_at < day) else { continue };
        let finding = findings.report(
            service,
            service.field(if service.filled("last_reviewed") { "last_reviewed" } else { "approved_on" }),
            format!("`{change}` changed `{}` on {day}; its entry was last looked at on {looked_at}", service.id),
            "compare the entry with what the change brought, correct it, and have it approved or reviewed again",
        );
        if let Some(change) = sms.document(change) {
            finding.related(change.field("documents"), "the change names the entry");
        }
        finding.about(change);
    }
}

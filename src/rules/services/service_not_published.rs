//! The entry of a live service does not say where anybody can read it.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "service-not-published",
    summary: "the entry of a live service does not say where anybody can read it",
    checks: &["SVC-08"],
    clauses: &["8.2.4"],
    basis: Basis::Demanded,
    grade: Grade::Observation,
    level: Level::Note,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("service_not_published.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.live_services().filter(|service| service.filled("visibility")) {
        for (pointer, view) in service.items("visibility") {
            if !view.is_object() || view["published_in"].as_str().is_some_and(|place| !place.trim().is_empty()) {
                continue;
            }
            let audience = view["audience"].as_str().unwrap_or("an audience");
            findings
                .report(
                    service,
                    service.field(&format!("{pointer}/published_in")),
                    format!("nothing says where `{audience}` can read the entry of `{}`", service.id),
                    "name the portal, page or file in `published_in`; access is required, the form is free",
                )
                .about(audience);
        }
    }
}

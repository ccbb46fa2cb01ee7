//! Several services are one configuration item.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, without_version},
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "shared-service-ci",
    summary: "several services are one configuration item",
    checks: &["SVC-05"],
    clauses: &["8.2.6"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("shared_service_ci.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let mut services: BTreeMap<String, Vec<&Document>> = BTreeMap::new();
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        if let Some(item) = service.text("ci") {
            services.entry(without_version(item).to_lowercase()).or_default().push(service);
        }
    }
    for services in services.values() {
        let Some((first, others)) = services.split_first() else { continue };
        for service in others {
            let item = service.text("ci").unwrap_or_default();
            findings
                .report(
                    service,
                    service.field("ci"),
                    format!("`{}` and `{}` are both the configuration item `{item}`", first.id, service.id),
                    "record a configuration item of its own for each service, with its own relationships",
                )
                .related(first.field("ci"), format!("also the item of `{}`", first.id));
        }
    }
}

//! A customer of a service has not agreed to its requirements.

use super::named_in;
use crate::{
    calendar::parse_day,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, same_id},
};

pub(super) static RULE: Rule = Rule {
    name: "requirements-not-agreed",
    summary: "a customer of a service has not agreed to its requirements",
    checks: &["SVC-03"],
    clauses: &["8.2.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("requirements_not_agreed.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.live_services() {
        let requirements: Vec<_> = sms
            .of_kind("service-requirement")
            .filter(|one| named_in(one, "service", &service.id) && sms.standing(one) == Standing::InForce)
            .collect();
        // No requirements, or nobody who agreed to any: said elsewhere.
        let Some(first) = requirements.iter().find(|one| one.filled("agreed_with")) else { continue };
        for customer in service.list("customers") {
            let agreed = requirements.iter().flat_map(|one| one.items("agreed_with")).any(|(_, by)| {
                by["customer"].as_str().is_some_and(|id| same_id(id, customer))
                    && by["agreed_on"].as_str().and_then(parse_day).is_none_or(|day| day <= sms.as_of)
            });
            let gone = sms.document(customer).is_some_and(|customer| customer.text("status") == Some("former"));
            if agreed || gone {
                continue;
            }
            findings
                .report(
                    first,
                    first.field("agreed_with"),
                    format!("`{customer}` uses `{}` and has not agreed to its requirements", service.id),
                    "agree them with a representative of the customer, and add name, day and form to `agreed_with`",
                )
                .related(service.field("customers"), format!("the customers of `{}`", service.id))
                .about(customer);
        }
    }
}

//! A customer receives a live service without an SLA.

use super::named_in;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "customer-without-sla",
    summary: "a customer receives a live service without an SLA",
    checks: &["SVC-04"],
    clauses: &["8.3.3"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("customer_without_sla.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.live_services() {
        let slas: Vec<_> =
            sms.of_kind("sla").filter(|sla| named_in(sla, "services", &service.id) && sms.runs(sla)).collect();
        // No valid SLA at all is another finding.
        if slas.is_empty() {
            continue;
        }
        for (pointer, customer) in service.items("customers") {
            let Some(customer) = customer.as_str() else { continue };
            let former = sms.document(customer).is_some_and(|customer| {
                customer.text("status") == Some("former")
                    || customer.text("nature").is_some_and(|nature| nature != "customer")
            });
            if former || slas.iter().any(|sla| named_in(sla, "customer", customer)) {
                continue;
            }
            let finding = findings.report(
                service,
                service.field(&pointer),
                format!("`{customer}` receives `{}` and no valid SLA with this customer covers it", service.id),
                "agree the service in an SLA with this customer, or take the customer out of the entry",
            );
            for sla in &slas {
                let with = sla.text("customer").unwrap_or("nobody");
                finding.related(sla.field("customer"), format!("`{}` is with `{with}`", sla.id));
            }
            finding.about(customer);
        }
    }
}

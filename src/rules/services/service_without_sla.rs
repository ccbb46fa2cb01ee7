//! No valid SLA covers a live service.

use super::named_in;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "service-without-sla",
    summary: "no valid SLA covers a live service",
    checks: &["SVC-04"],
    clauses: &["8.3.3"],
    basis: Basis::Demanded,
    grade: Grade::Major,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("service_without_sla.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    // Where there are none at all, `attestry gap` says it once.
    if sms.of_kind("sla").next().is_none() {
        return;
    }
    for service in sms.live_services() {
        // An empty list says that no customer receives it: it only supports other services.
        let internal = service.is_written("customers") && !service.filled("customers");
        let slas: Vec<_> = sms.of_kind("sla").filter(|sla| named_in(sla, "services", &service.id)).collect();
        if internal || slas.iter().any(|sla| sms.runs(sla)) {
            continue;
        }
        let finding = findings.report(
            service,
            service.field("id"),
            format!("`{}` is live and no SLA that is valid on {} covers it", service.id, sms.as_of),
            "agree an SLA with the customer, or add the service to one; `customers: []` says that it only \
             supports other services",
        );
        for sla in slas {
            let (field, note) = match (sla.day("valid_to"), sla.day("valid_from")) {
                (Some(to), _) if to < sms.as_of => ("valid_to", format!("`{}` ended on {to}", sla.id)),
                (_, Some(from)) if sms.as_of < from => ("valid_from", format!("`{}` begins on {from}", sla.id)),
                _ => ("status", format!("`{}` is not in force: {}", sla.id, sms.standing(sla).in_words())),
            };
            finding.related(sla.field(field), note);
        }
    }
}

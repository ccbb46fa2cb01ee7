//! A live service has no service requirements in force.

use super::named_in;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "service-without-requirements",
    summary: "a live service has no service requirements in force",
    checks: &["SVC-03"],
    clauses: &["8.2.2"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("service_without_requirements.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    // Where there are none at all, `attestry gap` says it once.
    if sms.of_kind("service-requirement").next().is_none() {
        return;
    }
    for service in sms.live_services() {
        let all: Vec<_> =
            sms.of_kind("service-requirement").filter(|one| named_in(one, "service", &service.id)).collect();
        if all.iter().any(|one| sms.standing(one) == Standing::InForce) {
            continue;
        }
        let finding = findings.report(
            service,
            service.field("id"),
            format!("`{}` is live and has no service requirements in force", service.id),
            format!(
                "write down what is required of it and have it approved: `attestry new \
             service-requirement`, `service: {}`",
                service.id
            ),
        );
        for one in all {
            finding.related(
                one.field("status"),
                format!("`{}` is not in force: {}", one.id, sms.standing(one).in_words()),
            );
        }
    }
}

//! A new service is under way without a request for change.

use super::named_in;
use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, Target},
};
use std::borrow::Cow;

pub(super) static RULE: Rule = Rule {
    name: "new-service-without-change",
    summary: "a new service is under way without a request for change",
    checks: &["SVC-06"],
    clauses: &["8.5.1.2", "8.5.2.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("new_service_without_change.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        let Some(stage @ ("proposed" | "design" | "transition")) = service.text("lifecycle_status") else { continue };
        if let Some(change) = service.text("change").and_then(|id| change_of(sms, id)) {
            if let Some(state @ ("rejected" | "cancelled" | "deferred")) = change.text("status") {
                findings
                    .report(
                        service,
                        service.field("change"),
                        format!(
                            "`{}` is in the stage `{stage}`, and its change `{}` was {state}",
                            service.id, change.id
                        ),
                        "raise a new request for change, or take the service back out of the catalogue",
                    )
                    .related(change.field("status"), "the change");
            }
            continue;
        }
        if service.filled("change") || requested(sms, service) || (stage == "proposed" && proposed(sms, service)) {
            continue;
        }
        findings.report(
            service,
            service.field("lifecycle_status"),
            format!("`{}` is in the stage `{stage}` and no request for change was raised for it", service.id),
            "raise a request for change with `proposal_type: add-service` or `transfer-service`, and name it in \
             `change`",
        );
    }
}

/// The change of an id, also where changes are rows of a data set.
fn change_of<'sms>(sms: &'sms Sms, id: &str) -> Option<Cow<'sms, Document>> {
    match sms.resolve(id) {
        Target::Document(position) => Some(Cow::Borrowed(&sms.documents[position])),
        Target::Row(population, row) => sms.row(population, row).map(Cow::Owned),
        _ => None,
    }
    .filter(|change| change.kind == "change")
}

/// Whether a change that still stands names the service.
fn requested(sms: &Sms, service: &Document) -> bool {
    let mut found = false;
    sms.each_of("change", |change| {
        found |= named_in(change, "services", &service.id)
            && !matches!(change.text("status"), Some("rejected" | "cancelled" | "deferred"));
    });
    found
}

/// Whether the service is still a proposal that waits for its decision, or was accepted.
fn proposed(sms: &Sms, service: &Document) -> bool {
    sms.of_kind("portfolio-decision").any(|decision| {
        named_in(decision, "/proposal/service", &service.id)
            && !matches!(decision.text("status"), Some("withdrawn"))
            && !matches!(decision.text("decision"), Some("reject"))
    })
}

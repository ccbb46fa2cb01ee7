//! Services, the catalogue, other parties.

mod agreement_before_evaluation;
mod contribution_not_in_register;
mod customer_without_sla;
mod cyclic_service_dependency;
mod dependency_on_retired_service;
mod ended_service_without_plan;
mod everything_provided_by_others;
mod new_service_without_change;
mod one_sided_dependency;
mod overdue_party_review;
mod party_without_contribution;
mod rejected_party_in_use;
mod requirements_not_agreed;
mod service_differs_from_ci;
mod service_not_published;
mod service_older_than_its_change;
mod service_without_requirements;
mod service_without_sla;
mod shared_service_ci;
mod unknown_visible_part;
mod unplanned_party_review;

use crate::{
    document::Document,
    finding::Rule,
    sms::{Sms, Standing, same_id},
};
use serde_json::Value;

pub(super) static RULES: &[&Rule] = &[
    &agreement_before_evaluation::RULE,
    &contribution_not_in_register::RULE,
    &customer_without_sla::RULE,
    &cyclic_service_dependency::RULE,
    &dependency_on_retired_service::RULE,
    &ended_service_without_plan::RULE,
    &everything_provided_by_others::RULE,
    &new_service_without_change::RULE,
    &one_sided_dependency::RULE,
    &overdue_party_review::RULE,
    &party_without_contribution::RULE,
    &rejected_party_in_use::RULE,
    &requirements_not_agreed::RULE,
    &service_differs_from_ci::RULE,
    &service_not_published::RULE,
    &service_older_than_its_change::RULE,
    &service_without_requirements::RULE,
    &service_without_sla::RULE,
    &shared_service_ci::RULE,
    &unknown_visible_part::RULE,
    &unplanned_party_review::RULE,
];

/// A dependency between two services, however it is written: `depends-on` in the one or
/// `supports` in the other.
struct Edge<'sms> {
    /// The service that depends.
    service: &'sms Document,
    /// The service that it depends on.
    on: &'sms Document,
    /// The entry in which it is written.
    written: &'sms Document,
    /// Where in that entry.
    pointer: String,
    /// Whether a note says something about it.
    explained: bool,
}

/// All dependencies between services that are there, in the order of the entries; each once, even
/// if both sides name it.
fn dependency_edges(sms: &Sms) -> Vec<Edge<'_>> {
    let mut edges: Vec<Edge<'_>> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for written in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        for (pointer, item) in written.items("dependencies") {
            let other = item["service"].as_str().and_then(|id| sms.meant_by(id));
            let Some(other) = other.filter(|other| other.kind == "service") else { continue };
            let (service, on) = match item["nature"].as_str() {
                Some("depends-on") => (written, other),
                Some("supports") => (other, written),
                _ => continue,
            };
            let pointer = format!("{pointer}/service");
            let explained = item["note"].as_str().is_some_and(|note| !note.trim().is_empty());
            let position = *known.entry((service.id.as_str(), on.id.as_str())).or_insert(edges.len());
            if position == edges.len() {
                edges.push(Edge { service, on, written, pointer, explained });
                continue;
            }
            let edge = &mut edges[position];
            edge.explained |= explained;
            // The side that depends is the better place.
            if edge.written.id != service.id && written.id == service.id {
                (edge.written, edge.pointer) = (written, pointer);
            }
        }
    }
    edges
}

/// How a service ended by the day of judgement; none where it has not.
fn ended(sms: &Sms, service: &Document) -> Option<String> {
    let day = service.day("retired_on");
    match (service.text("lifecycle_status"), day) {
        (Some("retired" | "transferred"), Some(day)) if sms.as_of < day => None,
        (Some("transferred"), Some(day)) => Some(format!("was transferred on {day}")),
        (Some("transferred"), None) => Some("was transferred".to_owned()),
        (Some("retired"), None) => Some("is retired".to_owned()),
        (_, Some(day)) if day < sms.as_of => Some(format!("was removed on {day}")),
        _ if sms.standing(service) == Standing::Withdrawn => Some("was withdrawn from the catalogue".to_owned()),
        _ => None,
    }
}

/// Whether a field, a reference or a list of references, names an id.
fn named_in(document: &Document, field: &str, id: &str) -> bool {
    match document.value(field) {
        Some(Value::String(text)) => same_id(text, id),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).any(|item| same_id(item, id)),
        _ => false,
    }
}

/// Whether an other party provides or operates something, and if so, whether the whole of it.
fn contributes(party: &Document, id: &str) -> Option<bool> {
    let operated =
        party.items("operates").find(|(_, item)| item["subject"].as_str().is_some_and(|one| same_id(one, id)));
    if let Some((_, item)) = operated {
        return Some(item["extent"] != "part");
    }
    ["services", "components", "processes"]
        .into_iter()
        .any(|list| named_in(party, &format!("/provides/{list}"), id))
        .then_some(true)
}

//! Services depend on each other in a circle that nobody explains.

use super::{Edge, dependency_edges};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) static RULE: Rule = Rule {
    name: "cyclic-service-dependency",
    summary: "services depend on each other in a circle that nobody explains",
    checks: &["SVC-02"],
    clauses: &["8.2.2", "8.2.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("cyclic_service_dependency.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let edges: Vec<Edge<'_>> = dependency_edges(sms).into_iter().filter(|edge| edge.on.kind == "service").collect();
    let mut from: BTreeMap<&str, Vec<&Edge<'_>>> = BTreeMap::new();
    for edge in &edges {
        from.entry(edge.service.id.as_str()).or_default().push(edge);
    }
    let near_circles = near_circles(&edges, &from);
    // Each circle once: services of one that is reported start no other.
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for edge in edges.iter().filter(|edge| !edge.explained && near_circles.contains(edge.service.id.as_str())) {
        if seen.contains(edge.service.id.as_str()) {
            continue;
        }
        let Some(circle) = way_back(edge, &from) else { continue };
        seen.extend(circle.iter().map(|edge| edge.service.id.as_str()));
        report(&circle, findings);
    }
}

/// Services that are in a circle or come after one: what remains when those on which nothing is
/// waiting are taken away, again and again. Without circles nothing remains, and the work is done.
fn near_circles<'sms>(edges: &[Edge<'sms>], from: &BTreeMap<&str, Vec<&Edge<'sms>>>) -> BTreeSet<&'sms str> {
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    for edge in edges {
        waiting.entry(edge.service.id.as_str()).or_default();
        *waiting.entry(edge.on.id.as_str()).or_default() += 1;
    }
    let mut free: Vec<&str> = waiting.iter().filter(|(_, count)| **count == 0).map(|(service, _)| *service).collect();
    while let Some(service) = free.pop() {
        for edge in from.get(service).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(edge.on.id.as_str()) {
                *count -= 1;
                if *count == 0 {
                    free.push(edge.on.id.as_str());
                }
            }
        }
    }
    waiting.into_iter().filter(|(_, count)| *count > 0).map(|(service, _)| service).collect()
}

/// The shortest way from what the first dependency leads to back to where it starts.
fn way_back<'a, 'sms>(
    first: &'a Edge<'sms>,
    from: &BTreeMap<&str, Vec<&'a Edge<'sms>>>,
) -> Option<Vec<&'a Edge<'sms>>> {
    let mut came_by: BTreeMap<&str, &'a Edge<'sms>> = BTreeMap::new();
    let mut next: VecDeque<&str> = VecDeque::from([first.on.id.as_str()]);
    while let Some(service) = next.pop_front() {
        if service == first.service.id {
            break;
        }
        for edge in from.get(service).into_iter().flatten() {
            let target = edge.on.id.as_str();
            if target != first.on.id && !came_by.contains_key(target) {
                came_by.insert(target, edge);
                next.push_back(target);
            }
        }
    }
    let mut circle = Vec::new();
    let mut at = first.service.id.as_str();
    while at != first.on.id {
        let edge = came_by.get(at)?;
        circle.push(*edge);
        at = &edge.service.id;
    }
    circle.push(first);
    circle.reverse();
    Some(circle)
}

fn report(circle: &[&Edge<'_>], findings: &mut Findings<'_>) {
    let Some(first) = circle.first() else { return };
    let ids: Vec<String> = circle.iter().map(|edge| format!("`{}`", edge.service.id)).collect();
    let message = if circle.len() == 1 {
        format!("{} depends on itself", ids[0])
    } else {
        format!("services depend on each other in a circle: {} → {}", ids.join(" → "), ids[0])
    };
    let mut sorted: Vec<&str> = circle.iter().map(|edge| edge.service.id.as_str()).collect();
    sorted.sort_unstable();
    let finding = findings.report(
        first.written,
        first.written.field(&first.pointer),
        message,
        "take the dependency out that is not one, or say in the `note` of each what happens when the other is down",
    );
    for edge in circle.iter().skip(1) {
        finding
            .related(edge.written.field(&edge.pointer), format!("`{}` depends on `{}`", edge.service.id, edge.on.id));
    }
    finding.about(sorted.join(" "));
}

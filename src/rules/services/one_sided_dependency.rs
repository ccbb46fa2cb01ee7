//! A dependency stands in one of two services only.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, same_id},
};

pub(super) static RULE: Rule = Rule {
    name: "one-sided-dependency",
    summary: "a dependency stands in one of two services only",
    checks: &["SVC-02"],
    clauses: &["8.2.2", "8.2.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("one_sided_dependency.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        for (pointer, dependency) in service.items("dependencies") {
            let Some(other) = dependency["service"].as_str().and_then(|id| sms.meant_by(id)) else {
                continue;
            };
            let (back, sentence) = match dependency["nature"].as_str() {
                Some("depends-on") => ("supports", "depends on"),
                Some("supports") => ("depends-on", "supports"),
                _ => continue,
            };
            // An entry without the field is incomplete, and said to be so elsewhere.
            if other.kind != "service" || same_id(&other.id, &service.id) || !other.filled("dependencies") {
                continue;
            }
            // Whatever the other entry says of this service is an answer; the same nature on both
            // sides is a circle, and reported as one.
            let answered = other
                .items("dependencies")
                .any(|(_, item)| item["service"].as_str().is_some_and(|id| same_id(id, &service.id)));
            // The many services that a platform supports may stand with those who depend on it.
            if answered || (back == "supports" && silent_on(other, "supports")) {
                continue;
            }
            findings
                .report(
                    service,
                    service.field(&pointer),
                    format!("`{}` {sentence} `{}`, whose entry does not say so", service.id, other.id),
                    format!("add `{{service: {}, nature: {back}}}` to the dependencies of `{}`", service.id, other.id),
                )
                .related(other.field("dependencies"), format!("the dependencies of `{}`", other.id))
                .about(&other.id);
        }
    }
}

/// Whether a service lists dependencies, and none of this nature: then nobody keeps that side.
fn silent_on(service: &crate::document::Document, nature: &str) -> bool {
    let mut items = service.items("dependencies").peekable();
    items.peek().is_some() && !items.any(|(_, item)| item["nature"] == nature)
}

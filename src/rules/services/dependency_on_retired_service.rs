//! A live service depends on one that has ended.

use super::{dependency_edges, ended};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "dependency-on-retired-service",
    summary: "a live service depends on one that has ended",
    checks: &["SVC-02"],
    clauses: &["8.2.2", "8.2.4"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("dependency_on_retired_service.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for edge in dependency_edges(sms) {
        if !sms.is_live(edge.service) {
            continue;
        }
        let Some(how) = ended(sms, edge.on) else { continue };
        findings
            .report(
                edge.written,
                edge.written.field(&edge.pointer),
                format!("`{}` is live and depends on `{}`, which {how}", edge.service.id, edge.on.id),
                "name the service that has taken its place, or take the dependency out",
            )
            .related(edge.on.field("lifecycle_status"), format!("the entry of `{}`", edge.on.id))
            .about(&edge.on.id);
    }
}

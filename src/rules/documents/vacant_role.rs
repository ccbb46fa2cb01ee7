//! A role that owns or approves documents is held by nobody.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Role, Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "vacant-role",
    summary: "a role that owns or approves documents is held by nobody",
    checks: &["GOV-13"],
    clauses: &["5.3", "7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("vacant_role.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for role in sms.people.roles.iter().filter(|role| sms.people.holders(role, sms.as_of).is_empty()) {
        let owned = named_in(sms, role, "owner");
        let approved = named_in(sms, role, "approved_by");
        let all: Vec<&Document> = owned.iter().chain(&approved).copied().collect();
        if all.is_empty() {
            continue;
        }
        let parts: Vec<String> = [("owns", owned), ("approves", approved)]
            .into_iter()
            .filter(|(_, documents)| !documents.is_empty())
            .map(|(does, documents)| format!("{does} {}", in_words(&documents)))
            .collect();
        let document = &sms.documents[role.document];
        let finding = findings.report(
            document,
            document.field("holders"),
            format!("nobody holds the role `{}` on {}; it {}", role.id, sms.as_of, parts.join(" and ")),
            "name a holder with the day from which, or give the documents to another role",
        );
        finding.related(all[0].field("owner"), format!("`{}`", all[0].id));
    }
}

/// Documents that are to hold and name the role in a field, each once.
fn named_in<'a>(sms: &'a Sms, role: &Role, field: &str) -> Vec<&'a Document> {
    let names = |document: &&Document| document.text(field).is_some_and(|id| id.eq_ignore_ascii_case(&role.id));
    let is_to_hold = |document: &&Document| match field {
        "approved_by" => sms.is_controlled(document) && sms.standing(document) != Standing::Withdrawn,
        _ => !matches!(sms.standing(document), Standing::Withdrawn | Standing::Closed),
    };
    sms.documents.iter().filter(names).filter(is_to_hold).collect()
}

fn in_words(documents: &[&Document]) -> String {
    let ids: Vec<String> = documents.iter().take(3).map(|document| format!("`{}`", document.id)).collect();
    match documents.len() {
        1..=3 => ids.join(", "),
        count => format!("{} and {} more", ids.join(", "), count - 3),
    }
}

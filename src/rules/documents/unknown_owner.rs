//! An owner, author, approver or reviewer is nobody who is known.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::nearest,
    rules::names_control,
    sms::{Reference, Sms, Target, without_version},
};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    name: "unknown-owner",
    summary: "an owner, author, approver or reviewer is nobody who is known",
    checks: &["GOV-13"],
    clauses: &["7.5.2", "5.3"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unknown_owner.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let unknown: Vec<&Reference> = sms
        .references()
        .filter(|reference| reference.target == Target::Missing)
        .filter(|reference| reference.pointer().is_some_and(names_control))
        .collect();
    if unknown.is_empty() {
        return;
    }
    if sms.people.persons.is_empty() && sms.people.roles.is_empty() {
        let named: BTreeSet<String> = unknown.iter().map(|reference| reference.text.to_lowercase()).collect();
        findings.report_absence(
            "people.yaml",
            format!(
                "nobody is known, so {} owners, authors and approvers ({} different) cannot be told apart from misspelt ones",
                unknown.len(),
                named.len()
            ),
            "list persons in `people.yaml` and roles in a register of kind `role-assignment`",
        );
        return;
    }
    for reference in unknown {
        let document = &sms.documents[reference.from];
        let pointer = reference.pointer().unwrap_or_default();
        let first = pointer.split('/').nth(1).unwrap_or_default();
        let text = &reference.text;
        let only_persons = reference.kinds.iter().all(|kind| kind == "person");
        let known = if only_persons { "a person who is known" } else { "a person or role that is known" };
        let help = nearest(without_version(text), sms.people.ids()).map_or_else(
            || {
                "add the person to `people.yaml` or the role to the register of roles, or name somebody who is known"
                    .to_owned()
            },
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{text}` in `{}` is not {known}", document.name_of(first));
        findings.report(document, reference.place(sms), message, help).about(text.to_lowercase());
    }
}

//! An owner, or the holder of a role, has left.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Party, Role, Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "owner-has-left",
    summary: "an owner, or the holder of a role, has left",
    checks: &["GOV-13"],
    clauses: &["5.3", "7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("owner_has_left.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        if matches!(sms.standing(document), Standing::Withdrawn | Standing::Closed) {
            continue;
        }
        let Some(Party::Left(person)) = document.text("owner").map(|owner| sms.people.party(owner, sms.as_of)) else {
            continue;
        };
        let Some(until) = person.until else { continue };
        findings
            .report(
                document,
                document.field("owner"),
                format!("`{}`, who owns `{}`, left on {until}", person.id, document.id),
                "name a new owner; a role stays when a person goes",
            )
            .related(person.place.clone(), format!("left on {until}"));
    }
    for role in &sms.people.roles {
        check_holders(sms, role, findings);
    }
}

/// Holders without a last day, or with one to come, who are not there any more.
fn check_holders(sms: &Sms, role: &Role, findings: &mut Findings<'_>) {
    let document = &sms.documents[role.document];
    for (index, holder) in role.holders.iter().enumerate() {
        let holds =
            holder.until.is_none_or(|until| sms.as_of <= until) && holder.from.is_none_or(|from| from <= sms.as_of);
        let Some(person) = sms.people.person(&holder.person).filter(|_| holds) else { continue };
        let Some(until) = person.until.filter(|until| *until < sms.as_of) else { continue };
        findings
            .report(
                document,
                document.field(&format!("/holders/{index}/person")),
                format!("`{}` left on {until} and still holds the role `{}`", person.id, role.id),
                format!("add `until: {until}` and the next holder"),
            )
            .about(person.id.to_lowercase())
            .related(person.place.clone(), format!("left on {until}"));
    }
}

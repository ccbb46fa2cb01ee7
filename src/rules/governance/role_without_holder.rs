//! Nobody holds a role today.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "role-without-holder",
    summary: "nobody holds a role today",
    checks: &["GOV-11"],
    clauses: &["5.3"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("role_without_holder.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for role in &sms.people.roles {
        let document = &sms.documents[role.document];
        // Without a list of holders the schema has its say; ids that nobody knows are said elsewhere.
        if !document.is_written("holders")
            || sms.standing(document) == Standing::Withdrawn
            || !sms.people.holders(role, sms.as_of).is_empty()
            || role.holders.iter().any(|holder| sms.people.person(&holder.person).is_none())
        {
            continue;
        }
        let duties: Vec<&str> = [
            ("top_management", "is top management"),
            ("ensures_conformity", "ensures conformity"),
            ("reports_to_top_management", "reports to top management"),
        ]
        .into_iter()
        .filter(|(field, _)| document.is(field))
        .map(|(_, duty)| duty)
        .collect();
        let which = if duties.is_empty() { String::new() } else { format!(", which {},", duties.join(" and ")) };
        let since = role.holders.iter().filter_map(|holder| holder.until).filter(|day| *day < sms.as_of).max();
        let since = since.map_or_else(String::new, |day| format!("; the last holder left it on {day}"));
        let finding = findings.report(
            document,
            document.field("holders"),
            format!("the role `{}`{which} has no holder on {}{since}", role.id, sms.as_of),
            "name a person with `from`, or take the role out of the register and give its duties to another one",
        );
        if duties.is_empty() {
            finding.at_most(Level::Warning);
        }
    }
}

//! No role ensures conformity, or none reports to top management.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "unassigned-responsibility",
    summary: "no role ensures conformity, or none reports to top management",
    checks: &["GOV-11"],
    clauses: &["5.3"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unassigned_responsibility.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if sms.people.roles.is_empty() {
        return;
    }
    let register = sms
        .of_kind(crate::document::REGISTER)
        .find(|register| register.entry_kind.as_deref() == Some("role-assignment"));
    for (field, what) in [
        ("ensures_conformity", "ensures that the SMS conforms to the standard"),
        ("reports_to_top_management", "reports to top management on the SMS and the services"),
    ] {
        if sms.of_kind("role-assignment").any(|role| role.is(field)) {
            continue;
        }
        let message = format!("no role {what}");
        let help = format!("set `{field}: true` on the role that has this responsibility and authority");
        match register {
            Some(register) => findings.report(register, register.whole(), message, help),
            None => findings.report_absence("role-assignment", message, help),
        }
        .about(field);
    }
}

//! A waiver accepts nothing that is found.

use crate::{
    finding::{Basis, Drafts, Finding, Findings, Grade, Level, Reads, Rule},
    rules,
    sms::Sms,
    waiver,
};

pub(super) static RULE: Rule = Rule {
    name: "unused-waiver",
    summary: "a waiver in force accepts nothing that is found",
    checks: &[],
    clauses: &["10.1.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::TreeAndHistory,
    since: "0.1.0",
    docs: include_str!("unused_waiver.md"),
    check: |_, _| {},
};

pub(super) fn over(sms: &Sms, all: &[Finding], findings: &mut Findings<'_>) {
    for waiver in waiver::in_force(sms) {
        if all.iter().any(|finding| waiver.matches(sms, finding)) {
            continue;
        }
        let document = &sms.documents[waiver.document];
        let (id, rule) = (&document.id, &waiver.rule);
        let withdraw = "withdraw it (`status: withdrawn` and `withdrawn_on`): left as it is, it would accept the next \
                        finding unseen";
        let (message, help) = match rules::by_name(rule) {
            None => {
                let near = crate::kind::nearest(rule, rules::all().map(|rule| rule.name));
                let help = near.map_or_else(
                    || "`attestry explain --rules` lists them".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                (format!("`{id}` accepts nothing: there is no rule `{rule}`"), help)
            }
            Some(known) if waives_waivers(known.name) => (
                format!("`{id}` accepts nothing: findings of `{rule}` cannot be waived"),
                "withdraw it, and mend the waiver that it is about".to_owned(),
            ),
            Some(known) if rules::level(known, sms).is_none() => (
                format!("`{id}` accepts nothing: the organization switched `{rule}` off"),
                "withdraw it, or let the rule run".to_owned(),
            ),
            Some(_) => (format!("`{id}` accepts nothing: `{rule}` finds nothing there"), withdraw.to_owned()),
        };
        findings.report(document, document.field("rule"), message, help);
    }
}

fn waives_waivers(rule: &str) -> bool {
    rule == RULE.name || rule == super::expired_waiver::RULE.name
}

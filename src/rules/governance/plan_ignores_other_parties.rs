//! The approach of the plan does not lead to the register of other parties.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Section, Sms},
};

pub(super) static RULE: Rule = Rule {
    name: "plan-ignores-other-parties",
    summary: "the approach of the plan does not lead to the register of other parties",
    checks: &["GOV-15"],
    clauses: &["6.3", "8.2.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("plan_ignores_other_parties.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let parties: Vec<&Document> =
        sms.of_kind("other-party").filter(|party| party.text("status") == Some("active")).collect();
    let Some(party) = parties.first() else { return };
    for plan in sms.applicable("sm-plan") {
        let Section::Text(text, _) = sms.section(plan, "other_parties_approach") else { continue };
        let lower = text.to_lowercase();
        let mut names: Vec<String> =
            parties.iter().flat_map(|party| [party.id.clone(), party.title().to_owned()]).collect();
        for register in parties.iter().filter_map(|party| sms.register(party)) {
            let path = sms.path(register);
            names.extend([register.id.clone(), path.rsplit('/').next().unwrap_or(path).to_owned()]);
        }
        if names.iter().any(|name| lower.contains(&name.to_lowercase())) {
            continue;
        }
        findings
            .report(
                plan,
                plan.field("other_parties_approach"),
                "the approach to other parties neither links their register nor names one of them",
                format!(
                    "link the register of other parties in this section, or name the parties, for example `{}`",
                    party.id
                ),
            )
            .related(
                party.whole(),
                format!("{} of them {} active", parties.len(), if parties.len() == 1 { "is" } else { "are" }),
            );
    }
}

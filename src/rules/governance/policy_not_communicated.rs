//! The policy in force has not been communicated inside the organization.

use crate::{
    calendar::{Date, parse_day},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing, same_id},
};

pub(super) static RULE: Rule = Rule {
    name: "policy-not-communicated",
    summary: "the policy in force has not been communicated inside the organization",
    checks: &["GOV-08"],
    clauses: &["5.2.2", "7.3"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("policy_not_communicated.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for policy in sms.of_kind("sm-policy").filter(|policy| sms.standing(policy) == Standing::InForce) {
        // Where the field is missing altogether, the schema says so.
        if !policy.filled("communicated_on") {
            continue;
        }
        let Some(approved) = policy.day("approved_on") else { continue };
        let own = policy.items("communicated_on").filter_map(|(_, one)| one["date"].as_str().and_then(parse_day));
        let days: Vec<Date> = own.chain(by_records(sms, policy)).filter(|day| *day <= sms.as_of).collect();
        if days.iter().any(|day| approved <= *day) {
            continue;
        }
        let last = days.iter().max().map_or_else(String::new, |day| format!("; the last time was on {day}"));
        let finding = findings.report(
            policy,
            policy.field("communicated_on"),
            format!("the policy was approved on {approved} and has not been communicated since{last}"),
            "tell the organization about this version and note day, audience and channel in `communicated_on`",
        );
        finding.related(policy.field("approved_on"), "approved");
        if sms.as_of <= sms.configuration.due_soon.after(approved) {
            finding.at_most(Level::Note);
        }
    }
}

/// Days of awareness records that told staff about this version of the policy.
fn by_records(sms: &Sms, policy: &Document) -> Vec<Date> {
    let mut days = Vec::new();
    sms.each_of("awareness-record", |record| {
        let named = record.list("documents");
        let about = named.iter().any(|reference| {
            same_id(reference, &policy.id)
                && reference.split_once('@').is_none_or(|(_, version)| policy.text("version") == Some(version))
        });
        let inside = record
            .items("target_groups")
            .any(|(_, group)| matches!(group["group"].as_str(), Some("staff" | "role-holders")));
        // What newcomers are told does not reach the others.
        let everyone = record.text("channel") != Some("onboarding");
        if inside && everyone && (about || (named.is_empty() && record.list("topics").contains(&"policy"))) {
            days.extend(record.day("date").or_else(|| record.day("created_on")));
        }
    });
    days
}

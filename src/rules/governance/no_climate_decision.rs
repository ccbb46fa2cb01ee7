//! No entry of the context decides whether climate change is relevant.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "no-climate-decision",
    summary: "no entry of the context decides whether climate change is relevant",
    checks: &["GOV-04"],
    clauses: &["4.1"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("no_climate_decision.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let mut issues = sms.of_kind("context-issue").filter(|issue| sms.standing(issue) != Standing::Withdrawn).peekable();
    if issues.peek().is_none() || issues.any(|issue| issue.filled("climate_relevance")) {
        return;
    }
    let message = "no context issue holds the decision whether climate change is relevant";
    let help = "add an entry with `climate_relevance: {relevant: true|false, reason: …}`; a reasoned no is an answer";
    let register =
        sms.of_kind(crate::document::REGISTER).find(|register| register.entry_kind.as_deref() == Some("context-issue"));
    match register {
        Some(register) => findings.report(register, register.whole(), message, help),
        None => findings.report_absence("context-issue", message, help),
    };
}

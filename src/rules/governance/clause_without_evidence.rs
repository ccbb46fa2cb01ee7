//! A clause has no evidence at all.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
    sms::coverage::{Assessment, Verdict, outline},
    standard::Clause,
};

pub(super) static RULE: Rule = Rule {
    name: "clause-without-evidence",
    summary: "a clause has no evidence at all",
    checks: &["GOV-01"],
    clauses: &["4.3", "7.5.1"],
    basis: Basis::Follows,
    grade: Grade::Major,
    level: Level::Note,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("clause_without_evidence.md"),
    check,
};

/// One finding for the highest clause below which there is nothing: an empty chapter is one
/// finding, not twenty.
fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.configuration.standards.contains(&sms.standard.id) {
        return;
    }
    let assessments = outline(sms);
    for clause in &sms.standard.clauses {
        let Some(count) = bare(clause, &assessments) else { continue };
        let parent = clause.parent.as_deref().and_then(|parent| sms.standard.clause(parent));
        if parent.is_some_and(|parent| bare(parent, &assessments).is_some()) {
            continue;
        }
        let requirements = if count == 1 { "its requirement".to_owned() } else { format!("its {count} requirements") };
        findings
            .report_absence(
                &format!("clause {}", clause.number),
                format!("clause {} has no evidence yet: nothing was found for {requirements}", clause.label()),
                "run `attestry gap` to see what each requirement expects; every clause from 4 to 10 applies",
            )
            .about(&clause.number);
    }
}

/// How many requirements stand at a clause and below it, if none of them has evidence or a
/// judgement. Requirements for which no evidence is described count for a person, not here.
fn bare(clause: &Clause, assessments: &[Assessment<'_>]) -> Option<usize> {
    let below = format!("{}.", clause.number);
    let mut count = 0;
    for assessment in assessments.iter().filter(|assessment| {
        assessment.verdict != Verdict::NotCounted
            && (assessment.clause.number == clause.number || assessment.clause.number.starts_with(&below))
    }) {
        if !assessment.evidence.is_empty() || assessment.judgement.is_some() {
            return None;
        }
        count += usize::from(assessment.requirement.evidence.is_some());
    }
    (count > 0).then_some(count)
}

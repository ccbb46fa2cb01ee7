//! What evidence there is for each requirement, grouped by clause: the view behind
//! `attestry gap`, and its forms.

mod json;
mod markdown;
mod table;

pub use json::{VERSION, render as json};
pub use markdown::render as markdown;
pub(crate) use table::width;
pub use table::{Style, render as table};

use crate::{
    export::csv::rows,
    sms::{
        Sms,
        coverage::{Assessment, Proof, Tally, Verdict},
    },
    standard::Clause,
};

/// The gaps of an SMS.
pub struct Gap<'a> {
    /// The SMS.
    pub sms: &'a Sms,
    /// Clauses that are shown, in the order of the standard.
    pub clauses: Vec<ClauseGap<'a>>,
    /// The tally of all clauses that were asked for, whatever is shown of them.
    pub tally: Tally,
    /// The clause that was asked for; none for all.
    pub clause: Option<String>,
    /// Which requirements are shown.
    pub only: Option<Only>,
}

/// A clause with its requirements.
pub struct ClauseGap<'a> {
    /// The clause.
    pub clause: &'a Clause,
    /// The tally of the clause, for one that only groups others that of all below it.
    pub tally: Tally,
    /// Its requirements that are shown.
    pub requirements: Vec<&'a Assessment<'a>>,
}

/// Which requirements are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Without evidence.
    Missing,
    /// With evidence.
    Found,
    /// For a person to judge, or judged.
    Judgement,
}

impl Only {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Found => "found",
            Self::Judgement => "judgement",
        }
    }

    fn accepts(self, verdict: Verdict) -> bool {
        match self {
            Self::Missing => verdict == Verdict::Missing,
            Self::Found => verdict == Verdict::Found,
            Self::Judgement => matches!(verdict, Verdict::NeedsJudgement | Verdict::Judged),
        }
    }
}

impl<'a> Gap<'a> {
    /// Groups assessments by clause; `clause` means itself and all below.
    pub fn new(sms: &'a Sms, assessments: &'a [Assessment<'a>], clause: Option<&str>, only: Option<Only>) -> Self {
        let wanted = |number: &str| clause.is_none_or(|clause| is_within(number, clause));
        let below = |number: &str, whole: bool| {
            Tally::of(assessments.iter().filter(|assessment| {
                let own = assessment.clause.number.as_str();
                own == number || whole && is_within(own, number)
            }))
        };
        let clauses = sms.standard.clauses.iter().filter(|clause| wanted(&clause.number)).map(|clause| ClauseGap {
            clause,
            tally: below(&clause.number, clause.heading),
            requirements: assessments
                .iter()
                .filter(|assessment| assessment.clause.number == clause.number)
                .filter(|assessment| only.is_none_or(|only| only.accepts(assessment.verdict)))
                .collect(),
        });
        let clauses = clauses.filter(|clause| only.is_none() || !clause.requirements.is_empty()).collect();
        let tally = Tally::of(assessments.iter().filter(|assessment| wanted(&assessment.clause.number)));
        Self { sms, clauses, tally, clause: clause.map(str::to_owned), only }
    }

    /// All requirements that are shown.
    pub fn requirements(&self) -> impl Iterator<Item = &'a Assessment<'a>> {
        self.clauses.iter().flat_map(|clause| clause.requirements.iter().copied())
    }
}

/// Whether a clause is another one or stands below it.
pub fn is_within(number: &str, clause: &str) -> bool {
    number == clause || number.strip_prefix(clause).is_some_and(|rest| rest.starts_with('.'))
}

/// How well our wording of a requirement was checked.
pub fn verification<'a>(assessment: &Assessment<'a>) -> &'a str {
    assessment.requirement.verification.as_deref().unwrap_or(&assessment.clause.verification)
}

/// What a verification state means.
pub fn verification_in_words(state: &str) -> &'static str {
    match state {
        "V1" => "our wording was compared with an itemised source",
        "V2" => "our wording was compared with independent paraphrases only",
        "V3" => "only number and title are certain",
        _ => "our wording is still to be checked against a licensed copy of the standard",
    }
}

/// A piece of evidence for print: its name, its kind and its path.
pub(super) struct Shown<'a> {
    /// The id, or the count of rows.
    pub(super) name: String,
    /// The kind.
    pub(super) kind: &'a str,
    /// The path of the file.
    pub(super) path: &'a str,
}

/// The evidence of a requirement, in the order of paths.
pub(super) fn evidence<'a>(sms: &'a Sms, assessment: &'a Assessment<'a>) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = assessment
        .evidence
        .iter()
        .filter_map(|proof| match proof {
            Proof::Document(document) => {
                Some(Shown { name: document.id.clone(), kind: &document.kind, path: sms.path(document) })
            }
            Proof::Rows(population, count) => {
                let population = sms.populations.get(*population)?;
                let name = format!("{count} row{}", if *count == 1 { "" } else { "s" });
                Some(Shown { name, kind: &population.kind, path: sms.source(population.source).path() })
            }
        })
        .collect();
    shown.sort_by(|a, b| a.path.cmp(b.path));
    shown
}

/// A tally in words: "3 of 5 found, 1 missing, 1 to judge".
pub fn tally_in_words(tally: Tally) -> String {
    let mut text = format!("{} of {} found", tally.found, tally.total());
    for (count, word) in [(tally.missing, "missing"), (tally.needs_judgement, "to judge"), (tally.judged, "judged")] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    let rest = tally.total().saturating_sub(tally.found + tally.missing + tally.needs_judgement + tally.judged);
    if rest > 0 {
        text.push_str(&format!(", {rest} other"));
    }
    text
}

/// A judgement in words: who, when, until when.
pub(super) fn judgement_in_words(sms: &Sms, assessment: &Assessment<'_>) -> Option<String> {
    let judgement = assessment.judgement.as_ref()?;
    let mut text = format!("{} by {}", judgement.verdict.replace('-', " "), judgement.by);
    if let Some(on) = judgement.on {
        text.push_str(&format!(" on {on}"));
    }
    if let Some(until) = judgement.until {
        text.push_str(&format!(", holds until {until}"));
    }
    text.push_str(&format!(" ({}, {})", judgement.document.id, sms.path(judgement.document)));
    Some(text)
}

/// As comma-separated values, one row per requirement.
pub fn csv(gap: &Gap<'_>) -> String {
    const HEADER: &[&str] = &[
        "requirement",
        "clause",
        "clause_title",
        "demand",
        "demand_in_words",
        "text",
        "verification",
        "amendment",
        "verdict",
        "evidence",
        "lacking",
        "judgement",
        "judged_by",
        "judged_on",
        "judged_until",
        "judgement_id",
    ];
    let row = |assessment: &Assessment<'_>| {
        let requirement = assessment.requirement;
        let judgement = assessment.judgement.as_ref();
        let evidence: Vec<String> = evidence(gap.sms, assessment)
            .iter()
            .map(|shown| format!("{} ({}, {})", shown.name, shown.kind, shown.path))
            .collect();
        let day = |day: Option<crate::calendar::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        vec![
            gap.sms.standard.full_id(requirement),
            assessment.clause.number.clone(),
            assessment.clause.title.clone().unwrap_or_default(),
            requirement.demand.code().to_owned(),
            requirement.demand.in_words().to_owned(),
            requirement.text.clone(),
            verification(assessment).to_owned(),
            requirement.amendment.clone().unwrap_or_default(),
            assessment.verdict.in_words().to_owned(),
            evidence.join("; "),
            assessment.lacking.join("; "),
            judgement.map(|judgement| judgement.verdict.to_owned()).unwrap_or_default(),
            judgement.map(|judgement| judgement.by.to_owned()).unwrap_or_default(),
            day(judgement.and_then(|judgement| judgement.on)),
            day(judgement.and_then(|judgement| judgement.until)),
            judgement.map(|judgement| judgement.document.id.clone()).unwrap_or_default(),
        ]
    };
    rows(HEADER, gap.requirements().map(row))
}

//! The first page: how much evidence there is, what was found, what is due.

use super::reviews::{Due, due};
use crate::site::{
    Site,
    view::{Page, TallyView},
};
use serde::Serialize;

#[derive(Serialize)]
struct Overview {
    tally: TallyView,
    chapters: Vec<Chapter>,
    findings: Findings,
    overdue: usize,
    due_soon: usize,
    never: usize,
    next: Vec<Due>,
    documents: usize,
    records: usize,
    rows: usize,
    withheld: usize,
}

#[derive(Serialize)]
struct Chapter {
    number: String,
    title: String,
    href: String,
    tally: TallyView,
}

/// How many findings there are; those that are withheld are counted.
#[derive(Serialize)]
pub(super) struct Findings {
    errors: usize,
    warnings: usize,
    notes: usize,
    accepted: usize,
    total: usize,
    withheld: usize,
}

impl Findings {
    pub(super) fn of(site: &Site<'_>) -> Self {
        let counts = site.report.counts();
        Self {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            accepted: site.report.accepted.len(),
            total: site.report.told(),
            withheld: site.report.told() - site.findings.len(),
        }
    }
}

pub(super) fn page(site: &Site<'_>) -> Page {
    let due = due(site, "");
    let controlled = site.sms.documents.iter().filter(|document| site.sms.is_controlled(document)).count();
    let overview = Overview {
        tally: TallyView::of(&site.assessments),
        chapters: chapters(site),
        findings: Findings::of(site),
        overdue: due.overdue.len(),
        due_soon: due.soon,
        never: due.never.len(),
        next: due.overdue.into_iter().chain(due.months.into_iter().flat_map(|month| month.due)).take(8).collect(),
        documents: controlled,
        records: site.sms.documents.len() - controlled,
        rows: site.sms.populations.iter().map(|population| population.rows.len()).sum(),
        withheld: site.withheld.counts().iter().map(|(_, count)| count).sum(),
    };
    Page::new("index.html", "index.html", "Overview", &overview)
}

fn chapters(site: &Site<'_>) -> Vec<Chapter> {
    let top = site.sms.standard.clauses.iter().filter(|clause| clause.parent.is_none());
    top.map(|clause| Chapter {
        number: clause.number.clone(),
        title: clause.title.clone().unwrap_or_default(),
        href: format!("clauses/{}.html", clause.number),
        tally: TallyView::of(super::clauses::below(site, &clause.number)),
    })
    .collect()
}

//! The clauses as a tree, and one page per clause: its requirements in our words, and for each the
//! evidence, what is missing, and what a person judged.

use crate::{
    site::{
        Site, html,
        view::{Folded, Link, Page, TallyView, class_of},
    },
    sms::coverage::{Assessment, Proof},
    standard::{Clause, Demand},
};
use serde::Serialize;

/// Evidence that is shown at once; a register may hold hundreds.
const AT_ONCE: usize = 12;

#[derive(Serialize)]
struct Tree {
    clauses: Vec<Branch>,
    tally: TallyView,
}

#[derive(Serialize)]
struct Branch {
    link: Link,
    depth: usize,
    heading: bool,
    tally: TallyView,
    findings: usize,
}

#[derive(Serialize)]
struct ClausePage {
    number: String,
    label: String,
    summary: String,
    heading: bool,
    verification: &'static str,
    above: Vec<Link>,
    below: Vec<Branch>,
    previous: Option<Link>,
    next: Option<Link>,
    tally: TallyView,
    requirements: Vec<RequirementView>,
    duties: Vec<DutyView>,
    events: Vec<EventView>,
    rules: Vec<RuleView>,
    findings_withheld: bool,
}

#[derive(Serialize)]
struct RequirementView {
    anchor: String,
    id: String,
    text: String,
    demand: &'static str,
    verdict: &'static str,
    class: &'static str,
    verification: &'static str,
    amendment: Option<String>,
    evidence: Folded<Link>,
    has_evidence: bool,
    count: usize,
    /// HTML, made of escaped text.
    lacking: Vec<String>,
    judgement: Option<JudgementView>,
    note: bool,
}

#[derive(Serialize)]
struct JudgementView {
    record: Link,
    verdict: Option<String>,
    by: Option<Link>,
    on: Option<String>,
    until: Option<String>,
}

#[derive(Serialize)]
struct DutyView {
    duty: String,
    interval: String,
}

#[derive(Serialize)]
struct EventView {
    event: String,
    duty: String,
}

#[derive(Serialize)]
struct RuleView {
    link: Link,
    basis: &'static str,
    findings: usize,
}

/// The assessments of a clause and of all clauses below it.
pub(super) fn below<'s>(site: &'s Site<'_>, number: &str) -> impl Iterator<Item = &'s Assessment<'s>> {
    let (number, prefix) = (number.to_owned(), format!("{number}."));
    site.assessments
        .iter()
        .filter(move |assessment| assessment.clause.number == number || assessment.clause.number.starts_with(&prefix))
}

pub(super) fn pages(site: &Site<'_>) -> Vec<Page> {
    let clauses = &site.sms.standard.clauses;
    let tree = Tree {
        clauses: clauses.iter().map(|clause| branch(site, clause, "")).collect(),
        tally: TallyView::of(&site.assessments),
    };
    let mut pages = vec![Page::new("clauses.html", "clauses.html", "Clauses", &tree)];
    pages.extend(clauses.iter().enumerate().map(|(index, _)| clause_page(site, index)));
    pages
}

fn link(clause: &Clause, root: &str) -> Link {
    Link {
        text: clause.number.clone(),
        note: clause.title.clone(),
        href: Some(format!("{root}clauses/{}.html", clause.number)),
        withheld: None,
    }
}

fn branch(site: &Site<'_>, clause: &Clause, root: &str) -> Branch {
    Branch {
        link: link(clause, root),
        depth: clause.number.matches('.').count(),
        heading: clause.heading,
        tally: TallyView::of(below(site, &clause.number)),
        findings: findings(site, &clause.number),
    }
}

/// How many of the shown findings bear on a clause.
fn findings(site: &Site<'_>, number: &str) -> usize {
    let bears = |name: &str| crate::rules::by_name(name).is_some_and(|rule| rule.clauses.contains(&number));
    site.findings.iter().filter(|finding| bears(finding.rule)).count()
}

fn clause_page(site: &Site<'_>, index: usize) -> Page {
    let root = "../";
    let clauses = &site.sms.standard.clauses;
    let clause = &clauses[index];
    let own = site.assessments.iter().filter(|assessment| assessment.clause.number == clause.number);
    let children = clauses.iter().filter(|other| other.parent.as_deref() == Some(clause.number.as_str()));
    let duties = site.sms.standard.duties.iter().filter(|duty| duty.clause == clause.number);
    let events = site.sms.standard.events.iter().filter(|event| event.clauses.contains(&clause.number));
    let rules = crate::rules::all().filter(|rule| rule.clauses.contains(&clause.number.as_str()));
    let view = ClausePage {
        number: clause.number.clone(),
        label: clause.label(),
        summary: clause.summary.clone(),
        heading: clause.heading,
        verification: verification(&clause.verification),
        above: above(site, clause, root),
        below: children.map(|child| branch(site, child, root)).collect(),
        previous: index.checked_sub(1).map(|before| link(&clauses[before], root)),
        next: clauses.get(index + 1).map(|after| link(after, root)),
        tally: TallyView::of(below(site, &clause.number)),
        requirements: own.map(|assessment| requirement(site, assessment, root)).collect(),
        duties: duties.map(|duty| DutyView { duty: duty.duty.clone(), interval: duty.interval.clone() }).collect(),
        events: events.map(|event| EventView { event: event.event.clone(), duty: event.duty.clone() }).collect(),
        rules: rules
            .map(|rule| RuleView {
                link: Link {
                    text: rule.name.to_owned(),
                    note: Some(rule.summary.to_owned()),
                    href: Some(format!("{root}rules/{}.html", rule.name)),
                    withheld: None,
                },
                basis: rule.basis.in_words(),
                findings: site.findings.iter().filter(|finding| finding.rule == rule.name).count(),
            })
            .collect(),
        findings_withheld: site.findings.len() < site.report.told(),
    };
    Page::new(format!("clauses/{}.html", clause.number), "clause.html", &format!("Clause {}", clause.label()), &view)
}

/// The clauses above, the top first.
fn above(site: &Site<'_>, clause: &Clause, root: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut parent = clause.parent.as_deref();
    while let Some(found) = parent.and_then(|number| site.sms.standard.clause(number)) {
        links.insert(0, link(found, root));
        parent = found.parent.as_deref();
    }
    links
}

/// How well our paraphrase was checked, in words.
fn verification(state: &str) -> &'static str {
    match state {
        "V1" => "our paraphrase was compared with an itemised source",
        "V2" => "our paraphrase was compared with an independent paraphrase",
        "V3" => "number and title only were checked",
        _ => "our paraphrase is still to be checked against a licensed copy of the standard",
    }
}

fn requirement(site: &Site<'_>, assessment: &Assessment<'_>, root: &str) -> RequirementView {
    let requirement = assessment.requirement;
    let mut evidence: Vec<Link> =
        assessment.evidence.iter().filter_map(|proof| proof_link(site, proof, root)).collect();
    // What can be opened comes first.
    evidence.sort_by_key(|link| link.withheld.is_some());
    let judgement = assessment.judgement.as_ref().and_then(|judgement| {
        let position = site.position(judgement.document)?;
        let hidden = site.withheld.document(position).is_some();
        let shown = |text: String| Some(text).filter(|_| !hidden);
        Some(JudgementView {
            record: site.link(position, root),
            verdict: shown(judgement.verdict.replace('-', " ")),
            by: (!hidden).then(|| site.party(judgement.by, root)),
            on: judgement.on.map(|day| day.to_string()).and_then(shown),
            until: judgement.until.map(|day| day.to_string()).and_then(shown),
        })
    });
    RequirementView {
        anchor: format!("requirement-{}", requirement.id.replace('.', "-")),
        id: site.sms.standard.full_id(requirement),
        text: requirement.text.clone(),
        demand: requirement.demand.in_words(),
        verdict: assessment.verdict.in_words(),
        class: class_of(assessment.verdict),
        verification: verification(requirement.verification.as_deref().unwrap_or(&assessment.clause.verification)),
        amendment: requirement.amendment.clone(),
        has_evidence: !evidence.is_empty(),
        count: evidence.len(),
        evidence: Folded::new(evidence, AT_ONCE),
        lacking: assessment.lacking.iter().map(|text| html::message(text)).collect(),
        judgement,
        note: requirement.demand == Demand::Note,
    }
}

fn proof_link(site: &Site<'_>, proof: &Proof<'_>, root: &str) -> Option<Link> {
    match proof {
        Proof::Document(document) => Some(site.link(site.position(document)?, root)),
        Proof::Rows(index, count) => {
            let population = &site.sms.populations[*index];
            let href = Some(format!("{root}data.html#set-{}", index + 1));
            if site.withheld.unclassified() {
                let text = format!("Data set {}", index + 1);
                return Some(Link {
                    text,
                    note: Some("withheld: internal".to_owned()),
                    href,
                    withheld: Some("internal"),
                });
            }
            let text = site.sms.source(population.source).path().to_owned();
            Some(Link { text, note: Some(format!("{count} of {} rows", population.rows.len())), href, withheld: None })
        }
    }
}

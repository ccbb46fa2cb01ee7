//! The rules by group, and one page per rule made from its own text.

use crate::{
    document::Body,
    finding::Rule,
    rules::GROUPS,
    site::{
        Site, markdown,
        targets::OfRule,
        view::{FindingView, Folded, Link, Page},
    },
};
use serde::Serialize;

#[derive(Serialize)]
struct RulesPage {
    groups: Vec<GroupView>,
    count: usize,
    changed: usize,
}

#[derive(Serialize)]
struct GroupView {
    title: &'static str,
    anchor: String,
    rules: Vec<RuleRow>,
}

#[derive(Serialize)]
struct RuleRow {
    link: Link,
    level: &'static str,
    changed: bool,
    basis: &'static str,
    clauses: Vec<Link>,
    findings: usize,
}

#[derive(Serialize)]
struct RulePage {
    name: &'static str,
    summary: &'static str,
    group: &'static str,
    level: &'static str,
    own_level: &'static str,
    changed: bool,
    ground: String,
    grade: &'static str,
    checks: Vec<&'static str>,
    since: &'static str,
    clauses: Vec<Link>,
    /// HTML of the rule's own text.
    docs: String,
    findings: Folded<FindingView>,
    count: usize,
    some_withheld: bool,
}

pub(super) fn pages(site: &Site<'_>) -> Vec<Page> {
    let groups: Vec<GroupView> = GROUPS
        .iter()
        .filter(|group| !group.rules.is_empty())
        .map(|group| GroupView {
            title: group.title,
            anchor: format!("group-{}", group.name),
            rules: group.rules.iter().map(|rule| row(site, rule)).collect(),
        })
        .collect();
    let all = groups.iter().flat_map(|group| &group.rules);
    let (count, changed) = (all.clone().count(), all.filter(|rule| rule.changed).count());
    let mut pages = vec![Page::new("rules.html", "rules.html", "Rules", &RulesPage { groups, count, changed })];
    for group in GROUPS {
        pages.extend(group.rules.iter().map(|rule| page(site, group.title, rule)));
    }
    pages
}

fn of_rule(site: &Site<'_>, rule: &Rule) -> Vec<usize> {
    (0..site.findings.len()).filter(|index| site.findings[*index].rule == rule.name).collect()
}

fn row(site: &Site<'_>, rule: &'static Rule) -> RuleRow {
    RuleRow {
        link: Link {
            text: rule.name.to_owned(),
            note: Some(rule.summary.to_owned()),
            href: Some(format!("rules/{}.html", rule.name)),
            withheld: None,
        },
        level: site.level_of(rule),
        changed: site.level_of(rule) != rule.level.name(),
        basis: rule.basis.in_words(),
        clauses: site.clauses(rule.clauses.iter().copied(), ""),
        findings: of_rule(site, rule).len(),
    }
}

fn page(site: &Site<'_>, group: &'static str, rule: &'static Rule) -> Page {
    let root = "../";
    let body = Body::read(rule.docs, 0..rule.docs.len());
    let title =
        body.headings.first().filter(|heading| heading.level == 1).map_or(rule.summary, |heading| &heading.text);
    let found = of_rule(site, rule);
    let view = RulePage {
        name: rule.name,
        summary: rule.summary,
        group,
        level: site.level_of(rule),
        own_level: rule.level.name(),
        changed: site.level_of(rule) != rule.level.name(),
        ground: crate::report::human::ground(rule, &site.sms.standard.title),
        grade: rule.grade.in_words(),
        checks: rule.checks.to_vec(),
        since: rule.since,
        clauses: site.clauses(rule.clauses.iter().copied(), root),
        docs: markdown::render(rule.docs, &body, title, &OfRule { root }),
        count: found.len(),
        findings: Folded::new(site.finding_views(found, root), 20),
        some_withheld: site.findings.len() < site.report.told(),
    };
    Page::new(format!("rules/{}.html", rule.name), "rule.html", title, &view)
}

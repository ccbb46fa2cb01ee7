//! About this evidence: what was read, when and by what; what the organization changed; what was
//! not evaluated; where the limits are.

use crate::site::{Site, html, view::Page};
use serde::Serialize;

#[derive(Serialize)]
struct About {
    files: usize,
    documents: usize,
    rows: usize,
    references: usize,
    rules: usize,
    standards: Vec<String>,
    requirements: usize,
    open: usize,
    changed_rules: Vec<Change>,
    own_kinds: Vec<String>,
    ignored: Vec<String>,
    /// HTML, made of escaped text.
    not_evaluated: Vec<(String, String)>,
    withheld: Vec<(&'static str, usize)>,
    offered: usize,
}

#[derive(Serialize)]
struct Change {
    rule: &'static str,
    href: String,
    from: &'static str,
    to: String,
}

pub(super) fn page(site: &Site<'_>) -> Page {
    let sms = site.sms;
    let changes = site.report.changed_rules.iter().map(|(rule, level)| Change {
        rule: rule.name,
        href: format!("rules/{}.html", rule.name),
        from: rule.level.name(),
        to: level.clone(),
    });
    let open = sms
        .standard
        .requirements()
        .filter(|(_, requirement)| requirement.verification.as_deref() == Some("open"))
        .count();
    let about = About {
        files: sms.files.len(),
        documents: sms.documents.len(),
        rows: sms.populations.iter().map(|population| population.rows.len()).sum(),
        references: sms.references().count(),
        rules: site.report.rules,
        standards: sms.configuration.standards.clone(),
        requirements: sms.standard.requirements().count(),
        open,
        changed_rules: changes.collect(),
        own_kinds: sms.kinds.iter().filter(|kind| kind.is_own()).map(|kind| kind.title.clone()).collect(),
        ignored: sms.configuration.ignore.iter().map(|pattern| pattern.text.clone()).collect(),
        not_evaluated: site
            .report
            .not_evaluated
            .iter()
            .map(|(what, fix)| (html::message(what), html::message(fix)))
            .collect(),
        withheld: site.withheld.counts().into_iter().map(|(class, count)| (class.name(), count)).collect(),
        offered: site.files.len(),
    };
    Page::new("about.html", "about.html", "About this evidence", &about)
}

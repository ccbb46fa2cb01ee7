//! The pages, one file each: what they show is put into plain values, the templates do the rest.

mod about;
mod clauses;
mod data;
mod document;
mod documents;
mod findings;
mod life;
mod overview;
mod people;
mod reviews;
mod rules;

use super::{Site, view::Page};

/// The pages that every page leads to.
pub(super) const NAVIGATION: &[(&str, &str)] = &[
    ("index.html", "Overview"),
    ("clauses.html", "Clauses"),
    ("documents.html", "Documents"),
    ("records.html", "Records"),
    ("findings.html", "Findings"),
    ("reviews.html", "Reviews"),
    ("people.html", "People"),
    ("data.html", "Data sets"),
    ("rules.html", "Rules"),
    ("about.html", "About this evidence"),
];

/// All pages of the site.
pub(super) fn all(site: &Site<'_>) -> Vec<Page> {
    let mut pages = vec![overview::page(site), findings::page(site), reviews::page(site), people::page(site)];
    pages.extend([data::page(site), about::page(site)]);
    pages.extend(clauses::pages(site));
    pages.extend(documents::pages(site));
    pages.extend(document::pages(site));
    pages.extend(rules::pages(site));
    pages
}

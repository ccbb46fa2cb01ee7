//! All findings, by level.

use super::overview::Findings;
use crate::{
    finding::Level,
    site::{
        Site,
        view::{FindingView, Page},
    },
};
use serde::Serialize;

#[derive(Serialize)]
struct FindingsPage {
    counts: Findings,
    levels: Vec<LevelView>,
    accepted: Vec<FindingView>,
}

#[derive(Serialize)]
struct LevelView {
    name: &'static str,
    title: &'static str,
    meaning: &'static str,
    findings: Vec<FindingView>,
}

pub(super) fn page(site: &Site<'_>) -> Page {
    let levels = [
        (Level::Error, "Errors", "to be mended"),
        (Level::Warning, "Warnings", "expected to be mended"),
        (Level::Note, "Notes", "to know; drafts and the like"),
    ];
    let of = |(level, title, meaning): (Level, &'static str, &'static str)| LevelView {
        name: level.name(),
        title,
        meaning,
        findings: (0..site.findings.len())
            .filter(|index| site.findings[*index].level == level && site.findings[*index].accepted.is_none())
            .map(|index| site.finding(index, ""))
            .collect(),
    };
    let accepted = (0..site.findings.len()).filter(|index| site.findings[*index].accepted.is_some());
    let view = FindingsPage {
        counts: Findings::of(site),
        levels: levels.into_iter().map(of).collect(),
        accepted: accepted.map(|index| site.finding(index, "")).collect(),
    };
    Page::new("findings.html", "findings.html", "Findings", &view)
}

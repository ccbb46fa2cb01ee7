//! A link leads to a heading that is not there.

use super::link_source;
use crate::{
    document::{Body, Document, slug},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::nearest,
    sms::{Sms, link::Lead},
    source::{Place, Source},
};

pub(super) static RULE: Rule = Rule {
    name: "broken-anchor",
    summary: "a link leads to a heading that is not there",
    checks: &["LNK-01"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("broken_anchor.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let bodies = sms.bodies();
    for (from, document, link, lead) in sms.links() {
        let Lead::File { path, source: Some(source), anchor: Some(anchor) } = lead else { continue };
        let Some(body) = bodies[source.0 as usize] else { continue };
        if has_anchor(sms.source(*source), body, anchor) {
            continue;
        }
        let place = Place { source: link_source(sms, from), span: link.span.clone(), pointer: "body".to_owned() };
        let where_ = if path == from { "this file".to_owned() } else { format!("`{path}`") };
        let message = format!("{where_} has no heading `#{anchor}`");
        let finding = match document {
            Some(document) => findings.report(document, place, message, suggestion(body, anchor)),
            None => findings.report_at(from, place, message, suggestion(body, anchor)),
        };
        finding.about(link.target.clone());
    }
    for document in &sms.documents {
        check_sections(sms, document, findings);
    }
}

/// Fields whose text may be a heading of the body: `purpose_fit: "#why-we-have-this-policy"`.
fn check_sections(sms: &Sms, document: &Document, findings: &mut Findings<'_>) {
    let Some(kind) = sms.kind(document) else { return };
    for (field, _) in kind.compiled().shape.properties.iter().filter(|(_, shape)| shape.section) {
        let Some(anchor) = document.text(field).and_then(|text| text.strip_prefix('#')) else { continue };
        let name = document.name_of(field);
        match &document.body {
            Some(body) if has_anchor(sms.source(document.source), body, anchor) => {}
            Some(body) => drop(findings.report(
                document,
                document.field(field),
                format!("`{name}` points at a heading `#{anchor}` that the text does not have"),
                suggestion(body, anchor),
            )),
            None => drop(findings.report(
                document,
                document.field(field),
                format!("`{name}` points at a heading `#{anchor}`, but this file has no text"),
                "write the content into the field, or keep the document as Markdown",
            )),
        }
    }
}

/// Headings, anchors in HTML, the top of the page; footnotes are the renderer's.
fn has_anchor(source: &Source, body: &Body, anchor: &str) -> bool {
    let html = |attribute: &str, quote: char| {
        source.slice(&body.span).contains(&format!("{attribute}={quote}{anchor}{quote}"))
    };
    anchor.is_empty()
        || anchor == "top"
        || anchor.starts_with("fn")
        || body.headings.iter().any(|heading| heading.anchor == anchor)
        || ["id", "name"].iter().any(|attribute| html(attribute, '"') || html(attribute, '\''))
}

fn suggestion(body: &Body, anchor: &str) -> String {
    let anchors = || body.headings.iter().map(|heading| heading.anchor.as_str());
    let near = anchors().find(|known| *known == slug(anchor)).or_else(|| nearest(anchor, anchors()));
    near.map_or_else(
        || "anchors are headings in lower case, spaces as dashes, without punctuation".to_owned(),
        |near| format!("did you mean `#{near}`?"),
    )
}

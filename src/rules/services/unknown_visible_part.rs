//! An audience is shown a part that the entry does not have.

use crate::{
    document::{Document, slug},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown-visible-part",
    summary: "an audience is shown a part that the entry does not have",
    checks: &["SVC-08"],
    clauses: &["8.2.4"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("unknown_visible_part.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for service in sms.of_kind("service").filter(|service| sms.standing(service) != Standing::Withdrawn) {
        let Some(kind) = sms.kind(service) else { continue };
        let fields = &kind.compiled().shape.properties;
        for (pointer, view) in service.items("visibility") {
            let parts = view["parts"].as_array().into_iter().flatten().enumerate();
            for (index, part) in parts.filter_map(|(index, part)| Some((index, part.as_str()?))) {
                if part == "all" || fields.contains_key(part) || is_own_name(service, part) || is_heading(service, part)
                {
                    continue;
                }
                let known = fields.keys().map(String::as_str);
                let help = match crate::kind::nearest(part, known) {
                    Some(near) => {
                        format!("write `{near}` if that is meant; parts are fields, headings of the text, or `all`")
                    }
                    None => "name fields of the entry, headings of its text, or `all`".to_owned(),
                };
                findings
                    .report(
                        service,
                        service.field(&format!("{pointer}/parts/{index}")),
                        format!("`{part}` is neither a field nor a heading of the entry"),
                        help,
                    )
                    .about(part);
            }
        }
    }
}

/// Whether a part is named as the user names the field.
fn is_own_name(service: &Document, part: &str) -> bool {
    service.fields.keys().any(|field| service.name_of(field) == part)
}

fn is_heading(service: &Document, part: &str) -> bool {
    let anchor = slug(part.trim_start_matches('#'));
    service.body.iter().flat_map(|body| &body.headings).any(|heading| heading.anchor == anchor)
}

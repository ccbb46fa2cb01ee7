//! The text mentions an id that does not exist.

use super::nearest_id;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Target},
};

pub(super) static RULE: Rule = Rule {
    name: "dangling-mention",
    summary: "the text mentions an id that does not exist",
    checks: &["LNK-01"],
    clauses: &["7.5.3.2"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("dangling_mention.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for reference in sms.references() {
        if reference.pointer().is_some()
            || reference.target != Target::Missing
            || is_meant_otherwise(sms, &reference.text)
        {
            continue;
        }
        let document = &sms.documents[reference.from];
        let text = &reference.text;
        let help = nearest_id(sms, text, &[]).map_or_else(
            || format!("name an id that exists; write `` `{text}` `` as code where no reference is meant"),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("the text mentions `{text}`, which does not exist");
        findings.report(document, reference.place(sms), message, help).about(text.to_lowercase());
    }
}

/// Words that hold an id or stand for several: `SLA-001-based`, `MRV-2025` for `MRV-2025-01` and
/// `-02`, `KPI-001..KPI-010`.
fn is_meant_otherwise(sms: &Sms, text: &str) -> bool {
    let exists = |id: &str| sms.resolve(id) != Target::Missing;
    let starts_with_one = text
        .match_indices(['-', '.', '_'])
        .any(|(at, _)| text[..at].bytes().any(|byte| byte.is_ascii_digit()) && exists(&text[..at]));
    let is_range = text.split_once("..").is_some_and(|(from, to)| exists(from) && (to.is_empty() || exists(to)));
    starts_with_one || is_range || begins_others(sms, text)
}

/// Whether ids continue this one after a dash.
fn begins_others(sms: &Sms, text: &str) -> bool {
    let start = format!("{}-", text.to_lowercase());
    sms.ids().any(|(id, _)| id.starts_with(&start))
        || sms.populations.iter().any(|population| population.has_beginning(&start))
}

//! How long records are kept is said nowhere.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::{Form, Kind},
    sms::Sms,
    source::Place,
};

pub(super) static RULE: Rule = Rule {
    name: "missing-retention",
    summary: "how long records are kept is said nowhere",
    checks: &["DOC-07"],
    clauses: &["7.5.3.2"],
    basis: Basis::Demanded,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("missing_retention.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for kind in sms.kinds.iter().filter(|kind| matches!(kind.form, Form::Record | Form::Entry) && kind.is_own()) {
        check_kind(sms, kind, findings);
    }
    let is_record =
        |kind: &str| sms.kinds.get(kind).is_some_and(|kind| matches!(kind.form, Form::Record | Form::Entry));
    let records = sms.documents.iter().filter(|document| is_record(&document.kind)).count()
        + sms.populations.iter().map(|population| population.rows.len()).sum::<usize>();
    let is_said = sms.documents.iter().any(|document| document.filled("retention"))
        || sms.populations.iter().any(|population| population.holds("retention"))
        || sms.kinds.iter().any(|kind| kind.is_own() && kind.compiled().notes.retention.is_some());
    if records > 0 && !is_said {
        findings.report_absence(
            "retention",
            format!("how long records are kept is said nowhere ({records} here): what attestry assumes is a convention, not a decision"),
            "add `retention` to registers and records, such as `retention: 4 years`",
        );
    }
}

/// A kind of the organization that has no period: the first record that has none either.
fn check_kind(sms: &Sms, kind: &Kind, findings: &mut Findings<'_>) {
    if kind.compiled().notes.retention.is_some() {
        return;
    }
    let without: Vec<&Document> =
        sms.of_kind(&kind.name).filter(|document| sms.inherited(document, "retention").is_none()).collect();
    let help = "add `retention` to the records or their register, or to `x-attestry` of the kind's schema";
    if let Some(first) = without.first() {
        let which = match without.len() {
            1 => format!("`{}`", first.id),
            count => format!("{count} records of kind `{}`", kind.name),
        };
        findings
            .report(first, first.whole(), format!("how long {which} must be kept is said nowhere"), help)
            .about(kind.name.clone());
    }
    for population in sms.populations.iter().filter(|population| population.kind == kind.name) {
        if !population.holds("retention") {
            let source = sms.source(population.source);
            let place = Place { source: population.source, span: 0..0, pointer: "/retention".to_owned() };
            findings.report_at(
                source.path(),
                place,
                format!("how long the records of kind `{}` are kept is said nowhere", kind.name),
                "add `retention` to `defaults` of the data set, or to `x-attestry` of the kind's schema",
            );
        }
    }
}

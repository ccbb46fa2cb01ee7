//! The report for programs. Its form is version 1 and published as `schema/report.schema.json`;
//! fields are added, never changed.

use super::{Location, Report, anchors, ripple};
use crate::{finding::Finding, rules};
use serde::Serialize;
use serde_json::Value;

/// The version of this form.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    standard: &'a str,
    as_of: String,
    revision: Revision<'a>,
    evidence: Evidence,
    checked: Checked,
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchors: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ripple: Option<Value>,
    changed_rules: Vec<ChangedRule<'a>>,
    not_evaluated: Vec<NotEvaluated<'a>>,
    findings: Vec<Entry<'a>>,
    accepted: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
    zone_data: &'static str,
}

#[derive(Serialize)]
struct Revision<'a> {
    named: &'a str,
    commit: Option<&'a str>,
    shallow: bool,
}

#[derive(Serialize)]
struct Evidence {
    commit: Option<String>,
}

#[derive(Serialize)]
struct Checked {
    files: usize,
    documents: usize,
    rows: usize,
    references: usize,
    rules: usize,
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
    accepted: usize,
    hidden: usize,
}

#[derive(Serialize)]
struct Baseline<'a> {
    file: &'a str,
    findings: usize,
    mended: usize,
}

#[derive(Serialize)]
struct ChangedRule<'a> {
    rule: &'a str,
    level: &'a str,
}

#[derive(Serialize)]
struct NotEvaluated<'a> {
    what: &'a str,
    fix: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    level: &'a str,
    subject: &'a str,
    message: &'a str,
    help: &'a str,
    basis: &'a str,
    clauses: &'a [&'a str],
    checks: &'a [&'a str],
    pointer: &'a str,
    fingerprint: String,
    location: Region<'a>,
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Waiver<'a>>,
}

#[derive(Serialize)]
struct Waiver<'a> {
    id: &'a str,
    reason: &'a str,
    approved_by: &'a str,
    until: String,
}

#[derive(Serialize)]
struct Region<'a> {
    path: &'a str,
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    note: &'a str,
    location: Region<'a>,
}

/// The report as JSON, with a line break at its end.
pub fn render(report: &Report<'_>) -> String {
    let counts = report.counts();
    let revision = report.revision();
    let document = Document {
        version: VERSION,
        tool: Tool {
            name: "attestry",
            version: env!("CARGO_PKG_VERSION"),
            zone_data: crate::calendar::zone_data_version(),
        },
        standard: &report.sms.standard.id,
        as_of: report.as_of().to_string(),
        revision: Revision { named: &revision.named, commit: revision.commit.as_deref(), shallow: revision.shallow },
        evidence: Evidence { commit: report.evidence() },
        checked: Checked {
            files: report.sms.files.len(),
            documents: report.sms.documents.len(),
            rows: report.sms.populations.iter().map(|population| population.rows.len()).sum(),
            references: report.sms.references().count(),
            rules: report.rules,
        },
        counts: Counts {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            accepted: report.accepted.len(),
            hidden: report.hidden,
        },
        baseline: report.known.as_ref().map(|known| Baseline {
            file: &known.file,
            findings: known.findings,
            mended: known.mended,
        }),
        anchors: anchors::json(report),
        since: report.since.as_ref().map(|since| ripple::since(since, fingerprint)),
        ripple: report.since.as_ref().map(|since| ripple::ripple(&since.ripple)),
        changed_rules: report
            .changed_rules
            .iter()
            .map(|(rule, level)| ChangedRule { rule: rule.name, level })
            .collect(),
        not_evaluated: report.not_evaluated.iter().map(|(what, fix)| NotEvaluated { what, fix }).collect(),
        findings: report.findings.iter().map(|finding| entry(report, finding)).collect(),
        accepted: report.accepted.iter().map(|finding| entry(report, finding)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn entry<'a>(report: &'a Report<'_>, finding: &'a Finding) -> Entry<'a> {
    let rule = rules::by_name(finding.rule);
    Entry {
        rule: finding.rule,
        level: finding.level.name(),
        subject: &finding.subject,
        message: &finding.message,
        help: &finding.help,
        basis: rule.map_or("", |rule| rule.basis.code()),
        clauses: rule.map_or(&[], |rule| rule.clauses),
        checks: rule.map_or(&[], |rule| rule.checks),
        pointer: &finding.place.pointer,
        fingerprint: fingerprint(finding),
        location: region(&report.location(&finding.place)),
        related: finding
            .related
            .iter()
            .map(|(place, note)| Related { note, location: region(&report.location(place)) })
            .collect(),
        waiver: finding.accepted.as_ref().map(|acceptance| Waiver {
            id: &acceptance.waiver,
            reason: &acceptance.reason,
            approved_by: &acceptance.approved_by,
            until: acceptance.until.to_string(),
        }),
    }
}

fn region<'a>(location: &Location<'a>) -> Region<'a> {
    Region {
        path: location.path,
        start_line: location.start.line,
        start_column: location.start.column,
        end_line: location.end.line,
        end_column: location.end.column,
    }
}

/// The finding's identity as a digest: the same finding has the same one however the text moves.
pub fn fingerprint(finding: &Finding) -> String {
    digest(&finding.identity())
}

/// The beginning of a digest, in hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let hex = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or_default());
    Sha256::digest(text.as_bytes()).iter().take(16).flat_map(hex).collect()
}

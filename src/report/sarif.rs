//! SARIF 2.1.0 as GitHub code scanning takes it: every rule that ran with its page as help, results
//! with fingerprints of the finding's identity, regions in Unicode scalars, paths from the git root,
//! and within the limits of code scanning. Nothing in it depends on when or where it was made.

use super::{
    Location, Report, anchors, human, since,
    wording::{one_line, sentence, shortened, uri},
};
use crate::{
    finding::{Finding, Level, Rule},
    rules::{self, GROUPS},
    source::Place,
    wording::counted,
};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// Code scanning takes so many results of a run.
pub const RESULTS: usize = 25_000;
/// Code scanning shows so many results of a run, the worst.
pub const SHOWN: usize = 5_000;
/// Code scanning takes so many locations of a result.
pub const LOCATIONS: usize = 1_000;
/// Code scanning takes descriptions of so many characters.
const DESCRIPTION: usize = 1_024;
/// Code scanning keeps so many tags of a rule.
const TAGS: usize = 10;
/// What paths are relative to.
const ROOT: &str = "%SRCROOT%";
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The whole log, with a line break at its end.
pub fn render(report: &Report<'_>) -> String {
    let mut results = report.fingerprinted();
    let found = results.len();
    if found > RESULTS {
        results.sort_by_key(|(finding, ..)| Reverse(finding.level));
        results.truncate(RESULTS);
    }
    let mut run = json!({
        "tool": { "driver": driver(report) },
        "automationDetails": { "id": format!("attestry/{}{}", one_line(&report.folder), report.as_of()) },
        "invocations": [invocation(report, found)],
        "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the git repository." } } },
        "columnKind": "unicodeCodePoints",
        "results": results.iter().map(|(finding, fingerprint, occurrence)| {
            result(report, finding, &format!("{fingerprint}:{occurrence}"))
        }).collect::<Vec<_>>(),
        "properties": {
            "asOf": report.as_of().to_string(),
            "standard": report.sms.standard.id,
            "revision": report.revision().named,
            "commit": report.revision().commit,
            "evidence": report.evidence(),
            "modified": report.revision().modified,
            "zoneData": crate::calendar::zone_data_version(),
        },
    });
    if let (Some(repository), Some(commit)) = (&report.repository, &report.revision().commit) {
        run["versionControlProvenance"] = json!([{
            "repositoryUri": repository,
            "revisionId": commit,
            "mappedTo": { "uriBaseId": ROOT },
        }]);
    }
    let mut text = serde_json::to_string_pretty(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
        .unwrap_or_default();
    text.push('\n');
    text
}

fn driver(report: &Report<'_>) -> Value {
    let mut driver = json!({
        "name": "attestry",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "language": "en",
        "rules": ran(report).map(|rule| descriptor(report, rule)).collect::<Vec<_>>(),
    });
    let home = env!("CARGO_PKG_HOMEPAGE");
    if !home.is_empty() {
        driver["informationUri"] = json!(home);
    }
    driver
}

/// The rules that ran, in the order of their groups.
fn ran<'a>(report: &'a Report<'_>) -> impl Iterator<Item = &'static Rule> + 'a {
    report.chosen.iter().copied().filter(|rule| rules::level(rule, report.sms).is_some())
}

fn descriptor(report: &Report<'_>, rule: &Rule) -> Value {
    let ground = sentence(&human::ground(rule, &report.sms.standard.title));
    let does = rule.part("What it does").unwrap_or(rule.summary);
    let text = rule.guide().replace("\n## ", "\n").trim_start_matches("# ").to_owned();
    let group = GROUPS.iter().find(|group| group.rules.iter().any(|other| other.name == rule.name));
    let mut tags = vec!["compliance".to_owned()];
    tags.extend(group.map(|group| group.name.to_owned()));
    tags.extend(rule.clauses.iter().map(|clause| format!("{} {clause}", report.sms.standard.title)));
    tags.truncate(TAGS);
    let mut descriptor = json!({
        "id": rule.name,
        "shortDescription": { "text": shortened(&sentence(rule.summary), DESCRIPTION) },
        "fullDescription": { "text": shortened(does, DESCRIPTION) },
        "help": {
            "text": format!("{text}\n\n{ground}"),
            "markdown": format!("{}\n\n{ground}", rule.guide()),
        },
        "defaultConfiguration": { "level": rule.level.name() },
        "properties": {
            "tags": tags,
            "precision": "high",
            "problem.severity": match rule.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "recommendation",
            },
            "basis": rule.basis.code(),
            "checks": rule.checks,
        },
    });
    // SARIF wants a name that says more than the id.
    if rule.name.contains('-') {
        descriptor["name"] = json!(pascal(rule.name));
    }
    descriptor
}

/// `overdue-review` as `OverdueReview`.
fn pascal(name: &str) -> String {
    name.split('-')
        .map(|part| {
            let mut characters = part.chars();
            let first = characters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().collect::<String>() + characters.as_str()
        })
        .collect()
}

/// What the run itself has to say: what was not evaluated, not shown, or changed.
fn invocation(report: &Report<'_>, found: usize) -> Value {
    let mut notes = Vec::new();
    let mut say = |level: &str, text: String| notes.push(json!({ "level": level, "message": { "text": text } }));
    for (what, fix) in &report.not_evaluated {
        say("warning", literal(&sentence(&format!("not evaluated: {what} ({fix})"))));
    }
    if let Some(absent) = human::absences(report) {
        say("note", sentence(&format!("absent: {absent} (`attestry gap`)")));
    }
    if let Some(since) = &report.since {
        say("note", literal(&sentence(&since::line(since))));
    }
    if let Some(accepted) = human::accepted(report) {
        say("note", literal(&sentence(&format!("accepted: {accepted}"))));
    }
    if let Some(known) = human::known(report) {
        say("note", literal(&sentence(&format!("baseline: {known}"))));
    }
    for line in anchors::lines(report) {
        say("note", literal(&sentence(&format!("anchors: {line}"))));
    }
    if report.hidden > 0 {
        say("note", format!("{} elsewhere: paths only filter what is shown.", counted(report.hidden, "finding")));
    }
    if found > RESULTS {
        say("warning", format!("{} left out: code scanning takes {RESULTS}.", counted(found - RESULTS, "finding")));
    }
    if found > SHOWN {
        say("note", format!("Code scanning shows the {SHOWN} worst of {}.", counted(found, "finding")));
    }
    let overrides: Vec<Value> = report
        .changed_rules
        .iter()
        .filter(|(rule, _)| report.was_chosen(rule))
        .map(|(rule, _)| {
            let mut descriptor = json!({ "id": rule.name });
            // A rule that is switched off did not run and is not listed.
            if let Some(index) = ran(report).position(|other| other.name == rule.name) {
                descriptor["index"] = json!(index);
            }
            let configuration = match rules::level(rule, report.sms) {
                Some(level) => json!({ "enabled": true, "level": level.name() }),
                None => json!({ "enabled": false }),
            };
            json!({ "descriptor": descriptor, "configuration": configuration })
        })
        .collect();
    json!({
        "executionSuccessful": true,
        "ruleConfigurationOverrides": overrides,
        "toolExecutionNotifications": notes,
    })
}

fn result(report: &Report<'_>, finding: &Finding, fingerprint: &str) -> Value {
    let mut text = literal(&sentence(&finding.message));
    if !finding.help.is_empty() {
        text.push(' ');
        text.push_str(&literal(&sentence(&finding.help)));
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": finding.level.name(),
        "message": { "text": text },
        "locations": [{ "physicalLocation": physical(report, &finding.place) }],
        "partialFingerprints": {
            "attestryIdentity/v1": fingerprint,
        },
        "properties": { "subject": finding.subject, "pointer": finding.place.pointer },
    });
    if let Some(acceptance) = &finding.accepted {
        let words = format!("{} until {}: {}", acceptance.waiver, acceptance.until, acceptance.reason);
        result["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": one_line(&words) }]);
    }
    if let Some(index) = ran(report).position(|rule| rule.name == finding.rule) {
        result["ruleIndex"] = json!(index);
    }
    if !finding.related.is_empty() {
        let related = finding.related.iter().take(LOCATIONS - 1).enumerate().map(|(index, (place, note))| {
            let mut related = json!({ "id": index + 1, "physicalLocation": physical(report, place) });
            if !note.is_empty() {
                related["message"] = json!({ "text": literal(&sentence(note)) });
            }
            related
        });
        result["relatedLocations"] = Value::Array(related.collect());
    }
    result
}

fn physical(report: &Report<'_>, place: &Place) -> Value {
    let Location { start, end, .. } = report.location(place);
    json!({
        "artifactLocation": { "uri": uri(&report.path_from_git(place)), "uriBaseId": ROOT },
        "region": {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        },
    })
}

/// Text for a message in which nothing is a link or a placeholder.
fn literal(text: &str) -> String {
    let text = if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text.to_owned()
    };
    text.replace('{', "{{").replace('}', "}}")
}

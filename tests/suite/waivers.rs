//! Waivers: what they accept, what they cannot, and how every format tells it.

use crate::support::{project, sms};
use attestry::{
    report::{Report, github, gitlab, human, json, junit, markdown, sarif},
    sms::Sms,
};
use serde_json::Value;
use std::fs;

const POLICY: &str = "---\nid: POL-002\ntitle: Changes\nkind: change-policy\nstatus: approved\nlast_reviewed: 2025-01-10\nreview_cycle: yearly\nowner: nobody\n---\n";
const PEOPLE: &str = "people:\n  - { id: ada, name: Ada }\n";

fn waiver(id: &str, lines: &str) -> String {
    format!(
        "  - id: {id}\n    title: Later\n    status: approved\n    reason: \"Together with <b>the release policy</b> | later\"\n    approved_by: ada\n    approved_on: 2026-01-15\n    expires_on: 2026-04-30\n    {lines}\n"
    )
}

fn with(waivers: &[(&str, &str)], as_of: &str) -> Sms {
    let entries: String = waivers.iter().map(|(id, lines)| waiver(id, lines)).collect();
    let register = format!("kind: waiver\nid: REG-WAIVERS\ntitle: Waivers\nstatus: approved\nentries:\n{entries}");
    let files = [
        ("attestry.yaml", "format: 1\n"),
        ("people.yaml", PEOPLE),
        ("policies/change.md", POLICY),
        ("registers/waivers.yaml", &register),
    ];
    sms(&files.map(|(path, text)| (path.to_owned(), text.to_owned())), as_of)
}

const OVERDUE: (&str, &str) = ("WVR-001", "rule: overdue-review\n    subject: pol-002");

fn accepted(sms: &Sms) -> Vec<String> {
    let report = Report::new(sms, |_| true, |_| true);
    let told = report.accepted.iter().map(|finding| {
        let acceptance = finding.accepted.as_ref().unwrap();
        format!("{} {} {}", acceptance.waiver, finding.rule, finding.subject)
    });
    told.collect()
}

#[test]
fn it_accepts_what_it_names_until_its_last_day() {
    assert_eq!(accepted(&with(&[OVERDUE], "2026-04-30")), ["WVR-001 overdue-review POL-002"]);
    assert!(accepted(&with(&[OVERDUE], "2026-05-01")).is_empty());
    assert!(accepted(&with(&[OVERDUE], "2026-01-14")).is_empty(), "it was approved on the day after");
    let narrow = |pointer: &str| format!("rule: overdue-review\n    path: policies/change.md\n    pointer: {pointer}");
    assert_eq!(accepted(&with(&[("WVR-001", &narrow("/last_reviewed"))], "2026-03-01")).len(), 1);
    assert!(accepted(&with(&[("WVR-001", &narrow("/last"))], "2026-03-01")).is_empty());
}

#[test]
fn without_approval_or_aim_it_accepts_nothing() {
    for (from, to) in [
        ("status: approved\n    reason", "status: proposed\n    reason"),
        ("status: approved\n    reason", "status: withdrawn\n    withdrawn_on: 2026-02-01\n    reason"),
        ("approved_by: ada\n", "approved_by: \"\"\n"),
        ("approved_on: 2026-01-15\n", "\n"),
        ("expires_on: 2026-04-30\n", "\n"),
        ("subject: pol-002", "mitigation: none"),
        ("title: Waivers\nstatus: approved", "title: Waivers\nstatus: draft"),
    ] {
        let register = format!(
            "kind: waiver\nid: REG-WAIVERS\ntitle: Waivers\nstatus: approved\nentries:\n{}",
            waiver(OVERDUE.0, OVERDUE.1)
        );
        assert!(register.contains(from), "{from}");
        let files = [
            ("people.yaml", PEOPLE.to_owned()),
            ("policies/change.md", POLICY.to_owned()),
            ("registers/waivers.yaml", register.replacen(from, to, 1)),
        ];
        let sms = sms(&files.map(|(path, text)| (path.to_owned(), text)), "2026-03-01");
        assert!(accepted(&sms).is_empty(), "{to}");
    }
}

#[test]
fn findings_about_waivers_cannot_be_waived() {
    let sms = with(
        &[
            ("WVR-001", "rule: overdue-reviews\n    subject: POL-002"),
            ("WVR-002", "rule: unused-waiver\n    subject: WVR-001"),
            ("WVR-003", "rule: missing-field\n    subject: REG-WAIVERS"),
            ("WVR-004", "rule: missing-field\n    path: registers/waivers.yaml"),
        ],
        "2026-03-01",
    );
    assert!(accepted(&sms).is_empty());
    let report = Report::new(&sms, |rule| rule.name == "unused-waiver", |_| true);
    assert_eq!(report.findings.len(), 4);
}

#[test]
fn every_format_tells_it_and_none_counts_it() {
    let sms = with(&[OVERDUE], "2026-03-01");
    let report = Report::new(&sms, |rule| rule.name == "overdue-review", |_| true);
    assert_eq!((report.findings.len(), report.accepted.len(), report.worst()), (0, 1, None));
    let told = "1 finding by a waiver: WVR-001 until 2026-04-30";
    let summary = human::summary(&report, "checked", None);
    assert!(
        summary.starts_with("no findings; checked\n") && summary.contains(&format!("accepted: {told}\n")),
        "{summary}"
    );
    assert_eq!(github::render(&report), "");
    let entries: Value = serde_json::from_str(&gitlab::render(&report)).unwrap();
    assert_eq!((entries.as_array().unwrap().len(), &entries[0]["severity"]), (1, &"info".into()));
    assert!(entries[0]["description"].as_str().unwrap().starts_with("accepted by WVR-001 until 2026-04-30: "));

    let value: Value = serde_json::from_str(&json::render(&report)).unwrap();
    let schema = fs::read_to_string(project("schema/report.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&value), "{:?}", schema.iter_errors(&value).collect::<Vec<_>>());
    assert_eq!(value["counts"]["accepted"], 1);
    assert_eq!(value["accepted"][0]["waiver"]["until"], "2026-04-30");
    assert_eq!(value["findings"].as_array().unwrap().len(), 0);

    let log: Value = serde_json::from_str(&sarif::render(&report)).unwrap();
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["status"]), (&"external".into(), &"accepted".into()));
    assert!(suppression["justification"].as_str().unwrap().starts_with("WVR-001 until 2026-04-30: Together"));

    let tests = junit::render(&report);
    assert!(
        tests.contains("<skipped message=\"accepted by WVR-001 until 2026-04-30: Together with &lt;b&gt;"),
        "{tests}"
    );
    let text = markdown::render(&report, markdown::COMMENT_LIMIT);
    assert!(text.contains("### attestry: no findings") && text.contains("| accepted | "), "{text}");
    assert!(!text.contains("<b>") && text.contains("&#60;b&#62;"), "{text}");
}

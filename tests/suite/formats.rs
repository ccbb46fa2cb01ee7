//! The formats for other programs: their structure, that each region is the text that the finding
//! means, and that no text of a repository leaves its place. Programs of others validate the same
//! formats in `tests/validators/formats.sh`.

use crate::support::{project, sms, sms_at};
use attestry::{
    finding::Level,
    report::{Report, github, gitlab, human, json, junit, markdown, sarif},
    rules,
    sms::Sms,
};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use std::collections::BTreeSet;

const NASTY: &str = "x|y `z` <img src=x onerror=alert(1)> @everyone [link](https://evil.example) ](1) {0} \\\\ #12 www.evil.example %0A::error::forged ]]> &amp; \\e[31m \\u202e";

/// An SMS whose paths and values try to leave their place.
fn hostile() -> Sms {
    let long = "long ".repeat(5_000);
    let policy = format!(
        "---\nid: POL-001\nkind: change-policy\ntitle: \"{NASTY}\"\nstatus: approved\nversion: \"1\"\nowner: \"{NASTY}\"\nsupersedes: [\"{NASTY}\\n::error file=a::forged\"]\nreview_cycle: \"{NASTY}\"\n\"{NASTY}\": 1\nlong: \"{long}\"\n---\n\n[a](<no|such `@all` <b>.md>) and [b](::error::x.md)\n"
    );
    let files = [
        (
            "attestry.yaml",
            "format: 1\nstandards: [\"iso20000-1:2018\"]\nlevels: { orphan: \"off\\n::error::forged\" }\n",
        ),
        ("policies/a b:ü#[x](https://evil.example)|<b>%0A.md", policy.as_str()),
        ("::error file=a::forged\n::error::b.md", policy.as_str()),
        (" ::error::c.md", policy.as_str()),
        (
            "policies/crlf.md",
            "---\r\nid: POL-009\r\nkind: change-policy\r\ntitle: ä𝄞ö\r\nowner: 𝄞 nobody\r\n---\r\n\r\n𝄞 [a](missing.md)\r\n",
        ),
    ];
    let files: Vec<(String, String)> =
        files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    sms(&files, "2026-06-30")
}

fn report(sms: &Sms) -> Report<'_> {
    let mut report = Report::new(sms, |_| true, |_| true);
    report.folder = "service management/".to_owned();
    report.not_evaluated = vec![("the\n::error::history".to_owned(), "set `fetch-depth: 0`".to_owned())];
    report
}

/// The bytes of a percent-encoded URI as text.
fn decoded(uri: &str) -> String {
    let mut parts = uri.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// The text between two positions, counted from the text alone.
fn cut(text: &str, region: &Value) -> String {
    let number = |name: &str| usize::try_from(region[name].as_u64().unwrap()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').chain([""]).collect();
    let offset = |line: usize, column: usize| {
        let before: usize = lines[..line - 1].iter().map(|line| line.len()).sum();
        before + lines[line - 1].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
    };
    let start = offset(number("startLine"), number("startColumn"));
    text[start..offset(number("endLine"), number("endColumn"))].to_owned()
}

/// Every region is the text that the finding means, and every place a file of the SMS.
fn regions_are_the_source(sms: &Sms) {
    let report = report(sms);
    let log: Value = serde_json::from_str(&sarif::render(&report)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let findings: Vec<_> = report.shown().collect();
    assert_eq!(results.len(), findings.len());
    assert!(!results.is_empty());
    for (result, finding) in results.iter().zip(&findings) {
        assert_eq!(result["ruleId"], finding.rule);
        let related = result["relatedLocations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let places = [&finding.place].into_iter().chain(finding.related.iter().map(|(place, _)| place));
        for (location, place) in [&result["locations"][0]].into_iter().chain(related).zip(places) {
            let source = sms.source(place.source);
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.contains([':', ' ', '#', '?', '<', '|', '\n']), "{uri}");
            assert_eq!(decoded(uri), format!("service management/{}", source.path()));
            assert_eq!(cut(source.text(), &physical["region"]), source.slice(&place.span), "{}", finding.message);
        }
    }
}

#[test]
fn regions_are_the_text_that_is_meant() {
    regions_are_the_source(&hostile());
    regions_are_the_source(&sms_at(&project("sample-sms"), "2027-01-15"));
}

#[test]
fn sarif_has_what_code_scanning_wants() {
    let sms = hostile();
    let report = report(&sms);
    let text = sarif::render(&report);
    assert_eq!(text, sarif::render(&report));
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["automationDetails"]["id"], "attestry/service management/2026-06-30");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), rules::all().count());
    for rule in rules {
        let name = &rule["id"];
        for part in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[part]["text"].as_str().unwrap().is_empty(), "{name}: {part}");
        }
        assert!(rule["fullDescription"]["text"].as_str().unwrap().chars().count() <= 1_024, "{name}");
        let help = rule["help"]["markdown"].as_str().unwrap();
        assert!(help.contains("## How to fix") && !help.contains("## Examples"), "{name}");
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10, "{name}");
    }
    let mut fingerprints = BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let prints = &result["partialFingerprints"];
        // Code scanning counts a hash of the line itself, and warns where it is given another.
        assert!(prints.get("primaryLocationLineHash").is_none());
        assert!(fingerprints.insert(prints["attestryIdentity/v1"].to_string()), "{result}");
        let message = result["message"]["text"].as_str().unwrap();
        assert!(message.match_indices("](").all(|(at, _)| message[..at].ends_with('\\')), "{message}");
        assert!(!message.contains(char::is_control), "{message}");
    }
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notes[0]["message"]["text"], "Not evaluated: the ::error::history (set `fetch-depth: 0`).");
}

#[test]
fn sarif_stays_within_the_limits_and_keeps_the_worst() {
    let sms = hostile();
    let mut report = report(&sms);
    let mut note = report.findings[0].clone();
    note.level = Level::Note;
    note.absence = false;
    note.related = vec![(note.place.clone(), "here".to_owned()); sarif::LOCATIONS + 10];
    let mut error = note.clone();
    error.level = Level::Error;
    error.related.truncate(1);
    let mut few = note.clone();
    few.related.clear();
    report.findings = vec![few; sarif::RESULTS + 5];
    report.findings.extend([note, error]);
    let log: Value = serde_json::from_str(&sarif::render(&report)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), sarif::RESULTS);
    assert_eq!(results[0]["level"], "error");
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("7 findings left out"), "{notes}");

    report.findings.drain(..sarif::RESULTS + 5);
    let log: Value = serde_json::from_str(&sarif::render(&report)).unwrap();
    let related = log["runs"][0]["results"][0]["relatedLocations"].as_array().unwrap();
    assert_eq!(related.len() + 1, sarif::LOCATIONS);
}

#[test]
fn sarif_names_rules_that_the_organization_changed() {
    let files = [("attestry.yaml".to_owned(), "format: 1\nlevels: { orphan: off, overdue-review: note }\n".to_owned())];
    let sms = sms(&files, "2026-06-30");
    let log: Value = serde_json::from_str(&sarif::render(&report(&sms))).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| rule["id"] != "orphan"));
    let overrides = run["invocations"][0]["ruleConfigurationOverrides"].to_string();
    assert!(overrides.contains(r#"{"descriptor":{"id":"orphan"},"configuration":{"enabled":false}}"#), "{overrides}");
    assert!(overrides.contains(r#""configuration":{"enabled":true,"level":"note"}"#), "{overrides}");
}

#[test]
fn no_text_becomes_a_workflow_command() {
    let sms = hostile();
    let mut report = report(&sms);
    let text = github::render(&report);
    let mut commands = 0;
    for line in text.lines() {
        let Some(command) = line.strip_prefix("::") else {
            assert!(line.starts_with("not annotated: "), "{line}");
            continue;
        };
        commands += 1;
        let (head, _) = command.split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        assert!(name != "notice" || text.find("not evaluated: ").unwrap() < text.find(line).unwrap());
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        for property in properties.split(',') {
            let (key, _) = property.split_once('=').unwrap();
            assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&key), "{line}");
        }
    }
    assert!(commands > 3);
    report.not_evaluated.push(("a".to_owned(), "b".to_owned()));
    let everything = [
        human::render(&report, human::Style { colour: false, concise: true, width: None }),
        human::render(&report, human::Style { colour: false, concise: false, width: None }),
        human::summary(&report, "checked", None),
        junit::render(&report),
    ];
    for line in everything.iter().flat_map(|text| text.lines()) {
        // `:::` before the path of another file is no command: none is named `:`.
        let line = line.trim_start();
        assert!(!line.starts_with("::") || line.starts_with("::: "), "{line}");
    }
}

#[test]
fn the_worst_ten_of_each_level_are_annotated() {
    let sms = hostile();
    let mut report = report(&sms);
    report.not_evaluated.clear();
    let mut finding = report.findings[0].clone();
    finding.absence = false;
    report.findings = [(Level::Note, 11), (Level::Error, 12), (Level::Warning, 1)]
        .into_iter()
        .flat_map(|(level, count)| {
            finding.level = level;
            vec![finding.clone(); count]
        })
        .collect();
    let text = github::render(&report);
    let count = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!((count("::error "), count("::warning "), count("::notice ")), (10, 1, 10));
    assert!(
        text.starts_with("::error ")
            && text.ends_with("not annotated: 2 errors, 1 note; the other formats have them all\n")
    );
}

#[test]
fn gitlab_gets_fingerprints_of_their_own() {
    let sms = hostile();
    let mut report = report(&sms);
    let again = report.findings[0].clone();
    report.findings.push(again);
    let entries: Vec<Value> = serde_json::from_str(&gitlab::render(&report)).unwrap();
    let fingerprints: BTreeSet<&str> = entries.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), entries.len());
    assert_eq!(entries.len(), report.shown().count() + report.not_evaluated.len());
    assert!(fingerprints.contains(json::fingerprint(&report.findings[0]).as_str()));
    for entry in &entries {
        assert!(["info", "minor", "major", "critical"].contains(&entry["severity"].as_str().unwrap()));
        assert!(entry["location"]["path"].as_str().unwrap().starts_with("service management/"));
        assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn junit_has_a_case_for_every_rule() {
    let sms = hostile();
    let text = junit::render(&report(&sms));
    for rule in rules::all() {
        assert_eq!(text.matches(&format!(" name=\"{}\"", rule.name)).count(), 1, "{}", rule.name);
    }
    let known = [
        "?xml",
        "testsuite",
        "/testsuite",
        "properties",
        "/properties",
        "property",
        "testcase",
        "/testcase",
        "failure",
        "/failure",
        "skipped",
        "system-out",
        "/system-out",
    ];
    for tag in text.split('<').skip(1) {
        assert!(known.iter().any(|known| tag.starts_with(known)), "{tag}");
        assert_eq!(tag.matches('>').count(), 1, "{tag}");
    }
    assert!(!text.contains(|character: char| character.is_control() && character != '\n'));
}

/// The table of a Markdown report as others read it: no markup but ours, three cells in each row.
fn rows(text: &str) -> usize {
    let (mut cells, mut rows, mut code) = (0, 0, 0);
    let mut plain = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableRow) => (cells, rows) = (0, rows + 1),
            Event::Start(Tag::TableCell) => cells += 1,
            Event::End(TagEnd::TableRow) => assert_eq!(cells, 3),
            Event::Html(html) => assert_eq!(html.trim_end(), "<!-- attestry service_management -->"),
            Event::InlineHtml(html) => match &*html {
                "<code>" => code += 1,
                "</code>" => code -= 1,
                html => assert_eq!(html, "<br>"),
            },
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(dest_url.starts_with("https://git.example/o/r/blob/0123/service%20management/"), "{dest_url}");
            }
            Event::Start(Tag::Image { .. }) => panic!("an image"),
            Event::Text(words) => plain.push_str(&words),
            _ => plain.push('\n'),
        }
    }
    assert_eq!(code, 0);
    for mark in ["@everyone", "@all", "https://", "www.", "#12"] {
        assert!(!plain.contains(mark), "{mark} in {plain}");
    }
    rows
}

#[test]
fn markdown_shows_text_as_text() {
    let mut sms = hostile();
    sms.revision.commit = Some("0123".to_owned());
    let mut report = report(&sms);
    report.repository = Some("https://git.example/o/r".to_owned());
    let text = markdown::render(&report, markdown::SUMMARY_LIMIT);
    assert_eq!(rows(&text), report.shown().count());
    assert!(text.contains("**not evaluated:**"));
}

#[test]
fn markdown_is_cut_between_rows() {
    let mut sms = hostile();
    sms.revision.commit = Some("0123".to_owned());
    let mut report = report(&sms);
    report.repository = Some("https://git.example/o/r".to_owned());
    report.findings = report.findings.iter().cycle().take(20_000).cloned().collect();
    let all = report.shown().count();
    for limit in [markdown::SUMMARY_LIMIT, markdown::COMMENT_LIMIT] {
        let text = markdown::render(&report, limit);
        assert!(text.len() <= limit && text.len() > limit / 2, "{}", text.len());
        let rest = all - rows(&text);
        assert!(text.ends_with(&format!("\n{rest} findings more: not shown here, the report is cut at its limit.\n")));
    }
}

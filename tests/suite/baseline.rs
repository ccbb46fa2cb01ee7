//! The baseline of an adoption, as a user writes and reads it.

use crate::support::{Folder, Made, project};
use attestry::baseline::Baseline;
use serde_json::Value;
use std::{
    fs,
    process::{Command, Output},
};

const DAY: &str = "2026-06-30";

fn check(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    command.args(["check", "--as-of", DAY, "--format", "concise", "-C"]).arg(folder.path()).args(arguments);
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn policy(id: &str, owner: &str) -> Made {
    Made::Text(format!(
        "---\nid: {id}\ntitle: A policy\nkind: procedure\nstatus: approved\nversion: '1'\nowner: {owner}\n---\n\n[a](gone.md)\n"
    ))
}

fn adopted() -> Folder {
    let folder = Folder::new();
    folder.put("attestry.yaml", &Made::Text("format: 1\nbaseline: baseline.json\n".to_owned()));
    folder.put("people.yaml", &Made::Text("people:\n  - { id: ada, name: Ada }\n".to_owned()));
    folder.put("procedures/a.md", &policy("PRO-001", "nobody"));
    folder.put("procedures/b.md", &policy("PRO-002", "nobody"));
    folder
}

#[test]
fn what_was_there_is_counted_and_what_is_new_is_told() {
    let folder = adopted();
    assert_eq!(check(&folder, &[]).status.code(), Some(2), "the configured baseline is not there yet");
    let written = check(&folder, &["--write-baseline", "baseline.json"]);
    assert_eq!(written.status.code(), Some(0), "{}", out(&written));
    let text = fs::read_to_string(folder.path().join("baseline.json")).unwrap();
    let schema = fs::read_to_string(project("schema/baseline.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(schema.is_valid(&value), "{text}");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("rule")).collect();
    assert!(lines.is_sorted() && lines.len() == value["findings"].as_array().unwrap().len());
    assert!(!text.contains("refers to") && !text.contains("line"), "{text}");

    folder.put("procedures/c.md", &policy("PRO-003", "nobody"));
    let after = check(&folder, &[]);
    assert_eq!(after.status.code(), Some(1));
    let told = out(&after);
    assert!(told.contains("procedures/c.md") && !told.contains("procedures/a.md"), "{told}");
    assert!(told.contains("that are in `baseline.json` are not told\n"), "{told}");
}

#[test]
fn it_only_shrinks() {
    let folder = adopted();
    check(&folder, &["--write-baseline", "baseline.json"]);
    let count = || {
        let text = fs::read_to_string(folder.path().join("baseline.json")).unwrap();
        Baseline::read(&text).unwrap().len()
    };
    let first = count();
    folder.put("procedures/a.md", &policy("PRO-001", "ada"));
    folder.put("procedures/c.md", &policy("PRO-003", "nobody"));
    let told = out(&check(&folder, &[]));
    assert!(told.contains("mended: `--write-baseline baseline.json` shrinks it"), "{told}");
    let again = check(&folder, &["--write-baseline", "baseline.json"]);
    assert!(count() < first);
    assert!(out(&again).contains("procedures/c.md"), "what is new is still told");
    assert!(!out(&check(&folder, &["--rule", "broken-link"])).contains("mended"), "other rules did not run");
}

#[test]
fn what_is_no_baseline_stops_the_run() {
    let folder = adopted();
    for (text, says) in [
        ("{\"version\": 2, \"findings\": []}", "use a newer attestry"),
        ("{\"version\": 1}", "is not a baseline"),
        ("{\"findings\": []}", "it has no `version` 1"),
        ("[]", "it has no `version` 1"),
        ("{\"version\": 1, \"findings\": [{\"rule\": \"a\"}]}", "is not a baseline"),
        ("nothing", "is not JSON"),
    ] {
        folder.put("baseline.json", &Made::Text(text.to_owned()));
        for arguments in [&[][..], &["--baseline", "baseline.json"], &["--write-baseline", "baseline.json"]] {
            let output = check(&folder, arguments);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code() == Some(2) && error.contains(says), "{text}: {error}");
        }
        assert_eq!(fs::read_to_string(folder.path().join("baseline.json")).unwrap(), text);
    }
    let partial = check(&folder, &["--write-baseline", "other.json", "--rule", "broken-link"]);
    assert_eq!(partial.status.code(), Some(2), "a part of the rules would make a part of a baseline");
}

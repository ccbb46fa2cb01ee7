//! The sample: on its own day nothing is wrong with it, its history leads to exactly its files, and
//! whoever makes it gets the same bytes.

use attestry::{
    report::Report,
    sample::{self, BAD_BRANCH},
    sms::coverage::{Tally, assess},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn attestry(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attestry")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn demo(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    let output = attestry(&["demo", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{}{}", text(&output), String::from_utf8_lossy(&output.stderr));
    folder
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    text(&Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap())
}

#[test]
fn the_sample_has_no_findings_on_its_own_day_and_every_kind_in_it() {
    let sms = sample::sms();
    let report = Report::new(&sms, |_| true, |_| true);
    let found: Vec<String> =
        report.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(Tally::of(&assess(&sms)).missing, 0);
    let documents = sms.documents.iter().map(|document| document.kind.as_str());
    let there: BTreeSet<&str> =
        documents.chain(sms.populations.iter().map(|population| population.kind.as_str())).collect();
    let missing: Vec<&str> =
        sms.kinds.iter().map(|kind| kind.name.as_str()).filter(|kind| !there.contains(kind)).collect();
    assert!(missing.is_empty(), "the sample has no {missing:?}");
    assert!(sms.populations.iter().all(|population| population.rows.len() > 2_000));
}

#[test]
fn the_history_leads_to_the_sample_and_everybody_gets_the_same() {
    let (first, second) = (demo("demo-first"), demo("demo-somewhere-else"));
    let sms = first.join("sms");
    for (path, bytes) in sample::SAMPLE {
        assert!(fs::read(sms.join(path)).unwrap() == *bytes, "{path} differs from the sample");
    }
    assert_eq!(git(&sms, &["status", "--porcelain"]), "");
    let log = git(&sms, &["log", "--format=%an", "main"]);
    let commits = log.lines().count();
    assert!(commits > 500, "{commits} commits");
    assert!(log.lines().collect::<BTreeSet<_>>().len() >= 10);
    assert!(git(&sms, &["log", "--merges", "--format=%h", "main"]).lines().count() > 10);
    assert!(git(&sms, &["log", "-M", "--diff-filter=R", "--format=%h", "main"]).lines().count() >= 3);
    assert_eq!(
        git(&sms, &["rev-parse", "main", BAD_BRANCH]),
        git(&second.join("sms"), &["rev-parse", "main", BAD_BRANCH])
    );
    let bundle = |folder: &Path| fs::read(folder.join("evidence.zip")).unwrap();
    assert!(bundle(&first) == bundle(&second), "two bundles of the same evidence differ");
    assert!(attestry(&["verify", first.join("evidence.zip").to_str().unwrap()]).status.success());
    let sms = sms.to_str().unwrap();
    let bad = attestry(&["check", "-C", sms, "--as-of", "2026-06-30", "--rev", BAD_BRANCH, "--format", "concise"]);
    assert_eq!(bad.status.code(), Some(1));
    let mut rules = BTreeMap::new();
    for line in text(&bad).lines().filter_map(|line| line.split_once('[')) {
        *rules.entry(line.1.split(']').next().unwrap_or_default().to_owned()).or_insert(0) += 1;
    }
    for rule in ["owner-has-left", "broken-link", "invalid-value", "dangling-reference"] {
        assert!(rules.contains_key(rule), "{rule} is not found in {rules:?}");
    }
}

#[test]
fn it_stands_where_it_was_asked_for() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("demo-relative");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let here = Command::new(env!("CARGO_BIN_EXE_attestry")).arg("demo").current_dir(&folder).output().unwrap();
    assert!(here.status.success(), "{}", text(&here));
    let there = attestry(&["demo", "-C", folder.to_str().unwrap(), "other"]);
    assert!(there.status.success(), "{}", text(&there));
    for name in ["attestry-demo", "other"] {
        assert!(folder.join(name).join("site/index.html").is_file(), "{name} is not there");
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("demo-taken");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("sms")).unwrap();
    fs::write(folder.join("sms/mine.txt"), "mine").unwrap();
    let output = attestry(&["demo", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_dir(folder.join("sms")).unwrap().count(), 1);
}

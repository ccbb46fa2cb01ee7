//! What of a history cannot be seen is said: what is missing, broken or too large never looks like
//! what is in order.

use super::{
    Run, attestry, check_with, folder,
    git::{git, object, repository},
    write,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

const PEOPLE: &str = "people:\n  - {id: ada, name: Ada Exampleton, email: ada@brightwater.example}\n  - {id: bo, name: Bo Samplesen, email: bo@brightwater.example}\n";
const POLICY: &str = "---\nid: POL-001\nkind: change-policy\ntitle: Change policy\nversion: 1.0\nstatus: approved\nowner: ada\napproved_by: ada\napproved_on: 2026-01-02\nlast_reviewed: 2026-01-02\nreview_cycle: 12 months\n---\n# Change policy\n\nEvery change is assessed.\n";
const ALTERED: &str = "policies/change.md: changed-after-approval";

/// A repository whose policy Ada approved, and Bo changed afterwards.
fn altered(test: &str) -> PathBuf {
    let folder = repository(test, &[]);
    git(&folder, &["config", "uploadpack.allowFilter", "true"]);
    write(&folder, "people.yaml", PEOPLE);
    write(&folder, "policies/change.md", POLICY);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "approve", "--author", "Ada Exampleton <ada@brightwater.example>"]);
    write(&folder, "policies/change.md", format!("{POLICY}Or not.\n"));
    git(&folder, &["commit", "-qam", "change"]);
    folder
}

fn history(folder: &Path, options: &[&str]) -> Run {
    check_with(folder, &[&["--rule", "changed-after-approval", "--require-evaluated"], options].concat())
}

fn found(run: &Run) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("no report: {}", run.err));
    let one = |finding: &Value| format!("{}: {}", text(&finding["location"]["path"]), text(&finding["rule"]));
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn not_evaluated(run: &Run) -> String {
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("no report: {}", run.err));
    report["not_evaluated"].to_string()
}

#[test]
fn old_contents_that_are_not_there_are_told_and_remembered_by_no_cache() {
    let source = altered("unseen-source");
    // An earlier run of the tests left what it found of the same commits.
    write(&source, "now.txt", format!("{:?}", std::time::SystemTime::now()));
    git(&source, &["add", "-A"]);
    git(&source, &["commit", "-qm", "now"]);
    assert_eq!(found(&history(&source, &["--no-cache"])), [ALTERED]);
    let partial = folder("unseen-partial");
    let url = format!("file://{}", source.display());
    git(&partial, &["clone", "-q", "--filter=blob:none", &url, "."]);
    let run = history(&partial, &[]);
    assert_eq!((found(&run), run.code), (Vec::new(), 2), "{}", run.out);
    assert!(not_evaluated(&run).contains("`git fetch --refetch --no-filter`"), "{}", run.out);
    let log = attestry(&partial, &["log", "POL-001"]);
    assert!(log.refusal().contains("cannot be told"), "{}", log.err);
    git(&partial, &["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(found(&history(&partial, &[])), [ALTERED]);
}

#[test]
fn one_broken_content_silences_its_document_and_no_other() {
    let folder = altered("unseen-blob");
    write(&folder, "policies/other.md", POLICY.replace("POL-001", "POL-002"));
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "other", "--author", "Ada Exampleton <ada@brightwater.example>"]);
    write(&folder, "policies/other.md", format!("{}Or not.\n", POLICY.replace("POL-001", "POL-002")));
    git(&folder, &["commit", "-qam", "change the other"]);
    for content in [None, Some("rubbish")] {
        let path = object(&folder, "HEAD~3:policies/change.md");
        let _ = fs::remove_file(&path);
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let run = history(&folder, &["--no-cache"]);
        assert_eq!((found(&run), run.code), (vec!["policies/other.md: changed-after-approval".to_owned()], 2));
        assert!(not_evaluated(&run).contains("1 version of `policies/change.md` cannot be read"), "{}", run.out);
    }
}

#[test]
fn a_version_that_was_too_large_is_told() {
    let folder = altered("unseen-large");
    write(&folder, "policies/change.md", format!("{POLICY}{}", "Long. ".repeat(400_000)));
    git(&folder, &["commit", "-qam", "large"]);
    write(&folder, "policies/change.md", format!("{POLICY}Or not.\n"));
    git(&folder, &["commit", "-qam", "small"]);
    let run = history(&folder, &["--no-cache"]);
    assert_eq!((found(&run), run.code), (Vec::new(), 2), "{}", run.out);
    assert!(
        not_evaluated(&run).contains("1 version of `policies/change.md` has more than 2097152 bytes"),
        "{}",
        run.out
    );
}

/// Neither "nothing is committed yet", nor the history of another branch.
#[test]
fn a_tip_that_cannot_be_read_is_told() {
    let folder = altered("unseen-tip");
    git(&folder, &["branch", "master", "HEAD~1"]);
    git(&folder, &["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    for content in [None, Some("rubbish")] {
        let path = object(&folder, "HEAD");
        let _ = fs::remove_file(&path);
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let run = history(&folder, &["--no-cache"]);
        assert_eq!((found(&run), run.code), (Vec::new(), 2), "{}", run.out);
        assert!(not_evaluated(&run).contains("the branch `main` cannot be read"), "{}", run.out);
        assert!(
            check_with(&folder, &["--rev-at", "2026-01-02"]).refusal().contains("the branch `main` cannot be read")
        );
    }
}

/// The files of git may lie elsewhere.
#[test]
fn a_git_directory_that_lies_elsewhere() {
    let source = altered("unseen-elsewhere");
    let apart = folder("unseen-apart");
    let directory = folder("unseen-directory").join("git");
    git(&apart, &["clone", "-q", "--separate-git-dir", directory.to_str().unwrap(), source.to_str().unwrap(), "."]);
    let linked = folder("unseen-linked");
    git(&linked, &["clone", "-q", source.to_str().unwrap(), "."]);
    let moved = folder("unseen-moved").join("git");
    fs::rename(linked.join(".git"), &moved).unwrap();
    std::os::unix::fs::symlink(&moved, linked.join(".git")).unwrap();
    for folder in [&apart, &linked] {
        for options in [&["--no-cache"][..], &["--no-cache", "--staged"], &["--no-cache", "--rev", "HEAD"]] {
            assert_eq!(found(&history(folder, options)), [ALTERED], "{} {options:?}", folder.display());
        }
    }
}

/// An export that is a pointer is a population that nobody looked at.
#[test]
fn data_sets_in_git_lfs_are_told() {
    let folder = repository("unseen-lfs", &[]);
    let configuration = "format: 1\norganization: Example AS\nzone: UTC\ndata:\n  - {path: data/incidents.csv, kind: incident, columns: {id: Number, status: State}}\n";
    write(&folder, "attestry.yaml", configuration);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    write(&folder, "data/incidents.csv", pointer);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "pointer"]);
    let run = check_with(&folder, &["--no-cache", "--rule", "not-followed", "--require-evaluated"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(not_evaluated(&run).contains("the data set `data/incidents.csv`"), "{}", run.out);
    // Checked out, it is there; what it was before is not.
    write(&folder, "data/incidents.csv", "Number,State\nINC-001,closed\n");
    let run = check_with(&folder, &["--no-cache", "--rule", "altered-closed-record", "--require-evaluated"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(not_evaluated(&run).contains("kept by Git LFS"), "{}", run.out);
}

/// Whoever vouches for the history holds it against the ids.
#[test]
fn an_old_content_that_was_exchanged_is_told_where_anchors_are_brought() {
    let folder = altered("unseen-forged");
    let anchor = folder.with_file_name("unseen-forged-heads.txt");
    fs::write(&anchor, git(&folder, &["log", "-1", "--format=%cs %H"]) + "\n").unwrap();
    let other = folder.join(".git/forged.md");
    fs::write(&other, POLICY.replace("assessed", "approved")).unwrap();
    let forged = git(&folder, &["hash-object", "-w", other.to_str().unwrap()]);
    let (forged, place) = (object(&folder, &forged), object(&folder, "HEAD~1:policies/change.md"));
    fs::remove_file(&place).unwrap();
    fs::copy(forged, place).unwrap();
    let run = history(&folder, &["--anchor", anchor.to_str().unwrap()]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(not_evaluated(&run).contains("1 version of `policies/change.md` cannot be read"), "{}", run.out);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_read_from_the_index() {
    let folder = altered("unseen-sparse");
    write(&folder, "records/one.md", POLICY.replace("POL-001", "POL-002"));
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "record"]);
    let before = found(&check_with(&folder, &["--no-cache"]));
    git(&folder, &["sparse-checkout", "set", "records"]);
    assert!(!folder.join("policies").exists());
    assert_eq!(found(&check_with(&folder, &["--no-cache"])), before);
}

#[test]
fn a_submodule_that_was_not_fetched_is_told() {
    let other = repository("unseen-submodule-source", &[]);
    let outer = altered("unseen-submodule");
    git(&outer, &["submodule", "--quiet", "add", other.to_str().unwrap(), "other"]);
    git(&outer, &["commit", "-qm", "submodule"]);
    let clone = folder("unseen-submodule-clone");
    git(&clone, &["clone", "-q", outer.to_str().unwrap(), "."]);
    let run = check_with(&clone, &["--no-cache", "--rule", "not-followed"]);
    assert_eq!(found(&run), ["other: not-followed"]);
}

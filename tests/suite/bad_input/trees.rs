//! Trees beside the work tree: what is staged, and what the default branch was on a day.

use super::{
    Run, WITNESS, WITNESS_PATH, WITNESSED, check, check_with, folder,
    git::{git, object, repository, skipped, tried},
    isolate, sms, write,
};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

const STAGED: &[&str] = &["--staged"];

fn staged(folder: &Path) -> Run {
    check_with(folder, STAGED)
}

/// A document with a mistake.
fn bad(number: u32) -> String {
    WITNESS.replace("POL-900", &format!("POL-{number}"))
}

/// The same without one.
fn good(number: u32) -> String {
    bad(number).replace("witnes: x\n", "")
}

/// What a report says that was read.
fn revision(run: &Run) -> Value {
    serde_json::from_str::<Value>(&run.out).unwrap()["revision"].clone()
}

/// Runs git on a day; fails where git does.
fn git_on(folder: &Path, day: &str, arguments: &[&str]) {
    let mut command = Command::new("git");
    isolate(&mut command);
    let moment = if day.contains('T') { day.to_owned() } else { format!("{day}T12:00:00Z") };
    command.env("GIT_COMMITTER_DATE", &moment).env("GIT_MERGE_AUTOEDIT", "no");
    let output = command.arg("-C").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A hook that keeps what `check --staged` says, however git calls it.
fn hook(repository: &Path, hooks: &Path) -> PathBuf {
    let out = repository.with_extension("out");
    let _ = fs::remove_file(&out);
    let script = format!(
        "#!/bin/sh\necho \"$GIT_INDEX_FILE\" >'{out}.index'\n'{}' check --staged --format json --as-of 2026-01-31 >'{out}'; exit 0\n",
        env!("CARGO_BIN_EXE_attestry"),
        out = out.display()
    );
    write(hooks, "pre-commit", script);
    fs::set_permissions(hooks.join("pre-commit"), fs::Permissions::from_mode(0o755)).unwrap();
    out
}

/// What the hook found, and which index git had it read.
fn heard(out: &Path) -> (Vec<String>, String) {
    let run = Run { code: 1, out: fs::read_to_string(out).unwrap(), err: String::new() };
    fs::remove_file(out).unwrap();
    (run.found(), fs::read_to_string(format!("{}.index", out.display())).unwrap().trim().to_owned())
}

#[test]
fn exactly_the_staged_bytes_are_read() {
    let folder = repository("staged", &[]);
    write(&folder, "policies/unstaged.md", bad(901));
    assert_eq!(staged(&folder).found(), [WITNESSED], "what is not staged does not count");
    write(&folder, "policies/staged.md", bad(902));
    git(&folder, &["add", "policies/staged.md"]);
    // Mended on disk only, then gone from there.
    write(&folder, "policies/staged.md", good(902));
    assert_eq!(staged(&folder).found_beside_the_witness(), ["policies/staged.md:6:1 unknown-field"]);
    fs::remove_file(folder.join("policies/staged.md")).unwrap();
    let run = staged(&folder);
    assert_eq!(run.found_beside_the_witness(), ["policies/staged.md:6:1 unknown-field"]);
    assert_eq!(revision(&run)["named"], "staged");
    assert_eq!(revision(&run)["commit"], git(&folder, &["rev-parse", "HEAD"]).as_str());
    // Gone from the index, still on disk.
    git(&folder, &["rm", "-q", "--cached", "policies/staged.md", WITNESS_PATH]);
    assert!(folder.join(WITNESS_PATH).exists());
    assert_eq!(staged(&folder).found(), [""; 0]);
    assert!(check(&folder).found().contains(&WITNESSED.to_owned()));
}

#[test]
fn the_configuration_is_the_staged_one() {
    let folder = repository("staged-configuration", &[]);
    let configuration = fs::read_to_string(folder.join("attestry.yaml")).unwrap();
    write(&folder, "attestry.yaml", format!("{configuration}ignore: [policies/**]\n"));
    assert_eq!(staged(&folder).found(), [WITNESSED]);
    git(&folder, &["add", "attestry.yaml"]);
    write(&folder, "attestry.yaml", configuration);
    assert_eq!(staged(&folder).found(), [""; 0]);
}

#[test]
fn what_is_only_intended_to_be_added_is_not_there_yet() {
    let folder = repository("intended", &[]);
    write(&folder, "policies/intended.md", bad(901));
    git(&folder, &["add", "-N", "policies/intended.md"]);
    let run = staged(&folder);
    assert_eq!(run.found(), [WITNESSED]);
    assert!(!run.out.contains("intended.md"), "{}", run.out);
    git(&folder, &["add", "policies/intended.md"]);
    assert_eq!(staged(&folder).found_beside_the_witness(), ["policies/intended.md:6:1 unknown-field"]);
}

#[test]
fn an_unresolved_conflict_is_a_finding_and_the_rest_is_read() {
    let folder = repository("conflict", &[]);
    let commit = |path: &str, content: Option<String>, message: &str| {
        match content {
            Some(content) => write(&folder, path, content),
            None => fs::remove_file(folder.join(path)).unwrap(),
        }
        git(&folder, &["add", "-A"]);
        git(&folder, &["commit", "-qm", message]);
    };
    commit("policies/both.md", Some(good(901)), "both");
    commit("policies/removed.md", Some(good(902)), "removed");
    git(&folder, &["checkout", "-qb", "side"]);
    commit("policies/both.md", Some(good(901).replace("Witness", "Theirs")), "theirs");
    commit("policies/removed.md", Some(good(902).replace("Witness", "Theirs")), "theirs");
    git(&folder, &["checkout", "-q", "main"]);
    commit("policies/both.md", Some(good(901).replace("Witness", "Ours")), "ours");
    commit("policies/removed.md", None, "ours");
    tried(&folder, &["merge", "-q", "side"]).expect_err("the two sides do not fit");
    let run = staged(&folder);
    let expected = ["policies/both.md:1:1 unreadable-file", "policies/removed.md:1:1 unreadable-file"];
    assert_eq!(run.found_beside_the_witness(), expected);
    assert!(run.said("policies/both.md", "unreadable-file").contains("merge conflict"));
    write(&folder, "policies/both.md", good(901));
    git(&folder, &["add", "-A"]);
    assert_eq!(staged(&folder).found(), [WITNESSED]);
}

#[test]
fn staged_submodules_links_and_what_git_ignores() {
    let other = repository("staged-submodule-source", &[]);
    let repository = repository("staged-submodule", &[]);
    git(&repository, &["submodule", "--quiet", "add", other.to_str().unwrap(), "other"]);
    std::os::unix::fs::symlink("../../out.md", repository.join("policies/out.md")).unwrap();
    write(&repository, ".gitignore", "kept.md\n");
    write(&repository, "policies/kept.md", bad(901));
    git(&repository, &["add", "-A"]);
    git(&repository, &["add", "-f", "policies/kept.md"]);
    let expected = ["other:1:1 not-followed", "policies/kept.md:6:1 unknown-field", "policies/out.md:1:1 not-followed"];
    assert_eq!(staged(&repository).found_beside_the_witness(), expected);
    // A link of the index leads nowhere, whatever stands in its place on disk.
    fs::remove_file(repository.join("policies/out.md")).unwrap();
    write(&repository, "policies/out.md", bad(902));
    assert_eq!(staged(&repository).found_beside_the_witness(), expected);
}

#[test]
fn a_hook_reads_the_index_that_git_is_about_to_commit() {
    let folder = repository("hook", &[]);
    let out = hook(&folder, &folder.join(".git/hooks"));
    write(&folder, "policies/a.md", bad(901));
    git(&folder, &["add", "policies/a.md"]);
    write(&folder, "policies/a.md", good(901));
    git(&folder, &["commit", "-qm", "staged", "--allow-empty"]);
    let bad_one = "policies/a.md:6:1 unknown-field".to_owned();
    assert_eq!(heard(&out).0, [bad_one.clone(), WITNESSED.to_owned()]);
    // `commit -a` writes another index first.
    git(&folder, &["commit", "-qam", "all"]);
    let (found, index) = heard(&out);
    assert_eq!(found, [WITNESSED]);
    assert!(index.contains("lock"), "{index}");
    // And `commit PATH` a third one, which does not have what else is staged.
    write(&folder, "policies/a.md", bad(901));
    write(&folder, "policies/b.md", bad(902));
    git(&folder, &["add", "policies/b.md"]);
    git(&folder, &["commit", "-qm", "one", "policies/a.md"]);
    let (found, index) = heard(&out);
    assert_eq!(found, [bad_one, WITNESSED.to_owned()]);
    assert!(index.contains("next-index"), "{index}");
    // From a folder below, and with an absolute path, in a linked work tree.
    let linked = folder.with_file_name("hook-linked");
    let _ = fs::remove_dir_all(&linked);
    git(&folder, &["worktree", "prune"]);
    git(&folder, &["worktree", "add", "-q", "-b", "linked", linked.to_str().unwrap()]);
    write(&linked, "policies/a.md", good(901));
    git(&linked.join("policies"), &["commit", "-qam", "linked"]);
    let (found, index) = heard(&out);
    assert_eq!(found, [WITNESSED]);
    assert!(Path::new(&index).is_absolute(), "{index}");
}

#[test]
fn an_index_that_is_named_in_the_environment() {
    let folder = repository("named-index", &[]);
    let outer = folder.join("policies");
    git(&folder, &["rm", "-q", "--cached", WITNESS_PATH]);
    fs::copy(folder.join(".git/index"), folder.join(".git/other")).unwrap();
    git(&folder, &["reset", "-q"]);
    fs::write(folder.join(".git/rubbish"), "rubbish").unwrap();
    let run = |index: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
        isolate(&mut command);
        command.env("GIT_INDEX_FILE", index).env("GIT_DIR", ".git").current_dir(&outer);
        command.args(["check", "--format", "json", "--as-of", "2026-01-31", "--staged"]);
        Run::of(command.output().unwrap())
    };
    assert_eq!(run("").found(), [WITNESSED], "empty is not set");
    assert_eq!(run(".git/index").found(), [WITNESSED]);
    assert_eq!(run(".git/other").found(), [""; 0]);
    assert_eq!(run(folder.join(".git/other").to_str().unwrap()).found(), [""; 0]);
    assert_eq!(run(".git/none").found(), [""; 0], "as for git, an index that is not there is empty");
    assert!(run(".git/rubbish").refusal().contains("GIT_INDEX_FILE"));
    assert!(run(WITNESS_PATH).refusal().contains("GIT_INDEX_FILE"));
    assert!(run("policies").refusal().contains("GIT_INDEX_FILE"));
}

#[test]
fn every_form_of_the_index_is_read_or_refused_with_what_to_do() {
    let forms: &[(&str, &[&[&str]])] = &[
        ("version-4", &[&["update-index", "--index-version", "4"]]),
        ("unchecked", &[&["config", "index.skipHash", "true"], &["update-index", "--force-write-index"]]),
        ("untracked-cache", &[&["update-index", "--untracked-cache"]]),
        ("skip-worktree", &[&["update-index", "--skip-worktree", WITNESS_PATH]]),
        ("assumed", &[&["update-index", "--assume-unchanged", WITNESS_PATH]]),
        ("split", &[&["update-index", "--split-index"]]),
        ("sparse", &[&["sparse-checkout", "set", "--cone", "--sparse-index", "none"]]),
    ];
    for (name, commands) in forms {
        let folder = repository(&format!("index-{name}"), &[]);
        if let Some(error) = commands.iter().find_map(|command| tried(&folder, command).err()) {
            skipped(&format!("this git makes no index {name}: {error}"));
            continue;
        }
        let run = staged(&folder);
        match *name {
            "split" => assert!(run.refusal().contains("--no-split-index"), "{}", run.err),
            "sparse" => assert!(run.refusal().contains("--no-sparse-index"), "{}", run.err),
            _ => assert_eq!(run.found(), [WITNESSED], "{name}"),
        }
    }
    let folder = repository("index-none", &[]);
    fs::remove_file(folder.join(".git/index")).unwrap();
    assert_eq!(staged(&folder).found(), [""; 0], "nothing is staged");
    fs::write(folder.join(".git/index"), "rubbish").unwrap();
    assert!(staged(&folder).refusal().contains("git reset"));
}

#[test]
fn staged_without_git_in_a_bare_repository_and_before_the_first_commit() {
    let folder = sms("staged-no-git", &[]);
    assert!(staged(&folder).refusal().contains("there is no git repository"));
    git(&folder, &["init", "-q"]);
    assert_eq!(staged(&folder).found(), [""; 0]);
    git(&folder, &["add", "-A"]);
    let run = staged(&folder);
    assert_eq!(run.found(), [WITNESSED]);
    assert_eq!(revision(&run)["commit"], Value::Null);
    let source = repository("staged-bare-source", &[]);
    let bare = super::folder("staged-bare");
    git(&source, &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    assert!(staged(&bare).refusal().contains("--rev"));
}

#[test]
fn staged_in_a_folder_of_the_repository_and_with_a_detached_head() {
    let outer = folder("staged-inside");
    git(&outer, &["init", "-q"]);
    let inner = sms("staged-inside/docs/sms", &[]);
    write(&outer, "docs/sms-other/policies/a.md", bad(901));
    git(&outer, &["add", "-A"]);
    git(&outer, &["commit", "-qm", "start"]);
    git(&outer, &["checkout", "-q", "--detach"]);
    write(&inner, WITNESS_PATH, "");
    assert_eq!(staged(&inner).found(), [WITNESSED]);
    assert_eq!(staged(&inner.join("policies")).found(), [WITNESSED]);
    assert_eq!(check_with(&inner, &["--rev-at", "2026-01-02"]).found(), [WITNESSED]);
    git(&outer, &["rm", "-rqf", "--cached", "docs"]);
    assert_eq!(staged(&inner).found(), [""; 0]);
}

#[test]
fn staged_where_objects_are_missing() {
    let folder = repository("staged-broken", &[]);
    write(&folder, "policies/other.md", bad(901));
    git(&folder, &["add", "-A"]);
    fs::remove_file(object(&folder, ":policies/other.md")).unwrap();
    let run = staged(&folder);
    assert_eq!(run.found_beside_the_witness(), ["policies/other.md:1:1 unreadable-file"]);
    assert!(run.said("policies/other.md", "unreadable-file").contains("broken clone"));
    // The index is all that is read: no tree and no commit is needed.
    fs::remove_file(object(&folder, "HEAD^{tree}")).unwrap();
    fs::remove_file(object(&folder, "HEAD")).unwrap();
    assert_eq!(staged(&folder).found_beside_the_witness(), ["policies/other.md:1:1 unreadable-file"]);
    // Objects that another repository keeps are found.
    let source = repository("staged-shared-source", &[]);
    let shared = super::folder("staged-shared");
    git(&source, &["clone", "-q", "--shared", ".", shared.to_str().unwrap()]);
    assert_eq!(staged(&shared).found(), [WITNESSED]);
}

#[test]
fn the_default_branch_on_a_day() {
    let folder = sms("days", &[]);
    git(&folder, &["init", "-q"]);
    let put = |number: u32, day: &str, also: &[&str]| {
        write(&folder, &format!("policies/p{number}.md"), bad(number));
        git(&folder, &["add", "-A"]);
        git_on(&folder, day, &[&["commit", "-qm", day], also].concat());
    };
    put(901, "2026-01-01", &[]);
    put(902, "2026-01-03", &[]);
    // On another branch earlier than it came to this one.
    git(&folder, &["checkout", "-qb", "side"]);
    put(903, "2026-01-04", &[]);
    git(&folder, &["checkout", "-q", "main"]);
    put(904, "2026-01-06", &[]);
    git_on(&folder, "2026-01-08", &["merge", "-q", "--no-ff", "side"]);
    // A clock that went wrong: later in the line, earlier by its date.
    put(905, "2026-01-05", &[]);
    git(&folder, &["checkout", "-qb", "feature"]);
    put(906, "2026-01-09", &[]);
    for day in 1..=10 {
        let day = format!("2026-01-{day:02}");
        let run = check_with(&folder, &["--rev-at", &day]);
        let before = format!("--before={day}T23:59:59Z");
        let commit = git(&folder, &["rev-list", "-1", "--first-parent", &before, "main"]);
        assert_eq!(revision(&run)["named"], format!("by {day}"));
        assert_eq!(revision(&run)["commit"], commit.as_str(), "{day}");
    }
    let count = |day: &str| check_with(&folder, &["--rev-at", day]).found_beside_the_witness().len();
    assert_eq!(["2026-01-01", "2026-01-02", "2026-01-04"].map(count), [1, 1, 2]);
    assert_eq!(count("9999-12-31"), 5, "what is not on the default branch does not count");
    let early = check_with(&folder, &["--rev-at", "2025-12-31"]);
    assert!(early.refusal().contains("its first commit is of 2026-01-01"), "{}", early.err);
    for day in ["", "2026-13-01", "yesterday", "2026-01-01T00:00:00Z"] {
        assert!(check_with(&folder, &[&format!("--rev-at={day}")]).refusal().contains("YYYY-MM-DD"), "{day}");
    }
    let both = check_with(&folder, &["--rev-at", "2026-01-01", "--staged"]);
    assert!(both.code == 2 && both.err.contains("cannot be used with"), "{}", both.err);
    // The branch that the remote names counts, wherever this clone stands.
    let clone = super::folder("days-clone");
    git(&folder, &["checkout", "-q", "main"]);
    git(&folder, &["branch", "-qm", "main", "trunk"]);
    git(&clone, &["clone", "-q", folder.to_str().unwrap(), "."]);
    git(&clone, &["checkout", "-q", "--detach", "HEAD~1"]);
    let run = check_with(&clone, &["--rev-at", "2026-01-31"]);
    assert_eq!(revision(&run)["commit"], git(&clone, &["rev-parse", "origin/trunk"]).as_str());
}

#[test]
fn a_day_ends_in_the_zone_of_the_organization() {
    let folder = sms("zones", &[]);
    git(&folder, &["init", "-q"]);
    let zone = |zone: &str| write(&folder, "attestry.yaml", format!("format: 1\norganization: X\nzone: {zone}\n"));
    let commit = |moment: &str| {
        git(&folder, &["add", "-A"]);
        git_on(&folder, moment, &["commit", "-q", "--allow-empty", "-m", moment]);
        git(&folder, &["rev-parse", "HEAD"])
    };
    let first = commit("2026-06-01T12:00:00Z");
    // 23:59:59 and 00:00:00 in Oslo, where summer is two hours ahead.
    zone("Europe/Oslo");
    let last = commit("2026-06-02T21:59:59Z");
    let next = commit("2026-06-02T22:00:00Z");
    let at = |day: &str| revision(&check_with(&folder, &["--rev-at", day]))["commit"].clone();
    assert_eq!(at("2026-06-01"), first.as_str());
    assert_eq!(at("2026-06-02"), last.as_str());
    assert_eq!(at("2026-06-03"), next.as_str());
    // The zone is that of the default branch, not of the work tree.
    zone("Pacific/Kiritimati");
    assert_eq!(at("2026-06-02"), last.as_str());
    let moved = commit("2026-06-10T00:00:00Z");
    assert_eq!(at("2026-06-02"), first.as_str());
    assert_eq!(at("2026-06-10"), moved.as_str());
}

#[test]
fn days_without_git_before_the_first_commit_and_in_clones_that_are_cut_off() {
    let at = |folder: &Path, day: &str| check_with(folder, &["--rev-at", day]);
    let empty = sms("days-no-git", &[]);
    assert!(at(&empty, "2026-01-02").refusal().contains("there is no git repository"));
    git(&empty, &["init", "-q"]);
    assert!(at(&empty, "2026-01-02").refusal().contains("nothing is committed yet"));
    let source = repository("days-source", &[]);
    git(&source, &["config", "uploadpack.allowFilter", "true"]);
    git_on(&source, "2026-01-05", &["commit", "-qm", "more", "--allow-empty"]);
    let url = format!("file://{}", source.display());
    let shallow = folder("days-shallow");
    git(&shallow, &["clone", "-q", "--depth=1", &url, "."]);
    assert_eq!(at(&shallow, "2026-01-05").found(), [WITNESSED]);
    let refused = at(&shallow, "2026-01-04");
    assert!(refused.refusal().contains("fetch-depth: 0"), "{}", refused.err);
    let partial = folder("days-partial");
    git(&partial, &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "."]);
    let run = at(&partial, "2026-01-05");
    if run.code == 2 {
        assert!(run.refusal().contains("partial"), "{}", run.err);
    } else {
        assert!(run.said(WITNESS_PATH, "unreadable-file").contains("partial"), "{}", run.out);
    }
    let bare = folder("days-bare");
    git(&source, &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    assert_eq!(at(&bare, "2026-01-02").found(), [WITNESSED]);
    fs::remove_file(object(&source, "HEAD~1")).unwrap();
    assert_eq!(at(&source, "2026-01-05").found(), [WITNESSED], "only what is needed is read");
    assert!(at(&source, "2026-01-04").refusal().contains("git fsck"));
}

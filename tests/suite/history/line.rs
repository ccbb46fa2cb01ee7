//! What the first-parent line had of a file is told, also where a merge took it from a branch; and
//! renames of prose are found as `git` finds them.

use super::{Git, TEXT, lives};
use crate::support::sms_with_history;
use attestry::{
    history::{History, ObjectId, Version},
    repository::{At, Repository},
};
use std::{collections::BTreeMap, fs, io::Write, process::Stdio};

/// Asserts that the newest version is what is there, and that everything is a version that the
/// first-parent line had of the file. Gives the first parents of those merges that took the file
/// from a branch while they had it too.
pub(super) fn assert_told(history: &History, path: &str, versions: &[Version], git: &mut Git) -> Vec<String> {
    let mut dropped = Vec::new();
    let asked: Vec<String> = history.commits.iter().map(|commit| format!("{}:{path}", commit.id)).collect();
    let mut command = git.command(&["cat-file", "--batch-check=%(objectname)"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all((asked.join("\n") + "\n").as_bytes()).unwrap();
    let told = child.wait_with_output().unwrap().stdout;
    // Where there is none it says so, which is no id.
    let ids = String::from_utf8_lossy(&told).lines().map(ObjectId::parse).collect::<Vec<_>>();
    let contents: BTreeMap<ObjectId, Option<ObjectId>> =
        history.commits.iter().map(|commit| commit.id).zip(ids).collect();
    let newest = versions.first().and_then(|version| version.blob);
    assert_eq!(newest, history.tip.and_then(|tip| contents[&tip]), "{path}");
    // Where a branch deleted it, or has it again, only the branch is followed.
    let mut is_followed = true;
    for &id in &history.first_parents {
        let there = contents[&id];
        if is_followed {
            let told = there.is_none() || versions.iter().any(|version| version.blob == there);
            assert!(told, "{path} at {id}");
        }
        let parents = &history.commit(id).unwrap().parents;
        let Some(before) = parents.first().map(|first| contents[first]) else { continue };
        if before == there || !parents.iter().any(|parent| contents[parent] == there) {
            continue;
        }
        if before.is_some() && there.is_some() {
            dropped.push(format!("{id}^1"));
        } else {
            is_followed = false;
        }
    }
    dropped
}

/// A merge that takes a page from a branch, although the default branch had changed it since.
#[test]
fn what_a_merge_drops_of_the_default_branch_was_there() {
    let mut git = Git::new();
    for path in ["taken.md", "back.md", "only.md"] {
        git.put(path, TEXT);
    }
    git.commit("base");
    git.run(&["switch", "-q", "-c", "side"]);
    git.put("taken.md", &format!("side\n{TEXT}"));
    git.put("only.md", &format!("side\n{TEXT}"));
    git.commit("side");
    git.run(&["switch", "-q", "main"]);
    git.put("taken.md", &format!("{TEXT}main\n"));
    git.put("back.md", &format!("{TEXT}main\n"));
    git.commit("main");
    git.run(&["merge", "-q", "--no-commit", "-s", "ours", "side"]);
    git.run(&["checkout", "side", "--", "."]);
    git.commit("merge");
    // Newest is what the branch brought, although it is older by date.
    assert_eq!(git.life("taken.md"), ["side: modified", "main: modified", "base: added"]);
    // Nothing of the branch touched it: the merge itself took it back.
    assert_eq!(git.life("back.md"), ["merge: modified", "main: modified", "base: added"]);
    // The ordinary case: the merge is no version.
    assert_eq!(git.life("only.md"), ["side: modified", "base: added"]);
    let history = git.history();
    for path in ["taken.md", "back.md", "only.md"] {
        assert_told(&history, path, history.versions(path), &mut git);
    }
}

/// The life of a document is told in the order in which the default branch got its states.
#[test]
fn a_life_has_the_order_of_the_default_branch() {
    let mut git = Git::new();
    let policy = |text: &str| format!("---\nid: POL-001\nkind: change-policy\nstatus: draft\n---\n{TEXT}{text}\n");
    git.put("attestry.yaml", "format: 1\n");
    git.put("policies/a.md", &policy("base"));
    git.commit("base");
    git.run(&["switch", "-q", "-c", "side"]);
    git.put("policies/a.md", &policy("side"));
    git.commit("side");
    git.run(&["switch", "-q", "main"]);
    git.put("policies/a.md", &policy("main"));
    git.commit("main");
    git.run(&["merge", "-q", "--no-commit", "-s", "ours", "side"]);
    git.run(&["checkout", "side", "--", "."]);
    git.commit("merge");
    let sms = sms_with_history(git.folder.path(), "2026-05-01");
    let summary = |id: ObjectId| sms.evidence.history.commit(id).unwrap().summary.as_str();
    let told: Vec<&str> =
        sms.evidence.lives.get("pol-001").unwrap().editions().map(|edition| summary(edition.commit)).collect();
    assert_eq!(told, ["side", "main", "base"]);
}

/// A file that is moved out of the folder of the SMS is gone there.
#[test]
fn a_file_that_leaves_the_folder_of_the_sms_is_gone() {
    let mut git = Git::new();
    git.put("sms/attestry.yaml", "format: 1\n");
    git.put("sms/a.md", TEXT);
    git.commit("base");
    fs::create_dir(git.folder.path().join("old")).unwrap();
    git.run(&["mv", "sms/a.md", "old/a.md"]);
    git.commit("away");
    git.run(&["mv", "old/a.md", "old/b.md"]);
    git.commit("further");
    let repository = Repository::open(&git.folder.path().join("sms"), At::WorkTree).unwrap();
    let history = repository.history().unwrap();
    assert_eq!(lives(&history, &history.gone["a.md"]), ["away: deleted", "base: added"]);
    assert_eq!(history.versions.keys().collect::<Vec<_>>(), ["attestry.yaml"]);
}

/// The work tree's branch took the file from the default branch: what it dropped was a draft.
#[test]
fn what_a_branch_drops_of_its_own_is_no_version() {
    let mut git = Git::new();
    git.put("a.md", TEXT);
    git.commit("base");
    git.run(&["switch", "-q", "-c", "side"]);
    git.put("a.md", &format!("draft\n{TEXT}"));
    git.commit("draft");
    git.run(&["switch", "-q", "main"]);
    git.put("a.md", &format!("{TEXT}main\n"));
    git.commit("main");
    git.run(&["switch", "-q", "side"]);
    git.run(&["merge", "-q", "--no-commit", "-s", "ours", "main"]);
    git.run(&["checkout", "main", "--", "."]);
    git.commit("take main");
    git.put("b.md", "b\n");
    git.commit("b");
    git.run(&["switch", "-q", "main"]);
    git.run(&["merge", "-q", "--no-ff", "side"]);
    assert_eq!(git.life("a.md"), ["main: modified", "base: added"]);
    assert_eq!(git.run(&["log", "--format=%s", "--", "a.md"]), "main\nbase");
}

/// A paragraph is often one line: where a word of each changes, whole lines have little in common.
#[test]
fn a_page_of_long_lines_is_followed_where_git_follows_it() {
    let mut git = Git::new();
    let paragraph = |number: u32, last: &str| {
        let word = |at: u32| format!("word{} ", number * 1000 + at * 7);
        (0..40).map(word).collect::<Vec<_>>().concat() + last + "\n\n"
    };
    let page =
        |last: &str, end: &str| (0..6).map(|number| paragraph(number, last)).collect::<String>().replace('\n', end);
    git.put("old/page.md", &page("before", "\n"));
    git.put("old/dos.md", &page("dos before", "\r\n"));
    git.commit("add");
    git.run(&["mv", "old", "new"]);
    git.put("new/page.md", &page("after", "\n"));
    git.put("new/dos.md", &page("dos before", "\n"));
    git.commit("move");
    let history = git.history();
    let shown = git.run(&["show", "-M", "--format=", "--name-status"]);
    assert_eq!(shown.lines().filter(|line| line.starts_with('R')).count(), 2, "{shown}");
    for name in ["page", "dos"] {
        let life = lives(&history, history.versions(&format!("new/{name}.md")));
        assert_eq!(life, [format!("move: from old/{name}.md"), "add: added".to_owned()]);
    }
    assert!(history.gone.is_empty(), "{:?}", history.gone);
}

//! Repositories made with the real git, in every state in which people and machines leave them.

use super::{WITNESS_PATH, WITNESSED, check, check_at, check_with, folder, isolate, sms};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Runs git; its output without the last line break.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    tried(folder, arguments).unwrap_or_else(|error| panic!("git {arguments:?}: {error}"))
}

pub(super) fn tried(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    isolate(&mut command);
    command.arg("-C").arg(folder).args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"]);
    let output = command.args(arguments).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// An SMS with the witness, committed.
pub(super) fn repository(test: &str, init: &[&str]) -> PathBuf {
    let folder = sms(test, &[]);
    git(&folder, &[&["init", "-q"], init].concat());
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "start"]);
    folder
}

/// Says that a test could not look at something here, and why.
#[expect(clippy::print_stderr, reason = "it is for whoever runs the tests")]
pub(super) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The file of a loose object.
pub(super) fn object(folder: &Path, name: &str) -> PathBuf {
    let id = git(folder, &["rev-parse", name]);
    folder.join(".git/objects").join(&id[..2]).join(&id[2..])
}

fn only_the_witness(folder: &Path) {
    assert_eq!(check(folder).found(), [WITNESSED]);
}

#[test]
fn no_git_and_an_unborn_branch() {
    let folder = sms("no-git", &[]);
    only_the_witness(&folder);
    assert!(check_at(&folder, "HEAD").refusal().contains("there is no git repository"));
    let folder = sms("unborn", &[]);
    git(&folder, &["init", "-q"]);
    only_the_witness(&folder);
    assert!(check_at(&folder, "HEAD").refusal().contains("no commit yet"));
}

#[test]
fn every_name_of_a_commit_works_and_others_are_refused() {
    let folder = repository("revisions", &[]);
    git(&folder, &["tag", "-a", "v1", "-m", "one"]);
    git(&folder, &["tag", "light"]);
    fs::write(folder.join(WITNESS_PATH), "").unwrap();
    let id = git(&folder, &["rev-parse", "HEAD"]);
    for name in ["HEAD", "main", "v1", "light", "refs/heads/main", &id, &id[..8], "HEAD^{commit}"] {
        assert_eq!(check_at(&folder, name).found(), [WITNESSED], "{name}");
    }
    assert_eq!(check(&folder).found(), [""; 0], "the work tree has no witness any more");
    for name in ["nothing", "", "-x", "HEAD:policies", "HEAD^{tree}", "..", "HEAD~5", "\u{0301}", "@{-1}", ":/zzz"] {
        check_at(&folder, name).refusal();
    }
}

#[test]
fn a_folder_in_a_repository() {
    let outer = folder("inside");
    git(&outer, &["init", "-q"]);
    let inner = sms("inside/docs/sms", &[]);
    git(&outer, &["add", "-A"]);
    git(&outer, &["commit", "-qm", "start"]);
    only_the_witness(&inner);
    only_the_witness(&inner.join("policies"));
    assert_eq!(check_at(&inner, "HEAD").found(), [WITNESSED]);
    git(&outer, &["rm", "-rq", "--cached", "docs"]);
    git(&outer, &["commit", "-qm", "gone", "--allow-empty"]);
    assert!(check_at(&inner, "HEAD").refusal().contains("is not in `HEAD`"));
}

#[test]
fn detached_head_linked_work_tree_and_packed_everything() {
    let folder = repository("detached", &[]);
    git(&folder, &["checkout", "-q", "--detach"]);
    only_the_witness(&folder);
    let linked = folder.with_file_name("linked");
    let _ = fs::remove_dir_all(&linked);
    git(&folder, &["worktree", "prune"]);
    git(&folder, &["worktree", "add", "-q", linked.to_str().unwrap()]);
    only_the_witness(&linked);
    assert_eq!(check_at(&linked, "HEAD").found(), [WITNESSED]);
    git(&folder, &["gc", "-q"]);
    git(&folder, &["pack-refs", "--all"]);
    assert_eq!(check_at(&folder, "main").found(), [WITNESSED]);
}

#[test]
fn a_bare_repository_has_revisions_and_no_files() {
    let folder = repository("bare-source", &[]);
    let bare = folder.with_file_name("bare");
    let _ = fs::remove_dir_all(&bare);
    git(&folder, &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    assert!(check(&bare).refusal().contains("--rev"));
    assert_eq!(check_at(&bare, "HEAD").found(), [WITNESSED]);
}

#[test]
fn a_shallow_and_a_partial_clone() {
    let source = repository("clone-source", &[]);
    git(&source, &["config", "uploadpack.allowFilter", "true"]);
    git(&source, &["commit", "-qm", "more", "--allow-empty"]);
    let url = format!("file://{}", source.display());
    let shallow = folder("shallow");
    git(&shallow, &["clone", "-q", "--depth=1", &url, "."]);
    only_the_witness(&shallow);
    assert_eq!(check_at(&shallow, "HEAD").found(), [WITNESSED]);
    assert!(check_at(&shallow, "HEAD~1").refusal().contains("fetch-depth: 0"));
    let partial = folder("partial");
    git(&partial, &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "."]);
    let run = check_at(&partial, "HEAD");
    if run.code == 2 {
        assert!(run.refusal().contains("partial"), "{}", run.err);
    } else {
        assert!(run.said(WITNESS_PATH, "unreadable-file").contains("partial"), "{}", run.out);
    }
}

#[test]
fn a_broken_object_database() {
    for (name, content) in [("empty", Some("")), ("rubbish", Some("rubbish")), ("missing", None)] {
        let damage = |folder: &Path, object_name: &str| {
            let path = object(folder, object_name);
            fs::remove_file(&path).unwrap();
            if let Some(content) = content {
                fs::write(&path, content).unwrap();
            }
        };
        let repository = repository(&format!("broken-{name}"), &[]);
        super::write(&repository, "policies/other.md", super::WITNESS.replace("POL-900", "POL-901"));
        git(&repository, &["add", "-A"]);
        git(&repository, &["commit", "-qm", "other"]);
        damage(&repository, "HEAD:policies/other.md");
        let run = check_at(&repository, "HEAD");
        assert_eq!(run.found_beside_the_witness(), ["policies/other.md:1:1 unreadable-file"], "blob {name}");
        let run = check(&repository);
        assert!(run.found().contains(&WITNESSED.to_owned()), "the work tree needs no objects");
        damage(&repository, "HEAD:policies");
        check_at(&repository, "HEAD").refusal();
        damage(&repository, "HEAD^{tree}");
        check_at(&repository, "HEAD").refusal();
        damage(&repository, "HEAD");
        assert!(check_at(&repository, "HEAD").refusal().contains("broken clone"), "commit {name}");
        check(&repository);
    }
}

#[test]
fn broken_files_of_git_are_one_message() {
    for (name, path, content) in [
        ("index", ".git/index", "rubbish"),
        ("config", ".git/config", "[core\n"),
        ("version", ".git/config", "[core]\nrepositoryformatversion = 99\n"),
        ("link", ".git", "gitdir: /nowhere\n"),
    ] {
        let folder = repository(&format!("git-{name}"), &[]);
        if path == ".git" {
            fs::remove_dir_all(folder.join(path)).unwrap();
        }
        fs::write(folder.join(path), content).unwrap();
        assert!(check(&folder).refusal().contains("git"), "{name}");
    }
    // The files of the work tree need no commit.
    let folder = repository("git-head", &[]);
    fs::write(folder.join(".git/HEAD"), "rubbish").unwrap();
    only_the_witness(&folder);
    check_at(&folder, "HEAD").refusal();
}

#[test]
fn formats_that_libgit2_does_not_read_are_refused_with_what_to_do() {
    for (name, option, word) in
        [("sha256", "--object-format=sha256", "SHA-256"), ("reftable", "--ref-format=reftable", "reftable")]
    {
        let folder = sms(name, &[]);
        if let Err(error) = tried(&folder, &["init", "-q", option]) {
            skipped(&format!("this git makes no {name} repositories: {error}"));
            continue;
        }
        git(&folder, &["add", "-A"]);
        git(&folder, &["commit", "-qm", "start"]);
        let run = check(&folder);
        if run.code == 2 {
            assert!(run.refusal().contains(word), "{}", run.err);
        } else {
            assert_eq!(run.found(), [WITNESSED]);
        }
    }
    let folder = repository("split-index", &[]);
    git(&folder, &["update-index", "--split-index"]);
    super::write(&folder, "policies/new.md", "# New\n");
    git(&folder, &["add", "-A"]);
    let run = check(&folder);
    if run.code == 2 {
        assert!(run.refusal().contains("split index"), "{}", run.err);
    } else {
        assert_eq!(run.found(), [WITNESSED]);
    }
}

#[test]
fn a_repository_of_somebody_else() {
    let folder = repository("owner", &[]);
    let chown = |path: &Path| std::os::unix::fs::chown(path, Some(12_345), Some(12_345));
    if chown(&folder).and_then(|()| chown(&folder.join(".git"))).is_err() {
        skipped("only root may give files away");
        return;
    }
    for options in [&[][..], &["--staged"], &["--rev-at", "2026-01-31"]] {
        let run = check_with(&folder, options);
        if run.code == 2 {
            assert!(run.refusal().contains(&format!("safe.directory {}", folder.display())), "{}", run.err);
        } else {
            assert_eq!(run.found(), [WITNESSED]);
        }
    }
}

#[test]
fn submodules_links_and_nested_repositories() {
    let other = repository("submodule-source", &[]);
    let repository = repository("submodule", &[]);
    git(&repository, &["submodule", "--quiet", "add", other.to_str().unwrap(), "other"]);
    std::os::unix::fs::symlink("../../out.md", repository.join("policies/out.md")).unwrap();
    git(&repository, &["add", "-A"]);
    git(&repository, &["commit", "-qm", "submodule"]);
    let nested = sms("submodule/nested", &[]);
    git(&nested, &["init", "-q"]);
    let expected = ["other:1:1 not-followed", "policies/out.md:1:1 not-followed"];
    let found = check_at(&repository, "HEAD").found_beside_the_witness();
    assert_eq!(found, expected);
    let found = check(&repository).found_beside_the_witness();
    assert_eq!(found, [&["nested:1:1 not-followed"], &expected[..]].concat());
}

#[test]
fn ignored_files_do_not_count_and_tracked_ones_do() {
    let repository = repository("ignored", &[]);
    let bad = super::WITNESS.replace("POL-900", "POL-901");
    super::write(&repository, ".gitignore", "build/\ntracked.md\n");
    super::write(&repository, "build/policy.md", &bad);
    super::write(&repository, "policies/tracked.md", &bad);
    git(&repository, &["add", "-f", "policies/tracked.md", ".gitignore"]);
    assert_eq!(check(&repository).found_beside_the_witness(), ["policies/tracked.md:6:1 unknown-field"]);
}

#[test]
fn nothing_of_the_configuration_of_git_runs() {
    let repository = repository("hooks", &[]);
    let trap = repository.join("trap");
    let command = format!("touch {}", trap.display());
    for key in
        ["core.fsmonitor", "core.sshCommand", "diff.external", "filter.x.smudge", "filter.x.clean", "alias.status"]
    {
        git(&repository, &["config", key, &command]);
    }
    super::write(&repository, ".gitattributes", "*.md filter=x diff=x\n");
    assert!(check(&repository).found().contains(&WITNESSED.to_owned()));
    assert!(check_at(&repository, "HEAD").found().contains(&WITNESSED.to_owned()));
    assert!(!trap.exists());
}

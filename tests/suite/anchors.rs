//! Anchors on repositories made by git: a history that is unchanged, one that was rewritten after
//! a bundle was made or a head was noted, and what is no anchor.

use crate::{
    bundle::{attestry, git as run_git, seal, stderr, stdout, unzip},
    support::{Folder, Made, project},
};
use serde_json::Value;
use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
    process::Output,
};

const POLICY: &str = "---\nid: POL-001\ntitle: Policy\nkind: change-policy\nstatus: approved\nversion: '1'\nowner: ada\napproved_by: ada\napproved_on: 2026-01-10\n---\n\nWe manage services.\n";

/// A repository in `sms`, and beside it what a verifier keeps.
struct Kept(Folder);

impl Kept {
    fn new() -> Self {
        let kept = Self(Folder::new());
        fs::create_dir(kept.sms()).unwrap();
        kept.git(&["init", "-q", "-b", "main"]);
        kept.put("attestry.yaml", "format: 1\norganization: Example\n");
        kept.put("people.yaml", "people:\n  - { id: ada, name: Ada, email: ada@example.invalid }\n");
        kept.commit("start");
        kept.put("policies/a.md", POLICY);
        kept.commit("policies: approve POL-001");
        kept
    }

    fn sms(&self) -> PathBuf {
        self.0.path().join("sms")
    }

    fn git(&self, arguments: &[&str]) {
        run_git(&self.sms(), arguments);
    }

    fn put(&self, path: &str, text: &str) {
        self.0.put(&format!("sms/{path}"), &Made::Text(text.to_owned()));
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", message]);
    }

    /// The commit of a name.
    fn id(&self, name: &str) -> String {
        let git = git2::Repository::open(self.sms()).unwrap();
        git.revparse_single(name).unwrap().id().to_string()
    }

    /// A bundle of now.
    fn bundle(&self, name: &str, more: &[&str]) -> String {
        let out = self.keep(name);
        let sms = self.sms();
        let output =
            attestry(&[&["bundle", &out, "-C", sms.to_str().unwrap(), "--as-of", "2026-03-31"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        out
    }

    /// A list of heads outside of the repository.
    fn list(&self, text: &str) -> String {
        fs::write(self.0.path().join("heads.txt"), text).unwrap();
        self.keep("heads.txt")
    }

    fn keep(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn check(&self, arguments: &[&str]) -> Output {
        check(&self.sms(), arguments)
    }

    /// The report with these anchors, held against its schema.
    fn report(&self, arguments: &[&str]) -> Value {
        let output = self.check(&[&["--format", "json"], arguments].concat());
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
        let schema = fs::read_to_string(project("schema/report.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        assert!(schema.is_valid(&value), "{:?}", schema.iter_errors(&value).collect::<Vec<_>>());
        value
    }

    /// What the rule says of these anchors, with the level before.
    fn found(&self, anchors: &[&str]) -> Vec<String> {
        let arguments: Vec<&str> = anchors.iter().flat_map(|anchor| ["--anchor", anchor]).collect();
        let report = self.report(&[&["--rule", "rewritten-history"], &arguments[..]].concat());
        let told = |one: &Value| format!("{}: {}", one["level"].as_str().unwrap(), one["message"].as_str().unwrap());
        report["findings"].as_array().unwrap().iter().map(told).collect()
    }

    /// What is said where an anchor is none.
    fn refused(&self, anchor: &str) -> String {
        let output = self.check(&["--anchor", anchor]);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        stderr(&output)
    }

    /// Replaces the last commit by another.
    fn amend(&self) {
        self.put("policies/a.md", &POLICY.replace("We manage", "We always managed"));
        self.git(&["commit", "-qa", "--amend", "--no-edit"]);
    }
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let all = [&["check", "-C", folder.to_str().unwrap(), "--as-of", "2026-06-30"], arguments].concat();
    attestry(&all)
}

#[test]
fn a_history_that_goes_on_holds() {
    let kept = Kept::new();
    let bundle = kept.bundle("q1.zip", &[]);
    let list =
        kept.list(&format!("# kept by the auditor\n2026-01-01 {}\n{} # no day\n", kept.id("main~1"), kept.id("main")));
    kept.put("policies/a.md", &POLICY.replace("approved_on: 2026-01-10", "approved_on: 2026-06-10"));
    kept.commit("policies: approve POL-001 again");
    assert!(kept.found(&[&bundle, &list]).is_empty());
    let text = stdout(&kept.check(&["--anchor", &bundle, "--anchor", &list]));
    assert!(text.contains("\nanchors: the history is unchanged since the bundle of 2026-03-31 ("), "{text}");
    assert!(text.contains("): 3 anchors hold; witnessed in time: 1 of 1 approval\n"), "{text}");
    let report = kept.report(&["--anchor", &bundle]);
    let head = &report["anchors"]["heads"][0];
    assert_eq!(head["commit"], kept.id("main~1"));
    assert_eq!(
        (&head["strength"], &head["kept_in"], &head["in_history"]),
        (&"brought".into(), &"bundle".into(), &true.into())
    );
    let verified = stdout(&attestry(&["verify", &bundle]));
    assert!(verified.contains(&format!("\nhistory up to: {} of 2026-01-01\n", kept.id("main~1"))), "{verified}");
}

#[test]
fn an_approval_behind_no_anchor_is_only_claimed_in_time() {
    let kept = Kept::new();
    let list = kept.list(&kept.id("main~1"));
    assert_eq!(
        kept.report(&["--anchor", &list])["anchors"]["approvals"],
        serde_json::json!({ "all": 1, "witnessed": 0 })
    );
    let list = kept.list(&kept.id("main"));
    assert_eq!(
        kept.report(&["--anchor", &list])["anchors"]["approvals"],
        serde_json::json!({ "all": 1, "witnessed": 1 })
    );
    assert!(kept.report(&[])["anchors"].is_null(), "without anchors nothing is said");
}

#[test]
fn a_commit_amended_after_the_bundle_is_found() {
    let kept = Kept::new();
    let (bundle, old) = (kept.bundle("q1.zip", &[]), kept.id("main"));
    let list = kept.list(&format!("2026-03-31 {old}\n"));
    kept.amend();
    let short = &old[..8];
    let found = kept.found(&[&bundle, &list]);
    assert_eq!(found.len(), 1, "one commit, one finding: {found:?}");
    let found = kept.found(&[&bundle]);
    assert!(
        found[0].starts_with(&format!("error: commit {short}, the head in the bundle of 2026-03-31 (`")),
        "{found:?}"
    );
    assert!(found[0].ends_with("is not in the history: what led to it was rewritten since"), "{found:?}");
    let found = kept.found(&[&list]);
    assert!(found[0].starts_with(&format!("error: commit {short} of 2026-03-31, a head in `")), "{found:?}");
    let text = stdout(&kept.check(&["--anchor", &bundle]));
    assert!(text.contains("\nanchors: 1 of 1 anchor does not hold"), "{text}");
    // The parents of what was rewritten are still there.
    assert!(kept.found(&[&kept.list(&kept.id("main~1"))]).is_empty());
}

#[test]
fn a_merge_that_keeps_the_commit_and_drops_its_files_does_not_hold() {
    let kept = Kept::new();
    let (bundle, old) = (kept.bundle("q1.zip", &[]), kept.id("main"));
    kept.git(&["branch", "old"]);
    kept.amend();
    kept.git(&["merge", "-q", "-s", "ours", "-m", "Merge branch 'old'", "old"]);
    let found = kept.found(&[&bundle]);
    assert!(
        found[0].starts_with("error: ") && found[0].contains("what it had of `policies/a.md` is not: the merge "),
        "{found:?}"
    );
    let output = kept.check(&["--anchor", &bundle, "--fail-on", "error", "--rule", "rewritten-history"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("1 of 1 anchor lies off the first-parent line: 1 of them with what a merge dropped"),
        "{text}"
    );
    // Where the merge took what was there, nothing is lost, and the line is another one all the same.
    kept.git(&["reset", "-q", "--hard", &old]);
    kept.git(&["switch", "-qc", "side", "main~1"]);
    kept.put("policies/b.md", &POLICY.replace("POL-001", "POL-002"));
    kept.commit("side");
    kept.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'main'", "main"]);
    kept.git(&["branch", "-qf", "main", "side"]);
    kept.git(&["switch", "-q", "main"]);
    let found = kept.found(&[&bundle]);
    assert!(found.len() == 1 && found[0].starts_with("warning: "), "{found:?}");
    assert!(!stdout(&kept.check(&["--anchor", &bundle])).contains("unchanged"));
}

#[test]
fn a_rebase_and_a_forced_push_are_found_in_another_clone() {
    let kept = Kept::new();
    let bundle = kept.bundle("q1.zip", &[]);
    let clones = kept.0.path();
    run_git(clones, &["clone", "-q", "--bare", "sms", "server.git"]);
    run_git(clones, &["clone", "-q", "server.git", "auditor"]);
    let auditor = clones.join("auditor");
    let run = || check(&auditor, &["--rule", "rewritten-history", "--anchor", &bundle]);
    assert_eq!(run().status.code(), Some(0), "{}", stdout(&run()));
    kept.git(&["checkout", "-q", "--orphan", "new", "main~1"]);
    kept.commit("another start");
    kept.git(&["rebase", "-q", "--onto", "new", "main~1", "main"]);
    kept.git(&["push", "-q", "--force", "../server.git", "main"]);
    assert_eq!(run().status.code(), Some(0), "before it is fetched");
    run_git(&auditor, &["fetch", "-q"]);
    let output = run();
    assert_eq!(output.status.code(), Some(1), "the remote branch counts where the local one is not ahead of it");
    assert!(stdout(&output).contains("nor is the first commit"), "{}", stdout(&output));
}

#[test]
fn the_bundle_of_another_repository_is_told_as_that() {
    let (kept, other) = (Kept::new(), Kept::new());
    other.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "the same start"]);
    assert!(!kept.found(&[&other.bundle("other.zip", &[])])[0].contains("another repository"), "it has the same start");
    other.git(&["checkout", "-q", "--orphan", "new"]);
    other.commit("another start");
    other.git(&["branch", "-qM", "main"]);
    let found = kept.found(&[&other.bundle("other.zip", &[])]);
    assert!(found[0].contains("the bundle is of another repository, or everything was rewritten"), "{found:?}");
}

#[test]
fn a_repository_has_no_say_in_what_the_verifier_brought() {
    let kept = Kept::new();
    let bundle = kept.bundle("q1.zip", &[]);
    kept.amend();
    kept.put("attestry.yaml", "format: 1\norganization: Example\nlevels: { rewritten-history: off }\n");
    kept.commit("look away");
    let output = kept.check(&["--anchor", &bundle, "--rule", "rewritten-history"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("1 of 1 anchor does not hold") && text.contains("`rewritten-history` is `off`"), "{text}");
    // Nor has a change that the anchor is not about.
    kept.git(&["switch", "-qc", "change"]);
    kept.put("attestry.yaml", "format: 1\norganization: Example\n");
    let output = kept.check(&["--anchor", &bundle, "--since", "main"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert_eq!(kept.check(&["--anchor", &bundle, "--fail-on", "never"]).status.code(), Some(0));
}

#[test]
fn what_is_no_anchor_is_refused_with_the_reason() {
    let kept = Kept::new();
    let bundle = kept.bundle("q1.zip", &[]);
    // Altered, and then made to fit again but for what the evidence says.
    let (top, mut bag) = unzip(&fs::read(&bundle).unwrap());
    bag.insert("data/documents/people.yaml".to_owned(), b"people: []\n".to_vec());
    seal(&mut bag);
    let altered = kept.keep("altered.zip");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in &bag {
        zip.start_file(format!("{top}/{path}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    fs::write(&altered, zip.finish().unwrap().into_inner()).unwrap();
    let said = kept.refused(&altered);
    assert!(said.contains("does not verify, so it is no anchor: evidence-disagrees: "), "{said}");
    fs::write(&altered, b"PK and nothing").unwrap();
    assert!(kept.refused(&altered).contains("does not verify"));

    let said = kept.refused(&kept.bundle("none.zip", &["--no-history"]));
    assert!(said.contains("states no head of the history"), "{said}");
    let said = kept.refused(&kept.list("2026-03-31 main\n"));
    assert!(said.contains("heads.txt`, line 1: `main` is neither the line's commit nor its day"), "{said}");
    assert!(kept.refused(&kept.list("# nothing\n\n")).contains("names no head"));
    assert!(kept.refused(&kept.list(&"#\n".repeat(600_000))).contains("more than the 1024 KiB"));
    assert!(kept.refused(&kept.keep("gone.zip")).contains("cannot read"));
    kept.put("mine.txt", &format!("{}\n", kept.id("main")));
    kept.commit("heads");
    assert!(kept.refused("mine.txt").contains("committed in the repository that it is to vouch for"));
}

#[test]
fn a_list_of_its_own_is_self_claimed() {
    let kept = Kept::new();
    let old = kept.id("main");
    kept.put("attestry.yaml", "format: 1\norganization: Example\nheads: ./evidence/heads.txt\n");
    kept.put("evidence/heads.txt", &format!("2026-03-31 {old}\n"));
    kept.commit("heads");
    let text = stdout(&kept.check(&[]));
    assert!(text.contains("\nanchors: `evidence/heads.txt`: its 1 head is in the history; self-claimed: "), "{text}");
    let report = kept.report(&[]);
    assert_eq!(report["anchors"]["heads"][0]["strength"], "self-claimed");
    assert!(report["anchors"]["approvals"].is_null(), "it witnesses nothing");

    kept.put("evidence/heads.txt", &format!("2026-03-31 {}\n2026-04-01 {old} x\n", "0".repeat(40)));
    let found = kept.found(&[]);
    assert!(
        found[0].starts_with("warning: commit 00000000 of 2026-03-31, a head that the repository lists itself"),
        "{found:?}"
    );
    let report = kept.report(&["--rule", "invalid-configuration"]);
    assert_eq!(report["findings"][0]["location"]["path"], "evidence/heads.txt", "a line that cannot be read");
    kept.git(&["rm", "-qf", "evidence/heads.txt"]);
    let report = kept.report(&["--rule", "invalid-configuration"]);
    assert_eq!(report["findings"][0]["pointer"], "/heads", "{report}");
    let since = kept.report(&["--since", "main"]);
    let judges = since["ripple"]["judges"].to_string();
    assert!(judges.contains("evidence/heads.txt"), "{judges}");
}

#[test]
fn a_shallow_clone_says_nothing_of_anchors() {
    let kept = Kept::new();
    let (bundle, clones) = (kept.bundle("q1.zip", &[]), kept.0.path());
    kept.put("policies/a.md", &POLICY.replace("We", "All of us"));
    kept.commit("policies: change POL-001");
    let url = format!("file://{}", kept.sms().display());
    run_git(clones, &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let output =
        check(&clones.join("shallow"), &["--rule", "rewritten-history", "--anchor", &bundle, "--require-evaluated"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("anchors: 1 anchor not compared") && text.contains("fetch-depth: 0"), "{text}");
    assert!(!text.contains("error[") && !text.contains("warning["), "{text}");
}

#[test]
fn a_bundle_states_where_its_history_ended_and_who_judged() {
    let kept = Kept::new();
    kept.put("allowed_signers", "");
    kept.put("heads.txt", &format!("{}\n", kept.id("main")));
    kept.put("attestry.yaml", "format: 1\norganization: Example\nheads: heads.txt\n");
    kept.commit("heads");
    kept.git(&["switch", "-qc", "aside"]);
    kept.git(&["commit", "-q", "--allow-empty", "-m", "not on the default branch"]);
    let bundle = kept.bundle("q1.zip", &["--rev", "aside"]);
    let (_, bag) = unzip(&fs::read(bundle).unwrap());
    let evidence: Value = serde_json::from_slice(&bag["data/evidence.json"]).unwrap();
    assert_eq!(evidence["revision"]["commit"], kept.id("aside"));
    let history = &evidence["history"];
    assert_eq!(history["head"], kept.id("main"), "the tip of the default branch");
    assert_eq!(history["first"], kept.id("main~2"));
    assert_eq!((&history["first_parents"], &history["commits"]), (&3.into(), &3.into()));
    let judges = evidence["judges"].as_array().unwrap();
    let told: Vec<String> = judges.iter().map(|one| format!("{} {}", one["what"], one["path"])).collect();
    assert_eq!(
        told,
        [
            "\"signers\" \"allowed_signers\"",
            "\"configuration\" \"attestry.yaml\"",
            "\"heads\" \"heads.txt\"",
            "\"people\" \"people.yaml\""
        ]
    );
}

#[test]
fn a_list_is_read_line_by_line() {
    let id = "0123456789abcdef0123456789ABCDEF01234567";
    let text = format!(
        "\u{feff}{id}\r\n\r\n # {id}\n  2026-03-31\t{id} # ä\n{id} 2026-04-30\n2026-13-01 {id}\n2026-01-01\n{id} {id}\nä"
    );
    let (heads, defects) = attestry::anchor::read(&text);
    let told: Vec<(String, &str)> = heads
        .iter()
        .map(|head| (head.day.map_or_else(String::new, |day| day.to_string()), &text[head.span.clone()]))
        .collect();
    let (first, second) = (format!("2026-03-31\t{id}"), format!("{id} 2026-04-30"));
    assert_eq!(told, [(String::new(), id), ("2026-03-31".into(), &first), ("2026-04-30".into(), &second)]);
    let told: Vec<&str> = defects.iter().map(|defect| defect.message.as_str()).collect();
    let twice = format!("`{id}` is neither the line's commit nor its day");
    assert_eq!(
        told,
        [
            "`2026-13-01` is neither the line's commit nor its day",
            "the line names no commit",
            &twice,
            "`ä` is neither the line's commit nor its day"
        ]
    );
    assert_eq!(&text[defects[3].span.clone()], "ä");
}

#[test]
fn a_life_says_how_the_time_of_approvals_is_shown() {
    let kept = Kept::new();
    let bundle = kept.bundle("q1.zip", &[]);
    let log = |arguments: &[&str]| {
        let sms = kept.sms();
        attestry(&[&["log", "POL-001", "-C", sms.to_str().unwrap(), "--as-of", "2026-06-30"], arguments].concat())
    };
    let text = stdout(&log(&[]));
    assert!(text.contains("\ntime of approval: claimed by the committer (see `--anchor`)\n"), "{text}");
    let text = stdout(&log(&["--anchor", &bundle]));
    assert!(
        text.contains(&format!("\ntime of approval: witnessed by the bundle of 2026-03-31, `{bundle}`\n")),
        "{text}"
    );
    assert!(text.contains("\nanchors: the history is unchanged since the bundle of 2026-03-31 ("), "{text}");
    // Where not all are shown alike, each says it.
    kept.put("policies/a.md", &POLICY.replace("'1'", "'2'").replace("2026-01-10", "2026-06-10"));
    kept.commit("policies: approve POL-001 2");
    let text = stdout(&log(&["--anchor", &bundle]));
    assert!(!text.contains("time of approval"), "{text}");
    assert!(text.contains("unsigned; time claimed by the committer\n"), "{text}");
    assert!(text.contains("unsigned; time witnessed by the bundle of 2026-03-31"), "{text}");
    let json: Value = serde_json::from_str(&stdout(&log(&["--anchor", &bundle, "--format", "json"]))).unwrap();
    assert_eq!(json["anchors"][0]["in_history"], true);
    let of = |place: usize| &json["in_force"][place]["approvals"][0];
    assert_eq!((&of(0)["time"], &of(0)["witnessed_by"]), (&"claimed".into(), &Value::Null));
    assert_eq!((&of(1)["time"], &of(1)["witnessed_by"]["day"]), (&"witnessed".into(), &"2026-03-31".into()));
    // What was rewritten is no life to rely on.
    kept.git(&["reset", "-q", "--hard", "HEAD~1"]);
    kept.amend();
    let output = log(&["--anchor", &bundle]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("\nanchors: 1 of 1 anchor does not hold"), "{}", stdout(&output));
}

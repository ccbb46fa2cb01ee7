//! Approvals as real repositories show them: by commits that keys of `ssh-keygen` and `gpg` signed, by tags,
//! and by the reviews that were imported from the hosting platform.

mod contradicted;
mod mailmap;
mod openpgp;
mod platform;

use crate::support::{Folder, Made, sms_with_history};
use attestry::sms::{
    Sms,
    evidence::{Proof, Strength},
};
use std::{fs, process::Command};

struct Git(Folder);

impl Git {
    fn new() -> Self {
        let git = Self(Folder::new());
        git.run("ada", &["init", "-q", "-b", "main", "sms"]);
        for who in ["ada", "bo", "carol", "mallory"] {
            let key = git.0.path().join(who);
            let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output();
            assert!(made.unwrap().status.success());
        }
        git
    }

    fn key(&self, who: &str) -> String {
        fs::read_to_string(self.0.path().join(format!("{who}.pub"))).unwrap().trim().to_owned()
    }

    fn run(&self, who: &str, arguments: &[&str]) -> String {
        let folder = self.0.path().join("sms");
        let mut command = Command::new("git");
        command.current_dir(if folder.exists() { &folder } else { self.0.path() });
        command
            .args(["-c", "gpg.format=ssh", "-c"])
            .arg(format!("user.signingkey={}", self.0.path().join(who).display()));
        command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), who).env(format!("GIT_{role}_EMAIL"), format!("{who}@example.org"));
            command.env(format!("GIT_{role}_DATE"), "2026-03-02T12:00:00Z");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn put(&self, path: &str, text: &str) {
        self.0.put(&format!("sms/{path}"), &Made::Text(text.to_owned()));
    }

    /// A signed tag that gives one person as its tagger, by the key of another.
    fn tag(&self, who: &str, key: &str, name: &str) {
        let key = format!("user.signingkey={}", self.0.path().join(key).display());
        self.run(who, &["-c", &key, "tag", "-s", "-m", "approved", name]);
    }

    fn commit(&self, who: &str, message: &str, more: &[&str]) -> String {
        self.run(who, &["add", "-A"]);
        self.run(who, &[&["commit", "-qm", message], more].concat());
        self.run(who, &["rev-parse", "HEAD"])
    }

    fn sms(&self) -> Sms {
        sms_with_history(&self.0.path().join("sms"), "2026-06-30")
    }

    fn people(&self) {
        let people = format!(
            "people:\n  - {{ id: ada, name: Ada, email: ada@example.org, account: ada-x, keys: [\"{}\"] }}\n  - {{ id: bo, name: Bo, email: bo@example.org, account: bo-x, keys: [\"{}\"] }}\n  - {{ id: carol, name: Carol, email: carol@example.org, account: carol-x, keys: [\"{}\"] }}\n",
            self.key("ada"),
            self.key("bo"),
            self.key("carol")
        );
        self.put("people.yaml", &people);
    }
}

fn policy(status: &str, text: &str) -> String {
    let approval = if status == "approved" { "approved_by: ada\napproved_on: 2026-03-02\n" } else { "" };
    format!(
        "---\nid: POL-001\ntitle: Changes\nkind: change-policy\nversion: '1'\nstatus: {status}\nauthor: bo\n{approval}---\n{text}\n"
    )
}

/// Who approved what the policy says now, how strongly, and by what.
fn approvals(sms: &Sms) -> Vec<(String, Strength, &'static str)> {
    let position = sms.positions("POL-001")[0];
    let substance = sms.substance(&sms.documents[position]);
    let of_now = sms.approvals(position).iter().filter(|approval| approval.substance == substance);
    let through = |proof: &Proof| match proof {
        Proof::Commit(_) => "commit",
        Proof::Merge(_) => "merge",
        Proof::Trailer(..) => "trailer",
        Proof::Fields(_) => "fields",
        Proof::Tag(_) => "tag",
        Proof::Ledger(_) => "ledger",
    };
    of_now.map(|approval| (approval.by.clone(), approval.strength, through(&approval.proof))).collect()
}

fn findings(sms: &Sms) -> Vec<&'static str> {
    let found = attestry::rules::run(sms, |rule| ["unproven-approval", "changed-after-approval"].contains(&rule.name));
    found.iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_commit_that_the_approver_signed_is_the_strongest() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("bo", "draft", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("ada", "approve", &["-S"]);
    assert_eq!(approvals(&git.sms()), [("ada".to_owned(), Strength::Signed, "commit")]);
    assert!(findings(&git.sms()).is_empty());
}

#[test]
fn a_signature_of_another_key_gives_no_strength() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    // Says that it is Ada's, and is signed by somebody else.
    git.run("ada", &["add", "-A"]);
    let key = format!("user.signingkey={}", git.0.path().join("mallory").display());
    git.run("ada", &["-c", &key, "commit", "-q", "-S", "-m", "approve"]);
    assert_eq!(approvals(&git.sms()), [("ada".to_owned(), Strength::Attributed, "commit")]);
}

#[test]
fn a_key_counts_from_the_first_day_of_its_owner_until_the_last() {
    let git = Git::new();
    let key = git.key("ada");
    git.put(
        "people.yaml",
        &format!("people: [{{ id: ada, name: Ada, email: ada@example.org, until: 2026-03-01, keys: [\"{key}\"] }}]\n"),
    );
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("ada", "approve", &["-S"]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Attributed);
    // A file beside it may know the key for longer: from when it is there.
    git.put("allowed_signers", &format!("ada@example.org namespaces=\"git\" {key}\n"));
    git.commit("ada", "signers", &[]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Attributed);
    git.put("policies/a.md", &policy("approved", "Every change is assessed.").replace("03-02", "03-03"));
    git.commit("ada", "approve again", &["-S"]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Signed);
}

#[test]
fn a_key_does_not_vouch_for_what_it_comes_with() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("bo", "draft", &[]);
    git.run("bo", &["switch", "-qc", "change"]);
    git.put("allowed_signers", &format!("ada@example.org {}\n", git.key("mallory")));
    git.put("policies/a.md", &policy("approved", "No change is assessed."));
    signed_by("mallory", &git, "ada");
    git.run("bo", &["switch", "-q", "main"]);
    git.run("bo", &["merge", "-q", "--no-ff", "-m", "Merge", "change"]);
    assert_eq!(approvals(&git.sms()), [("ada".to_owned(), Strength::Attributed, "commit")]);
    assert!(grounds(&git.sms()).contains("came no sooner than by"), "{}", grounds(&git.sms()));
}

/// Commits as one person, signed with the key of another.
fn signed_by(key: &str, git: &Git, who: &str) {
    git.run(who, &["add", "-A"]);
    let key = format!("user.signingkey={}", git.0.path().join(key).display());
    git.run(who, &["-c", &key, "commit", "-q", "-S", "-m", "approve"]);
}

/// What shows the strongest approval of what the policy says now.
fn grounds(sms: &Sms) -> String {
    sms.approvals(sms.positions("POL-001")[0])[0].grounds(sms, true)
}

#[test]
fn a_signature_that_contradicts_its_commit_is_an_error() {
    let contradicted = |sms: &Sms| attestry::rules::run(sms, |rule| rule.name == "signature-does-not-hold").len();
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("bo", "draft", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    signed_by("bo", &git, "ada");
    assert_eq!(approvals(&git.sms()), [("ada".to_owned(), Strength::Claimed, "commit")]);
    assert!(grounds(&git.sms()).ends_with("but signed by Bo"), "{}", grounds(&git.sms()));
    assert_eq!((findings(&git.sms()), contradicted(&git.sms())), (vec!["unproven-approval"], 1));
    // The signature of one commit, put on another.
    git.put("policies/a.md", &policy("approved", "No change is assessed.").replace("03-02", "03-03"));
    git.commit("ada", "approve", &["-S"]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Signed);
    let (tree, whole) = (git.run("bo", &["rev-parse", "HEAD^{tree}"]), git.run("bo", &["cat-file", "commit", "HEAD"]));
    let other = git.run("bo", &["rev-parse", "HEAD~1^{tree}"]);
    git.put("forged", &(whole.replace(&tree, &other).replace("approve\n", "approve it\n") + "\n"));
    git.put("policies/a.md", &policy("approved", "Nothing is assessed.").replace("03-02", "03-03"));
    git.run("bo", &["add", "policies"]);
    let other = git.run("bo", &["write-tree"]);
    git.put("forged", &(whole.replace(&tree, &other) + "\n"));
    let forged = git.run("bo", &["hash-object", "-t", "commit", "-w", "forged"]);
    git.run("bo", &["reset", "-q", "--hard", &forged]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Claimed);
    assert!(grounds(&git.sms()).contains("bad signature"), "{}", grounds(&git.sms()));
    // The new text has nothing but a claim, where the old one was shown to be approved.
    assert_eq!(contradicted(&git.sms()), 2);
}

#[test]
fn a_commit_on_another_base_is_signed_by_its_committer() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("bo", "draft", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.run("ada", &["add", "-A"]);
    git.run("bo", &["commit", "-qS", "-m", "approve", "--author", "ada <ada@example.org>"]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Claimed);
    assert!(attestry::rules::run(&git.sms(), |rule| rule.name == "signature-does-not-hold").is_empty());
}

#[test]
fn an_approval_that_is_being_given_is_no_error() {
    let told = |sms: &Sms| -> Vec<String> {
        let rules = ["unproven-approval", "changed-after-approval"];
        let found = attestry::rules::run(sms, |rule| rules.contains(&rule.name));
        found.into_iter().map(|finding| format!("{} {}", finding.level.name(), finding.message)).collect()
    };
    let git = Git::new();
    git.people();
    git.commit("ada", "people", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("ada", "approve", &["-S"]);
    git.put("policies/a.md", &policy("approved", "Every change is announced.").replace("03-02", "03-03"));
    let pending = told(&git.sms());
    assert!(pending.len() == 1 && pending[0].starts_with("note approval pending"), "{pending:?}");
    // The text alone is a change, not an approval.
    git.put("policies/a.md", &policy("approved", "Every change is announced."));
    assert_eq!(findings(&git.sms()), ["changed-after-approval"]);
    // Once it is there, nothing shows it but the word of somebody else.
    git.put("policies/a.md", &policy("approved", "Every change is announced.").replace("03-02", "03-03"));
    git.commit("bo", "approved", &[]);
    let claimed = told(&git.sms());
    assert!(claimed.len() == 1 && claimed[0].starts_with("error what `ada` approved on 2026-03-02"), "{claimed:?}");
    assert!(claimed[0].contains("is only said by"), "{claimed:?}");
}

#[test]
fn a_tag_for_another_purpose_or_without_the_change_approves_nothing() {
    let git = Git::new();
    git.people();
    git.commit("ada", "people", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("bo", "policy", &[]);
    git.run("ada", &["tag", "-s", "-m", "website release", "website-3.2"]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
    git.run("bo", &["switch", "-qc", "side"]);
    git.put("policies/a.md", &policy("approved", "No change is assessed."));
    git.commit("bo", "side", &[]);
    git.run("bo", &["switch", "-q", "main"]);
    git.put("notes.txt", "x");
    git.commit("ada", "notes", &[]);
    git.run("ada", &["tag", "-s", "-m", "POL-001 as of March", "march"]);
    assert!(findings(&git.sms()).is_empty());
    git.run("bo", &["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
    assert_eq!(findings(&git.sms()), ["changed-after-approval"]);
}

#[test]
fn a_tag_that_the_approver_signed_approves_what_is_there() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("bo", "policy", &[]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
    git.run("ada", &["tag", "-s", "-m", "approved", "approved-2026-03"]);
    assert_eq!(approvals(&git.sms())[0], ("ada".to_owned(), Strength::Signed, "tag"));
    assert!(findings(&git.sms()).is_empty());
    // What changed later is not what the tag named.
    git.put("policies/a.md", &policy("approved", "Every change is announced."));
    git.commit("bo", "policy", &[]);
    assert_eq!(findings(&git.sms()), ["changed-after-approval"]);
}

#[test]
fn a_review_is_of_what_applies_and_recorded_once() {
    let git = Git::new();
    git.people();
    git.commit("ada", "people", &[]);
    git.put("attestry.yaml", "format: 1\n");
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("ada", "approve", &[]);
    let review = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
        command.arg("-C").arg(git.0.path().join("sms")).args([
            "review",
            "POL-001",
            "--by",
            "ada",
            "--on",
            "2026-03-05",
        ]);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    git.put("policies/a.md", &policy("approved", "No change is assessed."));
    let (done, said) = review();
    assert!(!done && said.contains("its text was changed since"), "{said}");
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    assert!(review().0);
    let (done, said) = review();
    assert!(done && said.contains("already recorded"), "{said}");
    // Somebody else's commit only claims it.
    git.commit("bo", "review", &[]);
    let sms = git.sms();
    let found = attestry::rules::run(&sms, |rule| rule.name == "review-without-trace");
    assert!(found[0].message.starts_with("that `ada` reviewed it on 2026-03-05 is only said by"), "{found:?}");
}

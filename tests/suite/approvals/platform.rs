//! The reviews of a hosting platform that were imported: what an entry of the ledger is worth.

use super::{Git, approvals, findings, policy};
use attestry::sms::{Sms, evidence::Strength};

/// A request of Bo's that Ada approved, as the ledger has it.
pub(super) fn entry(head: &str, merge: &str, blob: &str, reviewed: &str) -> String {
    format!(
        "id: APV-github-example-sms-7\nkind: approval\nplatform: github\nrepository: github.com/example/sms\nrequest: 7\nrequest_url: https://github.com/example/sms/pull/7\nrequest_author: bo-x\nmerged_on: \"2026-03-02T12:00:00Z\"\nmerged_by: bo-x\nhead: {head}\nmerge: {merge}\nreviews:\n  - {{ reviewer: ada-x, state: approved, submitted: \"2026-03-02T11:00:00Z\", commit: {reviewed} }}\nfiles:\n  - {{ path: policies/a.md, status: modified, blob: {blob} }}\n"
    )
}

/// A policy that came with a merge, approved only on the platform: head, merge and blob.
pub(super) fn merged(git: &Git) -> (String, String, String) {
    merged_as(git, &policy("approved", "Every change is assessed."))
}

/// The same with this text.
pub(super) fn merged_as(git: &Git, text: &str) -> (String, String, String) {
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is noted."));
    git.commit("bo", "draft", &[]);
    git.run("bo", &["switch", "-qc", "change"]);
    git.put("policies/a.md", text);
    let head = git.commit("bo", "approved", &[]);
    let blob = git.run("bo", &["rev-parse", "HEAD:policies/a.md"]);
    git.run("bo", &["switch", "-q", "main"]);
    git.run("bo", &["merge", "-q", "--no-ff", "-m", "Merge pull request #7", "change"]);
    let merge = git.run("bo", &["rev-parse", "HEAD"]);
    (head, merge, blob)
}

#[test]
fn a_review_on_the_platform_counts_once_it_is_in_the_ledger() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
    git.put("approvals/github-example-sms-7.yaml", &entry(&head, &merge, &blob, &head));
    assert_eq!(findings(&git.sms()), ["unproven-approval"], "what is not committed proves nothing");
    git.commit("carol", "approvals of #7", &["-S"]);
    assert_eq!(approvals(&git.sms())[0], ("ada".to_owned(), Strength::Platform, "ledger"));
    assert!(findings(&git.sms()).is_empty());
}

#[test]
fn a_ledger_that_nobody_signed_is_only_attributed() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    git.put("approvals/github-example-sms-7.yaml", &entry(&head, &merge, &blob, &head));
    git.commit("carol", "approvals of #7", &[]);
    assert_eq!(approvals(&git.sms())[0], ("ada".to_owned(), Strength::Attributed, "ledger"));
}

#[test]
fn a_review_of_another_head_or_another_text_counts_for_nothing() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    let (other_head, other_blob) = (merge.clone(), git.run("bo", &["rev-parse", "HEAD~1:policies/a.md"]));
    git.put("approvals/github-example-sms-7.yaml", &entry(&head, &merge, &blob, &other_head));
    git.commit("carol", "approvals of #7", &["-S"]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"], "{:?}", approvals(&git.sms()));
    git.put("approvals/github-example-sms-7.yaml", &entry(&head, &merge, &other_blob, &head));
    git.commit("carol", "approvals of #7", &["-S"]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
}

#[test]
fn a_ledger_entry_that_comes_with_what_it_approves_is_worth_nothing() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("bo", "draft", &[]);
    git.run("bo", &["switch", "-qc", "change"]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    let head = git.commit("bo", "approved", &[]);
    let blob = git.run("bo", &["rev-parse", "HEAD:policies/a.md"]);
    // The merge is not made yet; the entry that comes with it names the head that was reviewed.
    git.put("approvals/github-example-sms-7.yaml", &entry(&head, &head, &blob, &head));
    git.commit("bo", "and its own approval", &["-S"]);
    git.run("bo", &["switch", "-q", "main"]);
    git.run("bo", &["merge", "-q", "--no-ff", "-m", "Merge pull request #7", "change"]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
}

pub(super) const LEDGER: &str = "approvals/github-example-sms-7.yaml";

fn with_ledger(sms: &Sms) -> Vec<(String, Strength, &'static str)> {
    approvals(sms).into_iter().filter(|(.., proof)| *proof == "ledger").collect()
}

fn of_ledger(sms: &Sms) -> Vec<String> {
    let found = attestry::rules::run(sms, |rule| rule.name.ends_with("-ledger-entry"));
    found.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn an_entry_with_an_invented_head_that_comes_with_its_change_is_worth_nothing() {
    let git = Git::new();
    git.people();
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("carol", "draft", &[]);
    git.run("bo", &["switch", "-qc", "change"]);
    let text = policy("approved", "Emergency changes need no approval.");
    git.put("policies/a.md", &text);
    let blob = git.run("bo", &["hash-object", "policies/a.md"]);
    let invented = "1234567890".repeat(4);
    let forged =
        entry(&invented, &invented, &blob, &invented).replace("request_author: bo-x", "request_author: carol-x");
    git.put(LEDGER, &forged);
    git.commit("bo", "change and ledger", &["-S"]);
    git.run("carol", &["switch", "-q", "main"]);
    git.run("carol", &["merge", "-q", "--no-ff", "-m", "Merge", "change"]);
    assert!(with_ledger(&git.sms()).is_empty());
    // Nor where it comes later, as long as the history knows of no such request.
    git.run("carol", &["rm", "-q", LEDGER]);
    git.commit("carol", "out", &[]);
    git.put("x.txt", "x");
    git.put("approvals/other.yaml", &forged);
    git.commit("carol", "again", &["-S"]);
    assert!(with_ledger(&git.sms()).is_empty());
}

#[test]
fn an_entry_is_as_strong_as_the_weakest_of_its_commits() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    let other = entry(&head, &merge, &head, &head);
    git.put(LEDGER, &other);
    git.commit("carol", "approvals of #7", &["-S"]);
    assert!(with_ledger(&git.sms()).is_empty());
    git.put(LEDGER, &entry(&head, &merge, &blob, &head));
    git.commit("ada", "approvals of #7", &[]);
    assert_eq!(with_ledger(&git.sms()), [("ada".to_owned(), Strength::Attributed, "ledger")]);
    let told = of_ledger(&git.sms());
    assert!(told.len() == 1 && told[0].ends_with("the file `policies/a.md` was another one"), "{told:?}");
    // What is only in the work tree is nobody's word.
    git.put(LEDGER, &entry(&head, &merge, &blob, &head).replace("state: approved", "state: commented"));
    assert!(with_ledger(&git.sms()).is_empty());
    assert_eq!(of_ledger(&git.sms()).len(), 2);
}

#[test]
fn an_entry_that_the_author_of_the_change_brought_is_worth_nothing() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    git.put(LEDGER, &entry(&head, &merge, &blob, &head));
    git.commit("bo", "approvals of #7", &["-S"]);
    assert!(with_ledger(&git.sms()).is_empty());
    assert!(of_ledger(&git.sms())[0].contains("`bo` opened the request"));
    // Also where the entry says that somebody else opened it.
    git.put(LEDGER, &entry(&head, &merge, &blob, &head).replace("request_author: bo-x", "request_author: carol-x"));
    git.commit("bo", "approvals of #7", &["-S"]);
    assert!(with_ledger(&git.sms()).is_empty());
}

#[test]
fn an_account_that_nobody_has_is_no_person() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    // Ada's id, which is not Ada's account.
    git.put(LEDGER, &entry(&head, &merge, &blob, &head).replace("reviewer: ada-x", "reviewer: ada"));
    git.commit("carol", "approvals of #7", &["-S"]);
    assert_eq!(with_ledger(&git.sms()), [("@ada".to_owned(), Strength::Platform, "ledger")]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
}

#[test]
fn an_entry_of_another_repository_counts_for_nothing() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    let foreign = entry(&head, &merge, &blob, &head).replace("github.com/example/sms", "git.evil.example/bo/play");
    git.put(LEDGER, &foreign);
    git.put("attestry.yaml", "format: 1\nrepositories: [github.com/example/sms]\n");
    git.commit("carol", "approvals of #7", &["-S"]);
    assert!(with_ledger(&git.sms()).is_empty());
    assert!(of_ledger(&git.sms())[0].contains("`attestry.yaml` has the requests of `github.com/example/sms`"));
    git.put("attestry.yaml", "format: 1\nrepositories: [github.com/example/sms, git.evil.example/bo/play]\n");
    assert_eq!(with_ledger(&git.sms()).len(), 1);
}

#[test]
fn what_two_persons_share_is_told() {
    let git = Git::new();
    git.people();
    assert!(git.sms().problems.is_empty(), "{:?}", git.sms().problems);
    let bo = git.key("bo");
    git.put(
        "people.yaml",
        &format!(
            "people:\n  - {{ id: ada, name: Ada, email: ada@example.org, account: x }}\n  - {{ id: bo, name: Bo, email: [bo@example.org, ADA@example.org], account: X, keys: [\"{bo}\"] }}\n"
        ),
    );
    let key: String = bo.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let mallory: String = git.key("mallory").split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    git.put("allowed_signers", &format!("* {mallory}\nada {key}\nbo@example.org {key}\n"));
    let told: Vec<String> = git.sms().problems.into_iter().map(|problem| problem.message).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    for what in [
        "`bo` has the e-mail address `ada@example.org` of `ada`",
        "`bo` has the account `x` of `ada`",
        "that of 2 persons, such as `ada` and `bo`",
        "given to `ada`, and in `people.yaml` it is that of `bo`",
    ] {
        assert!(told.iter().any(|one| one.contains(what)), "{what}: {told:?}");
    }
}

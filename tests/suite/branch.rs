//! What stands on a branch and not on the default branch yet: how it is told, and what it will show
//! once it is merged.

use crate::since::{Git, procedure};
use serde_json::Value;

/// The messages of a rule's findings, each with its level.
fn messages(git: &Git, rule: &str, arguments: &[&str]) -> Vec<String> {
    let output = git.check_with_history(&[&["--rule", rule, "--format", "json"], arguments].concat());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = value["findings"].as_array().unwrap();
    findings.iter().map(|one| format!("{} {}", word(one, "level"), word(one, "message"))).collect()
}

#[test]
fn a_closed_record_that_a_branch_changed_is_not_called_uncommitted() {
    let report = |text: &str| {
        format!("---\nid: TRN-001\nkind: transition-report\nstatus: final\nreported_on: 2026-05-30\n---\n{text}\n")
    };
    let git = Git::new();
    git.run(&["switch", "-q", "main"]);
    git.put("records/TRN-001.md", &report("Two of nine criteria were missed."));
    git.commit("report");
    git.put("records/TRN-001.md", &report("All criteria were met."));
    let told = |arguments: &[&str]| messages(&git, "altered-closed-record", arguments).remove(0);
    assert!(told(&[]).contains("changed since by what is not committed yet: the text"), "{}", told(&[]));
    git.run(&["switch", "-qC", "change"]);
    git.commit("met");
    for arguments in [&["--rev", "change"][..], &[], &["--since", "main"]] {
        let said = told(arguments);
        assert!(said.contains("changed since by what is not on the default branch yet: the text"), "{said}");
    }
}

/// A procedure with the approval of a day.
fn approved(by: &str, day: &str, text: &str) -> String {
    procedure("PRO-002", "bo", text).replace("approved_by: ada\n", &format!("approved_by: {by}\napproved_on: {day}\n"))
}

#[test]
fn an_approval_that_a_change_brings_is_told_with_what_its_commits_show() {
    let git = Git::new();
    let pending = || {
        let mut told = messages(&git, "unproven-approval", &["--since", "main"]);
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    };
    // What is not committed on the branch cannot be shown by its commits.
    git.put("notes.txt", "x");
    git.commit("notes");
    git.put("procedures/b.md", &approved("ada", "2026-06-01", "All is different."));
    assert!(
        pending().ends_with("of 2026-06-01 by `ada` that the default branch does not have yet; it is not committed")
    );
    // The commits of the test are Ada's.
    git.commit("approve");
    let said = pending();
    assert!(said.starts_with("note approval pending: `PRO-002` states"), "{said}");
    assert!(said.ends_with("; once merged it is attributed: the commit names Ada as its author, unsigned"), "{said}");
    // Only somebody else says so.
    git.put("procedures/b.md", &approved("bo", "2026-06-02", "All is different."));
    git.commit("approved by Bo");
    let said = pending();
    assert!(said.contains("; once merged it is claimed: only the fields `approved_by` and `approved_on`"), "{said}");
    let output = git.check_with_history(&["--rule", "unproven-approval", "--since", "main"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("let the approver commit the approval here or merge it"), "{text}");
    // Without a base nothing is foreseen.
    let told = messages(&git, "unproven-approval", &[]);
    assert!(told.len() == 1 && told[0].ends_with("that the default branch does not have yet"), "{told:?}");
    // Somebody whom nobody knows cannot have shown anything.
    git.put("procedures/b.md", &approved("nobody", "2026-06-03", "All is different."));
    git.commit("approved by nobody");
    assert!(pending().ends_with("; nothing in the commits of the change shows it"), "{}", pending());
}

#[test]
fn the_first_approval_of_a_document_is_pending_too() {
    let git = Git::new();
    git.put("procedures/c.md", &approved("ada", "2026-06-01", "New.").replace("PRO-002", "PRO-003"));
    let told = messages(&git, "unproven-approval", &[]);
    assert!(told.len() == 1 && told[0].ends_with("by `ada` that is not committed yet"), "{told:?}");
    git.commit("approve");
    let told = messages(&git, "unproven-approval", &["--since", "main"]);
    assert!(told.len() == 1 && told[0].contains("`PRO-003` states"), "{told:?}");
    assert!(told[0].contains("; once merged it is attributed: the commit names Ada"), "{told:?}");
    git.run(&["branch", "-qf", "main"]);
    assert!(messages(&git, "unproven-approval", &[]).is_empty());
}

#[test]
fn a_change_that_makes_somebody_the_approver_is_not_told_that_they_approved() {
    let git = Git::new();
    let people = |address: &str| {
        format!(
            "people:\n  - {{ id: ada, name: Ada, email: {address} }}\n  - {{ id: bo, name: Bo, email: bo@example.com }}\n"
        )
    };
    git.put("people.yaml", &people("ada@elsewhere.example"));
    git.commit("people");
    git.run(&["branch", "-qf", "main"]);
    git.put("people.yaml", &people("ada@example.com"));
    git.put("procedures/b.md", &approved("ada", "2026-06-01", "All is different."));
    git.commit("approve");
    let told = messages(&git, "unproven-approval", &["--since", "main"]);
    assert!(told.len() == 1 && told[0].contains("; once merged it is claimed: only the fields"), "{told:?}");
    // Once that address is known, the same commits show more.
    git.run(&["switch", "-q", "main"]);
    git.put("people.yaml", &people("ada@example.com"));
    git.commit("people");
    git.run(&["switch", "-q", "change"]);
    git.run(&["rebase", "-q", "main"]);
    let told = messages(&git, "unproven-approval", &["--since", "main"]);
    assert!(told.len() == 1 && told[0].contains("; once merged it is attributed"), "{told:?}");
}

//! What stands on a branch and not on the default branch yet: how it is told.

use crate::since::Git;
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

//! `check` where a pull request is checked: a detached head, and a change that is judged as it will
//! be once it is merged.

use crate::since::{Git, procedure, told};
use serde_json::Value;

fn json(git: &Git, arguments: &[&str]) -> Value {
    let output = git.check_with_history(&[&["--format", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// What a job has that checked out a pull request into `branch`: a detached head and remote branches.
fn checked_out(branch: &str) -> Git {
    let git = Git::new();
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "All is different."));
    git.commit("change");
    git.run(&["update-ref", &format!("refs/remotes/origin/{branch}"), "main"]);
    git.run(&["checkout", "-q", "--detach"]);
    git.run(&["branch", "-qD", "main", "change"]);
    git
}

#[test]
fn a_detached_head_is_not_its_own_evidence() {
    for branch in ["main", "trunk"] {
        let git = checked_out(branch);
        let base = format!("origin/{branch}");
        assert_eq!(told(&json(&git, &["--since", &base])["findings"]), ["changed-after-approval PRO-002"], "{branch}");
    }
    let git = checked_out("trunk");
    let output = git.check_with_history(&["--require-evaluated"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("name it with `--evidence`, or as `default_branch` in attestry.yaml"), "{text}");
    git.put("attestry.yaml", "format: 1\norganization: Example\ndefault_branch: trunk\n");
    let found = told(&json(&git, &["--require-evaluated"])["findings"]);
    assert!(found.contains(&"changed-after-approval PRO-002".to_owned()), "{found:?}");
    git.put("attestry.yaml", "format: 1\norganization: Example\ndefault_branch: gone\n");
    let gaps = json(&git, &[])["not_evaluated"].to_string();
    assert!(gaps.contains("there is no branch `gone` here"), "{gaps}");
}

#[test]
fn what_will_be_wrong_once_it_is_merged_is_found() {
    let git = Git::new();
    git.put("procedures/b.md", &procedure("PRO-009", "bo", "All is well."));
    git.run(&["add", "-A"]);
    git.run(&["commit", "-qm", "another id", "--author", "Eve <eve@example.com>"]);
    let found = told(&json(&git, &["--since", "main"])["findings"]);
    assert!(found.contains(&"changed-id PRO-009".to_owned()), "{found:?}");
    assert!(found.iter().any(|one| one.starts_with("unknown-author ")), "{found:?}");
}

#[test]
fn a_record_that_the_change_removes_is_missed() {
    let record = "kind: demand-forecast\nid: DMD-001\nservice: SVC-001\nstatus: approved\ncreated_on: 2026-05-01\n";
    let git = Git::new();
    // What a branch wrote and took back was never on the default branch.
    git.put("records/passing.yaml", &record.replace("DMD-001", "DMD-002"));
    git.commit("one record");
    git.run(&["rm", "-q", "records/passing.yaml"]);
    git.run(&["commit", "-qm", "none"]);
    let found = told(&json(&git, &["--since", "main"])["findings"]);
    assert!(found.is_empty(), "{found:?}");

    git.run(&["switch", "-q", "main"]);
    git.put("records/kept.yaml", record);
    git.commit("record");
    git.run(&["switch", "-qc", "removing"]);
    git.run(&["rm", "-q", "records/kept.yaml"]);
    git.run(&["commit", "-qm", "remove"]);
    let found = told(&json(&git, &["--since", "main"])["findings"]);
    assert!(found.contains(&"deleted-before-retention DMD-001".to_owned()), "{found:?}");
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let git = Git::new();
    git.run(&["checkout", "-q", "--orphan", "fresh"]);
    let output = git.check(&["--staged", "--since", "HEAD"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("5 new errors") && text.contains("before the first commit"), "{text}");
}

#[test]
fn judges_cannot_be_flooded_away() {
    let git = Git::new();
    let levels = (0..40).map(|number| format!("  rule-{number}: note\n")).collect::<Vec<_>>().concat();
    git.put("attestry.yaml", &format!("format: 1\norganization: Example\nlevels:\n{levels}"));
    git.put("CODEOWNERS", "* @mallory\n");
    git.put(".github/workflows/check.yml", "on: push\n");
    for format in ["full", "comment"] {
        let output = git.check(&["--since", "main", "--format", format]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.contains("CODEOWNERS") && text.contains("workflows/check") && text.contains("and 32 more changes")
        );
    }
}

#[test]
fn no_name_in_the_ripple_becomes_a_workflow_command() {
    let git = Git::new();
    for (id, owner) in [("PRO-501", "0 first"), ("PRO-502", "::add-mask::main"), ("PRO-503", "##[add-mask]a")] {
        git.put(&format!("procedures/{id}.md"), &procedure(id, &format!("'{owner}'"), "##[group]x\n\n[a](::error::b)"));
    }
    for format in ["full", "concise", "github"] {
        let output = git.check(&["--since", "main", "--format", format]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("add-mask"), "{text}");
        let ours = |line: &str| {
            ["::error file=", "::warning file=", "::notice file=", "::warning title="]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let commands = |line: &&str| (line.trim_start().starts_with("::") || line.contains("##[")) && !ours(line);
        assert_eq!(text.lines().filter(commands).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}

#[test]
fn what_goes_with_a_document_is_not_mended() {
    let git = Git::new();
    git.run(&["rm", "-q", "procedures/a.md"]);
    let output = git.check(&["--since", "main"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("1 note gone with what was removed"), "{text}");
    assert!(text.contains("  gone with it ") && text.contains(" error[broken-link]"), "{text}");
}

#[test]
fn what_can_no_longer_be_judged_is_not_mended() {
    let git = Git::new();
    let approved = procedure("PRO-001", "ada", "[gone](gone.md)");
    let mistakes = [
        ("a value", approved.replace("status: approved", "status: aproved")),
        ("YAML", approved.replace("status: approved", "status: [approved")),
        ("front matter", approved.replace("---\n\n", "\n")),
        (
            "a kind, and so the id",
            approved.replace("id: PRO-001", "id: [PRO-001").replace("kind: procedure", "kind: x"),
        ),
    ];
    for (what, text) in mistakes {
        git.put("procedures/a.md", &text);
        let since = json(&git, &["--no-history", "--since", "main"])["since"].clone();
        assert_eq!(told(&since["mended"]), Vec::<String>::new(), "{what}");
        let not_judged = told(&since["not_judged"]);
        assert!(not_judged.contains(&"missing-field PRO-001".to_owned()), "{what}: {not_judged:?}");
    }
    let text = String::from_utf8(git.check(&["--since", "main"]).stdout).unwrap();
    assert!(text.contains("  not judged   ") && text.contains("): nothing mended, "), "{text}");
    assert!(text.contains(" no longer judged, ") && !text.contains("gone with"), "{text}");
    let text = String::from_utf8(git.check(&["--since", "main", "--format", "markdown"]).stdout).unwrap();
    assert!(text.contains("**No longer judged, since it cannot be read as before or is a draft again**"), "{text}");
    assert!(!text.contains("**Mended**"), "{text}");

    // What is due from now on hides nothing, and neither does a mistake of another document.
    git.put("procedures/a.md", &approved.replace("[gone](gone.md)", "Mended."));
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "All is well.").replace("kind: procedure", "kind: x"));
    let service = "id: SVC-001\ntitle: Mail\nkind: service\nversion: '1'\nowner: bo\ncustomers: [CUS-001]\n";
    git.put("services/one.yaml", &format!("{service}status: approved\n"));
    let since = json(&git, &["--no-history", "--since", "main"])["since"].clone();
    assert!(told(&since["mended"]).contains(&"broken-link PRO-001".to_owned()), "{since}");
}

#[test]
fn what_pointed_to_a_document_that_cannot_be_judged_is_not_mended() {
    let git = Git::new();
    git.run(&["switch", "-q", "main"]);
    let service = |stage: &str| {
        format!(
            "id: SVC-001\ntitle: Mail\nkind: service\nversion: '1'\nstatus: draft\nlifecycle_status: {stage}\nowner: bo\n"
        )
    };
    git.put("services/one.yaml", &service("retired"));
    git.commit("retired");
    git.run(&["switch", "-qC", "change"]);
    git.put("services/one.yaml", &service("retird"));
    let since = json(&git, &["--no-history", "--since", "main", "--rule", "reference-to-withdrawn"])["since"].clone();
    assert_eq!(
        told(&since["not_judged"]),
        ["reference-to-withdrawn SLA-001", "reference-to-withdrawn CUS-001"],
        "{since}"
    );
    assert!(told(&since["mended"]).is_empty(), "{since}");
}

#[test]
fn an_approval_that_is_taken_back_is_not_mended() {
    let approved = procedure("PRO-002", "bo", "All is different.");
    for (what, text) in [
        ("a draft again", approved.replace("status: approved", "status: draft")),
        ("without a state", approved.replace("status: approved\n", "")),
    ] {
        let git = Git::new();
        git.run(&["switch", "-q", "main"]);
        git.put("procedures/b.md", &approved);
        git.commit("changed after approval");
        git.run(&["switch", "-qC", "change"]);
        git.put("procedures/b.md", &text);
        let since = json(&git, &["--since", "main"])["since"].clone();
        assert!(told(&since["not_judged"]).contains(&"changed-after-approval PRO-002".to_owned()), "{what}: {since}");
        assert!(told(&since["not_judged"]).contains(&"missing-field PRO-002".to_owned()), "{what}: {since}");
        assert!(told(&since["mended"]).is_empty(), "{what}: {since}");
        // A broken link is one in a draft too, whichever end is mended, and so is a wrong value.
        let draft = |body: &str| procedure("PRO-001", "ada", body).replace(": approved", ": draft");
        for (body, there) in [("Mended.", "procedures/b.md"), ("[gone](gone.md)", "procedures/gone.md")] {
            git.put("procedures/a.md", &draft(body));
            git.put(there, "Text.\n");
            let since = json(&git, &["--since", "main", "--rule", "broken-link"])["since"].clone();
            assert_eq!(told(&since["mended"]), ["broken-link PRO-001"], "{what}: {since}");
        }
        git.run(&["switch", "-qfC", "wrong", "main"]);
        git.put("procedures/a.md", &draft("Text.").replace(": draft", ": aproved"));
        git.commit("wrong");
        git.put("procedures/a.md", &draft("Text."));
        let since = json(&git, &["--since", "wrong", "--rule", "invalid-value"])["since"].clone();
        assert_eq!(told(&since["mended"]), ["invalid-value PRO-001"], "{what}: {since}");
    }
}

#[test]
fn a_clause_that_lost_its_evidence_mends_none_below_it() {
    let git = Git::new();
    let of = |status: &str| {
        let one = procedure("PRO-001", "ada", "All is well.");
        one.replace("status: approved", &format!("status: {status}\napproved_on: 2026-06-01\ntopic: change-management"))
    };
    for (was, is) in [("approved", "draft"), ("draft", "approved")] {
        git.run(&["switch", "-q", "main"]);
        git.put("procedures/a.md", &of(was));
        git.put("procedures/b.md", &procedure("PRO-002", "bo", "All is well.").replace(": approved", ": draft"));
        git.commit("start");
        git.run(&["switch", "-qC", "change"]);
        git.put("procedures/a.md", &of(is));
        let report = json(&git, &["--since", "main", "--rule", "clause-without-evidence"]);
        let (new, mended) = (told(&report["findings"]), told(&report["since"]["mended"]));
        let whole = vec!["clause-without-evidence clause 7".to_owned()];
        let (lost, found) = if is == "draft" { (&new, &mended) } else { (&mended, &new) };
        assert_eq!((lost, found), (&whole, &Vec::new()), "{is}: {report}");
        git.commit("change");
    }
}

#[test]
fn an_older_program_says_that_it_is_too_old() {
    let git = Git::new();
    git.put("attestry.yaml", "format: 1\norganization: Example\nrequires: '>=9.0'\n");
    let output = git.check(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("requires attestry 9 or newer"));
    git.put("attestry.yaml", "format: 1\norganization: Example\nrequires: '>=0.1.0'\n");
    assert_eq!(git.check(&[]).status.code(), Some(1), "the broken link");
}

#[test]
fn a_baseline_does_not_grow() {
    let git = Git::new();
    git.run(&["switch", "-q", "main"]);
    git.put("attestry.yaml", "format: 1\norganization: Example\nbaseline: b.json\n");
    git.put("b.json", "{ \"version\": 1, \"findings\": [] }\n");
    git.commit("baseline");
    git.run(&["switch", "-qc", "growing"]);
    let entry = r#"{ "rule": "broken-link", "subject": "PRO-001", "pointer": "body", "discriminator": "gone.md" }"#;
    git.put("b.json", &format!("{{ \"version\": 1, \"findings\": [{entry}] }}\n"));
    let output = git.check(&["--since", "main", "--format", "github"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("::error title=attestry::baseline `b.json`: 1 more, 0 fewer"), "{text}");
    git.commit("grown");
    git.run(&["branch", "-qf", "main"]);
    git.put("b.json", "{ \"version\": 1, \"findings\": [] }\n");
    assert_eq!(git.check(&["--since", "main"]).status.code(), Some(0), "it may shrink");
}

#[test]
fn what_was_not_evaluated_or_is_accepted_is_not_green() {
    let git = Git::new();
    let output = git.check(&["--format", "junit"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let case = text.split("<testcase").find(|case| case.contains("name=\"altered-closed-record\"")).unwrap();
    assert!(case.contains("<skipped message=\"not evaluated: "), "{case}");
    let output = git.check(&["--format", "gitlab"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("\"description\": \"not evaluated: "), "{text}");

    git.put("attestry.yaml", "format: 1\norganization: Example\nbaseline: b.json\n");
    git.check(&["--write-baseline", "b.json"]);
    let output = git.check(&["--format", "junit"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let case = text.split("<testcase").find(|case| case.contains("name=\"broken-link\"")).unwrap();
    assert!(case.contains("in the baseline"), "{case}");
}

#[test]
fn what_is_asked_for_is_looked_at_first() {
    let git = Git::new();
    for (arguments, said) in [
        (["--output", "sarif"], "write FORMAT=PATH"),
        (["--output", "foo=x"], "there are full, concise, json"),
        (["--output", "sarif=/nope/x"], "is not a file in a folder that is there"),
        (["nosuch.md", "--staged"], "there is no `nosuch.md`; paths filter what is shown"),
    ] {
        let output = git.check(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).contains(said), "{arguments:?}");
    }
    // A file that the change removes may be named.
    git.run(&["rm", "-q", "procedures/a.md"]);
    assert_eq!(git.check_with_history(&["--staged", "procedures/a.md"]).status.code(), Some(0));
}

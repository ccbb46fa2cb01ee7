//! `attestry codeowners`, run as a user runs it, and what it writes read again.

mod above;

use crate::support::{Folder, Made, project, sms_at};
use attestry::{
    codeowners::Codeowners,
    report::{Report, human},
    repository::{At, Repository},
};
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    let command = command.arg("-C").arg(folder).args(["codeowners", "--as-of", "2026-06-30"]).args(arguments);
    command.env("NO_COLOR", "1").output().unwrap()
}

fn written(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn put(folder: &Folder, path: &str, text: &str) {
    folder.put(path, &Made::Text(text.to_owned()));
}

fn policy(folder: &Folder, path: &str, owner: &str) {
    let id = path.replace(['/', ' ', '.', '#'], "-");
    put(folder, path, &format!("---\nid: {id}\nkind: policy\nowner: {owner}\n---\n"));
}

/// Ada has an account, Bo an address, Cy neither; Ada and Bo hold a role, a third has left it.
fn provider(below: &str) -> Folder {
    let folder = Folder::new();
    let at = |path: &str| format!("{below}{path}");
    put(&folder, &at("attestry.yaml"), "format: 1\n");
    put(
        &folder,
        &at("people.yaml"),
        "people:\n  - { id: ada, name: Ada, account: ada-ex, email: ada@example.com }\n  - { id: bo, name: Bo, email: [bo@example.com, b@old.example] }\n  - { id: cy, name: Cy }\n",
    );
    put(
        &folder,
        &at("registers/roles.yaml"),
        "kind: role-assignment\nid: REG-ROLES\ntitle: Roles\nowner: ada\nentries:\n  - { id: duo, title: Duo, owner: cy, holders: [{ person: ada }, { person: bo }, { person: cy, until: 2026-01-31 }] }\n",
    );
    for (path, owner) in [
        ("policies/a.md", "duo"),
        ("policies/deep/b.md", "duo"),
        ("plans/a.md", "ada"),
        ("plans/with space.md", "bo"),
        ("plans/b/c.md", "ada"),
        ("plans/z/no.md", "cy"),
        ("plans/z/#1.md", "ada"),
        ("scope.md", "ada"),
    ] {
        policy(&folder, &at(path), owner);
    }
    folder
}

const ENTRIES: &str = "\
/plans/a.md @ada-ex
/plans/b/ @ada-ex
/plans/with\\ space.md bo@example.com
/policies/ @ada-ex bo@example.com
/registers/ @ada-ex
/scope.md @ada-ex

# Without an entry, since no owner is named, or the owner has neither account nor e-mail address:
#   plans/z/no.md

# Without an entry, since platforms cannot read the name in a pattern:
#   plans/z/#1.md
# attestry ends
";

#[test]
fn folders_with_one_owner_are_one_entry() {
    let folder = provider("");
    let text = written(folder.path(), &[]);
    let (head, entries) = text.split_once("\n\n").unwrap();
    assert!(head.lines().all(|line| line.starts_with('#')), "{head}");
    assert!(head.contains("as of 2026-06-30") && head.contains("\n#   attestry codeowners\n"), "{head}");
    assert_eq!(entries, ENTRIES);
    assert_eq!(written(folder.path(), &[]), text, "the same bytes");
}

#[test]
fn patterns_start_at_the_root_of_the_git_repository() {
    let folder = provider("the sms/");
    let init = Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status().unwrap();
    assert!(init.success());
    let text = written(&folder.path().join("the sms"), &[]);
    let expected: Vec<String> =
        ENTRIES.lines().take_while(|line| !line.is_empty()).map(|line| line.replacen('/', "/the\\ sms/", 1)).collect();
    assert_eq!(text.split("\n\n").nth(1).unwrap().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_file_is_written_whole_and_agrees_with_the_owners() {
    let folder = provider("");
    let file = folder.path().join(".github/CODEOWNERS");
    let output = run(folder.path(), &["--output", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "a folder is not made");
    fs::create_dir(folder.path().join(".github")).unwrap();
    let output = run(folder.path(), &["--output", file.to_str().unwrap()]);
    assert!(output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("owners of 7 files; 2 without an entry\n"), "{said}");
    // Again, over the first: the file is no document, so nothing changes.
    let first = fs::read_to_string(&file).unwrap();
    assert!(run(folder.path(), &["--output", file.to_str().unwrap()]).status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    let sms = folder.sms("2026-06-30");
    assert!(sms.documents.iter().all(|document| !sms.path(document).contains("CODEOWNERS")));
    let report = Report::new(&sms, |rule| rule.name == "codeowners-differ", |_| true);
    let found = human::render(&report, human::Style { colour: false, concise: true, width: None });
    // What cannot be written is not there, and nothing else is wrong.
    assert_eq!(found.lines().filter(|line| line.contains("codeowners-differ")).count(), 1, "{found}");
    assert!(found.contains("has no entry for `plans/z/#1.md`"), "{found}");
}

#[test]
fn what_others_wrote_in_the_file_stays() {
    let folder = provider("");
    put(&folder, ".github/CODEOWNERS", "# ours\n* @example/everybody\n");
    let file = folder.path().join(".github/CODEOWNERS");
    let write = || {
        assert!(run(folder.path(), &["--output", file.to_str().unwrap()]).status.success());
        fs::read_to_string(&file).unwrap()
    };
    let first = write();
    assert!(first.starts_with("# ours\n* @example/everybody\n\n# attestry begins"), "{first}");
    fs::write(&file, format!("{first}/x/ @ada-ex\n")).unwrap();
    policy(&folder, "new/a.md", "bo");
    let second = write();
    assert!(second.starts_with("# ours\n") && second.ends_with("# attestry ends\n/x/ @ada-ex\n"), "{second}");
    assert!(second.contains("\n/new/ bo@example.com\n") && second.matches("# attestry begins").count() == 1);
}

#[test]
fn who_answers_for_the_policy_is_asked_about_the_judges() {
    let folder = provider("");
    put(&folder, "policies/sms.md", "---\nid: POL-100\nkind: sm-policy\nstatus: draft\nowner: bo\n---\nText.\n");
    put(&folder, "approvals/x.yaml", "id: APV-1\nkind: approval\n");
    let text = written(folder.path(), &[]);
    for judge in ["/.github/", "/approvals/", "/attestry.yaml", "/people.yaml"] {
        assert!(text.contains(&format!("\n{judge} bo@example.com\n")), "{judge}: {text}");
    }
    assert!(!text.contains("allowed_signers"));
}

#[test]
fn the_sample_read_again_names_the_owner_of_every_document() {
    let text = written(&project("sample-sms"), &[]);
    let codeowners = Codeowners::parse(&text);
    let repository = Repository::open(&project("sample-sms"), At::WorkTree).unwrap();
    let below = repository.folder();
    let sms = sms_at(&project("sample-sms"), "2026-06-30");
    let mut count = 0;
    // The ledger has no owners: who answers for the policy is asked.
    let owned = |path: &str| !path.starts_with("approvals/");
    for document in sms.documents.iter().filter(|one| one.register.is_none() && owned(sms.path(one))) {
        let persons = sms.people.persons_of(document.text("owner").unwrap_or_default(), sms.as_of);
        let expected: BTreeSet<String> = persons.iter().filter_map(|person| person.codeowner()).collect();
        let named: BTreeSet<String> = codeowners
            .of(&format!("{below}{}", sms.path(document)))
            .flat_map(|entry| entry.owners.iter().map(|owner| owner.name.clone()))
            .collect();
        assert_eq!(named, expected, "{}", sms.path(document));
        count += named.len();
    }
    assert!(count > 100, "{count}");
    let entries = text.lines().filter(|line| line.starts_with('/')).count();
    assert!(entries < count, "{entries} entries for {count} owners");
}

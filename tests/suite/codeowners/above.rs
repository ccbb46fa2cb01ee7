//! The `CODEOWNERS` of a repository in whose folder the SMS lies.

use super::{policy, provider, put};
use crate::support::Folder;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const BELOW: &str = "docs/sms/";
const FILE: &str = ".github/CODEOWNERS";

fn git(folder: &Folder, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").current_dir(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The provider in a folder of a repository with this file at its root.
fn repository(owners: &str) -> Folder {
    let folder = provider(BELOW);
    put(&folder, FILE, owners);
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "start"]);
    folder
}

fn attestry(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    command.arg("-C").arg(folder.path().join(BELOW)).args(arguments).args(["--as-of", "2026-06-30"]);
    command.env("XDG_CACHE_HOME", folder.path().join(".git/cache")).env("NO_COLOR", "1").output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Level, subject, file of the place and message of each finding.
fn found(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    findings(folder, &[&["--rule", "codeowners-differ"], arguments].concat())
}

fn findings(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let value = json(&attestry(folder, &[&["check", "--format", "json"], arguments].concat()));
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |one: &Value| {
        let (level, subject, message) = (word(&one["level"]), word(&one["subject"]), word(&one["message"]));
        format!("{level} {subject} at {}: {message}", word(&one["location"]["path"]))
    };
    value["findings"].as_array().unwrap().iter().map(of).collect()
}

const OWNERS: &str = "\
# the whole repository
* @example/everybody
/frontend/ @somebody-of-the-frontend
plans/ @ada-ex bo@example.com
/docs/sms/policies/ @stranger
/docs/sms/scope.md @cy
/policies/ @ada-ex bo@example.com
";

#[test]
fn the_file_at_the_root_of_the_repository_is_compared() {
    let folder = repository(OWNERS);
    let expected = [
        "note ../../.github/CODEOWNERS at attestry.yaml: no person of `people.yaml` has the account `@cy` in `../../.github/CODEOWNERS`",
        "note ../../.github/CODEOWNERS at attestry.yaml: no person of `people.yaml` has the account `@stranger` in `../../.github/CODEOWNERS`",
        "warning docs-sms-policies-a-md at policies/a.md: `../../.github/CODEOWNERS` names `@stranger` for this document, not its owner `duo` (`@ada-ex`, `bo@example.com`)",
        "warning docs-sms-policies-deep-b-md at policies/deep/b.md: `../../.github/CODEOWNERS` names `@stranger` for this document, not its owner `duo` (`@ada-ex`, `bo@example.com`)",
        "warning docs-sms-scope-md at scope.md: `../../.github/CODEOWNERS` names `@cy` for this document, not its owner `ada` (`@ada-ex`)",
    ];
    let sorted = |mut found: Vec<String>| {
        found.sort();
        found
    };
    let now = sorted(found(&folder, &[]));
    assert_eq!(now, expected);
    // What is read is what the commit and the index have, and what is there now, also where the last
    // run was remembered.
    put(&folder, FILE, "* @example/everybody\n");
    assert_eq!(sorted(found(&folder, &["--rev", "HEAD"])), now);
    assert_eq!(sorted(found(&folder, &["--staged"])), now);
    assert!(found(&folder, &[]).is_empty());
    git(&folder, &["add", FILE]);
    assert!(found(&folder, &["--staged"]).is_empty());
    // A change is held against what the base has.
    git(&folder, &["commit", "-qm", "everybody"]);
    put(&folder, FILE, "* @example/everybody\n/docs/sms/scope.md @cy\n");
    assert_eq!(found(&folder, &["--since", "HEAD"]).len(), 2);
    // The first of the places counts, and none of what a link leads to.
    put(&folder, "CODEOWNERS", OWNERS);
    assert_eq!(found(&folder, &[]).len(), 2);
    fs::remove_file(folder.path().join(FILE)).unwrap();
    assert_eq!(sorted(found(&folder, &[])).len(), now.len());
    #[cfg(unix)]
    {
        fs::rename(folder.path().join("CODEOWNERS"), folder.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.path().join("CODEOWNERS")).unwrap();
        assert!(found(&folder, &[]).is_empty());
    }
}

#[test]
#[cfg(unix)]
fn a_file_there_that_is_not_read_is_told() {
    const RULES: [&str; 6] = ["--rule", "codeowners-differ", "--rule", "not-followed", "--rule", "unreadable-file"];
    let folder = repository("* @example/everybody\n");
    let told = |arguments: &[&str]| findings(&folder, &[&RULES[..], arguments].concat());
    let file = folder.path().join(FILE);
    let replaced = |replace: &dyn Fn()| {
        fs::remove_file(&file).unwrap();
        replace();
        let now = told(&[]);
        git(&folder, &["add", "-A"]);
        assert_eq!(told(&["--staged"]), now);
        git(&folder, &["commit", "-qm", "replaced"]);
        assert_eq!(told(&["--rev", "HEAD"]), now);
        now
    };
    let link = replaced(&|| std::os::unix::fs::symlink("../owners", &file).unwrap());
    assert_eq!(
        link,
        [
            "note ../../.github/CODEOWNERS at attestry.yaml: `../../.github/CODEOWNERS`: a symbolic link, to `../owners`, is not followed"
        ]
    );
    // Whether platforms then take the next place, nobody says.
    put(&folder, "CODEOWNERS", OWNERS);
    assert_eq!(told(&[]), link);
    let large = replaced(&|| fs::write(&file, "#".repeat(9 * 1024 * 1024)).unwrap());
    assert_eq!(
        large,
        [
            "error ../../.github/CODEOWNERS at attestry.yaml: `../../.github/CODEOWNERS` cannot be read: the file has 9437184 bytes, more than the limit of 8388608"
        ]
    );
    let old = replaced(&|| fs::write(&file, b"* @example/everybody\n# f\xfcr alle\n").unwrap());
    assert_eq!(
        old,
        ["error ../../.github/CODEOWNERS at attestry.yaml: `../../.github/CODEOWNERS`: the file is not UTF-8 text"]
    );
    // For git there is nothing in a folder that is a link.
    fs::rename(folder.path().join(".github"), folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", folder.path().join(".github")).unwrap();
    fs::remove_file(folder.path().join("CODEOWNERS")).unwrap();
    assert!(told(&[]).is_empty());
}

#[test]
fn a_file_there_that_git_ignores_does_not_count() {
    let folder = repository("* @example/everybody\n");
    fs::remove_file(folder.path().join(FILE)).unwrap();
    git(&folder, &["commit", "-qam", "without"]);
    put(&folder, "CODEOWNERS", OWNERS);
    let counts = found(&folder, &[]);
    assert_eq!(counts.len(), 5, "it would be committed");
    for ignores in [".gitignore", ".git/info/exclude"] {
        put(&folder, ignores, "/CODEOWNERS\n");
        assert!(found(&folder, &[]).is_empty(), "{ignores}");
        fs::remove_file(folder.path().join(ignores)).unwrap();
    }
    put(&folder, ".gitignore", "/CODEOWNERS\n");
    git(&folder, &["add", "-f", "CODEOWNERS"]);
    assert_eq!(found(&folder, &[]), counts, "it will be committed");
}

#[test]
fn what_is_written_there_agrees_and_leaves_the_others_alone() {
    let folder = repository("* @example/everybody\n");
    put(&folder, "other/attestry.yaml", "format: 1\n");
    put(&folder, "other/people.yaml", "people:\n  - { id: ada, name: Ada, account: ada-ex }\n");
    policy(&folder, "other/a.md", "ada");
    put(
        &folder,
        "docs/sms/policies/sms.md",
        "---\nid: POL-100\nkind: sm-policy\nstatus: draft\nowner: bo\n---\nText.\n",
    );
    let file = folder.path().join(FILE);
    let write = |below: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
        command.arg("-C").arg(folder.path().join(below)).args(["codeowners", "--as-of", "2026-06-30", "--output"]);
        let output = command.arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("warning"), "platforms read this one");
        fs::read_to_string(&file).unwrap()
    };
    write(BELOW);
    let both = write("other");
    assert!(both.starts_with("* @example/everybody\n\n# attestry begins in docs/sms/: the owners"), "{both}");
    assert!(both.contains("\n# attestry ends in docs/sms/\n\n# attestry begins in other/: the owners"), "{both}");
    assert!(both.contains("\n/docs/sms/people.yaml bo@example.com\n") && both.contains("\n/other/a.md @ada-ex\n"));
    assert!(!both.contains("\n/.github/"), "the workflows are not only ours: {both}");
    assert_eq!(write(BELOW), both, "each has a block of its own");
    assert!(found(&folder, &[]).is_empty(), "{:?}", found(&folder, &[]));
}

#[test]
fn a_file_that_platforms_pass_over_is_told() {
    let folder = repository("* @example/everybody\n");
    let write = |path: &Path| {
        let output = attestry(&folder, &["codeowners", "--output", path.to_str().unwrap()]);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = write(&folder.path().join("docs/sms/CODEOWNERS"));
    assert!(said.contains("pass this file over\nhelp: write to ../../.github/CODEOWNERS, as seen from"), "{said}");
    assert!(!write(&folder.path().join("docs/CODEOWNERS")).contains("warning"));
}

#[test]
fn whom_the_platform_asks_about_a_change_is_what_the_root_says() {
    let folder = repository("/docs/sms/policies/ bo@example.com\n/.github/ @example/platform\n");
    policy(&folder, "docs/sms/policies/a.md", "ada");
    put(&folder, FILE, "");
    let value = json(&attestry(&folder, &["check", "--no-history", "--since", "HEAD", "--format", "json"]));
    let asked = value["ripple"]["approvals"].as_array().unwrap();
    let of = |party: &str| asked.iter().find(|one| one["party"] == party).map(|one| one["codeowner"].clone());
    assert_eq!(of("bo"), Some(serde_json::json!(["docs-sms-policies-a-md"])), "{asked:#?}");
    assert_eq!(of("@example/platform"), Some(serde_json::json!(["../../.github/CODEOWNERS"])), "{asked:#?}");
}

//! `check --since` on repositories made by git: what is new, what is mended, who judges, and what
//! the change touches.

use crate::support::{Folder, Made, project};
use serde_json::Value;
use std::{
    fs,
    process::{Command, Output},
};

const DAY: &str = "2026-06-30";
const PEOPLE: &str = "people:\n  - { id: ada, name: Ada, email: ada@example.com }\n  - { id: bo, name: Bo }\n";

/// A repository made by git.
pub(crate) struct Git(Folder);

impl Git {
    /// A repository with a small SMS on `main`, and the branch `change` checked out.
    pub(crate) fn new() -> Self {
        let git = Self(Folder::new());
        git.run(&["init", "-q", "-b", "main"]);
        git.put("attestry.yaml", "format: 1\norganization: Example\n");
        git.put("people.yaml", PEOPLE);
        git.put("procedures/a.md", &procedure("PRO-001", "ada", "[gone](gone.md)"));
        git.put("procedures/b.md", &procedure("PRO-002", "bo", "All is well."));
        git.put(
            "services/one.yaml",
            "id: SVC-001\ntitle: Mail\nkind: service\nversion: '1'\nstatus: draft\nowner: bo\ncustomers: [CUS-001]\n",
        );
        git.put(
            "registers/customers.yaml",
            "kind: customer\nid: REG-C\ntitle: Customers\nversion: '1'\nstatus: draft\nowner: ada\nentries:\n  - id: CUS-001\n    title: Town\n    services: [SVC-001]\n",
        );
        git.put(
            "agreements/one.yaml",
            "id: SLA-001\ntitle: Agreement\nkind: sla\nversion: '1'\nstatus: draft\nowner: ada\ncustomer: CUS-001\nservices: [SVC-001]\n",
        );
        git.commit("start");
        git.run(&["switch", "-qc", "change"]);
        git
    }

    pub(crate) fn run(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.0.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
            command.env(format!("GIT_{who}_DATE"), "2026-06-01T12:00:00Z");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        self.0.put(path, &Made::Text(text.to_owned()));
    }

    pub(crate) fn commit(&self, message: &str) {
        self.run(&["add", "-A"]);
        self.run(&["commit", "-qm", message]);
    }

    pub(crate) fn check(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
        // What the history adds has a test of its own.
        command.args(["check", "--no-history", "--as-of", DAY, "-C"]).arg(self.0.path());
        command.args(arguments).env("NO_COLOR", "1");
        command.output().unwrap()
    }

    pub(crate) fn check_with_history(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
        command.args(["check", "--as-of", DAY, "-C"]).arg(self.0.path()).args(arguments).env("NO_COLOR", "1");
        command.output().unwrap()
    }

    /// The report since `main`, held against its schema.
    fn since(&self, arguments: &[&str]) -> Value {
        let output = self.check(&[&["--since", "main", "--format", "json"], arguments].concat());
        let value: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let schema = fs::read_to_string(project("schema/report.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        assert!(schema.is_valid(&value), "{:?}", schema.iter_errors(&value).collect::<Vec<_>>());
        value
    }

    fn fails(&self, base: &str) -> String {
        let output = self.check(&["--since", base]);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

pub(crate) fn procedure(id: &str, owner: &str, text: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: How\nkind: procedure\nstatus: approved\nversion: '1'\nowner: {owner}\napproved_by: ada\n---\n\n{text}\n"
    )
}

/// Rule and subject of each.
pub(crate) fn told(list: &Value) -> Vec<String> {
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|one| format!("{} {}", word(one, "rule"), word(one, "subject"))).collect()
}

fn judges(value: &Value) -> Vec<String> {
    let of = |one: &Value| format!("{}: {}", one["what"].as_str().unwrap(), one["change"].as_str().unwrap());
    value["ripple"]["judges"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn only_what_is_new_is_told_and_counts() {
    let git = Git::new();
    let before = git.since(&[]);
    assert!(told(&before["findings"]).is_empty() && before["since"]["before"].as_u64().unwrap() > 0);
    assert_eq!(git.check(&["--since", "main"]).status.code(), Some(0), "the old broken link is not this change's");
    assert_eq!(git.check(&[]).status.code(), Some(1));

    git.put("procedures/b.md", &procedure("PRO-002", "bo", "\n\n[away](away.md)"));
    git.put("procedures/a.md", &procedure("PRO-001", "ada", "Mended, a line\n\nlower."));
    let value = git.since(&[]);
    assert_eq!(told(&value["findings"]), ["broken-link PRO-002"]);
    assert_eq!(told(&value["since"]["mended"]), ["broken-link PRO-001"]);
    let output = git.check(&["--since", "main"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("\n1 new error; ") && text.contains("): 1 error mended, "), "{text}");
}

#[test]
fn what_main_did_meanwhile_is_not_the_change() {
    let git = Git::new();
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "[away](away.md)"));
    git.commit("change");
    git.run(&["switch", "-q", "main"]);
    git.put("procedures/a.md", &procedure("PRO-001", "ada", "Mended."));
    git.commit("meanwhile");
    let value = git.since(&["--rev", "change"]);
    assert_eq!(told(&value["findings"]), ["broken-link PRO-002"]);
    assert_eq!(value["ripple"]["documents"].as_array().unwrap().len(), 1);
    assert!(told(&value["since"]["mended"]).is_empty());
}

#[test]
fn a_second_finding_of_one_identity_is_new() {
    let git = Git::new();
    git.put("procedures/a.md", &procedure("PRO-001", "ada", "[gone](gone.md)\n\n[again](gone.md)"));
    assert_eq!(told(&git.since(&[])["findings"]), ["broken-link PRO-001"]);
}

#[test]
fn a_change_does_not_bring_its_own_judge() {
    let git = Git::new();
    git.put("procedures/b.md", &procedure("PRO-002", "mallory", "[away](away.md)"));
    let loose = "format: 1\norganization: Example\nlevels: { broken-link: off }\nignore: [procedures/a.md]\n";
    git.put("attestry.yaml", loose);
    git.put(
        "registers/waivers.yaml",
        "kind: waiver\nid: REG-W\ntitle: Waivers\nversion: '1'\nstatus: approved\nowner: ada\napproved_by: ada\napproved_on: 2026-06-01\nentries:\n  - id: WVR-001\n    title: For me\n    status: approved\n    rule: unknown-owner\n    subject: PRO-002\n    reason: Because\n    approved_by: ada\n    approved_on: 2026-06-01\n    expires_on: 2026-12-31\n",
    );
    let value = git.since(&["--rule", "broken-link", "--rule", "unknown-owner"]);
    assert_eq!(told(&value["findings"]), ["unknown-owner PRO-002", "broken-link PRO-002"]);
    assert_eq!(value["findings"][1]["level"], "error", "switched off only from the merge on");
    assert!(told(&value["accepted"]).is_empty() && told(&value["since"]["mended"]).is_empty());
    assert_eq!(
        judges(&value),
        [
            "attestry.yaml: level of `broken-link`: error becomes off",
            "attestry.yaml: `ignore` added: [\"procedures/a.md\"]",
            "WVR-001: waiver added: `unknown-owner` about `PRO-002` until 2026-12-31",
        ]
    );
    let text = String::from_utf8(git.check(&["--since", "main"]).stdout).unwrap();
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} is not in\n{text}"));
    assert!(at("  judges  ") < at("  documents  "), "{text}");

    // Once it is merged its waiver holds.
    git.commit("change");
    git.run(&["branch", "-f", "main", "change"]);
    git.put("procedures/b.md", &procedure("PRO-002", "eve", "[away](away.md)"));
    let value = git.since(&["--rule", "unknown-owner"]);
    assert!(told(&value["findings"]).is_empty(), "it is the same finding");
}

#[test]
fn judges_above_the_sms_and_for_git_are_told() {
    let git = Git::new();
    let files = ["attestry.yaml", "people.yaml", "procedures", "services", "registers", "agreements"];
    fs::create_dir(git.0.path().join("docs")).unwrap();
    for file in files {
        git.run(&["mv", file, "docs"]);
    }
    git.put("CODEOWNERS", "* @ada\n");
    git.commit("into a folder");
    git.run(&["branch", "-f", "main"]);
    for file in
        ["CODEOWNERS", ".mailmap", ".git-blame-ignore-revs", ".github/workflows/x.yml", "docs/.mailmap", "code.rs"]
    {
        git.put(file, "changed\n");
    }
    git.commit("judges");
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    command.args(["check", "--no-history", "--as-of", DAY, "--since", "main", "--format", "json", "-C"]);
    let output = command.arg(git.0.path().join("docs")).output().unwrap();
    let told = judges(&serde_json::from_slice(&output.stdout).unwrap());
    let expected =
        ["../.git-blame-ignore-revs", "../.github/workflows/x.yml", "../.mailmap", "../CODEOWNERS", ".mailmap"];
    let mut expected: Vec<String> = expected.iter().map(|file| format!("{file}: differs")).collect();
    let mut told = told;
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn what_a_change_does_to_its_judges_counts_too() {
    let git = Git::new();
    // Somebody leaves, and a rule is made stricter: both have consequences once merged.
    git.put("people.yaml", &PEOPLE.replace("name: Bo", "name: Bo, until: 2026-06-01"));
    git.put("attestry.yaml", "format: 1\norganization: Example\nlevels: { orphan: error }\nzone: Nowhere\n");
    let value = git.since(&[]);
    let found = told(&value["findings"]);
    for one in ["owner-has-left PRO-002", "invalid-configuration attestry.yaml"] {
        assert!(found.contains(&one.to_owned()), "{found:?}");
    }
    assert!(judges(&value).contains(&"people.yaml: `bo`: until is 2026-06-01".to_owned()));
}

#[test]
fn a_new_person_may_be_named_at_once() {
    let git = Git::new();
    git.put("people.yaml", &format!("{PEOPLE}  - {{ id: cy, name: Cy }}\n"));
    git.put("procedures/b.md", &procedure("PRO-002", "cy", "All is well."));
    let value = git.since(&[]);
    assert!(told(&value["findings"]).is_empty(), "{}", value["findings"]);
    assert_eq!(judges(&value), ["people.yaml: `cy` added"]);
    let approvals = value["ripple"]["approvals"].as_array().unwrap();
    let parties: Vec<&str> = approvals.iter().map(|one| one["party"].as_str().unwrap()).collect();
    assert_eq!(parties, ["ada", "bo"], "the owner until now approves, not the one that the change names");
}

#[test]
fn a_new_kind_is_known_and_an_old_one_cannot_be_loosened() {
    let git = Git::new();
    let schema = |required: &str| {
        format!(
            "{{\"title\": \"Key\", \"type\": \"object\", \"required\": [{required}], \"allOf\": [{{\"$ref\": \"../metadata.schema.json#/$defs/document\"}}], \"x-attestry\": {{\"form\": \"document\", \"clauses\": [], \"folder\": \"keys\", \"prefix\": \"KEY-\"}}}}"
        )
    };
    let key = "id: KEY-001\ntitle: Door\nkind: key\nstatus: draft\nversion: '1'\nowner: ada\n";
    git.put("schema/kinds/key.schema.json", &schema("\"title\""));
    git.put("keys/door.yaml", key);
    let value = git.since(&[]);
    assert!(!told(&value["findings"]).iter().any(|one| one.contains("kind")), "{}", value["findings"]);
    assert_eq!(judges(&value), ["schema/kinds/key.schema.json: schema added"]);
    git.commit("a kind");
    git.run(&["branch", "-f", "main", "change"]);
    git.put("schema/kinds/key.schema.json", &schema(""));
    git.put("keys/gate.yaml", &key.replace("KEY-001", "KEY-002").replace("title: Door\n", ""));
    assert!(told(&git.since(&[])["findings"]).contains(&"missing-field KEY-002".to_owned()));
}

#[test]
fn the_ripple_tells_documents_by_value_and_what_they_touch() {
    let git = Git::new();
    git.run(&["mv", "procedures/b.md", "procedures/moved.md"]);
    git.put("procedures/a.md", &procedure("PRO-001", "ada", "[gone](gone.md)").replace('\n', "\r\n"));
    git.put(
        "services/one.yaml",
        "title: Mail\nid: SVC-001\nkind: service\nversion: '2'\nstatus: draft\nowner: bo # the desk\ncustomers: [CUS-001]\n",
    );
    git.run(&["rm", "-q", "agreements/one.yaml"]);
    let ripple = git.since(&[])["ripple"].clone();
    let documents = ripple["documents"].as_array().unwrap();
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let changes: Vec<String> =
        documents.iter().map(|one| format!("{} {} {}", word(one, "change"), word(one, "id"), one["fields"])).collect();
    assert_eq!(changes, ["renamed PRO-002 []", "removed SLA-001 []", "modified SVC-001 [\"version\"]"]);
    assert_eq!(documents[0]["path_before"], "procedures/b.md");
    assert_eq!(documents[2]["version"], serde_json::json!({ "before": "1", "now": "2" }));
    let ids = |key: &str| -> Vec<(String, bool)> {
        let list = ripple[key].as_array().unwrap().iter();
        list.map(|one| (word(one, "id"), one["changed"].as_bool().unwrap())).collect()
    };
    assert_eq!(ids("services"), [("SVC-001".to_owned(), true)]);
    assert_eq!(ids("slas"), [("SLA-001".to_owned(), true)]);
    assert_eq!(ids("customers"), [("CUS-001".to_owned(), false)]);
    assert!(ripple["clauses"].as_array().unwrap().contains(&"8.3.3".into()));
    assert!(ripple.get("resets").is_none(), "what was not evaluated is not said to be none");
}

#[test]
fn the_baseline_is_that_of_the_base() {
    let git = Git::new();
    git.run(&["switch", "-q", "main"]);
    git.put("attestry.yaml", "format: 1\norganization: Example\nbaseline: known.json\n");
    git.put("known.json", "{\"version\": 1, \"findings\": []}\n");
    git.commit("a baseline");
    git.run(&["switch", "-qC", "change"]);
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "[away](away.md)"));
    let line = "{\"rule\":\"broken-link\",\"subject\":\"pro-002\",\"pointer\":\"body\",\"discriminator\":\"away.md\"}";
    git.put("known.json", &format!("{{\"version\": 1, \"findings\": [{line}]}}\n"));
    for arguments in [&[][..], &["--baseline", "known.json"]] {
        let mut arguments = arguments.to_vec();
        let path = git.0.path().join("known.json");
        if let Some(last) = arguments.last_mut().filter(|last| **last == "known.json") {
            *last = path.to_str().unwrap();
        }
        let value = git.since(&arguments);
        assert_eq!(told(&value["findings"]), ["broken-link PRO-002"]);
        assert_eq!(judges(&value), ["known.json: differs"]);
    }
}

#[test]
fn what_cannot_be_compared_stops_with_what_to_do() {
    let git = Git::new();
    assert!(git.fails("origin/main").contains("fetch it first"));
    git.run(&["update-ref", "refs/remotes/origin/next", "HEAD"]);
    assert!(git.fails("next").contains("did you mean `origin/next`?"));
    git.run(&["switch", "-q", "--orphan", "other"]);
    git.put("attestry.yaml", "format: 1\n");
    git.commit("unrelated");
    assert!(git.fails("main").contains("no commit in common"));

    git.run(&["switch", "-q", "change"]);
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "More."));
    git.commit("change");
    let shallow = Folder::new();
    let address = format!("file://{}", git.0.path().display());
    let target = shallow.path().join("clone");
    git.run(&["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "change", &address, target.to_str().unwrap()]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    let output = command.args(["check", "--since", "origin/main", "-C"]).arg(&target).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("`fetch-depth: 0`"), "{error}");

    let without = Folder::new();
    without.put("attestry.yaml", &Made::Text("format: 1\n".to_owned()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    let output = command.args(["check", "--since", "main", "-C"]).arg(without.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_sms_that_the_change_brings_is_all_new() {
    let git = Git(Folder::new());
    git.run(&["init", "-q", "-b", "main"]);
    git.put("readme.txt", "a program\n");
    git.commit("start");
    git.put("sms/attestry.yaml", "format: 1\n");
    git.put("sms/people.yaml", PEOPLE);
    git.put("sms/procedures/a.md", &procedure("PRO-001", "ada", "[gone](gone.md)"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    command.args(["check", "--since", "HEAD", "--format", "json", "-C"]).arg(git.0.path().join("sms"));
    let value: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert!(told(&value["findings"]).contains(&"broken-link PRO-001".to_owned()));
    assert_eq!(value["ripple"]["documents"][0]["change"], "added");
}

#[test]
fn markdown_has_tables_and_no_text_breaks_them() {
    let git = Git::new();
    let text = procedure("PRO-002", "bo", "[away](away.md)").replace("title: How", "title: 'a | b <b>@all</b>'");
    git.put("procedures/b.md", &text);
    git.put("attestry.yaml", "format: 1\nlevels: { broken-link: note }\n");
    for form in ["markdown", "comment"] {
        let output = git.check(&["--since", "main", "--format", form]);
        let text = String::from_utf8(output.stdout).unwrap();
        for part in [
            "### attestry: 1 new error",
            "**What judges is changed",
            "**Documents changed since",
            "**Approval needed by**",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("<b>") && text.contains("a &#124; b &#60;b"), "{text}");
        assert!(text.find("What judges").unwrap() < text.find("Documents changed").unwrap());
    }
}

#[test]
fn the_ripple_tells_approvals_that_the_change_undoes() {
    let git = Git::new();
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "All is different."));
    let output = git.check_with_history(&["--since", "main", "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told(&value["findings"]), ["changed-after-approval PRO-002"]);
    assert_eq!(value["ripple"]["resets"], serde_json::json!(["PRO-002"]), "{:#}", value["ripple"]);
    // Only the order of fields and the day of a review differ: the approval stands.
    let reviewed = procedure("PRO-002", "bo", "All is well.")
        .replace("version: '1'\n", "last_reviewed: 2026-06-29\nversion: '1'\n");
    git.put("procedures/b.md", &reviewed);
    let output = git.check_with_history(&["--since", "main", "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["ripple"]["resets"], serde_json::json!([]));
}

#[test]
fn the_ripple_asks_the_code_owners_of_the_base() {
    let git = Git::new();
    git.run(&["switch", "-q", "main"]);
    git.put("CODEOWNERS", "/procedures/ ada@example.com\n/services/ @example/desk\n");
    git.commit("owners");
    git.run(&["switch", "-qc", "later"]);
    git.put("CODEOWNERS", "/procedures/ @mallory\n");
    git.put("procedures/b.md", &procedure("PRO-002", "bo", "All is different."));
    let value = git.since(&[]);
    let asked = value["ripple"]["approvals"].as_array().unwrap();
    let of = |party: &str| asked.iter().find(|one| one["party"] == party).map(|one| one["codeowner"].clone());
    assert_eq!(of("ada"), Some(serde_json::json!(["PRO-002"])), "{asked:#?}");
    assert_eq!(of("@mallory"), None);

    // The platform asks for what judges too, and for what only moved.
    git.put("CODEOWNERS", "* @example/all\n");
    git.commit("owners of all");
    git.run(&["branch", "-qf", "main"]);
    git.put("CODEOWNERS", "");
    git.put("people.yaml", &format!("{PEOPLE}  - {{ id: mallory, name: Mallory }}\n"));
    git.run(&["mv", "procedures/a.md", "procedures/c.md"]);
    let value = git.since(&[]);
    let asked = value["ripple"]["approvals"].as_array().unwrap();
    let all = asked.iter().find(|one| one["party"] == "@example/all").unwrap();
    assert_eq!(all["codeowner"], serde_json::json!(["CODEOWNERS", "people.yaml", "PRO-001"]));
}

//! The commands `gap`, `explain`, `schema`, `init` and `new`, run as a user runs them, in folders
//! of their own.

use crate::support::project;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
};

const DAY: &str = "2026-06-30";

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("attestry-commands-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// One with a new SMS in it.
    fn started() -> Self {
        let folder = Self::new();
        let output = folder.run(&["init", "--organization", "Example: \"Q\" & <b>Co</b>", "--zone", "Europe/Oslo"]);
        assert!(output.status.success(), "{}", error(&output));
        folder
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_attestry"))
            .arg("-C")
            .arg(&self.0)
            .args(arguments)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut pending = vec![self.0.clone()];
        while let Some(folder) = pending.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else {
                    let name = path.strip_prefix(&self.0).unwrap().to_string_lossy().replace('\\', "/");
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
        found
    }

    /// The findings that are more than notes, and how many notes there are.
    fn check(&self) -> (Vec<String>, u64) {
        let output = self.run(&["check", "--format", "json", "--fail-on", "never"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", error(&output)));
        let serious = report["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] != "note");
        let serious = serious
            .map(|finding| {
                format!(
                    "{} {} {}: {} ({})",
                    finding["level"],
                    finding["rule"],
                    finding["location"]["path"],
                    finding["message"],
                    finding["pointer"]
                )
            })
            .collect();
        (serious, report["counts"]["notes"].as_u64().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn small() -> Folder {
    let folder = Folder::new();
    folder.write("attestry.yaml", "format: 1\norganization: Example AS\nzone: Europe/Oslo\nstandards: [iso20000-1:2018]\ndata:\n  - path: data/incidents.csv\n    kind: incident\n    columns: { id: Number, status: State, reported_on: Opened, description: Text }\n");
    folder.write("people.yaml", "people:\n  - { id: ada, name: Ada }\n");
    folder.write("policies/p.md", "---\nid: SMP-001\ntitle: Policy\nkind: sm-policy\nversion: 1.0\nstatus: approved\nowner: ada\napproved_by: ada\napproved_on: 2026-01-02\npurpose_fit: It fits\nobjectives_framework: Yearly\ncommitment_requirements: We do\ncommitment_improvement: We do\ncommunicated_on: [{ date: 2026-01-03, audience: all, channel: mail }]\navailable_to_parties: On the wall\n---\n\n# Policy\n");
    folder.write("data/incidents.csv", "Number,State,Opened,Text\nINC-1,new,2026-06-01,One\n");
    folder.write("registers/judgements.yaml", "kind: judgement\nid: REG-J\ntitle: Judgements\nversion: 1.0\nstatus: approved\nowner: ada\napproved_by: ada\napproved_on: 2026-01-02\nentries:\n  - id: JDG-001\n    title: Boundaries\n    requirement: iso20000-1:2018/4.3-a\n    verdict: conforming\n    judged_by: ada\n    judged_on: 2026-02-01\n    valid_until: 2027-02-01\n    grounds: Looked at it\n");
    folder
}

fn schema_of(name: &str) -> jsonschema::Validator {
    let text = fs::read_to_string(project(&format!("schema/{name}.schema.json"))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn assert_valid(name: &str, value: &Value) {
    let errors: Vec<String> =
        schema_of(name).iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn gap_says_what_is_there_and_what_is_missing() {
    let folder = small();
    let text = out(&folder.run(&["gap", "--as-of", DAY]));
    assert!(text.contains("SMP-001 (policies/p.md)"), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let judged = "conforming by ada on 2026-02-01, holds until 2027-02-01 (JDG-001, registers/judgements.yaml)";
    assert!(words.contains(judged), "{text}");
    assert!(text.contains("1 row (data/incidents.csv)") || !text.contains("data/incidents.csv"), "{text}");
    assert!(text.contains("0 of 0 found"), "{text}");
    assert!(!text.contains("4.3-a"), "a letter of ours is printed as a citation");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let missing = out(&folder.run(&["gap", "--as-of", DAY, "--only", "missing", "--clause", "5.2"]));
    assert!(!missing.contains("✓"), "{missing}");
    let wrong = folder.run(&["gap", "--clause", "8.6.9"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(error(&wrong).contains("did you mean"), "{}", error(&wrong));
}

#[test]
fn gap_and_report_have_the_form_that_is_published() {
    let folder = small();
    for arguments in [vec!["gap", "--as-of", DAY], vec!["gap", "--as-of", DAY, "--only", "judgement", "--clause", "4"]]
    {
        let arguments = [arguments, vec!["--format", "json"]].concat();
        let gap: Value = serde_json::from_slice(&folder.run(&arguments).stdout).unwrap();
        assert_valid("gap", &gap);
    }
    folder.write("policies/wrong.md", "---\nid: SMP-002\nkind: sm-policy\nstatus: aproved\nstray: 1\n---\n");
    let report = folder.run(&["check", "--as-of", DAY, "--format", "json"]);
    assert_eq!(report.status.code(), Some(1), "{}", error(&report));
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert!(!report["findings"].as_array().unwrap().is_empty());
    assert_valid("report", &report);
}

#[test]
fn gap_in_other_forms() {
    let folder = small();
    folder.write("registers/context.yaml", "kind: context-issue\nid: REG-C\ntitle: Context\nversion: 1.0\nstatus: approved\nowner: ada\napproved_by: ada\napproved_on: 2026-01-02\nentries:\n  - { id: CTX-1, title: T, nature: external, description: D, effect_on_sms: E }\n");
    let target = folder.0.join("gap.csv");
    let argument = format!("csv={}", target.display());
    let markdown = out(&folder.run(&["gap", "--as-of", DAY, "--format", "markdown", "--output", &argument]));
    assert!(markdown.starts_with("# Evidence for ISO/IEC 20000-1:2018"));
    assert!(markdown.contains("CTX-1 (registers/context.yaml)"), "{markdown}");
    let csv = fs::read_to_string(target).unwrap();
    assert!(csv.starts_with("requirement,clause,"), "{csv}");
    assert!(csv.contains("iso20000-1:2018/4.1-a,4.1,"));
    assert_eq!(folder.run(&["gap", "--output", "pdf=x"]).status.code(), Some(2));
}

#[test]
fn init_gives_a_start_that_blocks_nobody() {
    let folder = Folder::started();
    let (serious, notes) = folder.check();
    assert!(serious.is_empty(), "{}", serious.join("\n"));
    assert!(notes > 0 || !attestry::rules::all().any(|rule| rule.name.contains("placeholder")));
    assert!(folder.run(&["check"]).status.success());
    let gap: Value = serde_json::from_slice(&folder.run(&["gap", "--format", "json"]).stdout).unwrap();
    assert_eq!(gap["tally"]["found"], 0, "a starter is no evidence");
    assert!(gap["tally"]["missing"].as_u64().unwrap() > 50);
    assert_eq!(gap["organization"], "Example: \"Q\" & <b>Co</b>");
    let kinds: Vec<String> = attestry::standard::iso20000()
        .documents_7_5_4
        .iter()
        .filter(|listed| listed.letter != "l")
        .flat_map(|listed| listed.kinds.iter().filter(|kind| *kind != "objective" && *kind != "request-model").cloned())
        .collect();
    let files = folder.files();
    for kind in kinds {
        let line = format!("kind: {kind}\n");
        assert!(
            files.values().any(|bytes| String::from_utf8_lossy(bytes).contains(&line)),
            "7.5.4 lists `{kind}`, and the starter has none"
        );
    }
}

#[test]
fn init_overwrites_nothing() {
    let folder = Folder::new();
    folder.write("README.md", "mine\n");
    folder.write("schema/own.txt", "mine\n");
    let text = out(&folder.run(&["init"]));
    assert!(text.contains("README.md, schema/"), "{text}");
    assert_eq!(folder.read("README.md"), "mine\n");
    assert!(!folder.0.join("schema/kinds").exists());
    let before = folder.files();
    assert!(folder.run(&["init", "--organization", "Other"]).status.success());
    assert_eq!(folder.files(), before);
    let wrong = folder.run(&["init", "--zone", "Mars/Olympus"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn init_writes_for_a_hosting_platform() {
    let folder = Folder::new();
    let both = ["init", "--github", "--gitlab"];
    let text = out(&folder.run(&both));
    assert!(text.contains(".github/workflows/attestry.yml: say in it where"), "{text}");
    assert!(folder.read(".gitlab-ci.yml").contains("codequality: "));
    assert!(folder.0.join("people.yaml").exists());
    let output = folder.run(&["check"]);
    assert!(output.status.success(), "{}", out(&output));

    // Below the root of a git repository, the files go where the platforms look for them.
    let folder = Folder::new();
    let git = Command::new("git").args(["init", "-q"]).arg(&folder.0).status().unwrap();
    assert!(git.success());
    let text = out(&folder.run(&["init", "docs/sms", "--github", "--gitlab"]));
    assert!(text.contains("(at the root of the git repository)"), "{text}");
    assert!(folder.read(".github/workflows/attestry.yml").contains("\n          path: docs/sms # "));
    assert!(folder.read(".github/workflows/attestry-approvals.yml").contains("\n      SMS: docs/sms # "));
    assert!(folder.read(".gitlab-ci.yml").contains("\n    SMS: docs/sms # "));
    assert!(folder.0.join("docs/sms/people.yaml").exists() && !folder.0.join("docs/sms/.github").exists());

    // In a system that is there already it writes nothing else, and nothing over.
    let folder = Folder::new();
    folder.write("attestry.yaml", "format: 1\norganization: Mine\nzone: UTC\n");
    folder.write(".gitlab-ci.yml", "mine\n");
    let text = out(&folder.run(&both));
    assert!(text.contains("there already: .gitlab-ci.yml"), "{text}");
    assert!(!text.contains("people.yaml"), "{text}");
    let files: Vec<String> = folder.files().into_keys().collect();
    assert_eq!(files.iter().filter(|path| !path.starts_with(".github/")).count(), 2, "{files:?}");
    assert_eq!(folder.read(".gitlab-ci.yml"), "mine\n");
}

#[test]
fn every_kind_has_a_new_document_that_gives_only_notes() {
    let folder = Folder::started();
    let kinds: Vec<String> = attestry::kind::Kinds::built_in().iter().map(|kind| kind.name.clone()).collect();
    // First what others have to refer to.
    let first = [
        "customer",
        "other-party",
        "service",
        "incident",
        "problem",
        "change",
        "audit",
        "nonconformity",
        "risk",
        "objective",
    ];
    let order = first
        .iter()
        .map(|kind| (*kind).to_owned())
        .chain(kinds.iter().filter(|kind| !first.contains(&kind.as_str())).cloned());
    for kind in order.filter(|kind| kind != "register" && kind != "approval") {
        let before = folder.files();
        let output = folder.run(&["new", &kind, "--title", &format!("New {kind}")]);
        assert!(output.status.success(), "{kind}: {}", error(&output));
        let after = folder.files();
        let changed = after.iter().filter(|(path, bytes)| before.get(*path) != Some(bytes)).count();
        assert_eq!(changed, 1, "{kind}");
    }
    let (mut serious, notes) = folder.check();
    // A record that is open cannot be a draft: what is left in it may be more than a note.
    serious.retain(|finding| !finding.starts_with("\"warning\" \"placeholder\""));
    assert!(serious.is_empty(), "{}", serious.join("\n"));
    assert!(notes > 0);
}

#[test]
fn new_counts_on_and_keeps_every_byte() {
    let folder = small();
    let register = "kind: change # the kind\nid: REG-CHG\ntitle: 'Changes'\nstatus: draft\nentries:\n- id: CHG-2026-0041\n  title: \"One\"   # kept\n  status: new\n  raised_by: ada\n  raised_on: 2026-01-01\n  proposal_type: x\n  description: |\n    text\n";
    folder.write("registers/changes.yaml", register);
    let text = out(&folder.run(&["new", "change", "--as-of", DAY, "--title", "A: b # c"]));
    assert!(text.contains("registers/changes.yaml: "), "{text}");
    let now = folder.read("registers/changes.yaml");
    assert!(now.starts_with(register), "{now}");
    assert!(now[register.len()..].starts_with("- id: CHG-2026-0042\n  title: \"A: b # c\"\n"), "{now}");
    folder.run(&["new", "change", "--as-of", "2027-01-05"]);
    assert!(folder.read("registers/changes.yaml").contains("- id: CHG-2027-0001\n"));
    let policy = out(&folder.run(&["new", "sm-policy", "--title", "Our way"]));
    assert!(policy.contains("policies/our-way.md: "), "{policy}");
    assert!(folder.read("policies/our-way.md").contains("id: SMP-002\n"));
    assert_eq!(folder.run(&["new", "sm-policy", "--title", "Our way"]).status.code(), Some(2));
    let wrong = folder.run(&["new", "polcy"]);
    assert_eq!(wrong.status.code(), Some(2));
    folder.write("registers/flow.yaml", "kind: risk\nid: REG-R\nentries: [{ id: RSK-001 }]\n");
    let refused = folder.run(&["new", "risk"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(folder.read("registers/flow.yaml"), "kind: risk\nid: REG-R\nentries: [{ id: RSK-001 }]\n");
}

#[test]
fn schema_writes_what_refers_to_itself() {
    let folder = Folder::new();
    let target = folder.0.join("schema");
    let output = folder.run(&["schema", &target.display().to_string()]);
    assert!(output.status.success(), "{}", error(&output));
    assert!(out(&output).contains("# yaml-language-server: $schema="));
    for (path, bytes) in folder.files() {
        let schema: Value = serde_json::from_slice(&bytes).unwrap();
        let own = Path::new(&path).parent().unwrap();
        let mut pending = vec![&schema];
        while let Some(value) = pending.pop() {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str)
                && let Some((file, _)) = reference.split_once('#').filter(|(file, _)| !file.is_empty())
            {
                assert!(folder.0.join(own).join(file).is_file(), "{path}: {reference}");
            }
            pending.extend(value.as_object().into_iter().flat_map(|fields| fields.values()));
            pending.extend(value.as_array().into_iter().flatten());
        }
    }
}

#[test]
fn everything_is_explained() {
    let folder = Folder::new();
    let kinds = attestry::kind::Kinds::built_in();
    let names = attestry::rules::all()
        .map(|rule| rule.name.to_owned())
        .chain(kinds.iter().map(|kind| kind.name.clone()))
        .chain(["4", "4.1", "8.6.1", "8.6.1-a", "iso20000-1:2018/8.6.1"].map(str::to_owned));
    for name in names {
        let output = folder.run(&["explain", &name]);
        assert!(output.status.success(), "{name}: {}", error(&output));
        assert!(out(&output).lines().count() > 3, "{name}");
    }
    let clause = out(&folder.run(&["explain", "8.6.1"]));
    assert!(clause.contains("Incident management") && clause.contains("`incident`"), "{clause}");
    assert!(!clause.contains("8.6.1-"), "a letter of ours is printed as a citation\n{clause}");
    for list in ["--rules", "--kinds", "--clauses"] {
        assert!(folder.run(&["explain", list]).status.success());
    }
    let wrong = folder.run(&["explain", "incidnt"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(error(&wrong).contains("did you mean `incident`?"), "{}", error(&wrong));
    assert_eq!(folder.run(&["explain"]).status.code(), Some(2));
}

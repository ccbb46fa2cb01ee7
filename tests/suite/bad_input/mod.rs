//! Bad input: files, repositories and schemas that are broken, hostile or merely strange. Each gets
//! the right rule at the right place or one clear message, never a panic, and hides nothing else.

mod files;
mod git;
mod hostile;
mod places;
mod trees;
mod unread;
mod unseen;

use attestry::rules::GROUPS;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A document with one mistake that every run has to find, whatever else is wrong.
const WITNESS: &str = "---\nid: POL-900\nkind: sm-policy\ntitle: Witness\nstatus: draft\nwitnes: x\n---\n\n# Witness\n";
const WITNESS_PATH: &str = "policies/witness.md";
const WITNESSED: &str = "policies/witness.md:6:1 unknown-field";

/// Where the tests of this checkout keep their folders: outside it, because what a repository
/// around them ignores would not be seen.
fn root() -> PathBuf {
    std::env::temp_dir().join(format!("attestry-tests{}", env!("CARGO_MANIFEST_DIR").replace(['/', '\\'], "-")))
}

/// A folder of a test, empty at first; it is left behind for whoever has to look.
fn folder(test: &str) -> PathBuf {
    let folder = root().join(test);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A folder with a configuration, the witness, and these files.
fn sms(test: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = folder(test);
    write(&folder, "attestry.yaml", "format: 1\norganization: Example AS\nzone: UTC\n");
    write(&folder, WITNESS_PATH, WITNESS);
    for (path, content) in files {
        write(&folder, path, content);
    }
    folder
}

/// What a run of the program came to.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let run = Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("the messages are UTF-8"),
        };
        assert!((0..=2).contains(&run.code), "exit code {}\n{}\n{}", run.code, run.out, run.err);
        assert!(!run.err.contains("panicked"), "{}", run.err);
        run
    }

    /// What the group `reading` found: `path:line:column rule`.
    fn found(&self) -> Vec<String> {
        self.findings().iter().map(shown).collect()
    }

    /// The same without the witness, which must be among them.
    fn found_beside_the_witness(&self) -> Vec<String> {
        let mut found = self.found();
        let before = found.len();
        found.retain(|one| one != WITNESSED);
        assert_eq!(before, found.len() + 1, "what else is wrong is found too: {found:#?}\n{}", self.err);
        found
    }

    fn findings(&self) -> Vec<Value> {
        let report: Value = serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no report: {}", self.err));
        let reading = &GROUPS.iter().find(|group| group.name == "reading").unwrap().rules;
        let ours = |finding: &&Value| reading.iter().any(|rule| finding["rule"] == rule.name);
        report["findings"].as_array().unwrap().iter().filter(ours).cloned().collect()
    }

    /// The message and help of the finding of a rule in a file.
    fn said(&self, path: &str, rule: &str) -> String {
        let findings = self.findings();
        let of = |finding: &&Value| finding["rule"] == rule && finding["location"]["path"] == path;
        let finding = findings.iter().find(of).unwrap_or_else(|| panic!("no {rule} in {path}: {:#?}", self.found()));
        format!("{}; {}", finding["message"].as_str().unwrap(), finding["help"].as_str().unwrap())
    }

    /// One line that says what is wrong, and no findings.
    fn refusal(&self) -> &str {
        assert_eq!(self.code, 2, "{}{}", self.out, self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "one message: {}", self.err);
        self.err.trim_end()
    }
}

fn shown(finding: &Value) -> String {
    let location = &finding["location"];
    format!(
        "{}:{}:{} {}",
        location["path"].as_str().unwrap(),
        location["start_line"],
        location["start_column"],
        finding["rule"].as_str().unwrap()
    )
}

/// Runs the program in a folder, without the settings of whoever runs the tests.
fn attestry(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    isolate(&mut command);
    Run::of(command.arg("-C").arg(folder).args(arguments).output().unwrap())
}

fn check(folder: &Path) -> Run {
    check_with(folder, &[])
}

fn check_at(folder: &Path, revision: &str) -> Run {
    check_with(folder, &[&format!("--rev={revision}")])
}

fn check_with(folder: &Path, options: &[&str]) -> Run {
    attestry(folder, &[&["check", "--format", "json", "--as-of", "2026-01-31"], options].concat())
}

fn isolate(command: &mut Command) {
    let home = root().join("home");
    fs::create_dir_all(&home).unwrap();
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("GIT_"));
    for name in ours {
        command.env_remove(name);
    }
    command.env("HOME", &home).env("XDG_CONFIG_HOME", &home).env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{role}_NAME"), "Bo Samplesen")
            .env(format!("GIT_{role}_EMAIL"), "bo@brightwater.example");
        command.env(format!("GIT_{role}_DATE"), "2026-01-02T12:00:00Z");
    }
}

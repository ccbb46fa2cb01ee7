//! The cache: with and without it the same bytes, whatever happened to the repository or to the
//! cache since.

use super::support::Folder;
use attestry::{
    configuration::Configuration,
    document::{Parsed, parse},
    fields::SharedNames,
    kind::Kinds,
    source::SourceId,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

const DAY: &str = "2026-11-01";

fn run(cache: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    command.args(arguments).env("XDG_CACHE_HOME", cache).env_remove("GIT_INDEX_FILE").output().unwrap()
}

/// The sample as a repository, and a cache of its own.
struct Sample {
    folder: Folder,
    cache: Folder,
}

impl Sample {
    fn new() -> Self {
        static MADE: OnceLock<PathBuf> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache-demo");
            let _ = fs::remove_dir_all(&made);
            let output = run(&made.join("none"), &["demo", made.to_str().unwrap()]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(!made.join("none").exists(), "the demo has no cache");
            made.join("sms")
        });
        let sample = Self { folder: Folder::new(), cache: Folder::new() };
        let copied = Command::new("cp").arg("-R").arg(made).arg(sample.path()).status().unwrap();
        assert!(copied.success());
        // So that the index knows the copies.
        sample.git(&["status"]);
        sample
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sms")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.path()).args(["-c", "user.name=Ada", "-c", "user.email=ada@brightwater.example"]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn append(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::write(&path, fs::read_to_string(&path).unwrap() + text).unwrap();
    }

    fn commit(&self, message: &str) {
        self.git(&["commit", "-q", "-a", "-m", message]);
    }

    fn check(&self, options: &[&str]) -> (String, Option<i32>) {
        let path = self.path();
        let fixed = ["check", "-C", path.to_str().unwrap(), "--as-of", DAY, "--format", "json"];
        let output = run(self.cache.path(), &[&fixed, options].concat());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{options:?}");
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    }

    /// Checks cold, with the cache as it is, and with the cache that this leaves; gives what was
    /// said.
    fn agrees(&self, when: &str, options: &[&str]) -> String {
        let cold = self.check(&[options, &["--no-cache"]].concat());
        for turn in ["first", "second"] {
            assert!(self.check(options) == cold, "{when}, {options:?}: the {turn} run with the cache says otherwise");
        }
        // A path has it judged again, from what the texts are known to say.
        let judged_again = self.check(&[options, &["."]].concat());
        assert!(judged_again == cold, "{when}, {options:?}: what the cache has of the texts says otherwise");
        cold.0
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.cache.path().join("attestry")).into_iter().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

#[test]
fn what_a_text_says_is_the_same_from_its_bytes() {
    let kinds = Kinds::built_in();
    let configuration = Configuration::default();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-sms");
    let (mut folders, mut kept, names) = (vec![root.clone()], 0, &mut SharedNames::default());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
                continue;
            }
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let Ok(text) = fs::read_to_string(&file) else { continue };
            if !matches!(path.rsplit_once('.'), Some((_, "md" | "yaml"))) {
                continue;
            }
            let parsed = parse(SourceId(7), &path, &text, &kinds, &configuration);
            let Some(bytes) = parsed.to_bytes(&kinds, &text) else {
                assert!(!parsed.problems.is_empty(), "{path}: nothing is wrong with it");
                continue;
            };
            let again = Parsed::of_bytes(&bytes, SourceId(7), names).unwrap();
            assert_eq!(format!("{again:?}"), format!("{parsed:?}"), "{path}");
            for end in 0..bytes.len().min(200) {
                assert!(Parsed::of_bytes(&bytes[..end], SourceId(7), names).is_none(), "{path} cut off");
            }
            kept += 1;
        }
    }
    assert!(kept > 50, "{kept} texts are in order");
}

#[test]
fn with_and_without_the_cache_the_same_bytes() {
    let sample = Sample::new();
    sample.check(&["--no-cache"]);
    assert!(sample.files().is_empty(), "`--no-cache` writes none");
    let first = sample.agrees("at first", &[]);
    assert_eq!(sample.files().len(), 5);
    sample.agrees("at first", &["--staged"]);
    sample.agrees("at first", &["--rev", "HEAD~3"]);
    sample.agrees("at first", &["--no-history"]);
    sample.agrees("at first", &["--evidence", "HEAD~5"]);
    sample.agrees("at first", &["--fail-on", "note"]);
    sample.agrees("at first", &["--since", "HEAD~3"]);

    let policy = "policies/service-management.md";
    sample.append(policy, "\nOne sentence more.\n");
    let changed = sample.agrees("with a changed file", &[]);
    assert_ne!(first, changed);
    sample.agrees("with a changed file", &["--staged"]);
    sample.git(&["add", "-A"]);
    assert_ne!(sample.agrees("with a staged file", &["--staged"]), first);
    sample.commit("policy: one sentence more");
    let committed = sample.agrees("with a new commit", &[]);
    assert_ne!(changed, committed);

    sample.git(&["checkout", "-q", "-b", "side", "HEAD~2"]);
    sample.append(policy, "\nAnother sentence.\n");
    sample.commit("policy: another sentence");
    sample.agrees("on another branch", &[]);
    sample.git(&["checkout", "-q", "main"]);
    sample.git(&["merge", "-q", "-s", "ours", "-m", "merge the other sentence", "side"]);
    sample.agrees("with a merge", &[]);

    sample.git(&["reset", "-q", "--hard", "HEAD~3"]);
    sample.append(policy, "\nA sentence instead.\n");
    sample.commit("policy: a sentence instead");
    sample.agrees("with a rewritten tip", &[]);

    sample.append("attestry.yaml", "\nrules:\n  changed-after-approval: off\n");
    sample.agrees("with another configuration", &[]);
    sample.git(&["tag", "-a", "-m", "a tag", "v9"]);
    sample.agrees("with a tag", &[]);
}

#[test]
fn a_change_that_hides_behind_size_and_time_is_seen() {
    let sample = Sample::new();
    let said = sample.agrees("at first", &[]);
    let path = sample.path().join("policies/service-management.md");
    let (text, time) = (fs::read_to_string(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    fs::write(&path, text.replacen("status: approved", "status: in-force", 1)).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), text.len() as u64);
    let changed = sample.agrees("with a change of the same size and time", &[]);
    assert_ne!(changed, said);
    fs::write(&path, text).unwrap();
    assert_eq!(sample.agrees("with the old text and another time", &[]), said);
    // An index as old as a file proves nothing of it.
    let index = fs::File::options().write(true).open(sample.path().join(".git/index")).unwrap();
    index.set_modified(time).unwrap();
    assert_eq!(sample.agrees("with an old index", &[]), said);
}

#[test]
fn files_that_git_writes_otherwise_than_it_keeps_them_are_told_the_same() {
    let sample = Sample::new();
    let again = |sample: &Sample| {
        let now = std::time::SystemTime::now() - std::time::Duration::from_secs(5);
        sample.git(&["rm", "-q", "-r", "--cached", "."]);
        sample.git(&["reset", "-q", "--hard"]);
        for path in ["policies/service-management.md", "data/incidents.csv"] {
            fs::File::options().write(true).open(sample.path().join(path)).unwrap().set_modified(now).unwrap();
        }
        sample.git(&["update-index", "-q", "--refresh"]);
    };
    sample.git(&["config", "core.autocrlf", "true"]);
    again(&sample);
    assert!(fs::read_to_string(sample.path().join("policies/service-management.md")).unwrap().contains("\r\n"));
    for arguments in
        [&[][..], &["--staged"], &["--rev", "HEAD"], &["--since", "HEAD~3"], &["--staged", "--since", "HEAD~2"]]
    {
        sample.agrees("with line ends of another system", arguments);
    }
    sample.git(&["config", "core.autocrlf", "false"]);
    sample.git(&["config", "filter.up.smudge", "sed s/,Closed,/,NotYet,/"]);
    sample.git(&["config", "filter.up.clean", "sed s/,NotYet,/,Closed,/"]);
    let attributes = sample.path().join(".git/of-the-user");
    fs::write(&attributes, b"# f\xfcr alle\n*.csv filter=up\n").unwrap();
    sample.git(&["config", "core.attributesFile", attributes.to_str().unwrap()]);
    again(&sample);
    for arguments in [&[][..], &["--rev", "HEAD"]] {
        sample.agrees("with a filter", arguments);
    }
}

#[test]
fn a_changed_attachment_is_seen() {
    let sample = Sample::new();
    sample.agrees("at first", &[]);
    let listed = sample.git(&["ls-files"]);
    let texts = [".md", ".yaml", ".yml", ".csv", ".jsonl", ".json"];
    let attached: Vec<&str> = listed.lines().filter(|path| !texts.iter().any(|text| path.ends_with(text))).collect();
    for path in attached {
        fs::write(sample.path().join(path), "altered").unwrap();
        sample.agrees(path, &[]);
    }
}

#[test]
fn files_with_other_line_ends_than_git_keeps_are_remembered_too() {
    let sample = Sample::new();
    fs::write(sample.path().join(".git/info/attributes"), "policies/*.md text eol=crlf\n").unwrap();
    sample.git(&["rm", "-q", "--cached", "-r", "."]);
    sample.git(&["reset", "-q", "--hard"]);
    let policy = sample.path().join("policies/service-management.md");
    assert!(fs::read_to_string(policy).unwrap().contains("\r\n"));
    // An index that is younger than the files.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sample.git(&["update-index", "--force-write-index"]);
    let said = sample.check(&[]);
    let remembered = || sample.files().into_iter().find(|file| file.to_string_lossy().ends_with("-said"));
    // All are read the first time, and of many the second time only these.
    for _ in 0..2 {
        fs::remove_file(remembered().expect("what was said is remembered")).unwrap();
        assert!(sample.check(&[]) == said);
    }
}

#[test]
fn a_damaged_cache_is_none() {
    let sample = Sample::new();
    let said = sample.check(&[]);
    let files = sample.files();
    let whole: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for (file, bytes) in files.iter().zip(&whole) {
        let mut flipped = bytes.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x20;
        let empty = Vec::new();
        for damaged in [&flipped, &bytes[..bytes.len() - 1].to_vec(), &empty, &b"attestry cache 1\n".to_vec()] {
            fs::write(file, damaged).unwrap();
            // What was said would hide the others.
            if !file.to_string_lossy().ends_with("-said") {
                files.iter().filter(|file| file.to_string_lossy().ends_with("-said")).for_each(|file| {
                    let _ = fs::remove_file(file);
                });
            }
            assert!(sample.check(&[]) == said, "{}", file.display());
            assert!(fs::read(file).unwrap() != *damaged, "{} is not written anew", file.display());
        }
    }
    // Of another repository, or of another sort.
    let (history, traces) = (files[0].clone(), files[2].clone());
    fs::copy(&traces, &history).unwrap();
    fs::remove_file(&files[1]).unwrap();
    assert!(sample.check(&[]) == said);
    fs::remove_dir_all(sample.cache.path().join("attestry")).unwrap();
    fs::write(sample.cache.path().join("attestry"), "a file in place of the folder").unwrap();
    assert!(sample.check(&[]) == said);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it_and_nothing_is_left_beside() {
    use std::os::unix::fs::PermissionsExt;
    let sample = Sample::new();
    sample.check(&[]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&sample.cache.path().join("attestry")), 0o700);
    for file in sample.files() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert!(!file.to_string_lossy().ends_with(".part"));
    }
}

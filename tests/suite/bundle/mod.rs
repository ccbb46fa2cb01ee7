//! The bundle: packed from real repositories, verified by the program, attacked by hand.

mod attacks;
mod packing;
mod raw;

use attestry::repository::sha256;
use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// An empty folder of a test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bundle").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) const POLICY: &str = "---\nid: POL-001\nkind: policy\ntitle: Service management policy\nversion: \"1.0\"\nstatus: approved\nowner: PER-001\napproved_by: PER-001\napproved_on: 2026-01-10\nclassification: public\n---\n# Service management policy\n\nWe manage services.\n";

/// A rule that the small management system switches off.
pub(crate) fn rule() -> &'static str {
    attestry::rules::all().next().unwrap().name
}

/// A small management system.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let secret = POLICY.replace("POL-001", "POL-002").replace("public", "confidential").replace("Service", "Hidden");
    [
        ("attestry.yaml", "format: 1\norganization: \"Testco <b>AS</b>\"\nzone: Europe/Oslo\nstandards: [iso20000-1:2018]\nlevels:\n  RULE: \"off\"\n"),
        ("people.yaml", "people:\n  - id: PER-001\n    name: Ada Example\n    emails: [ada@example.invalid]\n"),
        ("policies/service-management.md", POLICY),
        ("policies/secret.md", &secret),
        ("registers/attachments.yaml", "kind: attachment\nid: REG-ATT\ntitle: Attachments\nclassification: internal\nentries:\n  - id: ATT-001\n    title: Signed\n    path: attachments/signed.pdf\n    sha256: 0000000000000000000000000000000000000000000000000000000000000000\n"),
        ("attachments/signed.pdf", "%PDF-1.4\r\nnot really\r\n"),
        ("data/100 % ä.csv", "id,state\r\nINC-1,=closed\r\n"),
        ("notes.txt", "no document\n"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.replace("RULE", rule()).into_bytes()))
    .collect()
}

/// A repository with one commit of the same id wherever it is made.
pub(crate) fn repository(folder: &Path, files: Vec<(String, Vec<u8>)>) {
    for (path, bytes) in files {
        fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), bytes).unwrap();
    }
    for arguments in [&["init", "-q"][..], &["add", "--all"], &["commit", "-q", "-m", "first"]] {
        git(folder, arguments);
    }
}

/// Runs git, without what the machine has configured.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.autocrlf=false", "-c", "protocol.file.allow=always"]);
    command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada Example").env(format!("GIT_{who}_EMAIL"), "ada@example.invalid");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00+0100");
    }
    assert!(command.status().unwrap().success(), "git {arguments:?}");
}

/// Runs the program.
pub(crate) fn attestry(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attestry")).args(arguments).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Packs a repository; what the program said, and the archive.
pub(crate) fn pack(folder: &Path, out: &Path, more: &[&str]) -> (Output, Vec<u8>) {
    let (folder, out) = (folder.to_str().unwrap(), out.to_str().unwrap());
    let output = attestry(&[&["bundle", out, "-C", folder, "--as-of", "2026-06-30"], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let bytes = fs::read(out).unwrap();
    (output, bytes)
}

/// The name of the one folder, and the files in it.
pub(crate) fn unzip(bytes: &[u8]) -> (String, BTreeMap<String, Vec<u8>>) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let (mut top, mut files) = (String::new(), BTreeMap::new());
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let (folder, path) = name.split_once('/').unwrap();
        folder.clone_into(&mut top);
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(path.to_owned(), content);
    }
    (top, files)
}

/// Makes the manifests say what the files are.
pub(crate) fn seal(bag: &mut BTreeMap<String, Vec<u8>>) {
    let lines = |bag: &BTreeMap<String, Vec<u8>>, chosen: &dyn Fn(&str) -> bool| -> Vec<u8> {
        let chosen = bag.iter().filter(|(path, _)| chosen(path));
        let lines = chosen.map(|(path, bytes)| format!("{}  {}\n", sha256(bytes), path.replace('%', "%25")));
        lines.collect::<String>().into_bytes()
    };
    let payload = || bag.iter().filter(|(path, _)| path.starts_with("data/"));
    let oxum = format!("{}.{}", payload().map(|(_, bytes)| bytes.len()).sum::<usize>(), payload().count());
    let info = String::from_utf8(bag["bag-info.txt"].clone()).unwrap();
    let info: Vec<&str> = info.lines().filter(|line| !line.starts_with("Payload-Oxum")).collect();
    bag.insert("bag-info.txt".to_owned(), format!("{}\nPayload-Oxum: {oxum}\n", info.join("\n")).into_bytes());
    let manifest = lines(bag, &|path| path.starts_with("data/"));
    bag.insert("manifest-sha256.txt".to_owned(), manifest);
    let tags = lines(bag, &|path| !path.starts_with("data/") && path != "tagmanifest-sha256.txt");
    bag.insert("tagmanifest-sha256.txt".to_owned(), tags);
}

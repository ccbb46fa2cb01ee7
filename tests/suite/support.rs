//! What several tests need.

use attestry::{
    cache::Memory,
    calendar::parse_day,
    configuration::Configuration,
    history::Revision,
    repository::{At, NewCommit, NewRepository, Repository, Want},
    sms::{Need, Sms, build, evidence::Objects, wanted},
    source::{Content, Input},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// An SMS of files in memory, as of a day.
pub(crate) fn sms(files: &[(String, String)], as_of: &str) -> Sms {
    let mut inputs: Vec<Input> = files
        .iter()
        .map(|(path, text)| Input { path: path.clone(), content: Content::Bytes(text.clone().into_bytes()) })
        .collect();
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    build(inputs, parse_day(as_of).unwrap_or_else(|| panic!("`{as_of}` is not a day")), Revision::default())
}

/// A file as a test makes it.
pub(crate) enum Made {
    /// Text.
    Text(String),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// A symbolic link to this target.
    Link(String),
}

impl Made {
    /// The file in a fence of this language.
    pub(crate) fn of(language: &str, content: String) -> Self {
        match language {
            "bytes" => Self::Bytes(unescaped(&content)),
            "link" => Self::Link(content.trim_end().to_owned()),
            _ => Self::Text(content),
        }
    }
}

/// Text with escapes such as `\xff` as bytes.
fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// A folder that is gone when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("attestry-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Puts a file there.
    pub(crate) fn put(&self, path: &str, made: &Made) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match made {
            Made::Text(text) => fs::write(path, text).unwrap(),
            Made::Bytes(bytes) => fs::write(path, bytes).unwrap(),
            Made::Link(target) => link(target, &path),
        }
    }

    /// What attestry reads there, as of a day.
    pub(crate) fn sms(&self, as_of: &str) -> Sms {
        sms_at(&self.0, as_of)
    }
}

/// What attestry reads in a folder, as of a day.
pub(crate) fn sms_at(folder: &Path, as_of: &str) -> Sms {
    let repository = Repository::open(folder, At::WorkTree).unwrap();
    let configuration = fs::read_to_string(folder.join("attestry.yaml")).map(|text| Configuration::read(&text).0);
    let configuration = configuration.unwrap_or_default();
    let inputs = repository.read(|path| match wanted(path, &configuration) {
        Need::Text => Want::Text,
        Need::Data => Want::Data,
        Need::Digest | Need::Nothing => Want::Presence,
    });
    build(inputs, parse_day(as_of).unwrap(), Revision::default())
}

/// A commit of a test, or at the end what is not committed.
#[derive(Default)]
pub(crate) struct Step {
    day: String,
    who: String,
    branch: Option<String>,
    merges: Option<String>,
    message: String,
    /// What changes: new content, or none where the file goes.
    pub(crate) files: Vec<(String, Option<Made>)>,
}

impl Step {
    /// Reads day, author, branch and message.
    pub(crate) fn commit(text: &str) -> Self {
        let (head, message) = text.split_once('\n').unwrap_or((text, ""));
        let words: Vec<&str> = head.split_whitespace().collect();
        let after = |word: &str| words.iter().position(|one| *one == word).map(|at| words[at + 1].to_owned());
        Self {
            day: words[0].to_owned(),
            who: words[1].to_owned(),
            branch: after("on"),
            merges: after("merging"),
            message: if message.is_empty() { "sms: change".to_owned() } else { message.trim_end().to_owned() },
            files: Vec::new(),
        }
    }
}

/// An SMS in a real repository: `first` is part of the first commit.
pub(crate) fn sms_of_commits(first: &[(String, Made)], steps: &[Step], as_of: &str) -> Sms {
    let folder = Folder::new();
    let repository = folder.path().join("sms");
    let mut new = NewRepository::create(&repository).unwrap();
    let bytes = |made: &Made| match made {
        Made::Text(text) => text.clone().into_bytes(),
        Made::Bytes(bytes) => bytes.clone(),
        Made::Link(_) => panic!("a link cannot be committed in an example"),
    };
    for (index, step) in steps.iter().enumerate().filter(|(_, step)| !step.day.is_empty()) {
        let mut changes: Vec<(String, Option<Vec<u8>>)> =
            step.files.iter().map(|(path, made)| (path.clone(), made.as_ref().map(bytes))).collect();
        if index == 0 {
            changes.extend(first.iter().map(|(path, made)| (path.clone(), Some(bytes(made)))));
        }
        let noon = parse_day(&step.day).unwrap().at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp().as_second();
        new.commit(&NewCommit {
            branch: step.branch.clone().unwrap_or_else(|| "main".to_owned()),
            merges: step.merges.clone(),
            name: name_of(&step.who),
            email: format!("{}@brightwater.example", step.who),
            time: noon + i64::try_from(index).unwrap(),
            offset: 60,
            message: step.message.clone(),
            changes,
        })
        .unwrap();
    }
    new.finish().unwrap();
    for (path, made) in steps.iter().filter(|step| step.day.is_empty()).flat_map(|step| &step.files) {
        let path = repository.join(path);
        match made {
            Some(made) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes(made)).unwrap();
            }
            None => fs::remove_file(path).unwrap(),
        }
    }
    sms_with_history(&repository, as_of)
}

/// What attestry reads in a folder, with its history.
pub(crate) fn sms_with_history(folder: &Path, as_of: &str) -> Sms {
    let repository = Repository::open(folder, At::WorkTree).unwrap();
    let mut sms = sms_at(folder, as_of);
    let contents = repository.contents();
    let objects = Objects {
        contents: &|id| contents.as_ref()?.read(id),
        place: &|_| 0,
        memory: &Memory::default(),
        signature: &|id| repository.signature(id).unwrap(),
        tags: repository.tags().unwrap(),
    };
    sms.add_evidence(repository.history().unwrap(), objects);
    sms
}

/// `ada.exampleton` as a name.
fn name_of(who: &str) -> String {
    let parts = who.split('.').map(|part| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    parts.collect::<Vec<_>>().join(" ")
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[cfg(windows)]
fn link(target: &str, path: &Path) {
    std::os::windows::fs::symlink_file(target, path).unwrap();
}

/// An SMS of files in memory, or on disk where one of them cannot be in memory.
pub(crate) fn sms_of(files: &[(String, Made)], as_of: &str) -> Sms {
    let texts: Option<Vec<(String, String)>> = files
        .iter()
        .map(|(path, made)| match made {
            Made::Text(text) => Some((path.clone(), text.clone())),
            Made::Bytes(_) | Made::Link(_) => None,
        })
        .collect();
    if let Some(texts) = texts {
        return sms(&texts, as_of);
    }
    let folder = Folder::new();
    for (path, made) in files {
        folder.put(path, made);
    }
    folder.sms(as_of)
}

/// Whether expected texts are to be written anew: `SNAPSHOTS=overwrite`.
pub(crate) fn overwrite() -> bool {
    std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite")
}

/// A path in the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All files below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() { pending.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}

//! One entry of the ledger: a merged request with its reviews and files.

use super::KIND;
use crate::{calendar::Timestamp, document::Document, source::sha256};
use serde_json::Value;

/// What the hosting platform knows of one merged pull or merge request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id in the SMS.
    pub id: String,
    /// The title of the request.
    pub title: Option<String>,
    /// The hosting platform.
    pub platform: Platform,
    /// Host, owner and name: `github.com/owner/name`.
    pub repository: String,
    /// The number of the request.
    pub request: u64,
    /// The address of the request.
    pub request_url: String,
    /// The account that opened it.
    pub request_author: String,
    /// When it was merged.
    pub merged_on: Timestamp,
    /// The account that merged it.
    pub merged_by: Option<String>,
    /// Its last commit, 40 hexadecimal digits.
    pub head: String,
    /// The commit that brought it into the base branch: a merge, a squashed commit, or the last of
    /// those that were put there anew.
    pub merge: Option<String>,
    /// All reviews, by time, reviewer and state.
    pub reviews: Vec<Review>,
    /// The files that it changed, by path from the root of the repository.
    pub files: Vec<File>,
    /// How many more files it changed, which the platform did not list.
    pub unlisted_files: u64,
}

/// A hosting platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// GitHub, in the cloud or elsewhere.
    GitHub,
    /// GitLab, in the cloud or elsewhere. Its approvals name no commit, its files no blob.
    GitLab,
}

/// A review of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Review {
    /// When it was submitted, where the platform says so.
    pub submitted: Option<Timestamp>,
    /// The account of the reviewer.
    pub reviewer: String,
    /// What it said.
    pub state: ReviewState,
    /// The commit that was reviewed, where the platform names it.
    pub commit: Option<String>,
    /// Whether a later import did not find it on the platform: it stays, and counts for nothing.
    pub unlisted: bool,
}

/// What a review says. Of two at the same moment the later in this order holds: a review that was
/// dismissed keeps the time at which it was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewState {
    /// A comment, neither for nor against.
    Commented,
    /// Approved.
    Approved,
    /// Changes requested.
    ChangesRequested,
    /// Dismissed: it no longer counts.
    Dismissed,
}

/// A file that a request changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Path from the root of the repository.
    pub path: String,
    /// What became of it.
    pub status: FileStatus,
    /// Its path before it was renamed.
    pub previous_path: Option<String>,
    /// Its blob at the head of the request; none for a file that was removed, and on GitLab.
    pub blob: Option<String>,
}

/// What a request does to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileStatus {
    /// A new file, or a copy.
    Added,
    /// Other content or mode.
    Modified,
    /// Another path, perhaps other content too.
    Renamed,
    /// Gone.
    Removed,
}

impl Platform {
    /// Its name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::GitHub, Self::GitLab].into_iter().find(|platform| platform.name() == name)
    }

    /// What it calls a request.
    pub fn request(self) -> &'static str {
        match self {
            Self::GitHub => "pull request",
            Self::GitLab => "merge request",
        }
    }
}

impl ReviewState {
    /// Its name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commented => "commented",
            Self::Approved => "approved",
            Self::ChangesRequested => "changes-requested",
            Self::Dismissed => "dismissed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let all = [Self::Commented, Self::Approved, Self::ChangesRequested, Self::Dismissed];
        all.into_iter().find(|state| state.name() == name)
    }
}

impl FileStatus {
    /// Its name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Renamed => "renamed",
            Self::Removed => "removed",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Added, Self::Modified, Self::Renamed, Self::Removed].into_iter().find(|status| status.name() == name)
    }
}

impl Entry {
    /// The entry that a document of the kind `approval` is. None for other kinds, and for one that
    /// is not whole: what breaks the schema proves nothing.
    pub fn of(document: &Document) -> Option<Self> {
        if document.kind != KIND || document.broken {
            return None;
        }
        let text = |field: &str| document.text(field).map(str::to_owned);
        let account = |field: &str| document.text(field).filter(|name| is_account(name)).map(str::to_owned);
        // A field that is there has to be right; one that is not may lack.
        let optional = |field: &str, right: &dyn Fn(&str) -> bool| match document.fields.get(field) {
            None => Some(None),
            Some(value) => value.as_str().filter(|text| right(text)).map(|text| Some(text.to_owned())),
        };
        let list = |field: &str| document.fields.get(field).and_then(Value::as_array);
        let platform = Platform::parse(document.text("platform")?)?;
        let mut entry = Self {
            id: document.id.clone(),
            title: text("title"),
            platform,
            repository: text("repository")?,
            request: document.fields.get("request")?.as_u64()?,
            request_url: text("request_url")?,
            request_author: account("request_author")?,
            merged_on: document.text("merged_on").and_then(moment)?,
            merged_by: optional("merged_by", &is_account)?,
            head: text("head").filter(|id| is_object(id))?,
            merge: optional("merge", &is_object)?,
            reviews: list("reviews")?.iter().map(Review::of).collect::<Option<_>>()?,
            files: list("files")?.iter().map(|file| File::of(file, platform)).collect::<Option<_>>()?,
            unlisted_files: document.fields.get("unlisted_files").map_or(Some(0), Value::as_u64)?,
        };
        entry.sort();
        Some(entry)
    }

    /// Whether both are about the same request.
    pub fn is_same_request(&self, other: &Self) -> bool {
        self.platform == other.platform
            && self.request == other.request
            && self.repository.eq_ignore_ascii_case(&other.repository)
    }

    /// The name of its file, without folder and ending: platform, owner, name and number in lower
    /// case, such as `github-owner-name-12`.
    pub fn file_stem(&self) -> String {
        file_stem(self.platform, &self.repository, self.request)
    }

    /// Brings reviews and files into order; equal ones become one.
    pub(super) fn sort(&mut self) {
        self.reviews.sort();
        self.reviews.dedup();
        self.files.sort();
        self.files.dedup();
    }
}

impl Review {
    fn of(value: &Value) -> Option<Self> {
        let submitted = match value.get("submitted") {
            None => None,
            Some(text) => Some(moment(text.as_str()?)?),
        };
        object_may_lack(value, "commit").then_some(())?;
        Some(Self {
            submitted,
            reviewer: value["reviewer"].as_str().filter(|name| is_account(name))?.to_owned(),
            state: ReviewState::parse(value["state"].as_str()?)?,
            commit: value["commit"].as_str().map(str::to_owned),
            unlisted: value.get("unlisted").map_or(Some(false), Value::as_bool)?,
        })
    }
}

impl File {
    fn of(value: &Value, platform: Platform) -> Option<Self> {
        let path = |value: &Value| value.as_str().filter(|path| is_path(path)).map(str::to_owned);
        let file = Self {
            path: path(&value["path"])?,
            status: FileStatus::parse(value["status"].as_str()?)?,
            previous_path: value.get("previous_path").map_or(Some(None), |value| path(value).map(Some))?,
            blob: value["blob"].as_str().map(str::to_owned),
        };
        let owed = platform == Platform::GitHub && file.status != FileStatus::Removed;
        (object_may_lack(value, "blob") && (file.blob.is_some() || !owed)).then_some(file)
    }
}

/// Whether an object id is one, or is not there.
fn object_may_lack(value: &Value, field: &str) -> bool {
    value.get(field).is_none_or(|id| id.as_str().is_some_and(is_object))
}

/// A date and time with an offset.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Whether a text is an object id of git.
pub(super) fn is_object(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a text can be the name of an account.
pub(super) fn is_account(text: &str) -> bool {
    let allowed =
        |character: char| !character.is_whitespace() && !character.is_control() && !matches!(character, '@' | '/');
    !text.is_empty() && text.chars().count() <= 255 && text.chars().all(allowed)
}

/// Whether a text can be a path that git holds.
pub(super) fn is_path(text: &str) -> bool {
    let parts = |part: &str| !part.is_empty() && part != "." && part != "..";
    !text.contains('\0') && text.split('/').all(parts)
}

/// See [`Entry::file_stem`]. Names too long for an id keep their beginning and a digest.
pub(super) fn file_stem(platform: Platform, repository: &str, request: u64) -> String {
    let names = repository.split_once('/').map_or(repository, |(_, names)| names);
    let mut safe = String::new();
    for character in names.chars() {
        match character.to_ascii_lowercase() {
            kept @ ('a'..='z' | '0'..='9' | '_') => safe.push(kept),
            '.' if !safe.is_empty() && !safe.ends_with(['.', '-']) => safe.push('.'),
            _ if !safe.is_empty() => safe.push('-'),
            _ => {}
        }
    }
    if safe.len() > 80 {
        let digest = sha256(repository.to_ascii_lowercase().as_bytes());
        safe.truncate(60);
        safe = format!("{safe}-{}", &digest[..12]);
    }
    format!("{}-{safe}-{request}", platform.name())
}

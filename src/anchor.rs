//! Anchors: commits that somebody noted as the head of a history, so that it can be seen later
//! whether the history still leads back to them. A list of heads is a text, one commit a line.

use crate::{
    calendar::{Date, parse_day},
    history::ObjectId,
    source::Span,
};

/// The most bytes of a list of heads.
pub const LIMIT: u64 = 1024 * 1024;

/// Who keeps an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// The verifier, in an earlier bundle.
    Bundle,
    /// The verifier, in a list of heads.
    List,
    /// The repository itself: self-claimed, since whoever rewrites its history can rewrite it too.
    Repository,
}

impl Keeper {
    /// Whether somebody brought it from elsewhere.
    pub fn is_verifier(self) -> bool {
        self != Self::Repository
    }

    /// What it is worth, in a word.
    pub fn in_words(self) -> &'static str {
        if self.is_verifier() { "brought" } else { "self-claimed" }
    }
}

/// A commit that the history is to lead back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The commit.
    pub commit: ObjectId,
    /// The day that the anchor states.
    pub day: Option<Date>,
    /// Who keeps it.
    pub keeper: Keeper,
    /// The bundle or list, as it was named.
    pub file: String,
    /// Where it stands in a list.
    pub span: Span,
    /// The first commit of the line that it ended, where a bundle states it.
    pub first: Option<ObjectId>,
    /// Files of which the history no longer tells what they were at the commit.
    pub dropped: Vec<String>,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The commit.
    pub commit: ObjectId,
    /// The day, as the list states it.
    pub day: Option<Date>,
    /// Where it stands.
    pub span: Span,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Where it stands.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// What a line is to look like.
pub const FORM: &str = "write a day and a commit of 40 digits, as `git log -1 --format='%cs %H'` prints them";

/// Reads a list of heads: per line a commit of 40 hexadecimal digits and, before or behind it, a
/// day. `#` begins a remark.
pub fn read(text: &str) -> (Vec<Head>, Vec<Defect>) {
    let (mut heads, mut defects) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.split('#').next().unwrap_or_default().trim_start_matches('\u{feff}');
        let before = line.find(content.trim()).unwrap_or_default();
        let span = start + before..start + before + content.trim().len();
        start += line.len();
        if span.is_empty() {
            continue;
        }
        match head(content, span.clone()) {
            Ok(head) => heads.push(head),
            Err(message) => defects.push(Defect { span, message }),
        }
    }
    (heads, defects)
}

fn head(line: &str, span: Span) -> Result<Head, String> {
    let (mut commit, mut day) = (None, None);
    for word in line.split_whitespace() {
        if let Some(id) = ObjectId::parse(word)
            && commit.is_none()
        {
            commit = Some(id);
        } else if let Some(date) = parse_day(word)
            && day.is_none()
        {
            day = Some(date);
        } else {
            return Err(format!("`{}` is neither the line's commit nor its day", shortened(word)));
        }
    }
    let commit = commit.ok_or("the line names no commit")?;
    Ok(Head { commit, day, span })
}

fn shortened(word: &str) -> String {
    if word.chars().count() > 60 { word.chars().take(59).chain(['…']).collect() } else { word.to_owned() }
}

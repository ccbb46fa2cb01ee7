//! Commits and versions as plain values. Nothing here knows git; `repository` makes these values
//! and everything above reads them.

use crate::calendar::Date;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id in hexadecimal.
    pub id: String,
    /// The author's e-mail address.
    pub author: String,
    /// The author's day, in the author's own zone. Git dates are free text: this is a claim.
    pub day: Date,
    /// The first line of the message.
    pub summary: String,
}

/// Where the evidence of a run comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The commit that was read, or on which the work tree stands; none without commits.
    pub commit: Option<String>,
    /// The day of that commit, in the committer's own zone.
    pub day: Option<Date>,
    /// What was asked for: `worktree`, or the revision as written.
    pub named: String,
    /// Whether the work tree differs from the commit.
    pub modified: bool,
    /// Whether there is a git repository at all.
    pub git: bool,
    /// Whether the clone is shallow, so that history is not complete.
    pub shallow: bool,
}

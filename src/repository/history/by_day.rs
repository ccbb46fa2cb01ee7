//! What the default branch was on a day: its first-parent line, followed back in time.

use super::{
    commit,
    objects::{Handles, oid, plain},
};
use crate::repository::git::FETCH_WHOLE;
use anyhow::{Context, Result, anyhow, bail};
use git2::Oid;

/// The last commit on the first-parent line of `tip` whose committer's date is before
/// `end`, in seconds since 1970. `day` is what that instant ends, for messages.
pub(in crate::repository) fn last_before(git: &git2::Repository, tip: Oid, day: &str, end: i64) -> Result<Oid> {
    let tip = plain(tip).with_context(|| format!("`{tip}` is no SHA-1 id"))?;
    let found = Handles::new(git, false).lend(|objects| {
        let mut next = Some(tip);
        let mut first = None;
        while let Some(id) = next {
            let bytes = match objects.commit(id) {
                Ok(bytes) => bytes,
                // Behind the last commit of a shallow clone there is nothing.
                Err(_) if git.is_shallow() => {
                    return Err(format!("the clone is shallow and does not reach back to {day}; {FETCH_WHOLE}"));
                }
                Err(reason) => return Err(reason),
            };
            let (commit, _) = commit::parse(id, &bytes).ok_or_else(|| format!("commit {id} cannot be understood"))?;
            // A date that cannot be read says nothing about when.
            if commit.committed.is_some_and(|committed| committed.seconds < end) {
                return Ok(Ok(id));
            }
            next = commit.parents.first().copied();
            first = commit.committed;
        }
        Ok(Err(first))
    });
    match found.map_err(|reason| anyhow!(reason))? {
        Ok(id) => Ok(oid(id)),
        Err(first) => {
            let first = first.and_then(crate::history::Moment::day);
            let first = first.map_or_else(String::new, |first| format!("; its first commit is of {first}"));
            bail!("the default branch had no commit by the end of {day}{first}")
        }
    }
}

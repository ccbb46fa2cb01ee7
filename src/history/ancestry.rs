//! What leads to a commit, along its parents: dates are claims, parents are not.

use super::{History, ObjectId};
use std::collections::BTreeSet;

impl History {
    /// Whether a commit leads to another, or is that itself.
    pub fn leads(&self, earlier: ObjectId, later: ObjectId) -> bool {
        let Some(brought) = self.brought(earlier) else { return false };
        let (mut beside, mut pending) = (BTreeSet::new(), vec![later]);
        while let Some(id) = pending.pop() {
            let Some(commit) = self.commit(id) else { continue };
            if commit.merged_by.is_some() {
                if beside.insert(id) {
                    pending.extend(&commit.parents);
                }
            } else if self.place(id).is_some_and(|place| place <= brought) {
                // Everything that came to the first-parent line by then leads there.
                return true;
            }
        }
        beside.contains(&earlier)
    }

    /// The place of the commit of the first-parent line that brought a commit: itself, or a merge.
    fn brought(&self, id: ObjectId) -> Option<usize> {
        self.place(self.commit(id)?.merged_by.unwrap_or(id))
    }

    /// When each commit was made at the earliest, in seconds since 1970, by its place: what its
    /// committer claims, and no sooner than what it follows.
    pub fn earliest(&self) -> Vec<i64> {
        let mut earliest = vec![i64::MIN; self.commits.len()];
        for (place, commit) in self.commits.iter().enumerate().rev() {
            let parents = commit.parents.iter().filter_map(|id| Some(earliest[self.place(*id)?]));
            let claimed = commit.committed.map_or(0, |moment| moment.seconds);
            earliest[place] = parents.fold(claimed, i64::max);
        }
        earliest
    }
}

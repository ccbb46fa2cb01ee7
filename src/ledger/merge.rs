//! Brings what the platform says now into an entry that is in the repository already.

use super::{Entry, FileStatus, Review, ReviewState};

/// An entry with what was new, and what the platform no longer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The entry as it is to stand.
    pub entry: Entry,
    /// How many reviews were added.
    pub added: usize,
    /// Reviews that stand in the repository and that the platform does not list: kept, because
    /// nothing is ever dropped, approvals marked, so that they count for nothing, and told.
    pub unlisted: Vec<Review>,
}

/// Brings a new entry into the one that is there. Reviews are told apart by reviewer, time and
/// state and are never dropped. What cannot change once a request is merged (its head, its files
/// with their blobs, when it was merged) has to be the same; if not, the reason is returned.
pub fn merge(there: &Entry, new: &Entry) -> Result<Merged, String> {
    if !there.is_same_request(new) {
        return Err(format!(
            "it is about {} {} of `{}`, not {} of `{}`",
            there.platform.request(),
            there.request,
            there.repository,
            new.request,
            new.repository
        ));
    }
    let differs =
        |what: &str, there: &str, new: &str| Err(format!("it has {what} `{there}`, the platform says `{new}`"));
    if there.head != new.head {
        return differs("the head", &there.head, &new.head);
    }
    if there.merged_on != new.merged_on {
        return differs("the time of the merge", &there.merged_on.to_string(), &new.merged_on.to_string());
    }
    if let (Some(there), Some(new)) = (&there.merge, &new.merge)
        && there != new
    {
        return differs("the merge commit", there, new);
    }
    // GitLab's files can be imported later than its approvals.
    let first_files = there.files.is_empty() && there.unlisted_files > 0;
    if !first_files && !new.files.is_empty() {
        same_files(there, new)?;
    }
    let mut entry = there.clone();
    entry.title = entry.title.or_else(|| new.title.clone());
    entry.merged_by = entry.merged_by.or_else(|| new.merged_by.clone());
    entry.merge = entry.merge.or_else(|| new.merge.clone());
    if first_files {
        entry.files.clone_from(&new.files);
        entry.unlisted_files = new.unlisted_files;
    }
    let added: Vec<Review> =
        new.reviews.iter().filter(|new| !there.reviews.iter().any(|old| is_same(old, new))).cloned().collect();
    let unlisted: Vec<Review> =
        there.reviews.iter().filter(|old| !new.reviews.iter().any(|new| explains(new, old))).cloned().collect();
    // What undoes an approval stays, also where what is imported is older.
    for review in entry.reviews.iter_mut().filter(|review| review.state == ReviewState::Approved) {
        review.unlisted = !new.reviews.iter().any(|new| explains(new, review));
    }
    let count = added.len();
    entry.reviews.extend(added);
    entry.sort();
    Ok(Merged { entry, added: count, unlisted })
}

fn is_same(one: &Review, other: &Review) -> bool {
    one.state == other.state
        && one.submitted == other.submitted
        && one.commit == other.commit
        && one.reviewer.eq_ignore_ascii_case(&other.reviewer)
}

/// Whether the platform's review is the one in the repository: the same, or dismissed since, which
/// keeps its time.
fn explains(new: &Review, old: &Review) -> bool {
    is_same(new, old)
        || new.state == ReviewState::Dismissed
            && new.submitted == old.submitted
            && new.reviewer.eq_ignore_ascii_case(&old.reviewer)
}

fn same_files(there: &Entry, new: &Entry) -> Result<(), String> {
    for file in &new.files {
        let Some(old) = there.files.iter().find(|old| old.path == file.path) else {
            return Err(format!("it lacks the file `{}`, which the platform lists", file.path));
        };
        if old != file {
            let told = |status: FileStatus, blob: &Option<String>| {
                format!("{}{}", status.name(), blob.as_ref().map_or(String::new(), |blob| format!(", blob {blob}")))
            };
            return Err(format!(
                "it has the file `{}` as {}, the platform says {}",
                file.path,
                told(old.status, &old.blob),
                told(file.status, &file.blob)
            ));
        }
    }
    match there.files.iter().find(|old| !new.files.iter().any(|file| file.path == old.path)) {
        Some(old) => Err(format!("it has the file `{}`, which the platform does not list", old.path)),
        None => Ok(()),
    }
}

//! What an entry lost between two of its states: entries are only added to.

use super::{Entry, File, Review};

/// What the later state of an entry no longer has as the earlier had it, in phrases. Reviews may be
/// added, and what the platform did not say at first: nothing else.
pub fn lost(before: &Entry, after: &Entry) -> Vec<String> {
    let mut lost = Vec::new();
    let mut differs = |what: &str, before: &str, after: &str| {
        if before != after {
            lost.push(format!("{what} was `{before}`"));
        }
    };
    differs("the repository", &before.repository, &after.repository);
    differs("the number of the request", &before.request.to_string(), &after.request.to_string());
    differs("the author of the request", &before.request_author, &after.request_author);
    differs("the time of the merge", &before.merged_on.to_string(), &after.merged_on.to_string());
    differs("the head", &before.head, &after.head);
    for (what, before, after) in
        [("the merge commit", &before.merge, &after.merge), ("who merged", &before.merged_by, &after.merged_by)]
    {
        if let Some(before) = before {
            differs(what, before, after.as_deref().unwrap_or_default());
        }
    }
    // A later import may find that the platform does not list a review.
    let listed = |review: &Review| Review { unlisted: false, ..review.clone() };
    let there: Vec<Review> = after.reviews.iter().map(listed).collect();
    let gone = before.reviews.iter().filter(|review| !there.contains(&listed(review)));
    lost.extend(gone.map(|review| format!("the review {} is gone", named(review))));
    let path = |file: &File| format!("`{}`", file.path);
    for file in before.files.iter().filter(|file| !after.files.contains(file)) {
        let is_there = after.files.iter().any(|other| other.path == file.path);
        lost.push(format!("the file {} {}", path(file), if is_there { "was another one" } else { "is gone" }));
    }
    // What the platform listed is all that the request changed. Of GitLab it may come later.
    let may_grow = before.files.is_empty() && before.unlisted_files > 0;
    let added = after.files.iter().filter(|file| !before.files.iter().any(|other| other.path == file.path));
    lost.extend(added.filter(|_| !may_grow).map(|file| format!("the file {} was not there", path(file))));
    lost
}

fn named(review: &Review) -> String {
    let when = review.submitted.map(|moment| format!(", {moment}")).unwrap_or_default();
    format!("by `{}` ({}{when})", review.reviewer, review.state.name())
}

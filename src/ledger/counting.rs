//! Whose approval an entry of the ledger proves.

use super::{Entry, Platform, ReviewState};
use crate::calendar::Timestamp;
use std::collections::BTreeMap;

/// Somebody who approved a request as it was merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The account on the hosting platform.
    pub account: String,
    /// When the review was submitted, where the platform says so. It may be later than the merge.
    pub submitted: Option<Timestamp>,
    /// Whether the platform does not say which commit was approved: weaker, since the files may
    /// have changed after it.
    pub names_no_commit: bool,
}

/// Who approved the head of the request and did not take it back, by account. A review counts only
/// for the commit that it was made on; one that requests changes, or was dismissed, undoes what the
/// same reviewer approved before; a comment undoes nothing; the author's own never counts, nor does
/// what the platform does not list.
pub fn counting(entry: &Entry) -> Vec<Approver> {
    let mut reviews: Vec<_> = entry.reviews.iter().filter(|review| !review.unlisted).collect();
    reviews.sort();
    let mut standing: BTreeMap<String, Approver> = BTreeMap::new();
    for review in reviews.into_iter().filter(|review| !review.reviewer.eq_ignore_ascii_case(&entry.request_author)) {
        // Accounts are the same however they are written.
        let account = review.reviewer.to_ascii_lowercase();
        let names_no_commit = review.commit.is_none() && entry.platform == Platform::GitLab;
        let of_head = review.commit.as_ref() == Some(&entry.head);
        match review.state {
            ReviewState::Approved if of_head || names_no_commit => {
                let approver =
                    Approver { account: review.reviewer.clone(), submitted: review.submitted, names_no_commit };
                standing.insert(account, approver);
            }
            ReviewState::ChangesRequested | ReviewState::Dismissed => drop(standing.remove(&account)),
            ReviewState::Approved | ReviewState::Commented => {}
        }
    }
    standing.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Review, entry::moment};

    const HEAD: &str = "3f2a9c0d1e4b5a6978c0d1e2f3a4b5c6d7e8f901";
    const OLDER: &str = "0123456789abcdef0123456789abcdef01234567";

    fn entry(platform: Platform, reviews: &[(&str, ReviewState, &str, Option<&str>)]) -> Entry {
        let reviews = reviews.iter().map(|(reviewer, state, hour, commit)| Review {
            submitted: moment(&format!("2026-02-11T{hour}:00:00Z")),
            reviewer: (*reviewer).to_owned(),
            state: *state,
            commit: commit.map(str::to_owned),
            unlisted: false,
        });
        Entry {
            id: "APV-1".to_owned(),
            title: None,
            platform,
            repository: "github.com/o/n".to_owned(),
            request: 1,
            request_url: String::new(),
            request_author: "Author".to_owned(),
            merged_on: moment("2026-02-12T00:00:00Z").expect("a moment"),
            merged_by: None,
            head: HEAD.to_owned(),
            merge: None,
            reviews: reviews.collect(),
            files: Vec::new(),
            unlisted_files: 0,
        }
    }

    fn accounts(reviews: &[(&str, ReviewState, &str, Option<&str>)]) -> String {
        let counted = counting(&entry(Platform::GitHub, reviews));
        counted.into_iter().map(|approver| approver.account).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_last_word_of_each_reviewer_on_the_head_counts() {
        use ReviewState::{Approved, ChangesRequested, Commented, Dismissed};
        let head = Some(HEAD);
        assert_eq!(accounts(&[("b", Approved, "10", head), ("a", Approved, "09", head)]), "a b");
        assert_eq!(accounts(&[("a", Approved, "10", Some(OLDER))]), "", "another commit");
        assert_eq!(accounts(&[("a", Approved, "10", None)]), "", "no commit");
        assert_eq!(accounts(&[("author", Approved, "10", head)]), "", "the author's own");
        assert_eq!(accounts(&[("a", Approved, "10", head), ("a", ChangesRequested, "11", head)]), "");
        assert_eq!(accounts(&[("a", ChangesRequested, "10", Some(OLDER)), ("a", Approved, "11", head)]), "a");
        assert_eq!(accounts(&[("a", Approved, "11", head), ("a", ChangesRequested, "10", head)]), "a", "any order");
        assert_eq!(accounts(&[("a", Approved, "10", head), ("a", Commented, "11", head)]), "a");
        assert_eq!(accounts(&[("a", Approved, "10", head), ("a", Dismissed, "10", head)]), "", "dismissed later");
        assert_eq!(accounts(&[("a", Dismissed, "10", head), ("a", Approved, "12", head)]), "a");
        assert_eq!(accounts(&[("a", Approved, "10", head), ("A", ChangesRequested, "11", head)]), "", "one account");
        assert_eq!(accounts(&[("a", Approved, "10", head), ("b", ChangesRequested, "11", head)]), "a");
    }

    #[test]
    fn approvals_of_gitlab_count_as_weaker() {
        let counted = counting(&entry(Platform::GitLab, &[("a", ReviewState::Approved, "10", None)]));
        assert_eq!(counted.len(), 1);
        assert!(counted[0].names_no_commit);
    }
}

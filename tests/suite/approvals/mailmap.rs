//! What `.mailmap` may say of who approved.

use super::{Git, approvals, findings, grounds, policy};
use attestry::sms::evidence::Strength;

#[test]
fn an_address_that_nobody_has_is_whose_the_mailmap_says() {
    let git = Git::new();
    git.people();
    git.put(".mailmap", "Ada <ada@example.org> <mallory@example.org>\n");
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("bo", "draft", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("mallory", "approve", &[]);
    // No weaker than the commit with Ada's own address that anybody can make, and told.
    assert_eq!(approvals(&git.sms())[0], ("ada".to_owned(), Strength::Attributed, "commit"));
    assert!(grounds(&git.sms()).contains("mallory@example.org, who is Ada by `.mailmap`,"), "{}", grounds(&git.sms()));
}

#[test]
fn the_mailmap_makes_no_other_out_of_somebody_who_is_known() {
    let git = Git::new();
    git.people();
    git.put(".mailmap", "Ada <ada@example.org> <bo@example.org>\nAda <ada@example.org> Bo <noreply@github.com>\n");
    git.put("policies/a.md", &policy("draft", "Every change is assessed."));
    git.commit("ada", "draft", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("bo", "approve", &[]);
    assert_eq!(approvals(&git.sms()), [("ada".to_owned(), Strength::Claimed, "fields")]);
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
    // Nor out of the platform, which merges for everybody.
    git.put("policies/a.md", &policy("approved", "Every change is assessed.").replace("03-02", "03-03"));
    git.run("ada", &["add", "-A"]);
    git.run("ada", &["commit", "-qm", "approve", "--author", "Bo <noreply@github.com>"]);
    assert_eq!(approvals(&git.sms())[0].1, Strength::Claimed);
}

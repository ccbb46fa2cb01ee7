//! Signatures on tags and on imports of reviews that contradict what they are on.

use super::{
    Git, approvals, findings,
    platform::{LEDGER, entry, merged, merged_as},
    policy, signed_by,
};
use attestry::{
    report::log::Times,
    sms::{
        Sms,
        evidence::{Proof, Strength},
    },
};

fn contradictions(sms: &Sms) -> Vec<String> {
    let found = attestry::rules::run(sms, |rule| rule.name == "signature-does-not-hold");
    found
        .into_iter()
        .map(|finding| format!("{} {}: {}", finding.level.name(), finding.subject, finding.message))
        .collect()
}

#[test]
fn a_tag_by_the_key_of_somebody_else_is_told_once() {
    let git = Git::new();
    git.people();
    git.commit("ada", "people", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.put("policies/b.md", &policy("approved", "Every change is announced.").replace("POL-001", "POL-002"));
    git.commit("bo", "policies", &[]);
    git.tag("ada", "ada", "approved-1");
    assert!(contradictions(&git.sms()).is_empty());
    git.tag("ada", "bo", "approved-2");
    // A key of nobody contradicts nothing, and a tag by somebody who approves nothing would not count.
    git.tag("ada", "mallory", "approved-3");
    git.tag("carol", "bo", "approved-4");
    let said = contradictions(&git.sms());
    assert_eq!(
        said,
        [
            "error refs/tags/approved-2: the tag `approved-2`, by which 2 documents, such as `POL-001`, would be approved, gives `ada` as its tagger, but signed by Bo"
        ]
    );
}

#[test]
fn a_tag_that_was_altered_after_it_was_signed_is_told() {
    let git = Git::new();
    git.people();
    git.commit("ada", "people", &[]);
    git.put("policies/a.md", &policy("approved", "Every change is assessed."));
    git.commit("bo", "policy", &[]);
    git.run("ada", &["tag", "-s", "-m", "website", "release"]);
    let altered = git.run("bo", &["cat-file", "tag", "release"]).replace("\nwebsite\n", "\nPOL-001 as of March\n");
    git.put("tag", &(altered + "\n"));
    let forged = git.run("bo", &["hash-object", "-t", "tag", "-w", "tag"]);
    git.run("bo", &["update-ref", "refs/tags/release", &forged]);
    let said = contradictions(&git.sms());
    assert!(
        said.len() == 1 && said[0].starts_with("error refs/tags/release: the tag `release`, by which `POL-001`"),
        "{said:?}"
    );
    assert!(said[0].contains("gives `ada` as its tagger, with a bad signature"), "{said:?}");
    assert_eq!(findings(&git.sms()), ["unproven-approval"]);
}

#[test]
fn an_import_by_the_key_of_somebody_else_is_told_and_claims_no_more() {
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    git.put(LEDGER, &entry(&head, &merge, &blob, &head));
    signed_by("bo", &git, "carol");
    let said = contradictions(&git.sms());
    let import = git.run("bo", &["rev-parse", "HEAD"]);
    assert!(said.len() == 1 && said[0].starts_with(&format!("error {import}: commit ")), "{said:?}");
    let ending = ", which wrote `APV-github-example-sms-7`, gives `carol` as its author, but signed by Bo";
    assert!(said[0].ends_with(ending), "{said:?}");
    let ledger: Vec<_> = approvals(&git.sms()).into_iter().filter(|(.., proof)| *proof == "ledger").collect();
    assert_eq!(ledger, [("ada".to_owned(), Strength::Claimed, "ledger")]);
    let found = attestry::rules::run(&git.sms(), |rule| rule.name == "unproven-approval");
    assert!(found.len() == 1 && found[0].message.starts_with("that `ada` approved on 2026-03-02"), "{found:?}");
    // Imported again by somebody whom the signature does not contradict, the old commit is still there.
    git.put(LEDGER, &(entry(&head, &merge, &blob, &head) + "title: Again\n"));
    git.commit("carol", "approvals of #7", &["-S"]);
    assert_eq!(contradictions(&git.sms()).len(), 1);
}

#[test]
fn the_identity_of_what_is_about_a_tag_or_import_does_not_hang_on_documents() {
    let identities = |git: &Git| -> Vec<String> {
        let found = attestry::rules::run(&git.sms(), |rule| rule.name == "signature-does-not-hold");
        found.iter().map(attestry::finding::Finding::identity).collect()
    };
    let git = Git::new();
    let (head, merge, blob) = merged(&git);
    git.put("policies/b.md", &policy("approved", "Every change is announced.").replace("POL-001", "POL-002"));
    git.commit("bo", "another policy", &[]);
    git.tag("ada", "bo", "approved-2");
    let second = |text: &str| text.replace("sms-7", "sms-8");
    git.put(LEDGER, &entry(&head, &merge, &blob, &head));
    git.put(&second(LEDGER), &second(&entry(&head, &merge, &blob, &head)));
    signed_by("bo", &git, "carol");
    let both = identities(&git);
    assert_eq!(both.len(), 2, "{both:?}");
    // The first of each is no longer concerned: another state, and who wrote it last.
    git.run("bo", &["rm", "-q", "policies/a.md", LEDGER]);
    git.commit("bo", "without the first", &[]);
    assert_eq!(identities(&git).len(), 2);
    let (mut before, mut after) = (both, identities(&git));
    before.sort();
    after.sort();
    assert_eq!(before, after);
}

#[test]
fn the_log_tells_what_the_signature_of_an_import_is() {
    let git = Git::new();
    // Without `approved_by` nothing but the ledger says who approved.
    let text = policy("approved", "Every change is assessed.").replace("approved_by: ada\n", "");
    let (head, merge, blob) = merged_as(&git, &text);
    let (start, entry) = (git.run("bo", &["rev-parse", "HEAD"]), entry(&head, &merge, &blob, &head));
    let told = |import: &dyn Fn()| {
        git.run("bo", &["reset", "-q", "--hard", &start]);
        git.put(LEDGER, &entry);
        import();
        let sms = git.sms();
        let position = sms.positions("POL-001")[0];
        let Times::AtOnce(times) = Times::of(&sms, &sms.story("POL-001").unwrap()) else { panic!("one approval") };
        let ledger = sms.approvals(position).iter().find(|one| matches!(one.proof, Proof::Ledger(_))).unwrap();
        (times, ledger.grounds(&sms, true))
    };
    let (times, grounds) = told(&|| drop(git.commit("carol", "import", &[])));
    assert!(times.contains(": claimed by an unsigned import") && grounds.ends_with("(unsigned)"), "{times}, {grounds}");
    let (times, grounds) = told(&|| signed_by("bo", &git, "carol"));
    assert!(times.contains(": claimed by an import that somebody other than its author signed"), "{times}");
    assert!(grounds.ends_with("(but signed by Bo)"), "{grounds}");
    let (times, grounds) = told(&|| signed_by("mallory", &git, "carol"));
    assert!(times.contains(": claimed by an import with a signature that shows nothing of its author"), "{times}");
    assert!(grounds.contains("(with a signature by a key that nobody is known to have"), "{grounds}");
    let (times, grounds) = told(&|| {
        git.commit("carol", "import", &["-S"]);
        let altered = git.run("bo", &["cat-file", "commit", "HEAD"]).replace("\nimport", "\nanother import");
        git.put("forged", &(altered + "\n"));
        let forged = git.run("bo", &["hash-object", "-t", "commit", "-w", "forged"]);
        git.run("bo", &["reset", "-q", "--hard", &forged]);
    });
    assert!(times.contains(": claimed by an import with a bad signature"), "{times}");
    assert!(grounds.contains("(with a bad signature: "), "{grounds}");
    let (times, _) = told(&|| drop(git.commit("carol", "import", &["-S"])));
    assert!(times.contains(": kept by the hosting platform, as imported"), "{times}");
}

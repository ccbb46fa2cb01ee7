//! Commits and tags that `git` signs.

use super::{ADA, AT, Bench, good};
use attestry::{
    history::{ObjectId, Signed, Tag},
    repository::{At, Repository},
    signature::Verdict,
};

impl Bench {
    fn repository(&self) -> Repository {
        Repository::open(self.0.path(), At::WorkTree).unwrap()
    }

    fn git(&self, key: &str, arguments: &[&str]) -> String {
        let key = format!("user.signingkey={}", self.0.path().join(key).display());
        self.run("git", &[&["-c", "gpg.format=ssh", "-c", &key], arguments].concat())
    }

    fn commit(&self, key: &str, message: &str) -> Signed {
        self.git(key, &["commit", "-q", "--allow-empty", "-S", "-m", message]);
        self.signed("HEAD").unwrap()
    }

    fn signed(&self, revision: &str) -> Option<Signed> {
        let id = self.run("git", &["rev-parse", revision]);
        self.repository().signature(ObjectId::parse(id.trim()).unwrap()).unwrap()
    }
}

#[test]
fn commits_are_signed_over_all_they_say() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let allowed = format!("{ADA} namespaces=\"git\" {key}");
    bench.run("git", &["init", "-q", "-b", "main"]);
    bench.run("git", &["commit", "-q", "--allow-empty", "-m", "unsigned"]);
    assert_eq!(bench.signed("HEAD"), None);
    let first = bench.commit("key", "signed\n\nWith a body.\n\nApproved-by: Bo");
    let verdict = bench.verdict(&first.signature, &first.payload, &allowed);
    assert!(good(&verdict), "{verdict}");
    // git says the same.
    bench.put("allowed", &allowed);
    bench.run("git", &["-c", "gpg.format=ssh", "-c", "gpg.ssh.allowedSignersFile=allowed", "verify-commit", "HEAD"]);
    let whole = bench.run("git", &["cat-file", "commit", "HEAD"]);
    for (from, to) in [("Approved-by: Bo", "Approved-by: Cy"), ("+0100", "+0200"), ("author Ada", "author Eve")] {
        assert!(whole.contains(from));
        let altered = bench
            .fed("git", &["hash-object", "-t", "commit", "-w", "--stdin"], whole.replacen(from, to, 1).as_bytes())
            .1;
        let signed = bench.signed(altered.trim()).unwrap();
        let verdict = bench.verdict(&signed.signature, &signed.payload, &allowed);
        assert!(matches!(verdict, Verdict::Bad { .. }), "{to}: {verdict}");
    }
    // A merge of a signed tag holds that tag and its signature.
    bench.git("key", &["tag", "-s", "-m", "side", "side"]);
    bench.run("git", &["checkout", "-q", "-b", "other", "HEAD~1"]);
    bench.commit("key", "other");
    bench.git("key", &["merge", "-q", "--no-edit", "-S", "side"]);
    let merge = bench.signed("HEAD").unwrap();
    assert!(String::from_utf8_lossy(&merge.payload).contains("mergetag"));
    assert!(good(&bench.verdict(&merge.signature, &merge.payload, &allowed)));
    let missing = ObjectId::parse("1234567890123456789012345678901234567890").unwrap();
    assert!(bench.repository().signature(missing).is_err());
}

#[test]
fn tags_have_who_when_why_and_a_signature() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let allowed = format!("{ADA} {key}");
    bench.run("git", &["init", "-q", "-b", "main"]);
    assert_eq!(bench.repository().tags().unwrap(), Vec::<Tag>::new());
    bench.run("git", &["commit", "-q", "--allow-empty", "-m", "first"]);
    let head = bench.run("git", &["rev-parse", "HEAD"]);
    bench.run("git", &["tag", "light"]);
    bench.run("git", &["tag", "-a", "-m", "a tree", "tree", "HEAD^{tree}"]);
    bench.run("git", &["tag", "-a", "-m", "plain", "plain"]);
    bench.git("key", &["tag", "-s", "-m", "approved/POL-001@2.0\n\nWith a body.", "approved/POL-001"]);
    bench.git("key", &["tag", "-s", "-m", "of a tag", "nested", "approved/POL-001"]);
    bench.run("git", &["update-ref", "refs/tags/renamed", "refs/tags/approved/POL-001"]);
    bench.run("git", &["pack-refs", "--all"]);
    let tags = bench.repository().tags().unwrap();
    let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["approved/POL-001", "nested", "plain", "renamed"]);
    assert!(tags.iter().all(|tag| tag.target.to_string() == head.trim()));
    let tag = &tags[0];
    assert_eq!(tag.message, "approved/POL-001@2.0\n\nWith a body.\n");
    assert_eq!(tag.tagger.as_ref().unwrap().email, ADA);
    assert_eq!((tag.tagged.unwrap().seconds, tag.tagged.unwrap().offset), (AT, 60));
    assert_eq!((tags[3].own_name.as_str(), tags[3].id), ("approved/POL-001", tag.id));
    for tag in [tag, &tags[1]] {
        let signed = tag.signed.as_ref().unwrap();
        let verdict = bench.verdict(&signed.signature, &signed.payload, &allowed);
        assert!(good(&verdict), "{}: {verdict}", tag.name);
        let altered = String::from_utf8(signed.payload.clone()).unwrap().replace("tagger Ada", "tagger Eve");
        assert!(matches!(bench.verdict(&signed.signature, altered.as_bytes(), &allowed), Verdict::Bad { .. }));
    }
    assert_eq!((tags[2].signed.as_ref(), tags[2].message.as_str()), (None, "plain\n"));
}

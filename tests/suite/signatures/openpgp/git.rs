//! Commits and tags that `git` signs with `gpg`.

use super::{ADA, AT, Gpg, THEN, signers};
use attestry::{
    history::ObjectId,
    repository::{At, Repository},
    signature::{GIT, Validity, Verdict, verify},
};
use std::{fs, os::unix::fs::PermissionsExt};

impl Gpg {
    fn repository(&self) -> Repository {
        Repository::open(self.bench.0.path(), At::WorkTree).unwrap()
    }

    /// Runs git, whose gpg is the real one at the moment that the commits claim.
    fn git(&self, key: &str, arguments: &[&str]) -> (bool, String) {
        let home = self.bench.0.path().join("home");
        let program = self.bench.0.path().join("gpg-then");
        if !program.exists() {
            let options = "--batch --pinentry-mode loopback --trust-model always";
            let script = format!(
                "#!/bin/sh\nexec gpg --homedir '{}' {options} --faked-system-time={THEN}! \"$@\"\n",
                home.display()
            );
            fs::write(&program, script).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let program = format!("gpg.program={}", program.display());
        let signing = format!("user.signingkey={key}");
        let output =
            self.bench.command("git", &[&["-c", &program, "-c", &signing], arguments].concat()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    fn git_must(&self, key: &str, arguments: &[&str]) -> String {
        let (good, said) = self.git(key, arguments);
        assert!(good, "git {arguments:?}: {said}");
        said.trim().to_owned()
    }

    /// What attestry says of a commit, which is what `git verify-commit` says.
    fn commit(&self, revision: &str, blocks: &[&str]) -> Verdict {
        let id = self.git_must("", &["rev-parse", revision]);
        let signed = self.repository().signature(ObjectId::parse(&id).unwrap()).unwrap().unwrap();
        let verdict = verify(&signed.signature, &signed.payload, GIT, &signers(blocks, Validity::default()), AT);
        let (holds, said) = self.git("", &["verify-commit", "--raw", &id]);
        assert_eq!(verdict.is_good(), holds, "{verdict}\n{said}");
        verdict
    }
}

#[test]
fn commits_and_tags_are_signed_over_all_they_say() {
    let gpg = Gpg::new();
    let key = gpg.key(ADA, "ed25519", "sign", "0");
    let block = gpg.export(&key);
    gpg.git_must("", &["init", "-q", "-b", "main"]);
    gpg.git_must(&key, &["commit", "-q", "--allow-empty", "-S", "-m", "signed\n\nWith a body.\n\nApproved-by: Bo"]);
    let verdict = gpg.commit("HEAD", &[&block]);
    assert!(verdict.is_by(ADA), "{verdict}");
    assert_eq!(verdict.fingerprint(), Some(key.as_str()));
    let whole = gpg.bench.run("git", &["cat-file", "commit", "HEAD"]);
    for (from, to) in [("Approved-by: Bo", "Approved-by: Cy"), ("+0100", "+0200"), ("author Ada", "author Eve")] {
        assert!(whole.contains(from));
        let altered = whole.replacen(from, to, 1);
        let id = gpg.bench.fed("git", &["hash-object", "-t", "commit", "-w", "--stdin"], altered.as_bytes()).1;
        let verdict = gpg.commit(id.trim(), &[&block]);
        assert!(matches!(verdict, Verdict::Bad { .. }), "{to}: {verdict}");
    }
    gpg.git_must(&key, &["tag", "-s", "-m", "approved/POL-001@2.0\n\nWith a body.", "approved/POL-001"]);
    let tags = gpg.repository().tags().unwrap();
    let signed = tags[0].signed.as_ref().unwrap();
    let (known, nobody) = (signers(&[&block], Validity::default()), signers(&[], Validity::default()));
    assert!(verify(&signed.signature, &signed.payload, GIT, &known, AT).is_by(ADA));
    assert!(gpg.git("", &["verify-tag", "--raw", "approved/POL-001"]).0);
    let altered = String::from_utf8(signed.payload.clone()).unwrap().replace("tagger Ada", "tagger Eve");
    assert!(matches!(verify(&signed.signature, altered.as_bytes(), GIT, &known, AT), Verdict::Bad { .. }));
    let verdict = verify(&signed.signature, &signed.payload, GIT, &nobody, AT);
    assert_eq!(verdict, Verdict::UnknownKey { fingerprint: key.clone() });
    // A merge of a signed tag holds that tag and its signature.
    gpg.git_must(&key, &["checkout", "-q", "--orphan", "other"]);
    gpg.git_must(&key, &["commit", "-q", "--allow-empty", "-S", "-m", "other"]);
    gpg.git_must(&key, &["merge", "-q", "--no-edit", "--allow-unrelated-histories", "-S", "approved/POL-001"]);
    assert!(gpg.commit("HEAD", &[&block]).is_good());
}

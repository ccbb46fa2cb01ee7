//! `OpenPGP` signatures made by `gpg`: what is said of each is what `gpg --verify` says when it is
//! asked at the moment that is claimed. Where attestry is stricter, the test says why.

mod git;
mod hostile;
mod keys;
mod made;
mod times;

use super::{ADA, AT, Bench};
use attestry::signature::{AllowedSigners, GIT, Key, Validity, Verdict, verify};
use std::{cell::Cell, fs, os::unix::fs::PermissionsExt};

const THEN: &str = "20260301T120000";
const BORN: &str = "20260101T120000";
/// What is said beside what gpg says where it did not take a key at all.
const REFUSED: &str = "a key was refused";
const TEXT: &[u8] = b"text\n";

/// A folder with gpg's keys in `home`. Other homes get only what is to be asked about.
struct Gpg {
    bench: Bench,
    asked: Cell<usize>,
}

impl Gpg {
    fn new() -> Self {
        let gpg = Self { bench: Bench::new(), asked: Cell::default() };
        gpg.home("home");
        gpg
    }

    fn home(&self, name: &str) {
        let folder = self.bench.0.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }

    /// What gpg writes at a moment, and whether it succeeds.
    fn try_run(&self, home: &str, moment: &str, arguments: &[&str], input: &[u8]) -> (bool, String) {
        let moment = format!("--faked-system-time={moment}!");
        let common = ["--homedir", home, "--batch", "--yes", "--no-tty", "--pinentry-mode", "loopback"];
        let rest = ["--passphrase", "", "--quiet", "--trust-model", "always", &moment];
        // Who only verifies needs no agent.
        let agent: &[&str] = if home == "home" { &[] } else { &["--no-autostart"] };
        self.bench.fed("gpg", &[&common[..], &rest, agent, arguments].concat(), input)
    }

    fn run(&self, moment: &str, arguments: &[&str]) -> String {
        let (good, written) = self.try_run("home", moment, arguments, b"");
        assert!(good, "gpg {arguments:?}");
        written
    }

    /// Makes a key of this kind for a name; gives its fingerprint.
    fn key(&self, name: &str, kind: &str, usage: &str, lasts: &str) -> String {
        self.run(BORN, &["--quick-generate-key", name, kind, usage, lasts]);
        self.fingerprints(name).remove(0)
    }

    /// Another with a key: its fingerprint, and it as a block.
    fn with_key() -> (Self, String, String) {
        let gpg = Self::new();
        let key = gpg.key("ada", "ed25519", "sign", "0");
        let block = gpg.export(&key);
        (gpg, key, block)
    }

    /// The fingerprints of a primary key and its subkeys.
    fn fingerprints(&self, name: &str) -> Vec<String> {
        let listed = self.run(THEN, &["--with-colons", "--with-subkey-fingerprint", "--list-keys", name]);
        let lines = listed.lines().filter_map(|line| line.strip_prefix("fpr:"));
        lines.map(|line| line.trim_matches(':').to_owned()).collect()
    }

    fn export(&self, key: &str) -> String {
        self.run(THEN, &["--armor", "--export", key])
    }

    fn sign(&self, moment: &str, key: &str, more: &[&str], payload: &[u8]) -> String {
        let arguments = [&["--armor", "--local-user", key][..], more, &["--detach-sign"]].concat();
        let (good, signature) = self.try_run("home", moment, &arguments, payload);
        assert!(good, "gpg signs with {key} {more:?}");
        signature
    }

    /// Whether gpg, which knows these keys alone, says that a signature holds; what it says.
    fn holds(&self, moment: &str, blocks: &[&str], signature: &str, payload: &[u8]) -> (bool, String) {
        let home = format!("asked{}", self.asked.replace(self.asked.get() + 1));
        self.home(&home);
        let taken = blocks.iter().all(|block| self.try_run(&home, moment, &["--import"], block.as_bytes()).0);
        self.bench.put("signature.asc", signature);
        let (_, said) = self.try_run(&home, moment, &["--status-fd=1", "--verify", "signature.asc", "-"], payload);
        // As git has it: another word than this one is no good signature.
        let has = |word: &str| said.contains(&format!("[GNUPG:] {word} "));
        let refused = if taken { "" } else { REFUSED };
        (has("GOODSIG") && has("VALIDSIG") && !has("BADSIG") && !has("ERRSIG"), said + refused)
    }

    /// What attestry says, which is what gpg says.
    fn verdict(&self, blocks: &[&str], signature: &str, payload: &[u8]) -> Verdict {
        let verdict = of(blocks, signature, payload, AT);
        let (holds, said) = self.holds(THEN, blocks, signature, payload);
        assert_eq!(verdict.is_good(), holds, "{verdict}\n{said}");
        verdict
    }

    /// What attestry says, which is stricter than gpg.
    fn stricter(&self, blocks: &[&str], signature: &str, payload: &[u8]) -> String {
        let verdict = of(blocks, signature, payload, AT);
        let (holds, said) = self.holds(THEN, blocks, signature, payload);
        assert!(holds && !verdict.is_good(), "{verdict}\n{said}");
        verdict.to_string()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // The agent would outlive its home.
        let _ = self.bench.command("gpgconf", &["--homedir", "home", "--kill", "all"]).output();
    }
}

/// What attestry says where Ada has these keys.
fn of(blocks: &[&str], signature: &str, payload: &[u8], at: i64) -> Verdict {
    verify(signature, payload, GIT, &signers(blocks, Validity::default()), at)
}

fn signers(blocks: &[&str], validity: Validity) -> AllowedSigners {
    let mut signers = AllowedSigners::default();
    for block in blocks {
        signers.add([ADA], Key::read(block).unwrap(), validity);
    }
    signers
}

#[test]
fn signatures_of_every_kind_of_key_hold() {
    let gpg = Gpg::new();
    let other = gpg.key("other", "ed25519", "sign", "0");
    let other = gpg.export(&other);
    for (kind, digests) in [
        ("ed25519", &["SHA256", "SHA384", "SHA512"][..]),
        ("nistp256", &["SHA256", "SHA512"]),
        ("nistp384", &["SHA384", "SHA512"]),
        ("nistp521", &["SHA512"]),
        ("rsa2048", &["SHA224", "SHA256", "SHA512"]),
        ("rsa3072", &["SHA512"]),
    ] {
        let key = gpg.key(kind, kind, "sign", "0");
        let block = gpg.export(&key);
        for digest in digests {
            let signature = gpg.sign(THEN, &key, &["--digest-algo", digest], TEXT);
            let verdict = gpg.verdict(&[&other, &block], &signature, TEXT);
            assert!(verdict.is_by(ADA), "{kind} {digest}: {verdict}");
            assert_eq!(verdict.fingerprint(), Some(key.as_str()), "{kind}");
            let altered = gpg.verdict(&[&block], &signature, b"other\n");
            assert_eq!(altered, Verdict::Bad { why: "it does not fit the text".to_owned() }, "{kind} {digest}");
            let unknown = gpg.verdict(&[&other], &signature, TEXT);
            assert_eq!(unknown, Verdict::UnknownKey { fingerprint: key.clone() });
        }
    }
}

#[test]
fn texts_may_be_signed_with_their_lines() {
    let (gpg, key, block) = Gpg::with_key();
    for text in [&b"one\ntwo  \n"[..], b"", b"one\r\ntwo", b"\n\n \t\n", "ø\n".as_bytes()] {
        let signature = gpg.sign(THEN, &key, &["--textmode"], text);
        let verdict = gpg.verdict(&[&block], &signature, text);
        assert!(verdict.is_good(), "{text:?}: {verdict}");
        let verdict = gpg.verdict(&[&block], &signature, b"one\ntwo \n");
        assert!(matches!(verdict, Verdict::Bad { .. }), "{text:?}: {verdict}");
    }
}

#[test]
fn subkeys_sign_for_their_primary_key() {
    let gpg = Gpg::new();
    let primary = gpg.key("ada", "rsa2048", "cert", "0");
    for kind in ["ed25519", "rsa2048"] {
        gpg.run(BORN, &["--quick-add-key", &primary, kind, "sign", "0"]);
    }
    gpg.run(BORN, &["--quick-add-key", &primary, "cv25519", "encr", "0"]);
    let block = gpg.export(&primary);
    let parts = gpg.fingerprints("ada");
    assert_eq!(parts.len(), 4);
    for subkey in &parts[1..3] {
        let signature = gpg.sign(THEN, &format!("{subkey}!"), &[], TEXT);
        let verdict = gpg.verdict(&[&block], &signature, TEXT);
        assert!(verdict.is_good(), "{verdict}");
        assert_eq!(verdict.fingerprint(), Some(primary.as_str()));
    }
    // The subkey of a key that is known without it.
    gpg.run(BORN, &["--quick-add-key", &primary, "ed25519", "sign", "0"]);
    let newest = gpg.fingerprints("ada").remove(4);
    let signature = gpg.sign(THEN, &format!("{newest}!"), &[], TEXT);
    assert_eq!(gpg.verdict(&[&block], &signature, TEXT), Verdict::UnknownKey { fingerprint: newest });
    assert!(gpg.verdict(&[&gpg.export(&primary)], &signature, TEXT).is_good());
}

//! Keys as they stand in `people.yaml`, and what is wrong with them.

use super::{ADA, Gpg, TEXT, THEN, of};
use crate::support::Made;
use attestry::signature::{Key, Keys, Unusable};

fn wrong(text: &str) -> String {
    let Err(Unusable { message, help }) = Key::read(text) else { panic!("a key: {text}") };
    assert!(!help.is_empty());
    message
}

#[test]
fn keys_that_cannot_be_used_are_told() {
    let (gpg, key, block) = Gpg::with_key();
    assert_eq!(Key::read(&block).unwrap().fingerprint(), key);
    assert_eq!(Key::read(&format!("\n  {}\r\n", block.replace('\n', "\r\n"))).unwrap().fingerprint(), key);
    let secret = gpg.run(THEN, &["--armor", "--export-secret-keys", &key]);
    let message = "this is a secret OpenPGP key, which must not be in a repository";
    assert_eq!(wrong(&secret), message);
    assert_eq!(wrong(&secret.replace("PRIVATE", "PUBLIC")), message, "whatever the armor says");
    let other = gpg.key("other", "ed25519", "sign", "0");
    let both = gpg.run(THEN, &["--armor", "--export", &key, &other]);
    assert_eq!(wrong(&both), "this block has several OpenPGP keys");
    let signature = gpg.sign(THEN, &key, &[], TEXT);
    let body = |text: &str| text.split("\n\n").nth(1).unwrap().to_owned();
    let lines: Vec<&str> = block.lines().collect();
    for (text, message) in [
        (signature.clone(), "this is no OpenPGP key: its first line is not that of its form"),
        (
            block.replace(&body(&block), &body(&signature.replace("SIGNATURE", "PUBLIC KEY BLOCK"))),
            "this is no OpenPGP key: it does not begin with one",
        ),
        (block.replace('\n', " "), "this is no OpenPGP key: its first line is not that of its form"),
        (block.replacen("\n\n", "\n", 1), "this is no OpenPGP key: no empty line stands behind its first lines"),
        (block.replace("-----END", ""), "this is no OpenPGP key: something follows its checksum"),
        (lines[..4].join("\n"), "this is no OpenPGP key: its end is missing"),
        (format!("{block}\n{block}"), "this is no OpenPGP key: its last line is not its last"),
        (block.replacen("mDME", "mDM€", 1), "this is no OpenPGP key: it is not base 64"),
        (block.replace(lines[4], ""), "this is no OpenPGP key: it ends too early"),
        (
            format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}", "A".repeat(300_000)),
            "this OpenPGP key is larger than 256 KiB",
        ),
    ] {
        assert!(wrong(&text).starts_with(message), "{}\n{text}", wrong(&text));
    }
    for (kind, usage, message) in [
        ("rsa1024", "sign", "RSA keys of 1024 bits are not supported, only 2048 to 4096"),
        ("dsa2048", "sign", "DSA is too weak to sign with"),
        ("secp256k1", "sign", "keys on that curve are not supported"),
        ("brainpoolP256r1", "sign", "keys on that curve are not supported"),
        ("ed25519", "cert", "no part of this OpenPGP key is for signing"),
    ] {
        let key = gpg.key(kind, kind, usage, "0");
        assert_eq!(wrong(&gpg.export(&key)), message, "{kind}");
    }
}

#[test]
fn keys_that_gpg_uses_and_attestry_does_not() {
    let gpg = Gpg::new();
    // Digests of which two texts are known to be found, and short keys.
    let key = gpg.key("ada", "rsa2048", "sign", "0");
    let block = gpg.export(&key);
    for digest in ["SHA1", "RIPEMD160"] {
        let signature = gpg.sign(THEN, &key, &["--digest-algo", digest], TEXT);
        let verdict = gpg.stricter(&[&block], &signature, TEXT);
        assert_eq!(verdict, format!("signature present, not verified: {digest} is too weak to sign with"));
    }
    let md5 = gpg.sign(THEN, &key, &["--digest-algo", "MD5", "--allow-weak-digest-algos"], TEXT);
    let verdict = gpg.verdict(&[&block], &md5, TEXT).to_string();
    assert_eq!(verdict, "signature present, not verified: MD5 is too weak to sign with");
    let dsa = gpg.key("dsa", "dsa2048", "sign", "0");
    let verdict = of(&[&block], &gpg.sign(THEN, &dsa, &[], TEXT), TEXT, super::AT).to_string();
    assert_eq!(verdict, "signature present, not verified: DSA is too weak to sign with");
    // A subkey of a curve that only gpg knows: its key is used without it.
    gpg.run(super::BORN, &["--quick-add-key", &key, "brainpoolP256r1/ecdsa", "sign", "0"]);
    let subkey = gpg.fingerprints("ada").remove(1);
    let signature = gpg.sign(THEN, &format!("{subkey}!"), &[], TEXT);
    let block = gpg.export(&key);
    let verdict = gpg.stricter(&[&block], &signature, TEXT);
    assert!(verdict.contains("not verified") || verdict.contains("nobody is known"), "{verdict}");
    assert!(gpg.verdict(&[&block], &gpg.sign(THEN, &format!("{key}!"), &[], TEXT), TEXT).is_good());
}

#[test]
fn names_that_come_and_go_leave_the_key() {
    let gpg = Gpg::new();
    let key = gpg.key("Ada <ada@example.com>", "ed25519", "sign", "0");
    let signature = gpg.sign(THEN, &key, &[], TEXT);
    gpg.run("20260201T120000", &["--quick-add-uid", &key, "Ada <ada@example.org>"]);
    assert!(gpg.verdict(&[&gpg.export(&key)], &signature, TEXT).is_good());
    gpg.run("20260202T120000", &["--quick-revoke-uid", &key, "Ada <ada@example.com>"]);
    assert!(gpg.verdict(&[&gpg.export(&key)], &signature, TEXT).is_good());
    // What others say of the key changes nothing, and a minimal export has none of it.
    let other = gpg.key("other", "ed25519", "cert sign", "0");
    gpg.run("20260203T120000", &["--local-user", &other, "--quick-sign-key", &key]);
    assert!(gpg.verdict(&[&gpg.export(&key)], &signature, TEXT).is_good());
    let minimal = gpg.run(THEN, &["--armor", "--export", "--export-options", "export-minimal", &key]);
    assert!(gpg.verdict(&[&minimal], &signature, TEXT).is_good());
}

#[test]
fn people_have_openpgp_keys_and_what_is_wrong_is_told_at_the_key() {
    let (gpg, key, block) = Gpg::with_key();
    let secret = gpg.run(THEN, &["--armor", "--export-secret-keys", &key]);
    let indented = |block: &str| format!("        {}\n", block.trim_end().replace('\n', "\n        "));
    let put = |ada: &str, bo: &str| {
        let people = format!(
            "people:\n  - id: ada\n    name: Ada\n    email: {ADA}\n    keys:\n      - |\n{}  - id: bo\n    name: Bo\n    keys:\n      - |\n{}",
            indented(ada),
            indented(bo)
        );
        gpg.bench.0.put("sms/attestry.yaml", &Made::Text("organization: { name: Brightwater }\n".to_owned()));
        gpg.bench.0.put("sms/people.yaml", &Made::Text(people));
        let sms = crate::support::sms_at(&gpg.bench.0.path().join("sms"), "2026-06-30");
        let told = sms.problems.iter().filter(|problem| problem.subject == "people.yaml");
        told.map(|problem| format!("{}: {}", problem.place.pointer, problem.message)).collect::<Vec<_>>()
    };
    let other = gpg.key("other", "ed25519", "sign", "0");
    assert_eq!(put(&block, &gpg.export(&other)), Vec::<String>::new());
    assert_eq!(put(&block, &secret), ["/keys/0: this is a secret OpenPGP key, which must not be in a repository"]);
    let shared = put(&block, &block);
    assert_eq!(shared, ["/id: `bo` has the key of `ada`: nobody can tell who did something with it"]);
    let mut keys = Keys::default();
    assert_eq!(keys.read(&block).unwrap(), keys.read(&block).unwrap());
}

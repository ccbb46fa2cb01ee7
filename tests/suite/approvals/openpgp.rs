//! Approvals by commits, tags and imports that `gpg`'s keys signed.

use super::{
    Git, approvals, findings, grounds,
    platform::{LEDGER, entry, merged},
    policy,
};
use crate::support::Made;
use attestry::sms::{Sms, evidence::Strength};
use std::{fs, os::unix::fs::PermissionsExt, process::Command};

/// A repository whose git signs with gpg, at the moment that its commits claim.
struct Gpg(Git);

impl Gpg {
    fn new() -> Self {
        let gpg = Self(Git::new());
        let folder = gpg.0.0.path();
        fs::create_dir(folder.join("home")).unwrap();
        fs::set_permissions(folder.join("home"), fs::Permissions::from_mode(0o700)).unwrap();
        let home = folder.join("home").display().to_string();
        let options = "--batch --quiet --pinentry-mode loopback --passphrase '' --faked-system-time=20260302T120000!";
        let script = format!("#!/bin/sh\nexec gpg --homedir '{home}' {options} \"$@\"\n");
        gpg.0.0.put("gpg", &Made::Text(script));
        fs::set_permissions(folder.join("gpg"), fs::Permissions::from_mode(0o755)).unwrap();
        for who in ["ada", "bo", "carol"] {
            let born = "--faked-system-time=20260101T120000!";
            gpg.gpg(&[born, "--quick-generate-key", &address(who), "ed25519", "sign", "0"]);
        }
        gpg
    }

    fn gpg(&self, arguments: &[&str]) -> String {
        let output = Command::new(self.0.0.path().join("gpg")).args(arguments).output().unwrap();
        assert!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Who has which key; who has several has them as several.
    fn people(&self, keys: &[(&str, &str)]) {
        let mut text = "people:\n".to_owned();
        for who in ["ada", "bo", "carol"] {
            text += &format!("  - id: {who}\n    name: {who}\n    email: {who}@example.org\n    account: {who}-x\n");
            let blocks: Vec<&str> = keys.iter().filter(|(owner, _)| *owner == who).map(|(_, key)| *key).collect();
            text += if blocks.is_empty() { "" } else { "    keys:\n" };
            for block in blocks {
                text += "      - |\n";
                text.extend(block.lines().map(|line| format!("        {line}\n")));
            }
        }
        self.0.put("people.yaml", &text);
    }

    fn export(&self, who: &str) -> String {
        self.gpg(&["--armor", "--export", &address(who)])
    }

    /// Runs git as one person, signing with the key of another.
    fn signed(&self, who: &str, key: &str, arguments: &[&str]) {
        let program = format!("gpg.program={}", self.0.0.path().join("gpg").display());
        let key = format!("user.signingkey={}", address(key));
        let configured = ["-c", "gpg.format=openpgp", "-c", &program, "-c", &key];
        self.0.run(who, &[&configured[..], arguments].concat());
    }

    fn commit(&self, who: &str, key: &str, message: &str) {
        self.0.run(who, &["add", "-A"]);
        self.signed(who, key, &["commit", "-q", "-S", "-m", message]);
    }

    fn approve(&self, text: &str, day: &str, key: &str) {
        self.0.put("policies/a.md", &policy("approved", text).replace("03-02", day));
        self.commit("ada", key, "approve");
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let home = self.0.0.path().join("home");
        let _ = Command::new("gpgconf").arg("--homedir").arg(home).args(["--kill", "all"]).output();
    }
}

fn address(who: &str) -> String {
    format!("{who}@example.org")
}

fn contradictions(sms: &Sms) -> Vec<String> {
    let found = attestry::rules::run(sms, |rule| rule.name == "signature-does-not-hold");
    found.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn commits_and_tags_of_the_approver_are_the_strongest() {
    let gpg = Gpg::new();
    gpg.people(&[("ada", &gpg.export("ada"))]);
    gpg.0.put("policies/a.md", &policy("draft", "Every change is assessed."));
    gpg.0.commit("bo", "draft", &[]);
    gpg.approve("Every change is assessed.", "03-02", "ada");
    assert_eq!(approvals(&gpg.0.sms()), [("ada".to_owned(), Strength::Signed, "commit")]);
    assert!(findings(&gpg.0.sms()).is_empty());
    assert!(grounds(&gpg.0.sms()).ends_with("signed, and the signature was verified"), "{}", grounds(&gpg.0.sms()));
    gpg.0.put("policies/a.md", &policy("approved", "Every change is announced.").replace("03-02", "03-03"));
    gpg.0.commit("bo", "policy", &[]);
    gpg.signed("ada", "ada", &["tag", "-s", "-m", "approved", "approved-2026-03"]);
    assert_eq!(approvals(&gpg.0.sms())[0], ("ada".to_owned(), Strength::Signed, "tag"));
    // A key that nobody has is named, so that one can ask whose it is.
    gpg.people(&[]);
    assert!(!approvals(&gpg.0.sms()).iter().any(|(_, strength, _)| *strength == Strength::Signed));
}

#[test]
fn a_key_counts_from_its_arrival_and_through_its_renewals() {
    let gpg = Gpg::new();
    gpg.people(&[]);
    gpg.0.put("policies/a.md", &policy("draft", "Every change is assessed."));
    gpg.0.commit("bo", "draft", &[]);
    gpg.approve("Every change is assessed.", "03-02", "ada");
    let words = grounds(&gpg.0.sms());
    assert!(words.contains("with a signature by a key that nobody is known to have ("), "{words}");
    // The key comes later than what it signed, and later with what it signs.
    gpg.people(&[("ada", &gpg.export("ada"))]);
    gpg.0.commit("bo", "key", &[]);
    assert_eq!(approvals(&gpg.0.sms())[0].1, Strength::Attributed);
    assert!(grounds(&gpg.0.sms()).contains("came no sooner than by"), "{}", grounds(&gpg.0.sms()));
    let at = |who: &str| gpg.gpg(&["--with-colons", "--list-keys", &address(who)]);
    let fingerprint = at("ada").lines().find_map(|line| Some(line.strip_prefix("fpr:")?.trim_matches(':').to_owned()));
    gpg.gpg(&["--quick-set-expire", &fingerprint.unwrap(), "2y"]);
    gpg.people(&[("ada", &gpg.export("ada"))]);
    gpg.approve("Every change is announced.", "03-03", "ada");
    assert_eq!(approvals(&gpg.0.sms())[0].1, Strength::Signed, "its renewal came with it, the key was there");
    gpg.people(&[("ada", &gpg.export("ada")), ("ada", &gpg.export("carol"))]);
    gpg.approve("No change is assessed.", "03-04", "carol");
    assert_eq!(approvals(&gpg.0.sms())[0].1, Strength::Attributed, "another key, which vouches for itself");
}

#[test]
fn signatures_that_contradict_their_commit_are_told() {
    let gpg = Gpg::new();
    gpg.people(&[("ada", &gpg.export("ada")), ("bo", &gpg.export("bo"))]);
    gpg.0.put("policies/a.md", &policy("draft", "Every change is assessed."));
    gpg.0.commit("bo", "draft", &[]);
    gpg.approve("Every change is assessed.", "03-02", "carol");
    assert_eq!(approvals(&gpg.0.sms())[0].1, Strength::Attributed);
    assert!(contradictions(&gpg.0.sms()).is_empty(), "a key of nobody contradicts nothing");
    gpg.approve("Every change is announced.", "03-03", "bo");
    assert_eq!(approvals(&gpg.0.sms())[0].1, Strength::Claimed);
    let said = contradictions(&gpg.0.sms());
    assert!(said.len() == 1 && said[0].ends_with("gives `ada` as its author, but signed by bo"), "{said:?}");
    gpg.approve("No change is assessed.", "03-04", "ada");
    let whole = gpg.0.run("bo", &["cat-file", "commit", "HEAD"]);
    gpg.0.put("policies/a.md", &policy("approved", "Nothing is assessed.").replace("03-02", "03-04"));
    gpg.0.run("bo", &["add", "policies"]);
    let (tree, other) = (gpg.0.run("bo", &["rev-parse", "HEAD^{tree}"]), gpg.0.run("bo", &["write-tree"]));
    gpg.0.put("forged", &(whole.replace(&tree, &other) + "\n"));
    let forged = gpg.0.run("bo", &["hash-object", "-t", "commit", "-w", "forged"]);
    gpg.0.run("bo", &["reset", "-q", "--hard", &forged]);
    let said = contradictions(&gpg.0.sms());
    assert!(said.iter().any(|said| said.ends_with("with a bad signature: it does not fit the text")), "{said:?}");
}

#[test]
fn an_import_that_its_importer_signed_has_the_strength_of_the_platform() {
    let gpg = Gpg::new();
    let (head, merge, blob) = merged(&gpg.0);
    gpg.people(&[("carol", &gpg.export("carol"))]);
    gpg.0.commit("bo", "keys", &[]);
    gpg.0.put(LEDGER, &entry(&head, &merge, &blob, &head));
    gpg.commit("carol", "carol", "approvals of #7");
    assert_eq!(approvals(&gpg.0.sms())[0], ("ada".to_owned(), Strength::Platform, "ledger"));
}

//! When keys and signatures are valid.

use super::{AT, BORN, Gpg, TEXT, THEN, of, signers};
use attestry::{
    calendar::{parse_day, zone},
    signature::{GIT, Validity, Verdict, verify},
};

const DAY: i64 = 86_400;

#[test]
fn keys_and_subkeys_run_out() {
    let gpg = Gpg::new();
    let key = gpg.key("ada", "ed25519", "sign", "90d");
    let signature = gpg.sign(THEN, &key, &[], TEXT);
    let late = gpg.sign("20260401T115959", &key, &[], TEXT);
    let early = gpg.export(&key);
    assert!(gpg.verdict(&[&early], &signature, TEXT).is_good());
    let ends = AT + 31 * DAY;
    assert!(of(&[&early], &late, TEXT, ends - 1).is_good());
    for (at, why) in [(ends, "the key ran out on 2026-04-01 12:00 UTC"), (ends + 1, "ran out")] {
        let verdict = of(&[&early], &late, TEXT, at);
        assert!(matches!(verdict, Verdict::OutsideValidity { .. }) && verdict.to_string().contains(why), "{verdict}");
    }
    for (moment, expected) in [("20260401T115959", true), ("20260401T120001", false)] {
        assert_eq!(gpg.holds(moment, &[&early], &late, TEXT).0, expected, "gpg at {moment}");
    }
    // What its owner says now counts for then.
    gpg.run(THEN, &["--quick-set-expire", &key, "60d"]);
    let longer = gpg.export(&key);
    assert!(of(&[&longer], &late, TEXT, ends).is_good());
    assert!(gpg.holds("20260401T120001", &[&longer], &late, TEXT).0);
    gpg.run("20260302T120000", &["--quick-set-expire", &key, "1d"]);
    let shorter = gpg.export(&key);
    assert!(gpg.verdict(&[&shorter], &signature, TEXT).is_good());
    assert!(!of(&[&shorter], &late, TEXT, AT + 3 * DAY).is_good());
    assert!(!gpg.holds("20260304T120000", &[&shorter], &late, TEXT).0);

    let primary = gpg.key("bo", "ed25519", "cert", "0");
    gpg.run(BORN, &["--quick-add-key", &primary, "ed25519", "sign", "70d"]);
    let block = gpg.export(&primary);
    let signature = gpg.sign(THEN, &primary, &[], TEXT);
    assert!(gpg.verdict(&[&block], &signature, TEXT).is_good());
    let verdict = of(&[&block], &signature, TEXT, AT + 12 * DAY);
    assert!(verdict.to_string().ends_with("the key ran out on 2026-03-12 12:00 UTC"), "{verdict}");
    assert!(!gpg.holds("20260313T120000", &[&block], &signature, TEXT).0);
}

#[test]
fn a_signature_is_of_its_own_moment_and_of_the_one_that_is_claimed() {
    let (gpg, key, block) = Gpg::with_key();
    let at = |moment: &str| gpg.sign(moment, &key, &[], TEXT);
    // A clock that is a little off, a password that is typed after lunch.
    for moment in ["20260228T120000", "20260301T120500", "20260302T120000"] {
        assert!(of(&[&block], &at(moment), TEXT, AT).is_good(), "{moment}");
    }
    // gpg knows nothing of the commit: it is asked whether the signature holds, not when.
    let later = at("20260302T120001");
    let verdict = of(&[&block], &later, TEXT, AT).to_string();
    assert!(verdict.ends_with("the signature was made on 2026-03-02 12:00 UTC, later than is claimed"), "{verdict}");
    assert!(gpg.holds("20260302T120001", &[&block], &later, TEXT).0);
    // Before there was the key, by either moment.
    let verdict = of(&[&block], &at(BORN), TEXT, AT - 60 * DAY).to_string();
    assert!(verdict.ends_with("the key was made later, on 2026-01-01 12:00 UTC"), "{verdict}");
    let before = gpg.sign("20251231T120000", &key, &["--ignore-time-conflict"], TEXT);
    let verdict = gpg.verdict(&[&block], &before, TEXT);
    assert!(matches!(verdict, Verdict::OutsideValidity { .. }), "{verdict}");
    let brief = gpg.sign(THEN, &key, &["--default-sig-expire", "1"], TEXT);
    assert!(gpg.verdict(&[&block], &brief, TEXT).is_good());
    let verdict = of(&[&block], &brief, TEXT, AT + DAY).to_string();
    assert!(verdict.ends_with("the signature ran out on 2026-03-02 12:00 UTC"), "{verdict}");
    assert!(!gpg.holds("20260302T120000", &[&block], &brief, TEXT).0);
}

#[test]
fn keys_of_persons_are_valid_on_their_days() {
    let (gpg, key, block) = Gpg::with_key();
    let oslo = zone("Europe/Oslo").unwrap();
    let of = |moment: &str, from: &str, until: &str| {
        let validity = Validity::of_days(parse_day(from), parse_day(until), &oslo);
        let signature = gpg.sign(moment, &key, &[], TEXT);
        verify(&signature, TEXT, GIT, &signers(&[&block], validity), AT)
    };
    assert!(of(THEN, "2026-03-01", "2026-03-01").is_good());
    for (moment, from, until) in [
        (THEN, "2026-03-02", ""),
        (THEN, "", "2026-02-28"),
        // The commit claims a day of hers, the signature was made on the one after.
        ("20260302T110000", "", "2026-03-01"),
        ("20260228T110000", "2026-03-01", ""),
    ] {
        let verdict = of(moment, from, until);
        assert!(matches!(verdict, Verdict::OutsideValidity { why: None, .. }), "{moment} {from} {until}: {verdict}");
    }
}

/// Revokes a key, or with `key 1` its subkey, with a reason: 1 compromised, 2 superseded, 3 retired.
fn revoke(gpg: &Gpg, key: &str, subkey: bool, reason: &str) -> String {
    let select = if subkey { "key 1\n" } else { "" };
    let command = format!("{select}revkey\ny\n{reason}\n\ny\nsave\n");
    let arguments = ["--command-fd", "0", "--status-fd", "2", "--no-batch", "--edit-key", key];
    assert!(gpg.try_run("home", "20260310T120000", &arguments, command.as_bytes()).0);
    gpg.export(key)
}

#[test]
fn revoked_keys_do_not_sign() {
    let gpg = Gpg::new();
    for (reason, soft) in [("1", false), ("2", true), ("3", true), ("0", false)] {
        for subkey in [false, true] {
            let name = format!("key{reason}{subkey}");
            let key = gpg.key(&name, "ed25519", if subkey { "cert" } else { "sign" }, "0");
            if subkey {
                gpg.run(BORN, &["--quick-add-key", &key, "ed25519", "sign", "0"]);
            }
            let (before, late) = (gpg.sign(THEN, &key, &[], TEXT), gpg.sign("20260311T120000", &key, &[], TEXT));
            let whole = gpg.export(&key);
            assert!(gpg.verdict(&[&whole], &before, TEXT).is_good());
            let block = revoke(&gpg, &key, subkey, reason);
            assert_ne!(block, whole);
            // gpg does not ask when: for it a key that is revoked now signed nothing.
            assert!(!gpg.holds(THEN, &[&block], &before, TEXT).0);
            let verdict = of(&[&block], &before, TEXT, AT);
            assert_eq!(verdict.is_good(), soft, "{name}: {verdict}");
            for (signature, at) in [(&late, AT + 10 * DAY), (&before, AT + 9 * DAY), (&late, AT + 9 * DAY)] {
                let verdict = of(&[&block], signature, TEXT, at);
                let expected = if soft { "revoked on 2026-03-10 12:00 UTC" } else { "revoked, for all times" };
                assert!(verdict.to_string().ends_with(expected), "{name}: {verdict}");
            }
        }
    }
}

//! Signatures and keys that `gpg` would not make, made with its keys.

use super::{AT, BORN, Gpg, TEXT, THEN, of};
use attestry::signature::{Key, Verdict};
use pgp::{
    composed::{ArmorOptions, Deserializable, DetachedSignature, SignedPublicKey, SignedPublicSubKey, SignedSecretKey},
    crypto::hash::HashAlgorithm,
    packet::{KeyFlags, Notation, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    types::{Duration, KeyDetails, Password, Timestamp},
};

fn secret(gpg: &Gpg, key: &str) -> SignedSecretKey {
    let armored = gpg.run(THEN, &["--armor", "--export-secret-keys", key]);
    SignedSecretKey::from_string(&armored).unwrap().0
}

fn then() -> SubpacketData {
    SubpacketData::SignatureCreationTime(Timestamp::from_secs(u32::try_from(AT).unwrap()))
}

/// A signature over the text with these parts, all under the signature.
fn with(key: &SignedSecretKey, parts: Vec<Subpacket>) -> String {
    let mut config = SignatureConfig::v4(SignatureType::Binary, key.primary_key.algorithm(), HashAlgorithm::Sha512);
    config.hashed_subpackets = parts;
    let signature = config.sign(&key.primary_key, &Password::empty(), TEXT).unwrap();
    DetachedSignature::new(signature).to_armored_string(ArmorOptions::default()).unwrap()
}

fn regular(data: SubpacketData) -> Subpacket {
    Subpacket::regular(data).unwrap()
}

fn critical(data: SubpacketData) -> Subpacket {
    Subpacket::critical(data).unwrap()
}

fn binding(key: &SignedSecretKey, kind: SignatureType, more: Vec<Subpacket>) -> SignatureConfig {
    let mut config = SignatureConfig::v4(kind, key.primary_key.algorithm(), HashAlgorithm::Sha512);
    config.hashed_subpackets = vec![regular(then()), regular(SubpacketData::IssuerFingerprint(key.fingerprint()))];
    config.hashed_subpackets.extend(more);
    config
}

fn signing() -> Subpacket {
    let mut flags = KeyFlags::default();
    flags.set_sign(true);
    regular(SubpacketData::KeyFlags(flags))
}

#[test]
fn conditions_that_are_not_understood_leave_a_signature_open() {
    let (gpg, key, block) = Gpg::with_key();
    let secret = secret(&gpg, &key);
    let issuer = || regular(SubpacketData::IssuerFingerprint(secret.fingerprint()));
    let id = || regular(SubpacketData::IssuerKeyId(secret.legacy_key_id()));
    let notation =
        || SubpacketData::Notation(Notation { readable: true, name: "a@b.example".into(), value: "c".into() });
    for parts in [
        vec![critical(then()), issuer(), id()],
        vec![regular(then()), issuer(), id(), regular(notation())],
        vec![regular(then()), issuer(), id(), critical(SubpacketData::SignatureExpirationTime(Duration::from_secs(9)))],
    ] {
        let verdict = gpg.verdict(&[&block], &with(&secret, parts), TEXT);
        assert!(verdict.is_good(), "{verdict}");
    }
    for (part, why) in [
        (critical(notation()), "it has a critical condition that is not understood"),
        (
            critical(SubpacketData::Experimental(101, vec![1].into())),
            "it has a critical condition that is not understood",
        ),
    ] {
        let verdict = gpg.verdict(&[&block], &with(&secret, vec![regular(then()), issuer(), id(), part]), TEXT);
        assert_eq!(verdict, Verdict::Unsupported { why: why.to_owned() });
    }
    // gpg takes one of what is said twice, and 1970 for what is not said.
    let later = || regular(SubpacketData::SignatureCreationTime(Timestamp::from_secs(u32::try_from(AT).unwrap() + 1)));
    for (parts, why) in [
        (vec![regular(then()), later(), issuer(), id()], "it says something twice"),
        (vec![issuer(), id()], "it does not say when it was made"),
        (vec![regular(then())], "it does not name its key"),
        (vec![regular(then()), issuer(), regular(SubpacketData::IssuerKeyId([7; 8].into()))], "it names several keys"),
    ] {
        let verdict = of(&[&block], &with(&secret, parts), TEXT, AT);
        assert_eq!(verdict, Verdict::Unsupported { why: why.to_owned() });
    }
}

#[test]
fn what_is_not_one_signature_over_data_is_none() {
    let (gpg, key, block) = Gpg::with_key();
    let one = gpg.sign(THEN, &key, &[], TEXT);
    let other = gpg.key("bo", "ed25519", "sign", "0");
    let both = gpg.sign(THEN, &key, &["--local-user", &other], TEXT);
    let verdict = of(&[&block], &both, TEXT, AT);
    assert_eq!(verdict, Verdict::Unsupported { why: "it is not one signature".to_owned() });
    for more in [&[][..], &["--compress-algo", "zlib", "-z", "9"]] {
        let arguments = [&["--armor", "--local-user", &key][..], more, &["--sign"]].concat();
        let (_, message) = gpg.try_run("home", THEN, &arguments, TEXT);
        let verdict = of(&[&block], &message, TEXT, AT);
        assert!(!verdict.is_good() && verdict.fingerprint().is_none(), "{verdict}");
    }
    // A revocation of the key, given out as a signature over a text.
    let path = gpg.bench.0.path().join(format!("home/openpgp-revocs.d/{key}.rev"));
    let revocation = std::fs::read_to_string(path).unwrap();
    let (_, revocation) = revocation.split_once(":-----BEGIN").unwrap();
    let revocation = format!("-----BEGIN{revocation}").replace("PUBLIC KEY BLOCK", "SIGNATURE");
    let verdict = gpg.verdict(&[&block], &revocation, TEXT).to_string();
    assert!(verdict.ends_with("not verified: signatures of type 0x20 are not over a text"), "{verdict}");
    for broken in ["", "\n\nAAAA\n", "\n\n=AAAA\n-----END PGP SIGNATURE-----", "\n\niHU=\n-----END PGP SIGNATURE-----"]
    {
        let verdict = gpg.verdict(&[&block], &format!("-----BEGIN PGP SIGNATURE-----{broken}"), TEXT);
        assert!(!verdict.is_good(), "{broken}: {verdict}");
    }
    let verdict = of(&[&block], &format!("{one}{one}"), TEXT, AT);
    assert!(matches!(verdict, Verdict::Bad { .. }), "{verdict}");
    // The checksum of the armor is no part of the signature: gpg wants it right, RFC 9580 forbids that.
    let (before, _) = one.rsplit_once("\n=").unwrap();
    let unchecked = format!("{before}\n=AAAA\n-----END PGP SIGNATURE-----\n");
    assert!(of(&[&block], &unchecked, TEXT, AT).is_good());
}

#[test]
fn nobody_adopts_the_subkey_of_another() {
    let gpg = Gpg::new();
    let ada = gpg.key("ada", "ed25519", "cert", "0");
    gpg.run(BORN, &["--quick-add-key", &ada, "ed25519", "sign", "0"]);
    let signature = gpg.sign(THEN, &ada, &[], TEXT);
    let of_ada = SignedPublicKey::from_string(&gpg.export(&ada)).unwrap().0;
    let subkey = of_ada.public_subkeys[0].key.clone();
    let answer = of_ada.public_subkeys[0].signatures[0].embedded_signature().unwrap().clone();
    let mallory = gpg.key("mallory", "ed25519", "sign", "0");
    let secret = secret(&gpg, &mallory);
    let answer = regular(SubpacketData::EmbeddedSignature(Box::new(answer)));
    for (more, why) in [
        (vec![signing()], "it has not signed that it belongs to its primary key"),
        (vec![signing(), answer], "it has not signed that it belongs to its primary key"),
        (vec![], "it is not for signing"),
    ] {
        let mut block = SignedPublicKey::from_string(&gpg.export(&mallory)).unwrap().0;
        let bound = binding(&secret, SignatureType::SubkeyBinding, more)
            .sign_subkey_binding(&secret.primary_key, &block.primary_key, &Password::empty(), &subkey)
            .unwrap();
        block.public_subkeys.push(SignedPublicSubKey { key: subkey.clone(), signatures: vec![bound] });
        let block = block.to_armored_string(ArmorOptions::default()).unwrap();
        let verdict = gpg.verdict(&[&block], &signature, TEXT).to_string();
        assert_eq!(verdict, format!("signature present, not verified: of the key {mallory}: {why}"));
        // Where Ada's own key is known too, it is hers.
        assert!(of(&[&block, &gpg.export(&ada)], &signature, TEXT, AT).is_good());
    }
    // Ada's subkey, put into Mallory's key with what Ada's primary key says of it.
    let mut block = SignedPublicKey::from_string(&gpg.export(&mallory)).unwrap().0;
    block.public_subkeys = of_ada.public_subkeys.clone();
    let block = block.to_armored_string(ArmorOptions::default()).unwrap();
    let verdict = of(&[&block], &signature, TEXT, AT).to_string();
    assert!(verdict.ends_with("its primary key has not signed for it"), "{verdict}");
}

#[test]
fn keys_need_signatures_of_their_own_and_no_doubtful_revocation() {
    let gpg = Gpg::new();
    let (ada, mallory) = (gpg.key("ada", "ed25519", "sign", "0"), gpg.key("mallory", "ed25519", "sign", "0"));
    let (of_ada, of_mallory) = (secret(&gpg, &ada), secret(&gpg, &mallory));
    let whole = SignedPublicKey::from_string(&gpg.export(&ada)).unwrap().0;
    let wrong = |block: &SignedPublicKey| {
        Key::read(&block.to_armored_string(ArmorOptions::default()).unwrap()).unwrap_err().message
    };
    let mut block = whole.clone();
    block.details.users.clear();
    assert_eq!(wrong(&block), "this OpenPGP key has not signed any name of its own");
    block.details.users = SignedPublicKey::from_string(&gpg.export(&mallory)).unwrap().0.details.users;
    assert_eq!(wrong(&block), "this OpenPGP key has not signed any name of its own");
    // Whoever revokes it: another may be entitled to, and nothing here tells.
    let mut block = whole.clone();
    let revocation = binding(&of_mallory, SignatureType::KeyRevocation, vec![]);
    let revocation = revocation.sign_key(&of_mallory.primary_key, &Password::empty(), &block.primary_key).unwrap();
    block.details.revocation_signatures.push(revocation);
    assert_eq!(wrong(&block), "whether this OpenPGP key is revoked cannot be told: a revocation in it is not its own");
    let mut block = whole.clone();
    let theirs = SignedPublicKey::from_string(&gpg.export(&mallory)).unwrap().0.details.users.remove(0);
    let mut forged = block.details.users[0].clone();
    forged.id = theirs.id;
    block.details.users = vec![forged; 101];
    assert_eq!(wrong(&block), "this OpenPGP key has too many signatures about itself");
    // A revocation counts wherever it stands.
    let mut block = whole.clone();
    let revocation = binding(&of_ada, SignatureType::KeyRevocation, vec![]);
    let revocation = revocation.sign_key(&of_ada.primary_key, &Password::empty(), &block.primary_key).unwrap();
    block.details.users[0].signatures.push(revocation);
    let signature = gpg.sign(THEN, &ada, &[], TEXT);
    let verdict = of(&[&block.to_armored_string(ArmorOptions::default()).unwrap()], &signature, TEXT, AT).to_string();
    assert!(verdict.ends_with("the key was revoked, for all times"), "{verdict}");
    // What the key says as such narrows what it says beside its name.
    let mut block = whole.clone();
    let lasts = regular(SubpacketData::KeyExpirationTime(Duration::from_secs(86_400)));
    let direct = binding(&of_ada, SignatureType::Key, vec![lasts]);
    let direct = direct.sign_key(&of_ada.primary_key, &Password::empty(), &block.primary_key).unwrap();
    block.details.direct_signatures.push(direct);
    let block = block.to_armored_string(ArmorOptions::default()).unwrap();
    // gpg keeps to the name.
    let verdict = gpg.stricter(&[&block], &signature, TEXT);
    assert!(verdict.ends_with("the key ran out on 2026-01-02 12:00 UTC"), "{verdict}");
}

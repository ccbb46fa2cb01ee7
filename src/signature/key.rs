//! Public keys as they stand in texts.

use super::openpgp::Certificate;
use ssh_key::{HashAlg, PublicKey, public::KeyData};
use std::{collections::BTreeMap, sync::Arc};

/// Bytes of the modulus of an RSA key.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// Bytes of the exponent of an RSA key, at most: a larger one serves only to keep verifiers busy.
const RSA_EXPONENT_BYTES: usize = 4;

/// A public key, as a person has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub(super) Form);

/// The two forms of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Ssh(Arc<KeyData>),
    OpenPgp(Arc<Certificate>),
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// What is wrong: a lower-case phrase without a final period.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl Unusable {
    pub(super) fn new(message: impl Into<String>, help: &'static str) -> Self {
        Self { message: message.into(), help }
    }
}

/// Keys that were read, so that each text is read once.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<String, Result<Key, Unusable>>);

impl Keys {
    /// The key that a text is.
    pub fn read(&mut self, text: &str) -> Result<Key, Unusable> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let key = Key::read(text);
        self.0.insert(text.to_owned(), key.clone());
        key
    }
}

impl Key {
    /// Reads `ssh-ed25519 AAAA… comment`, or an armored `OpenPGP` key.
    pub fn read(text: &str) -> Result<Self, Unusable> {
        const FORM: &str =
            "write the public key as `ssh-keygen` does: `ssh-ed25519 AAAA…`, or as `gpg --export --armor` does";
        if text.trim_start().starts_with("-----BEGIN PGP ") {
            return Certificate::read(text).map(|certificate| Self(Form::OpenPgp(Arc::new(certificate))));
        }
        read(text).map(Self::from).map_err(|message| Unusable::new(message, FORM))
    }

    /// What tells it apart: `SHA256:…`, of `OpenPGP` the fingerprint of the primary key.
    pub fn fingerprint(&self) -> String {
        match &self.0 {
            Form::Ssh(key) => fingerprint(key),
            Form::OpenPgp(certificate) => certificate.fingerprint(),
        }
    }

    /// The fingerprints of it and of its subkeys that sign.
    pub fn fingerprints(&self) -> Vec<String> {
        match &self.0 {
            Form::Ssh(key) => vec![fingerprint(key)],
            Form::OpenPgp(certificate) => certificate.fingerprints().collect(),
        }
    }
}

impl From<KeyData> for Key {
    fn from(key: KeyData) -> Self {
        Self(Form::Ssh(Arc::new(key)))
    }
}

/// The key as `SHA256:…`.
pub(super) fn fingerprint(key: &KeyData) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Reads `ssh-ed25519 AAAA… comment`; says what is wrong otherwise.
pub(super) fn read(text: &str) -> Result<KeyData, String> {
    if text.contains("PRIVATE KEY") {
        return Err("this is a private key, which must not be in a repository".to_owned());
    }
    let mut words = text.split_whitespace();
    let (Some(kind), Some(data)) = (words.next(), words.next()) else {
        return Err("this is no public key such as `ssh-ed25519 AAAA…`".to_owned());
    };
    if is_certificate(kind) {
        return Err("certificates are not supported".to_owned());
    }
    let key = PublicKey::from_openssh(&format!("{kind} {data}"))
        .map_err(|_| "this is no public key such as `ssh-ed25519 AAAA…`".to_owned())?;
    supported(key.key_data())?;
    Ok(key.key_data().clone())
}

/// Whether a word is the name of a type of keys, as far as names tell.
pub(super) fn is_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start)) && !word.contains('=')
}

/// Whether a type of keys is one of certificates.
pub(super) fn is_certificate(kind: &str) -> bool {
    kind.contains("-cert-v0")
}

/// Says why signatures with such a key cannot be verified.
pub(super) fn supported(key: &KeyData) -> Result<(), String> {
    match key {
        KeyData::Ed25519(_) | KeyData::Ecdsa(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => Ok(()),
        KeyData::Rsa(key) => rsa(size(key.n.as_bytes()), size(key.e.as_bytes())),
        other => Err(format!("keys of type `{}` are not supported", other.algorithm().as_str())),
    }
}

/// Says why RSA keys of so many bytes are not supported.
pub(super) fn rsa(modulus: usize, exponent: usize) -> Result<(), String> {
    if !RSA_BYTES.contains(&modulus) {
        return Err(format!("RSA keys of {} bits are not supported, only 2048 to 4096", modulus * 8));
    }
    if exponent > RSA_EXPONENT_BYTES {
        return Err("RSA keys with so large an exponent are not supported".to_owned());
    }
    Ok(())
}

/// How many bytes a number has without leading zeros.
pub(super) fn size(number: &[u8]) -> usize {
    number.iter().skip_while(|byte| **byte == 0).count()
}

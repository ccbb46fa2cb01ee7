//! Public keys as they stand in texts.

use ssh_key::{HashAlg, PublicKey, public::KeyData};

/// Bytes of the modulus of an RSA key.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// Bytes of the exponent of an RSA key, at most: a larger one serves only to keep verifiers busy.
const RSA_EXPONENT_BYTES: usize = 4;

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
        KeyData::Rsa(rsa) => {
            let bytes = size(rsa.n.as_bytes());
            if !RSA_BYTES.contains(&bytes) {
                return Err(format!("RSA keys of {} bits are not supported, only 2048 to 4096", bytes * 8));
            }
            if size(rsa.e.as_bytes()) > RSA_EXPONENT_BYTES {
                return Err("RSA keys with so large an exponent are not supported".to_owned());
            }
            Ok(())
        }
        other => Err(format!("keys of type `{}` are not supported", other.algorithm().as_str())),
    }
}

/// How many bytes a number has without leading zeros.
pub(super) fn size(number: &[u8]) -> usize {
    number.iter().skip_while(|byte| **byte == 0).count()
}

//! What a signature may rest on. What is too weak, or has a condition that is not understood,
//! shows nothing, whoever made it.

use crate::signature::key;
use pgp::{
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{PublicKey, Signature, SignatureConfig, SignatureVersion, SubpacketType},
    ser::Serialize,
    types::{EcdsaPublicParams, EddsaLegacyPublicParams, KeyDetails, KeyVersion, PublicParams},
};

/// What a signature is on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A text of somebody else's choice: two texts of the same digest would be one.
    Text,
    /// A key and its names, which the same person made.
    Key,
}

/// What a signature says of itself, if it may be relied on.
pub(super) fn config(signature: &Signature, on: Use) -> Result<&SignatureConfig, String> {
    let config = signature.config().filter(|config| config.version() == SignatureVersion::V4);
    let config = config.ok_or_else(|| format!("version {} is not supported", u8::from(signature.version())))?;
    hash(config.hash_alg, on)?;
    algorithm(config.pub_alg)?;
    if config
        .hashed_subpackets()
        .chain(config.unhashed_subpackets())
        .any(|part| part.is_critical && !is_understood(part.typ(), on))
    {
        return Err("it has a critical condition that is not understood".to_owned());
    }
    for once in [
        SubpacketType::SignatureCreationTime,
        SubpacketType::SignatureExpirationTime,
        SubpacketType::KeyExpirationTime,
        SubpacketType::KeyFlags,
        SubpacketType::RevocationReason,
    ] {
        if config.hashed_subpackets().filter(|part| part.typ() == once).count() > 1 {
            return Err("it says something twice".to_owned());
        }
    }
    Ok(config)
}

fn hash(algorithm: HashAlgorithm, on: Use) -> Result<(), String> {
    match algorithm {
        HashAlgorithm::Sha256
        | HashAlgorithm::Sha384
        | HashAlgorithm::Sha512
        | HashAlgorithm::Sha224
        | HashAlgorithm::Sha3_256
        | HashAlgorithm::Sha3_512 => Ok(()),
        HashAlgorithm::Sha1 if on == Use::Key => Ok(()),
        HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160 => {
            Err(format!("{algorithm} is too weak to sign with"))
        }
        _ => Err(format!("digests of number {} are not supported", u8::from(algorithm))),
    }
}

/// Whether an algorithm signs and is supported, as far as its number tells.
fn algorithm(algorithm: PublicKeyAlgorithm) -> Result<(), String> {
    match algorithm {
        PublicKeyAlgorithm::RSA
        | PublicKeyAlgorithm::RSASign
        | PublicKeyAlgorithm::ECDSA
        | PublicKeyAlgorithm::EdDSALegacy => Ok(()),
        PublicKeyAlgorithm::DSA => Err("DSA is too weak to sign with".to_owned()),
        other => Err(format!("keys of OpenPGP's algorithm {} are not supported", u8::from(other))),
    }
}

/// Says why signatures with a key cannot be verified.
pub(super) fn key(key: &PublicKey) -> Result<(), String> {
    if key.version() != KeyVersion::V4 {
        return Err(format!("OpenPGP keys of version {} are not supported", u8::from(key.version())));
    }
    algorithm(key.algorithm())?;
    match key.public_params() {
        PublicParams::RSA(rsa) => {
            let numbers = rsa.to_bytes().unwrap_or_default();
            let (modulus, rest) = number(&numbers).unwrap_or_default();
            let (exponent, _) = number(rest).unwrap_or_default();
            key::rsa(modulus.len(), exponent.len())
        }
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { .. })
        | PublicParams::ECDSA(
            EcdsaPublicParams::P256 { .. } | EcdsaPublicParams::P384 { .. } | EcdsaPublicParams::P521 { .. },
        ) => Ok(()),
        _ => Err("keys on that curve are not supported".to_owned()),
    }
}

/// The bytes of a number that is written with its bits before it, and what follows.
fn number(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (bits, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*bits)).div_ceil(8))
}

/// Conditions that are looked at, and remarks that change nothing.
fn is_understood(part: SubpacketType, on: Use) -> bool {
    match part {
        SubpacketType::SignatureCreationTime
        | SubpacketType::SignatureExpirationTime
        | SubpacketType::IssuerKeyId
        | SubpacketType::IssuerFingerprint
        | SubpacketType::SignersUserID
        | SubpacketType::PolicyURI => true,
        SubpacketType::KeyExpirationTime
        | SubpacketType::KeyFlags
        | SubpacketType::EmbeddedSignature
        | SubpacketType::RevocationReason
        | SubpacketType::RevocationKey
        | SubpacketType::Revocable
        | SubpacketType::ExportableCertification
        | SubpacketType::PrimaryUserId
        | SubpacketType::Features
        | SubpacketType::KeyServerPreferences
        | SubpacketType::PreferredKeyServer
        | SubpacketType::PreferredSymmetricAlgorithms
        | SubpacketType::PreferredHashAlgorithms
        | SubpacketType::PreferredCompressionAlgorithms => on == Use::Key,
        _ => false,
    }
}

//! `OpenPGP` signatures over commits and tags, as `gpg` makes them for git: RFC 9580, section 5.2.
//!
//! A signature says itself when it was made, and what it is on claims a moment too. Both are claims
//! of the same person; the key has to be theirs and to be valid at both.

mod armor;
mod certificate;
mod policy;

pub(super) use certificate::Certificate;

use super::{AllowedSigners, Signer, Unread, Verdict};
use certificate::{Life, Part};
use jiff::Timestamp;
use pgp::{
    packet::{PublicKey, Signature, SignatureType},
    types::{Fingerprint, KeyDetails, Tag},
};
use policy::Use;
use std::collections::BTreeSet;

/// Bytes of an armored signature, at most.
const SIZE: usize = 64 * 1024;
/// How much later than what it is on claims a signature may be made, in seconds: a day.
const LATER: i64 = 86_400;

/// A signature over data that may be relied on.
struct Read {
    signature: Signature,
    made: i64,
    until: Option<i64>,
    /// The fingerprint of the key, or its last bytes.
    issuer: Vec<u8>,
}

/// Whether an armored signature over `payload` holds; `at` is the moment that the payload claims.
pub(super) fn verify(armored: &str, payload: &[u8], signers: &AllowedSigners, at: i64) -> Verdict {
    let signature = match read(armored) {
        Ok(signature) => signature,
        Err(unread) => return unread.into(),
    };
    let is_named = |part: &Part| part.fingerprint.as_bytes().ends_with(&signature.issuer);
    let parts = |signer| Signer::certificate(signer).map_or(&[][..], |certificate| &certificate.parts);
    let mut known: Vec<(&Signer, &Part)> = Vec::new();
    for signer in signers.signers() {
        known.extend(parts(signer).iter().filter(|part| is_named(part)).map(|part| (signer, part)));
    }
    let Some((signer, first)) = known.first() else {
        return Verdict::UnknownKey { fingerprint: hexadecimal(&signature.issuer) };
    };
    let fingerprint = signer.fingerprint.clone();
    let mut tried = BTreeSet::new();
    let fitting = known.iter().find(|(_, part)| {
        part.key
            .as_ref()
            .is_ok_and(|(key, _)| tried.insert(part.fingerprint.as_bytes()) && signature.fits(key, payload))
    });
    let Some((_, fitting)) = fitting else {
        return match &first.key {
            Err(why) if tried.is_empty() => Verdict::Unsupported { why: format!("of the key {fingerprint}: {why}") },
            _ => Verdict::Bad { why: "it does not fit the text".to_owned() },
        };
    };
    let known: Vec<(&Signer, Life)> = known
        .iter()
        .filter(|(_, part)| part.fingerprint == fitting.fingerprint)
        .filter_map(|(signer, part)| Some((*signer, part.key.as_ref().ok()?.1)))
        .collect();
    signature.judge(&known, at)
}

/// Whether a signature names this key and no other.
fn names(signature: &Signature, fingerprint: &Fingerprint) -> bool {
    issuer(signature).is_ok_and(|issuer| fingerprint.as_bytes().ends_with(&issuer))
}

/// Reads an armored signature over data.
fn read(armored: &str) -> Result<Read, Unread> {
    let broken = |why: &str| Unread::Broken(why.to_owned());
    let unsupported = |why: &str| Unread::Unsupported(why.to_owned());
    if armored.len() > SIZE {
        return Err(unsupported("it is larger than 64 KiB"));
    }
    let bytes = armor::bytes(armored, &["PGP SIGNATURE", "PGP MESSAGE"]).map_err(broken)?;
    let packets = armor::packets(&bytes).map_err(broken)?;
    if packets.iter().any(|packet| packet.tag() != Tag::Signature) {
        return Err(unsupported("it is something else than a signature"));
    }
    let [packet] = packets.as_slice() else { return Err(unsupported("it is not one signature")) };
    let mut body = packet.body;
    let signature = Signature::try_from_reader(packet.header, &mut body).ok().filter(|_| body.is_empty());
    let signature = signature.ok_or_else(|| broken("it cannot be read"))?;
    let config = policy::config(&signature, Use::Text).map_err(Unread::Unsupported)?;
    if !matches!(config.typ(), SignatureType::Binary | SignatureType::Text) {
        let kind = u8::from(config.typ());
        return Err(Unread::Unsupported(format!("signatures of type 0x{kind:02X} are not over a text")));
    }
    let made = config.created().ok_or_else(|| unsupported("it does not say when it was made"))?;
    let made = i64::from(made.as_secs());
    let lasts = signature.signature_expiration_time().map(|lasts| i64::from(lasts.as_secs()));
    let until = lasts.filter(|lasts| *lasts > 0).map(|lasts| made + lasts);
    let issuer = issuer(&signature)?;
    Ok(Read { signature, made, until, issuer })
}

/// The one key that a signature names.
fn issuer(signature: &Signature) -> Result<Vec<u8>, Unread> {
    let fingerprints = signature.issuer_fingerprint().into_iter().map(Fingerprint::as_bytes);
    let mut named: Vec<&[u8]> = fingerprints.chain(signature.issuer_key_id().into_iter().map(AsRef::as_ref)).collect();
    named.sort_by_key(|name| std::cmp::Reverse(name.len()));
    match named.split_first() {
        None => Err(Unread::Unsupported("it does not name its key".to_owned())),
        Some((first, rest)) if rest.iter().all(|name| first.ends_with(name)) => Ok(first.to_vec()),
        Some(_) => Err(Unread::Unsupported("it names several keys".to_owned())),
    }
}

impl Read {
    /// Whether it was made over this text with this key.
    fn fits(&self, key: &PublicKey, payload: &[u8]) -> bool {
        let algorithm = self.signature.config().map(|config| config.pub_alg);
        algorithm == Some(key.algorithm()) && self.signature.verify(key, payload).is_ok()
    }

    /// What is to be said of a signature that fits, by a key that these have.
    fn judge(&self, known: &[(&Signer, Life)], at: i64) -> Verdict {
        let owned = |signers: Vec<&Signer>| signers.into_iter().cloned().collect();
        let fingerprint = known.first().map_or_else(String::new, |(signer, _)| signer.fingerprint.clone());
        let wrong: Vec<Option<String>> = known.iter().map(|(_, life)| self.wrong(*life, at)).collect();
        let is_valid = |signer: &Signer| signer.validity.holds(at) && signer.validity.holds(self.made);
        let valid = known.iter().zip(&wrong).filter(|((signer, _), wrong)| wrong.is_none() && is_valid(signer));
        let valid: Vec<&Signer> = valid.map(|((signer, _), _)| *signer).collect();
        if valid.is_empty() {
            let signers = owned(known.iter().map(|(signer, _)| *signer).collect());
            return Verdict::OutsideValidity { signers, fingerprint, why: wrong.into_iter().flatten().next() };
        }
        Verdict::Good { signers: owned(valid), fingerprint }
    }

    /// Why a signature does not hold at a moment, whosever the key is.
    fn wrong(&self, life: Life, at: i64) -> Option<String> {
        let ran_out = || {
            let until = self.until.filter(|until| *until <= at)?;
            Some(format!("the signature ran out on {}", utc(until)))
        };
        let later = || {
            let is_later = self.made.saturating_sub(at) > LATER;
            is_later.then(|| format!("the signature was made on {}, later than is claimed", utc(self.made)))
        };
        life.denies(self.made).or_else(|| life.denies(at)).or_else(ran_out).or_else(later)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}

/// A moment, to be read.
fn utc(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.strftime("%F %R UTC").to_string())
}

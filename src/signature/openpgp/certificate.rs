//! An `OpenPGP` key as `gpg --export --armor` writes it: a primary key, who says to have it, and its
//! subkeys, each with what the primary key signed about it. RFC 9580, section 10.1.

use super::{
    armor::{self, Packet},
    names,
    policy::{self, Use},
};
use crate::signature::key::Unusable;
use pgp::{
    errors::Result as Checked,
    packet::{PacketHeader, PublicKey, RevocationCode, Signature, SignatureType},
    ser::Serialize,
    types::{Fingerprint, KeyDetails, Tag, Timestamp},
};
use std::io::Write;

/// Bytes of a block, at most: a key with many signatures of others is exported without them.
const SIZE: usize = 256 * 1024;
/// Signatures of a key about itself that are verified, at most; of most the newest is enough.
const OWN: usize = 100;

const FORM: &str = "write what `gpg --export --armor ADDRESS` writes, as a block with `- |` before it";
const MINIMAL: &str = "export it anew with `gpg --export --armor --export-options export-minimal ADDRESS`";
const SECRET: &str = "take it out, revoke it and make another, since whoever has the repository has it; what `gpg --export --armor` writes belongs here";
const ANOTHER: &str = "make a key that signs, such as `gpg --quick-generate-key ADDRESS ed25519 sign` does";

/// A primary key and its subkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::signature) struct Certificate {
    /// The primary key first.
    pub(super) parts: Vec<Part>,
}

/// A primary key or a subkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its fingerprint.
    pub(super) fingerprint: Fingerprint,
    /// The key and when it signs; else why nothing rests on it.
    pub(super) key: Result<(PublicKey, Life), String>,
}

/// When a key signs, as its owner says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    from: i64,
    until: Option<i64>,
    revoked: Option<Revoked>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Revoked {
    /// Others may have had it, nobody knows since when.
    Always,
    /// It was replaced or retired.
    Since(i64),
}

/// What a primary key says of itself or of a subkey.
struct Statement {
    made: i64,
    /// When the key ends, in seconds after it was made.
    lifetime: Option<i64>,
    /// When the statement itself ends.
    until: Option<i64>,
    /// Whether the key signs, where that is said.
    signs: Option<bool>,
    /// What the subkey says in turn.
    answer: Option<Signature>,
}

/// What signatures stand behind.
enum Subject<'a> {
    Key,
    Name(&'a [u8]),
    Subkey(&'a [u8]),
    Other,
}

struct Group<'a> {
    subject: Subject<'a>,
    signatures: Vec<Signature>,
}

/// Bytes that are hashed as they are.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn to_writer<W: Write>(&self, to: &mut W) -> Checked<()> {
        Ok(to.write_all(self.0)?)
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

impl Certificate {
    /// Reads an armored block with one key.
    pub(in crate::signature) fn read(text: &str) -> Result<Self, Unusable> {
        if text.len() > SIZE {
            return Err(Unusable::new("this OpenPGP key is larger than 256 KiB", MINIMAL));
        }
        let unread = |why: &str| Unusable::new(format!("this is no OpenPGP key: {why}"), FORM);
        if text.contains("-----BEGIN PGP PRIVATE KEY BLOCK-----") {
            return Err(Self::secret());
        }
        let bytes = armor::bytes(text, &["PGP PUBLIC KEY BLOCK"]).map_err(unread)?;
        let packets = armor::packets(&bytes).map_err(unread)?;
        if packets.iter().any(|packet| matches!(packet.tag(), Tag::SecretKey | Tag::SecretSubkey)) {
            return Err(Self::secret());
        }
        let Some((first, rest)) = packets.split_first().filter(|(first, _)| first.tag() == Tag::PublicKey) else {
            return Err(unread("it does not begin with one"));
        };
        let primary =
            key(first.body).ok_or_else(|| unread("it cannot be read, or is of a kind that is not supported"))?;
        policy::key(&primary).map_err(|why| Unusable::new(why, ANOTHER))?;
        let parts = Judge { fingerprint: primary.fingerprint(), primary, left: OWN }.parts(&groups(rest)?)?;
        if parts.iter().all(|part| part.key.is_err()) {
            return Err(Unusable::new("no part of this OpenPGP key is for signing", ANOTHER));
        }
        Ok(Self { parts })
    }

    fn secret() -> Unusable {
        Unusable::new("this is a secret OpenPGP key, which must not be in a repository", SECRET)
    }

    /// The fingerprint of the primary key.
    pub(in crate::signature) fn fingerprint(&self) -> String {
        self.parts.first().map_or_else(String::new, |primary| format!("{:X}", primary.fingerprint))
    }

    /// The fingerprints of the primary key and of all that signs.
    pub(in crate::signature) fn fingerprints(&self) -> impl Iterator<Item = String> {
        let (primary, subkeys) = self.parts.split_at(self.parts.len().min(1));
        let parts = primary.iter().chain(subkeys.iter().filter(|subkey| subkey.key.is_ok()));
        parts.map(|part| format!("{:X}", part.fingerprint))
    }
}

impl Life {
    /// Why a key does not sign at a moment; nothing where it does.
    pub(super) fn denies(self, moment: i64) -> Option<String> {
        match (self.revoked, self.until) {
            (Some(Revoked::Always), _) => Some("the key was revoked, for all times".to_owned()),
            _ if moment < self.from => Some(format!("the key was made later, on {}", super::utc(self.from))),
            (Some(Revoked::Since(since)), _) if since <= moment => {
                Some(format!("the key was revoked on {}", super::utc(since)))
            }
            (_, Some(until)) if until <= moment => Some(format!("the key ran out on {}", super::utc(until))),
            _ => None,
        }
    }
}

/// A primary key or a subkey from its bytes: both are hashed and verify alike.
fn key(body: &[u8]) -> Option<PublicKey> {
    let mut rest = body;
    let header = PacketHeader::new_fixed(Tag::PublicKey, u32::try_from(body.len()).ok()?);
    PublicKey::try_from_reader(header, &mut rest).ok().filter(|_| rest.is_empty())
}

/// The signatures behind what they are about.
fn groups<'a>(packets: &[Packet<'a>]) -> Result<Vec<Group<'a>>, Unusable> {
    let mut groups = vec![Group { subject: Subject::Key, signatures: Vec::new() }];
    for packet in packets {
        let subject = match packet.tag() {
            Tag::Signature => {
                let mut body = packet.body;
                let signature = Signature::try_from_reader(packet.header, &mut body).ok();
                let signature = signature.filter(|signature| body.is_empty() && signature.config().is_some());
                let signature = signature
                    .ok_or_else(|| Unusable::new("this OpenPGP key has a signature that cannot be read", MINIMAL))?;
                // A revocation is one of the key, wherever it stands.
                let of_key = signature.typ() == Some(SignatureType::KeyRevocation);
                if let Some(group) = if of_key { groups.first_mut() } else { groups.last_mut() } {
                    group.signatures.push(signature);
                }
                continue;
            }
            Tag::Trust | Tag::Marker | Tag::Padding => continue,
            Tag::UserId => Subject::Name(packet.body),
            Tag::UserAttribute => Subject::Other,
            Tag::PublicSubkey => Subject::Subkey(packet.body),
            Tag::PublicKey => {
                return Err(Unusable::new(
                    "this block has several OpenPGP keys",
                    "write each as an entry of its own, as `gpg --export --armor FINGERPRINT` writes it",
                ));
            }
            _ => return Err(Unusable::new("this OpenPGP key has something in it that is no part of a key", FORM)),
        };
        groups.push(Group { subject, signatures: Vec::new() });
    }
    Ok(groups)
}

fn seconds(moment: Timestamp) -> i64 {
    i64::from(moment.as_secs())
}

/// Asks a primary key what it says.
struct Judge {
    primary: PublicKey,
    fingerprint: Fingerprint,
    left: usize,
}

impl Judge {
    fn parts(mut self, groups: &[Group<'_>]) -> Result<Vec<Part>, Unusable> {
        let (life, signs) = self.own(groups)?;
        let primary = if signs { Ok((self.primary.clone(), life)) } else { Err("it is not for signing".to_owned()) };
        let mut parts = vec![Part { fingerprint: self.fingerprint.clone(), key: primary }];
        for group in groups {
            let Subject::Subkey(body) = group.subject else { continue };
            let Some(subkey) = key(body) else { continue };
            let fingerprint = subkey.fingerprint();
            let life = match policy::key(&subkey) {
                Ok(()) => self.subkey(&subkey, life, &group.signatures)?,
                Err(why) => Err(why),
            };
            parts.push(Part { fingerprint, key: life.map(|life| (subkey, life)) });
        }
        Ok(parts)
    }

    /// When the primary key signs, and whether it does at all. The newest that it says of itself
    /// counts, and of what it says as such and beside a name the narrower.
    fn own(&mut self, groups: &[Group<'_>]) -> Result<(Life, bool), Unusable> {
        let primary = self.primary.clone();
        let (mut direct, mut named, mut revoked) = (None, None, None);
        for group in groups {
            match group.subject {
                Subject::Key => {
                    let kinds = [SignatureType::Key];
                    direct = self.newest(&group.signatures, &kinds, |signature| signature.verify_key(&primary))?;
                    revoked = self.revoked(&group.signatures, SignatureType::KeyRevocation, |signature| {
                        signature.verify_key(&primary)
                    })?;
                }
                Subject::Name(name) => {
                    let check =
                        |signature: &Signature| signature.verify_certification(&primary, Tag::UserId, &Raw(name));
                    let said = self.newest(&group.signatures, pgp::packet::CERTIFICATION_SIGNATURE_TYPES, check)?;
                    let undone = self.newest(&group.signatures, &[SignatureType::CertRevocation], check)?;
                    let stands = said.filter(|said| undone.is_none_or(|undone| undone.made < said.made));
                    named = newer(named, stands);
                }
                Subject::Subkey(_) | Subject::Other => {}
            }
        }
        let from = seconds(primary.created_at());
        let said: Vec<Statement> = direct.into_iter().chain(named).collect();
        if said.is_empty() {
            return Err(Unusable::new("this OpenPGP key has not signed any name of its own", MINIMAL));
        }
        let until = said.iter().filter_map(|statement| statement.ends(from)).min();
        Ok((Life { from, until, revoked }, said.iter().all(|statement| statement.signs != Some(false))))
    }

    /// When a subkey signs: as the primary key says, which the subkey has to have confirmed, so
    /// that nobody can adopt the subkey of another.
    fn subkey(
        &mut self,
        subkey: &PublicKey,
        primary: Life,
        signatures: &[Signature],
    ) -> Result<Result<Life, String>, Unusable> {
        let key = self.primary.clone();
        let check = |signature: &Signature| signature.verify_subkey_binding(&key, subkey);
        let revoked = self.revoked(signatures, SignatureType::SubkeyRevocation, check)?;
        let Some(binding) = self.newest(signatures, &[SignatureType::SubkeyBinding], check)? else {
            return Ok(Err("its primary key has not signed for it".to_owned()));
        };
        if binding.signs != Some(true) {
            return Ok(Err("it is not for signing".to_owned()));
        }
        let confirmed = binding.answer.as_ref().is_some_and(|answer| {
            policy::config(answer, Use::Key).is_ok() && answer.verify_primary_key_binding(subkey, &key).is_ok()
        });
        if !confirmed {
            return Ok(Err("it has not signed that it belongs to its primary key".to_owned()));
        }
        let made = seconds(subkey.created_at());
        let until = primary.until.into_iter().chain(binding.ends(made)).min();
        let revoked = match (primary.revoked, revoked) {
            (Some(Revoked::Always), _) | (_, Some(Revoked::Always)) => Some(Revoked::Always),
            (Some(Revoked::Since(one)), Some(Revoked::Since(other))) => Some(Revoked::Since(one.min(other))),
            (one, other) => one.or(other),
        };
        Ok(Ok(Life { from: primary.from.max(made), until, revoked }))
    }

    /// The newest of the primary key's own signatures of some kinds that hold.
    fn newest(
        &mut self,
        signatures: &[Signature],
        kinds: &[SignatureType],
        check: impl Fn(&Signature) -> Checked<()>,
    ) -> Result<Option<Statement>, Unusable> {
        let is_own = |signature: &&Signature| {
            signature.typ().is_some_and(|kind| kinds.contains(&kind)) && names(signature, &self.fingerprint)
        };
        let own = signatures.iter().filter(is_own);
        let mut said: Vec<_> = own.filter_map(|signature| Some((Statement::of(signature)?, signature))).collect();
        said.sort_by_key(|(statement, _)| statement.made);
        while let Some((statement, signature)) = said.pop() {
            self.count()?;
            if check(signature).is_ok() {
                return Ok(Some(statement));
            }
        }
        Ok(None)
    }

    /// Whether a key is revoked. A revocation that cannot be verified, such as one by another who
    /// was entitled to it, leaves the key open: it is not used.
    fn revoked(
        &mut self,
        signatures: &[Signature],
        kind: SignatureType,
        check: impl Fn(&Signature) -> Checked<()>,
    ) -> Result<Option<Revoked>, Unusable> {
        let mut revoked = None;
        for signature in signatures.iter().filter(|signature| signature.typ() == Some(kind)) {
            self.count()?;
            if policy::config(signature, Use::Key).is_err() || check(signature).is_err() {
                return Err(Unusable::new(
                    "whether this OpenPGP key is revoked cannot be told: a revocation in it is not its own",
                    "ask its owner for a key of which that is clear",
                ));
            }
            let soft = [RevocationCode::KeySuperseded, RevocationCode::KeyRetired];
            let soft = signature.revocation_reason_code().is_some_and(|reason| soft.contains(reason));
            revoked = match (revoked, signature.created().filter(|_| soft).map(seconds)) {
                (Some(Revoked::Always), _) | (_, None) => Some(Revoked::Always),
                (Some(Revoked::Since(one)), Some(other)) => Some(Revoked::Since(one.min(other))),
                (None, Some(since)) => Some(Revoked::Since(since)),
            };
        }
        Ok(revoked)
    }

    fn count(&mut self) -> Result<(), Unusable> {
        let left = self.left.checked_sub(1);
        self.left =
            left.ok_or_else(|| Unusable::new("this OpenPGP key has too many signatures about itself", MINIMAL))?;
        Ok(())
    }
}

impl Statement {
    /// What a signature says, if it may be relied on.
    fn of(signature: &Signature) -> Option<Self> {
        let config = policy::config(signature, Use::Key).ok()?;
        let made = seconds(config.created()?);
        let length = |duration: pgp::types::Duration| Some(i64::from(duration.as_secs())).filter(|length| *length > 0);
        let flags = config.hashed_subpackets().any(|part| part.typ() == pgp::packet::SubpacketType::KeyFlags);
        Some(Self {
            made,
            lifetime: signature.key_expiration_time().and_then(length),
            until: signature.signature_expiration_time().and_then(length).map(|length| made + length),
            signs: flags.then(|| signature.key_flags().sign()),
            answer: signature.embedded_signature().cloned(),
        })
    }

    /// When a key of which this is said ends that was made at a moment.
    fn ends(&self, made: i64) -> Option<i64> {
        self.lifetime.map(|lifetime| made + lifetime).into_iter().chain(self.until).min()
    }
}

fn newer(one: Option<Statement>, other: Option<Statement>) -> Option<Statement> {
    match (one, other) {
        (Some(one), Some(other)) if other.made < one.made => Some(one),
        (one, other) => other.or(one),
    }
}

//! Whether a signature of SSH or `OpenPGP` holds: made by a key that somebody is known to have, at a
//! time when they had it, over this very text. Nothing here reads files or git; the text, the
//! signature and the signers are given.
//!
//! What is said is what `ssh-keygen -Y verify` would say, and what `gpg --verify` would at that
//! time. Like git, it takes the moment that a commit or tag claims for the moment of signing.

mod allowed;
mod base64;
mod key;
mod line;
mod openpgp;
mod sshsig;

pub use allowed::{AllowedSigners, Defect, Principals, Signer, Validity};
pub use key::{Key, Keys, Unusable};

use std::fmt;

/// The namespace in which git signs commits and tags.
pub const GIT: &str = "git";

/// What is to be said of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds, and the key is that of these signers at that moment.
    Good {
        /// The entries with the key that allow it.
        signers: Vec<Signer>,
        /// The key, as `SHA256:…`; of `OpenPGP` the fingerprint of the primary key.
        fingerprint: String,
    },
    /// Nobody is known to have the key. One of SSH fits the text; one of `OpenPGP` only names its
    /// key, so that nobody can tell.
    UnknownKey {
        /// The key as it is named.
        fingerprint: String,
    },
    /// It fits the text, and nobody had the key at that moment.
    OutsideValidity {
        /// The entries with the key, each with its time.
        signers: Vec<Signer>,
        /// The key.
        fingerprint: String,
        /// What the key or the signature itself says of its time.
        why: Option<String>,
    },
    /// It fits the text and was made for another purpose.
    WrongNamespace {
        /// The namespace that it names.
        namespace: String,
        /// The key, as `SHA256:…`.
        fingerprint: String,
    },
    /// It fits the text, and the signers may sign only in other namespaces.
    NotForNamespace {
        /// The entries with the key.
        signers: Vec<Signer>,
        /// The key, as `SHA256:…`.
        fingerprint: String,
    },
    /// It does not fit the text, or cannot be read.
    Bad {
        /// What is wrong with it.
        why: String,
    },
    /// Whether it holds cannot be told here.
    Unsupported {
        /// What is not supported.
        why: String,
    },
    /// It is an X.509 signature (`gpgsm`, gitsign); those are not verified.
    X509,
}

/// Why a signature could not be read.
enum Unread {
    /// It is no signature, or a broken one.
    Broken(String),
    /// It is of a sort that is not supported.
    Unsupported(String),
}

impl From<Unread> for Verdict {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Broken(why) => Self::Bad { why },
            Unread::Unsupported(why) => Self::Unsupported { why },
        }
    }
}

impl Verdict {
    /// Whether the signature holds.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Good { .. })
    }

    /// Whether the signature holds and is of this identity: an e-mail address, or a person's id.
    pub fn is_by(&self, identity: &str) -> bool {
        matches!(self, Self::Good { signers, .. } if signers.iter().any(|signer| signer.principals.matches(identity)))
    }

    /// The fingerprint of the key, where it is known to which the signature belongs.
    pub fn fingerprint(&self) -> Option<&str> {
        match self {
            Self::Good { fingerprint, .. }
            | Self::UnknownKey { fingerprint }
            | Self::OutsideValidity { fingerprint, .. }
            | Self::WrongNamespace { fingerprint, .. }
            | Self::NotForNamespace { fingerprint, .. } => Some(fingerprint),
            Self::Bad { .. } | Self::Unsupported { .. } | Self::X509 => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |signers: &[Signer]| {
            let mut names: Vec<String> = signers.iter().map(|signer| signer.principals.to_string()).collect();
            names.sort();
            names.dedup();
            names.join(" and ")
        };
        match self {
            Self::Good { signers, fingerprint } => {
                write!(to, "good signature of {} with {fingerprint}", names(signers))
            }
            Self::UnknownKey { fingerprint } => {
                write!(to, "nobody is known to have the key {fingerprint}")
            }
            Self::OutsideValidity { signers, fingerprint, why } => {
                let known = names(signers);
                write!(to, "the signature fits, and the key {fingerprint} of {known} was not valid at that time")?;
                why.as_ref().map_or(Ok(()), |why| write!(to, ": {why}"))
            }
            Self::WrongNamespace { namespace, .. } => {
                write!(to, "the signature was made for another purpose, `{namespace}`")
            }
            Self::NotForNamespace { signers, fingerprint } => {
                let known = names(signers);
                write!(to, "the signature fits, and the key {fingerprint} of {known} is not to be used for this")
            }
            Self::Bad { why } => write!(to, "bad signature: {why}"),
            Self::Unsupported { why } => write!(to, "signature present, not verified: {why}"),
            Self::X509 => to.write_str("X.509 signature present, not verified"),
        }
    }
}

/// Whether a signature over `payload` holds. `at` is the moment of signing in seconds since 1970:
/// for git the one that the committer or tagger claims.
pub fn verify(signature: &str, payload: &[u8], namespace: &str, signers: &AllowedSigners, at: i64) -> Verdict {
    let signature = signature.trim_start();
    if signature.starts_with("-----BEGIN SIGNED MESSAGE-----") {
        return Verdict::X509;
    }
    if ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----"].iter().any(|form| signature.starts_with(form)) {
        return openpgp::verify(signature, payload, signers, at);
    }
    let signature = match sshsig::read(signature) {
        Ok(signature) => signature,
        Err(unread) => return unread.into(),
    };
    if !sshsig::fits(&signature, payload) {
        return Verdict::Bad { why: "it does not fit the text".to_owned() };
    }
    let fingerprint = key::fingerprint(signature.public_key());
    if signature.namespace() != namespace {
        return Verdict::WrongNamespace { namespace: signature.namespace().to_owned(), fingerprint };
    }
    let known: Vec<&Signer> = signers.with_key(signature.public_key()).collect();
    if known.is_empty() {
        return Verdict::UnknownKey { fingerprint };
    }
    let owned = |signers: Vec<&Signer>| signers.into_iter().cloned().collect();
    let allowed: Vec<&Signer> = known.iter().copied().filter(|signer| signer.signs_in(namespace)).collect();
    if allowed.is_empty() {
        return Verdict::NotForNamespace { signers: owned(known), fingerprint };
    }
    let valid: Vec<&Signer> = allowed.iter().copied().filter(|signer| signer.validity.holds(at)).collect();
    if valid.is_empty() {
        return Verdict::OutsideValidity { signers: owned(allowed), fingerprint, why: None };
    }
    Verdict::Good { signers: owned(valid), fingerprint }
}

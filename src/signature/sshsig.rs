//! The armored signatures that `ssh-keygen -Y sign` and git write: PROTOCOL.sshsig of OpenSSH.

use super::{Unread, base64::decoded, key};
use ssh_key::{Algorithm, Error, PublicKey, Signature, SshSig, public::KeyData};

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Columns of an armor.
const WIDTH: usize = 70;
/// Where the length of the public key's type stands: behind `SSHSIG`, the version, and the
/// length of the public key.
const KIND: usize = 6 + 4 + 4;

/// Reads an armored signature whose sort is supported.
pub(super) fn read(armored: &str) -> Result<SshSig, Unread> {
    let broken = |why: &str| Unread::Broken(why.to_owned());
    let body = armored.strip_prefix(BEGIN).ok_or_else(|| broken("this is no signature of a known form"))?;
    let (body, _) = body.split_once(END).ok_or_else(|| broken("its end is missing"))?;
    let body: String = body.split_whitespace().collect();
    if !body.is_ascii() {
        return Err(broken("it cannot be read"));
    }
    if let Some(kind) = kind(&body).filter(|kind| key::is_certificate(kind)) {
        return Err(Unread::Unsupported(format!("certificates (`{kind}`) are not supported")));
    }
    // Written anew with equal lines: programs break them where they like.
    let mut armor = format!("{BEGIN}\n");
    for line in body.as_bytes().chunks(WIDTH) {
        armor.push_str(&String::from_utf8_lossy(line));
        armor.push('\n');
    }
    armor.push_str(END);
    armor.push('\n');
    let signature = SshSig::from_pem(&armor).map_err(|error| match error {
        Error::AlgorithmUnknown | Error::AlgorithmUnsupported { .. } => {
            Unread::Unsupported("it was made by an algorithm that is not supported".to_owned())
        }
        Error::Version { number } => Unread::Unsupported(format!("its version, {number}, is not supported")),
        _ => broken("it cannot be read"),
    })?;
    key::supported(signature.public_key()).map_err(Unread::Unsupported)?;
    if !signature.reserved().is_empty() {
        return Err(Unread::Unsupported("it has additions that are not supported".to_owned()));
    }
    if let Algorithm::Other(name) = signature.signature().algorithm() {
        return Err(Unread::Unsupported(format!("signatures by `{}` are not supported", name.as_str())));
    }
    Ok(signature)
}

/// The type of the public key, read from the text by itself: of what is not supported one wants
/// to know what it is.
fn kind(body: &str) -> Option<String> {
    // Base 64 of the first 120 bytes holds every name of a type.
    let start = body.get(..body.len().min(160)).map(|start| &start[..start.len() / 4 * 4])?;
    let bytes = decoded(start)?;
    let length = u32::from_be_bytes(bytes.get(KIND..KIND + 4)?.try_into().ok()?);
    let name = bytes.get(KIND + 4..)?.get(..usize::try_from(length).ok()?)?;
    String::from_utf8(name.to_vec()).ok()
}

/// Whether a signature was made over this text, with the key and in the namespace that it names.
pub(super) fn fits(signature: &SshSig, payload: &[u8]) -> bool {
    let made_by = signature.signature().algorithm();
    let of_key = signature.public_key().algorithm();
    let same = made_by == of_key || matches!((&made_by, &of_key), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }));
    let whole = with_leading_zeros(signature);
    let signature = whole.as_ref().unwrap_or(signature);
    let key = PublicKey::from(signature.public_key().clone());
    same && key.verify(signature.namespace(), payload, signature).is_ok()
}

/// An RSA signature is a number; some programs leave its leading zeros out.
fn with_leading_zeros(signature: &SshSig) -> Option<SshSig> {
    let KeyData::Rsa(key) = signature.public_key() else { return None };
    let number = signature.signature_bytes();
    let missing = key::size(key.n.as_bytes()).checked_sub(number.len()).filter(|missing| *missing > 0)?;
    let mut whole = vec![0; missing];
    whole.extend(number);
    let whole = Signature::new(signature.signature().algorithm(), whole).ok()?;
    SshSig::new(signature.public_key().clone(), signature.namespace(), signature.hash_alg(), whole).ok()
}

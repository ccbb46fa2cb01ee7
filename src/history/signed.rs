//! Signatures and tags as plain values. What a signature is worth, `signature` says.

use super::{Moment, ObjectId, Person};
use std::sync::Arc;

/// A signature and the bytes that it was made over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The signature, armored.
    pub signature: String,
    /// What was signed.
    pub payload: Vec<u8>,
}

/// An annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The name under which it is found.
    pub name: String,
    /// The name that stands in it: the one that a signature is about. The two differ where
    /// somebody gave an old tag a new name.
    pub own_name: String,
    /// The id of the tag itself.
    pub id: ObjectId,
    /// The commit that it names, for a tag of a tag that of the latter.
    pub target: ObjectId,
    /// Who made it; nobody where it does not say.
    pub tagger: Option<Arc<Person>>,
    /// When the tagger claims to have made it.
    pub tagged: Option<Moment>,
    /// The message, without the signature below it.
    pub message: String,
    /// The signature, where it has one.
    pub signed: Option<Signed>,
}

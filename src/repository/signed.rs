//! Signatures of commits and tags, and what they were made over. What a signature is worth,
//! `signature` says.

use super::{
    Repository,
    git::unreadable,
    history::{commit, oid, plain},
};
use crate::history::{ObjectId, Signed, Tag};
use anyhow::Result;
use git2::{ErrorCode, ObjectType};

/// How the signatures begin that git puts below the message of a tag.
const BEGINNINGS: [&[u8]; 4] = [
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
    b"-----BEGIN SSH SIGNATURE-----",
];

impl Repository {
    /// The signature of a commit; none where it is not signed.
    pub fn signature(&self, commit: ObjectId) -> Result<Option<Signed>> {
        let Some(git) = &self.git else { return Ok(None) };
        match git.extract_signature(&oid(commit), None) {
            Ok((signature, payload)) => {
                let signature = String::from_utf8_lossy(&signature).into_owned();
                Ok(Some(Signed { signature, payload: payload.to_vec() }))
            }
            // The commit is there; the header is not.
            Err(error) if error.code() == ErrorCode::NotFound && git.find_commit(oid(commit)).is_ok() => Ok(None),
            Err(error) => Err(unreadable(&format!("commit {commit}"), &error)),
        }
    }

    /// The annotated tags of commits, by name.
    pub fn tags(&self) -> Result<Vec<Tag>> {
        let Some(git) = &self.git else { return Ok(Vec::new()) };
        let odb = git.odb().map_err(|error| unreadable("the object database", &error))?;
        let references = git.references_glob("refs/tags/*").map_err(|error| unreadable("the tags", &error))?;
        let mut tags = Vec::new();
        for reference in references {
            let reference = reference.map_err(|error| unreadable("a tag", &error))?;
            let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
            let name = name.strip_prefix("refs/tags/").unwrap_or(&name);
            let failed = |error| unreadable(&format!("tag `{name}`"), &error);
            let direct = reference.resolve().map_err(failed)?;
            let Some(id) = direct.target() else { continue };
            let object = odb.read(id).map_err(failed)?;
            if object.kind() != ObjectType::Tag {
                continue;
            }
            let peeled = direct.peel(ObjectType::Any).map_err(failed)?;
            if let (Some(ObjectType::Commit), Some(id), Some(target)) = (peeled.kind(), plain(id), plain(peeled.id())) {
                tags.push(read(name, id, target, object.data()));
            }
        }
        tags.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tags)
    }
}

/// Reads a tag object. Everything in it is free text: what cannot be read is left out.
fn read(name: &str, id: ObjectId, target: ObjectId, bytes: &[u8]) -> Tag {
    let (payload, signature) = bytes.split_at(start_of_signature(bytes));
    let headers = payload.windows(2).position(|pair| pair == b"\n\n").map_or(payload.len(), |at| at + 1);
    let (headers, message) = payload.split_at(headers);
    let header = |key: &[u8]| {
        let mut lines = headers.split(|byte| *byte == b'\n');
        lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(b" "))
    };
    let (tagger, moment) =
        header(b"tagger").map(commit::signature).map_or((None, None), |(who, when)| (Some(who), when));
    Tag {
        name: name.to_owned(),
        own_name: header(b"tag").map(|name| String::from_utf8_lossy(name).into_owned()).unwrap_or_default(),
        id,
        target,
        tagger,
        tagged: moment,
        message: String::from_utf8_lossy(message.strip_prefix(b"\n").unwrap_or(message)).into_owned(),
        signed: (!signature.is_empty())
            .then(|| Signed { signature: String::from_utf8_lossy(signature).into_owned(), payload: payload.to_vec() }),
    }
}

/// Where the signature begins: at the last line that begins like one, as git has it. Without a
/// signature, the end.
fn start_of_signature(bytes: &[u8]) -> usize {
    let (mut start, mut found) = (0, bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) {
            found = start;
        }
        start += line.len();
    }
    found
}

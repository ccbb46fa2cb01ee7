//! What is found under a path: of a file, or of an object of git.

use super::{DATA_LIMIT, DOCUMENT_LIMIT, Found, Listed, Want, files, git, sha256};
use crate::{
    history::ObjectId,
    source::{Content, LFS_POINTER, Later},
};
use std::{fs, io::Read, path::Path};

pub(super) fn blob_content(git: Result<&git2::Repository, String>, id: git2::Oid, want: Want) -> Content {
    let git = match git {
        Ok(git) => git,
        Err(reason) => return Content::Unreadable(reason),
    };
    let size = git::blob_size(git, id).unwrap_or(0);
    if let Some(content) = unread(size, want) {
        return content;
    }
    match git::blob(git, id) {
        Ok(bytes) => of_bytes(bytes, want),
        Err(error) => Content::Unreadable(format!("{error:#}")),
    }
}

/// A text is read later, all else at once.
pub(super) fn content_now_or_later(
    want: Want,
    id: Option<ObjectId>,
    size: Option<u64>,
    read: impl Fn() -> Content + Send + Sync + 'static,
) -> Content {
    let is_text = matches!(want, Want::Text | Want::Data);
    if is_text { Content::Later(Later::new(id.map(|id| id.0), size, read)) } else { read() }
}

pub(super) fn file_content(root: &Path, listed: &Listed, want: Want) -> Content {
    match &listed.found {
        Found::Link(target) => return Content::NotFollowed(files::link_reason(&listed.path, target)),
        Found::Submodule => {
            return Content::NotFollowed("a submodule is another repository and is not entered".to_owned());
        }
        Found::Special => return Content::NotFollowed("this is a device, a socket or a pipe, not a file".to_owned()),
        Found::Unmerged => {
            return Content::Unreadable(
                "the merge conflict in it is not resolved (`git add` it once it is)".to_owned(),
            );
        }
        Found::Closed(reason) => return Content::Unreadable(reason.clone()),
        Found::File | Found::Blob(_) => {}
    }
    file_at(&root.join(&listed.path), want)
}

pub(super) fn file_at(path: &Path, want: Want) -> Content {
    if want == Want::Presence {
        return Content::Present { size: 0, sha256: None };
    }
    opened(path, want).unwrap_or_else(|error| Content::Unreadable(reason(&error)))
}

/// A file, opened and looked at once.
pub(super) fn opened(path: &Path, want: Want) -> std::io::Result<Content> {
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    if let Some(content) = unread(size, want) {
        return Ok(content);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // Behind `take` the file is not asked for its size again.
    Read::by_ref(&mut file).take(u64::MAX).read_to_end(&mut bytes)?;
    Ok(of_bytes(bytes, want))
}

/// What to say of a file that is not to be read.
fn unread(size: u64, want: Want) -> Option<Content> {
    let limit = match want {
        Want::Presence => return Some(Content::Present { size, sha256: None }),
        Want::Text => DOCUMENT_LIMIT,
        Want::Data | Want::Digest => DATA_LIMIT,
    };
    (size > limit).then(|| Content::Unreadable(format!("the file has {size} bytes, more than the limit of {limit}")))
}

fn of_bytes(bytes: Vec<u8>, want: Want) -> Content {
    if bytes.starts_with(LFS_POINTER) {
        return Content::NotFollowed(
            "this is a pointer of Git LFS; the file itself is not here (`git lfs pull` brings it)".to_owned(),
        );
    }
    match want {
        Want::Text | Want::Data => Content::Bytes(bytes),
        Want::Digest | Want::Presence => Content::Present { size: bytes.len() as u64, sha256: Some(sha256(&bytes)) },
    }
}

pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotFound => "it vanished while it was read".to_owned(),
        _ => error.to_string(),
    }
}

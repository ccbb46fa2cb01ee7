//! Where things begin: the folder of the SMS, the root of the git repository around it, and what the
//! configuration there says about branches.

use super::{Want, content::opened, git};
use crate::{
    configuration::{self, Configuration},
    source::Content,
};
use std::path::{Component, Path, PathBuf};

/// The root of the git repository that a folder lies in or will lie in, and its path from there.
pub fn git_root(folder: &Path) -> Option<(PathBuf, String)> {
    let absolute = std::path::absolute(folder).ok()?;
    let there = absolute.ancestors().find(|ancestor| ancestor.is_dir())?;
    let below = absolute.strip_prefix(there).ok()?;
    let there = there.canonicalize().ok()?;
    let root = git::open(&there).ok()??.workdir()?.canonicalize().ok()?;
    let inside = there.strip_prefix(&root).ok()?.join(below);
    let parts = inside.components().filter(|part| *part != Component::CurDir);
    let inside = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/");
    Some((root, inside))
}

/// The default branch, where the configuration of the work tree names it.
pub(super) fn configured_branch(root: &Path) -> Option<String> {
    let file = root.join(configuration::FILE);
    // Behind a link may be anything.
    let content = file.symlink_metadata().is_ok_and(|metadata| metadata.is_file()).then(|| opened(&file, Want::Text));
    let content = content?.ok()?;
    let Content::Bytes(bytes) = content else { return None };
    Configuration::read(&String::from_utf8_lossy(&bytes)).0.default_branch
}

pub(super) fn has_configuration(folder: &Path) -> bool {
    folder.join(configuration::FILE).is_file()
}

pub(super) fn sms_root(folder: &Path, git_root: Option<&Path>) -> PathBuf {
    for candidate in folder.ancestors() {
        if has_configuration(candidate) {
            return candidate.to_owned();
        }
        if Some(candidate) == git_root {
            break;
        }
    }
    git_root.map_or_else(|| folder.to_owned(), Path::to_owned)
}

pub(super) fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

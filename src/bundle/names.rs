//! Names of files in an archive: which are safe everywhere, and which two are one somewhere.

use unicode_normalization::UnicodeNormalization;

/// The longest path, in bytes.
pub(super) const LONGEST: usize = 1024;

/// Why a path must not stand in an archive; none where it may.
pub(super) fn unsafe_because(path: &str) -> Option<&'static str> {
    let mut parts = path.split('/');
    if path.is_empty() {
        Some("the name is empty")
    } else if path.len() > LONGEST {
        Some("the path is longer than 1024 bytes")
    } else if path.starts_with('/') {
        Some("the path is absolute")
    } else if path.contains('\\') {
        Some("the path has a backslash, which Windows takes for a folder")
    } else if path.chars().any(char::is_control) {
        Some("the path has a control character")
    } else if parts.clone().any(|part| part == "..") {
        Some("the path leads out with `..`")
    } else if parts.clone().any(|part| matches!(part, "" | ".")) {
        Some("the path has an empty part or `.`")
    } else if parts.any(has_drive) {
        Some("the path has a drive letter")
    } else {
        None
    }
}

fn has_drive(part: &str) -> bool {
    let bytes = part.as_bytes();
    matches!(bytes, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// What a path is where case, Unicode normalisation and dots or spaces at the end of a name do
/// not count. Two paths of one key are one file on some system.
pub(super) fn key(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let lower: String = part.nfc().collect::<String>().to_lowercase();
        lower.nfc().collect::<String>().trim_end_matches(['.', ' ']).to_owned()
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The folders above a path, the nearest last.
pub(super) fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_unsafe() {
        for name in ["", "/a", "a/../b", "..", "a//b", "./a", "a/", "C:/a", "a/c:b", "a\\b", "a\nb", "a\0"] {
            assert!(unsafe_because(name).is_some(), "{name:?}");
        }
        for name in ["a", "a/b.md", ".hidden", "a..b", "ä/ö 1%.csv", "2026-01-01T10:00.md"] {
            assert_eq!(unsafe_because(name), None, "{name:?}");
        }
    }

    #[test]
    fn names_that_are_one_somewhere_have_one_key() {
        assert_eq!(key("A/\u{e4}.md"), key("a/a\u{308}.MD"));
        assert_eq!(key("a/b."), key("a/b "));
        assert_ne!(key("a/b"), key("a.b"));
    }
}

//! Names of the site's files. Ids and paths come from the repository and may hold anything; the
//! names made of them are safe on every file system and in every link, do not collide where case
//! does not count, and stay the same as long as the id does.

use crate::repository::sha256;
use std::collections::{BTreeMap, BTreeSet};

/// Longer names are cut; a path also has to fit below a long folder.
const LONGEST: usize = 80;

/// The name of a page for an id, without extension. An id of letters, digits, `-` and `_` is its
/// own name in lower case, a slash becomes a dot; every other id also carries its digest, after a
/// `~` that nothing else has.
pub(super) fn page_name(id: &str) -> String {
    let lower = id.to_lowercase();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'/');
    let segments_are_whole = lower.split('/').all(|segment| !segment.is_empty());
    let name: String = lower
        .chars()
        .map(|character| match character {
            '/' => '.',
            'a'..='z' | '0'..='9' | '-' | '_' => character,
            _ => '-',
        })
        .take(LONGEST)
        .collect();
    let unchanged = segments_are_whole && lower.len() <= LONGEST && lower.bytes().all(plain) && !is_reserved(&lower);
    if unchanged { name } else { with_digest(name.replace('.', "-").trim_matches('-'), &lower) }
}

/// The anchor of an item on a page that lists many: letters, digits and dashes only.
pub(super) fn anchor_of(what: &str, id: &str) -> String {
    format!("{what}-{}", page_name(id).replace('.', "-in-").replace('~', "-x-"))
}

/// Names that are devices on Windows, whatever follows their first dot.
fn is_reserved(name: &str) -> bool {
    let stem = name.split(['.', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

fn with_digest(name: &str, whole: &str) -> String {
    format!("{name}~{}", &sha256(whole.as_bytes())[..10])
}

/// The names of files that are offered, by their path in the repository. What a browser would run
/// (HTML, SVG and the like) gets `.txt` at its end, so that it is shown as text at most.
pub(super) fn file_names<'a>(paths: &BTreeSet<&'a str>) -> BTreeMap<&'a str, String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths {
        *seen.entry(path.to_lowercase()).or_insert(0) += 1;
        // A folder and a file must not meet either.
        for (at, _) in path.match_indices('/') {
            *seen.entry(path[..at].to_lowercase()).or_insert(0) += 1;
        }
    }
    let name = |path: &&'a str| {
        let unique = seen.get(&path.to_lowercase()).is_none_or(|count| *count == 1);
        (*path, format!("files/{}", file_name(path, unique)))
    };
    paths.iter().map(name).collect()
}

fn file_name(path: &str, unique: bool) -> String {
    let safe = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let fine = |segment: &str| {
        !segment.is_empty()
            && segment.chars().all(safe)
            && !segment.starts_with('.')
            && !segment.ends_with('.')
            && !is_reserved(segment)
            && segment.len() <= LONGEST
    };
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let extension = if extension.len() <= 8 && extension.chars().all(safe) { extension } else { String::new() };
    let name = if unique && path.split('/').all(fine) {
        path.to_owned()
    } else {
        let cut: String = path
            .chars()
            .map(|character| if safe(character) && character != '.' { character } else { '-' })
            .take(LONGEST)
            .collect();
        format!("{}.{extension}", with_digest(cut.trim_matches('-'), path)).trim_end_matches('.').to_owned()
    };
    if is_harmless(&extension) { name } else { format!("{name}.txt") }
}

/// Types that no browser runs when it is led to such a file.
fn is_harmless(extension: &str) -> bool {
    matches!(
        extension,
        "md" | "markdown"
            | "txt"
            | "yaml"
            | "yml"
            | "csv"
            | "tsv"
            | "json"
            | "jsonl"
            | "ndjson"
            | "log"
            | "pdf"
            | "png"
            | "jpg"
            | "jpeg"
            | "gif"
            | "webp"
            | "doc"
            | "docx"
            | "xls"
            | "xlsx"
            | "ppt"
            | "pptx"
            | "odt"
            | "ods"
            | "odp"
            | "zip"
            | "gz"
            | "eml"
            | "ics"
            | "p7s"
            | "p7m"
            | "asc"
            | "sig"
            | "tsr"
    )
}

/// Whether a page may show the file as an image: bitmaps only, an SVG can hold scripts.
pub(super) fn is_bitmap(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_their_own_names() {
        assert_eq!(page_name("SLA-001"), "sla-001");
        assert_eq!(page_name("ada_lovelace"), "ada_lovelace");
        assert_eq!(page_name("policies/access-control"), "policies.access-control");
    }

    #[test]
    fn other_ids_are_safe_and_apart() {
        let ids = ["a.b", "a/b", "a//b", "../../etc/passwd", "con", "nul.md", "<b>", "é", "e", "", "a b", "a-b", "."];
        let names: BTreeSet<String> = ids.iter().map(|id| page_name(id)).collect();
        assert_eq!(names.len(), ids.len());
        for name in names {
            assert!(!name.contains("..") && !name.starts_with('.'), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)), "{name}");
        }
    }

    #[test]
    fn offered_files_do_not_meet_and_do_not_run() {
        let paths =
            BTreeSet::from(["A.pdf", "a.pdf", "x/y.svg", "<s>.html", "b/.git", "Dir", "dir/z.txt", "ok/fine.pdf"]);
        let names = file_names(&paths);
        let lower: BTreeSet<String> = names.values().map(|name| name.to_lowercase()).collect();
        assert_eq!(lower.len(), paths.len());
        assert_eq!(names["ok/fine.pdf"], "files/ok/fine.pdf");
        assert_eq!(names["x/y.svg"], "files/x/y.svg.txt");
        assert!(names["<s>.html"].ends_with(".html.txt") && !names["<s>.html"].contains('<'));
        assert!(!lower.contains("files/dir"));
    }
}

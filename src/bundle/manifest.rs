//! The tag files of a bag: manifests and `bag-info.txt`, written and read.

use super::{names, problem::Problems};
use std::collections::BTreeMap;

/// A manifest line by line: digest, two spaces, path.
pub(super) fn write<'a>(digests: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    digests.fold(String::new(), |text, (path, digest)| text + digest + "  " + &encoded(path) + "\n")
}

/// The digests of a manifest by path. What is not a line of a manifest, names a file twice or
/// leads out of the bag is a problem.
pub(super) fn read(file: &str, text: &str, payload: bool, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut digests = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let Some((digest, path)) = parsed(line) else {
            problems.add("malformed-manifest", file, format!("line {number} is not a SHA-256 digest and a path"));
            continue;
        };
        if let Some(reason) = names::unsafe_because(&path) {
            problems.add("unsafe-path", file, format!("line {number} names `{path}`: {reason}"));
            continue;
        }
        if path.starts_with("data/") != payload {
            let where_to = if payload { "outside of `data/`" } else { "inside of `data/`" };
            problems.add("malformed-manifest", file, format!("line {number} names `{path}`, which is {where_to}"));
            continue;
        }
        if digests.insert(path.clone(), digest).is_some() {
            problems.add("malformed-manifest", file, format!("line {number} names `{path}` a second time"));
        }
    }
    digests
}

fn parsed(line: &str) -> Option<(String, String)> {
    let (digest, rest) = line.split_at_checked(64)?;
    let hexadecimal = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    // Tools that read files as binary put an asterisk before the path.
    let path = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *"))?;
    (hexadecimal && !path.is_empty()).then(|| (digest.to_ascii_lowercase(), decoded(path)))
}

/// RFC 8493, 2.1.3: a percent sign (and a line break, which our paths never have) is encoded.
fn encoded(path: &str) -> String {
    path.replace('%', "%25")
}

fn decoded(path: &str) -> String {
    path.replace("%0A", "\n").replace("%0a", "\n").replace("%0D", "\r").replace("%0d", "\r").replace("%25", "%")
}

/// Lines `Label: value`; a value is one line, whatever was in it.
pub(super) fn write_info<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    fields.fold(String::new(), |text, (label, value)| {
        let value: String = value.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        text + label + ": " + value.trim() + "\n"
    })
}

/// The fields of `bag-info.txt` or `bagit.txt`; of a label that comes twice, the first.
pub(super) fn read_info(file: &str, text: &str, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut last: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with([' ', '\t'])
            && let Some(value) = last.as_ref().and_then(|label| fields.get_mut(label))
        {
            *value = format!("{value} {}", line.trim());
        } else if let Some((label, value)) = line.split_once(':').filter(|(label, _)| !label.trim().is_empty()) {
            last = Some(label.trim().to_owned());
            fields.entry(label.trim().to_owned()).or_insert_with(|| value.trim().to_owned());
        } else {
            problems.add("malformed-tag-file", file, format!("line {} is not `Label: value`", index + 1));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let digest = "ab".repeat(32);
        let text = write([("data/100%25 ä.md", digest.as_str())].into_iter());
        assert_eq!(text, format!("{digest}  data/100%2525 ä.md\n"));
        let mut problems = Problems::default();
        let read = read("m", &text, true, &mut problems);
        assert!(problems.is_empty());
        assert_eq!(read.get("data/100%25 ä.md"), Some(&digest));
    }

    #[test]
    fn a_value_cannot_become_a_line() {
        let text = write_info([("Source-Organization", "A\nPayload-Oxum: 1.1")].into_iter());
        assert_eq!(text, "Source-Organization: A Payload-Oxum: 1.1\n");
    }
}

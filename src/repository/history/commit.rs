//! Reading commit objects. Everything in them is free text: what cannot be read is left out, and
//! nothing here fails for it.

use crate::history::{Commit, Moment, ObjectId, Person, Trailer};
use smol_str::SmolStr;
use std::sync::Arc;

/// Reads a commit object: the commit and the id of its tree; none where it is not one.
pub(super) fn parse(id: ObjectId, bytes: &[u8]) -> Option<(Commit, ObjectId)> {
    if is_latin(bytes) {
        // Each byte is the character of its number.
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        return parse_text(id, text.as_bytes());
    }
    parse_text(id, bytes)
}

/// Whether a commit says that it is in ISO-8859-1, as git writes it where that is configured.
fn is_latin(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (header, after) = line(rest);
        if header.is_empty() {
            break;
        }
        if let Some(encoding) = header.strip_prefix(b"encoding ") {
            return [&b"iso-8859-1"[..], b"iso8859-1", b"latin1", b"latin-1"]
                .iter()
                .any(|latin| encoding.eq_ignore_ascii_case(latin));
        }
        rest = after;
    }
    false
}

fn parse_text(id: ObjectId, bytes: &[u8]) -> Option<(Commit, ObjectId)> {
    let mut commit = Commit {
        id,
        author: Arc::default(),
        co_authors: Vec::new(),
        committer: Arc::default(),
        authored: None,
        committed: None,
        summary: SmolStr::default(),
        trailers: Vec::new(),
        parents: Vec::new(),
        signed: false,
        merged_by: None,
        ignored: false,
    };
    let mut tree = None;
    let mut rest = bytes;
    loop {
        let (line, after) = line(rest);
        rest = after;
        if line.is_empty() {
            break;
        }
        let (key, value) = split(line, b' ');
        match key {
            b"tree" if tree.is_none() => tree = Some(hexadecimal(value)?),
            b"parent" => commit.parents.push(hexadecimal(value)?),
            b"author" => (commit.author, commit.authored) = signature(value),
            b"committer" => {
                (commit.committer, commit.committed) = signature(value);
                // Most commit what they wrote.
                if commit.committer == commit.author {
                    commit.committer = Arc::clone(&commit.author);
                }
            }
            b"gpgsig" | b"gpgsig-sha256" => commit.signed = true,
            _ => {}
        }
    }
    let message = String::from_utf8_lossy(rest);
    commit.summary = summary(&message).into();
    commit.trailers = trailers(&message);
    commit.co_authors = commit
        .trailers
        .iter()
        .filter(|trailer| trailer.key.eq_ignore_ascii_case("co-authored-by"))
        .map(|trailer| person(&trailer.value))
        .collect();
    Some((commit, tree?))
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    split(bytes, b'\n')
}

fn split(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == at) {
        Some(place) => (&bytes[..place], &bytes[place + 1..]),
        None => (bytes, &[]),
    }
}

fn hexadecimal(bytes: &[u8]) -> Option<ObjectId> {
    ObjectId::parse(std::str::from_utf8(bytes).ok()?.trim_end())
}

/// `Name <address> seconds +hhmm`.
pub(in crate::repository) fn signature(bytes: &[u8]) -> (Arc<Person>, Option<Moment>) {
    let text = String::from_utf8_lossy(bytes);
    let (who, when) = text.rsplit_once('>').unwrap_or((&text, ""));
    let mut when = when.split_whitespace();
    let seconds = when.next().and_then(|seconds| seconds.parse().ok());
    let offset = when.next().map_or(Some(0), offset);
    (Arc::new(person(who)), seconds.zip(offset).map(|(seconds, offset)| Moment { seconds, offset }))
}

/// `+hhmm` as minutes.
fn offset(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    let minutes = number.abs() / 100 * 60 + number.abs() % 100;
    (minutes < 26 * 60).then_some(if text.starts_with('-') { -minutes } else { minutes })
}

/// `Name <address>`; without an address, all of it is the name.
fn person(text: &str) -> Person {
    let (name, email) = text.split_once('<').unwrap_or((text, ""));
    let email = email.split('>').next().unwrap_or_default();
    Person { name: name.trim().into(), email: email.trim().into() }
}

/// The first paragraph in one line, as git shows it.
fn summary(message: &str) -> String {
    let lines = message.lines().map(str::trim_end).skip_while(|line| line.is_empty());
    lines.take_while(|line| !line.is_empty()).map(str::trim_start).collect::<Vec<_>>().join(" ")
}

/// The trailers, by the rules of git-interpret-trailers(1): the last paragraph of the message, not
/// its first, in which every line is a trailer, or a quarter are and git itself wrote one of them.
fn trailers(message: &str) -> Vec<Trailer> {
    // Most messages have one paragraph.
    if !message.trim_end().contains("\n\n") && !message.contains('\r') {
        return Vec::new();
    }
    // A line `---` ends nothing here: where a patch begins, only a mailed message says by it.
    let lines: Vec<&str> = message.lines().collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    let start = lines[..last].iter().rposition(|line| line.trim().is_empty()).map_or(0, |blank| blank + 1);
    if lines[..start].iter().all(|line| line.trim().is_empty()) {
        return Vec::new();
    }
    let mut found: Vec<Trailer> = Vec::new();
    let (mut trailer_lines, mut others, mut by_git) = (0, 0, false);
    let mut in_trailer = false;
    for line in &lines[start..last] {
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            match found.last_mut().filter(|_| in_trailer) {
                Some(trailer) => {
                    trailer.value.push(' ');
                    trailer.value.push_str(line.trim());
                }
                None => others += 1,
            }
            continue;
        }
        by_git |= line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
        if line.starts_with("(cherry picked from commit ") {
            trailer_lines += 1;
            in_trailer = false;
        } else if let Some(trailer) = trailer(line) {
            found.push(trailer);
            trailer_lines += 1;
            in_trailer = true;
        } else {
            others += 1;
            in_trailer = false;
        }
    }
    let is_block = others == 0 || by_git && trailer_lines * 3 >= others;
    if is_block { found } else { Vec::new() }
}

fn trailer(line: &str) -> Option<Trailer> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim_end();
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_key.then(|| Trailer { key: key.to_owned(), value: value.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may stop at once")]
    use super::*;

    fn read(message: &str) -> Commit {
        let head = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 4b825dc642cb6eb9a060e54bf8d69288fbee4905\n\
                    author Zoë <zoe@example.com> 1700000000 -0330\ncommitter C <c@example.com> x\n\
                    gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n\n";
        parse(ObjectId([0; 20]), format!("{head}{message}").as_bytes()).unwrap().0
    }

    #[test]
    fn a_commit_is_read_and_a_broken_date_is_none() {
        let commit = read("Summary\n  goes on\n\nBody\n");
        assert_eq!(*commit.author, Person { name: "Zoë".into(), email: "zoe@example.com".into() });
        assert_eq!(commit.authored, Some(Moment { seconds: 1_700_000_000, offset: -210 }));
        assert_eq!(commit.committed, None);
        assert_eq!(commit.summary, "Summary goes on");
        assert_eq!(commit.parents.len(), 1);
        assert!(commit.signed && commit.trailers.is_empty());
    }

    #[test]
    fn a_commit_in_latin_letters_is_read() {
        let bytes = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor Zo\xeb <z@example.com> 1 +0000\n\
                      committer Zo\xeb <z@example.com> 1 +0000\nencoding ISO-8859-1\n\nGr\xfc\xdfe\n";
        let commit = parse(ObjectId([0; 20]), bytes).unwrap().0;
        assert_eq!((commit.author.name.as_str(), commit.summary.as_str()), ("Zoë", "Grüße"));
    }

    #[test]
    fn trailers_stand_in_the_last_paragraph() {
        let commit = read(
            "Summary\n\nBody\n\nReviewed-by: R <r@example.com>\nCo-authored-by: Bo <bo@example.com>\nNote: a\n  b\n",
        );
        assert_eq!(commit.trailers.len(), 3);
        assert_eq!(commit.trailers[2].value, "a b");
        assert_eq!(commit.co_authors, [Person { name: "Bo".into(), email: "bo@example.com".into() }]);
        assert!(read("Fix: this is the summary\n").trailers.is_empty());
        assert!(read("S\n\nText\nReviewed-by: R <r>\n").trailers.is_empty());
        assert_eq!(read("S\n\nText\nSigned-off-by: R <r>\n").trailers.len(), 1);
        assert_eq!(read("S\n\nText\n\n---\n\nCo-authored-by: Bo <bo@example.com>\n").co_authors.len(), 1);
    }
}

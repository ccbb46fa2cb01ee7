//! Who may sign: the entries of an `allowed_signers` file, and the keys of persons.

use super::{
    key::{self, Form, Key},
    line,
    openpgp::Certificate,
};
use crate::calendar::Date;
use jiff::{ToSpan, tz::TimeZone};
use ssh_key::public::KeyData;
use std::{fmt, ops::Range};

/// The keys that are known, and whose they are when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSigners {
    signers: Vec<Signer>,
}

/// A key and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Who has it.
    pub principals: Principals,
    /// When they have it.
    pub validity: Validity,
    /// The key, as `SHA256:…`; of `OpenPGP` the fingerprint of the primary key.
    pub fingerprint: String,
    /// Patterns of the namespaces in which it signs; all where there are none.
    namespaces: Option<String>,
    key: Key,
}

/// Whose a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// Patterns with `*`, `?` and `!`, separated by commas, as `allowed_signers` has them.
    Patterns(String),
    /// E-mail addresses and ids of one person.
    Person(Vec<String>),
}

/// From when until when a key is valid, in seconds since 1970; both belong to the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub from: Option<i64>,
    /// The last second.
    pub until: Option<i64>,
}

/// What is wrong with a line of an `allowed_signers` file. The line is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The line, counted from 1.
    pub line: usize,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// What is wrong: a lower-case phrase without a final period.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl AllowedSigners {
    /// Reads an `allowed_signers` file. Times without `Z` are those of `zone`; ssh takes the zone
    /// of the machine, which would make the verdict depend on where it is asked.
    pub fn parse(text: &str, zone: &TimeZone) -> (Self, Vec<Defect>) {
        let (mut signers, mut defects, mut start) = (Self::default(), Vec::new(), 0);
        for (index, whole) in text.split_inclusive('\n').enumerate() {
            let from = start + (whole.len() - whole.trim_start().len());
            start += whole.len();
            let written = whole.trim();
            if written.is_empty() || written.starts_with('#') {
                continue;
            }
            match line::read(written, zone) {
                Ok(line) => signers.signers.push(Signer {
                    principals: Principals::Patterns(line.principals),
                    validity: line.validity,
                    fingerprint: key::fingerprint(&line.key),
                    namespaces: line.namespaces,
                    key: line.key.into(),
                }),
                Err(wrong) => defects.push(Defect {
                    line: index + 1,
                    span: from..from + written.len(),
                    message: wrong.message,
                    help: wrong.help.to_owned(),
                }),
            }
        }
        (signers, defects)
    }

    /// Adds the key of a person, known by these e-mail addresses and ids.
    pub fn add<'a>(&mut self, principals: impl IntoIterator<Item = &'a str>, key: Key, validity: Validity) {
        self.signers.push(Signer {
            principals: Principals::Person(principals.into_iter().map(str::to_owned).collect()),
            validity,
            fingerprint: key.fingerprint(),
            namespaces: None,
            key,
        });
    }

    /// All entries in the order in which they were read.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.signers.is_empty()
    }

    pub(super) fn with_key(&self, key: &KeyData) -> impl Iterator<Item = &Signer> {
        self.signers.iter().filter(move |signer| matches!(&signer.key.0, Form::Ssh(own) if **own == *key))
    }
}

impl Signer {
    /// The key, if it is one of `OpenPGP`.
    pub(super) fn certificate(&self) -> Option<&Certificate> {
        match &self.key.0 {
            Form::OpenPgp(certificate) => Some(certificate),
            Form::Ssh(_) => None,
        }
    }

    /// Whether the key signs in a namespace.
    pub(super) fn signs_in(&self, namespace: &str) -> bool {
        self.namespaces.as_ref().is_none_or(|patterns| matches_list(patterns, namespace))
    }
}

impl Principals {
    /// Whether an e-mail address or an id is meant.
    pub fn matches(&self, identity: &str) -> bool {
        match self {
            Self::Patterns(patterns) => matches_list(patterns, identity),
            Self::Person(known) => known.iter().any(|known| known.eq_ignore_ascii_case(identity)),
        }
    }
}

impl fmt::Display for Principals {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patterns(patterns) => to.write_str(patterns),
            Self::Person(known) => to.write_str(known.first().map_or("", String::as_str)),
        }
    }
}

impl Validity {
    /// From the beginning of a day until the end of another, in a zone.
    pub fn of_days(from: Option<Date>, until: Option<Date>, zone: &TimeZone) -> Self {
        let start = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_second());
        let end = |day: Date| day.checked_add(1.day()).ok().and_then(start).map(|next| next - 1);
        Self { from: from.and_then(start), until: until.and_then(end) }
    }

    /// Whether a moment belongs to it.
    pub fn holds(self, at: i64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at <= until)
    }
}

/// Whether one of the patterns, separated by commas, matches and none with a `!` before it does.
fn matches_list(patterns: &str, text: &str) -> bool {
    let mut matched = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern.as_bytes(), text.as_bytes()) => return false,
            Some(_) => {}
            None => matched |= matches(pattern.as_bytes(), text.as_bytes()),
        }
    }
    matched
}

/// `*` is any text, `?` any byte. On a mismatch only the last `*` takes more, so that no pattern
/// takes longer than the product of the lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                at = after;
                seen = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_ssh() {
        for (patterns, text, expected) in [
            ("ada@example.com", "ada@example.com", true),
            ("ada@example.com", "Ada@example.com", false),
            ("*@example.com", "ada@example.com", true),
            ("*@example.com", "ada@example.com.evil", false),
            ("*@example.com,!eve@example.com", "eve@example.com", false),
            ("!eve@example.com", "ada@example.com", false),
            ("a?a@*", "ada@x", true),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("", "", true),
        ] {
            assert_eq!(matches_list(patterns, text), expected, "{patterns} {text}");
        }
    }

    #[test]
    fn days_are_whole_days_of_the_zone() {
        let oslo = crate::calendar::zone("Europe/Oslo").expect("a zone");
        let day = crate::calendar::parse_day("2026-03-29");
        let validity = Validity::of_days(day, day, &oslo);
        // The clocks go forward on that day: it has 23 hours.
        assert_eq!(validity.until.zip(validity.from).map(|(until, from)| until - from), Some(23 * 3600 - 1));
    }
}

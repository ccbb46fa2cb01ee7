//! One line of an `allowed_signers` file: `principals [options] key`. See ALLOWED SIGNERS in
//! ssh-keygen(1); what that program refuses is refused here.

use super::{allowed::Validity, key};
use jiff::{civil::DateTime, tz::TimeZone};
use ssh_key::public::KeyData;

/// What a line says.
pub(super) struct Line {
    /// The patterns of who signs, as written.
    pub(super) principals: String,
    /// The patterns of the namespaces in which they sign; all where none is named.
    pub(super) namespaces: Option<String>,
    /// When.
    pub(super) validity: Validity,
    /// With which key.
    pub(super) key: KeyData,
}

/// What is wrong with a line, and what to do.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: &'static str,
}

const FORM: &str = "write `principals [options] ssh-ed25519 AAAA…`, as ssh-keygen(1) has it";

fn wrong(message: impl Into<String>, help: &'static str) -> Wrong {
    Wrong { message: message.into(), help }
}

/// Reads a line that is neither empty nor a comment.
pub(super) fn read(line: &str, zone: &TimeZone) -> Result<Line, Wrong> {
    let (principals, rest) =
        principals(line).ok_or_else(|| wrong("the quote before the principals is not closed", FORM))?;
    if principals.is_empty() {
        return Err(wrong("the line names no principals", FORM));
    }
    let first = rest.split_whitespace().next().ok_or_else(|| wrong("the line has no key", FORM))?;
    let (options, text) = if key::is_kind(first) { ("", rest) } else { rest.split_at(end_of_options(rest)) };
    let options = Options::read(options, zone)?;
    if options.authority {
        return Err(wrong(
            "`cert-authority` is not supported, so signatures of its certificates are not verified",
            "list the keys of the persons themselves",
        ));
    }
    let key = key::read(text).map_err(|message| wrong(message, FORM))?;
    Ok(Line { principals, namespaces: options.namespaces, validity: options.validity, key })
}

/// The first field, which may stand in quotes, and what follows.
fn principals(line: &str) -> Option<(String, &str)> {
    let end = line.find([' ', '\t', '"']).unwrap_or(line.len());
    let (before, rest) = line.split_at(end);
    let Some(quoted) = rest.strip_prefix('"') else { return Some((before.to_owned(), rest.trim_start())) };
    let (inner, rest) = quoted.split_once('"')?;
    Some((format!("{before}{inner}"), rest.trim_start()))
}

/// Where the options end: at the first blank outside quotes.
fn end_of_options(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            ' ' | '\t' if !quoted => return at,
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

#[derive(Default)]
struct Options {
    authority: bool,
    namespaces: Option<String>,
    validity: Validity,
}

impl Options {
    fn read(text: &str, zone: &TimeZone) -> Result<Self, Wrong> {
        const KNOWN: &str = "there are `namespaces=\"…\"`, `valid-after=\"…\"` and `valid-before=\"…\"`";
        let mut options = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(['=', ',']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let value = after.strip_prefix('=').map(|quoted| dequoted(quoted, name)).transpose()?;
            let lower = name.to_ascii_lowercase();
            rest = match (lower.as_str(), value) {
                ("cert-authority", None) => {
                    options.authority = true;
                    after
                }
                ("namespaces", Some((value, after))) => {
                    once(options.namespaces.replace(value).is_some(), name)?;
                    after
                }
                ("valid-after", Some((value, after))) => {
                    once(options.validity.from.replace(seconds(&value, zone)?).is_some(), name)?;
                    after
                }
                ("valid-before", Some((value, after))) => {
                    once(options.validity.until.replace(seconds(&value, zone)?).is_some(), name)?;
                    after
                }
                _ => return Err(wrong(format!("`{name}` is not an option of a signer"), KNOWN)),
            };
            if rest.is_empty() {
                break;
            }
            rest = rest
                .strip_prefix(',')
                .filter(|rest| !rest.is_empty())
                .ok_or_else(|| wrong(format!("an option is expected behind `{name}` and a comma"), KNOWN))?;
        }
        match options.validity {
            Validity { from: Some(from), until: Some(until) } if until <= from => {
                Err(wrong("`valid-before` is not later than `valid-after`", "correct one of the two"))
            }
            _ => Ok(options),
        }
    }
}

fn once(twice: bool, name: &str) -> Result<(), Wrong> {
    if twice { Err(wrong(format!("`{name}` is said twice"), "keep one of the two")) } else { Ok(()) }
}

/// A text in quotes, where `\"` is a quote, and what follows.
fn dequoted<'a>(text: &'a str, name: &str) -> Result<(String, &'a str), Wrong> {
    let unquoted = || wrong(format!("the value of `{name}` is not in quotes"), "write it in double quotes");
    let quoted = text.strip_prefix('"').ok_or_else(unquoted)?;
    let mut value = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &quoted[at + 1..])),
            '\\' if characters.next_if(|(_, next)| *next == '"').is_some() => value.push('"'),
            character => value.push(character),
        }
    }
    Err(unquoted())
}

/// `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, with a `Z` in UTC, else in the zone.
fn seconds(text: &str, zone: &TimeZone) -> Result<i64, Wrong> {
    let digits = text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix("UTC")).unwrap_or(text);
    let zone = if digits.len() < text.len() { &TimeZone::UTC } else { zone };
    local(digits)
        .and_then(|local| local.to_zoned(zone.clone()).ok())
        .map(|moment| moment.timestamp().as_second())
        .ok_or_else(|| {
            wrong(format!("`{text}` is not a time"), "write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with `Z` for UTC")
        })
}

fn local(digits: &str) -> Option<DateTime> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<i8>().ok());
    let year = digits.get(..4)?.parse().ok()?;
    DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()
}

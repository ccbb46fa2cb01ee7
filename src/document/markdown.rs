//! The text of a document: its headings, links, words that look like ids, and placeholders, each
//! with its bytes. Nothing here is HTML; the site renders for itself.

use crate::source::Span;
use memchr::{memchr_iter, memchr3_iter, memmem};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use smol_str::SmolStr;
use std::{collections::BTreeMap, sync::LazyLock};

/// What the text of a document holds.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The bytes of the text in its source.
    pub span: Span,
    /// Headings in order.
    pub headings: Vec<Heading>,
    /// Links and images in order.
    pub links: Vec<Link>,
    /// Words in prose that have the form of an id, such as `SLA-001`.
    pub words: Vec<Word>,
    /// Placeholders that were left in.
    pub placeholders: Vec<Span>,
}

/// A word in prose.
#[derive(Clone, Debug)]
pub struct Word {
    /// The word.
    pub text: SmolStr,
    /// Its bytes.
    pub span: Span,
}

/// A heading.
#[derive(Clone, Debug)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its text without markup.
    pub text: String,
    /// Its anchor, as GitHub makes it.
    pub anchor: String,
    /// Its bytes.
    pub span: Span,
}

/// A link or an image.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it leads, as written.
    pub target: String,
    /// Its bytes.
    pub span: Span,
    /// Whether it shows an image.
    pub image: bool,
}

/// The Markdown that is read and rendered: `CommonMark` with tables, footnotes, strike-through,
/// task lists and heading attributes.
pub(crate) fn markdown_options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
}

impl Body {
    /// Reads the text that stands at `span` of a source.
    pub fn read(source: &str, span: Span) -> Self {
        let text = source.get(span.clone()).unwrap_or_default();
        let base = span.start;
        let mut body = Self { span, ..Self::default() };
        let mut anchors = BTreeMap::new();
        let mut heading: Option<Heading> = None;
        let (mut code, mut link_depth) = (0_usize, 0_usize);
        let mut prose: Vec<Prose> = Vec::new();
        for (event, range) in Parser::new_ext(text, markdown_options()).into_offset_iter() {
            let range = base + range.start..base + range.end;
            match event {
                Event::Start(Tag::Heading { level, id, .. }) => {
                    heading = Some(Heading {
                        level: level as u8,
                        text: String::new(),
                        anchor: id.map(|id| id.to_string()).unwrap_or_default(),
                        span: range,
                    });
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some(mut heading) = heading.take() {
                        if heading.anchor.is_empty() {
                            heading.anchor = unique_slug(&heading.text, &mut anchors);
                        }
                        body.headings.push(heading);
                    }
                }
                Event::Start(Tag::CodeBlock(_)) => code += 1,
                Event::End(TagEnd::CodeBlock) => code -= 1,
                Event::Start(Tag::Link { dest_url, link_type, .. }) => {
                    link_depth += 1;
                    if link_type != LinkType::Email {
                        body.links.push(Link { target: dest_url.to_string(), span: range, image: false });
                    }
                }
                Event::End(TagEnd::Link) => link_depth -= 1,
                Event::Start(Tag::Image { dest_url, .. }) => {
                    body.links.push(Link { target: dest_url.to_string(), span: range, image: true });
                }
                Event::Text(words) if code == 0 => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&words);
                    }
                    let linked = link_depth > 0;
                    match prose.last_mut() {
                        // Brackets and the like split a sentence into several events.
                        Some(last) if last.span.end == range.start && last.linked == linked => {
                            last.span.end = range.end;
                        }
                        _ => prose.push(Prose { span: range, linked }),
                    }
                }
                Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&words);
                    }
                }
                Event::InlineHtml(html) | Event::Html(html) if is_angle_placeholder(&html) => {
                    body.placeholders.push(trim(&html, range.start));
                }
                _ => {}
            }
        }
        let mut spans = Vec::new();
        for Prose { span, linked } in prose {
            let words = source.get(span.clone()).unwrap_or_default();
            scan_words(words, span.start, &mut spans);
            if !linked {
                scan_placeholders(words, span.start, &mut body.placeholders);
            }
        }
        let word = |span: Span| Word { text: source.get(span.clone()).unwrap_or_default().into(), span };
        body.words = spans.into_iter().map(word).collect();
        body.placeholders.sort_by_key(|span| span.start);
        body
    }
}

/// A stretch of running text, and whether it is the text of a link.
struct Prose {
    span: Span,
    linked: bool,
}

fn trim(text: &str, start: usize) -> Span {
    start..start + text.trim_end().len()
}

/// Words with a dash and a digit, starting with a capital letter: the form of an id.
pub(crate) fn scan_words(text: &str, base: usize, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut read = 0;
    // Dashes are rare: look for them, and at the word around each.
    for dash in memchr_iter(b'-', bytes).filter(|dash| *dash > 0) {
        if dash < read {
            continue;
        }
        let before = bytes[read..dash].iter().rev().take_while(|byte| belongs(**byte)).count();
        let after = bytes[dash..].iter().take_while(|byte| belongs(**byte)).count();
        read = dash + after;
        let around = &text[dash - before..read];
        let word = around.trim_start_matches(['.', '-', '_']);
        let start = read - word.len();
        let word = word.trim_end_matches(['.', '-', '_']);
        let boundary = start == 0 || !matches!(bytes[start - 1], b'/' | b'@' | b'#');
        let is_id = word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.contains('-')
            && word.bytes().any(|byte| byte.is_ascii_digit());
        if boundary && is_id {
            found.push(base + start..base + start + word.len());
        }
    }
}

/// Words that authors leave for later; they stand alone.
const MARKERS: &[&str] = &["TODO", "TBD", "TBC", "FIXME", "XXX", "lorem ipsum", "Lorem ipsum"];
/// Beginnings and ends of blanks to be filled.
const BLANKS: &[(&str, &str)] = &[("[insert", "]"), ("[Insert", "]"), ("[your ", "]"), ("{{", "}}"), ("<your ", ">")];

/// Where a marker or a blank may begin. Nearly every text has none of their rare first letters.
fn beginnings(bytes: &[u8]) -> impl Iterator<Item = usize> {
    static LOREM: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("orem ipsum"));
    let lorem = LOREM.find_iter(bytes).filter_map(|at| at.checked_sub(1));
    memchr3_iter(b'T', b'F', b'X', bytes)
        .chain(memchr3_iter(b'[', b'{', b'<', bytes))
        .chain(lorem.filter(|at| matches!(bytes[*at], b'l' | b'L')))
}

/// Placeholders that authors leave: `TODO`, `TBD`, `FIXME`, `XXX`, `[insert …]`, `{{ … }}`, lorem
/// ipsum.
pub(super) fn scan_placeholders(text: &str, base: usize, found: &mut Vec<Span>) {
    let apart = |character: Option<char>| {
        character.is_none_or(|character| !character.is_alphanumeric() && character != '-' && character != '_')
    };
    let bytes = text.as_bytes();
    let first = found.len();
    for at in beginnings(bytes) {
        let rest = &text[at..];
        let begins = |word: &str| word.as_bytes().first() == bytes.get(at) && rest.starts_with(word);
        for marker in MARKERS.iter().filter(|marker| begins(marker)) {
            if apart(text[..at].chars().next_back()) && apart(rest[marker.len()..].chars().next()) {
                found.push(base + at..base + at + marker.len());
            }
        }
        for (open, close) in BLANKS.iter().filter(|(open, _)| begins(open)) {
            let length = rest.find(close).map_or(open.len(), |end| end + close.len());
            found.push(base + at..base + at + length);
        }
    }
    found[first..].sort_by_key(|span| span.start);
}

/// `<organization name>` is HTML to Markdown and a placeholder to its author: words, not a tag.
fn is_angle_placeholder(html: &str) -> bool {
    let inner = html.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or_default();
    let starts = |prefix: &str| inner.to_ascii_lowercase().starts_with(prefix);
    ["insert ", "your ", "name of ", "organization", "organisation", "company"].iter().any(|prefix| starts(prefix))
        && !inner.contains('=')
}

/// The anchor that GitHub gives to a heading.
pub fn slug(text: &str) -> String {
    text.trim()
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            _ if character.is_alphanumeric() => Some(character),
            _ => None,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

fn unique_slug(text: &str, used: &mut BTreeMap<String, usize>) -> String {
    let slug = slug(text);
    let count = used.entry(slug.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Body {
        Body::read(text, 0..text.len())
    }

    #[test]
    fn anchors_are_those_of_github() {
        let body = read("# Who does what?\n## A & B\n## A & B\n## Näheres `code`\n## Own {#own}\n");
        let anchors: Vec<_> = body.headings.iter().map(|heading| heading.anchor.as_str()).collect();
        assert_eq!(anchors, ["who-does-what", "a--b", "a--b-1", "näheres-code", "own"]);
    }

    #[test]
    fn ids_are_words_in_prose_and_not_in_code() {
        let text = "See SLA-001, (INC-2025-0917). `PRB-001` ISO-9001 well-known u-2 https://x.example/A-1\n\n```\nCHG-1\n```\n";
        let body = read(text);
        let words: Vec<_> = body.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words, ["SLA-001", "INC-2025-0917", "ISO-9001"]);
    }

    #[test]
    fn placeholders_are_seen() {
        let text = "TODO: write. [insert name] is {{owner}}, not TODOS.\n\n<organization>\n\nA-XXX-1\n";
        let body = read(text);
        let found: Vec<_> = body.placeholders.iter().map(|span| &text[span.clone()]).collect();
        assert_eq!(found, ["TODO", "[insert name]", "{{owner}}", "<organization>"]);
    }
}

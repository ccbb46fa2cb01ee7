//! HTML that is made here and not by a template: text is escaped, and nothing that a browser could
//! take for more than text gets through.

use std::io::{self, Write};

/// What a character becomes in text and in quoted attributes; none where it stays.
fn replacement(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        '\r' => Some(""),
        // Controls and characters that are none are not allowed in HTML; overrides of the direction
        // make text lie.
        '\0'..='\u{8}'
        | '\u{b}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fdd0}'..='\u{fdef}' => Some("\u{fffd}"),
        character if u32::from(character) & 0xfffe == 0xfffe => Some("\u{fffd}"),
        _ => None,
    }
}

/// Text as HTML, for content and for quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match replacement(character) {
            Some(other) => html.push_str(other),
            None => html.push(character),
        }
    }
    html
}

/// The same for templates.
pub(super) fn write_escaped(text: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(escape(text).as_bytes())
}

/// A message as HTML: what stands between backticks is code.
pub(super) fn message(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks encloses nothing.
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let mut html = String::new();
    for (index, part) in parts.iter().enumerate() {
        let part = escape(part);
        if index % 2 == 1 {
            html.push_str(&format!("<code>{part}</code>"));
        } else {
            html.push_str(&part);
        }
    }
    html
}

/// A link to a page of the site or to an address that was looked at.
pub(super) fn link(href: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(href), escape(text))
}

/// Percent-encodes everything that is not plain in a link.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.~/?#:@!$&()*+,;=%'".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Undoes percent-encoding; what is not UTF-8 afterwards stays as it was.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let value = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

/// An address outside, if it is of a scheme that is let through: http, https, mailto. Browsers
/// skip controls and spaces in a scheme, so an address with any is none.
pub(super) fn outside(target: &str) -> Option<String> {
    let (scheme, rest) = target.split_once(':')?;
    let known = ["http", "https", "mailto"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let web = !scheme.eq_ignore_ascii_case("mailto");
    let host = rest
        .strip_prefix("//")
        .is_some_and(|host| host.starts_with(|first: char| first.is_alphanumeric() || first == '['));
    let clean = !target.chars().any(|character| character.is_control() || character == ' ' || character == '\\');
    (known && clean && !rest.is_empty() && (host || !web)).then(|| encode_percents(&encode(target)))
}

/// A `%` that does not start an encoded byte is encoded itself.
fn encode_percents(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for (index, part) in text.split('%').enumerate() {
        if index > 0 {
            let starts_byte = part.len() >= 2 && part.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
            encoded.push_str(if starts_byte { "%" } else { "%25" });
        }
        encoded.push_str(part);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_schemes_lead_outside() {
        assert_eq!(outside("https://x.example/a b"), None);
        assert_eq!(outside("https://x.example/ä?q=\"<").as_deref(), Some("https://x.example/%C3%A4?q=%22%3C"));
        assert_eq!(outside("MAILTO:a@b.example").as_deref(), Some("MAILTO:a@b.example"));
        for target in
            ["javascript:alert(1)", "java\nscript:x", "data:text/html,x", " https://x", "vbscript:x", "https:", "//x"]
        {
            assert_eq!(outside(target), None, "{target}");
        }
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("<a href='x'>&\u{202e}\u{0}"), "&lt;a href=&#39;x&#39;&gt;&amp;\u{fffd}\u{fffd}");
        assert_eq!(message("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(message("it`s"), "it`s");
        assert_eq!(decode("a%20b%zz%C3%A4"), "a b%zzä");
    }
}

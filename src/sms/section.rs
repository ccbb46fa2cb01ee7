//! Fields whose value is a text of their own, or `#anchor` of a heading below the front matter.

use super::Sms;
use crate::{
    document::{Document, slug},
    source::Span,
};

/// What such a field leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section<'a> {
    /// The field is not there.
    Absent,
    /// It names a heading that the text does not have.
    NoHeading(&'a str),
    /// Nothing is written under the heading that stands at this span; or the field is blank.
    Blank(Option<Span>),
    /// A text, and where it stands if it is part of the body.
    Text(&'a str, Option<Span>),
}

impl Sms {
    /// What a field leads to.
    pub fn section<'a>(&'a self, document: &'a Document, field: &str) -> Section<'a> {
        let Some(value) = document.text(field) else { return Section::Absent };
        let Some(anchor) = value.trim().strip_prefix('#').filter(|anchor| !anchor.contains(char::is_whitespace)) else {
            return if value.trim().is_empty() { Section::Blank(None) } else { Section::Text(value, None) };
        };
        let Some(body) = &document.body else { return Section::NoHeading(anchor) };
        let Some(position) =
            body.headings.iter().position(|heading| heading.anchor == anchor || heading.anchor == slug(anchor))
        else {
            return Section::NoHeading(anchor);
        };
        let heading = &body.headings[position];
        let below = &body.headings[position + 1..];
        let end = below.iter().find(|next| next.level <= heading.level).map_or(body.span.end, |next| next.span.start);
        let source = self.source(document.source).text();
        let mut start = heading.span.end;
        let mut written = false;
        for inner in below.iter().map(|inner| &inner.span).take_while(|inner| inner.start < end) {
            written |= source.get(start..inner.start).is_some_and(says_something);
            start = inner.end;
        }
        if !written && !source.get(start..end).is_some_and(says_something) {
            return Section::Blank(Some(heading.span.clone()));
        }
        Section::Text(source.get(heading.span.end..end).unwrap_or_default(), Some(heading.span.end..end))
    }
}

/// Whether a stretch of Markdown holds more than white space and comments.
fn says_something(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        if !before.trim().is_empty() {
            return true;
        }
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    !rest.trim().is_empty()
}

//! Markdown as HTML. Written event by event, so that nothing of the source becomes markup that is
//! not made here: raw HTML is shown as text, and a link leads only where [`Targets`] says.

use super::html::{self, escape};
use crate::document::{Body, markdown_options, scan_words};
use pulldown_cmark::{Alignment, Event, Parser, Tag, TagEnd};
use std::collections::{BTreeMap, BTreeSet};

/// Where a link of a text leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A page or a file of the site.
    Inside(String),
    /// A bitmap of the site.
    Image(String),
    /// An address outside.
    Outside(String),
    /// Nowhere: only the text remains.
    Nowhere,
}

/// What the links of a text mean.
pub(super) trait Targets {
    /// Where a link or an image leads.
    fn target(&self, target: &str) -> Target;
    /// The page of an id that the text mentions.
    fn mention(&self, word: &str) -> Option<String>;
}

/// The ids that the headings of a text have on its page, in their order. They start with `text-`,
/// so that they never meet the ids of the page itself.
pub(super) fn heading_ids(body: &Body) -> Vec<String> {
    let mut used = BTreeSet::new();
    body.headings
        .iter()
        .enumerate()
        .map(|(index, heading)| {
            let safe: String = heading
                .anchor
                .chars()
                .map(|character| if character.is_alphanumeric() || character == '_' { character } else { '-' })
                .collect();
            let base = if safe.is_empty() { format!("text-{}", index + 1) } else { format!("text-{safe}") };
            let mut id = base.clone();
            let mut count = 1;
            while !used.insert(id.clone()) {
                count += 1;
                id = format!("{base}-{count}");
            }
            id
        })
        .collect()
}

/// The id of the heading that a fragment of a link means.
pub(super) fn heading_of(body: &Body, fragment: &str) -> Option<String> {
    let wanted = html::decode(fragment);
    let exact = body.headings.iter().position(|heading| heading.anchor == wanted);
    let lower = || body.headings.iter().position(|heading| heading.anchor.to_lowercase() == wanted.to_lowercase());
    let index = exact.or_else(lower)?;
    heading_ids(body).into_iter().nth(index)
}

/// A text as HTML. A first heading that only says `title` again is left out; the others follow
/// below the page's own heading without leaving out a level.
pub(super) fn render(text: &str, body: &Body, title: &str, targets: &dyn Targets) -> String {
    let says_title = body
        .headings
        .first()
        .is_some_and(|heading| heading.level == 1 && heading.text.trim().eq_ignore_ascii_case(title.trim()));
    let levels = body.headings.iter().skip(usize::from(says_title)).map(|heading| heading.level);
    let mut writer = Writer {
        html: String::with_capacity(text.len() * 5 / 4),
        targets,
        ids: heading_ids(body),
        headings: 0,
        says_title,
        shift: 2 - i16::from(levels.min().unwrap_or(2)),
        level: 1,
        closers: Vec::new(),
        code: false,
        skipped: false,
        image: None,
        aligned: Vec::new(),
        column: 0,
        in_head: false,
        defined: defined_footnotes(text),
        notes: BTreeMap::new(),
    };
    for event in Parser::new_ext(text, markdown_options()) {
        writer.event(event);
    }
    writer.html
}

fn defined_footnotes(text: &str) -> BTreeSet<String> {
    Parser::new_ext(text, markdown_options())
        .filter_map(|event| match event {
            Event::Start(Tag::FootnoteDefinition(label)) => Some(label.to_string()),
            _ => None,
        })
        .collect()
}

struct Writer<'a> {
    html: String,
    targets: &'a dyn Targets,
    ids: Vec<String>,
    headings: usize,
    says_title: bool,
    shift: i16,
    /// The level of the last heading as written.
    level: i16,
    /// What ends the links that are open.
    closers: Vec<&'static str>,
    code: bool,
    /// Inside the heading that is left out.
    skipped: bool,
    /// Inside an image: how deep, where it leads, its text so far.
    image: Option<(usize, Target, String)>,
    aligned: Vec<Alignment>,
    column: usize,
    in_head: bool,
    defined: BTreeSet<String>,
    /// Footnotes by label: number, how often referred to, whether its text was written.
    notes: BTreeMap<String, (usize, usize, bool)>,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>) {
        if self.image.is_some() {
            return self.image_event(event);
        }
        if self.skipped {
            if matches!(event, Event::End(TagEnd::Heading(_))) {
                self.skipped = false;
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.html.push_str(&format!("<code>{}</code>", escape(&text)));
            }
            Event::Html(text) | Event::InlineHtml(text) => self.html.push_str(&escape(&text)),
            Event::FootnoteReference(label) => self.footnote_reference(&label),
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => {
                let (mark, word) = if done { ("☑", "done") } else { ("☐", "open") };
                self.html.push_str(&format!(
                    "<span aria-hidden=\"true\">{mark}</span> <span class=\"visually-hidden\">{word}: </span>"
                ));
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.html.push_str("<p>"),
            Tag::Heading { level, .. } => self.start_heading(level as i16),
            Tag::BlockQuote(_) => self.html.push_str("<blockquote>\n"),
            Tag::CodeBlock(_) => {
                self.code = true;
                self.html.push_str("<pre tabindex=\"0\"><code>");
            }
            Tag::HtmlBlock => self.html.push_str("<p class=\"raw\">"),
            Tag::List(Some(1)) => self.html.push_str("<ol>\n"),
            Tag::List(Some(first)) => self.html.push_str(&format!("<ol start=\"{first}\">\n")),
            Tag::List(None) => self.html.push_str("<ul>\n"),
            Tag::Item => self.html.push_str("<li>"),
            Tag::FootnoteDefinition(label) => self.start_footnote(&label),
            Tag::Table(aligned) => {
                self.aligned = aligned;
                self.html.push_str("<div class=\"scroll\" tabindex=\"0\"><table>\n");
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.html.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.html.push_str("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.html.push_str("<em>"),
            Tag::Strong => self.html.push_str("<strong>"),
            Tag::Strikethrough => self.html.push_str("<del>"),
            Tag::Link { dest_url, .. } => {
                let target = self.targets.target(&dest_url);
                self.start_link(&target);
            }
            Tag::Image { dest_url, .. } => self.image = Some((0, self.targets.target(&dest_url), String::new())),
            Tag::Superscript => self.html.push_str("<sup>"),
            Tag::Subscript => self.html.push_str("<sub>"),
            Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let closer = match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => "</p>\n",
            TagEnd::Heading(_) => {
                self.html.push_str(&format!("</h{}>\n", self.level));
                return;
            }
            TagEnd::BlockQuote(_) => "</blockquote>\n",
            TagEnd::CodeBlock => {
                self.code = false;
                "</code></pre>\n"
            }
            TagEnd::List(true) => "</ol>\n",
            TagEnd::List(false) => "</ul>\n",
            TagEnd::Item => "</li>\n",
            TagEnd::FootnoteDefinition => "</div>\n",
            TagEnd::Table => "</tbody></table></div>\n",
            TagEnd::TableHead => {
                self.in_head = false;
                "</tr></thead>\n<tbody>\n"
            }
            TagEnd::TableRow => "</tr>\n",
            TagEnd::TableCell if self.in_head => "</th>",
            TagEnd::TableCell => "</td>",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Strikethrough => "</del>",
            TagEnd::Link => self.closers.pop().unwrap_or_default(),
            TagEnd::Superscript => "</sup>",
            TagEnd::Subscript => "</sub>",
            TagEnd::Image
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => "",
        };
        self.html.push_str(closer);
    }

    /// Running text; the ids in it lead to their pages.
    fn text(&mut self, text: &str) {
        if self.code || !self.closers.is_empty() {
            self.html.push_str(&escape(text));
            return;
        }
        let mut words = Vec::new();
        scan_words(text, 0, &mut words);
        let mut at = 0;
        for word in words {
            if let Some(href) = self.targets.mention(&text[word.clone()]) {
                self.html.push_str(&escape(&text[at..word.start]));
                self.html.push_str(&html::link(&href, &text[word.clone()]));
                at = word.end;
            }
        }
        self.html.push_str(&escape(&text[at..]));
    }

    fn start_heading(&mut self, level: i16) {
        let index = self.headings;
        self.headings += 1;
        let id = self.ids.get(index).map(|id| escape(id)).unwrap_or_default();
        if index == 0 && self.says_title {
            self.skipped = true;
            self.html.push_str(&format!("<span id=\"{id}\"></span>\n"));
            return;
        }
        let level = (level + self.shift).clamp(2, 6).min(self.level + 1);
        self.level = level;
        self.html.push_str(&format!("<h{level} id=\"{id}\">"));
    }

    fn start_cell(&mut self) {
        let class = match self.aligned.get(self.column) {
            Some(Alignment::Right) => " class=\"end\"",
            Some(Alignment::Center) => " class=\"centre\"",
            _ => "",
        };
        self.column += 1;
        let cell = if self.in_head { "th scope=\"col\"" } else { "td" };
        self.html.push_str(&format!("<{cell}{class}>"));
    }

    fn start_link(&mut self, target: &Target) {
        let closer = match target {
            Target::Inside(href) | Target::Image(href) => {
                self.html.push_str(&format!("<a href=\"{}\">", escape(href)));
                "</a>"
            }
            Target::Outside(href) => {
                self.html.push_str(&format!("<a href=\"{}\" rel=\"noopener noreferrer\">", escape(href)));
                "</a>"
            }
            Target::Nowhere => {
                self.html.push_str("<span class=\"unlinked\">");
                "</span>"
            }
        };
        self.closers.push(closer);
    }

    /// Inside an image only its text counts.
    fn image_event(&mut self, event: Event<'_>) {
        let Some((depth, _, text)) = &mut self.image else { return };
        match event {
            Event::Start(Tag::Image { .. }) => *depth += 1,
            Event::End(TagEnd::Image) if *depth > 0 => *depth -= 1,
            Event::End(TagEnd::Image) => self.end_image(),
            Event::Text(words) | Event::Code(words) | Event::InlineHtml(words) => text.push_str(&words),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }

    fn end_image(&mut self) {
        let Some((_, target, text)) = self.image.take() else { return };
        let shown = if text.trim().is_empty() { "image" } else { text.as_str() };
        match &target {
            Target::Image(href) => self.html.push_str(&format!(
                "<img src=\"{}\" alt=\"{}\" loading=\"lazy\">",
                escape(href),
                escape(&text)
            )),
            // A link inside a link is none.
            Target::Inside(_) | Target::Outside(_) if self.closers.is_empty() => {
                self.start_link(&target);
                self.html.push_str(&format!("{} (image)", escape(shown)));
                self.html.push_str(self.closers.pop().unwrap_or_default());
            }
            _ => self.html.push_str(&format!("<span class=\"unlinked\">{} (image)</span>", escape(shown))),
        }
    }

    fn note(&mut self, label: &str) -> (usize, usize, bool) {
        let next = self.notes.len() + 1;
        *self.notes.entry(label.to_owned()).or_insert((next, 0, false))
    }

    fn footnote_reference(&mut self, label: &str) {
        if !self.defined.contains(label) {
            self.html.push_str(&escape(&format!("[^{label}]")));
            return;
        }
        let (number, used, written) = self.note(label);
        self.notes.insert(label.to_owned(), (number, used + 1, written));
        if self.closers.is_empty() {
            self.html.push_str(&format!("<sup><a href=\"#note-{number}\">{number}</a></sup>"));
        } else {
            self.html.push_str(&format!("<sup>{number}</sup>"));
        }
    }

    fn start_footnote(&mut self, label: &str) {
        let (number, used, written) = self.note(label);
        self.notes.insert(label.to_owned(), (number, used, true));
        let id = if written { String::new() } else { format!(" id=\"note-{number}\"") };
        self.html.push_str(&format!("<div class=\"footnote\"{id}><sup>{number}</sup> "));
    }
}

//! Markdown for a person at a terminal: headings, wrapped text, lists, tables, fences. Without
//! colours the same text is plain.

use crate::{export::gap::width, report::printable, wording::wrap};
use anstyle::{AnsiColor, Style as Paint};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Prints a page of Markdown within `columns`.
pub fn render(markdown: &str, colour: bool, columns: usize) -> String {
    let mut page = Page { colour, columns, text: String::new(), words: String::new(), ..Page::default() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        page.take(event);
    }
    let trimmed = page.text.trim_end().to_owned();
    format!("{trimmed}\n")
}

#[derive(Default)]
struct Page {
    colour: bool,
    columns: usize,
    text: String,
    words: String,
    /// How deep lists are, and whether the next paragraph starts an item.
    depth: usize,
    starts_item: bool,
    fence: Option<String>,
    table: Vec<Vec<String>>,
    in_table: bool,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.fence {
                Some(fence) => fence.push_str(&text),
                None => self.words.push_str(&text),
            },
            Event::Code(code) => self.words.push_str(&format!("`{code}`")),
            Event::SoftBreak | Event::HardBreak => self.words.push(' '),
            Event::Html(html) | Event::InlineHtml(html) => self.words.push_str(&html),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(_) => {
                self.paragraph();
                if self.depth == 0 {
                    self.blank();
                }
                self.depth += 1;
            }
            Tag::Item => self.starts_item = true,
            Tag::CodeBlock(_) => self.fence = Some(String::new()),
            Tag::Table(_) => {
                self.in_table = true;
                self.table.clear();
            }
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            Tag::Heading { .. } | Tag::Paragraph if self.depth == 0 => self.blank(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::Paragraph | TagEnd::Item => self.paragraph(),
            TagEnd::List(_) => self.depth = self.depth.saturating_sub(1),
            TagEnd::CodeBlock => self.code(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.words);
                if let Some(row) = self.table.last_mut() {
                    row.push(printable(&cell));
                }
            }
            TagEnd::Table => self.table(),
            _ => {}
        }
    }

    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let words = std::mem::take(&mut self.words);
        let paint = match level {
            HeadingLevel::H1 => Paint::new().bold().underline(),
            HeadingLevel::H2 => Paint::new().bold().fg_color(Some(AnsiColor::Cyan.into())),
            _ => Paint::new().bold(),
        };
        let words = printable(&words);
        let line = self.paint(&words, paint);
        self.text.push_str(&line);
        self.text.push('\n');
        if !self.colour && level <= HeadingLevel::H2 {
            let rule = if level == HeadingLevel::H1 { "=" } else { "-" };
            self.text.push_str(&rule.repeat(width(&words)));
            self.text.push('\n');
        }
    }

    fn paragraph(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.trim().is_empty() {
            return;
        }
        let (first, rest) = if self.depth == 0 {
            (String::new(), String::new())
        } else {
            let indent = "  ".repeat(self.depth - 1);
            let first = if self.starts_item { format!("{indent}- ") } else { format!("{indent}  ") };
            (first, format!("{indent}  "))
        };
        self.starts_item = false;
        let lines = wrap(&printable(&words), self.columns.saturating_sub(rest.len()));
        for (index, line) in lines.iter().enumerate() {
            self.text.push_str(if index == 0 { &first } else { &rest });
            let line = self.with_code(line);
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn code(&mut self) {
        let code = self.fence.take().unwrap_or_default();
        self.blank();
        for line in printable(&code).lines() {
            let line = self.paint(line, Paint::new().fg_color(Some(AnsiColor::BrightBlack.into())));
            self.text.push_str(&format!("    {line}\n"));
        }
    }

    /// A table: columns as wide as their cells, the widest made narrower until all fit.
    fn table(&mut self) {
        self.in_table = false;
        let mut rows = std::mem::take(&mut self.table);
        let headed = rows.first().is_some_and(|head| head.iter().any(|cell| !cell.is_empty()));
        if !headed && !rows.is_empty() {
            rows.remove(0);
        }
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest =
            |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..count).map(widest).collect();
        let room = self.columns.saturating_sub(2 * count.saturating_sub(1));
        // A word is not broken: no column is narrower than its longest one.
        let longest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.flat_map(|cell| cell.split_whitespace()).map(width).max().unwrap_or(0)
        };
        let least: Vec<usize> = (0..count).map(longest).collect();
        while widths.iter().sum::<usize>() > room {
            let wider = widths.iter_mut().zip(&least).filter(|(width, least)| **width > (**least).max(12));
            let Some((widest, _)) = wider.max_by_key(|(width, _)| **width) else { break };
            *widest -= 1;
        }
        self.blank();
        for (number, row) in rows.iter().enumerate() {
            let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, width)| wrap(cell, *width)).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            for line in 0..height {
                let mut whole = String::new();
                for (column, (cell, room)) in cells.iter().zip(&widths).enumerate() {
                    let words = cell.get(line).map(String::as_str).unwrap_or_default();
                    let painted = if number == 0 && headed {
                        self.paint(words, Paint::new().bold())
                    } else if column == 0 && !headed {
                        self.paint(words, Paint::new().dimmed())
                    } else {
                        self.with_code(words)
                    };
                    whole.push_str(&painted);
                    if column + 1 < count {
                        whole.push_str(&" ".repeat((room + 2).saturating_sub(width(words))));
                    }
                }
                self.text.push_str(whole.trim_end());
                self.text.push('\n');
            }
        }
    }

    /// Text whose code spans are coloured. In a wrapped line a span may lack its other end; the
    /// backticks stay, so that the plain text reads the same.
    fn with_code(&self, line: &str) -> String {
        if !self.colour || line.matches('`').count() % 2 == 1 {
            return line.to_owned();
        }
        let parts = line.split('`').enumerate().map(|(index, part)| {
            if index % 2 == 0 {
                part.to_owned()
            } else {
                self.paint(&format!("`{part}`"), Paint::new().fg_color(Some(AnsiColor::Green.into())))
            }
        });
        parts.collect()
    }

    fn paint(&self, text: &str, paint: Paint) -> String {
        if self.colour && !text.is_empty() { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }
}

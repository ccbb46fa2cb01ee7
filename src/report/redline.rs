//! A redline for the terminal and in Markdown.

use super::{markdown::plain, one_line, printable};
use crate::{
    redline::{Piece, Redline, Shown, folded},
    wording::counted,
};

/// What is compared, in words: `version 1.0 of 2024-06-24`.
pub struct Sides {
    /// What it is about: id and title.
    pub subject: String,
    /// The old one.
    pub old: String,
    /// The new one.
    pub new: String,
}

/// How many unchanged lines were left out.
pub fn folded_lines(count: usize) -> String {
    format!("… {} as before …", counted(count, "line"))
}

/// The redline for a terminal: with colours, or with `[-old-]{+new+}`.
pub fn terminal(redline: &Redline, sides: &Sides, colour: bool) -> String {
    let style = |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let mut text = format!(
        "{}\nfrom {}\nto   {}\n",
        style("1", &one_line(&sides.subject)),
        style("31", &one_line(&sides.old)),
        style("32", &one_line(&sides.new)),
    );
    if redline.is_empty() {
        text.push_str("\nnothing differs but line ends or fields that say nothing\n");
        return text;
    }
    for field in &redline.fields {
        text.push_str(&format!("\n{}\n", style("1", &one_line(&field.title))));
        text.push_str(&indented(&lines(&folded(&field.value), colour)));
    }
    if redline.text.iter().any(|block| matches!(block, crate::redline::Block::Changed(_))) {
        text.push_str(&format!("\n{}\n", style("1", "Text")));
        text.push_str(&indented(&lines(&folded(&redline.text), colour)));
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Old,
    New,
}

/// Text that was taken out or put in. Blanks at its ends and line ends stay outside the mark, so
/// that no mark goes over a line.
fn marked(text: &str, mark: Mark, colour: bool) -> String {
    let (start, end) = match (mark, colour) {
        (Mark::Old, true) => ("\x1b[31;9m", "\x1b[0m"),
        (Mark::New, true) => ("\x1b[32;4m", "\x1b[0m"),
        (Mark::Old, false) => ("[-", "-]"),
        (Mark::New, false) => ("{+", "+}"),
    };
    by_line(text, |line| format!("{start}{}{end}", printable(line)))
}

/// Every line that holds something goes through `mark`, its blanks stay as they are.
fn by_line(text: &str, mark: impl Fn(&str) -> String) -> String {
    let mut marked = String::new();
    for line in text.split_inclusive('\n') {
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        if content.is_empty() {
            marked.push_str(end);
        } else {
            marked.push_str(&mark(content));
            marked.push_str(end);
        }
    }
    marked
}

fn lines(shown: &[Shown<'_>], colour: bool) -> String {
    let mut text = String::new();
    for part in shown {
        match part {
            Shown::Same(lines) => lines.iter().for_each(|line| text.push_str(&format!("{}\n", printable(line)))),
            Shown::Folded(count) if colour => text.push_str(&format!("\x1b[2m{}\x1b[0m\n", folded_lines(*count))),
            Shown::Folded(count) => text.push_str(&format!("{}\n", folded_lines(*count))),
            Shown::Changed(pieces) => {
                for piece in apart(pieces) {
                    text.push_str(&match &piece {
                        Piece::Same(same) => printable(same),
                        Piece::Old(old) => marked(old, Mark::Old, colour),
                        Piece::New(new) => marked(new, Mark::New, colour),
                    });
                }
                if !text.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Where a line end was taken out or moved, the mark itself says nothing: a break that is only
/// removed is shown as a blank, so that what follows does not look like a line of its own.
fn apart(pieces: &[Piece]) -> Vec<Piece> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Old(text) if text == "\n" => Piece::Old("¶".to_owned()),
            other => other.clone(),
        })
        .collect()
}

/// The redline as Markdown: `~~old~~ **new**`.
pub fn markdown(redline: &Redline, sides: &Sides) -> String {
    let mut text = format!(
        "# {}\n\nFrom {} to {}: ~~taken out~~, **put in**.\n",
        escaped(&one_line(&sides.subject)),
        escaped(&one_line(&sides.old)),
        escaped(&one_line(&sides.new))
    );
    if redline.is_empty() {
        text.push_str("\nNothing differs.\n");
        return text;
    }
    if !redline.fields.is_empty() {
        text.push_str("\n| Field | Change |\n| --- | --- |\n");
        for field in &redline.fields {
            let change = markdown_lines(&folded(&field.value)).trim().replace("\\\n", "<br>").replace('\n', "<br>");
            text.push_str(&format!("| {} | {change} |\n", escaped(&one_line(&field.title))));
        }
    }
    if redline.text.iter().any(|block| matches!(block, crate::redline::Block::Changed(_))) {
        text.push_str("\n## Text\n\n");
        text.push_str(&markdown_lines(&folded(&redline.text)));
    }
    text
}

/// Lines of the source text, each shown as it is written: nothing in it is Markdown any more.
fn markdown_lines(shown: &[Shown<'_>]) -> String {
    let mut text = String::new();
    let line_end = |text: &str| text.replace('\n', "\\\n");
    for part in shown {
        match part {
            Shown::Same(lines) => {
                for line in lines {
                    text.push_str(&format!("{}\\\n", escaped(&printable(line))));
                }
            }
            Shown::Folded(count) => text.push_str(&format!("*{}*\\\n", folded_lines(*count))),
            Shown::Changed(pieces) => {
                for piece in apart(pieces) {
                    let around = |text: &str, mark: &str| {
                        by_line(text, |line| {
                            let inner = line.trim();
                            let at = line.find(inner).unwrap_or(0);
                            // A mark next to a blank is none.
                            let (before, behind) = (&line[..at], &line[at + inner.len()..]);
                            if inner.is_empty() {
                                return line.to_owned();
                            }
                            format!("{before}{mark}{}{mark}{behind}", escaped(&printable(inner)))
                        })
                    };
                    text.push_str(&line_end(&match &piece {
                        Piece::Same(same) => by_line(same, |line| escaped(&printable(line))),
                        Piece::Old(old) => around(old, "~~"),
                        Piece::New(new) => around(new, "**"),
                    }));
                }
                if !text.ends_with('\n') {
                    text.push_str("\\\n");
                }
            }
        }
    }
    // A backslash before an empty line would be shown.
    let lines: Vec<&str> = text.lines().map(|line| if line == "\\" { "" } else { line }).collect();
    let mut text = lines.join("\n");
    while let Some(shorter) = text.strip_suffix(['\\', '\n']) {
        text.truncate(shorter.len());
    }
    text.replace("\\\n\n", "\n\n") + "\n"
}

/// Text in which nothing is Markdown or HTML, at the start of a line neither.
fn escaped(text: &str) -> String {
    let start = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
    match text[start..].chars().next() {
        Some(first) if "-+=.) \t".contains(first) => {
            let rest = &text[start + first.len_utf8()..];
            format!("{}&#{};{}", &text[..start], u32::from(first), plain(rest))
        }
        _ => plain(text),
    }
}

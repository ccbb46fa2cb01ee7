//! A redline for the terminal and in Markdown.

use super::{markdown::plain, one_line, printable};
use crate::{
    redline::{Block, Entry, Field, Piece, Redline, Shown, folded},
    wording::{counted, fitted, fitted_text, sentence},
};

/// What is compared, in words: `version 1.0 of 2024-06-24`.
pub struct Sides {
    /// What it is about: id and title.
    pub subject: String,
    /// The old one.
    pub old: String,
    /// The new one.
    pub new: String,
    /// What else is to be known, such as that a version was changed since without an approval.
    pub remarks: Vec<String>,
}

/// How many unchanged lines were left out.
pub fn folded_lines(count: usize) -> String {
    format!("… {} as before …", counted(count, "line"))
}

/// The redline for a terminal of so many characters, or with whole lines where none are given: with
/// colours, or with `[-old-]{+new+}`.
pub fn terminal(redline: &Redline, sides: &Sides, colour: bool, width: Option<usize>) -> String {
    fitted(&head(sides, colour), width) + &fitted_text(&body(redline, colour), width)
}

/// What is compared.
fn head(sides: &Sides, colour: bool) -> String {
    let style = |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let mut text = format!(
        "{}\nfrom {}\nto   {}\n",
        style("1", &one_line(&sides.subject)),
        style("31", &one_line(&sides.old)),
        style("32", &one_line(&sides.new)),
    );
    for remark in &sides.remarks {
        text.push_str(&format!("note: {}\n", one_line(remark)));
    }
    text
}

/// What differs.
fn body(redline: &Redline, colour: bool) -> String {
    let style = |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let mut text = String::new();
    if redline.is_empty() {
        return format!("\n{}\n", nothing(redline));
    }
    for field in &redline.fields {
        text.push_str(&format!("\n{}\n", style("1", &one_line(&field.title))));
        text.push_str(&indented(&lines(&folded(&field.value), colour)));
    }
    if redline.rewrapped {
        text.push_str(&format!("\n{}\n  {REWRAPPED}\n", style("1", "Text")));
    } else if has_changes(&redline.text) {
        text.push_str(&format!("\n{}\n", style("1", "Text")));
        text.push_str(&indented(&lines(&folded(&redline.text), colour)));
    }
    for entry in &redline.entries {
        text.push_str(&format!("\n{}\n", style("1", &one_line(&entry_head(entry)))));
        for field in &entry.fields {
            let value = lines(&folded(&field.value), colour);
            let value = value.trim_end_matches('\n');
            let title = one_line(&field.title);
            text.push_str(&match on_one_line(field) {
                Some(pieces) => {
                    let value = lines(&[Shown::Changed(&pieces)], colour);
                    format!("  {title}: {}\n", value.trim_end())
                }
                None => format!("  {title}:\n{}", indented(&indented(value))),
            });
        }
    }
    text
}

/// What is said where no word differs.
pub fn nothing(redline: &Redline) -> &'static str {
    if redline.rewrapped { REWRAPPED } else { "nothing differs but line ends or fields that say nothing" }
}

/// What is said of a text with other line breaks.
pub const REWRAPPED: &str = "only line breaks differ";

/// Whether a text differs.
pub fn has_changes(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| matches!(block, Block::Changed(_)))
}

/// What happened to an entry, in words: `RSK-001 Fire: changed`.
pub fn entry_head(entry: &Entry) -> String {
    format!("{}: {}", entry.name, entry.change.in_words())
}

/// The pieces of a value that stands on one line before and after; none for longer ones.
pub fn on_one_line(field: &Field) -> Option<Vec<Piece>> {
    let [Block::Changed(pieces)] = field.value.as_slice() else { return None };
    let trimmed = |piece: &Piece| match piece {
        Piece::Same(text) => Piece::Same(text.trim_end_matches('\n').to_owned()),
        Piece::Old(text) => Piece::Old(text.trim_end_matches('\n').to_owned()),
        Piece::New(text) => Piece::New(text.trim_end_matches('\n').to_owned()),
    };
    let pieces: Vec<Piece> = pieces.iter().map(trimmed).collect();
    (!pieces.iter().any(|piece| piece.text().contains('\n'))).then_some(pieces)
}

/// What differs between two values, on one line and for a terminal.
pub(super) fn in_place(before: &str, after: &str, colour: bool) -> String {
    let blocks = crate::redline::compare(before, after);
    lines(&folded(&blocks), colour).trim_end().replace('\n', " ")
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
            Shown::Folded(hidden) if colour => {
                text.push_str(&format!("\x1b[2m{}\x1b[0m\n", folded_lines(hidden.len())));
            }
            Shown::Folded(hidden) => text.push_str(&format!("{}\n", folded_lines(hidden.len()))),
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

/// The redline as Markdown, with `<del>` and `<ins>`: marks of Markdown itself do not hold next to
/// every character.
pub fn markdown(redline: &Redline, sides: &Sides) -> String {
    let mut text = format!(
        "# {}\n\nFrom {} to {}: <del>taken out</del>, <ins>put in</ins>.\n",
        escaped(&one_line(&sides.subject)),
        escaped(&one_line(&sides.old)),
        escaped(&one_line(&sides.new))
    );
    for remark in &sides.remarks {
        text.push_str(&format!("\nNote: {}.\n", escaped(&one_line(remark))));
    }
    if redline.is_empty() {
        text.push_str(&format!("\n{}.\n", sentence(nothing(redline))));
        return text;
    }
    if !redline.fields.is_empty() {
        text.push_str(&markdown_fields(&redline.fields));
    }
    if redline.rewrapped {
        text.push_str(&format!("\n## Text\n\n{}.\n", sentence(REWRAPPED)));
    } else if has_changes(&redline.text) {
        text.push_str("\n## Text\n\n");
        text.push_str(&markdown_lines(&folded(&redline.text)));
    }
    if !redline.entries.is_empty() {
        text.push_str("\n## Entries\n");
    }
    for entry in &redline.entries {
        text.push_str(&format!("\n### {}\n", escaped(&one_line(&entry_head(entry)))));
        if !entry.fields.is_empty() {
            text.push_str(&markdown_fields(&entry.fields));
        }
    }
    text
}

fn markdown_fields(fields: &[Field]) -> String {
    let mut text = "\n| Field | Change |\n| --- | --- |\n".to_owned();
    for field in fields {
        let pieces = on_one_line(field);
        let shown = pieces.as_ref().map_or_else(|| folded(&field.value), |pieces| vec![Shown::Changed(pieces)]);
        let change = markdown_lines(&shown).trim().replace("\n\n", "\n").replace("\\\n", "<br>").replace('\n', "<br>");
        text.push_str(&format!("| {} | {change} |\n", escaped(&one_line(&field.title))));
    }
    text
}

/// Lines of the source text, each shown as it is written: nothing in it is Markdown any more.
fn markdown_lines(shown: &[Shown<'_>]) -> String {
    let mut text = String::new();
    for part in shown {
        match part {
            Shown::Same(lines) => {
                for line in lines {
                    text.push_str(&format!("{}\n", escaped(&printable(line))));
                }
            }
            Shown::Folded(hidden) => text.push_str(&format!("<em>{}</em>\n", folded_lines(hidden.len()))),
            Shown::Changed(pieces) => {
                for piece in apart(pieces) {
                    let mark = match &piece {
                        Piece::Same(_) => None,
                        Piece::Old(_) => Some("del"),
                        Piece::New(_) => Some("ins"),
                    };
                    for line in piece.text().split_inclusive('\n') {
                        let content = printable(line.trim_end_matches('\n'));
                        let at_start = text.is_empty() || text.ends_with('\n');
                        let content = if at_start { escaped(&content) } else { inside(&content) };
                        text.push_str(&match mark {
                            Some(mark) if !content.is_empty() => format!("<{mark}>{content}</{mark}>"),
                            _ => content,
                        });
                        text.push_str(if line.ends_with('\n') { "\n" } else { "" });
                    }
                }
                if !text.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
    }
    // Every line end is one, but none before an empty line, where the backslash would be shown.
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        let goes_on = lines.get(place + 1).is_some_and(|next| !next.is_empty());
        text.push_str(line);
        text.push_str(if !line.is_empty() && goes_on { "\\\n" } else { "\n" });
    }
    text
}

/// Text in which nothing is Markdown or HTML, at the start of a line neither, where blanks would make
/// code of it.
fn escaped(text: &str) -> String {
    let rest = text.trim_start_matches([' ', '\t']);
    let blanks = text[..text.len() - rest.len()].replace('\t', "    ").replace(' ', "&nbsp;");
    let start = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
    let mark = rest[start..].chars().next().filter(|first| "-+=.)".contains(*first));
    // A number is one of a list only with a blank behind it.
    let mark = mark.filter(|mark| start == 0 || rest[start + mark.len_utf8()..].starts_with([' ', '\t']));
    let rest = match mark {
        Some(mark) => {
            let behind = &rest[start + mark.len_utf8()..];
            format!("{}&#{};{}", &rest[..start], u32::from(mark), inside(behind))
        }
        None => inside(rest),
    };
    format!("{blanks}{rest}")
}

/// The same inside a line. An address is no link as it is: its colon is a character reference.
fn inside(text: &str) -> String {
    plain(text).replace("&#58;&#8203;/", "&#58;/").replace("www&#8203;.", "www&#46;")
}

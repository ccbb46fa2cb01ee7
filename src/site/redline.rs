//! A redline as HTML: what was taken out and put in is marked as such, and nothing is anything but
//! text.

mod prose;

use super::html::escape;
use crate::{
    redline::{Field, Piece, Redline, Shown, folded},
    report::redline::{REWRAPPED, Sides, entry_head, folded_lines, has_changes, nothing},
};

/// The redline as part of a page.
pub fn fragment(redline: &Redline) -> String {
    let mut html = String::from("<div class=\"redline\">\n");
    if redline.is_empty() {
        html.push_str(&format!("<p>{}.</p>\n", nothing(redline)));
    } else {
        html.push_str("<p class=\"legend\"><del>taken out</del> <ins>put in</ins></p>\n");
    }
    if !redline.fields.is_empty() {
        html.push_str(&fields(&redline.fields));
    }
    if redline.rewrapped && !redline.is_empty() {
        html.push_str(&format!("<p class=\"part\">Text</p>\n<p>{REWRAPPED}</p>\n"));
    } else if has_changes(&redline.text) {
        html.push_str("<p class=\"part\">Text</p>\n");
        html.push_str(&source(&prose::html(&folded(&redline.text))));
        html.push('\n');
    }
    for entry in &redline.entries {
        html.push_str(&format!("<p class=\"part\">{}</p>\n", escape(&entry_head(entry))));
        if !entry.fields.is_empty() {
            html.push_str(&fields(&entry.fields));
        }
    }
    html.push_str("</div>\n");
    html
}

fn fields(fields: &[Field]) -> String {
    let mut html = String::from(
        "<table>\n<thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Change</th></tr></thead>\n<tbody>\n",
    );
    for field in fields {
        html.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
            escape(&field.title),
            source(&values(&folded(&field.value)))
        ));
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

/// Lines with their blanks as they are.
fn source(html: &str) -> String {
    format!("<div class=\"source\">{}</div>", html.trim_end_matches('\n'))
}

/// The lines of a value, which is no Markdown.
fn values(shown: &[Shown<'_>]) -> String {
    let mut html = String::new();
    for part in shown {
        match part {
            Shown::Same(lines) => lines.iter().for_each(|line| html.push_str(&format!("{}\n", escape(line)))),
            Shown::Folded(hidden) => {
                html.push_str(&format!("<span class=\"folded\">{}</span>\n", folded_lines(hidden.len())));
            }
            Shown::Changed(pieces) => pieces.iter().for_each(|piece| {
                html.push_str(&match piece {
                    Piece::Same(same) => escape(same),
                    Piece::Old(old) => format!("<del>{}</del>", escape(&visible(old))),
                    Piece::New(new) => format!("<ins>{}</ins>", escape(new)),
                });
            }),
        }
    }
    html
}

/// A line end alone that was taken out would not be seen.
fn visible(old: &str) -> String {
    if old == "\n" { "¶".to_owned() } else { old.to_owned() }
}

const STYLE: &str = ":root{color-scheme:light dark;--ink:#1c2024;--paper:#fff;--line:#d4dae0;--dim:#59636e;--old:#a1261b;--old-on:#fbe7e4;--new:#1a6b3c;--new-on:#e3f3e8}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#14171a;--line:#363d45;--dim:#9aa5b1;--old:#ff9d92;--old-on:#45201c;--new:#86d9a3;--new-on:#17361f}}
body{font-family:system-ui,sans-serif;line-height:1.55;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--paper)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line)}
.source{white-space:pre-wrap;overflow-wrap:anywhere;margin:1rem 0}.link{border-bottom:1px dotted var(--dim)}.folded{color:var(--dim)}td .source{margin:0}.part{font-weight:600;margin:1.5rem 0 .5rem}
del{color:var(--old);background:var(--old-on);text-decoration:line-through}ins{color:var(--new);background:var(--new-on);text-decoration:underline}";

/// The redline as a page of its own, without a script and with nothing from outside.
pub fn page(redline: &Redline, sides: &Sides) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{subject}: changes</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{subject}</h1>\n<p>From {old} to {new}</p>\n{remarks}{}</main>\n</body>\n</html>\n",
        fragment(redline),
        subject = escape(&sides.subject),
        old = escape(&sides.old),
        new = escape(&sides.new),
        remarks = if sides.remarks.is_empty() {
            String::new()
        } else {
            format!("<p>Note: {}.</p>\n", escape(&sides.remarks.join("; ")))
        },
    )
}

//! A redline as HTML: what was taken out and put in is marked as such, and nothing is anything but
//! text.

use super::html::escape;
use crate::{
    redline::{Block, Piece, Redline, Shown, folded},
    report::redline::{Sides, folded_lines},
};

/// The redline as part of a page.
pub fn fragment(redline: &Redline) -> String {
    let mut html = String::from("<div class=\"redline\">\n");
    if redline.is_empty() {
        html.push_str("<p>Nothing differs.</p>\n");
    }
    if !redline.fields.is_empty() {
        html.push_str(
            "<table>\n<thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Change</th></tr></thead>\n<tbody>\n",
        );
        for field in &redline.fields {
            html.push_str(&format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                escape(&field.title),
                text(&folded(&field.value))
            ));
        }
        html.push_str("</tbody>\n</table>\n");
    }
    if redline.text.iter().any(|block| matches!(block, Block::Changed(_))) {
        html.push_str(&text(&folded(&redline.text)));
        html.push('\n');
    }
    html.push_str("</div>\n");
    html
}

fn text(shown: &[Shown<'_>]) -> String {
    let mut html = String::from("<div class=\"source\">");
    for part in shown {
        match part {
            Shown::Same(lines) => lines.iter().for_each(|line| html.push_str(&format!("{}\n", escape(line)))),
            Shown::Folded(count) => {
                html.push_str(&format!("<span class=\"folded\">{}</span>\n", folded_lines(*count)));
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
    let shorter = html.trim_end_matches('\n').len();
    html.truncate(shorter);
    html.push_str("</div>");
    html
}

/// A line end alone that was taken out would not be seen.
fn visible(old: &str) -> String {
    if old == "\n" { "¶".to_owned() } else { old.to_owned() }
}

const STYLE: &str = "body{font-family:system-ui,sans-serif;line-height:1.55;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2024;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid #d4dae0}
.source{white-space:pre-wrap;overflow-wrap:anywhere;margin:1rem 0}.folded{color:#59636e}td .source{margin:0}
del{color:#a1261b;background:#fbe7e4;text-decoration:line-through}ins{color:#1a6b3c;background:#e3f3e8;text-decoration:underline}";

/// The redline as a page of its own, without a script and with nothing from outside.
pub fn page(redline: &Redline, sides: &Sides) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{subject}: changes</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{subject}</h1>\n<p>From <del>{old}</del> to <ins>{new}</ins></p>\n{}</main>\n</body>\n</html>\n",
        fragment(redline),
        subject = escape(&sides.subject),
        old = escape(&sides.old),
        new = escape(&sides.new),
    )
}

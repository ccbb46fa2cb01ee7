//! The redline: applying it gives both texts back, and nothing of a text is more than text.

use super::support::sms;
use attestry::{
    redline::{Block, EntryChange, Piece, Redline, Shown, Then, compare, compare_lines, folded, normalized},
    report::redline::{Sides, markdown, terminal},
    site::redline::{fragment, page},
};

fn sides(blocks: &[Block]) -> (String, String) {
    let (mut old, mut new) = (String::new(), String::new());
    for block in blocks {
        match block {
            Block::Same(text) => {
                old.push_str(text);
                new.push_str(text);
            }
            Block::Changed(pieces) => {
                for piece in pieces {
                    if !matches!(piece, Piece::New(_)) {
                        old.push_str(piece.text());
                    }
                    if !matches!(piece, Piece::Old(_)) {
                        new.push_str(piece.text());
                    }
                }
            }
        }
    }
    (old, new)
}

const TEXTS: &[&str] = &[
    "",
    "\n",
    "one",
    "one\r\ntwo\rthree",
    "# Title\n\nThe policy holds for all employees.\n\nIt is looked at each year.\n",
    "# Title\n\nThe policy holds for all staff and for guests.\n\nIt is looked at twice a year.\n\nNew.\n",
    "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n",
    "a\nb\nX\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n",
    "Zürich, “Größe”; 100 % — ok\n\u{1f600} x\n",
    "Zürich, “Größe”; 90 % - ok\n\u{1f600} y\n",
    "   leading\n\ttab\n\n\n",
    "[-x-]{+y+}\n~~a~~ **b** <ins>c</ins>\n",
];

/// Both texts as a redline gives them back: lines are, of prose the new text is, and the old one but
/// for its blanks.
fn given_back(old: &str, new: &str) {
    let (before, after) = (normalized(old), normalized(new));
    assert_eq!(sides(&compare_lines(old, new)), (before.clone(), after.clone()), "{old:?} {new:?}");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (got_old, got_new) = sides(&compare(old, new));
    assert_eq!((words(&got_old), got_new), (words(&before), after), "{old:?} {new:?}");
}

#[test]
fn applying_it_gives_both_texts_back() {
    for old in TEXTS {
        for new in TEXTS {
            given_back(old, new);
        }
    }
    // Texts made of few words in many orders, always the same ones.
    let mut seed = 7_u32;
    let mut made = || -> String {
        (0..40)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ["the ", "policy ", "holds", ", ", "\n", "\n\n", "- ", "année ", " ", "1.0 "]
                    [(seed >> 16) as usize % 10]
            })
            .collect()
    };
    for _ in 0..200 {
        let (old, new) = (made(), made());
        given_back(&old, &new);
    }
}

fn changed(old: &str, new: &str) -> Vec<String> {
    let of = |piece: &Piece| match piece {
        Piece::Same(_) => None,
        Piece::Old(text) => Some(format!("-{text}")),
        Piece::New(text) => Some(format!("+{text}")),
    };
    let pieces = |block: &Block| match block {
        Block::Same(_) => Vec::new(),
        Block::Changed(pieces) => pieces.iter().filter_map(of).collect(),
    };
    compare(old, new).iter().flat_map(pieces).collect()
}

#[test]
fn line_breaks_inside_a_paragraph_do_not_count() {
    let old = "The restore is tried each quarter, and the\nresult is reported to the boss within five\nworking days.\n";
    let new = "The restore is tried each quarter, and the result is\nreported at once to the boss within five working\ndays.\n";
    assert_eq!(changed(old, new), ["+at once "]);
    assert_eq!(changed(old, &old.replace('\n', " ")), [""; 0]);
    // In a list, a table, code and before two blanks they do.
    for (old, new) in [("- a\n- b\n", "- a - b\n"), ("```\na\nb\n```\n", "```\na b\n```\n"), ("a  \nb\n", "a b\n")] {
        assert_ne!(changed(old, new), [""; 0], "{old:?}");
    }
}

#[test]
fn rows_of_a_long_table_are_paired() {
    let row = |place: u32, more: &str| format!("| server-{place} | Ada Exampleton | {} | Oslo |{more}\n", place * 7);
    let old: String = (0..300).map(|place| row(place, "")).collect();
    let new: String = (0..300).map(|place| row(place, " yes |")).collect();
    assert_eq!(changed(&old, &new).len(), 300);
    assert!(changed(&old, &new).iter().all(|piece| piece.starts_with('+') && piece.contains("yes")));
    // A row in the middle is a row, whatever else changed.
    let middle: String = (0..300)
        .map(|place| row(place, if place == 150 { " yes |\n| new | Bo | 1 | Bergen | no |" } else { " yes |" }))
        .collect();
    let whole: Vec<String> = changed(&old, &middle).into_iter().filter(|piece| piece.contains("Bergen")).collect();
    assert_eq!(whole, ["+| new | Bo | 1 | Bergen | no |\n"]);
    // Nor is a long paragraph replaced as a whole.
    let long =
        |word: &str| (0..4000).fold(String::new(), |text, place| format!("{text}{word}{} of ", place % 1999)) + "end\n";
    let (old, mut new) = (long("w"), long("w"));
    new.insert_str(20_000, "inserted ");
    assert!(changed(&old, &new).iter().map(String::len).sum::<usize>() < 40);
}

#[test]
fn words_are_marked_and_line_ends_do_not_count() {
    let pieces = |old: &str, new: &str| match &compare(old, new)[..] {
        [Block::Changed(pieces)] => pieces.clone(),
        other => panic!("{other:?}"),
    };
    let (same, old, new) = (
        |text: &str| Piece::Same(text.into()),
        |text: &str| Piece::Old(text.into()),
        |text: &str| Piece::New(text.into()),
    );
    assert_eq!(
        pieces("It is looked at each year.\n", "It is looked at twice a year.\n"),
        [same("It is looked at "), old("each"), new("twice a"), same(" year.\n")]
    );
    // Two words next to each other are one change.
    assert_eq!(
        pieces("We answer within four hours today.\n", "We answer within two days today.\n"),
        [same("We answer within "), old("four hours"), new("two days"), same(" today.\n")]
    );
    // What has little in common is replaced whole.
    assert_eq!(
        pieces("The fax is removed.\n", "Backups go to the town hall each night.\n"),
        [old("The fax is removed.\n"), new("Backups go to the town hall each night.\n")]
    );
    assert_eq!(compare("a\r\nb", "a\nb\n"), [Block::Same("a\nb\n".to_owned())]);
    assert_eq!(compare("", ""), []);
    assert_eq!(compare("", "a\n"), [Block::Changed(vec![new("a\n")])]);
}

#[test]
fn long_unchanged_parts_are_folded() {
    let lines = |from: u32, to: u32| (from..to).fold(String::new(), |text, line| text + &format!("line {line}\n"));
    let blocks = compare_lines(&(lines(0, 20) + "old\n" + &lines(20, 23)), &(lines(0, 20) + "new\n" + &lines(20, 23)));
    let shown = folded(&blocks);
    assert!(matches!(&shown[0], Shown::Folded(hidden) if hidden.len() == 18), "{shown:?}");
    assert_eq!(shown[1], Shown::Same(vec!["line 18", "line 19"]));
    assert!(matches!(shown[2], Shown::Changed(_)));
    // To fold one line saves nothing.
    assert_eq!(shown[3], Shown::Same(vec!["line 20", "line 21", "line 22"]));
    let all = compare_lines(&lines(0, 9), &lines(0, 9));
    assert!(matches!(folded(&all).as_slice(), [Shown::Folded(hidden)] if hidden.len() == 9));
}

#[test]
fn a_very_long_text_that_differs_throughout_is_replaced_whole() {
    let many = |letter: &str| (0..9_000).fold(String::new(), |text, line| text + &format!("{letter}{line}\n"));
    let (old, new): (String, String) = (many("a"), many("b"));
    assert_eq!(sides(&compare(&old, &new)), (old, new));
}

const OLD: &str = "---\nid: POL-001\ntitle: Policy\nkind: sm-policy\nversion: \"1.0\"\nstatus: approved\naudience: [staff]\n---\n\n# Policy\n\nWe <b>answer</b> within four hours.\n";
const NEW: &str = "---\r\nid: POL-001\r\ntitle: Policy\r\nkind: sm-policy\r\nversion: \"2.0\"\r\nstatus: approved\r\naudience: [staff, guests]\r\n---\r\n\r\n# Policy\r\n\r\nWe <b>answer</b> within two | days\u{1b}[31m.\r\n";

fn redline() -> Redline {
    let sms = sms(&[("policies/p.md".to_owned(), NEW.to_owned())], "2026-06-30");
    let then = |text: &str| Then::read(&sms, "pol-001", "policies/p.md", text).unwrap();
    Redline::between(&sms, &then(OLD), &then(NEW))
}

fn named() -> Sides {
    Sides {
        subject: "POL-001 <i>".to_owned(),
        old: "version 1.0".to_owned(),
        new: "version 2.0".to_owned(),
        remarks: Vec::new(),
    }
}

#[test]
fn fields_are_told_by_their_titles() {
    let redline = redline();
    let titles: Vec<&str> = redline.fields.iter().map(|field| field.title.as_str()).collect();
    assert_eq!(titles, ["For whom", "Version"]);
    assert_eq!(sides(&redline.fields[0].value), ("staff\n".to_owned(), "staff\nguests\n".to_owned()));
}

#[test]
fn a_terminal_shows_marks_and_nothing_steers_it() {
    let plain = terminal(&redline(), &named(), false, None);
    assert!(plain.contains("Version\n  [-1.0-]\n  {+2.0+}\n"), "{plain}");
    assert!(plain.contains("within [-four hours-]{+two | days?[31m+}."), "{plain}");
    assert!(!plain.contains('\u{1b}') && !plain.contains('\r'), "{plain:?}");
    let coloured = terminal(&redline(), &named(), true, None);
    assert!(coloured.contains("\u{1b}[31;9mfour hours\u{1b}[0m"), "{coloured:?}");
    // The escape of the text itself is disarmed; only our own are left.
    assert!(coloured.contains("\u{1b}[32;4mtwo | days?[31m\u{1b}[0m."), "{coloured:?}");
}

#[test]
fn a_narrow_terminal_breaks_between_words() {
    let (old, new) = (
        "- We answer each and every request of a customer within four hours of its arrival.\n\n| a | table |\n",
        "- We answer each and every request of a customer or guest within two days of when it arrived.\n\n| a | wider table with more in it |\n",
    );
    let redline = Redline { text: compare(old, new), ..Redline::default() };
    let whole = terminal(&redline, &named(), false, None);
    let narrow = terminal(&redline, &named(), false, Some(40));
    assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
    assert!(
        narrow.contains("  - We answer each and every request of\n    a customer {+or guest +}within\n    [-four"),
        "{narrow}"
    );
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&narrow), words(&whole));
    // A mark that goes on is ended and begun again, so that the indent is not struck through.
    let coloured = terminal(&redline, &named(), true, Some(40));
    assert!(coloured.contains("\u{1b}[31;9mfour\u{1b}[0m\n    \u{1b}[31;9mhours\u{1b}[0m"), "{coloured:?}");
}

#[test]
fn html_is_escaped_and_needs_nothing() {
    let html = fragment(&redline());
    assert!(html.contains("We &lt;b&gt;answer&lt;/b&gt; within <del>four hours</del><ins>two | days"), "{html}");
    assert!(!html.contains("<b>") && !html.contains('\u{1b}'), "{html}");
    let page = page(&redline(), &named());
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h1>POL-001 &lt;i&gt;</h1>"), "{page}");
    assert!(!page.contains("<script") && !page.contains("src="), "{page}");
}

/// The text of a redline in HTML.
fn prose(old: &str, new: &str) -> String {
    let html = fragment(&Redline { text: compare(old, new), ..Redline::default() });
    let (_, text) = html.split_once("<div class=\"source\">").unwrap_or_else(|| panic!("{html}"));
    text.split_once("</div>").unwrap().0.to_owned()
}

#[test]
fn html_reads_as_text() {
    let same =
        "# What for\n\nWe **always** answer, see [*our* policy](a_b.md), `1 * 2` and snake_case_name.\n\n  - one\n";
    let shown = "<strong>What for</strong>\n\nWe <strong>always</strong> answer, see <span class=\"link\"><em>our</em> policy</span>, <code>1 * 2</code> and snake_case_name.\n\n  • one\n";
    assert_eq!(
        prose(&format!("{same}Four.\n"), &format!("{same}Five.\n")),
        format!("{shown}<del>Four</del><ins>Five</ins>.")
    );
    for (old, new, shown) in [
        // What changed inside of marks, and marks that come or go with what they mark.
        ("We **never** ask.", "We **always** ask.", "We <strong><del>never</del><ins>always</ins></strong> ask."),
        ("We ask.", "We ask `git log` too.", "We ask<ins> </ins><code><ins>git log</ins></code><ins> too</ins>."),
        // Marks that changed.
        ("We **never** ask.", "We never ask.", "We <del>**</del>never<del>**</del> ask."),
        ("## Part\n", "### Part\n", "##<ins>#</ins> Part"),
        // Where a link leads is shown where it changed.
        ("See [it](a.md).", "See [it](b.md).", "See it (<del>a.md</del><ins>b.md</ins>)."),
        ("See it now.", "See it, [there](b.md) now.", "See it<ins>, there (b.md)</ins> now."),
        ("See [it](a.md).", "See [that](a.md).", "See <span class=\"link\"><del>it</del><ins>that</ins></span>."),
        // No marks at all.
        ("2 * 3 * 4 a", "2 * 3 * 4 b", "2 * 3 * 4 <del>a</del><ins>b</ins>"),
        ("\\*a\\* ![x](y) c", "\\*a\\* ![x](y) d", "\\*a\\* ![x](y) <del>c</del><ins>d</ins>"),
        ("```\n# a **b**\n```\nc", "```\n# a **b**\n```\nd", "```\n# a **b**\n```\n<del>c\n</del><ins>d\n</ins>"),
        ("a\n\n    **b**\n\nc", "a\n\n    **b**\n\nd", "a\n\n    **b**\n\n<del>c\n</del><ins>d\n</ins>"),
    ] {
        assert_eq!(prose(old, new), shown, "{old:?} {new:?}");
    }
}

#[test]
fn html_loses_no_change() {
    let texts = [
        "# Title\n\nThe **policy** holds for _all_ [staff](a.md).\n\n- one\n- `two`\n",
        "# Title\n\nThe policy holds for _all [staff](b.md)_.\n\n* one\n- two\n",
        "## Title\n\nThe **policy holds** for __all__ [staff](b.md \"t\").\n\n1. one\n- ``two``\n",
        "```\n# Title\n```\n\nThe *policy holds for all* staff (a.md).\n\n> one\n- two\n",
        "**a *b** c* `d **e` f** [g [h](i) j](k) ****\n",
        "**a** *b c `d e` f [g h](i) [j](k)\n",
    ];
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let without = |html: &str, tag: &str| {
        let start = format!("<{tag}>");
        let kept = html.split(&start).enumerate().map(|(place, part)| match place {
            0 => part,
            _ => part.split_once(&format!("</{tag}>")).unwrap().1,
        });
        kept.collect::<String>()
    };
    let bare = |html: &str| {
        let text = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>();
        text.replace("&quot;", "\"").replace("&gt;", ">")
    };
    for old in texts {
        for new in texts.iter().filter(|new| **new != old) {
            let html = prose(old, new);
            assert!(html.contains("<del>") || html.contains("<ins>"), "{old:?} {new:?}: {html}");
            // Only where a link leads that is the same in both is left out.
            for (side, text) in [(without(&html, "ins"), old), (without(&html, "del"), *new)] {
                let (shown, mut wanted) = (letters(&bare(&side)), letters(text));
                if shown != wanted {
                    for target in ["(a.md)", "(b.md)", "(k)", "(i)"] {
                        wanted = if text.contains(target) && !side.contains(target) {
                            letters(&text.replace(target, ""))
                        } else {
                            wanted
                        };
                    }
                }
                assert_eq!(shown, wanted, "{old:?} {new:?}: {html}");
            }
        }
    }
    // Nothing but marks takes no longer.
    let much = "*a `b [c](d _e ".repeat(20_000);
    let html = prose(&format!("{much}\n\nx\n"), &format!("{much}\n\ny\n"));
    assert!(html.contains("<ins>y"), "{}", html.len());
}

#[test]
fn markdown_is_only_text() {
    let text = markdown(&redline(), &named());
    assert!(text.contains("<del>four hours</del><ins>two &#124; days"), "{text}");
    assert!(!text.contains("<b>") && !text.contains("<i>"), "{text}");
}

const RISKS: &str = "kind: risk\nid: REG-RISKS\ntitle: Risks\nversion: \"1.0\"\nstatus: approved\nentries:\n";

#[test]
fn a_register_shows_its_entries() {
    let (old, new) = (
        format!("{RISKS}  - {{id: RSK-001, title: Fire, score: 10}}\n  - {{id: RSK-002, title: Flood}}\n"),
        format!("{RISKS}  - {{id: RSK-001, title: Fire, score: 1}}\n  - {{id: RSK-003, title: Theft}}\n"),
    );
    let sms = sms(&[("registers/risks.yaml".to_owned(), new.clone())], "2026-06-30");
    let then = |text: &str| Then::read(&sms, "REG-RISKS", "registers/risks.yaml", text).unwrap();
    let redline = Redline::between(&sms, &then(&old), &then(&new));
    let told: Vec<(&str, EntryChange)> = redline.entries.iter().map(|one| (one.name.as_str(), one.change)).collect();
    assert_eq!(
        told,
        [
            ("RSK-001 Fire", EntryChange::Changed),
            ("RSK-002 Flood", EntryChange::Removed),
            ("RSK-003 Theft", EntryChange::Added)
        ]
    );
    let text = terminal(&redline, &named(), false, None);
    assert!(text.contains("RSK-001 Fire: changed\n  Score before treatment: [-10-]{+1+}\n"), "{text}");
    assert!(fragment(&redline).contains("<del>10"), "{}", fragment(&redline));
    assert!(markdown(&redline, &named()).contains("### RSK-001 Fire&#58; changed"));
}

#[test]
fn other_line_breaks_alone_are_said() {
    let old = OLD.replace("We <b>answer</b> within four hours.", "We answer within four hours today.");
    let new = OLD.replace("We <b>answer</b> within four hours.", "We answer within\nfour hours today.");
    let sms = sms(&[("policies/p.md".to_owned(), new.clone())], "2026-06-30");
    let then = |text: &str| Then::read(&sms, "pol-001", "policies/p.md", text).unwrap();
    let redline = Redline::between(&sms, &then(&old), &then(&new));
    assert!(redline.is_empty() && redline.rewrapped, "{redline:?}");
    assert!(terminal(&redline, &named(), false, None).ends_with("only line breaks differ\n"));
}

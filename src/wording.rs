//! Words in messages: how a title goes on inside a sentence, how a count is said, how a paragraph
//! is broken into lines.

/// A title inside a sentence: with a small first letter, unless it begins with an abbreviation.
pub fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let is_abbreviation = text.chars().nth(1).is_some_and(char::is_uppercase);
    match characters.next() {
        Some(first) if !is_abbreviation => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

/// A phrase as the beginning of a sentence: with a capital letter.
pub fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}

/// A count with its noun: `1 clause`, `2 clauses`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A word for a shell: in quotes where it holds more than a shell takes as it is.
pub fn shell_word(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "-_./:@+,=".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Lines of at most `room` characters; a longer word has a line of its own.
pub fn wrap(words: &str, room: usize) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let last = lines.last_mut().filter(|line| line.is_empty() || width(line) + 1 + width(word) <= room);
        match last {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Text of which no line is wider than a terminal, broken between words; without a width, which is no
/// terminal, the text as it is. What goes on stands below
/// where the line's last column began: behind the first gap of two blanks, else two more than the
/// line's own indent. Excerpts of sources, marked by a bar, stay as they are. Codes of colours take
/// no room, and no colour goes over the break.
pub fn fitted(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    let of = |line: &str| {
        let plain = without_colours(line.trim_end_matches('\n'));
        let bar = plain.trim_start().trim_start_matches(|one: char| one.is_ascii_digit()).trim_start();
        if bar.starts_with('|') {
            return line.to_owned();
        }
        let own = indent(&plain);
        let gap =
            plain[own..].find("  ").map(|gap| gap + plain[own + gap..].len() - plain[own + gap..].trim_start().len());
        let column = gap.map(|gap| plain[..own + gap].chars().count()).filter(|column| *column <= width / 2);
        // What stands far in goes on with a line before it.
        broken(line, width, column.unwrap_or(if own > 8 { own } else { own + 2 }))
    };
    text.split_inclusive('\n').map(of).collect()
}

/// The same for lines of a text, whose gaps and bars say nothing: what goes on stands two more than
/// the line's own indent.
pub fn fitted_text(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    text.split_inclusive('\n').map(|line| broken(line, width, indent(&without_colours(line)) + 2)).collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A line broken between words; what goes on stands so many characters in.
fn broken(line: &str, width: usize, hang: usize) -> String {
    if without_colours(line.trim_end_matches('\n')).chars().count() <= width {
        return line.to_owned();
    }
    let hang = hang.min(width / 2);
    let (mut out, mut room) = (String::new(), 0);
    // The codes since the last one that ends them all.
    let mut codes = String::new();
    for word in line.split_inclusive(' ') {
        let shown = without_colours(word.trim_end());
        let length = shown.chars().count();
        if room + length > width && room > hang && !shown.is_empty() {
            out.truncate(out.trim_end_matches(' ').len());
            if !codes.is_empty() {
                out.push_str(PLAIN);
            }
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            out.push_str(&codes);
            room = hang;
        }
        out.push_str(word);
        room += without_colours(word.trim_end_matches('\n')).chars().count();
        for code in word.split('\u{1b}').skip(1).filter_map(|code| code.split_once('m')) {
            match code.0 {
                "[0" => codes.clear(),
                code => codes.push_str(&format!("\u{1b}{code}m")),
            }
        }
    }
    out
}

/// Ends all colours.
const PLAIN: &str = "\u{1b}[0m";

/// Text without the codes that colour it in a terminal.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_the_terminal() {
        assert_eq!(fitted("  judges  a bb ccc dddd\nx\n", Some(20)), "  judges  a bb ccc\n          dddd\nx\n");
        assert_eq!(fitted("\u{1b}[31mone\u{1b}[0m two three", Some(9)), "\u{1b}[31mone\u{1b}[0m two\n  three");
        assert_eq!(fitted("12 | a very long line of a file", Some(9)), "12 | a very long line of a file");
        assert_eq!(fitted_text("| a very |  long\n", Some(11)), "| a very |\n  long\n");
    }

    #[test]
    fn no_colour_goes_over_a_break() {
        let line = "so \u{1b}[1m\u{1b}[31mone two\u{1b}[0m three";
        let broken = "so \u{1b}[1m\u{1b}[31mone\u{1b}[0m\n  \u{1b}[1m\u{1b}[31mtwo\u{1b}[0m\n  three";
        assert_eq!(fitted(line, Some(7)), broken);
    }

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(lower_first("Service level agreement"), "service level agreement");
        assert_eq!(lower_first("SLA of a service"), "SLA of a service");
    }

    #[test]
    fn a_long_word_stands_alone() {
        assert_eq!(wrap("a bc defghij k", 4), ["a bc", "defghij", "k"]);
    }
}

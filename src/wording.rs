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

#[cfg(test)]
mod tests {
    use super::*;

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

//! Values as YAML text.

use super::core_value;
use serde_json::Value;

/// Text as a YAML scalar: plain where it stays text, else in double quotes. Characters that steer
/// a terminal or turn the direction of writing are escaped.
pub fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.starts_with(|first: char| first.is_alphanumeric())
        && text.chars().all(|character| character.is_alphanumeric() || " ._/-+".contains(character))
        && !text.ends_with(' ')
        && core_value(text).is_string()
        && !text.chars().all(|character| character.is_ascii_digit() || character == '.');
    if plain { text.to_owned() } else { quoted(text) }
}

/// Text in double quotes, as JSON and YAML both read it.
fn quoted(text: &str) -> String {
    let json = Value::String(text.to_owned()).to_string();
    if json.is_ascii() && !json.contains('\u{7f}') {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len()), |mut quoted, character| {
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => quoted.push(character),
        }
        quoted
    })
}

/// A value in one line.
pub fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}: {}", scalar(name), flow(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let texts = [
            "plain",
            "1.10",
            "1e5",
            "null",
            "a: b # c",
            "- x",
            "\u{1b}[31m\u{9b}x",
            "line\nbreak\t\"quoted\" \\",
            "\u{202e}turned\u{2028}\u{feff}",
            "zoë",
            "",
            " ",
            "dependency-robot[bot]",
        ];
        for text in texts {
            let written = scalar(text);
            assert!(written.chars().all(|character| !character.is_control() && character != '\u{202e}'), "{written}");
            let (node, defects) = read(&format!("a: {written}\n"), 0);
            assert_eq!(defects, []);
            assert_eq!(node.expect("a tree").to_json()["a"], text, "{written}");
        }
    }
}

//! Values as YAML text.

use crate::yaml::core_value;
use serde_json::Value;

/// Text as a YAML scalar: plain where it stays text, else in double quotes.
pub fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.starts_with(|first: char| first.is_alphanumeric())
        && text.chars().all(|character| character.is_alphanumeric() || " ._/-+".contains(character))
        && !text.ends_with(' ')
        && core_value(text).is_string()
        && !text.chars().all(|character| character.is_ascii_digit() || character == '.');
    if plain { text.to_owned() } else { Value::String(text.to_owned()).to_string() }
}

/// A value in one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {}", flow(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// A field in as many lines as it needs: a list of mappings has one line per item.
pub(super) fn field(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            std::iter::once(format!("{name}:")).chain(items.iter().map(|item| format!("  - {}", flow(item)))).collect()
        }
        value => vec![format!("{name}: {}", flow(value))],
    }
}

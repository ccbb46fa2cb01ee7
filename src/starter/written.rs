//! Fields of a new document as YAML text.

use crate::yaml::flow;
use serde_json::Value;

/// A field in as many lines as it needs: a list of mappings has one line per item.
pub(super) fn field(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            std::iter::once(format!("{name}:")).chain(items.iter().map(|item| format!("  - {}", flow(item)))).collect()
        }
        value => vec![format!("{name}: {}", flow(value))],
    }
}

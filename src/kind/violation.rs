//! Schema errors in words that a service manager understands, each at the value it is about.
//! Of alternatives, the one that was meant is reported, not the list of all.

use super::{Basis, Compiled, nearest};
use crate::wording::lower_first;
use crate::yaml::escape;
use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as ErrorKind},
};
use serde_json::Value;

/// One way in which a value breaks its kind's schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The JSON pointer of the value; of a missing or unknown field, that field's own.
    pub pointer: String,
    /// Which schema keyword fails.
    pub nature: Fault,
    /// What is wrong; `{name}` stands for the field as the user calls it.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Why the field is there, where the schema says so.
    pub basis: Option<Basis>,
}

/// Sorts of violations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A field that is due is not there.
    Missing,
    /// A field that the kind does not know.
    Unknown,
    /// A value of the wrong type, form or range.
    Value,
}

pub(super) fn collect(error: &ValidationError<'_>, compiled: &Compiled, all: &mut Vec<Violation>) {
    let pointer = error.instance_path().to_string();
    match error.kind() {
        ErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            all.push(missing(&pointer, name, error, compiled));
        }
        ErrorKind::UnevaluatedProperties { unexpected } | ErrorKind::AdditionalProperties { unexpected } => {
            // A failing branch also makes known fields look unexpected: only unknown ones count.
            let shape = compiled.shape.at(&pointer);
            for name in
                unexpected.iter().filter(|name| !shape.is_some_and(|shape| shape.properties.contains_key(*name)))
            {
                let near = shape.and_then(|shape| nearest(name, shape.properties.keys().map(String::as_str)));
                let help = near.map_or_else(
                    || "remove it, or write it in the text".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                all.push(Violation {
                    pointer: format!("{pointer}/{}", escape(name)),
                    nature: Fault::Unknown,
                    message: "`{name}` is not a field of this kind".to_owned(),
                    help,
                    basis: None,
                });
            }
        }
        ErrorKind::AnyOf { context } | ErrorKind::OneOfNotValid { context } if !context.is_empty() => {
            if let Some(meant) = context.iter().min_by_key(|branch| distance(branch, &pointer)) {
                for error in meant {
                    collect(error, compiled, all);
                }
            }
        }
        _ => all.push(wrong_value(pointer, error, compiled)),
    }
}

/// How far a branch is from being meant: one that fails by type or constant at the value itself
/// is another alternative; among the rest, few and deep errors are near.
fn distance(branch: &[ValidationError<'static>], pointer: &str) -> (usize, usize, usize) {
    let depth = |error: &ValidationError<'_>| error.instance_path().to_string().matches('/').count();
    let other = branch.iter().filter(|error| {
        let at_root = error.instance_path().to_string() == pointer;
        match error.kind() {
            ErrorKind::Type { .. } => at_root,
            ErrorKind::Constant { .. } | ErrorKind::Enum { .. } => depth(error) <= pointer.matches('/').count() + 1,
            _ => false,
        }
    });
    (other.count(), branch.len(), usize::MAX - branch.iter().map(depth).max().unwrap_or(0))
}

fn missing(pointer: &str, name: &str, error: &ValidationError<'_>, compiled: &Compiled) -> Violation {
    let own = format!("{pointer}/{}", escape(name));
    let shape = compiled.shape.at(&own);
    let when = condition_of(error, compiled);
    let title = shape.and_then(|shape| shape.title.as_deref()).map(lower_first);
    let what = title.map_or_else(String::new, |title| format!(" ({title})"));
    Violation {
        message: format!(
            "`{{name}}`{what} is missing{}",
            when.map_or_else(String::new, |when| format!("; it is due {when}"))
        ),
        nature: Fault::Missing,
        help: shape
            .filter(|shape| !shape.values.is_empty())
            .map_or_else(|| "add `{name}`".to_owned(), |shape| format!("add `{{name}}`: {}", one_of(&shape.values))),
        basis: shape.and_then(|shape| shape.basis),
        pointer: own,
    }
}

/// The title of the condition under which a failing `then` applies: "once approved".
fn condition_of(error: &ValidationError<'_>, compiled: &Compiled) -> Option<String> {
    let path = error.schema_path().to_string();
    let absolute = error.absolute_keyword_location().map(|uri| uri.as_str().to_owned()).unwrap_or_default();
    let in_metadata = absolute.contains("metadata.schema.json");
    let path = absolute.split_once('#').map_or(path, |(_, fragment)| fragment.to_owned());
    let (before, _) = path.rsplit_once("/then/")?;
    let root = if in_metadata { super::metadata() } else { &compiled.schema };
    let condition = root.pointer(before)?.get("if")?;
    let title = match condition["$ref"].as_str() {
        Some(reference) => {
            let (file, fragment) = reference.split_once('#')?;
            let target = if file.ends_with("metadata.schema.json") { super::metadata() } else { root };
            target.pointer(fragment)?["title"].as_str()
        }
        None => condition["title"].as_str(),
    };
    title.map(str::to_owned)
}

fn wrong_value(pointer: String, error: &ValidationError<'_>, compiled: &Compiled) -> Violation {
    let shape = compiled.shape.at(&pointer);
    let shown = shown(error.instance());
    let (message, help) = match error.kind() {
        ErrorKind::Type { kind } => {
            let types = match kind {
                TypeKind::Single(one) => one.to_string(),
                TypeKind::Multiple(several) => {
                    several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
                }
            };
            (format!("{shown} is not {}", in_words(&types)), format!("give {}", in_words(&types)))
        }
        ErrorKind::Enum { options } => {
            let values: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect();
            let near = error.instance().as_str().and_then(|word| nearest(word, values.iter().map(String::as_str)));
            let help = near.map_or_else(
                || format!("use {}", one_of(&values)),
                |near| format!("did you mean `{near}`? allowed: {}", one_of(&values)),
            );
            (format!("{shown} is not an allowed value of `{{name}}`"), help)
        }
        ErrorKind::Constant { expected_value } => {
            (format!("{shown} is not {expected_value}"), format!("use {expected_value}"))
        }
        ErrorKind::Format { format } if format == "date" => {
            (format!("{shown} is not a date"), "write a day that exists as YYYY-MM-DD".to_owned())
        }
        ErrorKind::Format { format } => (format!("{shown} is not a valid {format}"), format!("give a valid {format}")),
        // An empty text also misses every pattern; it is said once.
        ErrorKind::MinLength { .. } | ErrorKind::Pattern { .. } if error.instance().as_str() == Some("") => {
            ("`{name}` is empty".to_owned(), "fill it, or remove the field".to_owned())
        }
        ErrorKind::Pattern { pattern } => {
            let title = shape.and_then(|shape| shape.title.clone());
            let help = shape_of_pattern(error, compiled)
                .or(title)
                .map_or_else(|| format!("it has to match `{pattern}`"), |title| format!("expected: {title}"));
            (format!("{shown} does not have the form of `{{name}}`"), help)
        }
        ErrorKind::Minimum { limit } => (format!("{shown} is less than {limit}"), format!("give {limit} or more")),
        ErrorKind::Maximum { limit } => (format!("{shown} is more than {limit}"), format!("give {limit} or less")),
        ErrorKind::ExclusiveMinimum { limit } => {
            (format!("{shown} is not more than {limit}"), format!("give more than {limit}"))
        }
        ErrorKind::ExclusiveMaximum { limit } => {
            (format!("{shown} is not less than {limit}"), format!("give less than {limit}"))
        }
        ErrorKind::MinItems { limit } => (
            format!("`{{name}}` has fewer than {limit} item{}", if *limit == 1 { "" } else { "s" }),
            format!("list at least {limit}"),
        ),
        ErrorKind::UniqueItems => ("`{name}` names something twice".to_owned(), "name each once".to_owned()),
        _ => (error.masked_with("the value").to_string(), "see `attestry explain` for the kind".to_owned()),
    };
    Violation { pointer, nature: Fault::Value, message, help, basis: shape.and_then(|shape| shape.basis) }
}

/// The title beside the pattern that failed, which says the expected form in words.
fn shape_of_pattern(error: &ValidationError<'_>, compiled: &Compiled) -> Option<String> {
    let absolute = error.absolute_keyword_location()?.as_str().to_owned();
    let (file, fragment) = absolute.split_once('#')?;
    let root = if file.ends_with("metadata.schema.json") { super::metadata() } else { &compiled.schema };
    let (parent, _) = fragment.rsplit_once('/')?;
    root.pointer(parent)?["title"].as_str().map(str::to_owned)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() > 60 => format!("`{}…`", text.chars().take(57).collect::<String>()),
        Value::String(text) => format!("`{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        other => format!("`{other}`"),
    }
}

fn in_words(types: &str) -> String {
    types
        .split(" or ")
        .map(|name| match name {
            "string" => "text",
            "array" => "a list",
            "object" => "a mapping",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "`true` or `false`",
            other => other,
        })
        .collect::<Vec<_>>()
        .join(" or ")
}

fn one_of(values: &[String]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}

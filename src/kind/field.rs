//! The fields of a kind as a person reads them: what each holds, why it is there and when it is
//! due. Made from the schema for explanations and for new documents.

use super::{Basis, Kind, condition_title, metadata};
use serde_json::Value;
use std::collections::BTreeMap;

/// Deeper definitions are not followed; no built-in schema comes near.
const DEPTH: usize = 12;

/// A field of a kind.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in data.
    pub name: String,
    /// Its name in print.
    pub title: String,
    /// What it holds.
    pub holds: Holds,
    /// Why it is there.
    pub basis: Option<Basis>,
    /// Whether the text may be a link to a heading of the body.
    pub section: bool,
    /// When it is due; none where it is optional.
    pub due: Option<Due>,
    /// Whether every document may have it (the shared metadata).
    pub shared: bool,
}

/// When a field is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// "once approved"; empty where it is due from the start.
    pub when: String,
    /// Whether practice expects it, as against the schema asking for it.
    pub expected: bool,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// Text.
    Text,
    /// Text of a form that the words describe.
    Form(String),
    /// One of these words.
    OneOf(Vec<String>),
    /// A day.
    Date,
    /// A day, or a day and time.
    Moment,
    /// An interval.
    Interval,
    /// A number, at least this.
    Number(Option<f64>),
    /// `true` or `false`.
    Boolean,
    /// The id of a person or role.
    Party,
    /// The id of a person.
    Person,
    /// The id of a document of these kinds; `*` for any.
    Reference(Vec<String>),
    /// The number of a clause.
    Clause,
    /// A list.
    List(Box<Holds>),
    /// A mapping: name, what it holds, whether it must be there.
    Mapping(Vec<(String, Holds, bool)>),
    /// One of several sorts of value.
    Either(Vec<Holds>),
    /// Anything.
    Anything,
}

impl Holds {
    /// In words: "list of ids: service".
    pub fn in_words(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Form(words) => words.clone(),
            Self::OneOf(values) => values.join(", "),
            Self::Date => "day, YYYY-MM-DD".to_owned(),
            Self::Moment => "day or moment, YYYY-MM-DDTHH:MM".to_owned(),
            Self::Interval => "interval, such as `6 months`".to_owned(),
            Self::Number(_) => "number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Party => "id of a person or role".to_owned(),
            Self::Person => "id of a person".to_owned(),
            Self::Reference(kinds) if kinds.is_empty() || kinds.iter().any(|kind| kind == "*") => {
                "id of a document".to_owned()
            }
            Self::Reference(kinds) => format!("id: {}", kinds.join(" or ")),
            Self::Clause => "clause number".to_owned(),
            Self::List(inner) => match inner.as_ref() {
                Self::OneOf(values) => format!("list of: {}", values.join(", ")),
                Self::Reference(_) | Self::Party | Self::Person => {
                    format!("list of {}", inner.in_words().replacen("id", "ids", 1))
                }
                Self::Mapping(_) => format!("list of {}", inner.in_words()),
                inner => format!("list of {}", inner.in_words()),
            },
            Self::Mapping(fields) if fields.is_empty() => "mapping".to_owned(),
            Self::Mapping(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, _, required)| if *required { name.clone() } else { format!("{name}?") })
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
            Self::Either(several) => several.iter().map(Self::in_words).collect::<Vec<_>>().join(" or "),
            Self::Anything => "a value".to_owned(),
        }
    }
}

impl Kind {
    /// Its fields: its own in the order of the schema, then the shared metadata.
    pub fn fields(&self) -> Vec<Field> {
        let compiled = self.compiled();
        let schema = &compiled.schema;
        let mut due = BTreeMap::new();
        collect_due(schema, schema, "", &mut due, 0);
        for (name, shape) in &compiled.shape.properties {
            if let Some(condition) = &shape.due {
                let when = condition_title(schema, condition);
                due.entry(name.clone()).or_insert(Due { when, expected: true });
            }
        }
        let own = schema["properties"].as_object();
        let shared = shared(schema);
        let names = own.into_iter().flat_map(|own| own.keys()).map(|name| (name, false));
        let rest = shared.keys().filter(|name| own.is_none_or(|own| !own.contains_key(*name))).map(|name| (name, true));
        let field = |(name, is_shared): (&String, bool)| {
            let property = own.and_then(|own| own.get(name)).or_else(|| shared.get(name)).unwrap_or(&Value::Null);
            let root = if is_shared { metadata() } else { schema };
            let shape = compiled.shape.properties.get(name);
            Field {
                name: name.clone(),
                title: shape.and_then(|shape| shape.title.clone()).unwrap_or_else(|| name.replace('_', " ")),
                holds: holds(property, root, 0),
                basis: shape.and_then(|shape| shape.basis),
                section: shape.is_some_and(|shape| shape.section),
                due: due.get(name).cloned(),
                shared: is_shared,
            }
        };
        names.chain(rest).map(field).collect()
    }
}

/// The fields that the shared definitions of this kind's form bring.
fn shared(schema: &Value) -> serde_json::Map<String, Value> {
    let document = schema["allOf"][0]["$ref"].as_str().is_some_and(|reference| reference.ends_with("/document"));
    let form = if document { "document" } else { "record" };
    let definitions = &metadata()["$defs"];
    let mut all = definitions["metadata"]["properties"].as_object().cloned().unwrap_or_default();
    all.extend(definitions[form]["properties"].as_object().cloned().unwrap_or_default());
    all
}

/// Walks `required`, `allOf` and `if`/`then`, and notes from when each field is due.
fn collect_due(schema: &Value, root: &Value, when: &str, due: &mut BTreeMap<String, Due>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let entry = due.entry(name.to_owned()).or_insert_with(|| Due { when: when.to_owned(), expected: false });
        if when.is_empty() {
            *entry = Due { when: String::new(), expected: false };
        }
    }
    if let Some((target, target_root)) = schema["$ref"].as_str().and_then(|reference| resolve(reference, root)) {
        collect_due(target, target_root, when, due, depth + 1);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect_due(part, root, when, due, depth + 1);
    }
    if schema.get("if").is_some() && schema.get("then").is_some() {
        let condition = &schema["if"];
        let title = condition["$ref"]
            .as_str()
            .and_then(|reference| resolve(reference, root))
            .map_or(condition, |(target, _)| target)["title"]
            .as_str()
            .unwrap_or("in some cases");
        collect_due(&schema["then"], root, title, due, depth + 1);
    }
}

fn resolve<'a>(reference: &str, root: &'a Value) -> Option<(&'a Value, &'a Value)> {
    let (file, fragment) = reference.split_once('#')?;
    let target = if file.ends_with("metadata.schema.json") { metadata() } else { root };
    Some((target.pointer(fragment)?, target))
}

fn holds(property: &Value, root: &Value, depth: usize) -> Holds {
    if depth > DEPTH {
        return Holds::Anything;
    }
    let refers_to = &property["x-attestry"]["refers_to"];
    let kinds = || refers_to.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some(reference) = property["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return match name {
            "date" => Holds::Date,
            "moment" => Holds::Moment,
            "interval" => Holds::Interval,
            "party" => Holds::Party,
            "person" => Holds::Person,
            "reference" => Holds::Reference(kinds()),
            "clause" => Holds::Clause,
            _ => resolve(reference, root).map_or(Holds::Anything, |(target, root)| holds(target, root, depth + 1)),
        };
    }
    if let Some(values) = property["enum"].as_array() {
        return Holds::OneOf(
            values.iter().map(|value| value.as_str().map_or(value.to_string(), str::to_owned)).collect(),
        );
    }
    if let Some(word) = property["const"].as_str() {
        return Holds::OneOf(vec![word.to_owned()]);
    }
    if let Some(branches) = ["anyOf", "oneOf"].iter().find_map(|keyword| property[*keyword].as_array())
        && property.get("type").is_none()
    {
        return Holds::Either(branches.iter().map(|branch| holds(branch, root, depth + 1)).collect());
    }
    match property["type"].as_str() {
        Some("string") if property["format"] == "date" => Holds::Date,
        Some("string") if property["pattern"].is_string() => {
            Holds::Form(property["title"].as_str().unwrap_or("text of a fixed form").to_owned())
        }
        Some("string") if refers_to.is_array() => Holds::Reference(kinds()),
        Some("string") => Holds::Text,
        Some("number" | "integer") => Holds::Number(property["minimum"].as_f64()),
        Some("boolean") => Holds::Boolean,
        Some("array") => Holds::List(Box::new(holds(&property["items"], root, depth + 1))),
        Some("object") => {
            let required =
                |name: &str| property["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
            let fields = property["properties"].as_object().into_iter().flatten();
            Holds::Mapping(
                fields.map(|(name, inner)| (name.clone(), holds(inner, root, depth + 1), required(name))).collect(),
            )
        }
        _ => Holds::Anything,
    }
}

//! Schemas, parsed and compiled: without a network, without files, each when it is first needed.

use super::{BuiltIn, Compiled, Notes, Shape, Violation, built_in, violation};
use jsonschema::{PatternOptions, Retrieve, Uri, Validator};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

const BASE: &str = "attestry:///schema/kinds/";

/// The shared definitions as data.
pub(super) fn metadata() -> &'static Value {
    static PARSED: OnceLock<Value> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(built_in::METADATA).unwrap_or_default())
}

/// Hands out built-in schemas and refuses everything else: no network, no files.
struct OnlyBuiltIn;

impl Retrieve for OnlyBuiltIn {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str().split('#').next().unwrap_or_default();
        if uri == "attestry:///schema/metadata.schema.json" {
            return Ok(metadata().clone());
        }
        uri.strip_prefix(BASE)
            .and_then(|file| file.strip_suffix(".schema.json"))
            .and_then(BuiltIn::of)
            .map(|kind| kind.parsed().clone())
            .ok_or_else(|| {
                format!("`{uri}` is not a built-in schema; schemas from the network or from files are refused").into()
            })
    }
}

pub(super) fn compile_one(name: &str, schema: &Value) -> Result<Validator, jsonschema::ValidationError<'static>> {
    compile_at(&format!("{BASE}{name}.schema.json"), schema)
}

fn compile_at(uri: &str, schema: &Value) -> Result<Validator, jsonschema::ValidationError<'static>> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_base_uri(uri)
        .with_retriever(OnlyBuiltIn)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
}

/// What a configuration file breaks of its schema; see `Kind::violations`.
pub fn violations_of(schema_text: &str, value: &Value) -> Vec<Violation> {
    let schema: Value = serde_json::from_str(schema_text).unwrap_or_default();
    let Ok(validator) = compile_at("attestry:///schema/configuration.schema.json", &schema) else { return Vec::new() };
    let shape = Arc::new(Shape::of_all(std::slice::from_ref(&schema)));
    let compiled = Compiled {
        references: Vec::new(),
        notes: Notes::default(),
        own: Vec::new(),
        validators: OnceLock::new(),
        expected: Vec::new(),
        conditions: BTreeMap::new(),
        shape,
        schema,
    };
    let mut all = Vec::new();
    for error in validator.iter_errors(value) {
        violation::collect(&error, &compiled, &mut all);
    }
    all
}

pub(super) fn refused(error: &jsonschema::ValidationError<'_>) -> String {
    let place = error.instance_path().to_string();
    if place.is_empty() { error.to_string() } else { format!("{error} (at `{place}`)") }
}

pub(super) fn condition_schema<'a>(schema: &'a Value, due: &str) -> Option<&'a Value> {
    schema["$defs"].get(due).or_else(|| metadata()["$defs"].get(due))
}

pub(super) fn condition_title(schema: &Value, due: &str) -> String {
    condition_schema(schema, due).and_then(|condition| condition["title"].as_str()).unwrap_or_default().to_owned()
}

pub(super) fn condition_validator(name: &str, schema: &Value, due: &str) -> Option<Validator> {
    let mut condition = condition_schema(schema, due)?.clone();
    if let (Some(object), Some(definitions)) = (condition.as_object_mut(), schema.get("$defs")) {
        object.insert("$defs".to_owned(), definitions.clone());
    }
    compile_one(name, &condition).ok()
}

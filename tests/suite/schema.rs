//! Holds the schemas to what the rest of attestry takes for granted: they are valid JSON Schema,
//! and their annotations are complete.

use crate::support::{files_below, project};
use attestry::{calendar::Interval, kind::Kinds, standard::iso20000};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Every schema file by its path below `schema/`.
fn schemas() -> BTreeMap<String, Value> {
    let root = project("schema");
    files_below(&root)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (name.clone(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect()
}

/// The schemas of kinds by name.
pub(crate) fn kinds() -> BTreeMap<String, Value> {
    schemas()
        .into_iter()
        .filter_map(|(path, schema)| {
            let name = path.strip_prefix("kinds/")?.strip_suffix(".schema.json")?.to_owned();
            Some((name, schema))
        })
        .collect()
}

pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// Calls `visit` for every schema inside a schema, with its JSON pointer.
fn walk(schema: &Value, pointer: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match schema {
        Value::Object(fields) => {
            visit(pointer, fields);
            for (name, inner) in fields.iter().filter(|(name, _)| *name != "x-attestry") {
                walk(inner, &format!("{pointer}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                walk(inner, &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

/// The target of a `$ref` and the file it stands in.
fn target<'a>(schemas: &'a BTreeMap<String, Value>, from: &str, reference: &str) -> Option<(String, &'a Value)> {
    let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let file = match file.rsplit('/').next() {
        Some("") | None => from.to_owned(),
        Some(name) => schemas.keys().find(|path| Path::new(path).file_name().unwrap() == name)?.clone(),
    };
    let value = schemas.get(&file)?.pointer(fragment)?;
    Some((file, value))
}

pub(crate) fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_schema_is_json_schema_and_its_references_lead_somewhere() {
    let schemas = schemas();
    let mut wrong = Vec::new();
    assert!(schemas.contains_key("metadata.schema.json") && schemas.contains_key("attestry.schema.json"));
    for (path, schema) in &schemas {
        if schema["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
            wrong.push(format!("{path}: `$schema` is not that of draft 2020-12"));
        }
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            wrong.push(format!("{path}: {error} at {}", error.instance_path()));
        }
        walk(schema, "", &mut |pointer, fields| {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str)
                && target(&schemas, path, reference).is_none()
            {
                wrong.push(format!("{path}{pointer}: `{reference}` leads nowhere"));
            }
        });
    }
    assert_none(&wrong);
}

const ANNOTATION: &[&str] =
    &["form", "clauses", "folder", "prefix", "review_cycle", "retention", "lifecycle", "dated_by", "two_sided"];
/// Kinds that serve attestry, not a clause.
const OF_ATTESTRY: &[&str] = &["judgement", "waiver"];
const FIELD_NOTES: &[&str] = &["basis", "due", "refers_to", "section", "moment", "substance"];

#[test]
fn every_annotation_is_complete_and_names_what_exists() {
    let schemas = schemas();
    let kinds = kinds();
    let built_in = Kinds::built_in();
    let mut prefixes = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, schema) in &kinds {
        let mut say = |text: String| wrong.push(format!("{name}: {text}"));
        let notes = &schema["x-attestry"];
        for unknown in names(notes).iter().filter(|note| !ANNOTATION.contains(note)) {
            say(format!("`x-attestry` has an unknown `{unknown}`"));
        }
        for required in ["title", "description"] {
            if schema[required].as_str().is_none_or(|text| text.trim().is_empty()) {
                say(format!("no `{required}`"));
            }
        }
        if schema["type"] != "object" || schema["unevaluatedProperties"] != json!(false) {
            say("is not a closed object".to_owned());
        }
        let form = notes["form"].as_str().unwrap_or_default();
        let base = match form {
            "document" | "register" => "../metadata.schema.json#/$defs/document",
            "record" | "entry" => "../metadata.schema.json#/$defs/record",
            _ => {
                say(format!("the form `{form}` is none"));
                ""
            }
        };
        if schema["allOf"][0]["$ref"] != base {
            say(format!("a {form} starts with `{base}`"));
        }
        let clauses = texts(&notes["clauses"]);
        if clauses.is_empty() && !OF_ATTESTRY.contains(&name.as_str()) {
            say("serves no clause".to_owned());
        }
        for clause in clauses.iter().filter(|clause| iso20000().clause(clause).is_none()) {
            say(format!("there is no clause {clause}"));
        }
        match notes["folder"].as_str() {
            Some(folder) if !folder.is_empty() && !folder.starts_with('/') && !folder.contains("..") => {}
            _ => say("no `folder`".to_owned()),
        }
        let prefix = notes["prefix"].as_str().unwrap_or_default();
        if prefix.is_empty() {
            say("no `prefix`".to_owned());
        } else if let Some(other) = prefixes.insert(prefix.to_lowercase(), name.clone()) {
            say(format!("`{prefix}` is the prefix of {other} too"));
        }
        for interval in ["review_cycle", "retention"] {
            if let Some(text) = notes[interval].as_str()
                && Interval::parse(text).is_none()
            {
                say(format!("`{interval}: {text}` is no interval"));
            }
        }
        if form == "document" && notes["review_cycle"].is_null() {
            say("a document without `review_cycle`".to_owned());
        }
        if notes["retention"].is_null() {
            say("no `retention`".to_owned());
        }
        fields(&schemas, name, schema, &mut say);
        references(&kinds, schema, &mut say);
        life(&built_in, name, notes, &mut say);
        links(&built_in, name, notes, &mut say);
    }
    assert_none(&wrong);
}

/// Every own field has a title and a basis; every condition exists and completes "required …".
fn fields(schemas: &BTreeMap<String, Value>, name: &str, schema: &Value, say: &mut impl FnMut(String)) {
    let metadata = &schemas["metadata.schema.json"];
    // What the metadata say of a field need not be said again.
    let known = |field: &str| {
        ["metadata", "document", "record"].iter().any(|part| !metadata["$defs"][part]["properties"][field].is_null())
    };
    for (field, property) in schema["properties"].as_object().into_iter().flatten() {
        let notes = &property["x-attestry"];
        if property["title"].as_str().is_none_or(str::is_empty) && !known(field) {
            say(format!("the field `{field}` has no title"));
        }
        let based = ["S", "P", "O"].iter().any(|basis| notes["basis"] == *basis);
        if !(based || notes.is_null() && known(field)) {
            say(format!("the field `{field}` has no basis"));
        }
        if let Some(due) = notes["due"].as_str() {
            if notes["basis"] != "P" {
                say(format!("`{field}`: `due` is for what practice expects; a demand is `required`"));
            }
            let condition = schema["$defs"].get(due).or_else(|| metadata["$defs"].get(due));
            if due != "always" && condition.is_none_or(|condition| condition["title"].as_str().is_none()) {
                say(format!("`{field}` is due `{due}`, which is no condition with a title"));
            }
        }
    }
    walk(schema, "", &mut |pointer, inner| {
        for unknown in inner.get("x-attestry").filter(|_| !pointer.is_empty()).map(names).into_iter().flatten() {
            if !FIELD_NOTES.contains(&unknown) {
                say(format!("{pointer}: `x-attestry` has an unknown `{unknown}`"));
            }
        }
        let Some(condition) = inner.get("if") else { return };
        if !(pointer.starts_with("/allOf/") || pointer.starts_with("/properties/")) {
            return;
        }
        let path = format!("kinds/{name}.schema.json");
        let title = match condition["$ref"].as_str() {
            Some(reference) => target(schemas, &path, reference).and_then(|(_, value)| value["title"].as_str()),
            None => condition["title"].as_str(),
        };
        if title.is_none_or(|title| {
            !["once ", "when ", "while ", "unless ", "after ", "as long as "].iter().any(|word| title.starts_with(word))
        }) {
            say(format!("{pointer}: the condition's title ({title:?}) does not complete \"required …\""));
        }
    });
}

/// Every kind that a field refers to exists.
fn references(kinds: &BTreeMap<String, Value>, schema: &Value, say: &mut impl FnMut(String)) {
    walk(schema, "", &mut |pointer, inner| {
        for kind in inner.get("x-attestry").map(|notes| texts(&notes["refers_to"])).into_iter().flatten() {
            if kind != "*" && kind != "person" && !kinds.contains_key(kind) {
                say(format!("{pointer} refers to the kind `{kind}`, which there is not"));
            }
        }
    });
}

/// The states of the life cycle are those of its field, and what dates an item are its fields.
fn life(kinds: &Kinds, name: &str, notes: &Value, say: &mut impl FnMut(String)) {
    let shape = &kinds.get(name).unwrap().compiled().shape;
    let cycle = &notes["lifecycle"];
    for field in texts(&notes["dated_by"]) {
        if shape.at(&format!("/{field}")).is_none() {
            say(format!("`dated_by` names `{field}`, which is no field"));
        }
    }
    if cycle.is_null() {
        return;
    }
    let field = cycle["field"].as_str().unwrap_or_default();
    let Some(property) = shape.at(&format!("/{field}")) else {
        return say(format!("the life cycle's field `{field}` is none"));
    };
    let states = texts(&cycle["states"]);
    let allowed: BTreeSet<&str> = property.values.iter().map(String::as_str).collect();
    if states.iter().copied().collect::<BTreeSet<_>>() != allowed {
        say(format!("the states {states:?} are not the values of `{field}`, {allowed:?}"));
    }
    for list in ["closed", "effective"] {
        for state in texts(&cycle[list]).iter().filter(|state| !states.contains(state)) {
            say(format!("`{list}` names the state `{state}`, which there is not"));
        }
    }
    for unknown in names(cycle).iter().filter(|key| !["field", "states", "closed", "effective"].contains(key)) {
        say(format!("`lifecycle` has an unknown `{unknown}`"));
    }
}

/// A link that stands on both sides has a field on both, and each refers to the other's kind.
fn links(kinds: &Kinds, name: &str, notes: &Value, say: &mut impl FnMut(String)) {
    let refers = |kind: &str, field: &str, other: &str| {
        kinds.get(kind).is_some_and(|kind| {
            kind.compiled().references.iter().any(|reference| {
                reference.steps.first() == Some(&attestry::kind::Step::Field(field.to_owned()))
                    && reference.kinds.iter().any(|one| one == other || one == "*")
            })
        })
    };
    for link in notes["two_sided"].as_array().into_iter().flatten() {
        let [field, kind, back] = ["field", "kind", "back"].map(|key| link[key].as_str().unwrap_or_default());
        if !refers(name, field, kind) {
            say(format!("`two_sided`: `{field}` does not refer to {kind}"));
        }
        if !refers(kind, back, name) {
            say(format!("`two_sided`: `{back}` of {kind} does not refer back"));
        }
    }
}

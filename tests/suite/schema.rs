//! Holds the schemas to what the rest of attestry takes for granted: they are valid JSON Schema,
//! their annotations are complete, and the cases of `tests/schema/<kind>.yaml` come out as said.

use crate::support::{files_below, project};
use attestry::{
    calendar::Interval,
    kind::{Fault, Kind, Kinds, Violation},
    standard::iso20000,
    yaml::{Node, Value as Yaml, read},
};
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
fn kinds() -> BTreeMap<String, Value> {
    schemas()
        .into_iter()
        .filter_map(|(path, schema)| {
            let name = path.strip_prefix("kinds/")?.strip_suffix(".schema.json")?.to_owned();
            Some((name, schema))
        })
        .collect()
}

fn texts(value: &Value) -> Vec<&str> {
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

fn assert_none(wrong: &[String]) {
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
const FIELD_NOTES: &[&str] = &["basis", "due", "refers_to", "section"];

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
        if !["S", "P", "O"].iter().any(|basis| notes["basis"] == *basis) && !(notes.is_null() && known(field)) {
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

/// The cases of one kind.
struct Cases {
    valid: Vec<(String, Value)>,
    invalid: Vec<Invalid>,
}

/// A value that is to be refused at one place.
struct Invalid {
    name: String,
    at: String,
    value: Value,
}

fn cases(kind: &Kind, text: &str) -> Result<Cases, String> {
    let (node, defects) = read(text, 0);
    if let Some(defect) = defects.first() {
        return Err(format!("{}: {}", defect.message, &text[defect.span.clone()]));
    }
    let node = node.ok_or("empty")?;
    only_keys(&node, &["kind", "valid", "invalid"])?;
    if node.get("kind").and_then(Node::text) != Some(&kind.name) {
        return Err("`kind` is not that of the file's name".to_owned());
    }
    let shape = &kind.compiled().shape;
    let mut valid = Vec::new();
    for case in node.get("valid").map(Node::items).unwrap_or_default() {
        only_keys(case, &["name", "value"])?;
        let name = case.get("name").and_then(Node::text).ok_or("a valid case without a name")?;
        valid.push((name.to_owned(), shape.value(case.get("value").ok_or("a valid case without a value")?)));
    }
    let mut invalid = Vec::new();
    for (index, case) in node.get("invalid").map(Node::items).unwrap_or_default().iter().enumerate() {
        only_keys(case, &["name", "from", "without", "set", "at", "value"])?;
        let from = case.get("from").and_then(Node::text).map_or(Ok(0), str::parse::<usize>).map_err(|_| "`from`")?;
        let mut value = match case.get("value") {
            Some(value) => shape.value(value),
            None => valid.get(from).ok_or(format!("invalid case {index}: no valid case {from}"))?.1.clone(),
        };
        let mut at = case.get("at").and_then(Node::text).map(str::to_owned);
        if let Some(field) = case.get("without").and_then(Node::text) {
            let pointer = if field.starts_with('/') { field.to_owned() } else { format!("/{field}") };
            remove(&mut value, &pointer).ok_or(format!("invalid case {index}: the base has no `{field}`"))?;
            at.get_or_insert(pointer);
        }
        for entry in case.get("set").map(Node::entries).unwrap_or_default() {
            let to = shape.at(&entry.key).map_or_else(|| entry.node.to_json(), |shape| shape.value(&entry.node));
            set(&mut value, &entry.key, to).ok_or(format!("invalid case {index}: no way to `{}`", entry.key))?;
        }
        let at = at.ok_or(format!("invalid case {index} does not say where"))?;
        let line = text[..case.span.start].lines().count();
        invalid.push(Invalid { name: format!("line {line}"), at, value });
    }
    if valid.is_empty() || invalid.is_empty() {
        return Err("needs valid and invalid cases".to_owned());
    }
    Ok(Cases { valid, invalid })
}

fn only_keys(node: &Node, known: &[&str]) -> Result<(), String> {
    if !matches!(node.value, Yaml::Mapping(_)) {
        return Err("a case that is not a mapping".to_owned());
    }
    match node.entries().iter().find(|entry| !known.contains(&entry.key.as_str())) {
        Some(entry) => Err(format!("a case has an unknown `{}`", entry.key)),
        None => Ok(()),
    }
}

fn remove(value: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, key) = pointer.rsplit_once('/')?;
    match value.pointer_mut(parent)? {
        Value::Object(fields) => fields.shift_remove(key),
        Value::Array(items) => {
            key.parse().ok().filter(|index| *index < items.len()).map(|index: usize| items.remove(index))
        }
        _ => None,
    }
}

fn set(value: &mut Value, pointer: &str, to: Value) -> Option<()> {
    let (parent, key) = pointer.rsplit_once('/')?;
    if value.pointer(parent).is_none() {
        set(value, parent, json!({}))?;
    }
    match value.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.insert(key.to_owned(), to)),
        Value::Array(items) if key == "-" => items.push(to),
        Value::Array(items) => *items.get_mut(key.parse::<usize>().ok()?)? = to,
        _ => return None,
    }
    Some(())
}

/// The fields that the kind's own schema makes due, always or under a condition.
fn due(schema: &Value, found: &mut BTreeSet<String>) {
    found.extend(texts(&schema["required"]).into_iter().map(str::to_owned));
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Some(then) = part.get("then") {
            due(then, found);
        }
    }
}

#[test]
fn every_case_comes_out_as_it_says() {
    let schemas = kinds();
    let kinds = Kinds::built_in();
    let only = std::env::var("KIND").ok();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (name, schema) in schemas.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == *name)) {
        let kind = kinds.get(name).unwrap();
        let mut say = |text: String| wrong.push(format!("{name}: {text}"));
        let path = project(&format!("tests/schema/{name}.yaml"));
        let Ok(text) = fs::read_to_string(&path) else {
            say("has no cases".to_owned());
            continue;
        };
        let cases = match cases(kind, &text) {
            Ok(cases) => cases,
            Err(error) => {
                say(error);
                continue;
            }
        };
        for (case, value) in &cases.valid {
            checked += 1;
            for violation in kind.violations(value) {
                say(format!("valid `{case}` is refused at {}: {}", violation.pointer, violation.message));
            }
        }
        let mut refused = BTreeSet::new();
        for case in &cases.invalid {
            checked += 1;
            let found = kind.violations(&case.value);
            let there = found.iter().filter(|violation| violation.pointer == case.at).collect::<Vec<_>>();
            // A state makes several fields due at once; any other mistake is one.
            let alone = |violation: &Violation| {
                violation.pointer == case.at
                    || there.iter().all(|one| one.nature == Fault::Missing) && violation.nature == Fault::Missing
            };
            if there.len() != 1 || !found.iter().all(alone) {
                say(format!(
                    "{}: to be refused once at {} and nowhere else, is at {:?}",
                    case.name,
                    case.at,
                    found
                        .iter()
                        .map(|violation| format!("{} {}", violation.pointer, violation.message))
                        .collect::<Vec<_>>()
                ));
            }
            refused.insert(case.at.trim_start_matches('/').to_owned());
        }
        let mut owed = BTreeSet::new();
        due(schema, &mut owed);
        for field in owed.difference(&refused) {
            say(format!("`{field}` is due, and no case shows it"));
        }
    }
    assert_none(&wrong);
    assert!(only.is_some() || checked > 10 * schemas.len(), "only {checked} cases");
}

#[test]
fn every_case_file_belongs_to_a_kind() {
    let kinds = kinds();
    let left: Vec<String> = files_below(&project("tests/schema"))
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .filter(|file| file.strip_suffix(".yaml").is_none_or(|name| !kinds.contains_key(name)))
        .collect();
    assert_none(&left);
}

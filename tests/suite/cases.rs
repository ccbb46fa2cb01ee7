//! Runs the cases of `tests/schema/<kind>.yaml`: values that a kind accepts, and values that it
//! refuses at exactly one place. `KIND=sla` runs one kind.

use crate::{
    schema::{assert_none, kinds, texts},
    support::{files_below, project},
};
use attestry::{
    kind::{Fault, Kind, Kinds, Violation},
    yaml::{Node, Value as Yaml, read},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};

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

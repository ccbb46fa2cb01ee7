//! What a change does to those that judge it: configuration, identities, roles, waivers, baseline,
//! schemas, the ledger of approvals, and files that only git or the hosting platform reads.

use crate::{
    configuration,
    document::Document,
    sms::{LEDGER, PEOPLE_FILE, SCHEMAS, Sms},
    waiver,
    wording::counted,
    yaml::Node,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// One thing that a change does to a judge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedJudge {
    /// The file or the document.
    pub what: String,
    /// What is done to it, in a phrase.
    pub change: String,
}

/// All of them, by file.
pub(super) fn changed(base: &Sms, now: &Sms, files: &[String]) -> Vec<ChangedJudge> {
    let mut found = Vec::new();
    let mut say = |what: &str, change: String| found.push(ChangedJudge { what: what.to_owned(), change });
    configuration(base, now, &mut say);
    people(base, now, &mut say);
    for kind in [waiver::KIND, "role-assignment"] {
        documents(base, now, kind, &mut say);
    }
    texts(base, now, &mut say);
    for file in files {
        say(file, "differs".to_owned());
    }
    found
}

fn file(sms: &Sms, path: &str) -> Map<String, Value> {
    let source = sms.files.get(path).and_then(|file| file.source);
    let node = source.and_then(|source| crate::yaml::read(sms.source(source).text(), 0).0);
    match node.as_ref().map(Node::to_json) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn keys<'a>(one: &'a Map<String, Value>, other: &'a Map<String, Value>) -> Vec<&'a String> {
    let mut keys: Vec<&String> = one.keys().collect();
    keys.extend(other.keys().filter(|key| !one.contains_key(*key)));
    keys.into_iter().filter(|key| one.get(*key) != other.get(*key)).collect()
}

fn configuration(base: &Sms, now: &Sms, say: &mut impl FnMut(&str, String)) {
    let (before, after) = (file(base, configuration::FILE), file(now, configuration::FILE));
    let none = Map::new();
    for key in keys(&after, &before) {
        let table = |file: &'_ Map<String, Value>| file.get(key).and_then(Value::as_object).cloned();
        match key.as_str() {
            "levels" => {
                let (old, new) = (table(&before).unwrap_or(none.clone()), table(&after).unwrap_or(none.clone()));
                for rule in keys(&new, &old) {
                    let own = crate::rules::by_name(rule).map_or("none", |rule| rule.level.name());
                    let level = |table: &Map<String, Value>| table.get(rule).map_or_else(|| own.to_owned(), short);
                    say(configuration::FILE, format!("level of `{rule}`: {} becomes {}", level(&old), level(&new)));
                }
            }
            key => {
                let change = match (before.get(key), after.get(key)) {
                    (None, Some(new)) => format!("`{key}` added: {}", cut(&short(new))),
                    (Some(old), None) => format!("`{key}` removed; it was {}", cut(&short(old))),
                    (Some(Value::String(old)), Some(Value::String(new))) => {
                        format!("`{key}`: {} becomes {}", cut(old), cut(new))
                    }
                    _ => format!("`{key}` differs"),
                };
                say(configuration::FILE, change);
            }
        }
    }
}

/// What differs, field by field: `status proposed becomes approved, approved_by is ada`.
fn steps(old: &Map<String, Value>, new: &Map<String, Value>) -> String {
    let scalar = |value: Option<&Value>| value.filter(|value| !value.is_array() && !value.is_object()).map(short);
    let step = |key: &String| match (old.get(key), new.get(key)) {
        (Some(_), None) => format!("{key} removed"),
        (before, after) => match (scalar(before), scalar(after)) {
            (Some(before), Some(after)) => format!("{key} {} becomes {}", cut(&before), cut(&after)),
            (None, Some(after)) if before.is_none() => format!("{key} is {}", cut(&after)),
            _ => format!("{key} differs"),
        },
    };
    keys(new, old).into_iter().map(step).collect::<Vec<_>>().join(", ")
}

/// A value as one phrase.
fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text.to_owned() }
}

fn people(base: &Sms, now: &Sms, say: &mut impl FnMut(&str, String)) {
    let persons = |sms: &Sms| -> Map<String, Value> {
        let file = file(sms, PEOPLE_FILE);
        let list = file.get("people").and_then(Value::as_array).cloned().unwrap_or_default();
        list.into_iter().filter_map(|person| Some((person["id"].as_str()?.to_lowercase(), person))).collect()
    };
    let (before, after) = (persons(base), persons(now));
    for id in keys(&after, &before) {
        let change = match (before.get(id), after.get(id)) {
            (None, _) => format!("`{id}` added"),
            (_, None) => format!("`{id}` removed"),
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                format!("`{id}`: {}", steps(old, new))
            }
            _ => format!("`{id}` differs"),
        };
        say(PEOPLE_FILE, change);
    }
}

fn documents(base: &Sms, now: &Sms, kind: &str, say: &mut impl FnMut(&str, String)) {
    let ids = |sms: &Sms| -> BTreeSet<String> { sms.of_kind(kind).map(|document| document.id.clone()).collect() };
    let of = |sms: &'_ Sms, id: &str| sms.document(id).map(|document| document.fields.to_map());
    for id in ids(base).union(&ids(now)) {
        let (Some(old), new) = (of(base, id), of(now, id)) else {
            say(id, added(now.document(id)));
            continue;
        };
        let Some(new) = new else {
            say(id, format!("{} removed", noun(kind)));
            continue;
        };
        let steps = steps(&old, &new);
        if !steps.is_empty() {
            say(id, format!("{}: {steps}", noun(kind)));
        }
    }
}

fn noun(kind: &str) -> &'static str {
    if kind == waiver::KIND { "waiver" } else { "role" }
}

fn added(document: Option<&Document>) -> String {
    let Some(document) = document else { return "added".to_owned() };
    if document.kind != waiver::KIND {
        return "role added".to_owned();
    }
    let text = |field: &str| document.text(field).unwrap_or("?").to_owned();
    let about = document.text("subject").or_else(|| document.text("path")).unwrap_or("?");
    format!("waiver added: `{}` about `{about}` until {}", text("rule"), text("expires_on"))
}

/// Schemas, the ledger and the baseline, by their texts.
fn texts(base: &Sms, now: &Sms, say: &mut impl FnMut(&str, String)) {
    let judges = |path: &&String| path.starts_with(LEDGER) || path.starts_with(SCHEMAS.0) && path.ends_with(SCHEMAS.1);
    let text = |sms: &'_ Sms, path: &str| {
        sms.files.get(path).and_then(|file| file.source).map(|source| sms.source(source).text().to_owned())
    };
    let paths: BTreeSet<&String> = base.files.keys().chain(now.files.keys()).filter(judges).collect();
    for path in paths {
        let what = if path.starts_with(LEDGER) { "ledger of approvals" } else { "schema" };
        match (text(base, path), text(now, path)) {
            (Some(old), Some(new)) if old == new => {}
            (None, _) => say(path, format!("{what} added")),
            (_, None) => say(path, format!("{what} removed")),
            (Some(old), Some(new)) => {
                let lines = |one: &str, other: &str| {
                    let known: BTreeSet<&str> = other.lines().collect();
                    one.lines().filter(|line| !known.contains(line)).count()
                };
                let (more, fewer) = (lines(&new, &old), lines(&old, &new));
                say(path, format!("{what} differs: {} new, {fewer} gone", counted(more, "line")));
            }
        }
    }
}

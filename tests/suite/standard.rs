//! Holds the data of ISO/IEC 20000-1:2018 together: nothing is lost, and every predicate names
//! kinds, fields and values that exist.

use crate::{schema::assert_none, support::project};
use attestry::{
    kind::{Form, Kind, Kinds, Shape},
    standard::{self, Demand},
    yaml::read,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

const FILE: &str = "schema/standards/iso20000-1-2018.yaml";

fn text() -> String {
    fs::read_to_string(project(FILE)).unwrap()
}

/// The file as data, with the parts that the program does not read yet.
fn data() -> Value {
    let text = text();
    let (node, defects) = read(&text, 0);
    assert!(defects.is_empty(), "{defects:?}");
    node.unwrap().to_json()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    list(value, key).iter().map(|item| item.as_str().unwrap_or_else(|| panic!("`{key}` holds {item}"))).collect()
}

fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn nothing_of_the_standard_is_lost() {
    let standard = standard::iso20000();
    assert_eq!(standard.clauses.len(), 88, "clauses");
    assert_eq!(standard.requirements().count(), 389, "requirements");
    let mut by_demand = BTreeMap::new();
    for (_, requirement) in standard.requirements() {
        *by_demand.entry(requirement.demand).or_insert(0) += 1;
    }
    let expected = [
        (Demand::Document, 86),
        (Demand::Record, 47),
        (Demand::ImpliedDocument, 67),
        (Demand::ImpliedRecord, 146),
        (Demand::Activity, 41),
        (Demand::Note, 2),
    ];
    assert_eq!(by_demand, BTreeMap::from(expected), "requirements by type");
    let numbered = |count: usize, prefix: &str| (1..=count).map(|n| format!("{prefix}-{n:02}")).collect::<Vec<_>>();
    assert_eq!(standard.duties.iter().map(|duty| duty.id.clone()).collect::<Vec<_>>(), numbered(17, "CAL"));
    assert_eq!(standard.events.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), numbered(15, "EVT"));
    assert_eq!(standard.collisions.len(), 15, "numbers that mean something else since 2018");
    assert_eq!(standard.documents_7_5_4.len(), 12, "documents listed in 7.5.4");
    assert_eq!(list(&data(), "management_review_inputs").len(), 12, "inputs of the management review");
}

#[test]
fn clauses_and_requirements_are_well_formed() {
    let standard = data();
    let mut wrong = Vec::new();
    let amendments: Vec<&str> = list(&standard, "amendments").iter().map(|one| text_of(one, "id")).collect();
    let (mut numbers, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for clause in list(&standard, "clauses") {
        let number = text_of(clause, "number");
        let mut say = |what: &str| wrong.push(format!("clause {number}: {what}"));
        let parent = number.rsplit_once('.').map(|(parent, _)| parent);
        if clause["parent"].as_str() != parent {
            say("its parent is not the number above");
        }
        if parent.is_some_and(|parent| !numbers.contains(parent)) {
            say("stands before its parent");
        }
        if !numbers.insert(number) {
            say("stands twice");
        }
        if !["V1", "V2", "V3"].contains(&text_of(clause, "verification")) {
            say("no verification");
        }
        if text_of(clause, "title").is_empty() && text_of(clause, "label").is_empty() {
            say("neither title nor label");
        }
        if text_of(clause, "summary").trim().is_empty() {
            say("no summary");
        }
        let requirements = list(clause, "requirements");
        if (clause["heading"] == true) != requirements.is_empty() {
            say("a heading has no requirements, everything else has some");
        }
        for requirement in requirements {
            let id = text_of(requirement, "id");
            let mut say = |what: String| wrong.push(format!("{id}: {what}"));
            let letter = id.strip_prefix(number).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
            if letter.len() != 1 || !letter.bytes().all(|byte| byte.is_ascii_lowercase()) {
                say(format!("is not {number} and a letter"));
            }
            if !ids.insert(id) {
                say("stands twice".to_owned());
            }
            let known = ["id", "type", "text", "verification", "amendment", "occasion", "evidence"];
            for key in requirement.as_object().unwrap().keys().filter(|key| !known.contains(&key.as_str())) {
                say(format!("unknown `{key}`"));
            }
            if ![text_of(clause, "verification"), "open"].contains(&text_of(requirement, "verification")) {
                say("its verification is neither its clause's nor `open`".to_owned());
            }
            if requirement["amendment"].as_str().is_some_and(|amendment| !amendments.contains(&amendment)) {
                say("its amendment is not listed".to_owned());
            }
            if requirement["text"].as_str().is_none_or(|text| text.trim().is_empty() || text.starts_with("...")) {
                say("no text".to_owned());
            }
            if (requirement["type"] == "NOTE") == requirement.get("evidence").is_some() {
                say("everything but a note has evidence".to_owned());
            }
        }
    }
    assert_none(&wrong);
}

/// What a predicate may name.
struct Names {
    kinds: Kinds,
    wrong: Vec<String>,
}

/// Where a predicate stands.
#[derive(Clone, Copy)]
struct Site<'a> {
    at: &'a str,
    /// Whether documents in any state count.
    occasion: bool,
    /// Whether it stands in a `where` of another.
    inner: bool,
}

impl Names {
    fn say(&mut self, site: Site<'_>, what: impl std::fmt::Display) {
        self.wrong.push(format!("{}: {what}", site.at));
    }

    fn predicate(&mut self, site: Site<'_>, predicate: &Value) {
        for key in ["any", "all"] {
            let parts = list(predicate, key);
            if !parts.is_empty() {
                if parts.len() < 2 || predicate.as_object().unwrap().len() > 1 {
                    self.say(site, format!("`{key}` joins two or more and has nothing beside it"));
                }
                for part in parts {
                    self.predicate(site, part);
                }
                return;
            }
        }
        let known = ["kind", "where", "fields", "within", "note"];
        for key in predicate.as_object().into_iter().flat_map(|leaf| leaf.keys()) {
            if !known.contains(&key.as_str()) {
                self.say(site, format!("unknown `{key}`"));
            }
        }
        let Some(kind) = predicate["kind"].as_str() else {
            if !site.occasion || predicate["note"].is_null() {
                self.say(site, "a leaf without kind".to_owned());
            }
            return;
        };
        if kind != "*" && self.kinds.get(kind).is_none_or(|kind| kind.form == Form::Register) {
            return self.say(site, format!("there is no kind `{kind}`"));
        }
        let fields = texts(predicate, "fields");
        if fields.is_empty() && !site.occasion && !site.inner {
            self.say(site, format!("{kind}: a leaf without fields takes a stub for evidence"));
        }
        for field in fields {
            if self.field(kind, field).is_none() {
                self.say(site, format!("{kind} has no field `{field}`"));
            }
        }
        for (field, wanted) in predicate["where"].as_object().into_iter().flatten() {
            self.condition(site, kind, field, wanted);
        }
        let within = predicate["within"].as_str();
        if within.is_some_and(|within| attestry::calendar::Interval::parse(within).is_none()) {
            self.say(site, format!("`within: {}` is no interval", within.unwrap_or_default()));
        }
    }

    fn condition(&mut self, site: Site<'_>, kind: &str, field: &str, wanted: &Value) {
        let Some(shape) = self.field(kind, field) else {
            return self.say(site, format!("{kind} has no field `{field}` (where)"));
        };
        if wanted.is_object() {
            let parts = if wanted["any"].is_array() { list(wanted, "any") } else { std::slice::from_ref(wanted) };
            let refers: Vec<String> =
                shape.refers_to.iter().chain(shape.items.iter().flat_map(|items| &items.refers_to)).cloned().collect();
            for other in parts.iter().map(|part| text_of(part, "kind")) {
                if !refers.iter().any(|kind| kind == other || kind == "*") {
                    self.say(site, format!("{kind}.{field} refers to {refers:?}, not to {other}"));
                }
            }
            return self.predicate(Site { inner: true, ..site }, wanted);
        }
        let allowed: Vec<&String> =
            shape.values.iter().chain(shape.items.iter().flat_map(|items| &items.values)).collect();
        for value in wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice) {
            let fits = match value {
                Value::String(text) => field == "clauses" || allowed.contains(&text),
                Value::Bool(_) => shape.scalar("true") == true,
                _ => false,
            };
            if !fits {
                self.say(site, format!("{kind}.{field}: {value} is not one of {allowed:?}"));
            }
        }
    }

    /// The shape of a field, by name or by pointer with `*` for the items of a list.
    fn field(&self, kind: &str, field: &str) -> Option<Shape> {
        let pointer = if field.starts_with('/') { field.replace("/*", "/0") } else { format!("/{field}") };
        let found = |kind: &Kind| kind.compiled().shape.at(&pointer).cloned();
        if kind != "*" {
            return found(self.kinds.get(kind)?);
        }
        // What every kind has is the metadata.
        self.kinds.iter().map(found).try_fold(None, |_, shape| shape.map(Some))?
    }
}

#[test]
fn every_predicate_names_kinds_fields_and_values_that_exist() {
    let standard = data();
    let mut names = Names { kinds: Kinds::built_in(), wrong: Vec::new() };
    for requirement in list(&standard, "clauses").iter().flat_map(|clause| list(clause, "requirements")) {
        let at = text_of(requirement, "id");
        if let Some(evidence) = requirement.get("evidence") {
            names.predicate(Site { at, occasion: false, inner: false }, evidence);
        }
        if let Some(occasion) = requirement.get("occasion") {
            names.predicate(Site { at, occasion: true, inner: false }, occasion);
        }
    }
    for procedure in list(&standard, "procedures") {
        let at = text_of(procedure, "procedure");
        names.predicate(Site { at, occasion: false, inner: false }, &procedure["evidence"]);
    }
    assert_none(&names.wrong);
}

#[test]
fn every_other_list_names_what_exists() {
    let standard = data();
    let kinds = Kinds::built_in();
    let mut wrong = Vec::new();
    let clauses: BTreeSet<&str> = list(&standard, "clauses").iter().map(|clause| text_of(clause, "number")).collect();
    let rows: BTreeMap<&str, &Value> = list(&standard, "clauses")
        .iter()
        .flat_map(|clause| list(clause, "requirements"))
        .map(|row| (text_of(row, "id"), row))
        .collect();
    let lists = [
        ("duties", "id", "evidence"),
        ("events", "id", "evidence"),
        ("documents_7_5_4", "letter", "kinds"),
        ("management_review_inputs", "letter", "pull_from"),
    ];
    for (name, id, key) in lists {
        for item in list(&standard, name) {
            for kind in texts(item, key).into_iter().filter(|kind| kinds.get(kind).is_none()) {
                wrong.push(format!("{name} {}: there is no kind `{kind}`", text_of(item, id)));
            }
            for row in texts(item, "requirements").into_iter().filter(|row| !rows.contains_key(row)) {
                wrong.push(format!("{name} {}: there is no requirement {row}", text_of(item, id)));
            }
        }
    }
    let lists = [
        ("duties", "clause"),
        ("events", "clauses"),
        ("procedures", "clause"),
        ("mapping", "clauses"),
        ("typical_findings", "clauses"),
        ("edition_2011", "clause_2018"),
        ("collisions", "number"),
        ("amendments", "clauses"),
    ];
    for (name, key) in lists {
        let items = list(&standard, name);
        assert!(!items.is_empty(), "`{name}` is gone");
        for item in items {
            let named = item[key].as_str().map_or_else(|| texts(item, key), |one| vec![one]);
            for clause in named.into_iter().filter(|clause| !clauses.contains(clause)) {
                wrong.push(format!("{name}: there is no clause {clause}"));
            }
        }
    }
    let review = kinds.get("management-review").unwrap();
    for input in list(&standard, "management_review_inputs") {
        if let Some(field) = input["field"].as_str()
            && review.compiled().shape.at(&format!("/{}", field.trim_start_matches('/'))).is_none()
        {
            wrong.push(format!("a management review has no field `{field}`"));
        }
    }
    assert_none(&wrong);
}

fn withins(predicate: &Value, found: &mut BTreeSet<Option<String>>) {
    let parts: Vec<&Value> = ["any", "all"].iter().flat_map(|key| list(predicate, key)).collect();
    if parts.is_empty() {
        found.insert(predicate["within"].as_str().map(str::to_owned));
    }
    for part in parts {
        withins(part, found);
    }
}

#[test]
fn evidence_ages_only_where_a_duty_recurs() {
    let standard = data();
    let mut wrong = Vec::new();
    let mut intervals = BTreeMap::new();
    for duty in list(&standard, "duties") {
        for row in texts(duty, "requirements") {
            intervals.insert(row, text_of(duty, "interval"));
        }
    }
    for row in list(&standard, "clauses").iter().flat_map(|clause| list(clause, "requirements")) {
        let id = text_of(row, "id");
        let mut found = BTreeSet::new();
        withins(&row["evidence"], &mut found);
        let expected = BTreeSet::from([intervals.get(id).map(|interval| (*interval).to_owned())]);
        if row.get("evidence").is_some() && found != expected {
            wrong.push(format!("{id}: within {found:?}, its duty says {expected:?}"));
        }
    }
    assert_none(&wrong);
}

#[test]
fn the_program_sees_the_same_rows_as_the_file() {
    let standard = data();
    let rows: Vec<String> = list(&standard, "clauses")
        .iter()
        .flat_map(|clause| list(clause, "requirements"))
        .map(|row| text_of(row, "id").to_owned())
        .collect();
    let seen: Vec<String> =
        standard::iso20000().requirements().map(|(_, requirement)| requirement.id.clone()).collect();
    assert_eq!(rows, seen);
}

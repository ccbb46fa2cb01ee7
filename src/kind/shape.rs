//! What a schema says about types, fields and references, flattened for reading: it decides how a
//! scalar is taken (a string field keeps `1.10`), which fields are known, and where ids stand.

use super::{Basis, BuiltIn, metadata};
use crate::{
    fields::Named,
    yaml::{Node, Value as Yaml, core_value, escape},
};
use serde_json::{Map, Value};
use smol_str::{SmolStr, format_smolstr};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// Deeper definitions are not followed; no built-in schema comes near.
const DEPTH: usize = 16;

/// The types that a value may have, and what stands inside it.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    types: Types,
    /// Known fields of an object.
    pub properties: BTreeMap<String, Arc<Shape>>,
    /// The shape of the items of a list.
    pub items: Option<Arc<Shape>>,
    /// Kinds that a string here refers to; `*` for any.
    pub refers_to: Vec<String>,
    /// Why the field is there.
    pub basis: Option<Basis>,
    /// The condition under which practice expects the field.
    pub due: Option<String>,
    /// The field's name in print.
    pub title: Option<String>,
    /// Whether the text may be a link to a heading of the body.
    pub section: bool,
    /// The values that are allowed, where they are listed.
    pub values: Vec<String>,
    /// Whether it is a day, or a day with a time.
    pub is_day: bool,
    /// Whether approving, publishing or reviewing fills it in.
    pub is_about_approval: bool,
    /// Whether it belongs to the substance although elsewhere reviewing fills in what is called so.
    pub is_substance: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Types(u8);

const STRING: Types = Types(1);
const NUMBER: Types = Types(2);
const BOOLEAN: Types = Types(4);
const NULL: Types = Types(8);
const ARRAY: Types = Types(16);
const OBJECT: Types = Types(32);
const ALL: Types = Types(63);

impl Default for Types {
    fn default() -> Self {
        ALL
    }
}

impl Types {
    fn of_name(name: &str) -> Self {
        match name {
            "string" => STRING,
            "number" | "integer" => NUMBER,
            "boolean" => BOOLEAN,
            "null" => NULL,
            "array" => ARRAY,
            _ => OBJECT,
        }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => NULL,
            Value::Bool(_) => BOOLEAN,
            Value::Number(_) => NUMBER,
            Value::String(_) => STRING,
            Value::Array(_) => ARRAY,
            Value::Object(_) => OBJECT,
        }
    }

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn union(list: impl Iterator<Item = Self>) -> Self {
        list.fold(Self(0), |all, one| Self(all.0 | one.0))
    }
}

/// A way into a value: a field, or every item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The field of this name.
    Field(String),
    /// Every item.
    Each,
}

/// Where a kind's values refer to documents.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The way to the string.
    pub steps: Vec<Step>,
    /// The kinds it may refer to; `*` for any.
    pub kinds: Arc<[String]>,
}

impl Shape {
    /// The shape of a value that has to satisfy all these schemas.
    pub(super) fn of_all(schemas: &[Value]) -> Self {
        let mut shape = Self::default();
        for schema in schemas {
            shape.add(schema, schema, 0);
        }
        shape
    }

    fn of(schema: &Value, root: &Value, depth: usize) -> Self {
        let mut shape = Self::default();
        shape.add(schema, root, depth);
        shape
    }

    fn add(&mut self, schema: &Value, root: &Value, depth: usize) {
        let Some(object) = schema.as_object().filter(|_| depth < DEPTH) else { return };
        // What stands beside a `$ref` is more specific than what it points at.
        let reference = object.get("$ref").and_then(Value::as_str);
        if let Some((target, target_root)) = reference.and_then(|reference| resolve(reference, root)) {
            match shared(target, target_root) {
                Some(shape) => self.add_shape(shape),
                None => self.add(target, target_root, depth + 1),
            }
        }
        self.add_types(object);
        self.add_notes(object);
        for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut merged = self.properties.get(name).map_or_else(Self::default, |known| (**known).clone());
            merged.add(property, root, depth + 1);
            self.properties.insert(name.clone(), Arc::new(merged));
        }
        if let Some(items) = object.get("items").filter(|items| items.is_object()) {
            let mut merged = self.items.as_ref().map_or_else(Self::default, |known| (**known).clone());
            merged.add(items, root, depth + 1);
            self.items = Some(Arc::new(merged));
        }
        for part in object.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.add(part, root, depth + 1);
        }
        for keyword in ["then", "else"] {
            if let Some(part) = object.get(keyword) {
                self.merge_fields(&Self::of(part, root, depth + 1));
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            let Some(branches) = object.get(keyword).and_then(Value::as_array) else { continue };
            let branches: Vec<Self> = branches.iter().map(|branch| Self::of(branch, root, depth + 1)).collect();
            self.types = Types(self.types.0 & Types::union(branches.iter().map(|branch| branch.types)).0);
            for branch in &branches {
                self.merge_fields(branch);
            }
        }
    }

    /// Adds what a schema says that was flattened before.
    fn add_shape(&mut self, other: &Self) {
        self.types = Types(self.types.0 & other.types.0);
        for (name, property) in &other.properties {
            match self.properties.get_mut(name) {
                Some(known) => Arc::make_mut(known).add_shape(property),
                None => drop(self.properties.insert(name.clone(), Arc::clone(property))),
            }
        }
        match (&mut self.items, &other.items) {
            (Some(known), Some(items)) => Arc::make_mut(known).add_shape(items),
            (known, items) => *known = known.take().or_else(|| items.clone()),
        }
        for (own, others) in [(&mut self.refers_to, &other.refers_to), (&mut self.values, &other.values)] {
            if !others.is_empty() {
                own.clone_from(others);
            }
        }
        for (own, others) in [(&mut self.title, &other.title), (&mut self.due, &other.due)] {
            if others.is_some() {
                own.clone_from(others);
            }
        }
        self.basis = other.basis.or(self.basis);
        self.is_day |= other.is_day;
        self.section |= other.section;
        self.is_about_approval |= other.is_about_approval;
        self.is_substance |= other.is_substance;
    }

    fn add_types(&mut self, object: &Map<String, Value>) {
        let named = match object.get("type") {
            Some(Value::String(name)) => Some(Types::of_name(name)),
            Some(Value::Array(names)) => Some(Types::union(names.iter().filter_map(Value::as_str).map(Types::of_name))),
            _ => None,
        };
        let listed = object.get("enum").and_then(Value::as_array);
        let constant = object.get("const");
        let valued =
            listed.map(|values| Types::union(values.iter().map(Types::of_value))).or(constant.map(Types::of_value));
        for types in [named, valued].into_iter().flatten() {
            self.types = Types(self.types.0 & types.0);
        }
        self.is_day |= object.get("format").and_then(Value::as_str) == Some("date");
        if let Some(values) = listed {
            self.values = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
    }

    fn add_notes(&mut self, object: &Map<String, Value>) {
        if let Some(title) = object.get("title").and_then(Value::as_str) {
            self.title = Some(title.to_owned());
        }
        let Some(notes) = object.get("x-attestry") else { return };
        if let Some(kinds) = notes["refers_to"].as_array() {
            self.refers_to = kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
        self.basis = match notes["basis"].as_str() {
            Some("S") => Some(Basis::Demanded),
            Some("P") => Some(Basis::Practice),
            Some("O") => Some(Basis::Optional),
            _ => self.basis,
        };
        if let Some(due) = notes["due"].as_str() {
            self.due = Some(due.to_owned());
        }
        self.is_day |= notes["moment"].as_bool().unwrap_or(false);
        self.section |= notes["section"].as_bool().unwrap_or(false);
        self.is_about_approval |= notes["substance"] == Value::Bool(false);
        self.is_substance |= notes["substance"] == Value::Bool(true);
    }

    /// Takes over fields, items and references of an alternative, not its types.
    fn merge_fields(&mut self, other: &Self) {
        for (name, property) in &other.properties {
            let merged = match self.properties.get(name) {
                Some(known) => {
                    let mut merged = (**known).clone();
                    merged.types = Types(merged.types.0 | property.types.0);
                    merged.merge_fields(property);
                    Arc::new(merged)
                }
                None => Arc::clone(property),
            };
            self.properties.insert(name.clone(), merged);
        }
        self.items = self.items.take().or_else(|| other.items.clone());
        self.refers_to
            .extend(other.refers_to.iter().filter(|kind| !self.refers_to.contains(kind)).cloned().collect::<Vec<_>>());
        self.title = self.title.take().or_else(|| other.title.clone());
    }

    /// A node as JSON, scalars taken as this shape says. A key without a value counts as absent.
    pub fn value(&self, node: &Node) -> Value {
        match &node.value {
            Yaml::Scalar { text, plain: true } => self.scalar(text),
            Yaml::Scalar { text, plain: false } => Value::String(text.clone()),
            Yaml::Sequence(items) => {
                let inner = self.items.as_deref();
                items.iter().map(|item| inner.map_or_else(|| item.to_json(), |shape| shape.value(item))).collect()
            }
            Yaml::Mapping(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| {
                        let value = self
                            .properties
                            .get(&entry.key)
                            .map_or_else(|| entry.node.to_json(), |shape| shape.value(&entry.node));
                        (entry.key.clone(), value)
                    })
                    .filter(|(_, value)| !value.is_null())
                    .collect(),
            ),
        }
    }

    /// A scalar without quotes, taken as this shape says.
    pub fn scalar(&self, text: &str) -> Value {
        let core = core_value(text);
        let fits = self.types.has(Types::of_value(&core)) || core.is_null();
        if !fits && self.types.has(STRING) { Value::String(text.to_owned()) } else { core }
    }

    /// A cell of a data set: as a scalar, and split at `;` where a list is meant. An empty cell
    /// is absent.
    pub fn cell(&self, text: &str) -> Value {
        let text = text.trim();
        if text.is_empty() {
            return Value::Null;
        }
        if self.types.has(ARRAY) && !self.types.has(STRING) {
            let inner = self.items.as_deref();
            let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
            return parts.map(|part| inner.map_or_else(|| core_value(part), |shape| shape.scalar(part))).collect();
        }
        self.scalar(text)
    }

    /// All ways to strings that refer to documents.
    pub(super) fn references(&self) -> Vec<Reference> {
        let mut all = Vec::new();
        self.collect_references(&mut Vec::new(), &mut all);
        all
    }

    fn collect_references(&self, steps: &mut Vec<Step>, all: &mut Vec<Reference>) {
        if steps.len() > 6 {
            return;
        }
        if !self.refers_to.is_empty() {
            all.push(Reference { steps: steps.clone(), kinds: self.refers_to.as_slice().into() });
        }
        for (name, property) in &self.properties {
            steps.push(Step::Field(name.clone()));
            property.collect_references(steps, all);
            steps.pop();
        }
        if let Some(items) = &self.items {
            steps.push(Step::Each);
            items.collect_references(steps, all);
            steps.pop();
        }
    }

    /// The shape at a JSON pointer below this one.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |shape, token| {
            shape
                .properties
                .get(token)
                .map(AsRef::as_ref)
                .or_else(|| shape.items.as_deref().filter(|_| token.parse::<usize>().is_ok()))
        })
    }
}

impl Reference {
    /// The field of the document that refers; empty where it is the whole of it.
    pub fn field(&self) -> &str {
        match self.steps.first() {
            Some(Step::Field(name)) => name,
            Some(Step::Each) | None => "",
        }
    }

    /// The strings of a value that this reference reaches, with their JSON pointers. Strings
    /// only: a list of alternatives may also hold something else there.
    pub fn find<'a>(&self, fields: &'a impl Named) -> Vec<(SmolStr, &'a str)> {
        let mut found = Vec::new();
        if let Some((Step::Field(first), rest)) = self.steps.split_first()
            && let Some(value) = fields.named(first)
        {
            follow(value, rest, format_smolstr!("/{}", escape(first)), &mut found);
        }
        found
    }
}

fn follow<'a>(value: &'a Value, steps: &[Step], pointer: SmolStr, found: &mut Vec<(SmolStr, &'a str)>) {
    match (steps.split_first(), value) {
        (None, Value::String(text)) => found.push((pointer, text)),
        (Some((Step::Field(name), rest)), Value::Object(fields)) => {
            if let Some(value) = fields.get(name) {
                follow(value, rest, format_smolstr!("{pointer}/{}", escape(name)), found);
            }
        }
        (Some((Step::Each, rest)), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                follow(item, rest, format_smolstr!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The shape of one of the shared definitions, which nearly every field of every kind refers to.
/// None of them leads to itself.
fn shared(definition: &Value, root: &Value) -> Option<&'static Shape> {
    static SHAPES: OnceLock<Vec<(&'static Value, OnceLock<Shape>)>> = OnceLock::new();
    let definitions = || metadata()["$defs"].as_object().into_iter().flat_map(Map::values);
    let all = SHAPES.get_or_init(|| definitions().map(|definition| (definition, OnceLock::new())).collect());
    let (known, shape) =
        all.iter().find(|(known, _)| std::ptr::eq(root, metadata()) && std::ptr::eq(*known, definition))?;
    Some(shape.get_or_init(|| Shape::of(known, metadata(), 1)))
}

/// The schema that a `$ref` means, and the schema file it stands in.
fn resolve<'schema>(reference: &str, root: &'schema Value) -> Option<(&'schema Value, &'schema Value)> {
    let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let target = match file.rsplit('/').next().and_then(|name| name.strip_suffix(".schema.json")) {
        None if file.is_empty() => root,
        Some("metadata") => metadata(),
        Some(name) => BuiltIn::of(name)?.parsed(),
        None => return None,
    };
    Some((target.pointer(fragment)?, target))
}

//! Kinds of documents and records: one JSON Schema each, with the annotation `x-attestry` for what
//! JSON Schema cannot say. A schema is parsed and compiled when its kind is first needed.

mod built_in;
mod compile;
mod field;
mod shape;
mod violation;

pub use compile::violations_of;
pub use field::{Due, Field, Holds};
pub use shape::{Reference, Shape, Step};
pub use violation::{Fault, Violation};

use crate::calendar::Interval;
use built_in::BuiltIn;
use compile::{compile_one, condition_schema, condition_title, condition_validator, metadata, refused};
use jsonschema::Validator;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

/// How the items of a kind are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Maintained, versioned, approved.
    Document,
    /// Retained; frozen once closed.
    Record,
    /// One item of a list that is maintained as a whole.
    Entry,
    /// The list itself.
    Register,
}

/// Why a field is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The standard asks for it.
    Demanded,
    /// Practice: auditors commonly look for it.
    Practice,
    /// Optional.
    Optional,
}

/// One kind.
pub struct Kind {
    /// Its id: `sla`.
    pub name: String,
    /// Its name in print: `Service level agreement`.
    pub title: String,
    /// How its items are kept.
    pub form: Form,
    /// Where its files stand by default.
    pub folder: String,
    /// What its ids start with by default; empty where there is no custom.
    pub prefix: String,
    /// How often its documents are reviewed by default (convention, never a demand).
    pub review_cycle: Option<Interval>,
    built_in: Option<&'static BuiltIn>,
    /// The organization's own schema: a kind of its own, or additions to a built-in one.
    own: Option<String>,
    /// Of a kind with a schema of the organization; else see `built_in`.
    compiled: OnceLock<Compiled>,
}

/// A kind's schema, ready for use.
pub struct Compiled {
    /// The schema as data.
    pub schema: Value,
    /// Types, fields, references.
    pub shape: Arc<Shape>,
    /// Where its fields refer to other documents, by the names of the fields.
    pub references: Vec<Reference>,
    /// The annotation of the whole kind.
    pub notes: Notes,
    /// What the organization adds to the schema, or puts in its place.
    own: Vec<Value>,
    /// Compiled when a value is first held against them: what was in order once is not.
    validators: OnceLock<Vec<Validator>>,
    expected: Vec<Expected>,
    /// Conditions under which fields are expected, compiled when a field is first missing.
    conditions: BTreeMap<String, OnceLock<Option<Validator>>>,
}

/// The kind's annotation.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Clauses that the kind serves.
    pub clauses: Vec<String>,
    /// How long items are kept by default.
    pub retention: Option<String>,
    /// The field that holds the state.
    pub state_field: String,
    /// The states, in order.
    pub states: Vec<String>,
    /// States that mean closed: frozen, nothing more is owed.
    pub closed: Vec<String>,
    /// States that count as evidence beside the closed ones.
    pub effective: Vec<String>,
    /// Fields that date an item, best first.
    pub dated_by: Vec<String>,
    /// Links that must stand on both sides: field, other kind, field there.
    pub two_sided: Vec<(String, String, String)>,
}

/// A field that practice expects, and when.
struct Expected {
    field: String,
    when: String,
    title: String,
    /// The name of the condition; none where the field is always expected.
    due: Option<String>,
}

/// All kinds that are known: the built-in ones and the organization's.
pub struct Kinds {
    /// By name.
    kinds: Vec<Kind>,
}

impl Kinds {
    /// The built-in kinds.
    pub fn built_in() -> Self {
        Self { kinds: BuiltIn::all().iter().map(Kind::from_built_in).collect() }
    }

    /// Adds a schema of the organization: a new kind, or additions to a built-in one, which still
    /// has to hold. The reason is returned where it cannot be used.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), String> {
        let schema: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        if !schema.is_object() {
            return Err("a schema is a JSON object".to_owned());
        }
        compile_one(name, &schema).map_err(|error| refused(&error))?;
        let own = Kind::from_schema(name, text, &schema);
        match self.position(name) {
            Ok(position) => {
                let kind = &mut self.kinds[position];
                kind.own = Some(text.to_owned());
                kind.compiled = OnceLock::new();
            }
            Err(free) => self.kinds.insert(free, own),
        }
        Ok(())
    }

    /// Compiles the built-in kinds that stand by default in these folders, before somebody asks for
    /// them one after the other.
    pub fn prepare(folders: &BTreeSet<String>) {
        let is_there = |kind: &&Kind| folders.contains(kind.folder.trim_end_matches('/'));
        for kind in Self::built_in().iter().filter(is_there) {
            kind.compiled();
        }
    }

    /// The kind of a name.
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.at(self.position(name).ok()?)
    }

    /// Where the kind of a name stands among all, until one is added; else where it would stand.
    pub fn position(&self, name: &str) -> Result<usize, usize> {
        self.kinds.binary_search_by(|kind| kind.name.as_str().cmp(name))
    }

    /// The kind at a position.
    pub fn at(&self, position: usize) -> Option<&Kind> {
        self.kinds.get(position)
    }

    /// All kinds by name.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// The known name nearest to a misspelt one.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.kinds.iter().map(|kind| kind.name.as_str()))
    }

    /// The kind whose default folder holds this path; the longest folder wins. Several kinds share
    /// folders: then a file there has to name its kind.
    pub fn by_folder(&self, path: &str) -> Option<&Kind> {
        let folder = path.rsplit_once('/')?.0;
        let mut at_home =
            self.kinds.iter().filter(|kind| !kind.folder.is_empty() && kind.folder.trim_end_matches('/') == folder);
        let first = at_home.next()?;
        at_home.next().is_none().then_some(first)
    }
}

/// Titles of the shared definitions: of a field that has no other, they say the type, not the
/// meaning.
pub fn shared_titles() -> BTreeSet<String> {
    let metadata: Value = serde_json::from_str(metadata_text()).unwrap_or_default();
    let definitions = metadata["$defs"].as_object().into_iter().flat_map(Map::values);
    definitions.filter_map(|definition| definition["title"].as_str()).map(str::to_owned).collect()
}

/// The candidate nearest to a misspelt word, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody misspells what is longer than that, and comparing it takes long.
    const LONGEST: usize = 200;
    if word.len() > LONGEST {
        return None;
    }
    let near = |candidate: &str| 1 + candidate.len().min(word.len()) / 4;
    let length = word.chars().count();
    candidates
        // Words that differ more in length than they may in letters need no comparison.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= near(candidate))
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= near(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

impl Kind {
    /// The built-in schema as text, where the kind has one.
    pub fn built_in_schema(&self) -> Option<&'static str> {
        self.built_in.map(|built_in| built_in.schema)
    }

    /// The organization's own schema as text, where there is one.
    pub fn own_schema(&self) -> Option<&str> {
        self.own.as_deref()
    }

    fn from_built_in(kind: &'static BuiltIn) -> Self {
        Self {
            name: kind.name.to_owned(),
            title: kind.title.to_owned(),
            form: form(kind.form),
            folder: kind.folder.to_owned(),
            prefix: kind.prefix.to_owned(),
            review_cycle: Interval::parse(kind.review_cycle),
            built_in: Some(kind),
            own: None,
            compiled: OnceLock::new(),
        }
    }

    fn from_schema(name: &str, text: &str, schema: &Value) -> Self {
        let notes = &schema["x-attestry"];
        let of = |field: &str| notes[field].as_str().unwrap_or_default().to_owned();
        Self {
            name: name.to_owned(),
            title: schema["title"].as_str().unwrap_or(name).to_owned(),
            form: form(&of("form")),
            folder: of("folder"),
            prefix: of("prefix"),
            review_cycle: Interval::parse(&of("review_cycle")),
            built_in: None,
            own: Some(text.to_owned()),
            compiled: OnceLock::new(),
        }
    }

    /// Whether the organization added to it or brought it.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// The schema's text as it was built in or written by the organization.
    pub fn schema_text(&self) -> &str {
        self.built_in_schema().or(self.own_schema()).unwrap_or("{}")
    }

    /// The schema, compiled when this is first called.
    pub fn compiled(&self) -> &Compiled {
        let compiled = match self.built_in {
            Some(built_in) if self.own.is_none() => &built_in.compiled,
            _ => &self.compiled,
        };
        compiled.get_or_init(|| Compiled::new(self))
    }

    /// Whether a state of its life cycle means closed.
    pub fn is_closed(&self, state: &str) -> bool {
        self.compiled().notes.closed.iter().any(|closed| closed == state)
    }

    /// Whether a field is filled in by approving, publishing or reviewing, so that an approval does
    /// not bind to it: the state, and fields with `"substance": false` in their annotation.
    pub fn is_about_approval(&self, field: &str) -> bool {
        let compiled = self.compiled();
        compiled.notes.state_field == field
            || compiled.shape.properties.get(field).is_some_and(|shape| shape.is_about_approval)
    }

    /// Whether the kind says that a field is of its substance (`"substance": true`), also where
    /// reviewing fills in what other kinds call so: the reviews of a request are what the ledger
    /// records.
    pub fn is_substance(&self, field: &str) -> bool {
        self.compiled().shape.properties.get(field).is_some_and(|shape| shape.is_substance)
    }

    /// What a value breaks, by JSON pointer; empty where it has the kind's shape.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let compiled = self.compiled();
        let mut all = Vec::new();
        // Most documents are valid, and to see that takes less than to look for every error.
        for validator in compiled.validators(&self.name).iter().filter(|validator| !validator.is_valid(value)) {
            for error in validator.iter_errors(value) {
                violation::collect(&error, compiled, &mut all);
            }
        }
        all.sort_by(|a, b| (&a.pointer, &a.message).cmp(&(&b.pointer, &b.message)));
        all.dedup_by(|a, b| a.pointer == b.pointer && a.message == b.message);
        all
    }

    /// Fields that practice expects of this value and that it lacks: name, title and since when.
    pub fn lacking<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        let compiled = self.compiled();
        compiled
            .expected
            .iter()
            .filter(|expected| value.get(&expected.field).is_none())
            .filter(|expected| expected.due.as_deref().is_none_or(|due| compiled.holds(&self.name, due, value)))
            .map(|expected| (expected.field.as_str(), expected.title.as_str(), expected.when.as_str()))
    }
}

impl Compiled {
    fn new(kind: &Kind) -> Self {
        let parsed: Vec<Value> = [kind.built_in_schema(), kind.own_schema()]
            .into_iter()
            .flatten()
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect();
        let shape = Arc::new(Shape::of_all(&parsed));
        let references = shape.references();
        let mut parsed = parsed.into_iter();
        let (schema, own) = (parsed.next().unwrap_or_default(), parsed.collect());
        let notes = Notes::of(&schema["x-attestry"]);
        let expected: Vec<Expected> = shape
            .properties
            .iter()
            .filter_map(|(field, property)| Some((field, property, property.due.clone()?)))
            .map(|(field, property, due)| Expected {
                field: field.clone(),
                title: property.title.clone().unwrap_or_default(),
                when: condition_title(&schema, &due),
                due: condition_schema(&schema, &due).is_some().then_some(due),
            })
            .collect();
        let conditions =
            expected.iter().filter_map(|expected| Some((expected.due.clone()?, OnceLock::new()))).collect();
        Self { schema, own, shape, references, notes, validators: OnceLock::new(), expected, conditions }
    }

    /// Those of the references that stand in one of these fields.
    pub fn references_in<'a>(&'a self, fields: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a Reference> {
        let mut fields: Vec<&str> = fields.collect();
        fields.sort_unstable();
        let mut fields = fields.into_iter().peekable();
        // Both are in the order of their names.
        let by_field = self.references.chunk_by(|one, other| one.field() == other.field());
        let there = by_field.filter(move |references| {
            let field = references[0].field();
            while fields.next_if(|other| *other < field).is_some() {}
            fields.peek() == Some(&field)
        });
        there.flatten()
    }

    fn validators(&self, kind: &str) -> &[Validator] {
        let schemas = || std::iter::once(&self.schema).chain(&self.own);
        self.validators.get_or_init(|| schemas().filter_map(|schema| compile_one(kind, schema).ok()).collect())
    }

    /// Whether a named condition holds for a value.
    fn holds(&self, kind: &str, due: &str, value: &Value) -> bool {
        let Some(condition) = self.conditions.get(due) else { return false };
        let validator = condition.get_or_init(|| condition_validator(kind, &self.schema, due));
        validator.as_ref().is_none_or(|validator| validator.is_valid(value))
    }
}

impl Notes {
    fn of(notes: &Value) -> Self {
        let list = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let lifecycle = &notes["lifecycle"];
        let two_sided = notes["two_sided"].as_array().into_iter().flatten().filter_map(|link| {
            Some((
                link["field"].as_str()?.to_owned(),
                link["kind"].as_str()?.to_owned(),
                link["back"].as_str()?.to_owned(),
            ))
        });
        Self {
            clauses: list(&notes["clauses"]),
            retention: notes["retention"].as_str().map(str::to_owned),
            state_field: lifecycle["field"].as_str().unwrap_or("status").to_owned(),
            states: list(&lifecycle["states"]),
            closed: list(&lifecycle["closed"]),
            effective: list(&lifecycle["effective"]),
            dated_by: list(&notes["dated_by"]),
            two_sided: two_sided.collect(),
        }
    }
}

fn form(name: &str) -> Form {
    match name {
        "record" => Form::Record,
        "entry" => Form::Entry,
        "register" => Form::Register,
        _ => Form::Document,
    }
}

/// The text of the shared definitions.
pub fn metadata_text() -> &'static str {
    built_in::METADATA
}

/// The schema of the configuration, `attestry.yaml`.
pub fn configuration_schema_text() -> &'static str {
    built_in::ATTESTRY
}

/// The schema of `people.yaml`.
pub fn people_schema_text() -> &'static str {
    built_in::PEOPLE
}

/// A JSON object's text under a key.
pub fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    fields.get(key).and_then(Value::as_str)
}

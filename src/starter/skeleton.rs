//! A new document made from its kind's schema: what is due is there, with a placeholder that says
//! what belongs there; what is due later stands as a comment with its condition.

use super::written;
use crate::{
    calendar::{Date, Interval},
    document::slug,
    kind::{Fault, Field, Form, Holds, Kind},
    wording::{lower_first, wrap},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is known of the document to be.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    /// Its id; empty for the kind's first.
    pub id: String,
    /// Its title; none for a placeholder.
    pub title: Option<String>,
    /// Today.
    pub today: Date,
    /// Owner: the id of a role or person.
    pub owner: Option<String>,
    /// Author: the id of a person.
    pub author: Option<String>,
    /// An id per kind that a reference may name.
    pub known: BTreeMap<String, String>,
    /// Whether it is an entry of a register: the register carries the metadata.
    pub entry: bool,
    /// Whether it has a body with headings.
    pub markdown: bool,
    /// The user's names of fields.
    pub names: BTreeMap<String, String>,
}

impl Seed {
    /// For an example: nothing is known.
    pub fn example() -> Self {
        Self { today: Date::constant(2026, 1, 31), ..Self::default() }
    }
}

/// The lines of a new document.
#[derive(Clone, Debug, Default)]
pub struct Skeleton {
    /// The fields as lines of YAML.
    pub lines: Vec<String>,
    /// The body, for Markdown.
    pub body: String,
    /// Fields that are due and that nothing in the repository can fill yet: name, and what each
    /// holds.
    pub unfilled: Vec<(String, String)>,
}

impl Skeleton {
    /// The lines as text.
    pub fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// The file: YAML, or Markdown with front matter.
    pub fn file(&self) -> String {
        if self.body.is_empty() { self.text() } else { format!("---\n{}---\n\n{}", self.text(), self.body) }
    }
}

/// A new document of a kind.
pub fn skeleton(kind: &Kind, seed: &Seed) -> Skeleton {
    let fields = kind.fields();
    let mut values = start(kind, seed);
    // Fields that only something can fill that is not there: an id of nothing would be an error.
    let mut unfilled: Vec<String> = Vec::new();
    // What a filled field makes due (a state, a yes) may make others due.
    for _ in 0..6 {
        let whole = Value::Object(values.clone());
        let mut due: Vec<String> = kind
            .violations(&whole)
            .into_iter()
            .filter(|violation| violation.nature == Fault::Missing)
            .filter_map(|violation| violation.pointer.strip_prefix('/').map(str::to_owned))
            .filter(|name| !name.contains('/'))
            .collect();
        due.extend(kind.lacking(&whole).map(|(name, _, _)| name.to_owned()));
        due.retain(|name| !values.contains_key(name) && !unfilled.contains(name));
        if due.is_empty() {
            break;
        }
        for field in fields.iter().filter(|field| due.contains(&field.name)) {
            let value = placeholder(kind, field, seed);
            let form = matches!(field.holds, Holds::Form(_));
            let of_a_file = form && matches!(field.name.as_str(), "path" | "sha256");
            if of_a_file || !form && value.to_string().contains("\"TODO\"") {
                unfilled.push(field.name.clone());
                continue;
            }
            values.insert(field.name.clone(), value);
            if form {
                fit(kind, &field.name, &mut values);
            }
        }
    }
    // A draft may lack everything; its texts are what the author writes.
    for field in fields.iter().filter(|field| kind.form == Form::Document && !field.shared && field.due.is_some()) {
        if field.holds == Holds::Text && !values.contains_key(&field.name) {
            values.insert(field.name.clone(), placeholder(kind, field, seed));
        }
    }
    let mut skeleton = written_out(kind, seed, &fields, &values);
    let field = |name: &String| fields.iter().find(|field| field.name == *name);
    skeleton.unfilled =
        unfilled.iter().filter_map(field).map(|field| (field.name.clone(), field.holds.in_words())).collect();
    skeleton
}

/// The metadata that a new document has.
fn start(kind: &Kind, seed: &Seed) -> Map<String, Value> {
    let notes = &kind.compiled().notes;
    let id = if seed.id.is_empty() { format!("{}001", kind.prefix) } else { seed.id.clone() };
    let title = seed.title.clone().unwrap_or_else(|| format!("TODO: title of the {}", lower_first(&kind.title)));
    let mut values = Map::new();
    let mut put = |name: &str, value: Value| drop(values.insert(name.to_owned(), value));
    put("id", json!(id));
    put("title", json!(title));
    let document = kind.form == Form::Document;
    if !seed.entry && kind.form != Form::Entry {
        put("kind", json!(kind.name));
    }
    if document {
        put("version", json!("0.1"));
        put("status", json!("draft"));
    } else {
        put(&notes.state_field, json!(first_state(kind)));
    }
    if seed.entry || kind.form == Form::Entry {
        return values;
    }
    for (name, value) in [("owner", &seed.owner), ("author", &seed.author)] {
        if let Some(value) = value {
            put(name, json!(value));
        }
    }
    if document && let Some(cycle) = kind.compiled().schema["x-attestry"]["review_cycle"].as_str() {
        put("review_cycle", json!(cycle));
    }
    put("origin", json!("internal"));
    put("classification", json!("internal"));
    if let Some(retention) = &notes.retention {
        put("retention", json!(retention));
    }
    if !notes.clauses.is_empty() {
        put("clauses", json!(notes.clauses));
    }
    values
}

/// Text of a fixed form: the first of these that has it.
fn fit(kind: &Kind, name: &str, values: &mut Map<String, Value>) {
    let digest = "0".repeat(64);
    let candidates = ["TODO", "todo", "EUR", "application/pdf", "4.1", "iso20000-1:2018/4.3-a", "2026", &digest];
    for candidate in candidates {
        values.insert(name.to_owned(), json!(candidate));
        let own = format!("/{name}");
        let fits = kind.violations(&Value::Object(values.clone())).iter().all(|violation| violation.pointer != own);
        if fits {
            return;
        }
    }
}

fn first_state(kind: &Kind) -> &str {
    let notes = &kind.compiled().notes;
    let draft = notes.states.iter().find(|state| *state == "draft");
    draft.or(notes.states.first()).map_or("draft", String::as_str)
}

/// A value that says what belongs there, or the simplest one of its type.
fn placeholder(kind: &Kind, field: &Field, seed: &Seed) -> Value {
    if field.name == kind.compiled().notes.state_field {
        return json!(first_state(kind));
    }
    if field.section && seed.markdown {
        return json!(format!("#{}", slug(&field.title)));
    }
    simplest(&field.holds, &field.name, &field.title, seed)
}

fn simplest(holds: &Holds, name: &str, title: &str, seed: &Seed) -> Value {
    let known = |kinds: &[String]| {
        let found = kinds.iter().find_map(|kind| seed.known.get(kind));
        found.cloned().unwrap_or_else(|| "TODO".to_owned())
    };
    match holds {
        Holds::Text | Holds::Anything => json!(format!("TODO: {}", lower_first(title))),
        Holds::Form(_) => json!("TODO"),
        Holds::Either(several) => several.first().map_or(Value::Null, |first| simplest(first, name, title, seed)),
        Holds::Clause => json!("4.1"),
        Holds::OneOf(values) => values.first().map_or(Value::Null, |first| json!(first)),
        Holds::Date | Holds::Moment => json!(day(name, seed.today).to_string()),
        Holds::Interval => json!("yearly"),
        Holds::Number(minimum) => json!(whole(minimum.unwrap_or(1.0).max(1.0))),
        Holds::Boolean => json!(false),
        Holds::Party => json!(seed.owner.clone().or_else(|| seed.author.clone()).unwrap_or_else(|| "TODO".to_owned())),
        Holds::Person => json!(seed.author.clone().unwrap_or_else(|| "TODO".to_owned())),
        Holds::Reference(kinds) => json!(known(kinds)),
        Holds::List(inner) => json!([simplest(inner, name, title, seed)]),
        Holds::Mapping(fields) => {
            let needed = fields.iter().filter(|(_, _, required)| *required);
            let needed: Vec<_> = if fields.iter().any(|(_, _, required)| *required) {
                needed.collect()
            } else {
                fields.iter().take(1).collect()
            };
            let value = |(name, holds, _): &&(String, Holds, bool)| {
                (name.clone(), simplest(holds, name, &name.replace('_', " "), seed))
            };
            Value::Object(needed.iter().map(value).collect())
        }
    }
}

/// A number without a fraction where it has none.
fn whole(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is small")]
    if number.fract() == 0.0 && number.abs() < 1e9 { json!(number as i64) } else { json!(number) }
}

/// Today, or in a year for what is to come.
fn day(name: &str, today: Date) -> Date {
    let to_come = ["until", "expires", "due", "next", "target"].iter().any(|word| name.contains(word));
    if to_come || name == "to" { Interval { months: 12, days: 0 }.after(today) } else { today }
}

fn written_out(kind: &Kind, seed: &Seed, fields: &[Field], values: &Map<String, Value>) -> Skeleton {
    let mut skeleton = Skeleton::default();
    let first = ["id", "title", "kind", "version", "status", "owner", "author"];
    let mut order: Vec<&str> = first.into_iter().filter(|name| values.contains_key(*name)).collect();
    let rest = fields.iter().filter(|field| field.shared).chain(fields.iter().filter(|field| !field.shared));
    order.extend(rest.map(|field| field.name.as_str()).filter(|name| !first.contains(name)));
    let mut optional = Vec::new();
    for name in order {
        let field = fields.iter().find(|field| field.name == name);
        let user = seed.names.get(name).map_or(name, String::as_str);
        if let Some(value) = values.get(name) {
            let mut lines = written::field(user, value);
            let remark = field.map(|field| remark(field, value, seed)).unwrap_or_default();
            if !remark.is_empty()
                && let Some(line) = lines.first_mut()
            {
                line.push_str(&format!("  # {remark}"));
            }
            skeleton.lines.extend(lines);
            continue;
        }
        let Some(field) = field else { continue };
        match &field.due {
            Some(due) if !field.shared || (kind.form == Form::Document && !seed.entry) => {
                let word = if due.expected { "expected" } else { "due" };
                let when = if due.when.is_empty() { "now" } else { due.when.as_str() };
                let holds = if field.section { "text".to_owned() } else { field.holds.in_words() };
                skeleton.lines.push(format!("# {user}:  # {}; {holds}; {word} {when}", field.title));
            }
            None if !field.shared => optional.push(user.to_owned()),
            _ => {}
        }
    }
    if !optional.is_empty() {
        let lines = wrap(&format!("optional: {}", optional.join(", ")), 110);
        skeleton.lines.extend(lines.iter().map(|line| format!("# {line}")));
    }
    if seed.markdown {
        skeleton.body = body(kind, fields, values);
    }
    skeleton
}

/// What to say beside a value that is not yet the author's own.
fn remark(field: &Field, value: &Value, seed: &Seed) -> String {
    if field.shared && field.name != "status" {
        return if value == "TODO" { field.title.clone() } else { String::new() };
    }
    let text = value.to_string();
    match &field.holds {
        Holds::OneOf(values) => values.join(", "),
        Holds::Text => String::new(),
        _ if field.section => String::new(),
        Holds::List(inner) if **inner == Holds::Text => String::new(),
        Holds::Date | Holds::Moment if text.contains(&seed.today.to_string()) => field.title.clone(),
        Holds::Form(words) if *words == field.title => field.title.clone(),
        holds => format!("{}; {}", field.title, holds.in_words()),
    }
}

/// Headings for the sections that the kind's fields point at.
fn body(kind: &Kind, fields: &[Field], values: &Map<String, Value>) -> String {
    let title = values.get("title").and_then(Value::as_str).unwrap_or(&kind.title);
    let description = kind.compiled().schema["description"].as_str().unwrap_or_default();
    let mut text = format!("# {title}\n\nTODO: one paragraph. {description}\n");
    let mut sections = 0;
    for field in fields.iter().filter(|field| field.section && values.contains_key(&field.name)) {
        text.push_str(&format!("\n## {}\n\nTODO: write this section.\n", field.title));
        sections += 1;
    }
    if sections == 0 {
        text.push_str("\n## Content\n\nTODO: write this section.\n");
    }
    text
}

/// The lines of a new register that lists a kind.
pub fn register(kind: &Kind, seed: &Seed) -> Vec<String> {
    let mut values = vec![
        ("kind", json!(kind.name)),
        ("id", json!(format!("REG-{}", kind.name.to_uppercase()))),
        ("title", json!(format!("Register: {}", lower_first(&kind.title)))),
        ("version", json!("0.1")),
        ("status", json!("draft")),
    ];
    for (name, value) in [("owner", &seed.owner), ("author", &seed.author)] {
        values.extend(value.as_ref().map(|value| (name, json!(value))));
    }
    let notes = &kind.compiled().notes;
    let cycle = kind.compiled().schema["x-attestry"]["review_cycle"].as_str().unwrap_or("yearly");
    values.push(("review_cycle", json!(cycle)));
    values.push(("origin", json!("internal")));
    values.push(("classification", json!("internal")));
    values.extend(notes.retention.as_ref().map(|retention| ("retention", json!(retention))));
    values.push(("clauses", json!(notes.clauses)));
    let mut lines: Vec<String> = values.iter().flat_map(|(name, value)| written::field(name, value)).collect();
    lines.push("entries: []".to_owned());
    lines
}

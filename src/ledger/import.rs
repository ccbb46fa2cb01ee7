//! From what the API of a hosting platform prints to entries of the ledger.
//!
//! The texts hold JSON values, one or several each, in any order: objects, lists, lists of lists
//! (pages). Each object is recognised by its shape and goes to the request that it names; one that
//! names none goes to the request before it.

use super::{Entry, Platform, github, gitlab};
use serde_json::{Map, Value};

/// A text with the name under which errors speak of it.
#[derive(Clone, Debug)]
pub struct Text {
    /// `reviews.json`, `standard input`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Why something cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What is wrong, in a lower-case phrase that names the text.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A JSON object with the text that it stands in.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) object: Map<String, Value>,
}

/// A request with everything that was given for it.
pub(super) struct Request {
    pub(super) platform: Platform,
    pub(super) part: Part,
    /// Reviews of GitHub, approvals of GitLab.
    pub(super) reviews: Vec<Part>,
    pub(super) files: Vec<Part>,
    /// Empty lists: no reviews, or no files.
    pub(super) empty: usize,
    /// Where it stands among all parts.
    position: usize,
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Request(Platform),
    Reviews(Platform),
    Files(Platform),
    /// What an API says instead of what was asked for.
    Refusal,
    Unknown,
}

/// What is found in the texts, in their order.
enum Found {
    Part(Shape, Part),
    Empty(String),
}

/// The deepest list of lists that is looked into.
const DEPTH: usize = 4;

/// Makes entries of what the API of a hosting platform prints, in the order of their ids; all, or
/// none and everything that is wrong.
pub fn import(texts: &[Text]) -> Result<Vec<Entry>, Vec<Defect>> {
    let mut defects = Vec::new();
    let mut found = Vec::new();
    for text in texts {
        read(text, &mut found, &mut defects);
    }
    let requests = requests(found, &mut defects);
    if requests.is_empty() && defects.is_empty() {
        defects.push(Defect {
            message: "there is no pull request and no merge request in what was given".to_owned(),
            help: github::CALLS.to_owned(),
        });
    }
    let mut entries: Vec<Entry> = Vec::new();
    for request in requests {
        let name = request.part.name.clone();
        let entry = match request.platform {
            Platform::GitHub => github::entry(request),
            Platform::GitLab => gitlab::entry(request),
        };
        match entry {
            Ok(entry) if entries.iter().any(|other| other.id == entry.id) => defects.push(Defect {
                message: format!("`{name}`: {} {} is there twice", entry.platform.request(), entry.request),
                help: "give each request once".to_owned(),
            }),
            Ok(entry) => entries.push(entry),
            Err(defect) => defects.push(defect),
        }
    }
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    if defects.is_empty() { Ok(entries) } else { Err(defects) }
}

fn read(text: &Text, found: &mut Vec<Found>, defects: &mut Vec<Defect>) {
    let json = text.text.strip_prefix('\u{feff}').unwrap_or(&text.text);
    let before = found.len();
    for value in serde_json::Deserializer::from_str(json).into_iter::<Value>() {
        match value {
            Ok(value) => flatten(value, &text.name, DEPTH, found, defects),
            Err(error) => {
                defects.push(Defect {
                    message: format!("`{}` is not JSON: {error}", text.name),
                    help: "give what the API prints, without headers and without changes".to_owned(),
                });
                return;
            }
        }
    }
    if found.len() == before && defects.is_empty() {
        defects.push(Defect { message: format!("`{}` holds nothing", text.name), help: github::CALLS.to_owned() });
    }
}

fn flatten(value: Value, name: &str, depth: usize, found: &mut Vec<Found>, defects: &mut Vec<Defect>) {
    match value {
        Value::Object(object) => found.push(Found::Part(shape(&object), Part { name: name.to_owned(), object })),
        Value::Array(items) if depth > 0 => {
            // A list of pages is as empty as its pages are.
            let start = found.len();
            let mut nothing = true;
            for item in items {
                let is_empty = item.as_array().is_some_and(Vec::is_empty);
                nothing &= is_empty;
                if !is_empty {
                    flatten(item, name, depth - 1, found, defects);
                }
            }
            if nothing && found.len() == start {
                found.push(Found::Empty(name.to_owned()));
            }
        }
        _ => defects.push(Defect {
            message: format!("`{name}` holds JSON that is neither an object nor a list of objects"),
            help: "give what the API prints, without changes".to_owned(),
        }),
    }
}

fn shape(object: &Map<String, Value>) -> Shape {
    let has = |names: &[&str]| names.iter().all(|name| object.contains_key(*name));
    let is_list = |name: &str| object.get(name).is_some_and(Value::is_array);
    if is_list("approved_by") {
        Shape::Reviews(Platform::GitLab)
    } else if has(&["number", "head"]) || has(&["number", "base"]) || has(&["number", "merged_at"]) {
        Shape::Request(Platform::GitHub)
    } else if has(&["iid", "web_url"]) || has(&["iid", "merged_at"]) {
        Shape::Request(Platform::GitLab)
    } else if has(&["state", "submitted_at"]) || has(&["state", "user", "commit_id"]) {
        Shape::Reviews(Platform::GitHub)
    } else if has(&["filename"]) {
        Shape::Files(Platform::GitHub)
    } else if has(&["new_path", "old_path"]) {
        Shape::Files(Platform::GitLab)
    } else if object.get("message").is_some_and(Value::is_string) && object.len() <= 4 {
        Shape::Refusal
    } else {
        Shape::Unknown
    }
}

/// The requests, each with its parts.
fn requests(found: Vec<Found>, defects: &mut Vec<Defect>) -> Vec<Request> {
    let mut requests = Vec::new();
    let mut rest = Vec::new();
    for (position, found) in found.into_iter().enumerate() {
        match found {
            Found::Part(Shape::Request(platform), part) => {
                requests.push(Request { platform, part, reviews: Vec::new(), files: Vec::new(), empty: 0, position });
            }
            Found::Part(Shape::Refusal, part) => defects.push(Defect {
                message: format!(
                    "`{}`: the API answered: {}",
                    part.name,
                    text(&part.object, "/message").unwrap_or_default()
                ),
                help: "mend the call or the permissions of its token, and import what it prints then".to_owned(),
            }),
            Found::Part(Shape::Unknown, part) => {
                let fields: Vec<String> = part.object.keys().take(5).map(|name| format!("`{name}`")).collect();
                let fields = if fields.is_empty() { "none".to_owned() } else { fields.join(", ") };
                defects.push(Defect {
                    message: format!(
                        "`{}` holds an object that is no request, review, approval or file (fields: {fields})",
                        part.name
                    ),
                    help: github::CALLS.to_owned(),
                });
            }
            found => rest.push((position, found)),
        }
    }
    for (position, found) in rest {
        let (part, platform, is_file) = match found {
            Found::Part(Shape::Reviews(platform), part) => (part, platform, false),
            Found::Part(Shape::Files(platform), part) => (part, platform, true),
            Found::Part(..) => continue,
            Found::Empty(name) => {
                match before(&requests, position, |_| true) {
                    Some(index) => requests[index].empty += 1,
                    None => defects.push(without_request(&name, "an empty list", Platform::GitHub)),
                }
                continue;
            }
        };
        match owner(&requests, position, platform, is_file, &part) {
            Ok(index) if is_file => requests[index].files.push(part),
            Ok(index) => requests[index].reviews.push(part),
            Err(defect) if defects.contains(&defect) => {}
            Err(defect) => defects.push(defect),
        }
    }
    requests
}

/// The request that a review or a file belongs to: the one it names, else the one before it.
fn owner(
    requests: &[Request],
    position: usize,
    platform: Platform,
    is_file: bool,
    part: &Part,
) -> Result<usize, Defect> {
    let what = match (platform, is_file) {
        (Platform::GitHub, false) => "a review",
        (Platform::GitLab, false) => "approvals",
        (_, true) => "a changed file",
    };
    let belongs = |request: &Request| match platform {
        Platform::GitHub => github::belongs(&request.part.object, &part.object),
        Platform::GitLab => gitlab::belongs(&request.part.object, &part.object),
    };
    let of_platform = |request: &Request| request.platform == platform;
    if let Some(index) = requests.iter().position(|request| of_platform(request) && belongs(request) == Some(true)) {
        return Ok(index);
    }
    if !requests.iter().any(of_platform) {
        return Err(without_request(&part.name, what, platform));
    }
    let unnamed = before(requests, position, |request| of_platform(request) && belongs(request).is_none());
    unnamed.ok_or_else(|| Defect {
        message: format!("`{}` holds {what} of another {} than those that are given", part.name, platform.request()),
        help: format!("give the {} with the reviews and files that belong to it", platform.request()),
    })
}

/// The last request before a position that fits, else the first after it.
fn before(requests: &[Request], position: usize, fits: impl Fn(&Request) -> bool) -> Option<usize> {
    let before = requests.iter().rposition(|request| request.position < position && fits(request));
    before.or_else(|| requests.iter().position(fits))
}

fn without_request(name: &str, what: &str, platform: Platform) -> Defect {
    Defect {
        message: format!("`{name}` holds {what}, and the {} itself is not there", platform.request()),
        help: match platform {
            Platform::GitHub => github::CALLS,
            Platform::GitLab => gitlab::CALLS,
        }
        .to_owned(),
    }
}

/// The text at a JSON pointer of an object.
pub(super) fn text<'a>(object: &'a Map<String, Value>, pointer: &str) -> Option<&'a str> {
    value(object, pointer)?.as_str()
}

/// The value at a JSON pointer of an object; null counts as none.
pub(super) fn value<'a>(object: &'a Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let (first, rest) = pointer.strip_prefix('/')?.split_once('/').unwrap_or((&pointer[1..], ""));
    let value = object.get(first)?;
    let value = if rest.is_empty() { value } else { value.pointer(&format!("/{rest}"))? };
    (!value.is_null()).then_some(value)
}

impl Part {
    /// What has to be there and is not.
    pub(super) fn lacks(&self, what: &str, pointer: &str, call: &str) -> Defect {
        Defect {
            message: format!("`{}`: {what} lacks `{}`", self.name, pointer.trim_start_matches('/').replace('/', ".")),
            help: format!("`{call}` prints it"),
        }
    }

    /// What is there and cannot be right.
    pub(super) fn wrong(&self, what: &str, pointer: &str, reason: &str, call: &str) -> Defect {
        Defect {
            message: format!(
                "`{}`: `{}` of {what} {reason}",
                self.name,
                pointer.trim_start_matches('/').replace('/', ".")
            ),
            help: format!("give what `{call}` prints, without changes"),
        }
    }

    /// A text that has to be there and has to be right.
    pub(super) fn needs(
        &self,
        pointer: &str,
        is_right: impl Fn(&str) -> bool,
        of: (&str, &str, &str),
    ) -> Result<String, Defect> {
        let (what, reason, call) = of;
        let found = value(&self.object, pointer).ok_or_else(|| self.lacks(what, pointer, call))?;
        let text = found.as_str().filter(|text| is_right(text));
        text.map(str::to_owned).ok_or_else(|| self.wrong(what, pointer, reason, call))
    }

    /// The same for a text that may lack.
    pub(super) fn may_have(
        &self,
        pointer: &str,
        is_right: impl Fn(&str) -> bool,
        of: (&str, &str, &str),
    ) -> Result<Option<String>, Defect> {
        if value(&self.object, pointer).is_none() { Ok(None) } else { self.needs(pointer, is_right, of).map(Some) }
    }
}

//! One page per document: its metadata, what it says, what it refers to and what refers to it,
//! what was found about it, and its source.

use super::{
    documents::{Row, row},
    life,
};
use crate::{
    document::Document,
    site::{
        Site, markdown,
        targets::OfDocument,
        value::Values,
        view::{FindingView, Folded, Link, Page},
    },
    sms::{Standing, Target, evidence::Stated},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Fields that belong to the control of the document, in the order of the page.
const METADATA: &[&str] = &[
    "id",
    "version",
    "status",
    "owner",
    "author",
    "approved_by",
    "approved_on",
    "effective_from",
    "last_reviewed",
    "review_cycle",
    "created_by",
    "created_on",
    "closed_on",
    "language",
    "classification",
    "audience",
    "supersedes",
    "origin",
    "retention",
];

/// Fields about the document's own life, after what it says.
const LIFE: &[&str] = &["reviews", "change_log", "addenda", "source_snapshot"];

/// How a text refers to a document by its path.
const LINKED: &str = "linked in the text";

#[derive(Default, Serialize)]
struct DocumentPage {
    id: String,
    title: String,
    kind: String,
    standing: &'static str,
    standing_class: &'static str,
    withheld: Option<&'static str>,
    metadata: Vec<Field>,
    fields: Vec<Field>,
    life: Vec<Field>,
    history: Option<life::History>,
    /// HTML of the text.
    body: Option<String>,
    clauses: Vec<Link>,
    evidence_for: Vec<Link>,
    register: Option<Link>,
    entries: Vec<Row>,
    entries_withheld: usize,
    refers_to: Option<Folded<Related>>,
    referred_by: Option<Folded<Related>>,
    referred_by_withheld: usize,
    findings: Vec<FindingView>,
    attachments: Vec<FileView>,
    source: Option<FileView>,
}

#[derive(Serialize)]
struct Field {
    title: String,
    /// HTML, made of escaped text.
    value: String,
    /// Whether it is more than a line.
    block: bool,
}

#[derive(Serialize)]
struct Related {
    link: Link,
    how: String,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    line: Option<usize>,
    href: Option<String>,
    name: String,
    size: usize,
    sha256: Option<String>,
    /// The digest that the document states, where it is another one.
    stated: Option<String>,
    renamed: bool,
}

pub(super) fn pages(site: &Site<'_>) -> Vec<Page> {
    let mut entries: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (position, document) in site.sms.documents.iter().enumerate() {
        if let Some(register) = document.register {
            entries.entry(register).or_default().push(position);
        }
    }
    let none = Vec::new();
    let of = |position: usize| page(site, position, entries.get(&position).unwrap_or(&none));
    (0..site.sms.documents.len()).map(of).collect()
}

fn page(site: &Site<'_>, position: usize, entries: &[usize]) -> Page {
    let path = site.pages[position].clone();
    let root = Site::root_of(&path);
    let link = site.link(position, &root);
    if let Some(class) = link.withheld {
        let view = DocumentPage { id: link.text.clone(), withheld: Some(class), ..DocumentPage::default() };
        return Page::new(path, "withheld.html", &format!("{}, withheld: {class}", link.text), &view);
    }
    let view = view(site, position, entries, &root);
    let title = if view.title == view.id { view.id.clone() } else { format!("{} {}", view.id, view.title) };
    Page::new(path, "document.html", &title, &view)
}

fn view(site: &Site<'_>, position: usize, entries: &[usize], root: &str) -> DocumentPage {
    let document = &site.sms.documents[position];
    let standing = site.sms.standing(document);
    let values = Values::new(site, position, root);
    let these = |names: &[&str]| -> Vec<Field> {
        let there = names.iter().filter(|name| document.fields.contains_key(name));
        there.map(|name| field(site, document, &values, name)).collect()
    };
    let body = document.body.as_ref().map(|body| {
        let text = site.sms.source(document.source).slice(&body.span);
        markdown::render(text, body, document.title(), &OfDocument { site, position, root })
    });
    let other = document.fields.keys().map(String::as_str).filter(|field| {
        !METADATA.contains(field)
            && !LIFE.contains(field)
            && !matches!(*field, "title" | "kind" | "clauses" | "attachments" | "next_review" | "entries")
    });
    let (shown_entries, hidden_entries): (Vec<usize>, Vec<usize>) =
        entries.iter().partition(|entry| site.withheld.document(**entry).is_none());
    let (referred_by, referred_by_withheld) = referred_by(site, position, root);
    let mut metadata = these(METADATA);
    let after_cycle = METADATA.iter().take_while(|name| **name != "created_by");
    let place = after_cycle.filter(|name| document.fields.contains_key(name)).count();
    metadata.extend(next_review(site, document));
    metadata[place..].rotate_right(usize::from(site.sms.review(document).due().is_some()));
    if let Some(shown) = approval_shown(site, position) {
        let until = METADATA.iter().take_while(|name| **name != "approved_on");
        let before = until.filter(|name| document.fields.contains_key(name)).count();
        metadata.insert((before + 1).min(metadata.len()), shown);
    }
    let refers_to = refers_to(site, position, root);
    DocumentPage {
        id: document.id.clone(),
        title: document.title().to_owned(),
        kind: site.kind_title(document),
        standing: standing.in_words(),
        standing_class: standing_class(standing),
        withheld: None,
        metadata,
        fields: other.map(|name| field(site, document, &values, name)).collect(),
        life: these(LIFE),
        history: life::history(site, document),
        body: body.filter(|body| !body.trim().is_empty()),
        clauses: site.clauses(document.list("clauses"), root),
        evidence_for: evidence_for(site, position, root),
        register: document.register.map(|register| site.link(register, root)),
        entries: shown_entries.iter().map(|entry| row(site, *entry, root)).collect(),
        entries_withheld: hidden_entries.len(),
        refers_to: Some(Folded::new(refers_to, 20)).filter(|links| !links.is_empty()),
        referred_by: Some(Folded::new(referred_by, 20)).filter(|links| !links.is_empty()),
        referred_by_withheld,
        findings: site.finding_views(site.findings_about(position), root),
        attachments: attachments(site, document, root),
        source: Some(source(site, document, root)),
    }
}

fn field(site: &Site<'_>, document: &Document, values: &Values<'_, '_>, name: &str) -> Field {
    let shape = site.sms.kind(document).map(|kind| kind.compiled().shape.as_ref());
    let value = document.fields.get(name).unwrap_or(&Value::Null);
    let title = values.title(name, shape);
    // In a table of metadata the first phrase says enough.
    let title = if METADATA.contains(&name) {
        title.split([':', '(']).next().unwrap_or_default().trim().to_owned()
    } else {
        title
    };
    let block = match value {
        Value::Object(fields) => fields.len() > 2,
        Value::Array(items) => {
            items.iter().any(|item| item.is_object() || item.as_str().is_some_and(|text| text.len() > 40))
        }
        Value::String(text) => text.len() > 400,
        _ => false,
    };
    Field { title, value: values.field(name, value, shape), block }
}

/// How strongly the approval that the document states is shown.
fn approval_shown(site: &Site<'_>, position: usize) -> Option<Field> {
    let document = &site.sms.documents[position];
    let is_told = site.sms.has_history() && site.sms.says_approved(document) && document.filled("approved_on");
    let value = match site.sms.stated_approval(position) {
        _ if !is_told => return None,
        Stated::Shown(approval) => approval.strength.in_words().to_owned(),
        Stated::Claimed(_) => "claimed: only somebody else says so".to_owned(),
        Stated::Pending => "pending: not on the default branch yet".to_owned(),
        Stated::Changed(_) => "none: the text was changed since".to_owned(),
        Stated::Unknown => return None,
    };
    Some(Field { title: "Approval shown".to_owned(), value, block: false })
}

/// The day of the next review as it is computed, which is what counts.
fn next_review(site: &Site<'_>, document: &Document) -> Option<Field> {
    let review = site.sms.review(document);
    let day = review.due()?;
    let late = match review {
        crate::sms::review::Review::Overdue(_) => ", overdue",
        crate::sms::review::Review::DueSoon(_) => ", due soon",
        _ => "",
    };
    Some(Field { title: "Next review".to_owned(), value: format!("{day}{late}"), block: false })
}

fn standing_class(standing: Standing) -> &'static str {
    match standing {
        Standing::InForce | Standing::Closed => "found",
        Standing::Open | Standing::Upcoming => "judge",
        Standing::Draft | Standing::Withdrawn => "none",
    }
}

/// The requirements that the document is evidence for, by clause.
fn evidence_for(site: &Site<'_>, position: usize, root: &str) -> Vec<Link> {
    let mut numbers: Vec<&str> = Vec::new();
    for index in site.serves.get(&position).into_iter().flatten() {
        let number = site.assessments[*index].clause.number.as_str();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    site.clauses(numbers, root)
}

/// What a reference is called: the field that holds it.
fn how(site: &Site<'_>, from: usize, pointer: Option<&str>) -> String {
    let Some(pointer) = pointer else { return "mentioned in the text".to_owned() };
    let field = pointer.split('/').nth(1).unwrap_or_default();
    let document = &site.sms.documents[from];
    let shape = site.sms.kind(document).map(|kind| kind.compiled().shape.as_ref());
    let title = shape.and_then(|shape| shape.properties.get(field)).and_then(|shape| shape.title.clone());
    title.unwrap_or_else(|| field.replace('_', " "))
}

/// Other documents that this one refers to, each once.
fn refers_to(site: &Site<'_>, position: usize, root: &str) -> Vec<Related> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for reference in site.sms.outgoing(position) {
        if let Target::Document(target) = reference.target {
            let how = how(site, position, reference.pointer());
            let all = found.entry(target).or_default();
            if target != position && !all.contains(&how) {
                all.push(how);
            }
        }
    }
    found.remove(&position);
    for target in site.links.get(&position).into_iter().flatten() {
        found.entry(*target).or_default().push(LINKED.to_owned());
    }
    related(site, found, root)
}

/// Other documents that refer to this one, each once, and how many of them are withheld.
fn referred_by(site: &Site<'_>, position: usize, root: &str) -> (Vec<Related>, usize) {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for reference in site.sms.incoming(position).filter(|reference| reference.from != position) {
        let how = how(site, reference.from, reference.pointer());
        let all = found.entry(reference.from).or_default();
        if !all.contains(&how) {
            all.push(how);
        }
    }
    for from in site.linked_by.get(&position).into_iter().flatten() {
        found.entry(*from).or_default().push(LINKED.to_owned());
    }
    let before = found.len();
    found.retain(|from, _| site.withheld.document(*from).is_none());
    let withheld = before - found.len();
    (related(site, found, root), withheld)
}

fn related(site: &Site<'_>, found: BTreeMap<usize, Vec<String>>, root: &str) -> Vec<Related> {
    found.into_iter().map(|(position, how)| Related { link: site.link(position, root), how: how.join("; ") }).collect()
}

fn source(site: &Site<'_>, document: &Document, root: &str) -> FileView {
    let path = site.sms.path(document);
    let line = document.register.map(|_| site.sms.source(document.source).position(document.whole().span.start).line);
    FileView { line, ..file(site, path, None, root) }
}

/// A file of the repository, with the way to its copy where there is one.
fn file(site: &Site<'_>, path: &str, stated: Option<&str>, root: &str) -> FileView {
    let copy = site.files.get(path);
    let bytes = site.copies.get(path).filter(|_| copy.is_some());
    let sha256 = bytes.map(|bytes| crate::repository::sha256(bytes));
    FileView {
        path: path.to_owned(),
        line: None,
        href: copy.map(|copy| format!("{root}{copy}")),
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        size: bytes.map_or(0, Vec::len),
        stated: stated
            .filter(|stated| sha256.as_deref().is_some_and(|sha256| !sha256.eq_ignore_ascii_case(stated)))
            .map(str::to_owned),
        sha256,
        renamed: copy.is_some_and(|copy| *copy != format!("files/{path}")),
    }
}

fn attachments(site: &Site<'_>, document: &Document, root: &str) -> Vec<FileView> {
    let mut files: Vec<FileView> = document
        .fields
        .get("attachments")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| Some(file(site, item["path"].as_str()?, item["sha256"].as_str(), root)))
        .collect();
    if document.kind == "attachment"
        && let Some(path) = document.text("path")
    {
        files.push(file(site, path, document.text("sha256"), root));
    }
    files
}

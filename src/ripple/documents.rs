//! Documents that differ between two SMS by value: fields and text, never path or layout.

use crate::{
    document::{Document, Population},
    sms::Sms,
};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is new.
    Added,
    /// Its fields or its text differ.
    Modified,
    /// It is the same at another path.
    Renamed,
    /// It is gone.
    Removed,
}

impl How {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Renamed => "renamed",
            Self::Removed => "removed",
        }
    }
}

/// A document that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedDocument {
    /// Its id.
    pub id: String,
    /// Its title, as it is now where it is there.
    pub title: String,
    /// Its kind.
    pub kind: String,
    /// The path of its file, now where it is there.
    pub path: String,
    /// The path before, where it moved.
    pub path_before: Option<String>,
    /// What became of it.
    pub how: How,
    /// Its version before and now.
    pub version: (Option<String>, Option<String>),
    /// Its status before and now.
    pub status: (Option<String>, Option<String>),
    /// Fields that differ; the text below the front matter is `text`.
    pub fields: Vec<String>,
}

/// A data set whose rows differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRows {
    /// Its path.
    pub path: String,
    /// How many rows are new, differ, and are gone.
    pub counts: (usize, usize, usize),
}

/// The id of a document in lower case, and which of the same id it is.
fn keyed(sms: &Sms) -> BTreeMap<(String, usize), &Document> {
    let mut seen = BTreeMap::<String, usize>::new();
    let keyed = sms.documents.iter().map(|document| {
        let id = document.id.to_lowercase();
        let count = seen.entry(id.clone()).or_default();
        *count += 1;
        ((id, *count), document)
    });
    keyed.collect()
}

/// The documents that differ: controlled ones before records, both in the order of their ids.
pub(super) fn changed(base: &Sms, now: &Sms) -> Vec<ChangedDocument> {
    let (before, after) = (keyed(base), keyed(now));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let pairs = keys.into_iter().map(|key| (before.get(key).copied(), after.get(key).copied()));
    let mut changed: Vec<(bool, ChangedDocument)> = pairs
        .filter_map(|(old, new)| {
            let controlled =
                new.is_some_and(|new| now.is_controlled(new)) || old.is_some_and(|old| base.is_controlled(old));
            Some((!controlled, pair(base, now, old, new)?))
        })
        .collect();
    changed.sort_by_key(|(record, _)| *record);
    changed.into_iter().map(|(_, document)| document).collect()
}

fn pair(base: &Sms, now: &Sms, old: Option<&Document>, new: Option<&Document>) -> Option<ChangedDocument> {
    let (sms, document) = new.map(|new| (now, new)).or_else(|| old.map(|old| (base, old)))?;
    let path = sms.path(document).to_owned();
    let path_before = old.map(|old| base.path(old).to_owned()).filter(|before| *before != path);
    let fields = match (old, new) {
        (Some(old), Some(new)) => differing(base, now, old, new),
        _ => Vec::new(),
    };
    let how = match (old, new) {
        (None, _) => How::Added,
        (_, None) => How::Removed,
        _ if !fields.is_empty() => How::Modified,
        // An entry moves with its register.
        _ if path_before.is_some() && document.register.is_none() => How::Renamed,
        _ => return None,
    };
    let both = |field: &str| {
        let text = |document: Option<&Document>| document.and_then(|document| document.text(field)).map(str::to_owned);
        (text(old), text(new))
    };
    Some(ChangedDocument {
        id: document.id.clone(),
        title: document.title().to_owned(),
        kind: document.entry_kind.clone().unwrap_or_else(|| document.kind.clone()),
        path,
        path_before,
        how,
        version: both("version"),
        status: both("status"),
        fields,
    })
}

/// The fields that differ, in the order in which they stand.
fn differing(base: &Sms, now: &Sms, old: &Document, new: &Document) -> Vec<String> {
    let names = new.fields.keys().chain(old.fields.keys().filter(|name| !new.fields.contains_key(name)));
    // The entries of a register are documents of their own.
    let own = names.filter(|name| new.entry_kind.is_none() || *name != "entries");
    let mut fields: Vec<String> = own
        .filter(|name| old.fields.get(name) != new.fields.get(name))
        .map(|name| new.name_of(name).to_owned())
        .collect();
    let text = |sms: &Sms, document: &Document| {
        let body =
            document.body.as_ref().map(|body| sms.source(document.source).slice(&body.span).replace("\r\n", "\n"));
        body.unwrap_or_default()
    };
    if text(base, old) != text(now, new) {
        fields.push("text".to_owned());
    }
    fields
}

/// The data sets whose rows differ, in the order of their paths.
pub(super) fn rows(base: &Sms, now: &Sms) -> Vec<ChangedRows> {
    let by_path = |sms: &'_ Sms| -> BTreeMap<String, usize> {
        let paths = sms.populations.iter().enumerate();
        paths.map(|(index, population)| (sms.source(population.source).path().to_owned(), index)).collect()
    };
    let (before, after) = (by_path(base), by_path(now));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter_map(|path| {
        let old = before.get(path).map(|index| values(base, &base.populations[*index])).unwrap_or_default();
        let new = after.get(path).map(|index| values(now, &now.populations[*index])).unwrap_or_default();
        let added = new.keys().filter(|key| !old.contains_key(*key)).count();
        let removed = old.keys().filter(|key| !new.contains_key(*key)).count();
        let modified = new.iter().filter(|(key, text)| old.get(*key).is_some_and(|old| old != *text)).count();
        let counts = (added, modified, removed);
        (counts != (0, 0, 0)).then(|| ChangedRows { path: path.clone(), counts })
    });
    changed.collect()
}

fn values<'a>(sms: &'a Sms, population: &'a Population) -> BTreeMap<(&'a str, usize), &'a str> {
    let mut seen = BTreeMap::<&str, usize>::new();
    let text = sms.source(population.source);
    let rows = population.rows.iter().map(|row| {
        let count = seen.entry(row.id.as_str()).or_default();
        *count += 1;
        ((row.id.as_str(), *count), text.slice(&row.span).trim_end())
    });
    rows.collect()
}

//! What a leaf asks of the values of a document or row, worked out once for all that are held against
//! it.

use super::{ANY_KIND, value_of};
use crate::{
    document::{Document, is_filled},
    sms::{Sms, without_version},
    standard::{Evidence, Predicate},
};
use serde_json::Value;

/// Gives the value of a field.
type Get<'g, 'v> = &'g dyn Fn(&str) -> Option<&'v Value>;

/// What a leaf asks of values.
pub(in crate::sms) struct Wants<'l> {
    at_top: Vec<(&'l str, Want<'l>)>,
    /// By list, what one and the same item of it is to hold.
    in_lists: Vec<(&'l str, Vec<(&'l str, Want<'l>)>)>,
}

/// What is asked of one value.
enum Want<'l> {
    /// That it holds something.
    Filled,
    /// That it is this, or a list with it.
    Is(&'l Value),
    /// One of these.
    Any(Vec<Want<'l>>),
    /// That it refers to a document for which a predicate holds.
    Refers(Predicate),
    /// What no value meets.
    Nothing,
}

impl<'l> Wants<'l> {
    pub(in crate::sms) fn of(leaf: &'l Evidence) -> Self {
        let mut wants = Self { at_top: Vec::new(), in_lists: Vec::new() };
        let conditions = leaf.condition.iter().map(|(field, expected)| (field.as_str(), Want::of(expected)));
        for (field, want) in conditions.chain(leaf.fields.iter().map(|field| (field.as_str(), Want::Filled))) {
            let Some((list, rest)) = field.split_once("/*") else {
                wants.at_top.push((field, want));
                continue;
            };
            match wants.in_lists.iter_mut().find(|(one, _)| *one == list) {
                Some((_, of_item)) => of_item.push((rest, want)),
                None => wants.in_lists.push((list, vec![(rest, want)])),
            }
        }
        wants
    }

    /// Whether all of it holds for the values that `get` gives.
    pub(in crate::sms) fn hold(&self, sms: &Sms, get: Get<'_, '_>) -> bool {
        self.at_top.iter().all(|(field, want)| want.is_met(sms, get(field)))
            && self.in_lists.iter().all(|(list, of_item)| {
                let items = get(list).and_then(Value::as_array);
                let is_such = |item: &Value| of_item.iter().all(|(pointer, want)| want.is_met_in(sms, item, pointer));
                items.is_some_and(|items| items.iter().any(is_such))
            })
    }
}

impl<'l> Want<'l> {
    fn of(expected: &'l Value) -> Self {
        match expected {
            Value::Array(several) => Self::Any(several.iter().map(Self::of).collect()),
            Value::Object(_) => serde_json::from_value(expected.clone()).map_or(Self::Nothing, Self::Refers),
            expected => Self::Is(expected),
        }
    }

    fn is_met(&self, sms: &Sms, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Filled, value) => value.is_some_and(is_filled),
            (Self::Is(expected), Some(Value::Array(items))) => items.contains(expected),
            (Self::Is(expected), value) => value == Some(*expected),
            (Self::Any(several), value) => several.iter().any(|want| want.is_met(sms, value)),
            (Self::Refers(predicate), value) => refers_to(sms, value, predicate),
            (Self::Nothing, _) => false,
        }
    }

    fn is_met_in(&self, sms: &Sms, item: &Value, pointer: &str) -> bool {
        match pointer.split_once("/*") {
            Some((list, rest)) => {
                let items = item.pointer(list).and_then(Value::as_array);
                items.is_some_and(|items| items.iter().any(|item| self.is_met_in(sms, item, rest)))
            }
            None => self.is_met(sms, item.pointer(pointer)),
        }
    }
}

/// Whether a field refers to a document, in whatever state, for which a predicate holds.
fn refers_to(sms: &Sms, value: Option<&Value>, predicate: &Predicate) -> bool {
    let ids = match value {
        Some(Value::String(id)) => vec![id.as_str()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut documents = ids.into_iter().filter_map(|id| sms.document(without_version(id)));
    documents.any(|document| is_such(sms, document, predicate))
}

/// Whether a predicate holds for one document.
fn is_such(sms: &Sms, document: &Document, predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Any { any } => any.iter().any(|part| is_such(sms, document, part)),
        Predicate::All { all } => all.iter().all(|part| is_such(sms, document, part)),
        Predicate::Leaf(leaf) => {
            (leaf.kind == ANY_KIND || document.kind == leaf.kind)
                && Wants::of(leaf).hold(sms, &|field| value_of(sms, document, field))
        }
    }
}

//! The fields of a document: a few values by name, asked for often. Many documents have the same
//! names, which they share.

use serde_json::{Map, Value};
use std::sync::Arc;

/// What gives a value by the name of a field.
pub trait Named {
    /// The value of a field.
    fn named(&self, field: &str) -> Option<&Value>;
}

impl Named for Map<String, Value> {
    fn named(&self, field: &str) -> Option<&Value> {
        self.get(field)
    }
}

/// Values by name, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Arc<[String]>,
    /// One for each name.
    values: Box<[Value]>,
}

impl Fields {
    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        // A dozen short names are compared sooner than one is hashed.
        self.names.iter().position(|name| name == field).map(|place| &self.values[place])
    }

    /// Whether there is such a field.
    pub fn contains_key(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.names.iter()
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.names.iter().zip(&self.values)
    }

    /// As a mapping that can be changed.
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The names, and the value of each.
    pub fn parts(&self) -> (&[String], &[Value]) {
        (&self.names, &self.values)
    }
}

impl Named for Fields {
    fn named(&self, field: &str) -> Option<&Value> {
        self.get(field)
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(map: Map<String, Value>) -> Self {
        let (names, values): (Vec<String>, Vec<Value>) = map.into_iter().unzip();
        Self { names: names.into(), values: values.into() }
    }
}

/// In whatever order: as JSON has it.
impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.values.len() == other.values.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

/// The sets of names that were met: what has the same names as a document before it shares them.
#[derive(Debug, Default)]
pub struct SharedNames {
    /// The one that was met last stands at the end.
    known: Vec<Arc<[String]>>,
}

/// More sets are not looked through for one that is the same.
const SETS: usize = 32;

impl SharedNames {
    /// Fields of these names and values; none where there are not as many names as values, or one
    /// stands there twice.
    pub fn fields(&mut self, names: &[&str], values: Vec<Value>) -> Option<Fields> {
        if names.len() != values.len() {
            return None;
        }
        let names = self.shared(names)?;
        Some(Fields { names, values: values.into() })
    }

    fn shared(&mut self, names: &[&str]) -> Option<Arc<[String]>> {
        let same = |known: &Arc<[String]>| known.len() == names.len() && known.iter().zip(names).all(|(a, b)| a == b);
        if let Some(place) = self.known.iter().rposition(same) {
            let last = self.known.len() - 1;
            self.known.swap(place, last);
            return self.known.last().cloned();
        }
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        let new: Arc<[String]> = names.iter().map(|name| (*name).to_owned()).collect();
        if self.known.len() == SETS {
            self.known.remove(0);
        }
        self.known.push(Arc::clone(&new));
        Some(new)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may stop at once")]

    use super::{Fields, SETS, SharedNames};
    use serde_json::{Map, Value, json};
    use std::sync::Arc;

    fn of(value: Value) -> Fields {
        let Value::Object(map) = value else { return Map::new().into() };
        map.into()
    }

    #[test]
    fn the_order_is_kept_and_makes_no_difference() {
        let one = of(json!({ "title": "A", "id": "B" }));
        assert_eq!(one.keys().collect::<Vec<_>>(), ["title", "id"]);
        assert_eq!(one, of(json!({ "id": "B", "title": "A" })));
        assert_ne!(one, of(json!({ "id": "B" })));
        assert_ne!(of(json!({ "id": "B" })), one);
        assert_eq!(one.get("id"), Some(&json!("B")));
        assert_eq!(one.get("owner"), None);
        assert_eq!(Fields::from(one.to_map()), one);
    }

    #[test]
    fn the_same_names_are_shared() {
        let mut names = SharedNames::default();
        let one = names.fields(&["id", "title"], vec![json!(1), json!(2)]).unwrap();
        let other = names.fields(&["title", "id"], vec![json!(1), json!(2)]).unwrap();
        let again = names.fields(&["id", "title"], vec![json!(3), json!(4)]).unwrap();
        assert!(Arc::ptr_eq(&one.names, &again.names));
        assert_eq!(other.get("id"), Some(&json!(2)));
        assert_eq!(again.get("title"), Some(&json!(4)));
        for number in 0..2 * SETS {
            names.fields(&[&number.to_string()], vec![json!(number)]).unwrap();
        }
        assert_eq!(names.known.len(), SETS);
    }

    #[test]
    fn what_cannot_be_fields_is_none() {
        let mut names = SharedNames::default();
        assert_eq!(names.fields(&["id"], Vec::new()), None);
        assert_eq!(names.fields(&["id", "id"], vec![json!(1), json!(2)]), None);
    }
}

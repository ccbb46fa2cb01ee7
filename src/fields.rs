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

/// Names in the order in which they were written.
#[derive(Debug, Default)]
struct Names {
    list: Box<[String]>,
    /// The mark of each.
    marks: Box<[u64]>,
}

impl Names {
    fn of(list: Vec<String>) -> Self {
        Self { marks: list.iter().map(|name| mark(name)).collect(), list: list.into() }
    }

    fn place(&self, name: &str) -> Option<usize> {
        // A dozen numbers are compared sooner than one name is hashed.
        let mark = mark(name);
        let mut marked = self.marks.iter().enumerate().filter(|(_, other)| **other == mark);
        marked.find(|(place, _)| self.list[*place] == name).map(|(place, _)| place)
    }
}

/// A number that few names have in common: the first and last bytes of one.
fn mark(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let number = |four: &[u8; 4]| u64::from(u32::from_le_bytes(*four));
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => number(first) << 32 | number(last),
        _ => bytes.iter().fold(0, |mark, byte| mark << 8 | u64::from(*byte)),
    }
}

/// Values by name, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Arc<Names>,
    /// One for each name.
    values: Box<[Value]>,
}

impl Fields {
    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.names.place(field).map(|place| &self.values[place])
    }

    /// Whether there is such a field.
    pub fn contains_key(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.names.list.iter()
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.names.list.iter().zip(&self.values)
    }

    /// As a mapping that can be changed.
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The names, and the value of each.
    pub fn parts(&self) -> (&[String], &[Value]) {
        (&self.names.list, &self.values)
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
        Self { names: Arc::new(Names::of(names)), values: values.into() }
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
    known: Vec<Arc<Names>>,
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

    fn shared(&mut self, names: &[&str]) -> Option<Arc<Names>> {
        let same = |known: &Arc<Names>| {
            known.list.len() == names.len() && known.list.iter().zip(names).all(|(one, other)| one == other)
        };
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
        let new = Arc::new(Names::of(names.iter().map(|name| (*name).to_owned()).collect()));
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

    use super::{Fields, SETS, SharedNames, mark};
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
    fn names_with_one_mark_are_told_apart() {
        let fields = of(json!({ "dated_one_on": 1, "dated_line_on": 2, "": 3, "\0": 4, "ab": 5 }));
        assert_eq!(mark("dated_one_on"), mark("dated_line_on"));
        assert_eq!(mark(""), mark("\0"));
        for (place, name) in ["dated_one_on", "dated_line_on", "", "\0", "ab"].iter().enumerate() {
            assert_eq!(fields.get(name), Some(&json!(place + 1)), "{name:?}");
        }
        assert_eq!(fields.get("dated_time_on"), None);
    }

    #[test]
    fn what_cannot_be_fields_is_none() {
        let mut names = SharedNames::default();
        assert_eq!(names.fields(&["id"], Vec::new()), None);
        assert_eq!(names.fields(&["id", "id"], vec![json!(1), json!(2)]), None);
    }
}

//! JSON Lines: one object a line, its keys are the columns.

use super::{Column, Population, Problem, Repeated, count};
use crate::kind::{Kind, Shape};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Population {
    pub(super) fn read_lines(&mut self, path: &str, text: &str, kind: &Kind, problems: &mut Vec<Problem>) {
        let mut repeated = BTreeMap::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for line in text[at..].split_inclusive('\n') {
            let span = at..at + line.trim_end().len();
            at += line.len();
            if span.is_empty() {
                continue;
            }
            match serde_json::from_str::<Map<String, Value>>(&text[span.clone()]) {
                Ok(object) => {
                    seen.extend(object.keys().cloned());
                    let fields = self.line_fields(&object, kind);
                    self.add_row(path, text, span, fields, kind, &mut repeated);
                }
                Err(error) => count(
                    &mut repeated,
                    self.problem(
                        path,
                        span,
                        format!("the line is not a JSON object: {error}"),
                        "write one JSON object a line",
                    ),
                    "json",
                ),
            }
        }
        for (field, key) in &self.data_set.columns {
            if seen.contains(key) {
                self.columns.push(Column { field: field.clone(), heading: key.clone(), index: 0, span: 0..0 });
            } else {
                let near = crate::kind::nearest(key, seen.iter().map(String::as_str));
                let help = near.map_or_else(
                    || "export it, or take it out of `attestry.yaml`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let first = self.rows.first().map_or(0..0, |row| row.span.clone());
                let mut problem = self.problem(path, first, format!("no row has the key `{key}` (`{field}`)"), &help);
                problem.discriminator.clone_from(field);
                problems.push(problem);
            }
        }
        problems.extend(repeated.into_values().map(Repeated::told));
    }

    pub(super) fn line_fields(&self, object: &Map<String, Value>, kind: &Kind) -> Map<String, Value> {
        let shape = &kind.compiled().shape;
        let mut fields = self.default_fields(shape);
        for (field, key) in &self.data_set.columns {
            if let Some(value) = object.get(key).and_then(|value| self.line_value(field, value, shape)) {
                fields.insert(field.clone(), value);
            }
        }
        fields
    }

    /// The value of a key; none where it is empty.
    pub(super) fn line_value(&self, field: &str, value: &Value, shape: &Shape) -> Option<Value> {
        match value {
            Value::Null => None,
            Value::String(text) => self.value(field, text, shape),
            Value::Number(_) | Value::Bool(_) => self.value(field, &value.to_string(), shape),
            value => Some(value.clone()),
        }
    }
}

//! Populations: the rows of a CSV or JSON Lines file, columns mapped onto a kind's fields. Rows are
//! read in one pass; a row becomes a document only when something needs it.

mod csv;
mod difference;
mod held;
mod kept;
mod lines;
mod snapshot;

pub(crate) use difference::Window;
pub use difference::{Difference, Reading, RowChange, RowDeed, Was};
pub(crate) use held::Held;
pub use held::{Exported, Rewritten};
pub(crate) use snapshot::Snapshot;

pub use self::csv::Splitter;

use self::csv::cell_spans;
use super::{Defect, Document, Problem, Taken};
use crate::{
    calendar::in_iso_form,
    configuration::DataSet,
    kind::{Kind, Kinds, Shape},
    source::{Place, SourceId, Span},
    yaml::{Entry, Node, Value as Yaml},
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::OnceLock};

/// The rows of a data set.
#[derive(Debug)]
pub struct Population {
    /// The kind of the rows.
    pub kind: String,
    /// Where they stand.
    pub source: SourceId,
    /// The mapped columns that are there.
    pub columns: Vec<Column>,
    /// Rows in the order of the file.
    pub rows: Vec<Row>,
    /// The zone of times without offset, where the data set has its own.
    pub zone: Option<String>,
    by_id: BTreeMap<String, u32>,
    data_set: DataSet,
    lines: bool,
    /// What stands between the cells of CSV.
    delimiter: u8,
}

/// A mapped column.
#[derive(Clone, Debug)]
pub struct Column {
    /// attestry's field.
    pub field: String,
    /// The column's heading, or the key of the JSON object.
    pub heading: String,
    /// Its position in a CSV file, from 0.
    pub index: usize,
    /// The bytes of the heading.
    pub span: Span,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id, as written.
    pub id: String,
    /// Its bytes.
    pub span: Span,
}

/// Problems of rows of one sort: the first place, and how many rows have it.
struct Repeated {
    problem: Problem,
    rows: usize,
}

impl Population {
    /// Reads a data set. The second value says what is wrong: one problem per defect, not per row.
    pub fn read(source: SourceId, path: &str, text: &str, data_set: &DataSet, kinds: &Kinds) -> (Self, Vec<Problem>) {
        let mut population = Self::empty(source, path, data_set);
        let mut problems = Vec::new();
        let Some(kind) = kinds.get(&data_set.kind) else { return (population, problems) };
        if population.lines {
            population.read_lines(path, text, kind, &mut problems);
        } else {
            population.read_csv(path, text, kind, &mut problems);
        }
        (population, problems)
    }

    /// A data set without rows.
    fn empty(source: SourceId, path: &str, data_set: &DataSet) -> Self {
        let lower = path.to_ascii_lowercase();
        Self {
            kind: data_set.kind.clone(),
            source,
            columns: Vec::new(),
            rows: Vec::new(),
            zone: data_set.zone.clone(),
            by_id: BTreeMap::new(),
            data_set: data_set.clone(),
            lines: [".jsonl", ".ndjson", ".json"].iter().any(|extension| lower.ends_with(extension)),
            delimiter: b',',
        }
    }

    fn default_fields(&self, shape: &Shape) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("kind".to_owned(), Value::String(self.kind.clone()));
        for (field, value) in &self.data_set.defaults {
            self.set(&mut fields, field, value, shape);
        }
        fields
    }

    fn set(&self, fields: &mut Map<String, Value>, field: &str, cell: &str, shape: &Shape) {
        if let Some(value) = self.value(field, cell, shape) {
            fields.insert(field.to_owned(), value);
        }
    }

    /// The value of a cell; none where it is empty.
    fn value(&self, field: &str, cell: &str, shape: &Shape) -> Option<Value> {
        let word =
            self.data_set.values.get(field).and_then(|words| words.get(cell.trim())).map_or(cell, String::as_str);
        let shape = shape.properties.get(field);
        let iso = shape.filter(|shape| shape.is_day).and_then(|_| in_iso_form(word, &self.data_set.dates));
        let word = iso.as_deref().unwrap_or(word);
        let value = shape.map_or_else(|| Value::String(word.to_owned()), |shape| shape.cell(word));
        Some(value).filter(|value| !value.is_null())
    }

    #[expect(clippy::too_many_arguments, reason = "one row, from the two readers")]
    fn add_row(
        &mut self,
        path: &str,
        text: &str,
        span: Span,
        fields: Map<String, Value>,
        kind: &Kind,
        repeated: &mut BTreeMap<String, Repeated>,
    ) {
        let row = self.rows.len();
        let id = fields.get("id").and_then(Value::as_str).map_or_else(|| format!("{path}#{}", row + 1), str::to_owned);
        self.rows.push(Row { id: id.clone(), span: span.clone() });
        if let std::collections::btree_map::Entry::Vacant(e) = self.by_id.entry(id.to_lowercase()) {
            e.insert(u32::try_from(row).unwrap_or(u32::MAX));
        } else {
            let mut problem = self.problem(
                path,
                span,
                format!("the id `{id}` stands in more than one row"),
                "give every row its own id",
            );
            problem.place.pointer = "/id".to_owned();
            count(repeated, problem, "duplicate id");
        }
        let value = Value::Object(fields);
        for violation in kind.violations(&value) {
            let general: String = violation
                .pointer
                .split('/')
                .filter(|token| token.parse::<usize>().is_err())
                .collect::<Vec<_>>()
                .join("/");
            let key = format!("{general} {:?} {}", violation.nature, violation.help);
            if let Some(known) = repeated.get_mut(&key) {
                known.rows += 1;
                continue;
            }
            // The text of the rows so far suffices to place the cell.
            let place = self.cell(text, row, &violation.pointer);
            let field = violation.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
            let name = self.data_set.columns.get(field).map_or(field, String::as_str);
            count(repeated, Problem::of_violation(&violation, place, path, name), &key);
        }
    }

    fn problem(&self, path: &str, span: Span, message: String, help: &str) -> Problem {
        Problem::new(
            Defect::InvalidDataSet,
            Place { source: self.source, span, pointer: String::new() },
            path,
            message,
            help,
        )
    }

    /// The row of an id, without regard to case.
    pub fn row_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(&id.to_lowercase()).map(|row| *row as usize)
    }

    /// Whether rows can have a field: a column is mapped onto it, or all rows have it.
    pub fn holds(&self, field: &str) -> bool {
        self.columns.iter().any(|column| column.field == field) || self.data_set.defaults.contains_key(field)
    }

    /// Whether the id of some row begins like this, without regard to case.
    pub fn has_beginning(&self, beginning: &str) -> bool {
        let beginning = beginning.to_lowercase();
        self.by_id.range(beginning.clone()..).next().is_some_and(|(id, _)| id.starts_with(&beginning))
    }

    /// What the user calls a field: the heading of its column.
    pub fn name_of<'a>(&'a self, field: &'a str) -> &'a str {
        self.data_set.columns.get(field).map_or(field, String::as_str)
    }

    /// The fields of a row.
    pub fn fields(&self, text: &str, row: usize, kind: &Kind) -> Map<String, Value> {
        self.next_fields(&mut self.splitter(), text, row, kind)
    }

    /// What splits rows, for those who want the fields of many.
    pub fn splitter(&self) -> Splitter {
        Splitter::new(self.delimiter)
    }

    /// The fields of one row of many.
    pub fn next_fields(&self, splitter: &mut Splitter, text: &str, row: usize, kind: &Kind) -> Map<String, Value> {
        let slice = self.rows.get(row).and_then(|row| text.get(row.span.clone())).unwrap_or_default();
        self.fields_of(splitter, slice, kind)
    }

    /// The fields of the row that a text is.
    fn fields_of(&self, splitter: &mut Splitter, slice: &str, kind: &Kind) -> Map<String, Value> {
        if self.lines {
            return serde_json::from_str(slice).map(|object| self.line_fields(&object, kind)).unwrap_or_default();
        }
        splitter.cells(slice).map(|record| self.row_fields(&record, kind)).unwrap_or_default()
    }

    /// The place of a row's value: the cell, quotes included, or the row where it has none.
    pub fn cell(&self, text: &str, row: usize, pointer: &str) -> Place {
        let node = self.row_node(text, row);
        let field = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        let heading = self.data_set.columns.get(field).map_or(field, String::as_str);
        let span = node.get(heading).map_or(node.span.clone(), |cell| cell.span.clone());
        Place { source: self.source, span, pointer: pointer.to_owned() }
    }

    fn row_node(&self, text: &str, row: usize) -> Node {
        let span = self.rows.get(row).map_or(0..0, |row| row.span.clone());
        if self.lines {
            let (node, _) = crate::yaml::read(text.get(span.clone()).unwrap_or_default(), span.start);
            let entries = node.map(|node| node.value).into_iter().flat_map(|value| match value {
                Yaml::Mapping(entries) => entries,
                _ => Vec::new(),
            });
            return Node { value: Yaml::Mapping(entries.collect()), span };
        }
        let cells = cell_spans(text, &span, self.delimiter);
        let entries = self.columns.iter().filter_map(|column| {
            let cell = cells.get(column.index)?.clone();
            let node = Node { value: Yaml::Scalar { text: text[cell.clone()].to_owned(), plain: true }, span: cell };
            Some(Entry { key: column.heading.clone(), key_span: column.span.clone(), node })
        });
        Node { value: Yaml::Mapping(entries.collect()), span }
    }

    /// A row as a document.
    pub fn document(&self, text: &str, row: usize, kind: &Kind) -> Document {
        let node = self.row_node(text, row);
        Document {
            id: self.rows.get(row).map(|row| row.id.clone()).unwrap_or_default(),
            kind: self.kind.clone(),
            source: self.source,
            pointer: format!("/rows/{row}"),
            fields: self.fields(text, row, kind).into(),
            body: None,
            register: None,
            entry_kind: None,
            broken: false,
            stub: false,
            anchor: self
                .data_set
                .columns
                .get("id")
                .and_then(|heading| node.get(heading))
                .map_or(node.span.clone(), |id| id.span.clone()),
            node: node.into(),
            taken: Taken::default(),
            substance: OnceLock::new(),
            names: self.data_set.columns.clone(),
        }
    }
}

impl Repeated {
    fn told(self) -> Problem {
        let mut problem = self.problem;
        if self.rows > 1 {
            let others = self.rows - 1;
            problem.message = format!(
                "{}; so {} {others} more row{}",
                problem.message,
                if others == 1 { "has" } else { "have" },
                if others == 1 { "" } else { "s" }
            );
        }
        problem
    }
}

fn count(repeated: &mut BTreeMap<String, Repeated>, problem: Problem, key: &str) {
    repeated.entry(key.to_owned()).or_insert(Repeated { problem, rows: 0 }).rows += 1;
}

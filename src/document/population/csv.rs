//! CSV: the heading says which column is which field.

use super::{Column, Population, Problem, Repeated, count};
use crate::{kind::Kind, source::Span};
use ::csv::{ReaderBuilder, StringRecord};
use ::csv_core::ReadRecordResult;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Population {
    pub(super) fn read_csv(&mut self, path: &str, text: &str, kind: &Kind, problems: &mut Vec<Problem>) {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let delimiter = delimiter(path, &text[start..]);
        self.delimiter = delimiter;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(&text.as_bytes()[start..]);
        let mut record = StringRecord::new();
        let mut repeated = BTreeMap::new();
        let mut width = 0;
        let mut previous_end = start;
        let mut header = true;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    problems.push(self.problem(
                        path,
                        previous_end..previous_end,
                        format!("this is not CSV: {error}"),
                        "mend the row; what follows was not read",
                    ));
                    break;
                }
            }
            let end = start + usize::try_from(reader.position().byte()).unwrap_or(text.len() - start);
            let from = start + record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
            let from = from + text[from..end].len() - text[from..end].trim_start_matches(['\n', '\r']).len();
            let span = from..from + text[from..end].trim_end_matches(['\n', '\r']).len();
            previous_end = end;
            if header {
                width = record.len();
                self.map_columns(path, &record, text, &span, delimiter, kind, problems);
                header = false;
                continue;
            }
            if record.len() != width {
                let message = format!("the row has {} cells, the heading has {width}", record.len());
                count(
                    &mut repeated,
                    self.problem(path, span.clone(), message, "quote cells that hold the delimiter"),
                    "cells",
                );
            }
            let fields = self.row_fields(&record, kind);
            self.add_row(path, text, span, fields, kind, &mut repeated);
        }
        if header {
            problems.push(self.problem(path, 0..0, "the data set is empty".to_owned(), "export it with a heading row"));
        }
        problems.extend(repeated.into_values().map(Repeated::told));
    }

    #[expect(clippy::too_many_arguments, reason = "one call, from the reader above")]
    fn map_columns(
        &mut self,
        path: &str,
        record: &StringRecord,
        text: &str,
        span: &Span,
        delimiter: u8,
        kind: &Kind,
        problems: &mut Vec<Problem>,
    ) {
        let cells = cell_spans(text, span, delimiter);
        let position = |name: &str| record.iter().position(|heading| heading.trim() == name);
        for (field, name) in &self.data_set.columns {
            if let Some(index) = position(name) {
                let span = cells.get(index).cloned().unwrap_or_else(|| span.clone());
                self.columns.push(Column { field: field.clone(), heading: name.clone(), index, span });
            } else {
                let near = crate::kind::nearest(name, record.iter());
                let help = near.map_or_else(
                    || "export the column, or take it out of `attestry.yaml`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let mut problem =
                    self.problem(path, span.clone(), format!("the column `{name}` (`{field}`) is missing"), &help);
                problem.discriminator.clone_from(field);
                problems.push(problem);
            }
        }
        for field in self.data_set.columns.keys().filter(|field| !kind.compiled().shape.properties.contains_key(*field))
        {
            let mut problem = self.problem(
                path,
                span.clone(),
                format!("`{field}` is not a field of `{}`", kind.name),
                "map the column onto a field of the kind",
            );
            problem.discriminator.clone_from(field);
            problems.push(problem);
        }
        self.columns.sort_by_key(|column| column.index);
    }

    /// Finds the mapped columns that a heading has; where they stand is not told.
    pub(super) fn find_columns(&mut self, heading: &[String]) {
        let columns = self.data_set.columns.iter().filter_map(|(field, name)| {
            let index = heading.iter().position(|cell| cell == name)?;
            Some(Column { field: field.clone(), heading: name.clone(), index, span: 0..0 })
        });
        self.columns = columns.collect();
        self.columns.sort_by_key(|column| column.index);
    }

    pub(super) fn row_fields(&self, record: &StringRecord, kind: &Kind) -> Map<String, Value> {
        let shape = &kind.compiled().shape;
        let mut fields = self.default_fields(shape);
        for column in &self.columns {
            let cell = record.get(column.index).unwrap_or_default();
            self.set(&mut fields, &column.field, cell, shape);
        }
        fields
    }
}

/// Splits one record after the other. To make one costs as much as to split forty.
#[derive(Debug)]
pub struct Splitter {
    machine: ::csv_core::Reader,
    delimiter: u8,
}

impl Splitter {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { machine: ::csv_core::ReaderBuilder::new().delimiter(delimiter).build(), delimiter }
    }

    /// The cells of a text that is one record, as the reader of the whole file has them.
    pub(super) fn cells(&mut self, text: &str) -> Option<StringRecord> {
        self.machine.reset();
        let mut bytes = vec![0; text.len() + 1];
        // Every cell but the first stands behind a delimiter.
        let mut ends = vec![0; memchr::memchr_iter(self.delimiter, text.as_bytes()).count() + 2];
        let (mut read, mut written, mut cells) = (0, 0, 0);
        loop {
            let rest = text.as_bytes().get(read..)?;
            let (result, more, made, ended) = self.machine.read_record(rest, &mut bytes[written..], &mut ends[cells..]);
            (read, written, cells) = (read + more, written + made, cells + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End | ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => return None,
            }
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let cells = starts.zip(&ends[..cells]).map(|(start, end)| std::str::from_utf8(&bytes[start..*end]));
        cells.collect::<Result<Vec<&str>, _>>().ok().map(StringRecord::from)
    }
}

/// Tab in `.tsv`; else the one of comma, semicolon and tab that the heading has most of.
pub(super) fn delimiter(path: &str, text: &str) -> u8 {
    if path.to_ascii_lowercase().ends_with(".tsv") {
        return b'\t';
    }
    let heading = text.lines().next().unwrap_or_default();
    let mut best = b',';
    for candidate in [b';', b'\t'] {
        let count = |delimiter: u8| heading.bytes().filter(|byte| *byte == delimiter).count();
        if count(candidate) > count(best) {
            best = candidate;
        }
    }
    best
}

/// The bytes of each cell of a record, quotes included (RFC 4180).
pub(super) fn cell_spans(text: &str, record: &Span, delimiter: u8) -> Vec<Span> {
    let bytes = &text.as_bytes()[record.clone()];
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            byte if *byte == delimiter && !quoted => {
                cells.push(record.start + start..record.start + at);
                start = at + 1;
            }
            _ => {}
        }
    }
    cells.push(record.start + start..record.end);
    cells
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may stop at once")]
    use super::*;

    #[test]
    fn a_record_alone_has_the_cells_that_it_has_in_its_file() {
        let file = "a;b;c\n1;\"x;\"\"y\"\"\";\n;;\n\"two\nlines\";é;\" \"\n\"a\"b;c\"d;\"\"\nlast";
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(file.as_bytes());
        let records: Vec<StringRecord> = reader.records().map(Result::unwrap).collect();
        let starts: Vec<usize> =
            records.iter().map(|record| usize::try_from(record.position().unwrap().byte()).unwrap()).collect();
        let mut splitter = Splitter::new(b';');
        for (index, record) in records.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(file.len());
            let text = file[starts[index]..end].trim_end_matches('\n');
            assert_eq!(splitter.cells(text).unwrap(), *record, "{text}");
        }
        assert_eq!(records.len(), 6);
        assert!(splitter.cells("").is_none());
    }

    #[test]
    fn a_cell_is_its_bytes_with_its_quotes() {
        let text = "a,\"b, \"\"c\"\"\",d";
        let cells: Vec<_> = cell_spans(text, &(0..text.len()), b',').into_iter().map(|span| &text[span]).collect();
        assert_eq!(cells, ["a", "\"b, \"\"c\"\"\"", "d"]);
    }
}

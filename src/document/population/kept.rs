//! What a data set's file says as bytes, for the cache: rows that were in order are not held against
//! their schema again.

use super::{Column, Population, Row};
use crate::{
    cache::{Reader, Writer},
    configuration::DataSet,
    source::SourceId,
};

impl Population {
    /// Columns and rows as bytes.
    pub fn write(&self, writer: &mut Writer) {
        writer.list(&self.columns, |writer, Column { field, heading, index, span }| {
            writer.text(field);
            writer.text(heading);
            writer.length(*index);
            writer.length(span.start);
            writer.length(span.end);
        });
        writer.number(u64::from(self.delimiter));
        writer.list(&self.rows, |writer, Row { id, span }| {
            writer.text(id);
            writer.length(span.start);
            writer.length(span.end - span.start);
        });
    }

    /// The same from its bytes; none where they are not such.
    pub fn read_kept(reader: &mut Reader<'_>, source: SourceId, path: &str, data_set: &DataSet) -> Option<Self> {
        let mut population = Self::empty(source, path, data_set);
        population.columns = reader.list(|reader| {
            let (field, heading, index) = (reader.owned()?, reader.owned()?, reader.length()?);
            Some(Column { field, heading, index, span: reader.length()?..reader.length()? })
        })?;
        population.delimiter = u8::try_from(reader.number()?).ok()?;
        population.rows = reader.list(|reader| {
            let (id, start) = (reader.owned()?, reader.length()?);
            Some(Row { id, span: start..start.checked_add(reader.length()?)? })
        })?;
        let numbered = population.rows.iter().enumerate();
        // Of two rows with one id the first counts.
        let ids =
            numbered.rev().filter_map(|(row, Row { id, .. })| Some((id.to_lowercase(), u32::try_from(row).ok()?)));
        population.by_id = ids.collect();
        Some(population)
    }
}

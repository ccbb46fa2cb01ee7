//! The data sets: what columns they have and how many rows. The rows themselves stay where they
//! are.

use crate::site::{Site, view::Page};
use serde::Serialize;

#[derive(Serialize)]
struct DataPage {
    withheld: bool,
    count: usize,
    sets: Vec<SetView>,
}

#[derive(Serialize)]
struct SetView {
    anchor: String,
    path: String,
    kind: String,
    rows: usize,
    first: Option<String>,
    last: Option<String>,
    zone: Option<String>,
    columns: Vec<ColumnView>,
}

#[derive(Serialize)]
struct ColumnView {
    heading: String,
    field: String,
    title: Option<String>,
}

pub(super) fn page(site: &Site<'_>) -> Page {
    let withheld = site.withheld.unclassified();
    let sets = site.sms.populations.iter().enumerate().map(|(index, population)| {
        let anchor = format!("set-{}", index + 1);
        if withheld {
            return SetView {
                anchor,
                path: String::new(),
                kind: String::new(),
                rows: 0,
                first: None,
                last: None,
                zone: None,
                columns: Vec::new(),
            };
        }
        let kind = site.sms.kinds.get(&population.kind);
        let shape = kind.map(|kind| &kind.compiled().shape);
        let columns = population.columns.iter().map(|column| ColumnView {
            heading: column.heading.clone(),
            field: column.field.clone(),
            title: shape
                .and_then(|shape| shape.properties.get(&column.field))
                .and_then(|shape| shape.title.clone())
                .filter(|title| !site.shared_titles.contains(title)),
        });
        SetView {
            anchor,
            path: site.sms.source(population.source).path().to_owned(),
            kind: kind.map_or_else(|| population.kind.clone(), |kind| kind.title.clone()),
            rows: population.rows.len(),
            first: population.rows.first().map(|row| row.id.clone()),
            last: population.rows.last().map(|row| row.id.clone()),
            zone: population.zone.clone(),
            columns: columns.collect(),
        }
    });
    let view = DataPage { withheld, count: site.sms.populations.len(), sets: sets.collect() };
    Page::new("data.html", "data.html", "Data sets", &view)
}

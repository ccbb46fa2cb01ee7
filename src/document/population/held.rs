//! One row of a data set in one version of its file: what it held, and what of that is otherwise
//! than in an earlier version. Everything is told, while a difference asks only for what closed rows
//! should not have done.

use super::{
    DataSet, Reading, RowDeed,
    difference::canonical,
    snapshot::{Snapshot, half},
};
use crate::kind::Kinds;
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeSet};

/// A version of a data set, and what it has of one row.
pub(crate) struct Held<'t> {
    snapshot: Snapshot,
    text: Cow<'t, str>,
    /// The row's fields; none where the version does not have it.
    pub(crate) fields: Option<Map<String, Value>>,
}

/// A field of a row that does not hold what it held before.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewritten {
    /// The field.
    pub field: String,
    /// What it held.
    pub before: Option<Value>,
    /// What it holds.
    pub after: Option<Value>,
    /// Which of the two versions has the field at all.
    pub exported: Exported,
}

/// Which of two versions of a data set has a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exported {
    /// Both: the row itself changed.
    Both,
    /// Only the later one.
    Since,
    /// Only the earlier one.
    Before,
}

impl<'a> Reading<'a> {
    /// How a data set is read whose rows may also never close; none where they have no ids.
    pub fn of_any(data_set: &'a DataSet, kinds: &'a Kinds) -> Option<Self> {
        let kind = kinds.get(&data_set.kind)?;
        data_set.columns.contains_key("id").then_some(Self { data_set, kind, kinds })
    }

    /// What a version has of the row of an id; none where its rows have no ids.
    pub(crate) fn held<'t>(&self, path: &str, text: Cow<'t, str>, id: &str) -> Option<Held<'t>> {
        let snapshot = self.snapshot(path, &text)?;
        let digest = half(id.to_lowercase().as_bytes());
        let row = snapshot.rows.binary_search_by(|row| row.id.cmp(&digest)).ok().map(|place| snapshot.rows[place]);
        let fields = row.map(|row| snapshot.fields(&mut snapshot.splitter(), &row, &text, self.kind));
        Some(Held { fields: fields.filter(|fields| fields.contains_key("id")), snapshot, text })
    }

    /// The fields of the row that hold something else than in an earlier version.
    pub(crate) fn rewritten(&self, before: &Held<'_>, now: &Held<'_>) -> Vec<Rewritten> {
        let (Some(old), Some(new)) = (&before.fields, &now.fields) else { return Vec::new() };
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let differs = |name: &&String| {
            let shape = self.kind.compiled().shape.properties.get(*name).map(AsRef::as_ref);
            canonical(old.get(*name), shape) != canonical(new.get(*name), shape)
        };
        let differing: Vec<&String> = names.into_iter().filter(differs).collect();
        if differing.is_empty() {
            return Vec::new();
        }
        let (were, are) = (self.exported(before.whole()), self.exported(now.whole()));
        let rewritten = |name: &String| Rewritten {
            field: name.clone(),
            before: old.get(name).cloned(),
            after: new.get(name).cloned(),
            exported: match (were.contains(name.as_str()), are.contains(name.as_str())) {
                (false, true) => Exported::Since,
                (true, false) => Exported::Before,
                _ => Exported::Both,
            },
        };
        differing.into_iter().map(rewritten).collect()
    }

    /// What happened to the row that an earlier version had closed; none where it is nothing to ask
    /// about.
    pub(crate) fn since_closed(&self, before: &Held<'_>, now: &Held<'_>) -> Option<RowDeed> {
        let common = self.exported(now.whole()).intersection(&self.exported(before.whole())).copied().collect();
        self.deed(before.fields.as_ref()?, now.fields.as_ref()?, &common)
    }

    /// Whether a version that does not have the row covers the time that an earlier one dates it to.
    pub(crate) fn covers(&self, before: &Held<'_>, now: &Held<'_>) -> bool {
        let Some(held) = &before.fields else { return false };
        self.removed(held, &self.exported(before.whole()), &self.window_in(now.whole())).is_some()
    }
}

impl Held<'_> {
    fn whole(&self) -> (&Snapshot, &str) {
        (&self.snapshot, &self.text)
    }
}

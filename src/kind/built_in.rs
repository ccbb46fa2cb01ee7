//! The kinds that are built in, as `build.rs` writes them down.

use super::Compiled;
use serde_json::Value;
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// What every start needs to know of a built-in kind without parsing its schema.
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) form: &'static str,
    pub(super) folder: &'static str,
    pub(super) prefix: &'static str,
    pub(super) review_cycle: &'static str,
    pub(super) schema: &'static str,
    parsed: OnceLock<Value>,
    /// The same for every SMS that a run reads.
    pub(super) compiled: OnceLock<Compiled>,
}

impl BuiltIn {
    const fn new([name, title, form, folder, prefix, review_cycle]: [&'static str; 6], schema: &'static str) -> Self {
        Self {
            name,
            title,
            form,
            folder,
            prefix,
            review_cycle,
            schema,
            parsed: OnceLock::new(),
            compiled: OnceLock::new(),
        }
    }

    /// All of them, by name.
    pub(super) fn all() -> &'static [Self] {
        &KINDS
    }

    /// The one of a name.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        let place = KINDS.binary_search_by(|kind| kind.name.cmp(name)).ok()?;
        KINDS.get(place)
    }

    /// The schema as data, parsed when it is first asked for.
    pub(super) fn parsed(&self) -> &Value {
        self.parsed.get_or_init(|| serde_json::from_str(self.schema).unwrap_or_default())
    }
}

//! Evidence in the forms of other tools, one file per form.

pub mod csv;

//! References by id, links and anchors.

use crate::finding::Rule;

pub(super) static RULES: &[&Rule] = &[];

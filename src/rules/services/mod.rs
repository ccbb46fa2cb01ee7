//! Services, catalogue, service requirements, other parties.

use crate::finding::Rule;

pub(super) static RULES: &[&Rule] = &[];

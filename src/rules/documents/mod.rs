//! Control of documented information: ownership, approval, review.

use crate::finding::Rule;

pub(super) static RULES: &[&Rule] = &[];

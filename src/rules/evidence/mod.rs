//! Evidence outside the documents: commits, approvals, what the hosting platform is told.

mod codeowners_differ;

use crate::finding::Rule;

pub(super) static RULES: &[&Rule] = &[&codeowners_differ::RULE];

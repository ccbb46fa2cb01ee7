//! Governance, scope, policies, roles, the plan.

use crate::finding::Rule;

pub(super) static RULES: &[&Rule] = &[];

//! The lives of all documents and entries that the audience may see, as far as the history tells.

use super::Audience;
use crate::{audience::Withheld, report::log, sms::Sms};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The lives as JSON, with a line break at its end. What is gone from the tree is left out: nothing
/// says any more who may see it.
pub(super) fn render(sms: &Sms, audience: Audience) -> String {
    let withheld = Withheld::new(sms, audience);
    let named = !withheld.unclassified();
    let shown: BTreeSet<String> = sms
        .ids()
        .filter(|(_, positions)| positions.iter().all(|position| withheld.document(*position).is_none()))
        .map(|(id, _)| id.to_owned())
        .collect();
    let shown: Vec<String> = shown.into_iter().collect();
    let lives: Vec<Value> = shown
        .par_iter()
        .with_min_len(16)
        .filter_map(|id| sms.story(id).map(|story| log::value(sms, &story, named)))
        .collect();
    let history = &sms.evidence.history;
    let whole = json!({
        "version": log::VERSION,
        "as_of": sms.as_of.to_string(),
        "evidence_head": history.tip.map(|tip| tip.to_string()),
        "not_evaluated": history.not_evaluated,
        "documents": lives,
    });
    format!("{whole:#}\n")
}

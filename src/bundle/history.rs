//! The lives of all documents and entries that the audience may see, as far as the history tells.

use super::Audience;
use crate::{
    audience::{Withheld, could_see},
    report::log,
    sms::Sms,
};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The lives as JSON, with a line break at its end. Of what is gone from the tree, the last state
/// says who may see it.
pub(super) fn render(sms: &Sms, audience: Audience) -> String {
    let withheld = Withheld::new(sms, audience);
    let named = !withheld.unclassified();
    let shown: BTreeSet<String> = sms
        .ids()
        .filter(|(_, positions)| positions.iter().all(|position| withheld.document(*position).is_none()))
        .map(|(id, _)| id.to_owned())
        .collect();
    let shown: Vec<String> = shown.into_iter().collect();
    let told = |ids: &[String]| -> Vec<Value> {
        let told = ids.par_iter().with_min_len(16);
        told.filter_map(|id| sms.story(id).map(|story| log::value(sms, &story, named))).collect()
    };
    let gone = sms.gone().filter(|(_, last)| could_see(sms, audience, last));
    let gone: Vec<String> = gone.map(|(id, _)| id.to_owned()).collect();
    let history = &sms.evidence.history;
    let whole = json!({
        "version": log::VERSION,
        "as_of": sms.as_of.to_string(),
        "evidence_head": history.tip.map(|tip| tip.to_string()),
        "not_evaluated": history.not_evaluated,
        "documents": told(&shown),
        "gone": told(&gone),
    });
    format!("{whole:#}\n")
}

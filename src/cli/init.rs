//! `attestry init`.

use super::{Globals, Outcome};
use anyhow::Result;
use clap::Args;

/// Arguments of `init`.
#[derive(Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments, _globals: &Globals) -> Result<Outcome> {
    Ok(Outcome::Clean)
}

//! All tests that look at attestry from outside: one binary, so that it links once.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files and may stop at once")]

mod adoption;
mod anchors;
mod approvals;
mod bad_input;
mod baseline;
mod branch;
mod bundle;
mod cache;
mod cases;
mod codeowners;
mod commands;
mod demo;
mod formats;
mod history;
mod ledger;
mod log;
mod pull_request;
mod redline;
mod review;
mod row_lives;
mod rows;
mod rules;
mod schema;
mod signatures;
mod since;
mod site;
mod standard;
mod support;
mod tidy;
mod trace;
mod waivers;

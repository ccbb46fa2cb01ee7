//! All tests that look at attestry from outside: one binary, so that it links once.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files and may stop at once")]

mod adoption;
mod bad_input;
mod bundle;
mod cases;
mod commands;
mod demo;
mod formats;
mod history;
mod log;
mod redline;
mod review;
mod rules;
mod schema;
mod site;
mod standard;
mod support;
mod tidy;

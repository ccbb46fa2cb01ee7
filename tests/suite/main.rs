//! All tests that look at attestry from outside: one binary, so that it links once.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files and may stop at once")]

mod bad_input;
mod history;
mod rules;
mod support;

//! attestry: a compiler for compliance documentation.
//!
//! A repository is read once into plain values; every stage is a function from one named value to
//! the next:
//!
//! ```text
//! Repository ─read─▶ Inputs ─parse─▶ Documents, Populations ─link─▶ Sms (as of a date) ─check─▶ Findings ─▶ Report
//!                                                                    └─▶ Coverage ─▶ Site ─▶ Bundle ─▶ verify
//! ```
//!
//! Parsing never fails: problems are data. Only [`repository`] reads, only [`cli`] writes and
//! prints and asks the clock; everything between is pure.

pub mod anchor;
pub mod audience;
pub mod baseline;
pub mod bundle;
pub mod cache;
pub mod calendar;
pub mod cli;
pub mod codeowners;
pub mod configuration;
pub mod document;
pub mod explain;
pub mod export;
pub mod fields;
pub mod finding;
pub mod history;
pub mod kind;
pub mod ledger;
pub mod lookup;
pub mod redline;
pub mod report;
pub mod repository;
pub mod ripple;
pub mod rules;
pub mod sample;
pub mod signature;
pub mod since;
pub mod site;
pub mod sms;
pub mod source;
pub mod standard;
pub mod starter;
pub mod waiver;
pub mod wording;
pub mod yaml;

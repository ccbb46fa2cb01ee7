//! The sample SMS that `demo` writes: the files of `sample-sms/`, and a history of two years that
//! leads to exactly these files. Everybody and everything in it is invented.

mod earlier;
mod story;

pub use story::{BAD_BRANCH, Step, story};

use crate::{
    calendar::Date,
    history::Revision,
    sms::{self, Need, Sms},
    source::{Content, Input},
};

include!(concat!(env!("OUT_DIR"), "/sample.rs"));

/// The sample's own day: everything in it is written as of then.
pub const DAY: Date = Date::constant(2026, 6, 30);

/// The sample, linked as of its own day.
pub fn sms() -> Sms {
    let configuration = SAMPLE.iter().find(|(path, _)| *path == crate::configuration::FILE);
    let configuration = configuration.map(|(_, bytes)| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let configuration = crate::configuration::Configuration::read(&configuration).0;
    let inputs = SAMPLE.iter().map(|(path, bytes)| {
        let content = match sms::wanted(path, &configuration) {
            Need::Text | Need::Data => Content::Bytes(bytes.to_vec()),
            Need::Digest | Need::Nothing => Content::Present { size: bytes.len() as u64, sha256: None },
        };
        Input { path: (*path).to_owned(), content }
    });
    sms::build(inputs.collect(), DAY, Revision::default())
}

/// The bytes of a file of the sample.
pub fn file(path: &str) -> Option<&'static [u8]> {
    SAMPLE.iter().find(|(known, _)| *known == path).map(|(_, bytes)| *bytes)
}

//! Files that documents attach, with the digests that they had then.

use super::Sms;
use crate::document::Document;
use serde_json::Value;
use std::collections::BTreeSet;

/// A file that a document attaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached<'a> {
    /// Its path from the root of the SMS.
    pub path: &'a str,
    /// The digest that it is to have: SHA-256 in lower-case hexadecimal.
    pub sha256: &'a str,
    /// Its position in `attachments`; none for a document of kind `attachment` itself.
    position: Option<usize>,
}

impl Attached<'_> {
    /// The JSON pointer of one of its fields in the document.
    pub fn pointer(&self, field: &str) -> String {
        self.position.map_or_else(|| format!("/{field}"), |position| format!("/attachments/{position}/{field}"))
    }
}

impl Sms {
    /// The files that a document attaches. What was disposed of is not there any more.
    pub fn attachments_of<'a>(&self, document: &'a Document) -> Vec<Attached<'a>> {
        let mut all = Vec::new();
        if document.kind == "attachment"
            && document.text("status") != Some("disposed")
            && let (Some(path), Some(sha256)) = (document.text("path"), document.text("sha256"))
        {
            all.push(Attached { path: plain(path), sha256, position: None });
        }
        let listed = document.fields.get("attachments").and_then(Value::as_array).into_iter().flatten();
        all.extend(listed.enumerate().filter_map(|(position, item)| {
            let (path, sha256) = (item["path"].as_str()?, item["sha256"].as_str()?);
            Some(Attached { path: plain(path), sha256, position: Some(position) })
        }));
        all
    }

    /// The paths of all attached files: their digests are wanted.
    pub fn attached_paths(&self) -> BTreeSet<String> {
        let all = self.documents.iter().flat_map(|document| self.attachments_of(document));
        all.map(|attached| attached.path.to_owned()).collect()
    }
}

fn plain(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

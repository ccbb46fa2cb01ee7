//! The repository around an SMS that lies in a folder of it.

use super::{At, Repository, git};
use anyhow::Result;
use std::cell::OnceCell;

impl Repository {
    /// The whole git repository, read at the same revision; none where the SMS is all of it.
    pub fn around(&self) -> Result<Option<Self>> {
        if self.prefix.is_empty() {
            return Ok(None);
        }
        let up = self.prefix.matches('/').count();
        let Some(root) = self.root.ancestors().nth(up) else { return Ok(None) };
        let mut around = Self {
            root: root.to_owned(),
            git: git::open(root)?,
            prefix: String::new(),
            at: match (&self.at, &self.revision.commit) {
                // What a day or a branch means was found out once.
                (At::ByDay { .. } | At::DefaultBranch, Some(commit)) => At::Revision(commit.clone()),
                (at, _) => at.clone(),
            },
            revision: self.revision.clone(),
            listed: Vec::new(),
            index_written: None,
            notes: OnceCell::new(),
            noted: OnceCell::new(),
            verify: self.verify,
            above: OnceCell::new(),
            default_branch: self.default_branch.clone(),
            handles: OnceCell::new(),
            cache: None,
            memories: std::sync::Arc::default(),
        };
        around.list()?;
        Ok(Some(around))
    }
}

//! What `check` said, for the next run over the very same: everything that it depends on is in the
//! key, by content and never by the time of a file alone.

use super::{
    Globals, Input, Outcome,
    load::{configuration_of, judged_on, linked, wants},
};
use crate::{
    cache::{Key, Memory, Reader, Writer, key},
    calendar::Date,
    configuration::Configuration,
    document::Defect,
    repository::{Repository, Unread, sha256},
    sms::Sms,
    source::{Content, Source},
};
use anyhow::Result;
use std::collections::BTreeSet;

/// The name in the cache of what was said.
const SAID: &str = "said";
/// The most that is kept, in bytes.
const LIMIT: usize = 24 * 1024 * 1024;

/// A repository before anything is made of it.
pub(super) struct Opened {
    pub(super) repository: Repository,
    configuration: Configuration,
    as_of: Date,
    /// What is in the files, where they are those of a work tree and there is a cache.
    contents: Option<Vec<u8>>,
}

impl Opened {
    /// With `to_recall`, what is in the files is told apart from what it was, which takes a look at each.
    pub(super) fn open(input: &Input, globals: &Globals, to_recall: bool) -> Result<Self> {
        let repository = input.open(globals)?;
        let configuration = configuration_of(&repository);
        let as_of = judged_on(input.as_of.as_deref(), &configuration)?;
        let tells = to_recall && input.reads_work_tree() && repository.has_cache();
        let contents = tells.then(|| repository.contents_of_files(wants(&configuration)));
        Ok(Self { repository, configuration, as_of, contents })
    }

    /// The linked SMS, with its history where one is given.
    pub(super) fn linked(self, history: Option<Unread>) -> Result<(Repository, Sms)> {
        let Self { repository, configuration, as_of, .. } = self;
        let sms = linked(&repository, &configuration, as_of, None, history)?;
        Ok((repository, sms))
    }

    /// A digest of all that is read: which files are there and what is in them.
    fn digest(&self) -> Option<Key> {
        let mut above = Writer::default();
        above.option(self.repository.codeowners_above(), |writer, (path, content)| {
            writer.text(path);
            match content {
                Content::Bytes(bytes) => writer.bytes(bytes),
                other => writer.text(&format!("{other:?}")),
            }
        });
        let mut parts: Vec<Vec<u8>> = vec![
            self.repository.folder().as_bytes().to_vec(),
            format!("{:?} {}", self.repository.revision(), self.as_of).into_bytes(),
            self.repository.listing(),
            above.into_bytes(),
        ];
        if let Some(baseline) = &self.configuration.baseline {
            // A data file, of which the SMS needs only that it is there.
            let bytes = self.repository.bytes(baseline.trim_start_matches("./")).ok()?;
            parts.push(bytes.map(|bytes| sha256(&bytes)).unwrap_or_default().into_bytes());
        }
        Some(key(parts.iter().chain(&self.contents).map(Vec::as_slice)))
    }
}

/// What was said, and under which key the next run finds it.
pub(super) struct Recall {
    memory: Memory,
    key: Key,
    /// What is in the files of a work tree. The key does not hold what is in its attachments.
    contents: Option<Vec<u8>>,
    reads_history: bool,
}

impl Recall {
    /// Nothing where there is no cache, or the history cannot be named by its tip. `asked` is what
    /// the command line asks for; `evidence` is the revision of which the history is read, if it is.
    pub(super) fn of(opened: &Opened, asked: &str, reads_history: bool, evidence: Option<&str>) -> Option<Self> {
        let repository = &opened.repository;
        if !repository.has_cache() {
            return None;
        }
        let history =
            if reads_history { Some((repository.evidence_head(evidence)?, repository.tags().ok()?)) } else { None };
        let key = key([opened.digest()?.as_slice(), asked.as_bytes(), format!("{history:?}").as_bytes()]);
        let memory = Memory::of(repository.cached(SAID).unwrap_or_default());
        Some(Self { memory, key, contents: opened.contents.clone(), reads_history })
    }

    /// What was said the last time, where every attachment is still as it was.
    pub(super) fn said(&self, repository: &Repository) -> Option<(String, Outcome)> {
        self.memory.get(&self.key, |entry| self.read(Reader::new(entry), repository))
    }

    fn read(&self, mut reader: Reader<'_>, repository: &Repository) -> Option<(String, Outcome)> {
        let attached = reader.list(|reader| Some((reader.text()?, reader.option(Reader::text)?)))?;
        let same = |(path, digest): &(&str, Option<&str>)| {
            repository.digest(path).ok().is_some_and(|now| now.as_deref() == *digest)
        };
        if self.contents.is_some() && !attached.iter().all(same) {
            return None;
        }
        let outcome = if reader.flag()? { Outcome::Findings } else { Outcome::Clean };
        let said = reader.owned()?;
        reader.is_done().then_some((said, outcome))
    }

    /// Leaves what is said for the next run. Where something could not be read or evaluated, that
    /// may be otherwise then.
    pub(super) fn keep(self, repository: &Repository, sms: &Sms, said: &str, outcome: Outcome) {
        let history = &sms.evidence.history;
        let is_whole = !self.reads_history || history.not_evaluated.is_none() && history.limits.is_empty();
        let is_read = !sms.problems.iter().any(|problem| problem.defect == Defect::UnreadableFile);
        // What was read is what is there now, and was there when the key was made.
        let is_same = |before: &Vec<u8>| {
            let read: BTreeSet<&str> = sms.sources.iter().filter(|one| one.is_read()).map(Source::path).collect();
            *before == repository.contents_of_files_now(wants(&sms.configuration), &read)
        };
        let is_same = self.contents.as_ref().is_none_or(is_same);
        if !is_whole || !is_read || !is_same || outcome == Outcome::NotEvaluated {
            return;
        }
        let mut writer = Writer::default();
        let attached: Vec<String> = sms.attached_paths().into_iter().collect();
        writer.list(&attached, |writer, path| {
            writer.text(path);
            writer.option(sms.files.get(path).and_then(|file| file.sha256.as_deref()), Writer::text);
        });
        writer.flag(outcome == Outcome::Findings);
        writer.text(said);
        self.memory.keep(self.key, writer.into_bytes());
        if let Some(table) = self.memory.changed(LIMIT) {
            repository.cache(SAID, table);
        }
    }
}

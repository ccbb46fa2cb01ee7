//! What judges a tree where that is not the tree's own: a change must not bring its own judge, so
//! configuration, identities, schemas and the ledger of approvals are taken from the base that it
//! is compared with. What the change adds may be referred to and read; it overrides nothing.

use super::{File, People, SIGNERS_FILE, Sms, people};
use crate::{
    configuration::{self, Configuration},
    kind::Kinds,
    source::{Content, Input, Source, SourceId},
};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of the ledger of approvals.
pub const LEDGER: &str = "approvals/";
/// The folder and the end of the organization's own schemas.
pub const SCHEMAS: (&str, &str) = ("schema/kinds/", ".schema.json");

/// What judges, as text of the base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judges {
    configuration: Option<String>,
    people: Option<String>,
    schemas: BTreeMap<String, String>,
    ledger: BTreeMap<String, String>,
    signers: Option<String>,
    paths: BTreeSet<String>,
}

impl Judges {
    /// What judges in an SMS.
    pub fn of(sms: &Sms) -> Self {
        let text = |path: &str| below(path, &sms.files, &sms.sources).remove(path).filter(|text| !text.is_empty());
        Self {
            configuration: text(configuration::FILE),
            people: text(people::FILE),
            schemas: Self::schemas(&sms.files, &sms.sources),
            ledger: below(LEDGER, &sms.files, &sms.sources),
            signers: text(SIGNERS_FILE),
            paths: sms.files.keys().cloned().collect(),
        }
    }

    /// The organization's own schemas by path.
    pub(super) fn schemas(files: &BTreeMap<String, File>, sources: &[Source]) -> BTreeMap<String, String> {
        below(SCHEMAS.0, files, sources)
    }

    /// Whether another tree would be judged alike.
    pub fn agree_with(&self, other: &Self) -> bool {
        let parts = |judges: &Self| {
            let one = (judges.configuration.clone(), judges.people.clone(), judges.signers.clone());
            (one, judges.schemas.clone(), judges.ledger.clone())
        };
        parts(self) == parts(other)
    }

    /// The configuration that judges a tree whose own is `own`: the base's. Folders and data sets
    /// that the tree adds are read as it says, unless they match a file that the base has.
    pub fn configuration(&self, own: Configuration) -> Configuration {
        let Some(text) = &self.configuration else { return own };
        let mut judging = Configuration::read(text).0;
        for data in &mut judging.data {
            // Places are those of the tree's own file.
            if let Some(same) = own.data.iter().find(|one| one.pattern.text == data.pattern.text) {
                data.pointer.clone_from(&same.pointer);
            }
        }
        let is_new = |pattern: &configuration::Pattern| !self.paths.iter().any(|path| pattern.matches(path));
        judging.folders.extend(own.folders.into_iter().filter(|folder| is_new(&folder.pattern)));
        judging.data.extend(own.data.into_iter().filter(|data| is_new(&data.pattern)));
        judging.node = own.node;
        judging
    }

    /// The persons that are known in a tree whose own are `own`: those of the base as it knows
    /// them, and those that the tree adds.
    pub(super) fn people(&self, own: People, source: Option<SourceId>) -> People {
        let (Some(text), Some(source)) = (&self.people, source) else { return own };
        let (Some(node), _) = crate::yaml::read(text, 0) else { return own };
        own.judged_by(People::read(&node, source))
    }

    /// The kinds: the base's, and those of other names that the tree adds.
    pub(super) fn kinds(&self, own: &BTreeMap<String, String>) -> Kinds {
        let mut kinds = Kinds::built_in();
        let built_in: BTreeSet<String> = kinds.iter().map(|kind| kind.name.clone()).collect();
        let name = |path: &str| path.strip_prefix(SCHEMAS.0)?.strip_suffix(SCHEMAS.1).map(str::to_owned);
        let base = self.schemas.iter().filter_map(|(path, text)| Some((name(path)?, text)));
        let added = own.iter().filter(|(path, _)| !self.schemas.contains_key(*path));
        let added = added.filter_map(|(path, text)| Some((name(path)?, text)));
        for (name, text) in base.chain(added.filter(|(name, _)| !built_in.contains(name))) {
            if kinds.get(&name).is_some_and(|kind| kind.schema_text() == text) {
                continue;
            }
            // One that cannot be used is a finding of the tree that it stands in.
            let _ = kinds.add(&name, text);
        }
        kinds
    }

    /// The files of a tree with the base's ledger and signers in place of its own.
    pub(super) fn inputs(&self, mut inputs: Vec<Input>) -> Vec<Input> {
        inputs.retain(|input| !input.path.starts_with(LEDGER) && input.path != SIGNERS_FILE);
        let signers = self.signers.as_ref().map(|text| (SIGNERS_FILE.to_owned(), text.clone()));
        let taken = self.ledger.iter().map(|(path, text)| (path.clone(), text.clone())).chain(signers);
        inputs.extend(taken.map(|(path, text)| Input { path, content: Content::Bytes(text.into_bytes()) }));
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        inputs
    }
}

/// The texts of all files whose path begins so.
fn below(start: &str, files: &BTreeMap<String, File>, sources: &[Source]) -> BTreeMap<String, String> {
    let files = files.range(start.to_owned()..).take_while(|(path, _)| path.starts_with(start));
    files
        .filter_map(|(path, file)| Some((path.clone(), sources.get(file.source?.0 as usize)?.text().to_owned())))
        .collect()
}

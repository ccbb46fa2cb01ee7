//! The service management system as one linked value, as of a day: documents by id, references
//! both ways, people, what is in force.

mod attachment;
mod build;
pub mod coverage;
pub mod evidence;
mod heads;
mod identities;
mod judges;
pub mod link;
mod people;
mod reading;
mod reference;
pub mod review;
mod row_reference;
mod section;
mod service;
mod settings;
mod standing;

pub use attachment::Attached;
pub use build::{Need, build, build_judged, wanted};
pub use judges::{Judges, LEDGER, SCHEMAS};
pub use people::{FILE as PEOPLE_FILE, Holder, Party, People, Person, Role};
pub use reference::{Reference, Target, Where};
pub use row_reference::RowReference;
pub use section::Section;
pub use service::same_id;
pub use standing::Standing;

/// The file at the SMS root with further keys that sign commits, as `ssh-keygen` reads it.
pub const SIGNERS_FILE: &str = "allowed_signers";

use crate::{
    calendar::Date,
    codeowners,
    configuration::Configuration,
    document::{Body, Defect, Document, Population, Problem, text_of},
    history::Revision,
    kind::{Form, Kind, Kinds},
    lookup::Lookup,
    source::{Content, Place, Source, SourceId, Span},
    standard::Standard,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

/// A linked management system.
pub struct Sms {
    /// What the organization says of its repository.
    pub configuration: Configuration,
    /// All kinds.
    pub kinds: Kinds,
    /// The standard that it is held against.
    pub standard: &'static Standard,
    /// The day on which everything is judged: its end, in the organization's zone.
    pub as_of: Date,
    /// Which commit was read.
    pub revision: Revision,
    /// All texts.
    pub sources: Vec<Source>,
    /// All files by path, read or not.
    pub files: BTreeMap<String, File>,
    /// All documents, registers before their entries.
    pub documents: Vec<Document>,
    /// All data sets.
    pub populations: Vec<Population>,
    /// Markdown files that are no documents.
    pub pages: Vec<(SourceId, Body)>,
    /// What was wrong with files.
    pub problems: Vec<Problem>,
    /// Persons and roles.
    pub people: People,
    /// Beginnings of ids that are in use, such as `SLA-`.
    pub prefixes: BTreeSet<String>,
    /// What the history of the repository shows; nothing where it was not read.
    pub evidence: evidence::Evidence,
    /// The `CODEOWNERS` at the root of the repository, where the SMS lies in a folder of it.
    pub codeowners_above: Option<codeowners::File>,
    ids: Lookup<String, Vec<usize>>,
    by_kind: BTreeMap<String, Vec<usize>>,
    /// References out of each document, by its position.
    references: Vec<Vec<Reference>>,
    incoming: reference::Incoming,
    /// By position of the document, its kind's among all; none where there is no such kind.
    kinds_of: Vec<Option<usize>>,
    /// By position of the document. Every second rule asks for these.
    standings: Vec<Standing>,
    /// By position of the document, whether it says that it was approved.
    said_approved: Vec<bool>,
    /// Where each link leads, in the order of the links.
    leads: Vec<link::Lead>,
    evidence_rows: coverage::Rows,
    /// Counted when coverage is first asked for.
    tally: OnceLock<coverage::Tally>,
    row_references: Vec<RowReference>,
}

/// What is known of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Size in bytes, where it was looked at.
    pub size: u64,
    /// SHA-256, where it was asked for.
    pub sha256: Option<String>,
    /// The source, where the file was read as text.
    pub source: Option<SourceId>,
}

impl Sms {
    /// The text of a source.
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// Takes the `CODEOWNERS` that stands at this path of the repository in whose folder the SMS lies.
    /// What of it cannot be read is told at the configuration, since no file of the SMS has it.
    pub fn take_codeowners_above(&mut self, folder: &str, path: &str, content: &Content) {
        let path = format!("{}{path}", "../".repeat(folder.matches('/').count()));
        let help =
            "put a file that can be read there: only then can its owners be compared with those of the documents";
        let problem = match content {
            Content::Bytes(bytes) => {
                let (text, defect) = text_of(bytes.clone());
                self.codeowners_above = Some(codeowners::File { path: path.clone(), text, folder: folder.to_owned() });
                defect.map(|(_, what)| (Defect::UnreadableFile, format!("`{path}`: {what}")))
            }
            Content::NotFollowed(reason) => Some((Defect::NotFollowed, format!("`{path}`: {reason}"))),
            Content::Unreadable(reason) => Some((Defect::UnreadableFile, format!("`{path}` cannot be read: {reason}"))),
            Content::Later(_) | Content::Present { .. } => None,
        };
        let place = self.absence();
        self.problems.extend(problem.map(|(defect, what)| Problem::new(defect, place, &path, what, help)));
    }

    /// The `CODEOWNERS` at the SMS root, with its source, and the one above that.
    pub fn codeowners(&self) -> Vec<(codeowners::File, Option<SourceId>)> {
        let own = codeowners::FILES.iter().find_map(|path| {
            let source = self.files.get(*path)?.source?;
            let text = self.source(source).text().to_owned();
            Some((codeowners::File { path: (*path).to_owned(), text, folder: String::new() }, Some(source)))
        });
        own.into_iter().chain(self.codeowners_above.clone().map(|above| (above, None))).collect()
    }

    /// The path of a document's file.
    pub fn path(&self, document: &Document) -> &str {
        self.source(document.source).path()
    }

    /// The kind of a document.
    pub fn kind(&self, document: &Document) -> Option<&Kind> {
        match self.position(document).and_then(|position| self.kinds_of.get(position)) {
            Some(kind) => self.kinds.at((*kind)?),
            None => self.kinds.get(&document.kind),
        }
    }

    /// Where a document stands among all; none where it is made of a row.
    fn position(&self, document: &Document) -> Option<usize> {
        self.documents.element_offset(document)
    }

    /// All documents of a kind, rows of data sets left out.
    pub fn of_kind<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Document> + use<'a> {
        let positions = self.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        positions.iter().map(|position| &self.documents[*position])
    }

    /// The documents of an id, without regard to case; more than one is a finding.
    pub fn by_id(&self, id: &str) -> impl Iterator<Item = &Document> {
        self.positions(id).iter().map(|position| &self.documents[*position])
    }

    /// The first document of an id.
    pub fn document(&self, id: &str) -> Option<&Document> {
        self.by_id(id).next()
    }

    /// Positions in `documents` of an id.
    pub fn positions(&self, id: &str) -> &[usize] {
        self.ids.get(id.to_lowercase().as_str()).map(Vec::as_slice).unwrap_or_default()
    }

    /// All ids in lower case with the positions of their documents.
    pub fn ids(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.ids.sorted().into_iter().map(|(id, positions)| (id.as_str(), positions.as_slice()))
    }

    /// References to a document, by its position.
    pub fn incoming(&self, position: usize) -> impl Iterator<Item = &Reference> {
        self.incoming.to(position).iter().map(|(from, index)| &self.references[*from][*index])
    }

    /// References out of a document, by its position.
    pub fn outgoing(&self, position: usize) -> impl Iterator<Item = &Reference> {
        self.references.get(position).into_iter().flatten()
    }

    /// All references out of documents, in the order of documents.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.references.iter().flatten()
    }

    /// Positions of the documents that a field of a document refers to.
    pub fn referred(&self, document: &Document, field: &str) -> Vec<&Document> {
        document.list(field).into_iter().filter_map(|id| self.document(without_version(id))).collect()
    }

    /// The register that an entry stands in.
    pub fn register(&self, document: &Document) -> Option<&Document> {
        document.register.and_then(|position| self.documents.get(position))
    }

    /// A metadata field of a document, for an entry also that of its register.
    pub fn inherited<'a>(&'a self, document: &'a Document, field: &str) -> Option<(&'a Document, &'a str)> {
        document.text(field).map(|text| (document, text)).or_else(|| {
            let register = self.register(document)?;
            register.text(field).map(|text| (register, text))
        })
    }

    /// Whether the document is kept as one that is approved, versioned and reviewed.
    pub fn is_controlled(&self, document: &Document) -> bool {
        self.kind(document).is_some_and(|kind| matches!(kind.form, Form::Document | Form::Register))
            && document.register.is_none()
    }

    /// Whether the document is one that is approved, and says that it was.
    pub fn says_approved(&self, document: &Document) -> bool {
        let known = self.position(document).and_then(|position| self.said_approved.get(position));
        known.copied().unwrap_or_else(|| self.is_controlled(document) && document.text("status") == Some("approved"))
    }

    /// The day that dates a document: the first of its kind's fields that is filled.
    pub fn dated(&self, document: &Document) -> Option<Date> {
        let kind = self.kind(document)?;
        let notes = &kind.compiled().notes;
        let fallback = ["last_reviewed", "approved_on", "closed_on", "created_on"];
        let own = notes.dated_by.iter().map(String::as_str).chain(fallback).find_map(|field| document.day(field));
        own.or_else(|| {
            self.register(document).and_then(|register| register.day("last_reviewed").max(register.day("approved_on")))
        })
    }

    /// The last day of which the files can tell: the day of judgement, or that of the commit that
    /// was read, where that is later (last year's bundle is made from this year's tree).
    pub fn latest_day(&self) -> Date {
        self.revision.day.map_or(self.as_of, |day| day.max(self.as_of))
    }

    /// The day on which the SMS started: what the configuration says, else the earliest approval.
    pub fn started(&self) -> Option<Date> {
        self.configuration
            .started
            .or_else(|| self.documents.iter().filter_map(|document| document.day("approved_on")).min())
    }

    /// The place in the configuration for what is missing altogether: the `standards` line, else
    /// the top of the file.
    pub fn absence(&self) -> Place {
        let source = self.files.get(crate::configuration::FILE).and_then(|file| file.source).unwrap_or(SourceId(0));
        let node = self.configuration.node.as_ref();
        let span = node
            .and_then(|node| node.entry("standards").or_else(|| node.entries().first()))
            .map_or(0..0, |entry| Span { start: entry.key_span.start, end: entry.node.span.end });
        Place { source, span, pointer: "/standards".to_owned() }
    }

    /// A row of a data set as a document.
    pub fn row(&self, population: usize, row: usize) -> Option<Document> {
        let population = self.populations.get(population)?;
        let kind = self.kinds.get(&population.kind)?;
        Some(population.document(self.source(population.source).text(), row, kind))
    }

    /// What an id means: a document, a row, a person or a role.
    pub fn resolve(&self, reference: &str) -> Target {
        let id = without_version(reference);
        if let Some(position) = self.positions(id).first() {
            return Target::Document(*position);
        }
        if self.people.person(id).is_some() {
            return Target::Person;
        }
        for (index, population) in self.populations.iter().enumerate() {
            if let Some(row) = population.row_of(id) {
                return Target::Row(index, row);
            }
        }
        Target::Missing
    }
}

/// The id of a reference such as `POL-001@2.0`.
pub fn without_version(reference: &str) -> &str {
    reference.split_once('@').map_or(reference, |(id, _)| id)
}

//! Who may see what. A document has a classification; a site is made for one classification, and
//! whatever lies above is withheld visibly: that it exists is said, nothing of what it says.

use crate::{
    document::Document,
    finding::Finding,
    history::Edition,
    sms::Sms,
    source::{Place, SourceId},
};
use std::collections::{BTreeMap, BTreeSet};

/// How confidential something is, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Classification {
    /// For everybody.
    Public,
    /// For the organization: what has no classification is this.
    Internal,
    /// For those who need it.
    Confidential,
    /// For those who are named.
    Restricted,
}

impl Classification {
    /// All, the least confidential first.
    pub const ALL: [Self; 4] = [Self::Public, Self::Internal, Self::Confidential, Self::Restricted];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Confidential => "confidential",
            Self::Restricted => "restricted",
        }
    }

    /// The classification of a name. A word that is none of the four may mean anything, so it
    /// counts as the strictest.
    fn of_word(word: &str) -> Self {
        let word = word.trim();
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(word)).unwrap_or(Self::Restricted)
    }
}

/// For whom a site is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The most confidential documents that it shows.
    pub up_to: Classification,
}

impl Audience {
    /// Whether something of this classification is shown.
    pub fn may_see(self, classification: Classification) -> bool {
        classification <= self.up_to
    }
}

/// What a document says of its own classification; none where it says nothing.
fn stated(document: &Document) -> Option<Classification> {
    let value = document.fields.get("classification")?;
    Some(value.as_str().map_or(Classification::Restricted, Classification::of_word))
}

/// The classification of a document by itself, without the register that it may stand in. A file
/// that broke off before it said what it is counts as the strictest.
pub(crate) fn own_classification(document: &Document) -> Classification {
    let unstated = if document.broken { Classification::Restricted } else { Classification::Internal };
    stated(document).unwrap_or(unstated)
}

/// The classification of a document. An entry is never less confidential than its register.
pub fn classification(sms: &Sms, document: &Document) -> Classification {
    match sms.register(document) {
        Some(register) => stated(document).unwrap_or(Classification::Public).max(classification(sms, register)),
        None => own_classification(document),
    }
}

/// Whether the audience may see a state of a document that is not there any more. Where that state
/// cannot be read, nothing says who may.
pub(crate) fn could_see(sms: &Sms, audience: Audience, last: &Edition) -> bool {
    if audience.may_see(Classification::Restricted) {
        return true;
    }
    sms.document_then(last).is_some_and(|one| audience.may_see(own_classification(&one)))
}

/// What is withheld from an audience.
pub(crate) struct Withheld {
    audience: Audience,
    /// By position of the document: its classification, where it is withheld.
    documents: Vec<Option<Classification>>,
    by_source: BTreeMap<SourceId, Vec<usize>>,
    /// Ids and titles of withheld documents in lower case, by their first word.
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Withheld {
    pub(crate) fn new(sms: &Sms, audience: Audience) -> Self {
        let documents: Vec<_> = sms
            .documents
            .iter()
            .map(|document| Some(classification(sms, document)).filter(|class| !audience.may_see(*class)))
            .collect();
        let mut by_source: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (position, document) in sms.documents.iter().enumerate() {
            by_source.entry(document.source).or_default().push(position);
            if documents[position].is_some() {
                for name in [document.id.as_str(), document.title()] {
                    let words = words(name);
                    if let Some(first) = words.first() {
                        names.entry(first.clone()).or_default().insert(words.join(" "));
                    }
                }
            }
        }
        Self { audience, documents, by_source, names }
    }

    /// The classification of a document that is withheld.
    pub(crate) fn document(&self, position: usize) -> Option<Classification> {
        self.documents.get(position).copied().flatten()
    }

    /// Whether what has no classification of its own (people, data sets, configuration) is
    /// withheld.
    pub(crate) fn unclassified(&self) -> bool {
        !self.audience.may_see(Classification::Internal)
    }

    /// How many documents are withheld, by classification.
    pub(crate) fn counts(&self) -> Vec<(Classification, usize)> {
        Classification::ALL
            .into_iter()
            .map(|class| (class, self.documents.iter().filter(|one| **one == Some(class)).count()))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Whether a file may be offered: it holds documents, and none of them is withheld.
    pub(crate) fn may_offer(&self, source: SourceId) -> bool {
        self.by_source.get(&source).map_or(!self.unclassified(), |documents| {
            documents.iter().all(|position| self.document(*position).is_none())
        })
    }

    /// The documents of a file, a register before its entries.
    pub(crate) fn documents_of(&self, source: SourceId) -> &[usize] {
        self.by_source.get(&source).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a place is in something that is withheld.
    pub(crate) fn place(&self, sms: &Sms, place: &Place) -> bool {
        let documents = self.documents_of(place.source);
        let holds = |position: &&usize| {
            let span = &sms.documents[**position].node().span;
            span.start <= place.span.start && place.span.start < span.end
        };
        let entry = documents.iter().filter(|position| sms.documents[**position].register.is_some()).find(holds);
        match entry.or(documents.first()) {
            Some(position) => self.document(*position).is_some(),
            None => self.unclassified(),
        }
    }

    /// Whether a finding is about something that is withheld, stands in it, or speaks of it.
    pub(crate) fn finding(&self, sms: &Sms, finding: &Finding) -> bool {
        let subjects = sms.positions(&finding.subject);
        // A finding about a file as a whole may quote any of its documents.
        let whole_file = subjects.is_empty() && !self.may_offer(finding.place.source);
        let notes = finding.related.iter().map(|(_, note)| note.as_str());
        let acceptance = finding.accepted.as_ref();
        let waivers = acceptance.map_or(&[][..], |acceptance| sms.positions(&acceptance.waiver));
        let mut texts = [
            acceptance.map_or("", |acceptance| acceptance.reason.as_str()),
            finding.subject.as_str(),
            finding.message.as_str(),
            finding.label.as_str(),
            finding.help.as_str(),
            finding.discriminator.as_str(),
        ]
        .into_iter()
        .chain(notes);
        whole_file
            || subjects.iter().chain(waivers).any(|position| self.document(*position).is_some())
            || self.place(sms, &finding.place)
            || finding.related.iter().any(|(place, _)| self.place(sms, place))
            || texts.any(|text| self.names_something(text))
    }

    /// Whether a text holds the id or the title of something that is withheld.
    fn names_something(&self, text: &str) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let words = words(text);
        (0..words.len()).any(|start| {
            self.names.get(&words[start]).is_some_and(|names| {
                let rest = words[start..].join(" ");
                names.iter().any(|name| {
                    rest.strip_prefix(name.as_str()).is_some_and(|after| after.is_empty() || after.starts_with(' '))
                })
            })
        })
    }
}

/// Words in lower case, without what stands between them.
fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

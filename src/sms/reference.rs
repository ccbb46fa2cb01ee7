//! References between documents: by field, as the kinds say, and by id in prose.

use super::Sms;
use crate::source::{Place, Span};
use smol_str::SmolStr;
use std::sync::Arc;

/// A reference out of a document.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Position of the document that refers.
    pub from: usize,
    /// Where it stands in the document.
    pub at: Where,
    /// What it names, as written.
    pub text: SmolStr,
    /// The kinds that are allowed there; `*` for any, none for a mention.
    pub kinds: Arc<[String]>,
    /// What it means.
    pub target: Target,
}

/// Where a reference stands in its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// In the field of this JSON pointer.
    Field(SmolStr),
    /// In prose, which mentions it: these bytes.
    Mention(Span),
}

/// What an id means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The document at this position.
    Document(usize),
    /// A row: of which data set, and which row.
    Row(usize, usize),
    /// A person of `people.yaml`.
    Person,
    /// Nothing.
    Missing,
}

/// References by the document that they lead to.
#[derive(Default)]
pub(super) struct Incoming {
    /// By position of the document, where those to it begin; last, where all end.
    begin: Vec<usize>,
    /// The document that refers, and which of its references it is.
    from: Vec<(usize, usize)>,
}

impl Incoming {
    /// Those of all documents, by the position of the document that refers.
    pub(super) fn of(references: &[Vec<Reference>]) -> Self {
        let each = || {
            references.iter().enumerate().flat_map(|(from, references)| {
                let targets = references.iter().enumerate();
                targets.filter_map(move |(index, reference)| match reference.target {
                    Target::Document(to) => Some((to, (from, index))),
                    _ => None,
                })
            })
        };
        // Counted first: most documents have a few, and a list for each takes longer to make.
        let mut begin = vec![0; references.len() + 1];
        each().for_each(|(to, _)| begin[to + 1] += 1);
        let mut total = 0;
        for place in &mut begin {
            total += *place;
            *place = total;
        }
        let mut from = vec![(0, 0); total];
        let mut next = begin.clone();
        for (to, one) in each() {
            from[next[to]] = one;
            next[to] += 1;
        }
        Self { begin, from }
    }

    /// Those to the document at a position.
    pub(super) fn to(&self, position: usize) -> &[(usize, usize)] {
        match (self.begin.get(position), self.begin.get(position + 1)) {
            (Some(begin), Some(end)) => &self.from[*begin..*end],
            _ => &[],
        }
    }
}

impl Reference {
    /// The kind of what it means; none where it means nothing.
    pub fn target_kind<'a>(&self, sms: &'a Sms) -> Option<&'a str> {
        match self.target {
            Target::Document(position) => Some(&sms.documents[position].kind),
            Target::Row(population, _) => Some(&sms.populations[population].kind),
            Target::Person => Some("person"),
            Target::Missing => None,
        }
    }

    /// Where it stands.
    pub fn place(&self, sms: &Sms) -> Place {
        let document = &sms.documents[self.from];
        match &self.at {
            Where::Field(pointer) => document.field(pointer),
            Where::Mention(span) => document.body(span.clone()),
        }
    }

    /// The JSON pointer of its field; none for a mention.
    pub fn pointer(&self) -> Option<&str> {
        match &self.at {
            Where::Field(pointer) => Some(pointer),
            Where::Mention(_) => None,
        }
    }

    /// Whether what it means is of a kind that is allowed there.
    pub fn is_of_allowed_kind(&self, sms: &Sms) -> bool {
        self.kinds.is_empty()
            || self
                .target_kind(sms)
                .is_none_or(|kind| self.kinds.iter().any(|allowed| allowed == kind || allowed == "*"))
    }
}

//! Standards as data: clauses, their requirements, and what evidence each requirement expects.
//!
//! Numbers and short titles are facts; every other word here is a paraphrase of ours. The letters
//! of requirement ids are ours too and are never printed as a citation.

use serde::Deserialize;
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/standards.rs"));

/// A catalogue of clauses.
#[derive(Debug, Deserialize)]
pub struct Standard {
    /// Identifier in data: `iso20000-1:2018`.
    pub id: String,
    /// Name in print: `ISO/IEC 20000-1:2018`.
    pub title: String,
    /// Clauses in the order of the standard.
    pub clauses: Vec<Clause>,
    /// Duties that recur, with the interval that convention suggests (never a demand).
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// Duties that an event triggers.
    #[serde(default)]
    pub events: Vec<Event>,
    /// Numbers of the 2011 edition and where their content stands today.
    #[serde(default)]
    pub edition_2011: Vec<FormerClause>,
    /// Numbers that mean something else today than in 2011.
    #[serde(default)]
    pub collisions: Vec<Collision>,
    /// The documented information that 7.5.4 lists.
    #[serde(default)]
    pub documents_7_5_4: Vec<ListedDocument>,
}

/// A clause with its requirements.
#[derive(Debug, Deserialize)]
pub struct Clause {
    /// Number: `8.6.1`.
    pub number: String,
    /// Short title; some clauses have none.
    #[serde(default)]
    pub title: Option<String>,
    /// Our name for a numbered paragraph that has no title.
    #[serde(default, rename = "label")]
    pub own_name: Option<String>,
    /// Number of the clause above.
    #[serde(default)]
    pub parent: Option<String>,
    /// Whether it only groups other clauses.
    #[serde(default)]
    pub heading: bool,
    /// How well our paraphrase was checked: V1 against a reproduction, V2 against independent
    /// paraphrases, V3 number and title only.
    pub verification: String,
    /// What it asks for, in our words.
    pub summary: String,
    /// Its requirements.
    #[serde(default)]
    pub requirements: Vec<Requirement>,
}

/// One auditable demand of a clause.
#[derive(Debug, Deserialize)]
pub struct Requirement {
    /// Clause and our letter: `8.6.1-k`.
    pub id: String,
    /// What sort of evidence the wording asks for.
    #[serde(rename = "type")]
    pub demand: Demand,
    /// The demand, in our words.
    pub text: String,
    /// V1 to V3 as for clauses, or `open` where the row still wants checking.
    #[serde(default)]
    pub verification: Option<String>,
    /// The amendment that brought it.
    #[serde(default)]
    pub amendment: Option<String>,
    /// What proves it.
    #[serde(default)]
    pub evidence: Option<Predicate>,
    /// What has to have happened before anything is owed; none where it always is.
    #[serde(default)]
    pub occasion: Option<Predicate>,
}

/// What a requirement's wording asks for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// A document, literally.
    #[serde(rename = "DOC")]
    Document,
    /// A record, literally.
    #[serde(rename = "REC")]
    Record,
    /// A result that can hardly be verified unless it is written.
    #[serde(rename = "DOC~")]
    ImpliedDocument,
    /// An event of which evidence is expected.
    #[serde(rename = "REC~")]
    ImpliedRecord,
    /// An activity that only a person can judge.
    #[serde(rename = "ACT")]
    Activity,
    /// A note: nothing is demanded.
    #[serde(rename = "NOTE")]
    Note,
}

impl Demand {
    /// The code used in data: `DOC~`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Document => "DOC",
            Self::Record => "REC",
            Self::ImpliedDocument => "DOC~",
            Self::ImpliedRecord => "REC~",
            Self::Activity => "ACT",
            Self::Note => "NOTE",
        }
    }

    /// What it asks for, in words that claim no more than the standard does.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Document => "a document is required",
            Self::Record => "a record is required",
            Self::ImpliedDocument => "the result is required; a document is expected",
            Self::ImpliedRecord => "the activity is required; a record of it is expected",
            Self::Activity => "an activity is required; a person judges it",
            Self::Note => "informative",
        }
    }
}

/// What evidence proves a requirement.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Predicate {
    /// One of them suffices.
    Any {
        /// The alternatives.
        any: Vec<Predicate>,
    },
    /// All of them are needed.
    All {
        /// The parts.
        all: Vec<Predicate>,
    },
    /// A document of a kind.
    Leaf(Evidence),
}

/// A document of a kind, with its named fields filled.
#[derive(Debug, Deserialize)]
pub struct Evidence {
    /// The kind; `*` for any, empty where nothing in a repository can tell.
    #[serde(default)]
    pub kind: String,
    /// Fields that must have a given value, or one of several, or refer to a document for which
    /// another piece of evidence holds (a mapping with `kind`).
    #[serde(default, rename = "where")]
    pub condition: serde_json::Map<String, serde_json::Value>,
    /// Fields that must be filled: names, or JSON pointers in which `*` is any item of a list.
    /// Pointers through the same list speak of the same item.
    #[serde(default)]
    pub fields: Vec<String>,
    /// How old it may be, as an interval.
    #[serde(default)]
    pub within: Option<String>,
}

impl Predicate {
    /// All leaves, in order.
    pub fn leaves(&self) -> Vec<&Evidence> {
        match self {
            Self::Any { any: parts } | Self::All { all: parts } => parts.iter().flat_map(Self::leaves).collect(),
            Self::Leaf(evidence) => vec![evidence],
        }
    }
}

/// A duty that recurs.
#[derive(Debug, Deserialize)]
pub struct Duty {
    /// `CAL-01` and so on.
    pub id: String,
    /// Its clause.
    pub clause: String,
    /// What is to be done.
    pub duty: String,
    /// The interval that convention suggests.
    pub interval: String,
    /// Kinds whose records show it.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// A duty that an event triggers.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// `EVT-01` and so on.
    pub id: String,
    /// What happens.
    pub event: String,
    /// What is to be done then.
    pub duty: String,
    /// Its clauses.
    pub clauses: Vec<String>,
}

/// A number of the 2011 edition.
#[derive(Debug, Deserialize)]
pub struct FormerClause {
    /// Number in 2011.
    pub clause_2011: String,
    /// Its title then.
    pub title_2011: String,
    /// Where its content stands today.
    pub clause_2018: Vec<String>,
}

/// A number that means something else today.
#[derive(Debug, Deserialize)]
pub struct Collision {
    /// The number.
    pub number: String,
    /// What it meant in 2011.
    pub meaning_2011: String,
    /// What it means today.
    pub meaning_2018: String,
}

/// An item of the list in 7.5.4.
#[derive(Debug, Deserialize)]
pub struct ListedDocument {
    /// Its letter, as in 7.5.4.
    pub letter: String,
    /// What is listed, in our words.
    pub item: String,
    /// The kinds that hold it; empty where all record kinds do.
    #[serde(default)]
    pub kinds: Vec<String>,
}

impl Standard {
    /// The clause of a number.
    pub fn clause(&self, number: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.number == number)
    }

    /// All requirements with their clauses.
    pub fn requirements(&self) -> impl Iterator<Item = (&Clause, &Requirement)> {
        self.clauses.iter().flat_map(|clause| clause.requirements.iter().map(move |requirement| (clause, requirement)))
    }

    /// The requirement of an id, with or without the standard before it.
    pub fn requirement(&self, id: &str) -> Option<(&Clause, &Requirement)> {
        let short = id.strip_prefix(self.id.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id);
        self.requirements().find(|(_, requirement)| requirement.id == short)
    }

    /// The whole id of a requirement in data: `iso20000-1:2018/8.6.1-k`.
    pub fn full_id(&self, requirement: &Requirement) -> String {
        format!("{}/{}", self.id, requirement.id)
    }
}

impl Clause {
    /// Number and title for print.
    pub fn label(&self) -> String {
        match self.title.as_ref().or(self.own_name.as_ref()) {
            Some(title) if !title.is_empty() => format!("{} {title}", self.number),
            _ => self.number.clone(),
        }
    }
}

/// Numbers and ids of the built-in standards.
pub fn built_in_ids() -> impl Iterator<Item = &'static str> {
    STANDARDS.iter().map(|(id, _)| *id)
}

/// ISO/IEC 20000-1:2018, parsed when first needed.
pub fn iso20000() -> &'static Standard {
    static STANDARD: OnceLock<Standard> = OnceLock::new();
    STANDARD.get_or_init(|| {
        let (_, text) = STANDARDS
            .iter()
            .find(|(id, _)| *id == "iso20000-1:2018")
            .expect("internal error: the standard is built in");
        serde_json::from_str(text).expect("internal error: a test holds the standard's form")
    })
}

/// The data of a built-in standard, for its digest.
pub fn built_in_text(id: &str) -> Option<&'static str> {
    STANDARDS.iter().find(|(known, _)| *known == id).map(|(_, text)| *text)
}

//! What is wrong with a file, as data. The rules of the group `reading` report it.

use crate::{kind::Violation, source::Place};

/// A defect found while reading.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What sort of defect: each sort has a rule.
    pub defect: Defect,
    /// Where.
    pub place: Place,
    /// The document's id, or the path of the file.
    pub subject: String,
    /// What tells it from others at the same place.
    pub discriminator: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Another place that explains it.
    pub related: Option<(Place, String)>,
}

/// Sorts of defects; the name of each rule of the group `reading` says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// The file could not be read, is not text, or is larger than the limit.
    UnreadableFile,
    /// A link, submodule, device or LFS pointer that is not followed.
    NotFollowed,
    /// Not YAML, or YAML that is not supported.
    InvalidYaml,
    /// A key stands twice.
    DuplicateKey,
    /// Front matter that does not end.
    UnclosedFrontMatter,
    /// A kind that does not exist.
    UnknownKind,
    /// A field that the kind does not know.
    UnknownField,
    /// A field that is due and missing.
    MissingField,
    /// A field that practice expects.
    MissingExpectedField,
    /// A value of the wrong type or form.
    InvalidValue,
    /// A data set that cannot be read as its mapping says.
    InvalidDataSet,
    /// A mistake in `attestry.yaml` or `people.yaml`.
    InvalidConfiguration,
    /// A schema of the organization that cannot be used.
    InvalidSchema,
}

impl Problem {
    /// A problem of a file as a whole or of a place in it.
    pub fn new(
        defect: Defect,
        place: Place,
        subject: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            defect,
            place,
            subject: subject.to_owned(),
            discriminator: String::new(),
            message: message.into(),
            help: help.into(),
            related: None,
        }
    }

    /// A schema violation of a document; `name` is what the user calls the field.
    pub fn of_violation(violation: &Violation, place: Place, subject: &str, name: &str) -> Self {
        use crate::kind::{Basis, Fault};
        let defect = match (violation.nature, violation.basis) {
            (Fault::Missing, Some(Basis::Practice | Basis::Optional)) => Defect::MissingExpectedField,
            (Fault::Missing, _) => Defect::MissingField,
            (Fault::Unknown, _) => Defect::UnknownField,
            (Fault::Value, _) => Defect::InvalidValue,
        };
        let message = violation.message.replace("{name}", name);
        let mut problem = Self::new(defect, place, subject, message, violation.help.replace("{name}", name));
        problem.discriminator = violation.message.clone();
        problem
    }
}

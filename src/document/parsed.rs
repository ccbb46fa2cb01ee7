//! What was made of one file.

use super::{Body, Document, Problem};

/// What a file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its documents; a register comes before its entries, whose `register` is 0.
    pub documents: Vec<Document>,
    /// The text of a Markdown file that is no document: its links are checked, no more.
    pub page: Option<Body>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// Which of its documents an id means, without regard to case; one without an id of its own is
    /// its file, whatever it is called.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        let alone = || matches!(&self.documents[..], [one] if !one.is_written("id")).then_some(0);
        self.documents.iter().position(|one| is_same_id(id, &one.id)).or_else(alone)
    }
}

/// Whether two ids are the same: without regard to case.
pub fn is_same_id(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || (!one.is_ascii() && one.to_lowercase() == other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use crate::{configuration::Configuration, document::parse, kind::Kinds, source::SourceId};

    fn place_of(path: &str, text: &str, id: &str) -> Option<usize> {
        parse(SourceId(0), path, text, &Kinds::built_in(), &Configuration::default()).place_of(id)
    }

    #[test]
    fn a_document_is_found_by_its_id_or_as_the_only_one_of_its_file() {
        let policy = "---\nkind: policy\nid: ÄND-1\n---\n# A\n";
        assert_eq!(place_of("policies/a.md", policy, "änd-1"), Some(0));
        assert_eq!(place_of("policies/a.md", policy, "POL-1"), None);
        assert_eq!(place_of("policies/a.md", "---\nkind: policy\n---\n# A\n", "policies/before"), Some(0));
        let register = "kind: role-assignment\nid: REG-1\nentries:\n  - id: desk\n    title: Desk\n";
        assert_eq!(place_of("registers/roles.yaml", register, "DESK"), Some(1));
        assert_eq!(place_of("registers/roles.yaml", register, "registers/roles"), None);
    }
}

//! What is wrong with a bundle.

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What sort of thing: `altered-file`, `unsafe-path`.
    pub name: &'static str,
    /// The file in question, as the bundle names it; empty where it is the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// How many problems are kept: a bundle made to fill a disk with complaints does not.
const KEPT: usize = 1000;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// Adds one.
    pub fn add(&mut self, name: &'static str, path: &str, message: impl Into<String>) {
        if self.list.len() < KEPT {
            self.list.push(Problem { name, path: path.to_owned(), message: message.into() });
        } else {
            self.more += 1;
        }
    }

    /// Those that were kept, in the order in which they were found.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many more there were.
    pub fn more(&self) -> usize {
        self.more
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

//! The ledger of approvals: what the hosting platform knows of each merged pull or merge request,
//! kept in the repository as documents of the kind `approval`, one file per request.
//!
//! [`import()`] makes entries of what the platform's API prints, [`Entry::of`] reads them back from
//! documents, [`counting()`] says whose approval an entry proves, [`merge()`] brings what is new into
//! an entry that is there, [`lost()`] says what an entry lost, and [`write()`] writes it. All of this is
//! pure.

mod counting;
mod entry;
mod github;
mod gitlab;
mod import;
mod lost;
mod merge;
mod written;

pub use counting::{Approver, counting};
pub use entry::{Entry, File, FileStatus, Platform, Review, ReviewState};
pub use import::{Defect, Text, import};
pub use lost::lost;
pub use merge::{Merged, merge};
pub use written::{fields, write};

/// The kind of the ledger's documents.
pub const KIND: &str = "approval";

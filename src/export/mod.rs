//! Forms in which other programs and other readers take what an SMS says.

pub mod codeowners;
pub mod csv;
pub mod gap;

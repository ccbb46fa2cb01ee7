//! Texts and places in them. Inside attestry a place is a range of bytes; lines and columns are
//! computed only when something is printed.

use sha2::{Digest, Sha256};
use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// A range of bytes in a source.
pub type Span = Range<usize>;

/// Which source of an SMS: an index into its list of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// One text of the repository, with its path relative to the SMS root (`/` between folders).
#[derive(Clone, Debug)]
pub struct Source {
    path: String,
    text: OnceLock<String>,
    later: Option<Later>,
    lines: OnceLock<Vec<usize>>,
}

/// A position as people count it: line and column from 1, columns in Unicode scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalars, from 1.
    pub column: usize,
}

impl Source {
    /// A text under its path.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: OnceLock::from(text.into()), later: None, lines: OnceLock::new() }
    }

    /// A text that is read when somebody asks for it.
    pub fn unread(path: impl Into<String>, later: Later) -> Self {
        Self { path: path.into(), text: OnceLock::new(), later: Some(later), lines: OnceLock::new() }
    }

    /// Whether its text was read.
    pub fn is_read(&self) -> bool {
        self.text.get().is_some()
    }

    /// The id that git gives to its content, where that is known without reading it.
    pub fn id(&self) -> Option<[u8; 20]> {
        self.later.as_ref()?.id
    }

    /// The path, relative to the SMS root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| match self.later.as_ref().map(Later::read) {
            Some(Content::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => String::new(),
        })
    }

    /// The text of a span; empty where the span is not one of this text.
    pub fn slice(&self, span: &Span) -> &str {
        self.text().get(span.clone()).unwrap_or_default()
    }

    /// Line and column of a byte offset; an offset behind the end counts as the end.
    pub fn position(&self, offset: usize) -> Position {
        let lines = self.lines();
        let offset = offset.min(self.text().len());
        let line = lines.partition_point(|start| *start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0);
        let column = self.text().get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        Position { line, column }
    }

    /// The span of a line (from 1) without its line break.
    pub fn line_span(&self, line: usize) -> Span {
        let lines = self.lines();
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text().len());
        let end = lines.get(line).copied().unwrap_or(self.text().len());
        let text = self.text().get(start..end).unwrap_or_default();
        start..start + text.trim_end_matches(['\n', '\r']).len()
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', self.text().as_bytes()).map(|at| at + 1)).collect()
        })
    }
}

/// A place that a finding points at: the source, the bytes, and the JSON pointer of the value
/// there (empty for a whole file, `body` for prose), which is part of a finding's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// The bytes.
    pub span: Span,
    /// The JSON pointer of the value, or where it would stand.
    pub pointer: String,
}

/// A file as it was found in the repository, before anything is made of it.
#[derive(Debug)]
pub struct Input {
    /// Path relative to the SMS root, `/` between folders.
    pub path: String,
    /// What was found there.
    pub content: Content,
}

/// A text that is read when it is needed.
#[derive(Clone)]
pub struct Later {
    /// The id that git gives to its content, where that is known without reading it.
    pub id: Option<[u8; 20]>,
    /// Its size in bytes as it lies there, where that is known without reading it. Line ends may
    /// make that another than the size of what git has under the id.
    pub size: Option<u64>,
    read: Arc<dyn Fn() -> Content + Send + Sync>,
}

impl Later {
    /// What reads it, the id that git gives to its content, and its size.
    pub fn new(id: Option<[u8; 20]>, size: Option<u64>, read: impl Fn() -> Content + Send + Sync + 'static) -> Self {
        Self { id, size, read: Arc::new(read) }
    }

    /// What is found there now.
    pub fn read(&self) -> Content {
        (self.read)()
    }
}

impl fmt::Debug for Later {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Later").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What was found under a path.
#[derive(Debug)]
pub enum Content {
    /// The bytes of a text that is to be read.
    Bytes(Vec<u8>),
    /// A text that is not read yet.
    Later(Later),
    /// A file that is there and was not read (an attachment, an image), with its size in bytes.
    Present {
        /// Size in bytes.
        size: u64,
        /// SHA-256 in lower-case hexadecimal, where it was asked for.
        sha256: Option<String>,
    },
    /// Something that is not followed: a symbolic link, a submodule, an LFS pointer, a device.
    NotFollowed(String),
    /// A file that could not be read, and why.
    Unreadable(String),
}

/// How a pointer of Git LFS begins, which stands for a file that is elsewhere.
pub const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// The SHA-256 of bytes in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("a.md", "owner: Zoë\nid: x\n");
        assert_eq!(source.position(11), Position { line: 1, column: 11 });
        assert_eq!(source.position(16), Position { line: 2, column: 5 });
        assert_eq!(source.slice(&source.line_span(2)), "id: x");
    }

    #[test]
    fn an_offset_behind_the_end_is_the_end() {
        assert_eq!(Source::new("a", "").position(9), Position { line: 1, column: 1 });
    }
}

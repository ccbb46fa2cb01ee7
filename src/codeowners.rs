//! `CODEOWNERS`: whom the hosting platform asks about which files. Read as GitHub reads it: patterns
//! like those of `.gitignore`, the last that matches counts, a line that is not valid is passed
//! over. Sections and their default owners are those of GitLab.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::{ops::Range, path::Path};

/// Where it may stand; the first that is there counts.
pub const FILES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// A file, as an SMS has it that may lie in a folder of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path from the SMS root: `../CODEOWNERS` where it stands above that.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// Where the SMS root lies as seen from the root that patterns start at: empty, or a path with
    /// `/` at its end.
    pub folder: String,
}

impl File {
    /// A path from the SMS root, which may lead above that, as patterns have it.
    pub fn from_root(&self, path: &str) -> String {
        // What lies above is only ever told from the root of the repository.
        let above = path.trim_start_matches("../");
        if above.len() < path.len() && !self.folder.is_empty() {
            above.to_owned()
        } else {
            format!("{}{path}", self.folder)
        }
    }
}

/// The entries of a file.
#[derive(Debug, Default)]
pub struct Codeowners {
    sections: Vec<Section>,
}

/// A pattern and the owners behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The bytes of its line.
    pub span: Range<usize>,
    /// The owners: for an entry that names none, those of its section.
    pub owners: Vec<Owner>,
}

/// An account, a team or an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// As written: `@account`, `@organization/team`, `somebody@example.com`.
    pub name: String,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

#[derive(Debug)]
struct Section {
    name: String,
    defaults: Vec<Owner>,
    patterns: Vec<String>,
    entries: Vec<Entry>,
    /// All patterns, for files.
    files: Gitignore,
    /// Those that also mean what lies in a folder: all but `folder/*`.
    folders: Gitignore,
}

/// Whether a file is one that platforms look for.
pub fn is_file(path: &str) -> bool {
    FILES.contains(&path)
}

/// A path from the root of the repository as a pattern, which for a folder ends with `/`; none
/// where no pattern means this path alone on every platform.
pub fn pattern_of(path: &str) -> Option<String> {
    let unsafe_character = |character: char| {
        "*?[]\\#\"".contains(character) || character.is_control() || character.is_whitespace() && character != ' '
    };
    (!path.contains(unsafe_character)).then(|| format!("/{}", path.replace(' ', "\\ ")))
}

impl Owner {
    /// Whether it is a team or a role of the platform, whose members only that knows.
    pub fn is_team(&self) -> bool {
        self.name.starts_with("@@") || self.name.starts_with('@') && self.name.contains('/')
    }
}

impl Codeowners {
    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        let mut sections = vec![Section::new("", Vec::new())];
        let (mut current, mut start) = (0, 0);
        for whole in text.split_inclusive('\n') {
            let line = whole.trim();
            let at = start + (whole.len() - whole.trim_start().len());
            start += whole.len();
            if let Some((name, rest)) = section(line) {
                let defaults = owners(rest, at + line.len() - rest.len()).unwrap_or_default();
                let known = sections.iter().position(|section: &Section| section.name == name);
                current = known.unwrap_or(sections.len());
                if known.is_none() {
                    sections.push(Section::new(&name, defaults));
                } else if !defaults.is_empty() {
                    sections[current].defaults = defaults;
                }
                continue;
            }
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let end = end_of_pattern(line);
            if let Some(mut named) = owners(&line[end..], at + end) {
                if named.is_empty() {
                    named.clone_from(&sections[current].defaults);
                }
                sections[current].patterns.push(plain(&line[..end]));
                sections[current].entries.push(Entry { span: at..at + line.len(), owners: named });
            }
        }
        sections.iter_mut().for_each(Section::compile);
        Self { sections }
    }

    /// The entry that counts for a file, one of each section.
    pub fn of<'a, 'p>(&'a self, path: &'p str) -> impl Iterator<Item = &'a Entry> + use<'a, 'p> {
        self.sections.iter().filter_map(move |section| section.of(path))
    }

    /// All owners that are named, as often as they are.
    pub fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.sections
            .iter()
            .flat_map(|section| section.defaults.iter().chain(section.entries.iter().flat_map(|entry| &entry.owners)))
    }
}

impl Section {
    fn new(name: &str, defaults: Vec<Owner>) -> Self {
        Self {
            name: name.to_owned(),
            defaults,
            patterns: Vec::new(),
            entries: Vec::new(),
            files: Gitignore::empty(),
            folders: Gitignore::empty(),
        }
    }

    fn compile(&mut self) {
        let compiled = |wanted: &dyn Fn(&str) -> bool| {
            let mut builder = GitignoreBuilder::new("");
            for (index, pattern) in self.patterns.iter().enumerate().filter(|(_, pattern)| wanted(pattern)) {
                // A match tells where its pattern came from: here, which entry it is. A pattern
                // that is none is passed over.
                let _ = builder.add_line(Some(index.to_string().into()), pattern);
            }
            builder.build().unwrap_or_else(|_| Gitignore::empty())
        };
        self.files = compiled(&|_| true);
        self.folders = compiled(&|pattern| !pattern.ends_with("/*"));
    }

    /// The last entry that means a file or a folder above it.
    fn of(&self, path: &str) -> Option<&Entry> {
        let index = |patterns: &Gitignore, path: &Path, folder: bool| {
            patterns.matched(path, folder).inner().and_then(|glob| glob.from()?.to_str()?.parse::<usize>().ok())
        };
        let path = Path::new(path);
        let above = path.ancestors().skip(1).filter(|folder| *folder != Path::new(""));
        let above = above.filter_map(|folder| index(&self.folders, folder, true)).max();
        self.entries.get(index(&self.files, path, false).max(above)?)
    }
}

/// The name of a section in lower case, and the default owners behind it: `^[Name][2] @owner`.
fn section(line: &str) -> Option<(String, &str)> {
    let (name, rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?.split_once(']')?;
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| (name.trim().to_lowercase(), rest))
}

/// Where a pattern ends: at the first blank without a backslash before it.
fn end_of_pattern(line: &str) -> usize {
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        if matches!(character, ' ' | '\t') && !escaped {
            return at;
        }
        escaped = character == '\\' && !escaped;
    }
    line.len()
}

/// A pattern in which brackets and braces are nothing but themselves: there are no character
/// classes and no alternatives.
fn plain(pattern: &str) -> String {
    let (mut plain, mut escaped) = (String::with_capacity(pattern.len()), false);
    for character in pattern.chars() {
        if "[]{}".contains(character) && !escaped {
            plain.push('\\');
        }
        plain.push(character);
        escaped = character == '\\' && !escaped;
    }
    plain
}

/// The owners in a text that starts at a byte; none where one of them cannot be an owner, which
/// makes the whole line void.
fn owners(text: &str, start: usize) -> Option<Vec<Owner>> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = start + text.len() - rest.len();
        let (word, after) = rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len()));
        if word.is_empty() || word.starts_with('#') {
            return Some(found);
        }
        if !word.contains('@') || word.ends_with('@') {
            return None;
        }
        found.push(Owner { name: word.to_owned(), span: at..at + word.len() });
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, path: &str) -> String {
        let read = Codeowners::parse(text);
        let entries = read.of(path).map(|entry| {
            entry.owners.iter().map(|owner| {
                assert_eq!(text[owner.span.clone()], owner.name);
                owner.name.as_str()
            })
        });
        entries.map(|owners| owners.collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn patterns_mean_what_they_mean_on_github() {
        for (pattern, path, expected) in [
            ("*", "a/b.md", true),
            ("*.md", "a/b.md", true),
            ("/*.md", "a/b.md", false),
            ("docs/*", "docs/a.md", true),
            ("docs/*", "docs/deep/a.md", false),
            ("docs/**", "docs/deep/a.md", true),
            ("docs/", "a/docs/b.md", true),
            ("/docs/", "a/docs/b.md", false),
            ("/docs", "docs/deep/a.md", true),
            ("a/docs", "b/a/docs/c.md", false),
            ("**/logs", "b/a/logs/c.md", true),
            ("/a\\ b/", "a b/c.md", true),
            ("/a[bc].md", "ab.md", false),
            ("/Docs/", "docs/a.md", false),
        ] {
            assert_eq!(of(&format!("{pattern} @ada"), path) == "@ada", expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_entry_counts() {
        let text = "* @ada # all\n/docs/a.md @bo\n/docs/ @cy dee@example.com\n/docs/none/\n!/x.md @ada\n/y.md nobody\n";
        assert_eq!(of(text, "docs/a.md"), "@cy dee@example.com");
        assert_eq!(of(text, "docs/none/a.md"), "");
        assert_eq!(Codeowners::parse(text).of("docs/none/a.md").count(), 1);
        assert_eq!(of(text, "x.md"), "@ada");
        assert_eq!(of(text, "y.md"), "@ada");
    }

    #[test]
    fn every_section_has_an_entry_that_counts() {
        let text =
            "* @ada\n[Policies][2] @bo\n/policies/\n/policies/own.md @cy\n^[Texts]\n*.md @dee\n[policies]\n/z.md\n";
        assert_eq!(of(text, "policies/a.md"), "@ada | @bo | @dee");
        assert_eq!(of(text, "policies/own.md"), "@ada | @cy | @dee");
        assert_eq!(of(text, "z.md"), "@ada | @bo | @dee");
    }

    #[test]
    fn a_pattern_of_a_path_means_that_path() {
        for path in ["a.md", "a b/c d.md", "!a/#", "ä/ö.md", "a#b.md", "a*.md", "(a)/{b}.md", "@x.md"] {
            let Some(pattern) = pattern_of(path) else {
                assert!(path.contains(['#', '*']), "{path}");
                continue;
            };
            assert_eq!(of(&format!("{pattern} @ada"), path), "@ada", "{pattern}");
        }
    }
}

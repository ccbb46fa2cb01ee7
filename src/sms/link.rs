//! Where the links of Markdown texts lead.

use super::{File, Sms};
use crate::{
    document::{Body, Document, Link},
    lookup::Lookup,
    source::SourceId,
};
use rayon::prelude::*;
use std::borrow::Cow;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Out into the world: whatever has a scheme or a host.
    Elsewhere,
    /// A file of the SMS, the linking one included.
    File {
        /// Its path.
        path: String,
        /// Its text, where it was read.
        source: Option<SourceId>,
        /// The anchor in it.
        anchor: Option<String>,
    },
    /// A folder of the SMS, without a slash at its end; empty for the root.
    Folder(String),
    /// Nothing stands at this path.
    Nothing(String),
    /// More `..` than there are folders.
    Outside,
    /// From the root of a server or of a disk; the path behind it.
    Absolute(String),
}

/// Finds a file by its path.
type FindFile<'f, 'a> = &'f (dyn Fn(&str) -> Option<(&'a String, &'a File)> + Sync + 'f);

impl Sms {
    /// The texts of all Markdown files, documents or not, by the position of the source.
    pub fn bodies(&self) -> Vec<Option<&Body>> {
        let documents = self.documents.iter().filter_map(|document| Some((document.source, document.body.as_ref()?)));
        let mut bodies = vec![None; self.sources.len()];
        for (source, body) in documents.chain(self.pages.iter().map(|(source, body)| (*source, body))) {
            bodies[source.0 as usize] = Some(body);
        }
        bodies
    }

    /// Every link of every Markdown file: the file's path, its document if it is one, the link, and
    /// where it leads.
    pub fn links(&self) -> impl Iterator<Item = (&str, Option<&Document>, &Link, &Lead)> {
        self.written_links().zip(&self.leads).map(|((from, document, link), lead)| (from, document, link, lead))
    }

    fn written_links(&self) -> impl Iterator<Item = (&str, Option<&Document>, &Link)> {
        let documents = self
            .documents
            .iter()
            .filter_map(|document| Some((self.path(document), Some(document), document.body.as_ref()?)));
        let pages = self.pages.iter().map(|(source, body)| (self.source(*source).path(), None, body));
        documents
            .chain(pages)
            .flat_map(|(path, document, body)| body.links.iter().map(move |link| (path, document, link)))
    }

    /// Where a link in the file `from` leads.
    pub fn lead(&self, from: &str, target: &str) -> Lead {
        self.lead_to(from, target, &|path| self.files.get_key_value(path))
    }

    fn lead_to<'a>(&'a self, from: &str, target: &str, file: FindFile<'_, 'a>) -> Lead {
        let target = target.trim();
        if target.starts_with("//") || has_scheme(target) {
            return Lead::Elsewhere;
        }
        let (path, fragment) = target
            .split_once('#')
            .map_or((target, None), |(path, fragment)| (path, Some(decoded(fragment).into_owned())));
        let path = decoded(path.split_once('?').map_or(path, |(path, _)| path));
        if path.is_empty() {
            return match self.files.get(from) {
                Some(file) => Lead::File { path: from.to_owned(), source: file.source, anchor: fragment },
                None => Lead::Elsewhere,
            };
        }
        if let Some(rest) = path.strip_prefix('/') {
            let root = self.configuration.folder(from).and_then(|folder| folder.site_root.as_deref());
            let Some(root) = root else { return Lead::Absolute(rest.to_owned()) };
            return joined(&format!("{root}/"), rest).map_or(Lead::Outside, |path| self.found(path, fragment, file));
        }
        if path.as_bytes().get(1) == Some(&b':') {
            return Lead::Absolute(path[2..].replace('\\', "/").trim_start_matches('/').to_owned());
        }
        let Some(path) = joined(from, &path) else { return Lead::Outside };
        self.found(path, fragment, file)
    }

    fn found<'a>(&'a self, path: String, fragment: Option<String>, find: FindFile<'_, 'a>) -> Lead {
        // What a site generator makes of `hosting.html.md.erb` is called `hosting.html`.
        let mut sources = [".md", ".md.erb", ".erb"].iter();
        if let Some((_, file)) = find(&path) {
            return Lead::File { path, source: file.source, anchor: fragment };
        }
        match sources.find_map(|end| find(&format!("{path}{end}"))) {
            Some((path, file)) => Lead::File { path: path.clone(), source: file.source, anchor: fragment },
            None if self.is_folder(&path) => Lead::Folder(path),
            None => Lead::Nothing(path),
        }
    }

    fn is_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path.is_empty() || self.files.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    }
}

/// Where every link leads, in their order.
pub(super) fn leads(sms: &Sms) -> Vec<Lead> {
    let mut links: Vec<(&str, &Link)> = Vec::with_capacity(sms.written_links().count());
    links.extend(sms.written_links().map(|(from, _, link)| (from, link)));
    let files: Lookup<&str, (&String, &File)> = sms.files.iter().map(|file| (file.0.as_str(), file)).collect();
    let find = |path: &str| files.get(path).copied();
    links.par_iter().with_min_len(64).map(|(from, link)| sms.lead_to(from, &link.target, &find)).collect()
}

/// `mailto:` and the like; one letter before the colon is a Windows drive.
fn has_scheme(target: &str) -> bool {
    target.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

/// A relative path taken from a file; none where it leads above the root.
fn joined(from: &str, path: &str) -> Option<String> {
    let folder = from.rfind('/').map_or("", |slash| &from[..slash]);
    let mut joined = String::with_capacity(folder.len() + 1 + path.len());
    joined.push_str(folder);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if joined.is_empty() => return None,
            ".." => joined.truncate(joined.rfind('/').unwrap_or(0)),
            part => {
                if !joined.is_empty() {
                    joined.push('/');
                }
                joined.push_str(part);
            }
        }
    }
    Some(joined)
}

/// Percent signs decoded (RFC 3986); what is no UTF-8 then stays as it was.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, length) = hex.filter(|_| bytes[at] == b'%').map_or((bytes[at], 1), |byte| (byte, 3));
        decoded.push(byte);
        at += length;
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The path from a file to another, as a link writes it.
pub fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let to: Vec<&str> = to.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("/").replace(' ', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_never_leave_the_root() {
        assert_eq!(joined("a/b/c.md", "../d.md").as_deref(), Some("a/d.md"));
        assert_eq!(joined("a/c.md", "./x//y.md").as_deref(), Some("a/x/y.md"));
        assert_eq!(joined("c.md", "../d.md"), None);
        assert_eq!(joined("a/c.md", "..").as_deref(), Some(""));
        assert_eq!(joined("/", "x.md").as_deref(), Some("x.md"));
    }

    #[test]
    fn percent_signs_are_decoded_once() {
        assert_eq!(decoded("a%20b%C3%A9"), "a bé");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%2520"), "%20");
        assert_eq!(decoded("%ff"), "%ff");
    }

    #[test]
    fn the_way_between_two_files() {
        assert_eq!(relative("processes/a.md", "policies/b.md"), "../policies/b.md");
        assert_eq!(relative("a.md", "x/my file.md"), "x/my%20file.md");
    }

    #[test]
    fn schemes_are_not_paths() {
        assert!(has_scheme("mailto:a@b.example") && has_scheme("https://x") && has_scheme("tel:1"));
        assert!(!has_scheme("C:\\x") && !has_scheme("a/b:c") && !has_scheme("policies/x.md"));
    }
}

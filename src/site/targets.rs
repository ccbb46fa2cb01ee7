//! What the links of a document mean on the site: pages for documents, copies for other files,
//! nothing for everything else.

use super::{
    Site, html,
    markdown::{Target, Targets, heading_of},
    paths,
};
use crate::sms::Target as Meaning;

/// The path in the repository that a relative link means, and its fragment. A link that starts
/// with `/` counts from the SMS root; one that leads out of the root means nothing.
pub(super) fn resolve(from: &str, target: &str) -> Option<(String, Option<String>)> {
    let (path, fragment) = target.split_once('#').map_or((target, None), |(path, fragment)| (path, Some(fragment)));
    let path = path.split('?').next().unwrap_or_default();
    let has_scheme = path.split('/').next().is_some_and(|first| first.contains(':'));
    if has_scheme || path.starts_with("//") || path.contains('\\') {
        return None;
    }
    let path = html::decode(path);
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    if path.is_empty() {
        return Some((from.to_owned(), fragment.map(str::to_owned)));
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some((parts.join("/"), fragment.map(str::to_owned)))
}

/// The links of one document's text.
pub(super) struct OfDocument<'site, 'sms> {
    pub site: &'site Site<'sms>,
    pub position: usize,
    pub root: &'site str,
}

impl Targets for OfDocument<'_, '_> {
    fn target(&self, target: &str) -> Target {
        if let Some(outside) = html::outside(target) {
            return Target::Outside(outside);
        }
        let site = self.site;
        let from = site.sms.path(&site.sms.documents[self.position]);
        let Some((path, fragment)) = resolve(from, target) else { return Target::Nowhere };
        if let Some(position) = site.by_path.get(path.as_str()) {
            let page = if *position == self.position { None } else { Some(site.pages[*position].as_str()) };
            let heading = fragment
                .filter(|_| site.withheld.document(*position).is_none())
                .and_then(|fragment| heading_of(site.sms.documents[*position].body.as_ref()?, &fragment));
            return match (page, heading) {
                (page, Some(heading)) => Target::Inside(format!(
                    "{}#{}",
                    page.map_or_else(String::new, |page| format!("{}{page}", self.root)),
                    html::encode(&heading)
                )),
                (Some(page), None) => Target::Inside(format!("{}{page}", self.root)),
                (None, None) => Target::Nowhere,
            };
        }
        match site.files.get(path.as_str()) {
            Some(file) if paths::is_bitmap(&path) => Target::Image(format!("{}{file}", self.root)),
            Some(file) => Target::Inside(format!("{}{file}", self.root)),
            None => Target::Nowhere,
        }
    }

    fn mention(&self, word: &str) -> Option<String> {
        match self.site.sms.resolve(word) {
            Meaning::Document(position) if position != self.position && !self.site.nameless.contains_key(&position) => {
                Some(format!("{}{}", self.root, self.site.pages[position]))
            }
            _ => None,
        }
    }
}

/// The links of a rule's page: outside, and to the pages of other rules.
pub(super) struct OfRule<'a> {
    pub root: &'a str,
}

impl Targets for OfRule<'_> {
    fn target(&self, target: &str) -> Target {
        let file = target.rsplit('/').next().unwrap_or_default().trim_end_matches(".md").replace('_', "-");
        match html::outside(target) {
            Some(outside) => Target::Outside(outside),
            None if crate::rules::by_name(&file).is_some() => Target::Inside(format!("{}rules/{file}.html", self.root)),
            None => Target::Nowhere,
        }
    }

    fn mention(&self, _word: &str) -> Option<String> {
        None
    }
}

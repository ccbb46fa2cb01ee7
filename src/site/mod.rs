//! The evidence site: a pure function from the linked SMS and its report to files by path. Pages
//! need no script and nothing from outside, and work from any folder.

mod html;
mod markdown;
mod pages;
mod paths;
pub mod redline;
mod targets;
mod value;
mod view;

pub use crate::audience::{Audience, Classification, classification};

use crate::audience::Withheld;
use crate::{
    document::{Document, text_of},
    finding::Finding,
    report::Report,
    sms::{
        Sms,
        coverage::{self, Assessment, Proof},
    },
};
use anyhow::{Context, Result, anyhow, bail};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tera::Tera;

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// The file that marks a folder as a site that attestry made.
pub const MARKER: &str = ".attestry-site";

/// Paths of the repository that a site for this audience offers for download: the sources of
/// documents that are not withheld, and the files that these documents attach or link to.
pub fn copied(sms: &Sms, audience: Audience) -> BTreeSet<&str> {
    offered(sms, &Withheld::new(sms, audience))
}

/// The site as files by path. `copies` holds what [`copied`] asked for; a file that is not among
/// them is named and not linked.
pub fn render(
    sms: &Sms,
    report: &Report<'_>,
    audience: Audience,
    copies: &BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<String, Vec<u8>>> {
    let site = Site::new(sms, report, audience, copies)?;
    let templates = templates()?;
    let pages = pages::all(&site);
    let rendered: Vec<(String, Result<String>)> = pages
        .into_par_iter()
        .map(|page| {
            let mut context = page.context;
            context.insert("site", &site.facts(&page.path));
            let text = templates.render(page.template, &context);
            (page.path, text.map_err(|error| anyhow!("the template `{}`: {error}", page.template)))
        })
        .collect();
    let mut files = BTreeMap::new();
    for (path, text) in rendered {
        put(&mut files, &path, text?.into_bytes())?;
    }
    for (name, content) in TEMPLATES.iter().filter(|(name, _)| name.starts_with("assets/")) {
        put(&mut files, name, content.as_bytes().to_vec())?;
    }
    for (path, name) in &site.files {
        put(&mut files, name, copies[*path].clone())?;
    }
    put(&mut files, MARKER, site.marker().into_bytes())?;
    refuse_collisions(&files)?;
    Ok(files)
}

fn put(files: &mut BTreeMap<String, Vec<u8>>, path: &str, bytes: Vec<u8>) -> Result<()> {
    match files.insert(path.to_owned(), bytes) {
        None => Ok(()),
        Some(_) => bail!("two pages of the site would have the path `{path}`"),
    }
}

/// No two paths may be one where case does not count, and none may be a folder of another.
fn refuse_collisions(files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut names = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for path in files.keys() {
        let lower = path.to_lowercase();
        folders.extend(lower.match_indices('/').map(|(at, _)| lower[..at].to_owned()));
        if !names.insert(lower) {
            bail!("two files of the site would have the path `{path}` where case does not count");
        }
    }
    names
        .intersection(&folders)
        .next()
        .map_or(Ok(()), |path| Err(anyhow!("`{path}` would be a file and a folder of the site")))
}

fn templates() -> Result<Tera> {
    let mut tera = Tera::new();
    tera.autoescape_on([".html", ".svg"]);
    tera.set_escape_fn(html::write_escaped);
    let pages = TEMPLATES.iter().filter(|(name, _)| is_page(name));
    tera.add_raw_templates(pages.copied()).context("the built-in templates")?;
    Ok(tera)
}

/// Whether a path is that of a page.
pub fn is_page(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "html")
}

fn offered<'a>(sms: &'a Sms, withheld: &Withheld) -> BTreeSet<&'a str> {
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    let mut kept_back: BTreeSet<&str> = BTreeSet::new();
    for (position, document) in sms.documents.iter().enumerate() {
        let hidden = withheld.document(position).is_some();
        if withheld.may_offer(document.source) {
            paths.insert(sms.path(document));
        }
        for path in attached(document) {
            let Some((path, _)) = sms.files.get_key_value(path) else { continue };
            if hidden {
                kept_back.insert(path)
            } else {
                paths.insert(path)
            };
        }
        let links = document.body.iter().filter(|_| !hidden).flat_map(|body| &body.links);
        for link in links {
            let path = targets::resolve(sms.path(document), &link.target).map(|(path, _)| path);
            if let Some((path, _)) = path.and_then(|path| sms.files.get_key_value(&path)) {
                paths.insert(path);
            }
        }
    }
    // What a withheld document attaches stays with it, and a text is offered only if nothing in it
    // is withheld. Data sets, people and configuration are not evidence to hand out.
    paths.retain(|path| {
        let source = sms.files.get(*path).and_then(|file| file.source);
        let is_data = sms.configuration.data_set(path).is_some();
        let is_settings = matches!(*path, crate::configuration::FILE | "people.yaml");
        let may = source.is_none_or(|source| withheld.may_offer(source));
        may && !is_data && !is_settings && !kept_back.contains(path)
    });
    paths
}

/// Files that a document attaches: by the kind `attachment`, or by the field `attachments`.
fn attached(document: &Document) -> Vec<&str> {
    let listed = document.fields.get("attachments").and_then(serde_json::Value::as_array).into_iter().flatten();
    let own = (document.kind == "attachment").then(|| document.text("path")).flatten();
    listed.filter_map(|item| item["path"].as_str()).chain(own).collect()
}

/// Everything that pages are made from.
pub(super) struct Site<'a> {
    sms: &'a Sms,
    report: &'a Report<'a>,
    audience: Audience,
    withheld: Withheld,
    /// The page of every document, by position.
    pages: Vec<String>,
    /// Withheld documents that have no id of their own, numbered, by position.
    nameless: BTreeMap<usize, usize>,
    /// What is offered: path in the repository, path in the site.
    files: BTreeMap<&'a str, String>,
    copies: &'a BTreeMap<String, Vec<u8>>,
    /// The first document of every file.
    by_path: BTreeMap<&'a str, usize>,
    /// Documents that a text links to by path, by the position of the text; and the other way.
    links: BTreeMap<usize, BTreeSet<usize>>,
    linked_by: BTreeMap<usize, BTreeSet<usize>>,
    /// Findings that are shown, in the order of the report.
    findings: Vec<&'a Finding>,
    /// The anchor of every finding.
    anchors: Vec<String>,
    /// Findings by their subject in lower case.
    by_subject: BTreeMap<String, Vec<usize>>,
    assessments: Vec<Assessment<'a>>,
    /// Numbers of the clauses that a document is evidence for, by position.
    serves: BTreeMap<usize, BTreeSet<usize>>,
    /// Titles that a shape has from a shared definition and that say nothing about the field.
    shared_titles: BTreeSet<String>,
}

impl<'a> Site<'a> {
    fn new(
        sms: &'a Sms,
        report: &'a Report<'a>,
        audience: Audience,
        copies: &'a BTreeMap<String, Vec<u8>>,
    ) -> Result<Self> {
        let withheld = Withheld::new(sms, audience);
        let offered: BTreeSet<&str> =
            offered(sms, &withheld).into_iter().filter(|path| copies.contains_key(*path)).collect();
        for path in &offered {
            let source = sms.files.get(*path).and_then(|file| file.source);
            if source.is_some_and(|source| sms.source(source).text() != text_of(copies[*path].clone()).0) {
                bail!("`{path}` changed while it was read; run again");
            }
        }
        let assessments = coverage::assess(sms);
        let nameless = nameless(sms, &withheld);
        let mut site = Self {
            pages: page_paths(sms, &nameless),
            files: paths::file_names(&offered),
            by_path: BTreeMap::new(),
            links: BTreeMap::new(),
            linked_by: BTreeMap::new(),
            findings: report
                .findings
                .iter()
                .chain(&report.accepted)
                .filter(|finding| !withheld.finding(sms, finding))
                .collect(),
            anchors: Vec::new(),
            by_subject: BTreeMap::new(),
            serves: BTreeMap::new(),
            shared_titles: crate::kind::shared_titles(),
            sms,
            report,
            audience,
            withheld,
            nameless,
            copies,
            assessments,
        };
        for (position, document) in sms.documents.iter().enumerate() {
            site.by_path.entry(sms.path(document)).or_insert(position);
        }
        site.collect_links();
        for (index, finding) in site.findings.iter().enumerate() {
            site.by_subject.entry(finding.subject.to_lowercase()).or_default().push(index);
        }
        site.anchors = anchors(&site.findings);
        site.serves = site.evidence_by_document();
        Ok(site)
    }

    /// Which documents link to which in their texts.
    fn collect_links(&mut self) {
        for (position, document) in self.sms.documents.iter().enumerate() {
            for link in document.body.iter().flat_map(|body| &body.links) {
                let path = targets::resolve(self.sms.path(document), &link.target).map(|(path, _)| path);
                let target = path.and_then(|path| self.by_path.get(path.as_str()).copied());
                if let Some(target) = target.filter(|target| *target != position) {
                    self.links.entry(position).or_default().insert(target);
                    self.linked_by.entry(target).or_default().insert(position);
                }
            }
        }
    }

    /// Which assessments a document is evidence for, by its position.
    fn evidence_by_document(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut serves: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (index, assessment) in self.assessments.iter().enumerate() {
            for proof in &assessment.evidence {
                if let Proof::Document(document) = proof
                    && let Some(position) = self.position(document)
                {
                    serves.entry(position).or_default().insert(index);
                }
            }
        }
        serves
    }

    /// The position of a document that is borrowed from the SMS.
    fn position(&self, document: &Document) -> Option<usize> {
        let same = |position: &&usize| {
            let other = &self.sms.documents[**position];
            other.source == document.source && other.pointer == document.pointer
        };
        self.sms.positions(&document.id).iter().find(same).copied()
    }

    /// The findings about the document at a position, as indices.
    fn findings_about(&self, position: usize) -> Vec<usize> {
        let document = &self.sms.documents[position];
        let of = |subject: &str| self.by_subject.get(&subject.to_lowercase()).into_iter().flatten().copied();
        let first_of_id = self.sms.positions(&document.id).first() == Some(&position);
        let here = |index: &usize| first_of_id || self.findings[*index].place.source == document.source;
        let mut found: Vec<usize> = of(&document.id).filter(here).collect();
        let path = self.sms.path(document);
        if document.register.is_none() && !path.eq_ignore_ascii_case(&document.id) {
            found.extend(of(path));
        }
        found
    }

    /// The way from a page to the root of the site: `../` for a page in a folder.
    fn root_of(path: &str) -> String {
        "../".repeat(path.matches('/').count())
    }

    fn marker(&self) -> String {
        let revision = self.sms.revision.commit.as_deref().unwrap_or("none");
        format!(
            "Made by attestry {} as of {} from commit {revision}. attestry replaces a folder only if it holds this file.\n",
            env!("CARGO_PKG_VERSION"),
            self.sms.as_of
        )
    }
}

/// Anchors that stay the same as long as the findings do.
fn anchors(findings: &[&Finding]) -> Vec<String> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let digest = crate::repository::sha256(finding.identity().as_bytes());
            let anchor = format!("finding-{}", &digest[..12]);
            let count = used.entry(anchor.clone()).or_insert(0);
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{count}") }
        })
        .collect()
}

/// Withheld documents whose id is their path or position: even the name says too much.
fn nameless(sms: &Sms, withheld: &Withheld) -> BTreeMap<usize, usize> {
    let hidden = (0..sms.documents.len()).filter(|position| withheld.document(*position).is_some());
    hidden.filter(|position| !sms.documents[*position].is_written("id")).zip(1..).collect()
}

/// A page for every document. Ids that stand twice are told apart by their order.
fn page_paths(sms: &Sms, nameless: &BTreeMap<usize, usize>) -> Vec<String> {
    let mut used = BTreeSet::new();
    let of = |(position, document): (usize, &Document)| {
        if let Some(number) = nameless.get(&position) {
            return format!("documents/withheld~{number}.html");
        }
        let name = paths::page_name(&document.id);
        let mut path = format!("documents/{name}.html");
        let mut count = 1;
        while !used.insert(path.clone()) {
            count += 1;
            path = format!("documents/{name}~{count}.html");
        }
        path
    };
    sms.documents.iter().enumerate().map(of).collect()
}

//! What goes into a bundle for an audience: everything that it may see, byte for byte as in the
//! repository, and for everything else why it is not there.

use super::{
    Audience, Classification, EVIDENCE, FILE_BYTES, classification, evidence, external_identifier, gap, guide, names,
};
use crate::audience::Withheld;
use crate::{
    configuration,
    document::{Defect, Document, text_of},
    export::csv,
    history::ObjectId,
    report::{Report, json},
    repository::sha256,
    sms::{LEDGER, PEOPLE_FILE, SIGNERS_FILE, Sms, coverage},
};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be packed.
pub struct Contents {
    /// The name of the bag's folder.
    pub folder: String,
    /// The fields of `bag-info.txt`, but for those that follow from the payload.
    pub info: Vec<(&'static str, String)>,
    /// The payload by its path in the bag.
    pub payload: BTreeMap<String, Vec<u8>>,
    /// What the audience may not see.
    pub withheld: Vec<NotShown>,
    /// Files that cannot be packed, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Something that the audience may not see. Its path is not told: it may say too much.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotShown {
    /// What sort of file it is.
    pub kind: String,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// How confidential it is.
    pub classification: Classification,
}

/// Where the bytes come from.
pub struct Origin<'a> {
    /// Bytes of a file of the repository.
    pub read: &'a dyn Fn(&str) -> Result<Option<Vec<u8>>>,
    /// The git blob id of a path in the commit that was read.
    pub committed: &'a dyn Fn(&str) -> Option<String>,
}

/// A file of the payload that stands in the repository.
pub(super) struct Source {
    /// Path in the repository.
    pub(super) path: String,
    /// Its git blob id.
    pub(super) git_blob: Option<String>,
    /// The commit that holds these bytes at this path.
    pub(super) commit: Option<String>,
}

/// Everything that the evidence and the reading guide tell about.
pub(super) struct Facts<'a> {
    pub(super) sms: &'a Sms,
    pub(super) report: &'a Report<'a>,
    pub(super) audience: Audience,
    pub(super) tally: coverage::Tally,
    /// Files from the repository by path in the bag.
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) withheld: Vec<NotShown>,
    pub(super) left_out: Vec<(String, String)>,
    /// Files that decide over the judgement: what each is, and its SHA-256.
    pub(super) judges: BTreeMap<String, (&'static str, String)>,
}

/// Takes out of a report what the audience may not see.
pub fn for_audience(report: &mut Report<'_>, audience: Audience) {
    let withheld = Withheld::new(report.sms, audience);
    report.own_heads = audience.may_see(Classification::Internal);
    let before = report.findings.len() + report.accepted.len();
    let sms = report.sms;
    report.findings.retain(|finding| !withheld.finding(sms, finding));
    report.accepted.retain(|finding| !withheld.finding(sms, finding));
    report.hidden += before - report.findings.len() - report.accepted.len();
}

/// Collects what is to be packed. `report` holds only what the audience may see; `site` are the
/// files of the evidence site.
pub fn contents(
    report: &Report<'_>,
    audience: Audience,
    site: BTreeMap<String, Vec<u8>>,
    origin: &Origin<'_>,
) -> Result<Contents> {
    let sms = report.sms;
    let assessments = coverage::assess(sms);
    let mut facts = Facts {
        sms,
        report,
        audience,
        tally: coverage::Tally::of(&assessments),
        sources: BTreeMap::new(),
        withheld: Vec::new(),
        left_out: Vec::new(),
        judges: BTreeMap::new(),
    };
    let mut payload = documents(&mut facts, origin)?;
    payload.extend(site.into_iter().map(|(path, bytes)| (format!("data/site/{path}"), bytes)));
    let mut put = |name: &str, text: String| payload.insert(format!("data/{name}"), text.into_bytes());
    put("findings.json", json::render(report));
    put("findings.csv", findings(report));
    put("gap.json", gap::as_json(sms, &assessments, audience));
    put("gap.csv", gap::as_csv(sms, &assessments, audience));
    put("history.json", super::history::render(sms, audience));
    put("READING-GUIDE.html", guide::render(&facts)?);
    let evidence = evidence::render(&facts, &payload);
    payload.insert(EVIDENCE.to_owned(), evidence.into_bytes());
    Ok(Contents {
        folder: folder(&facts),
        info: info(&facts),
        payload,
        withheld: facts.withheld,
        left_out: facts.left_out,
    })
}

/// The files of the repository by their path in the bag.
fn documents(facts: &mut Facts<'_>, origin: &Origin<'_>) -> Result<BTreeMap<String, Vec<u8>>> {
    let sms = facts.sms;
    let classes = Classes::new(sms);
    let reasons: BTreeMap<&str, &str> = sms
        .problems
        .iter()
        .filter(|problem| matches!(problem.defect, Defect::NotFollowed | Defect::UnreadableFile))
        .map(|problem| (problem.subject.as_str(), problem.message.as_str()))
        .collect();
    let (mut payload, mut keys) = (BTreeMap::new(), BTreeMap::<String, &str>::new());
    for (path, file) in &sms.files {
        let (class, kind, id) = classes.of(sms, path);
        let judges = judges(sms, path, classes.documents(path));
        let shown = facts.audience.may_see(class);
        if !shown {
            facts.withheld.push(NotShown { kind, id, classification: class });
            if judges.is_none() {
                continue;
            }
        }
        let read = match (origin.read)(path) {
            Ok(read) => read,
            Err(error) if shown => {
                facts.left_out.push((path.clone(), format!("{error:#}")));
                continue;
            }
            Err(_) => continue,
        };
        let Some(bytes) = read else {
            // Without a configuration file the SMS has one all the same, and it is empty.
            if let Some(reason) = reasons.get(path.as_str()).filter(|_| shown) {
                facts.left_out.push((path.clone(), (*reason).to_owned()));
            }
            continue;
        };
        if file.source.is_some_and(|source| sms.source(source).text() != text_of(bytes.clone()).0) {
            bail!("`{path}` changed while it was read; run again");
        }
        if let Some(what) = judges {
            facts.judges.insert(path.clone(), (what, sha256(&bytes)));
        }
        if !shown {
            continue;
        }
        let place = format!("data/documents/{path}");
        if let Some(reason) = refused(&place, &bytes, &mut keys, path) {
            facts.left_out.push((path.clone(), reason));
            continue;
        }
        let git_blob = sms.revision.git.then(|| ObjectId::of_blob(&bytes).to_string());
        let committed = git_blob.is_some() && (origin.committed)(path) == git_blob;
        let commit = sms.revision.commit.clone().filter(|_| committed);
        facts.sources.insert(place.clone(), Source { path: path.clone(), git_blob, commit });
        payload.insert(place, bytes);
    }
    facts.withheld.sort();
    Ok(payload)
}

/// As what a file decides over the judgement; none where it does not.
fn judges(sms: &Sms, path: &str, documents: &[&Document]) -> Option<&'static str> {
    match path {
        configuration::FILE => Some("configuration"),
        PEOPLE_FILE => Some("people"),
        SIGNERS_FILE => Some("signers"),
        _ if path.starts_with("schema/") => Some("schema"),
        _ if path.starts_with(LEDGER) => Some("approvals"),
        _ if sms.configuration.heads.as_deref() == Some(path) => Some("heads"),
        _ if documents.iter().any(|document| document.kind == "waiver") => Some("waivers"),
        _ => None,
    }
}

/// Why a file cannot stand in the archive.
fn refused<'a>(place: &str, bytes: &[u8], keys: &mut BTreeMap<String, &'a str>, path: &'a str) -> Option<String> {
    if bytes.starts_with(b"version https://git-lfs.github.com/spec/v1") {
        return Some("this is a pointer of Git LFS; the file itself is not here (`git lfs pull` brings it)".to_owned());
    }
    if bytes.len() as u64 > FILE_BYTES {
        return Some(format!("it has more than {FILE_BYTES} bytes"));
    }
    if let Some(reason) = names::unsafe_because(place) {
        return Some(reason.to_owned());
    }
    let key = names::key(place);
    if let Some(other) = keys.get(&key).or_else(|| names::folders(&key).find_map(|folder| keys.get(folder))) {
        return Some(format!("on some systems its name is also that of `{other}`; rename one of them"));
    }
    keys.insert(key, path);
    None
}

/// How confidential files are.
struct Classes<'a> {
    by_path: BTreeMap<&'a str, Vec<&'a Document>>,
    /// Files that documents attach: how confidential the strictest of these is, and its id.
    attached: BTreeMap<&'a str, (Classification, Option<&'a str>)>,
}

impl<'a> Classes<'a> {
    fn new(sms: &'a Sms) -> Self {
        let mut by_path: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
        let mut attached: BTreeMap<&str, (Classification, Option<&str>)> = BTreeMap::new();
        for document in &sms.documents {
            by_path.entry(sms.path(document)).or_default().push(document);
            let class = classification(sms, document);
            for path in attachments(document) {
                let strictest = attached.entry(path).or_insert((class, document.text("id")));
                if class > strictest.0 {
                    *strictest = (class, document.text("id"));
                }
            }
        }
        Self { by_path, attached }
    }

    fn documents(&self, path: &str) -> &[&'a Document] {
        self.by_path.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// The classification of a file, what it is, and its id. It is copied whole, so the strictest
    /// of its documents counts.
    fn of(&self, sms: &Sms, path: &str) -> (Classification, String, Option<String>) {
        let documents = self.documents(path);
        let attached = self.attached.get(path);
        let own = documents.iter().map(|document| classification(sms, document)).max();
        let class = own.max(attached.map(|(class, _)| *class)).or_else(|| rows(sms, path));
        let (kind, id) = match (documents.first(), attached) {
            (Some(document), _) => (document.kind.clone(), document.text("id")),
            (None, Some((_, id))) => ("attachment".to_owned(), *id),
            (None, None) => (plain_kind(sms, path), None),
        };
        (class.unwrap_or(Classification::Internal), kind, id.map(str::to_owned))
    }
}

/// Files that a document attaches: by the kind `attachment`, or by the field `attachments`.
fn attachments(document: &Document) -> Vec<&str> {
    let listed = document.fields.get("attachments").and_then(serde_json::Value::as_array).into_iter().flatten();
    let own = (document.kind == "attachment").then(|| document.text("path")).flatten();
    listed.filter_map(|item| item["path"].as_str()).chain(own).collect()
}

/// The strictest classification of the rows of a data set, where it has such a column or default.
fn rows(sms: &Sms, path: &str) -> Option<Classification> {
    let index = sms.populations.iter().position(|population| sms.source(population.source).path() == path)?;
    let population = &sms.populations[index];
    let set = sms.configuration.data_set(path)?;
    if ![&set.columns, &set.defaults].iter().any(|fields| fields.contains_key("classification")) {
        return None;
    }
    (0..population.rows.len())
        .filter_map(|row| sms.row(index, row))
        .map(|document| classification(sms, &document))
        .max()
}

fn plain_kind(sms: &Sms, path: &str) -> String {
    if path == configuration::FILE {
        "the configuration".to_owned()
    } else if path == PEOPLE_FILE {
        "the list of people".to_owned()
    } else if let Some(set) = sms.configuration.data_set(path) {
        format!("data set of {}", set.kind)
    } else {
        "a file that is no document".to_owned()
    }
}

/// The findings as a table.
fn findings(report: &Report<'_>) -> String {
    let header =
        ["level", "rule", "subject", "path", "line", "column", "clauses", "message", "help", "fingerprint", "accepted"];
    let rows = report.findings.iter().chain(&report.accepted).map(|finding| {
        let location = report.location(&finding.place);
        let clauses = crate::rules::by_name(finding.rule).map_or(String::new(), |rule| rule.clauses.join(" "));
        vec![
            finding.level.name().to_owned(),
            finding.rule.to_owned(),
            finding.subject.clone(),
            location.path.to_owned(),
            location.start.line.to_string(),
            location.start.column.to_string(),
            clauses,
            finding.message.clone(),
            finding.help.clone(),
            json::fingerprint(finding),
            finding.accepted.as_ref().map_or_else(String::new, |one| format!("{} until {}", one.waiver, one.until)),
        ]
    });
    csv::rows(&header, rows)
}

fn info(facts: &Facts<'_>) -> Vec<(&'static str, String)> {
    let sms = facts.sms;
    let identifier = external_identifier(sms.revision.commit.as_deref(), sms.revision.modified);
    vec![
        ("Source-Organization", sms.configuration.organization.clone().unwrap_or_else(|| "not stated".to_owned())),
        ("Bagging-Date", sms.as_of.to_string()),
        ("External-Identifier", identifier),
        (
            "External-Description",
            format!(
                "Evidence for {}, as of {}, for {} readers",
                sms.standard.title,
                sms.as_of,
                facts.audience.up_to.name()
            ),
        ),
        ("Bag-Software-Agent", format!("attestry {}", env!("CARGO_PKG_VERSION"))),
    ]
}

/// `evidence-brightwater-2026-06-30-0123456789ab`: says which without being opened.
fn folder(facts: &Facts<'_>) -> String {
    let sms = facts.sms;
    let mut parts = vec!["evidence".to_owned()];
    let organization = sms.configuration.organization.as_deref().unwrap_or_default();
    let slug: Vec<String> = organization
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .take(3)
        .collect();
    parts.extend(slug.into_iter().map(|word| word.chars().take(20).collect()));
    parts.push(sms.as_of.to_string());
    parts.extend(sms.revision.commit.as_ref().map(|commit| commit.chars().take(12).collect()));
    parts.extend(sms.revision.modified.then(|| "modified".to_owned()));
    let audience = facts.audience.up_to;
    parts.extend((audience != Classification::Internal).then(|| audience.name().to_owned()));
    parts.join("-")
}

/// Kinds with a schema of the organization's own.
pub(super) fn own_schemas(sms: &Sms) -> BTreeSet<&str> {
    sms.kinds.iter().filter(|kind| kind.is_own()).map(|kind| kind.name.as_str()).collect()
}

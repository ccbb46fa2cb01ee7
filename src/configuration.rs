//! `attestry.yaml`: what the organization says about its repository. Read by the same reader as
//! every document, so that its mistakes stand at their line too.

use crate::{
    calendar::{Date, Interval, parse_day},
    yaml::{Defect, Node},
};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;

/// The name of the file at the SMS root.
pub const FILE: &str = "attestry.yaml";

/// The configuration; what the file does not say has its default.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The tree of the file, for places; none where there is no file.
    pub node: Option<Node>,
    /// Name of the organization.
    pub organization: Option<String>,
    /// The oldest version of attestry that will do, as numbers; none where nothing valid is said.
    pub requires: Option<Vec<u64>>,
    /// The branch that holds what is in force, where git does not say it.
    pub default_branch: Option<String>,
    /// IANA name of the organization's time zone.
    pub zone: String,
    /// The day on which the SMS started: nothing is late before.
    pub started: Option<Date>,
    /// Ids of the standards that are claimed.
    pub standards: Vec<String>,
    /// What files by pattern are; the first match counts.
    pub folders: Vec<Folder>,
    /// Levels of rules that differ from the rules' own, as written.
    pub levels: BTreeMap<String, String>,
    /// Review cycle where neither document nor kind has one.
    pub review_cycle: Interval,
    /// How long before a review falls due it is said to be due soon.
    pub due_soon: Interval,
    /// Data sets and their columns.
    pub data: Vec<DataSet>,
    /// The file with the findings that were there when attestry came.
    pub baseline: Option<String>,
    /// The file in which the repository lists its own earlier heads.
    pub heads: Option<String>,
    /// The repositories on hosting platforms whose requests the ledger of approvals holds.
    pub repositories: Vec<String>,
    /// Files that attestry does not look at.
    pub ignore: Vec<Pattern>,
}

/// What files matching a pattern are, and how their metadata maps onto attestry's.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Which files.
    pub pattern: Pattern,
    /// Their kind.
    pub kind: Option<String>,
    /// attestry's field → the user's field.
    pub fields: BTreeMap<String, String>,
    /// attestry's field → (the user's value → attestry's value).
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// How days are written, as strptime formats such as `%d.%m.%Y`; besides ISO.
    pub dates: Vec<String>,
    /// Values of fields that a file does not have.
    pub defaults: BTreeMap<String, Node>,
    /// The folder that a site generator serves as `/`, for links that start there.
    pub site_root: Option<String>,
    /// Whether fields that neither the kind nor the mapping knows are left alone.
    pub other_fields_allowed: bool,
}

/// A data set: a CSV or JSON Lines file whose rows are documents of a kind.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// Which files.
    pub pattern: Pattern,
    /// The kind of the rows.
    pub kind: String,
    /// The zone of its times without offset; the organization's where it says nothing.
    pub zone: Option<String>,
    /// attestry's field → the column's heading, or the key of the JSON object.
    pub columns: BTreeMap<String, String>,
    /// attestry's field → (value in the data → attestry's value).
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// How times are written, as strptime formats; besides ISO.
    pub dates: Vec<String>,
    /// Values that every row has.
    pub defaults: BTreeMap<String, String>,
    /// The JSON pointer of this entry in the configuration.
    pub pointer: String,
}

impl DataSet {
    /// All that decides what a row says, as one text.
    pub fn mapping(&self) -> String {
        let Self { pattern: _, kind, zone, columns, values, dates, defaults, pointer: _ } = self;
        format!("{:?}", (kind, zone, columns, values, dates, defaults))
    }
}

/// A file pattern such as `policies/**/*.md`, matched against the path from the SMS root.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    matcher: Option<GlobMatcher>,
}

impl Pattern {
    /// Compiles a pattern; one that is not valid matches nothing.
    pub fn new(text: &str) -> Self {
        let glob = GlobBuilder::new(text.trim_start_matches("./")).literal_separator(true).build();
        Self { text: text.to_owned(), matcher: glob.ok().map(|glob| glob.compile_matcher()) }
    }

    /// Whether a path matches.
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.as_ref().is_some_and(|matcher| matcher.is_match(path))
    }

    /// Whether the pattern is one.
    pub fn is_valid(&self) -> bool {
        self.matcher.is_some()
    }
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            node: None,
            organization: None,
            requires: None,
            default_branch: None,
            zone: "UTC".to_owned(),
            started: None,
            standards: vec!["iso20000-1:2018".to_owned()],
            folders: Vec::new(),
            levels: BTreeMap::new(),
            review_cycle: Interval { months: 12, days: 0 },
            due_soon: Interval { months: 0, days: 30 },
            data: Vec::new(),
            baseline: None,
            heads: None,
            repositories: Vec::new(),
            ignore: Vec::new(),
        }
    }
}

impl Configuration {
    /// The organization's time zone; UTC where nobody knows its name, which is a finding.
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        crate::calendar::zone(&self.zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// Reads the text of `attestry.yaml`. Whatever is unreadable keeps its default; the defects
    /// of the YAML are returned, those of the content are found by its schema.
    pub fn read(text: &str) -> (Self, Vec<Defect>) {
        let (node, defects) = crate::yaml::read(text, 0);
        let mut configuration = Self::default();
        if let Some(node) = &node {
            configuration.fill(node);
        }
        configuration.node = node;
        (configuration, defects)
    }

    fn fill(&mut self, node: &Node) {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        self.organization = text("organization");
        self.requires = text("requires").and_then(|text| numbers(text.trim().strip_prefix(">=")?));
        self.default_branch = text("default_branch");
        if let Some(zone) = text("zone").filter(|zone| crate::calendar::zone(zone).is_some()) {
            self.zone = zone;
        }
        self.started = text("started").and_then(|day| parse_day(&day));
        if let Some(standards) = node.get("standards") {
            self.standards = standards.items().iter().filter_map(Node::text).map(str::to_owned).collect();
        }
        self.folders = items(node, "folders").map(|(folder, _)| Folder::of(folder)).collect();
        self.levels = texts(node.get("levels"));
        if let Some(review) = node.get("review") {
            let interval = |key: &str| review.get(key).and_then(Node::text).and_then(Interval::parse);
            self.review_cycle = interval("cycle").unwrap_or(self.review_cycle);
            self.due_soon = interval("due_soon").unwrap_or(self.due_soon);
        }
        self.baseline = text("baseline");
        self.heads = text("heads").map(|path| path.trim_start_matches("./").to_owned());
        self.data = items(node, "data").map(|(data, pointer)| DataSet::of(data, pointer)).collect();
        self.repositories =
            items(node, "repositories").filter_map(|(name, _)| name.text().map(str::to_owned)).collect();
        self.ignore = items(node, "ignore").filter_map(|(pattern, _)| pattern.text().map(Pattern::new)).collect();
    }

    /// Whether a version of attestry is as new as the organization requires.
    pub fn is_met_by(&self, version: &str) -> bool {
        // What follows a hyphen says which build before that version it is.
        let own = numbers(version.split('-').next().unwrap_or_default()).unwrap_or_default();
        self.requires.as_ref().is_none_or(|required| own >= *required)
    }

    /// What the configuration says about the files of a path.
    pub fn folder(&self, path: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.pattern.matches(path))
    }

    /// The data set that a path belongs to.
    pub fn data_set(&self, path: &str) -> Option<&DataSet> {
        self.data.iter().find(|data| data.pattern.matches(path))
    }

    /// Whether a path is left out.
    pub fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|pattern| pattern.matches(path))
    }
}

impl Folder {
    fn of(node: &Node) -> Self {
        let fields = texts(node.get("fields"));
        let other = node.get("other_fields").and_then(Node::text);
        Self {
            pattern: Pattern::new(node.get("match").and_then(Node::text).unwrap_or_default()),
            kind: node.get("kind").and_then(Node::text).map(str::to_owned),
            values: text_maps(node.get("values")),
            dates: list(node, "dates"),
            site_root: node.get("site_root").and_then(Node::text).map(|root| root.trim_matches('/').to_owned()),
            defaults: entries(node.get("defaults")).map(|(key, value)| (key.to_owned(), value.clone())).collect(),
            // Somebody else's front matter has fields that mean nothing to us.
            other_fields_allowed: other.map_or(!fields.is_empty(), |other| other == "ignore"),
            fields,
        }
    }
}

impl DataSet {
    fn of(node: &Node, pointer: String) -> Self {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        Self {
            pattern: Pattern::new(&text("path").unwrap_or_default()),
            kind: text("kind").unwrap_or_default(),
            zone: text("zone"),
            columns: texts(node.get("columns")),
            values: text_maps(node.get("values")),
            dates: list(node, "dates"),
            defaults: texts(node.get("defaults")),
            pointer,
        }
    }
}

/// The numbers of a version such as `0.1`.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let mut numbers: Vec<u64> = version.trim().split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    // `1.2` and `1.2.0` are the same version.
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

fn items<'a>(node: &'a Node, key: &'a str) -> impl Iterator<Item = (&'a Node, String)> {
    node.get(key)
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(move |(index, item)| (item, format!("/{key}/{index}")))
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    node.map(Node::entries).unwrap_or_default().iter().map(|entry| (entry.key.as_str(), &entry.node))
}

fn list(node: &Node, key: &str) -> Vec<String> {
    items(node, key).filter_map(|(item, _)| item.text().map(str::to_owned)).collect()
}

fn texts(node: Option<&Node>) -> BTreeMap<String, String> {
    entries(node).filter_map(|(key, value)| Some((key.to_owned(), value.text()?.to_owned()))).collect()
}

fn text_maps(node: Option<&Node>) -> BTreeMap<String, BTreeMap<String, String>> {
    entries(node).map(|(key, value)| (key.to_owned(), texts(Some(value)))).collect()
}

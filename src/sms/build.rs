//! From the files of a repository to the linked SMS.

use super::{
    Judges, Reference, Sms, Where,
    evidence::Evidence,
    people,
    reading::{Known, Made, Reading, is_read_first, keep_rows},
    reference::Incoming,
    row_reference::{self, Part},
};
use crate::{
    cache::{Key, Memory},
    calendar::Date,
    codeowners,
    configuration::{self, Configuration},
    document::{self, Document, Parsed, Population, Problem},
    history::Revision,
    kind::{Kind, Kinds},
    lookup::Lookup,
    source::{Input, SourceId},
    standard,
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

/// How much of a file the SMS needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Its text.
    Text,
    /// Its text as a data set, which may be large.
    Data,
    /// Its digest: it is not text that attestry reads.
    Digest,
    /// Nothing: the configuration leaves it out.
    Nothing,
}

/// How much of a file the SMS needs, by its path.
pub fn wanted(path: &str, configuration: &Configuration) -> Need {
    let extension = path.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase());
    match extension.as_str() {
        _ if configuration.ignores(path) => Need::Nothing,
        _ if path == configuration::FILE || path == people::FILE || path == super::SIGNERS_FILE => Need::Text,
        _ if configuration.heads.as_deref() == Some(path) => Need::Text,
        _ if configuration.data_set(path).is_some() => Need::Data,
        _ if codeowners::is_file(path) => Need::Text,
        "yaml" | "yml" => Need::Text,
        _ if document::is_markdown(path) => Need::Text,
        "json" if path.starts_with("schema/") => Need::Text,
        _ => Need::Digest,
    }
}

/// Links the files of a repository into an SMS as of a day.
pub fn build(inputs: Vec<Input>, as_of: Date, revision: Revision) -> Sms {
    build_judged(inputs, None, as_of, revision, &Memory::forgetful())
}

/// The same, judged by others than the files' own. What earlier runs made of a content comes from
/// `memory`, and what is made now is left there.
pub fn build_judged(
    inputs: Vec<Input>,
    judges: Option<&Judges>,
    as_of: Date,
    revision: Revision,
    memory: &Memory,
) -> Sms {
    let mut reading = Reading::default();
    let inputs = match judges {
        Some(judges) => judges.inputs(inputs),
        None => inputs,
    };
    let (first, others) = inputs.into_iter().partition(|input| is_read_first(&input.path));
    reading.take_files(first);
    reading.complete();
    let (own_configuration, configuration_defects) = reading.configuration();
    let (own_people, people_yaml) = reading.people();
    let own_kinds = reading.kinds();
    let (configuration, kinds, people) = match judges {
        Some(judges) => (
            judges.configuration(own_configuration.clone()),
            judges.kinds(&Judges::schemas(&reading.files, &reading.sources)),
            judges.people(own_people, reading.text(people::FILE).map(|(source, _)| source)),
        ),
        None => (own_configuration.clone(), own_kinds, own_people),
    };
    let known = Known::new(memory, &kinds, &configuration);
    reading.take_texts(others, &known);
    let made = std::mem::take(&mut reading.made);
    // What takes one thread, beside the documents, of which each needs its kind's schema first.
    let (found, (standard, problems)) = rayon::join(
        || parse_files(&reading, made, &configuration, &kinds, &known),
        || {
            let mut problems = reading.configuration_problems(&own_configuration, configuration_defects, &known);
            problems.extend(reading.people_problems(people_yaml, &known));
            problems.extend(reading.signer_problems(&configuration, &people));
            problems.extend(reading.head_problems(&configuration));
            (standard::iso20000(), problems)
        },
    );
    reading.problems.extend(problems);
    let mut sms = Sms {
        standard,
        as_of,
        revision,
        documents: Vec::new(),
        populations: Vec::new(),
        pages: Vec::new(),
        people,
        references: Vec::new(),
        prefixes: BTreeSet::new(),
        evidence: Evidence::default(),
        codeowners_above: None,
        ids: Lookup::default(),
        by_kind: BTreeMap::new(),
        incoming: Incoming::default(),
        kinds_of: Vec::new(),
        standings: Vec::new(),
        said_approved: Vec::new(),
        leads: Vec::new(),
        evidence_rows: super::coverage::Rows::default(),
        tally: OnceLock::new(),
        row_references: Vec::new(),
        files: reading.files,
        sources: reading.sources,
        problems: reading.problems,
        configuration,
        kinds,
    };
    let rows = take_documents(&mut sms, found);
    sms.people.add_roles(&sms.documents);
    index(&mut sms);
    link(&mut sms);
    sms.leads = super::link::leads(&sms);
    let names: Vec<Option<(Key, u64)>> = rows.iter().map(|rows| rows.name).collect();
    let parts = rows.into_iter().map(|rows| rows.part).collect();
    let said = row_reference::read(&sms, parts, |population, part| {
        if let Some((name, size)) = names[population] {
            keep_rows(memory, name, size, &sms.populations[population], part);
        }
    });
    (sms.row_references, sms.evidence_rows) = (said.references, said.evidence);
    let all = sms.documents.par_iter().with_min_len(64);
    (sms.standings, sms.said_approved) =
        all.map(|document| (sms.standing_of(document), sms.says_approved(document))).unzip();
    sms
}

/// What one file gave.
enum Found {
    Nothing,
    Documents(SourceId, Box<Parsed>),
    Rows(Box<Population>, Vec<Problem>, RowsKept),
}

/// What the cache has of the rows of a data set, and under which key and size it is to be kept.
#[derive(Default)]
struct RowsKept {
    name: Option<(Key, u64)>,
    part: Option<Part>,
}

fn is_json(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"))
}

fn parse_files(
    reading: &Reading,
    mut made: Vec<Made>,
    configuration: &Configuration,
    kinds: &Kinds,
    known: &Known<'_>,
) -> Vec<Found> {
    let mut files: Vec<(&String, SourceId, u64, Made)> = Vec::with_capacity(made.len());
    for (path, file) in &reading.files {
        if let Some(source) = file.source {
            files.push((path, source, file.size, std::mem::take(&mut made[source.0 as usize])));
        }
    }
    let parse_one = |(path, source, size, made): (&String, SourceId, u64, Made)| {
        let name = match made {
            Made::Already(parsed) => return Found::Documents(source, parsed),
            Made::Rows(population, part) => {
                return Found::Rows(population, Vec::new(), RowsKept { name: None, part: Some(part) });
            }
            Made::ToKeep(name) => Some(name),
            Made::Nothing => None,
        };
        let text = reading.sources[source.0 as usize].text();
        if let Some(data_set) = configuration.data_set(path) {
            let (population, problems) = Population::read(source, path, text, data_set, kinds);
            let name = name.filter(|_| problems.is_empty()).map(|name| (name, size));
            return Found::Rows(Box::new(population), problems, RowsKept { name, part: None });
        }
        let ours = [configuration::FILE, people::FILE, super::SIGNERS_FILE].contains(&path.as_str())
            || configuration.heads.as_deref() == Some(path.as_str());
        let skip = ours || is_json(path) || codeowners::is_file(path);
        if skip || text.is_empty() && configuration.folder(path).is_none() {
            return Found::Nothing;
        }
        let parsed = document::parse(source, path, text, kinds, configuration);
        if let Some(name) = name {
            known.keep(name, size, text, &parsed, kinds);
        }
        Found::Documents(source, Box::new(parsed))
    };
    files.into_par_iter().with_min_len(16).map(parse_one).collect()
}

fn take_documents(sms: &mut Sms, found: Vec<Found>) -> Vec<RowsKept> {
    let mut rows = Vec::new();
    let count = |found: &Found| if let Found::Documents(_, parsed) = found { parsed.documents.len() } else { 0 };
    sms.documents.reserve_exact(found.iter().map(count).sum());
    for found in found {
        match found {
            Found::Nothing => {}
            Found::Rows(population, problems, kept) => {
                sms.populations.push(*population);
                sms.problems.extend(problems);
                rows.push(kept);
            }
            Found::Documents(source, parsed) => {
                let first = sms.documents.len();
                sms.documents.extend(parsed.documents.into_iter().map(|mut document| {
                    document.register = document.register.map(|_| first);
                    document
                }));
                sms.pages.extend(parsed.page.map(|page| (source, page)));
                sms.problems.extend(parsed.problems);
            }
        }
    }
    rows
}

fn index(sms: &mut Sms) {
    let place_of_kind = |document: &Document| sms.kinds.position(&document.kind).ok();
    let all = sms.documents.par_iter().with_min_len(64);
    let ids: Vec<String>;
    (sms.kinds_of, ids) = all.map(|one| (place_of_kind(one), one.id.to_lowercase())).unzip();
    sms.ids = Lookup::with_room_for(ids.len());
    let in_use: BTreeSet<usize> = sms.kinds_of.iter().copied().flatten().collect();
    // Else the first document of each kind would have all others of it wait.
    let in_use: Vec<&Kind> = in_use.into_iter().filter_map(|position| sms.kinds.at(position)).collect();
    in_use.par_iter().with_max_len(1).for_each(|kind| _ = kind.compiled());
    for ((position, document), id) in sms.documents.iter().enumerate().zip(ids) {
        sms.ids.entry(id).push(position);
        match sms.by_kind.get_mut(&document.kind) {
            Some(positions) => positions.push(position),
            None => drop(sms.by_kind.insert(document.kind.clone(), vec![position])),
        }
        if let Some(prefix) = prefix_of(&document.id).filter(|prefix| !sms.prefixes.contains(*prefix)) {
            sms.prefixes.insert(prefix.to_owned());
        }
    }
    for population in &sms.populations {
        if let Some(prefix) = population.rows.first().and_then(|row| prefix_of(&row.id)) {
            sms.prefixes.insert(prefix.to_owned());
        }
    }
}

/// The beginning of an id, up to its first dash: `SLA-` of `SLA-001`. Paths have none.
pub(crate) fn prefix_of(id: &str) -> Option<&str> {
    let (prefix, rest) = id.split_once('-')?;
    let is_prefix =
        !prefix.is_empty() && !prefix.contains(['/', '.']) && rest.bytes().any(|byte| byte.is_ascii_digit());
    is_prefix.then(|| &id[..=prefix.len()])
}

fn link(sms: &mut Sms) {
    let of_document = |position: usize| {
        let mut found = Vec::new();
        collect_fields(sms, position, &mut found);
        collect_mentions(sms, position, &mut found);
        found
    };
    sms.references = (0..sms.documents.len()).into_par_iter().with_min_len(32).map(of_document).collect();
    sms.incoming = Incoming::of(&sms.references);
}

fn collect_fields(sms: &Sms, position: usize, found: &mut Vec<Reference>) {
    let document = &sms.documents[position];
    let Some(kind) = sms.kind(document) else { return };
    for reference in kind.compiled().references_in(document.fields.keys().map(String::as_str)) {
        for (pointer, text) in reference.find(&document.fields) {
            found.push(Reference {
                from: position,
                target: sms.resolve(text),
                text: text.into(),
                kinds: reference.kinds.clone(),
                at: Where::Field(pointer),
            });
        }
    }
}

fn collect_mentions(sms: &Sms, position: usize, found: &mut Vec<Reference>) {
    let document: &Document = &sms.documents[position];
    let none: Arc<[String]> = Arc::from([]);
    for word in document.body.iter().flat_map(|body| &body.words) {
        let text = word.text.as_str();
        if text.eq_ignore_ascii_case(&document.id)
            || !prefix_of(text).is_some_and(|prefix| sms.prefixes.contains(prefix))
        {
            continue;
        }
        found.push(Reference {
            from: position,
            target: sms.resolve(text),
            text: text.into(),
            kinds: none.clone(),
            at: Where::Mention(word.span.clone()),
        });
    }
}

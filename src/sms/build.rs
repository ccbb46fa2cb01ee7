//! From the files of a repository to the linked SMS.

use super::{
    File, Judges, People, Reference, Sms, Target,
    evidence::Evidence,
    heads, people,
    settings::{of_defect, schema_problems, semantic_problems},
};
use crate::{
    calendar::Date,
    codeowners,
    configuration::{self, Configuration},
    document::{self, Defect, Document, Parsed, Population, Problem, text_of},
    history::Revision,
    kind::{self, Kinds},
    signature::AllowedSigners,
    source::{Content, Input, Place, Source, SourceId},
    standard,
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
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
    build_judged(inputs, None, as_of, revision)
}

/// The same, judged by others than the files' own.
pub fn build_judged(inputs: Vec<Input>, judges: Option<&Judges>, as_of: Date, revision: Revision) -> Sms {
    let mut reading = Reading::default();
    reading.take_files(match judges {
        Some(judges) => judges.inputs(inputs),
        None => inputs,
    });
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
    // What takes one thread, beside the documents, of which each needs its kind's schema first.
    let (found, (standard, problems)) = rayon::join(
        || parse_files(&reading, &configuration, &kinds),
        || {
            let mut problems = reading.configuration_problems(&own_configuration, configuration_defects);
            problems.extend(reading.people_problems(people_yaml));
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
        ids: BTreeMap::new(),
        by_kind: BTreeMap::new(),
        incoming: Vec::new(),
        kinds_of: Vec::new(),
        standings: Vec::new(),
        reviews: Vec::new(),
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
    take_documents(&mut sms, found);
    sms.people.add_roles(&sms.documents);
    index(&mut sms);
    link(&mut sms);
    sms.leads = super::link::leads(&sms);
    let said = super::row_reference::read(&sms);
    (sms.row_references, sms.evidence_rows) = (said.references, said.evidence);
    sms.standings = sms.documents.par_iter().with_min_len(64).map(|document| sms.standing_of(document)).collect();
    sms.take_reviews();
    sms
}

/// What reading a YAML text gave.
type ReadYaml = (Option<crate::yaml::Node>, Vec<crate::yaml::Defect>);

#[derive(Default)]
struct Reading {
    sources: Vec<Source>,
    files: BTreeMap<String, File>,
    problems: Vec<Problem>,
}

impl Reading {
    fn take_files(&mut self, inputs: Vec<Input>) {
        for Input { path, content } in inputs {
            match content {
                Content::Present { size, sha256 } => drop(self.files.insert(path, File { size, sha256, source: None })),
                Content::Bytes(bytes) => {
                    let size = bytes.len() as u64;
                    let (text, defect) = text_of(bytes);
                    let source = self.source(&path, text);
                    if let Some((at, what)) = defect {
                        let place = self.place(source, at);
                        self.problems.push(Problem::new(
                            Defect::UnreadableFile,
                            place,
                            &path,
                            what,
                            "save it as UTF-8 text; what could be read was read",
                        ));
                    }
                    self.files.insert(path, File { size, sha256: None, source: Some(source) });
                }
                Content::NotFollowed(reason) => self.unread(
                    path,
                    Defect::NotFollowed,
                    &reason,
                    "put the file itself there, if it is part of the SMS",
                ),
                Content::Unreadable(reason) => {
                    let message = format!("the file cannot be read: {reason}");
                    self.unread(
                        path,
                        Defect::UnreadableFile,
                        &message,
                        "make it readable, or list it under `ignore` in attestry.yaml",
                    );
                }
            }
        }
        // Findings of absence need a place even where there is no configuration.
        if self.files.get(configuration::FILE).and_then(|file| file.source).is_none() {
            let source = self.source(configuration::FILE, String::new());
            self.files.entry(configuration::FILE.to_owned()).or_default().source = Some(source);
        }
    }

    fn unread(&mut self, path: String, defect: Defect, message: &str, help: &str) {
        let source = self.source(&path, String::new());
        let place = self.place(source, 0);
        self.problems.push(Problem::new(defect, place, &path, message, help));
        self.files.insert(path, File::default());
    }

    fn source(&mut self, path: &str, text: String) -> SourceId {
        self.sources.push(Source::new(path, text));
        SourceId(u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX))
    }

    fn place(&self, source: SourceId, at: usize) -> Place {
        let text = self.sources[source.0 as usize].text();
        let end = text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |character| at + character.len_utf8());
        Place { source, span: at..end, pointer: String::new() }
    }

    fn text(&self, path: &str) -> Option<(SourceId, &str)> {
        let source = self.files.get(path)?.source?;
        Some((source, self.sources[source.0 as usize].text()))
    }

    fn configuration(&self) -> (Configuration, Vec<crate::yaml::Defect>) {
        let text = self.text(configuration::FILE).map(|(_, text)| text).filter(|text| !text.is_empty());
        text.map_or_else(Default::default, Configuration::read)
    }

    fn configuration_problems(&self, configuration: &Configuration, defects: Vec<crate::yaml::Defect>) -> Vec<Problem> {
        let Some((source, text)) = self.text(configuration::FILE) else { return Vec::new() };
        if text.is_empty() {
            return Vec::new();
        }
        let mut found = schema_problems(
            configuration::FILE,
            source,
            configuration.node.as_ref(),
            kind::configuration_schema_text(),
        );
        found.extend(defects.into_iter().map(|defect| of_defect(defect, source, configuration::FILE)));
        found.extend(semantic_problems(configuration, source));
        found
    }

    fn people(&self) -> (People, ReadYaml) {
        let Some((source, text)) = self.text(people::FILE) else { return (People::default(), ReadYaml::default()) };
        let read = crate::yaml::read(text, 0);
        (read.0.as_ref().map_or_else(People::default, |node| People::read(node, source)), read)
    }

    fn people_problems(&self, (node, defects): ReadYaml) -> Vec<Problem> {
        let Some((source, _)) = self.text(people::FILE) else { return Vec::new() };
        let mut found = schema_problems(people::FILE, source, node.as_ref(), kind::people_schema_text());
        found.extend(defects.into_iter().map(|defect| of_defect(defect, source, people::FILE)));
        found
    }

    /// Keys that cannot be used, in `people.yaml` and `allowed_signers`.
    fn signer_problems(&self, configuration: &Configuration, people: &People) -> Vec<Problem> {
        let zone = configuration.time_zone();
        let problem = |place: Place, path: &str, message: String, help: String| {
            let mut problem = Problem::new(Defect::InvalidConfiguration, place, path, message, help);
            problem.discriminator.clone_from(&problem.message);
            problem
        };
        let mut found = Vec::new();
        if let Some((source, text)) = self.text(super::SIGNERS_FILE) {
            for defect in AllowedSigners::parse(text, &zone).1 {
                let place = Place { source, span: defect.span, pointer: String::new() };
                found.push(problem(place, super::SIGNERS_FILE, defect.message, defect.help));
            }
        }
        for (place, why) in people.add_signers(&mut AllowedSigners::default(), &zone) {
            let help = "write the public key as `ssh-keygen` does: `ssh-ed25519 AAAA…`".to_owned();
            found.push(problem(place.clone(), people::FILE, why, help));
        }
        found
    }

    /// What is wrong with the list of heads.
    fn head_problems(&self, configuration: &Configuration) -> Vec<Problem> {
        let list = configuration.heads.as_deref().and_then(|path| self.text(path));
        let named_in = self.text(configuration::FILE).map(|(source, _)| source);
        heads::problems(configuration, list, named_in)
    }

    /// The built-in kinds and those of the repository's `schema/kinds/`.
    fn kinds(&mut self) -> Kinds {
        let mut kinds = Kinds::built_in();
        let own: Vec<(String, SourceId)> = self
            .files
            .iter()
            .filter_map(|(path, file)| {
                let name = path.strip_prefix("schema/kinds/")?.strip_suffix(".schema.json")?;
                Some((name.to_owned(), file.source?))
            })
            .collect();
        for (name, source) in own {
            let text = self.sources[source.0 as usize].text();
            // A copy that `attestry schema` wrote says nothing new.
            if kinds.get(&name).is_some_and(|kind| kind.schema_text() == text) {
                continue;
            }
            if let Err(reason) = kinds.add(&name, text) {
                let path = self.sources[source.0 as usize].path().to_owned();
                let place = self.place(source, 0);
                self.problems.push(Problem::new(
                    Defect::InvalidSchema,
                    place,
                    &path,
                    format!("the schema cannot be used: {reason}"),
                    "mend it; until then it is not applied",
                ));
            }
        }
        kinds
    }
}

/// What one file gave.
enum Found {
    Nothing,
    Documents(SourceId, Box<Parsed>),
    Rows(Box<Population>, Vec<Problem>),
}

fn is_json(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"))
}

fn parse_files(reading: &Reading, configuration: &Configuration, kinds: &Kinds) -> Vec<Found> {
    let files: Vec<(&String, SourceId)> =
        reading.files.iter().filter_map(|(path, file)| Some((path, file.source?))).collect();
    let parse_one = |(path, source): &(&String, SourceId)| {
        let text = reading.sources[source.0 as usize].text();
        if let Some(data_set) = configuration.data_set(path) {
            let (population, problems) = Population::read(*source, path, text, data_set, kinds);
            return Found::Rows(Box::new(population), problems);
        }
        let ours = [configuration::FILE, people::FILE, super::SIGNERS_FILE].contains(&path.as_str())
            || configuration.heads.as_deref() == Some(path.as_str());
        let skip = ours || is_json(path) || codeowners::is_file(path);
        if skip || text.is_empty() && configuration.folder(path).is_none() {
            return Found::Nothing;
        }
        Found::Documents(*source, Box::new(document::parse(*source, path, text, kinds, configuration)))
    };
    files.par_iter().with_min_len(16).map(parse_one).collect()
}

fn take_documents(sms: &mut Sms, found: Vec<Found>) {
    for found in found {
        match found {
            Found::Nothing => {}
            Found::Rows(population, problems) => {
                sms.populations.push(*population);
                sms.problems.extend(problems);
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
}

fn index(sms: &mut Sms) {
    sms.kinds_of = sms.documents.iter().map(|document| sms.kinds.position(&document.kind).ok()).collect();
    for (position, document) in sms.documents.iter().enumerate() {
        sms.ids.entry(document.id.to_lowercase()).or_default().push(position);
        match sms.by_kind.get_mut(&document.kind) {
            Some(positions) => positions.push(position),
            None => drop(sms.by_kind.insert(document.kind.clone(), vec![position])),
        }
        if let Some(prefix) = prefix_of(&document.id) {
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
    let references: Vec<Vec<Reference>> =
        (0..sms.documents.len()).into_par_iter().with_min_len(32).map(of_document).collect();
    sms.references = references.into_iter().flatten().collect();
    sms.incoming = vec![Vec::new(); sms.documents.len()];
    for (index, reference) in sms.references.iter().enumerate() {
        if let Target::Document(position) = reference.target {
            sms.incoming[position].push(index);
        }
    }
}

fn collect_fields(sms: &Sms, position: usize, found: &mut Vec<Reference>) {
    let document = &sms.documents[position];
    let Some(kind) = sms.kind(document) else { return };
    for reference in &kind.compiled().references {
        for (pointer, text) in reference.find(&document.fields) {
            found.push(Reference {
                from: position,
                place: document.field(&pointer),
                target: sms.resolve(text),
                text: text.to_owned(),
                kinds: reference.kinds.clone(),
                pointer: Some(pointer),
            });
        }
    }
}

fn collect_mentions(sms: &Sms, position: usize, found: &mut Vec<Reference>) {
    let document: &Document = &sms.documents[position];
    let source = sms.source(document.source);
    for span in document.body.iter().flat_map(|body| &body.words) {
        let text = source.slice(span);
        if text.eq_ignore_ascii_case(&document.id)
            || !prefix_of(text).is_some_and(|prefix| sms.prefixes.contains(prefix))
        {
            continue;
        }
        found.push(Reference {
            from: position,
            place: document.body(span.clone()),
            target: sms.resolve(text),
            text: text.to_owned(),
            kinds: Vec::new(),
            pointer: None,
        });
    }
}

//! The files of a repository as texts, and what is wrong with those that judge the others.

use super::{
    File, People, SIGNERS_FILE, heads, identities, people,
    row_reference::Part,
    settings::{of_defect, schema_problems, semantic_problems},
};
use crate::{
    cache::{Key, Memory, Reader, Writer, key},
    configuration::{self, Configuration, DataSet},
    document::{Defect, Parsed, Population, Problem, text_of, tracing},
    fields::SharedNames,
    history::ObjectId,
    kind::{self, Kinds},
    signature::{AllowedSigners, Keys},
    source::{Content, Input, Later, Place, Source, SourceId},
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What reading a YAML text gave.
pub(super) type ReadYaml = (Option<crate::yaml::Node>, Vec<crate::yaml::Defect>);

/// The files that were read, as texts.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) sources: Vec<Source>,
    /// By source.
    pub(super) made: Vec<Made>,
    pub(super) files: BTreeMap<String, File>,
    pub(super) problems: Vec<Problem>,
}

/// What earlier runs made of a text.
#[derive(Default)]
pub(super) enum Made {
    /// Nothing, and nothing is to be kept of it.
    #[default]
    Nothing,
    /// What it says.
    Already(Box<Parsed>),
    /// The rows of a data set, and what they say.
    Rows(Box<Population>, Part),
    /// Nothing yet; under this key it is kept for the next run.
    ToKeep(Key),
}

/// A file, after what earlier runs made of its content was looked up.
enum Resolved {
    /// They made this of it, and it is read only if somebody quotes it.
    Known { path: String, later: Later, size: u64, made: Made },
    /// Read now, and under which key what is made of it is kept.
    Read(Input, Option<Key>),
}

/// What earlier runs made of texts, found by content and path.
pub(super) struct Known<'m> {
    memory: &'m Memory,
    configuration: &'m Configuration,
    tracing: Key,
}

impl<'m> Known<'m> {
    pub(super) fn new(memory: &'m Memory, kinds: &Kinds, configuration: &'m Configuration) -> Self {
        Self { memory, configuration, tracing: tracing(kinds, configuration) }
    }

    fn name(&self, path: &str, later: &Later) -> Option<Key> {
        if self.memory.forgets() {
            return None;
        }
        let mapping = self.data_set(path).map(DataSet::mapping).unwrap_or_default();
        let parts = |id| key([b"text".as_slice(), &self.tracing, id, path.as_bytes(), mapping.as_bytes()]);
        later.id.as_ref().map(|id| parts(id.as_slice()))
    }

    fn data_set(&self, path: &str) -> Option<&'m DataSet> {
        self.configuration.data_set(path)
    }

    /// The size of a text and what it says.
    fn get(&self, path: &str, name: &Key, names: &mut SharedNames) -> Option<(u64, Made)> {
        self.memory.get(name, |entry| {
            let mut reader = Reader::new(entry);
            let size = reader.number()?;
            // Which source it will be is said when it is taken.
            let made = match self.data_set(path) {
                Some(data_set) => {
                    let population = Population::read_kept(&mut reader, SourceId(0), path, data_set)?;
                    Made::Rows(Box::new(population), Part::read(&mut reader)?)
                }
                None => Made::Already(Box::new(Parsed::of_bytes(reader.bytes()?, SourceId(0), names)?)),
            };
            reader.is_done().then_some((size, made))
        })
    }

    /// What a schema finds wrong with a text; what was in order once is not looked at again.
    fn unless_in_order(&self, path: &str, text: &str, look: impl FnOnce() -> Vec<Problem>) -> Vec<Problem> {
        let name = key([b"in order".as_slice(), path.as_bytes(), text.as_bytes()]);
        if self.memory.get(&name, |_| Some(())).is_some() {
            return Vec::new();
        }
        let found = look();
        if found.is_empty() {
            self.memory.keep(name, Vec::new());
        }
        found
    }

    /// Keeps what a text says for the next run, where nothing is wrong with it.
    pub(super) fn keep(&self, name: Key, size: u64, text: &str, parsed: &Parsed, kinds: &Kinds) {
        let Some(bytes) = parsed.to_bytes(kinds, text) else { return };
        let mut writer = Writer::default();
        writer.number(size);
        writer.bytes(&bytes);
        self.memory.keep(name, writer.into_bytes());
    }
}

/// Keeps the rows of a data set for the next run, and what they say.
pub(super) fn keep_rows(memory: &Memory, name: Key, size: u64, population: &Population, part: &Part) {
    let mut writer = Writer::default();
    writer.number(size);
    population.write(&mut writer);
    part.write(&mut writer);
    memory.keep(name, writer.into_bytes());
}

/// Whether a file has a say in how others are read, so that it is read before them.
pub(super) fn is_read_first(path: &str) -> bool {
    [configuration::FILE, people::FILE, SIGNERS_FILE].contains(&path) || path.starts_with("schema/")
}

/// Whether this is the content to which git gives an id.
fn is_of(content: &Content, id: Option<[u8; 20]>) -> bool {
    matches!(content, Content::Bytes(bytes) if id == Some(ObjectId::of_blob(bytes).0))
}

impl Reading {
    /// Takes the other files; what earlier runs made of a content is not made again.
    pub(super) fn take_texts(&mut self, inputs: Vec<Input>, known: &Known<'_>) {
        let resolve = |names: &mut SharedNames, Input { path, content }: Input| {
            let Content::Later(later) = content else { return Resolved::Read(Input { path, content }, None) };
            let name = known.name(&path, &later);
            let kept = name.and_then(|name| known.get(&path, &name, names));
            if let Some((size, made)) = kept.filter(|(size, _)| later.size.is_none_or(|there| there == *size)) {
                return Resolved::Known { path, later, size, made };
            }
            let content = later.read();
            // Line ends, or a change just now: then it is another text than the id's.
            let name = name.filter(|_| is_of(&content, later.id));
            Resolved::Read(Input { path, content }, name)
        };
        self.sources.reserve(inputs.len());
        self.made.reserve(inputs.len());
        let resolved: Vec<Resolved> =
            inputs.into_par_iter().with_min_len(16).with_max_len(64).map_init(SharedNames::default, resolve).collect();
        for one in resolved {
            match one {
                Resolved::Known { path, later, size, made } => self.take_known(path, later, size, made),
                Resolved::Read(input, name) => self.take_read(input, name),
            }
        }
    }

    fn take_known(&mut self, path: String, later: Later, size: u64, mut made: Made) {
        let source = self.add(Source::unread(path.as_str(), later));
        match &mut made {
            Made::Already(parsed) => parsed.documents.iter_mut().for_each(|document| document.source = source),
            Made::Rows(population, _) => population.source = source,
            Made::Nothing | Made::ToKeep(_) => {}
        }
        self.made[source.0 as usize] = made;
        self.files.insert(path, File { size, sha256: None, source: Some(source) });
    }

    /// Takes what was read; under `name` what is made of it is to be kept, where nothing is wrong.
    fn take_read(&mut self, input: Input, name: Option<Key>) {
        let (path, problems) = (input.path.clone(), self.problems.len());
        self.take_files(vec![input]);
        let source = self.files.get(&path).and_then(|file| file.source);
        if let (Some(name), Some(source)) = (name, source.filter(|_| problems == self.problems.len())) {
            self.made[source.0 as usize] = Made::ToKeep(name);
        }
    }

    /// Takes files as they are.
    pub(super) fn take_files(&mut self, inputs: Vec<Input>) {
        for Input { path, content } in inputs {
            let content = if let Content::Later(later) = content { later.read() } else { content };
            match content {
                // What is read later was read now.
                Content::Later(_) => {}
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
    }

    /// Makes sure that there is a configuration: findings of absence need a place.
    pub(super) fn complete(&mut self) {
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
        self.add(Source::new(path, text))
    }

    fn add(&mut self, source: Source) -> SourceId {
        self.sources.push(source);
        self.made.push(Made::Nothing);
        SourceId(u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX))
    }

    fn place(&self, source: SourceId, at: usize) -> Place {
        let text = self.sources[source.0 as usize].text();
        let end = text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |character| at + character.len_utf8());
        Place { source, span: at..end, pointer: String::new() }
    }

    pub(super) fn text(&self, path: &str) -> Option<(SourceId, &str)> {
        let source = self.files.get(path)?.source?;
        Some((source, self.sources[source.0 as usize].text()))
    }

    pub(super) fn configuration(&self) -> (Configuration, Vec<crate::yaml::Defect>) {
        let text = self.text(configuration::FILE).map(|(_, text)| text).filter(|text| !text.is_empty());
        text.map_or_else(Default::default, Configuration::read)
    }

    pub(super) fn configuration_problems(
        &self,
        configuration: &Configuration,
        defects: Vec<crate::yaml::Defect>,
        known: &Known<'_>,
    ) -> Vec<Problem> {
        let Some((source, text)) = self.text(configuration::FILE) else { return Vec::new() };
        if text.is_empty() {
            return Vec::new();
        }
        let mut found = known.unless_in_order(configuration::FILE, text, || {
            let node = configuration.node.as_ref();
            schema_problems(configuration::FILE, source, node, kind::configuration_schema_text())
        });
        found.extend(defects.into_iter().map(|defect| of_defect(defect, source, configuration::FILE)));
        found.extend(semantic_problems(configuration, source));
        found
    }

    pub(super) fn people(&self) -> (People, ReadYaml) {
        let Some((source, text)) = self.text(people::FILE) else { return (People::default(), ReadYaml::default()) };
        let read = crate::yaml::read(text, 0);
        (read.0.as_ref().map_or_else(People::default, |node| People::read(node, source)), read)
    }

    pub(super) fn people_problems(&self, (node, defects): ReadYaml, known: &Known<'_>) -> Vec<Problem> {
        let Some((source, text)) = self.text(people::FILE) else { return Vec::new() };
        let mut found = known.unless_in_order(people::FILE, text, || {
            schema_problems(people::FILE, source, node.as_ref(), kind::people_schema_text())
        });
        found.extend(defects.into_iter().map(|defect| of_defect(defect, source, people::FILE)));
        found
    }

    /// Keys that cannot be used, in `people.yaml` and `allowed_signers`.
    pub(super) fn signer_problems(&self, configuration: &Configuration, people: &People) -> Vec<Problem> {
        let zone = configuration.time_zone();
        let problem = |place: Place, path: &str, message: String, help: String| {
            let mut problem = Problem::new(Defect::InvalidConfiguration, place, path, message, help);
            problem.discriminator.clone_from(&problem.message);
            problem
        };
        let (mut found, mut keys) = (Vec::new(), Keys::default());
        if let Some((source, text)) = self.text(SIGNERS_FILE) {
            for defect in AllowedSigners::parse(text, &zone).1 {
                let place = Place { source, span: defect.span, pointer: String::new() };
                found.push(problem(place, SIGNERS_FILE, defect.message, defect.help));
            }
        }
        for (place, why) in people.add_signers(&mut AllowedSigners::default(), &mut keys, &zone) {
            found.push(problem(place.clone(), people::FILE, why.message, why.help.to_owned()));
        }
        found.extend(identities::problems(&people.persons, &mut keys, self.text(SIGNERS_FILE), &zone));
        found
    }

    /// What is wrong with the list of heads.
    pub(super) fn head_problems(&self, configuration: &Configuration) -> Vec<Problem> {
        let list = configuration.heads.as_deref().and_then(|path| self.text(path));
        let named_in = self.text(configuration::FILE).map(|(source, _)| source);
        heads::problems(configuration, list, named_in)
    }

    /// The built-in kinds and those of the repository's `schema/kinds/`.
    pub(super) fn kinds(&mut self) -> Kinds {
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

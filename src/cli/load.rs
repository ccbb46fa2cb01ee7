//! From a repository to the linked SMS with what its history shows.

use super::{parsed_day, today};
use crate::{
    cache,
    calendar::Date,
    configuration::{self, Configuration},
    history::History,
    kind::Kinds,
    repository::{Repository, Unread, Want},
    sms::{self, Judges, Sms, evidence::Objects, wanted},
    source::Content,
};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// The name in the cache of what old versions of files said.
const TRACES: &str = "traces";
/// The name in the cache of what texts say.
const PARSED: &str = "parsed";

/// Reads and links what a repository holds, with the history up to the tip of its default branch.
pub(crate) fn load(repository: &Repository, as_of: Option<&str>) -> Result<Sms> {
    load_judged(repository, as_of, None, Some(repository.unread_history(None)?))
}

/// The same, judged by others than the repository's own, and with this history; without one where
/// none is given.
pub(crate) fn load_judged(
    repository: &Repository,
    as_of: Option<&str>,
    judges: Option<&Judges>,
    history: Option<Unread>,
) -> Result<Sms> {
    let configuration = configuration_of(repository);
    let configuration = match judges {
        Some(judges) => judges.configuration(configuration),
        None => configuration,
    };
    let as_of = judged_on(as_of, &configuration)?;
    linked(repository, &configuration, as_of, judges, history)
}

/// Links what is read of a repository, and takes the history where one is given.
pub(super) fn linked(
    repository: &Repository,
    configuration: &Configuration,
    as_of: Date,
    judges: Option<&Judges>,
    history: Option<Unread>,
) -> Result<Sms> {
    repository.remember(if history.is_some() { &[PARSED, TRACES] } else { &[PARSED] });
    let folders: BTreeSet<String> = repository.folders().map(str::to_owned).collect();
    // The history has nothing to do with what is read now until the two are held together.
    let mut read = None;
    let mut sms = rayon::in_place_scope(|scope| {
        scope.spawn(|_| read = history.map(Unread::read));
        // Nobody waits for this.
        rayon::spawn(move || Kinds::prepare(&folders));
        let mut inputs = repository.read(wants(configuration));
        inputs.retain(|input| !configuration.ignores(&input.path));
        sms::build_judged(inputs, judges, as_of, repository.revision().clone(), &repository.memory(PARSED))
    });
    let (memory, history) = (repository.memory(PARSED), read);
    if let Some(table) = memory.much_changed(cache::LIMIT) {
        repository.cache(PARSED, table);
    }
    if let Some((path, content)) = repository.codeowners_above() {
        sms.take_codeowners_above(repository.folder(), path, content);
    }
    for path in sms.attached_paths() {
        if let (Some(file), Ok(digest)) = (sms.files.get_mut(&path), repository.digest(&path)) {
            file.sha256 = digest;
        }
    }
    if let Some(history) = history {
        take_history(repository, &mut sms, history)?;
    }
    Ok(sms)
}

/// Gives one SMS the history of another of the same repository.
pub(super) fn share_history(repository: &Repository, from: &Sms, to: &mut Sms) -> Result<()> {
    let history = from.evidence.history.clone();
    // Where no rule asked for it, it was not read at all.
    if history == History::default() { Ok(()) } else { take_history(repository, to, history) }
}

/// Takes what a history shows of an SMS.
pub(super) fn take_history(repository: &Repository, sms: &mut Sms, history: History) -> Result<()> {
    let contents = repository.contents();
    let memory = repository.memory(TRACES);
    let objects = Objects {
        contents: &|id| contents.as_ref()?.read(id),
        place: &|id| contents.as_ref().map_or(0, |contents| contents.place(id)),
        memory: &memory,
        signature: &|id| repository.signature(id).ok()?,
        tags: repository.tags()?,
    };
    sms.add_evidence(history, objects);
    if let Some(table) = memory.much_changed(cache::LIMIT) {
        repository.cache(TRACES, table);
    }
    Ok(())
}

/// Reads the texts that show what the newest version of each document changed.
pub(crate) fn add_last_changes(repository: &Repository, sms: &mut Sms) {
    let wanted = sms.last_changes();
    let contents = repository.contents();
    sms.add_texts(wanted, &|id| contents.as_ref()?.read(id));
}

/// What a repository says of itself.
pub(super) fn configuration_of(repository: &Repository) -> Configuration {
    match repository.content_of(configuration::FILE, Want::Text) {
        Some(Content::Bytes(bytes)) => Configuration::read(&String::from_utf8_lossy(&bytes)).0,
        _ => Configuration::default(),
    }
}

/// The day on which everything is judged.
pub(super) fn judged_on(as_of: Option<&str>, configuration: &Configuration) -> Result<Date> {
    let version = env!("CARGO_PKG_VERSION");
    if !configuration.is_met_by(version) {
        let numbers = configuration.requires.iter().flatten().map(u64::to_string).collect::<Vec<_>>();
        let required = numbers.join(".");
        bail!(
            "{} requires attestry {required} or newer and this is {version}, which may judge otherwise; install a newer \
             one, or change `requires`",
            configuration::FILE
        );
    }
    match as_of {
        Some(day) => parsed_day("--as-of", day),
        None => Ok(today(&configuration.zone)),
    }
}

/// How much of each file a configuration asks for.
pub(super) fn wants(configuration: &Configuration) -> impl Fn(&str) -> Want + Sync {
    |path| match wanted(path, configuration) {
        sms::Need::Text => Want::Text,
        sms::Need::Data => Want::Data,
        sms::Need::Digest | sms::Need::Nothing => Want::Presence,
    }
}

//! From versions of files to the lives of what stands in them.

use super::Objects;
use crate::{
    cache::{Reader, Writer, key},
    document::{REGISTER, Traced, is_markdown, text_of, trace, tracing},
    history::{Change, Edition, Event, History, Life, Lives, ObjectId, Version},
    sms::{File, Need, Sms, wanted},
};
use rayon::prelude::*;
use std::{collections::BTreeMap, ops::Range, sync::Arc};

/// The largest file whose documents and entries are followed, in bytes.
const FOLLOWED_LIMIT: usize = 2 * 1024 * 1024;

/// The lives of the documents and entries in all files of a history.
pub(super) fn of(sms: &Sms, history: &History, objects: &Objects<'_>) -> Lives {
    let live = history.versions.iter().map(|(path, versions)| (path, versions, true));
    let gone = history.gone.iter().map(|(path, versions)| (path, versions, false));
    let files: Vec<(&String, &Vec<Version>, bool)> =
        live.chain(gone).filter(|(path, ..)| is_followed(sms, path)).collect();
    let all_traces = Traces::of(sms, history, files.iter().flat_map(|(_, versions, _)| *versions), objects);
    let of_files: Vec<Vec<(String, Event)>> = files
        .par_iter()
        .with_min_len(4)
        .map(|(path, versions, live)| of_file(sms, path, versions, *live, &all_traces))
        .collect();
    let mut lives = Lives::new();
    for (id, event) in of_files.into_iter().flatten() {
        lives.entry(id).or_default().events.push(event);
    }
    for life in lives.values_mut() {
        order(life, history);
    }
    lives
}

/// Files that are too large to be followed, with what to say of each.
pub(super) fn too_large(sms: &Sms) -> impl Iterator<Item = String> {
    let large = |(path, file): &(&String, &File)| file.size > FOLLOWED_LIMIT as u64 && is_followed(sms, path);
    sms.files.iter().filter(large).map(|(path, file)| {
        format!(
            "`{path}` has {} bytes; documents and entries are followed in files up to {FOLLOWED_LIMIT} (split it, or keep its rows as a data set)",
            file.size
        )
    })
}

fn is_followed(sms: &Sms, path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_text = is_markdown(path) || matches!(ending.as_str(), "yaml" | "yml");
    let is_known = path == crate::configuration::FILE || path == crate::sms::PEOPLE_FILE;
    is_text && !is_known && wanted(path, &sms.configuration) == Need::Text
}

/// What happened to the documents of one file, newest first.
fn of_file(sms: &Sms, path: &str, versions: &[Version], live: bool, said: &Traces<'_>) -> Vec<(String, Event)> {
    let mut events = Vec::new();
    // The state of each document after the versions that were looked at.
    let mut now: BTreeMap<String, &Traced> = BTreeMap::new();
    for version in versions.iter().rev() {
        if version.change == Change::ModeChanged {
            continue;
        }
        let traced = version.blob.map(|blob| (blob, said.get(blob, &version.path)));
        let (blob, traced) = match traced {
            // What cannot be read says nothing; the repository has told why.
            Some((_, None)) => continue,
            Some((blob, Some(traced))) => (Some(blob), traced),
            None => (None, [].as_slice()),
        };
        let mut next = BTreeMap::new();
        for one in traced {
            // A document without an id of its own is the file, whatever it is called.
            let id = if one.has_id { one.marks.id.to_lowercase() } else { path.to_lowercase() };
            next.entry(id).or_insert(one);
        }
        let moved = matches!(version.change, Change::RenamedFrom(_));
        for (id, one) in &next {
            // What is written of its entries is written of a register.
            let is_changed = now.get(id) != Some(one) || (one.marks.kind == REGISTER && now != next);
            if let Some(blob) = blob
                && (moved || is_changed)
            {
                let edition = Edition {
                    commit: version.commit,
                    path: version.path.clone(),
                    blob,
                    substance: one.substance,
                    marks: one.marks.clone(),
                };
                events.push((id.clone(), Event::Written(Box::new(edition))));
            }
        }
        let removed = now.keys().filter(|id| !next.contains_key(*id));
        events.extend(removed.map(|id| (id.clone(), Event::Removed(version.commit))));
        now = next;
    }
    if live {
        rename_without_id(sms, path, &mut events);
    }
    events.reverse();
    events
}

/// A document without an id is called by its path without the ending, as elsewhere.
fn rename_without_id(sms: &Sms, path: &str, events: &mut [(String, Event)]) {
    let lower = path.to_lowercase();
    if !events.iter().any(|(id, _)| *id == lower) {
        return;
    }
    let source = sms.files.get(path).and_then(|file| file.source);
    let document = sms.documents.iter().find(|document| Some(document.source) == source && document.pointer.is_empty());
    if let Some(document) = document {
        for (id, _) in events.iter_mut().filter(|(id, _)| *id == lower) {
            *id = document.id.to_lowercase();
        }
    }
}

/// What the versions of files say: each content once, under each of its paths.
struct Traces<'h> {
    /// Content and path from the git root, sorted.
    keys: Vec<(ObjectId, &'h str)>,
    /// The documents there; none where the content cannot be read or is too large.
    traces: Vec<Option<Vec<Traced>>>,
}

impl<'h> Traces<'h> {
    fn of(sms: &Sms, history: &History, versions: impl Iterator<Item = &'h Version>, objects: &Objects<'_>) -> Self {
        let kept = versions.filter(|version| version.change != Change::ModeChanged);
        let mut keys: Vec<(ObjectId, &str)> =
            kept.filter_map(|version| Some((version.blob?, version.path.as_str()))).collect();
        keys.par_sort_unstable();
        keys.dedup();
        let tracing = tracing(&sms.kinds, &sms.configuration);
        // The path then decides what the file was.
        let then = |path: &'h str| path.strip_prefix(&history.folder).unwrap_or(path);
        let name = |(blob, path): (ObjectId, &'h str)| key([&tracing, blob.0.as_slice(), then(path).as_bytes()]);
        let known = |one: &(ObjectId, &'h str)| read(objects.memory.get(&name(*one))?);
        let mut all: Vec<Option<Option<Vec<Traced>>>> = keys.par_iter().with_min_len(256).map(known).collect();
        let mut missing: Vec<usize> = (0..keys.len()).filter(|at| all[*at].is_none()).collect();
        missing.sort_by_cached_key(|at| (objects.place)(keys[*at].0));
        let tree = Tree::of(sms);
        let found: Vec<_> = missing
            .par_iter()
            .with_min_len(64)
            .filter_map(|at| {
                let (blob, path) = keys[*at];
                let is_newest = history.versions(then(path)).first().is_some_and(|version| version.blob == Some(blob));
                let in_tree = if is_newest { tree.traced(sms, then(path), blob) } else { None };
                let traced = match in_tree {
                    Some(traced) => Some(traced),
                    None => read_traced(sms, then(path), (objects.contents)(blob)?),
                };
                objects.memory.keep(name(keys[*at]), written(traced.as_deref()));
                Some((*at, traced))
            })
            .collect();
        for (at, traced) in found {
            all[at] = Some(traced);
        }
        Self { keys, traces: all.into_iter().map(Option::flatten).collect() }
    }

    fn get(&self, blob: ObjectId, path: &str) -> Option<&[Traced]> {
        let at = self.keys.binary_search(&(blob, path)).ok()?;
        self.traces[at].as_deref()
    }
}

/// The documents of an old content; none where it is too large.
fn read_traced(sms: &Sms, path: &str, content: Arc<Vec<u8>>) -> Option<Vec<Traced>> {
    (content.len() <= FOLLOWED_LIMIT).then(|| {
        let (text, _) = text_of(Arc::unwrap_or_clone(content));
        trace(path, &text, &sms.kinds, &sms.configuration)
    })
}

/// The documents of the files that were read: what is committed of them need not be read again.
struct Tree(Vec<Range<usize>>);

impl Tree {
    fn of(sms: &Sms) -> Self {
        let mut places = vec![0..0; sms.sources.len()];
        for (position, document) in sms.documents.iter().enumerate() {
            let place = &mut places[document.source.0 as usize];
            let first = if *place == (0..0) { position } else { place.start };
            *place = first..position + 1;
        }
        Self(places)
    }

    /// What the file at a path says, where it has this content now and holds documents.
    fn traced(&self, sms: &Sms, path: &str, blob: ObjectId) -> Option<Vec<Traced>> {
        let source = sms.files.get(path)?.source?;
        let documents = self.0.get(source.0 as usize).filter(|place| **place != (0..0))?;
        let text = sms.source(source).text();
        if text.len() > FOLLOWED_LIMIT || ObjectId::of_blob(text.as_bytes()) != blob {
            return None;
        }
        let documents = sms.documents[documents.clone()].iter();
        Some(documents.filter_map(|document| document.traced(sms.kind(document), path, text)).collect())
    }
}

fn written(traced: Option<&[Traced]>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.option(traced, |writer, traced| writer.list(traced, |writer, one| one.write(writer)));
    writer.into_bytes()
}

#[expect(clippy::option_option, reason = "the outer says whether it could be read")]
fn read(bytes: &[u8]) -> Option<Option<Vec<Traced>>> {
    let mut reader = Reader::new(bytes);
    let traced = reader.option(|reader| reader.list(Traced::read))?;
    reader.is_done().then_some(traced)
}

/// Brings the events of a life into the order of the commits, newest first. A removal in the
/// commit that wrote the document elsewhere is a move.
fn order(life: &mut Life, history: &History) {
    let place = |event: &Event| history.place(event.commit()).unwrap_or(usize::MAX);
    life.events.sort_by_key(|event| (place(event), event.edition().is_none()));
    let written: Vec<ObjectId> = life.editions().map(|edition| edition.commit).collect();
    life.events.retain(|event| event.edition().is_some() || !written.contains(&event.commit()));
}

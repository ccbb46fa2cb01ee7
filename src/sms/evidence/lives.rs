//! From versions of files to the lives of what stands in them.

use super::Objects;
use crate::{
    cache::{Reader, Writer, key},
    document::{REGISTER, Traced, is_markdown, text_of, trace, tracing},
    history::{Change, Edition, Event, History, Life, Lives, ObjectId, Version},
    sms::{Need, Sms, wanted},
    source::LFS_POINTER,
};
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

/// The largest file whose documents and entries are followed, in bytes.
const FOLLOWED_LIMIT: usize = 2 * 1024 * 1024;

/// The lives of the documents and entries in all files of a history, and what could not be told.
pub(super) struct Told {
    pub(super) lives: Lives,
    pub(super) limits: Vec<String>,
    /// Files of which a version could not be read: of what stands in them no life is told, since a
    /// change that nobody saw would be put down to whoever came next.
    pub(super) holes: BTreeSet<String>,
}

/// The path of a file, its versions, and whether it is there at the tip.
type Versions<'h> = (&'h String, &'h Vec<Version>, bool);

pub(super) fn of(sms: &Sms, history: &History, objects: &Objects<'_>) -> Told {
    let live = history.versions.iter().map(|(path, versions)| (path, versions, true));
    let gone = history.gone.iter().map(|(path, versions)| (path, versions, false));
    let all: Vec<Versions<'_>> = live.chain(gone).collect();
    let once_followed = all.into_par_iter().with_min_len(64).filter_map(|file: Versions<'_>| {
        let (path, versions, _) = file;
        Some((file, elsewhere(sms, history, path, versions)?))
    });
    let (files, aside): (Vec<Versions<'_>>, Vec<Vec<&str>>) = once_followed.unzip();
    // What was followed once may have gone to where nobody looks: from there on it is gone.
    let aside: BTreeSet<&str> = aside.into_iter().flatten().collect();
    let follows = |version: &Version| !aside.contains(version.path.as_str());
    let versions = files.iter().flat_map(|(_, versions, _)| *versions).filter(|version| follows(version));
    let all_traces = Traces::of(sms, history, versions, objects);
    let of_files: Vec<OfFile> = files
        .par_iter()
        .with_min_len(4)
        .map(|(path, versions, live)| of_file(sms, path, versions, *live, &all_traces, &follows))
        .collect();
    let is_whole = |file: &OfFile| file.missing + file.too_large == 0;
    let holes = files.iter().zip(&of_files).filter(|(_, file)| !is_whole(file)).map(|((path, ..), _)| (*path).clone());
    let (holes, limits): (BTreeSet<String>, _) = (holes.collect(), limits(&files, &of_files));
    let in_hole = sms.documents.iter().filter(|document| !holes.is_empty() && holes.contains(sms.path(document)));
    let mut cut: BTreeSet<String> = in_hole.map(|document| document.id.to_lowercase()).collect();
    let broken = of_files.iter().filter(|file| !is_whole(file));
    cut.extend(broken.flat_map(|file| file.lives.iter().map(|(id, _)| id.clone())));
    let mut all: Vec<(String, Life)> = of_files.into_iter().flat_map(|file| file.lives).collect();
    // What one file tells is in the order in which the default branch got it.
    all.par_sort_by(|(one, _), (other, _)| one.cmp(other));
    all.retain(|(id, _)| cut.is_empty() || !cut.contains(id));
    let mut joined = BTreeSet::new();
    all.dedup_by(|(next, told), (id, life)| {
        let is_same = next == id;
        if is_same {
            life.events.append(&mut told.events);
            joined.insert(id.clone());
        }
        is_same
    });
    for (_, life) in all.iter_mut().filter(|(id, _)| joined.contains(id)) {
        join(life, history);
    }
    let lives = Lives::of_sorted(all);
    Told { lives, limits, holes }
}

/// What could not be told of files, in a line for what is not there and one for each that is too large.
fn limits(files: &[Versions<'_>], of_files: &[OfFile]) -> Vec<String> {
    let of = |count: fn(&OfFile) -> usize| {
        files.iter().zip(of_files).map(move |((path, ..), file)| (*path, count(file))).filter(|(_, count)| *count > 0)
    };
    let missing: Vec<(&String, usize)> = of(|file| file.missing).collect();
    let count: usize = missing.iter().map(|(_, count)| count).sum();
    let missing = missing.first().map(|(first, _)| {
        let others = match missing.len() - 1 {
            0 => String::new(),
            1 => " and one other file".to_owned(),
            more => format!(" and {more} other files"),
        };
        format!(
            "{count} version{} of `{first}`{others} cannot be read, so nothing is said about what happened to the documents there; a partial clone is fetched whole with `git fetch --refetch --no-filter`, and `git fsck` tells what is broken",
            if count == 1 { "" } else { "s" }
        )
    });
    let too_large = of(|file| file.too_large).map(|(path, count)| {
        format!(
            "{count} version{} of `{path}` {} more than {FOLLOWED_LIMIT} bytes, up to which documents and entries are followed, so nothing is said about what happened to them (split the file, or keep its rows as a data set)",
            if count == 1 { "" } else { "s" },
            if count == 1 { "has" } else { "have" }
        )
    });
    missing.into_iter().chain(too_large).collect()
}

/// The paths of a file at which it was not followed; none where it never was.
fn elsewhere<'h>(sms: &Sms, history: &History, path: &str, versions: &'h [Version]) -> Option<Vec<&'h str>> {
    let is_now = is_followed(sms, path);
    let (mut was, mut elsewhere) = (is_now, Vec::new());
    for of_path in versions.chunk_by(|a, b| a.path == b.path) {
        let there = of_path[0].path.as_str();
        let then = history.below_root(there);
        let follows = if then == path { is_now } else { is_followed(sms, then) };
        was |= follows;
        if !follows {
            elsewhere.push(there);
        }
    }
    was.then_some(elsewhere)
}

fn is_followed(sms: &Sms, path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_text = is_markdown(path) || matches!(ending.as_str(), "yaml" | "yml");
    let is_known = path == crate::configuration::FILE || path == crate::sms::PEOPLE_FILE;
    is_text && !is_known && wanted(path, &sms.configuration) == Need::Text
}

/// What happened to the documents of one file.
#[derive(Default)]
struct OfFile {
    /// By id in lower case.
    lives: Vec<(String, Life)>,
    /// How many versions could not be read.
    missing: usize,
    /// How many are too large.
    too_large: usize,
}

fn of_file(
    sms: &Sms,
    path: &str,
    versions: &[Version],
    live: bool,
    said: &Traces<'_>,
    follows: &(dyn Fn(&Version) -> bool + Sync),
) -> OfFile {
    let mut file = OfFile::default();
    // Oldest first.
    let mut events: Vec<(String, Event)> = Vec::new();
    // A document without an id of its own is the file, whatever it is called.
    let id_of = |one: &Traced| if one.has_id { one.marks.id.to_lowercase() } else { path.to_lowercase() };
    let by_id = |traced| {
        let mut by_id: BTreeMap<String, &Traced> = BTreeMap::new();
        for one in traced {
            by_id.entry(id_of(one)).or_insert(one);
        }
        by_id
    };
    // What the versions that were looked at left.
    let mut before: &[Traced] = &[];
    for version in versions.iter().rev() {
        if version.change == Change::ModeChanged {
            continue;
        }
        let blob = version.blob.filter(|_| follows(version));
        let traced = blob.map(|blob| (blob, said.get(blob, &version.path)));
        let (blob, traced) = match traced {
            Some((_, Said::Missing)) => {
                file.missing += 1;
                continue;
            }
            Some((_, Said::TooLarge)) => {
                file.too_large += 1;
                continue;
            }
            Some((blob, Said::Documents(traced))) => (Some(blob), traced.as_slice()),
            None => (None, [].as_slice()),
        };
        let moved = matches!(version.change, Change::RenamedFrom(_));
        let (was, is, same) = if moved { (before, traced, [&[][..]; 2]) } else { differing(before, traced) };
        before = traced;
        let (now, next) = (by_id(was), by_id(is));
        // What is written of its entries is written of a register.
        let is_other = now != next;
        let registers = same.into_iter().flatten().filter(|one| is_other && one.marks.kind == REGISTER);
        let written = next
            .iter()
            .filter(|(id, one)| moved || now.get(*id) != Some(*one) || (one.marks.kind == REGISTER && is_other));
        let written = written.map(|(id, one)| (id.clone(), *one)).chain(registers.map(|one| (id_of(one), one)));
        for (id, one) in written {
            let Some(blob) = blob else { continue };
            let edition = Edition {
                commit: version.commit,
                path: version.path.clone(),
                blob,
                substance: one.substance,
                marks: one.marks.clone(),
            };
            events.push((id, Event::Written(Box::new(edition))));
        }
        let removed = now.keys().filter(|id| !next.contains_key(*id));
        events.extend(removed.map(|id| (id.clone(), Event::Removed(version.commit))));
    }
    if live {
        rename_without_id(sms, path, &mut events);
    }
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    for (id, event) in events.into_iter().rev() {
        match lives.get_mut(&id) {
            Some(of_id) => of_id.events.push(event),
            None => drop(lives.insert(id, Life { events: vec![event] })),
        }
    }
    file.lives = lives.into_iter().collect();
    file
}

/// The documents of two versions of a file without those that both have at their start and end, and
/// these: of a long register most versions change a line. Where one id may stand there twice, all of
/// them, since then the first counts.
fn differing<'t>(before: &'t [Traced], after: &'t [Traced]) -> (&'t [Traced], &'t [Traced], [&'t [Traced]; 2]) {
    let is_same = |pair: &(&Traced, &Traced)| pair.0 == pair.1;
    let start = before.iter().zip(after).take_while(is_same).count();
    let (was, is) = (&before[start..], &after[start..]);
    let end = was.iter().rev().zip(is.iter().rev()).take_while(is_same).count();
    let (was, is) = (&was[..was.len() - end], &is[..is.len() - end]);
    let same = [&after[..start], &after[start + is.len()..]];
    let is_there = |one: &Traced| same.into_iter().flatten().any(|other| may_share_id(one, other));
    if was.iter().chain(is).any(is_there) { (before, after, [&[]; 2]) } else { (was, is, same) }
}

/// Whether two documents of a file may go by one id: by their path, or without regard to case.
fn may_share_id(one: &Traced, other: &Traced) -> bool {
    let (id, other_id) = (&one.marks.id, &other.marks.id);
    let have_plain_ids = one.has_id && other.has_id && id.is_ascii() && other_id.is_ascii();
    !have_plain_ids || id.eq_ignore_ascii_case(other_id)
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
    /// What each says.
    said: Vec<Said>,
}

/// What a version of a file says.
enum Said {
    Documents(Vec<Traced>),
    TooLarge,
    Missing,
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
        let then = |path: &'h str| history.below_root(path);
        let name = |(blob, path): (ObjectId, &'h str)| key([&tracing, blob.0.as_slice(), then(path).as_bytes()]);
        let forgets = objects.memory.forgets();
        let known = |one: &(ObjectId, &'h str)| if forgets { None } else { objects.memory.get(&name(*one), read) };
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
                let traced = if let Some(traced) = in_tree {
                    Some(traced)
                } else {
                    let content = (objects.contents)(blob).filter(|content| !content.starts_with(LFS_POINTER))?;
                    read_traced(sms, then(path), content)
                };
                if !forgets {
                    objects.memory.keep(name(keys[*at]), written(traced.as_deref()));
                }
                Some((*at, traced))
            })
            .collect();
        for (at, traced) in found {
            all[at] = Some(traced);
        }
        let said = |traced: Option<Option<Vec<Traced>>>| match traced {
            Some(Some(traced)) => Said::Documents(traced),
            Some(None) => Said::TooLarge,
            None => Said::Missing,
        };
        Self { keys, said: all.into_iter().map(said).collect() }
    }

    fn get(&self, blob: ObjectId, path: &str) -> &Said {
        self.keys.binary_search(&(blob, path)).map_or(&Said::Missing, |at| &self.said[at])
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
        Some(documents.filter_map(|one| one.traced(sms.kind(one), path, || text)).collect())
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

/// Brings the events that several files tell of a document into the order in which the default
/// branch got them, newest first. A removal in the commit that wrote it elsewhere is a move.
fn join(life: &mut Life, history: &History) {
    let place = |commit: ObjectId| history.place(commit).unwrap_or(usize::MAX);
    let arrival = |id: ObjectId| place(history.commit(id).and_then(|commit| commit.merged_by).unwrap_or(id));
    life.events.sort_by_key(|event| (arrival(event.commit()), place(event.commit()), event.edition().is_none()));
    let written: Vec<ObjectId> = life.editions().map(|edition| edition.commit).collect();
    life.events.retain(|event| event.edition().is_some() || !written.contains(&event.commit()));
}

//! From versions of files to the lives of what stands in them.

use super::Contents;
use crate::{
    document::{Traced, is_markdown, text_of, trace},
    history::{Change, Edition, Event, History, Life, Lives, ObjectId, Version},
    sms::{File, Need, Sms, wanted},
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The largest file whose documents and entries are followed, in bytes.
const FOLLOWED_LIMIT: usize = 2 * 1024 * 1024;

/// The lives of the documents and entries in all files of a history.
pub(super) fn of(sms: &Sms, history: &History, contents: &Contents<'_>) -> Lives {
    let live = history.versions.iter().map(|(path, versions)| (path, versions, true));
    let gone = history.gone.iter().map(|(path, versions)| (path, versions, false));
    let files: Vec<(&String, &Vec<Version>, bool)> =
        live.chain(gone).filter(|(path, ..)| is_followed(sms, path)).collect();
    let of_files: Vec<Vec<(String, Event)>> = files
        .par_iter()
        .with_min_len(4)
        .map(|(path, versions, live)| of_file(sms, &history.folder, path, versions, *live, contents))
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
fn of_file(
    sms: &Sms,
    folder: &str,
    path: &str,
    versions: &[Version],
    live: bool,
    contents: &Contents<'_>,
) -> Vec<(String, Event)> {
    let mut events = Vec::new();
    // The state of each document after the versions that were looked at.
    let mut now: BTreeMap<String, Traced> = BTreeMap::new();
    for version in versions.iter().rev() {
        if version.change == Change::ModeChanged {
            continue;
        }
        let traced = version.blob.map(|blob| (blob, traced(sms, folder, version, blob, contents)));
        let (blob, traced) = match traced {
            // What cannot be read says nothing; the repository has told why.
            Some((_, None)) => continue,
            Some((blob, Some(traced))) => (Some(blob), traced),
            None => (None, Vec::new()),
        };
        let mut next = BTreeMap::new();
        for one in traced {
            // A document without an id of its own is the file, whatever it is called.
            let id = if one.has_id { one.marks.id.to_lowercase() } else { path.to_lowercase() };
            next.entry(id).or_insert(one);
        }
        for (id, one) in &next {
            let moved = matches!(version.change, Change::RenamedFrom(_));
            if let Some(blob) = blob
                && (moved || now.get(id) != Some(one))
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

/// The documents of one version of a file; none where its content cannot be read.
fn traced(sms: &Sms, folder: &str, version: &Version, blob: ObjectId, contents: &Contents<'_>) -> Option<Vec<Traced>> {
    let bytes = contents(blob).filter(|bytes| bytes.len() <= FOLLOWED_LIMIT)?;
    let (text, _) = text_of(bytes.to_vec());
    // The path then decides what the file was.
    let then = version.path.strip_prefix(folder).unwrap_or(&version.path);
    Some(trace(then, &text, &sms.kinds, &sms.configuration))
}

/// Brings the events of a life into the order of the commits, newest first. A removal in the
/// commit that wrote the document elsewhere is a move.
fn order(life: &mut Life, history: &History) {
    let place = |event: &Event| history.place(event.commit()).unwrap_or(usize::MAX);
    life.events.sort_by_key(|event| (place(event), event.edition().is_none()));
    let written: Vec<ObjectId> = life.editions().map(|edition| edition.commit).collect();
    life.events.retain(|event| event.edition().is_some() || !written.contains(&event.commit()));
}

//! The anchors of `attestry check --anchor FILE`: earlier bundles, and lists of heads.

use super::{Globals, since::inside, verify::verified};
use crate::{
    anchor::{self, Anchor, Keeper},
    calendar::parse_day,
    history::ObjectId,
    repository::Repository,
    sms::{Sms, evidence::Kept},
    source::Source,
};
use anyhow::{Context, Result, bail};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// Reads what the verifier brought.
fn read(paths: &[PathBuf], globals: &Globals, repository: &Repository) -> Result<Vec<Anchor>> {
    let mut anchors = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let here = inside(path, globals, repository.root());
        if here.is_some_and(|here| repository.committed_blob(&here).is_some()) {
            bail!(
                "`{name}` is committed in the repository that it is to vouch for; name it as `heads` in attestry.yaml, and bring a copy that you kept elsewhere"
            );
        }
        let path = globals.folder.join(path);
        let is_bundle = path.is_dir() || begins_as_zip(&path).with_context(|| format!("cannot read `{name}`"))?;
        if is_bundle {
            anchors.push(of_bundle(&path, name)?);
        } else {
            anchors.extend(of_list(&path, &name)?);
        }
    }
    Ok(anchors)
}

/// The same, with what the history no longer has of commits that lie off its first-parent line: a
/// merge can keep a commit and drop everything that it held.
pub(super) fn compared(
    paths: &[PathBuf],
    globals: &Globals,
    repository: &Repository,
    sms: &Sms,
) -> Result<Vec<Anchor>> {
    let mut anchors = read(paths, globals, repository)?;
    for anchor in anchors.iter_mut().filter(|anchor| sms.kept(anchor) == Some(Kept::Aside)) {
        let then = repository.at(Some(&anchor.commit.to_string()))?;
        let files = then.paths().filter_map(|path| Some((path, ObjectId::parse(&then.committed_blob(path)?)?)));
        anchor.dropped = sms.dropped(files);
    }
    Ok(anchors)
}

fn begins_as_zip(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(2).read_to_end(&mut start)?;
    Ok(start == b"PK")
}

fn of_bundle(path: &Path, name: String) -> Result<Anchor> {
    let verification = verified(path)?;
    if let Some(problem) = verification.problems.list().first() {
        let place = if problem.path.is_empty() { String::new() } else { format!("`{}`: ", problem.path) };
        bail!(
            "the bundle `{name}` does not verify, so it is no anchor: {}: {place}{}; `attestry verify` lists all that is wrong",
            problem.name,
            problem.message
        );
    }
    let Some(ended) = verification.history else {
        bail!(
            "the bundle `{name}` states no head of the history: it was packed without one (no git, a shallow clone, `--no-history`); bring another"
        );
    };
    let day = verification.as_of.as_deref().and_then(parse_day);
    Ok(Anchor {
        commit: ended.head,
        day,
        keeper: Keeper::Bundle,
        file: name,
        span: 0..0,
        first: Some(ended.first),
        dropped: Vec::new(),
    })
}

fn of_list(path: &Path, name: &str) -> Result<Vec<Anchor>> {
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
    file.take(anchor::LIMIT + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read `{name}`"))?;
    if bytes.len() as u64 > anchor::LIMIT {
        bail!("`{name}` is no bundle, and has more than the {} KiB of a list of heads", anchor::LIMIT >> 10);
    }
    let Ok(text) = String::from_utf8(bytes) else { bail!("`{name}` is neither a bundle nor a text") };
    let (heads, defects) = anchor::read(&text);
    if let Some(defect) = defects.first() {
        let line = Source::new(name, text.as_str()).position(defect.span.start).line;
        bail!("`{name}`, line {line}: {}; {}", defect.message, anchor::FORM);
    }
    if heads.is_empty() {
        bail!("`{name}` names no head; {}", anchor::FORM);
    }
    let brought = |head: anchor::Head| Anchor {
        commit: head.commit,
        day: head.day,
        keeper: Keeper::List,
        file: name.to_owned(),
        span: head.span,
        first: None,
        dropped: Vec::new(),
    };
    Ok(heads.into_iter().map(brought).collect())
}

//! `attestry check --since BASE`: reads the base, has the change judged by it, and says what parts
//! the two.

use super::{
    Globals, baseline,
    load::{load_judged, share_history, take_history},
};
use crate::{
    baseline::Baseline,
    finding::{Finding, Reads, Rule},
    history::ObjectId,
    repository::Repository,
    ripple::Ripple,
    since::{BaselineStep, Difference, Since, difference},
    sms::{Judges, Sms},
    waiver::{self, Waiver},
};
use anyhow::Result;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// What the comparison gives.
pub(super) struct Compared {
    /// Findings that are new.
    pub new: Vec<Finding>,
    /// The base's waivers that are in force.
    pub waivers: Vec<Waiver>,
    /// The base's baseline, and how it is named.
    pub baseline: Option<(Baseline, String)>,
    /// All else.
    pub since: Since,
}

/// Compares what was read with the commit at which it parted from `base`. Afterwards the levels
/// of `sms` are those of the base.
pub(super) fn compare(
    base: &str,
    named_baseline: Option<&PathBuf>,
    repository: &Repository,
    sms: &mut Sms,
    globals: &Globals,
    chosen: impl Fn(&Rule) -> bool,
) -> Result<Compared> {
    let commit = repository.merge_base(base)?;
    let before = repository.at(commit.as_deref())?;
    let day = sms.as_of.to_string();
    let mut base_sms = load_judged(&before, Some(&day), None, None)?;
    share_history(&before, sms, &mut base_sms)?;
    // One day for both: what is late on it must not depend on when the base was committed.
    base_sms.revision.day = sms.revision.day;
    let judges = Judges::of(&base_sms);
    let mut change = if commit.is_none() || judges.agree_with(&Judges::of(sms)) {
        None
    } else {
        let mut by_base = load_judged(repository, Some(&day), Some(&judges), None)?;
        share_history(repository, sms, &mut by_base)?;
        // What the verifier brought is the verifier's: no base and no change has a say in it.
        by_base.bring_anchors(sms.brought_anchors().cloned().collect::<Vec<_>>());
        Some(by_base)
    };
    let now = |rule: &Rule| chosen(rule) && rule.reads != Reads::Commits;
    let merged = |rule: &Rule| chosen(rule) && rule.reads == Reads::Commits;
    let later = once_merged((&before, &mut base_sms), (repository, sms), change.as_mut(), merged)?;
    let mut parted = difference(&base_sms, sms, change.as_ref(), now);
    parted.join(later, sms);
    let configured = base_sms.configuration.baseline.clone();
    let heads = base_sms.configuration.heads.as_deref();
    let files = differing(&before, repository, [configured.as_deref(), heads])?;
    let since = Since {
        base: base.to_owned(),
        commit,
        before: parted.before,
        mended: parted.mended,
        not_judged: parted.not_judged,
        baseline: baseline_step((&before, configured.as_deref()), (repository, sms.configuration.baseline.as_deref()))?,
        ripple: Ripple::of(&base_sms, sms, &files),
    };
    sms.configuration.levels.clone_from(&base_sms.configuration.levels);
    let baseline = match named_baseline.map(|path| (path, inside(path, globals, repository.root()))) {
        // A file of the repository is read as the base has it.
        Some((path, Some(inside))) => {
            baseline::of_repository(&before, &inside)?.map(|baseline| (baseline, path.display().to_string()))
        }
        _ => baseline::read(named_baseline, configured.as_deref(), globals, &before)?,
    };
    Ok(Compared { new: parted.new, waivers: waiver::in_force(&base_sms), baseline, since })
}

/// What the change does to the baseline that the configuration names.
fn baseline_step(
    (before, old): (&Repository, Option<&str>),
    (now, new): (&Repository, Option<&str>),
) -> Result<Option<BaselineStep>> {
    let (Some(old), Some(file)) = (old, new) else { return Ok(None) };
    let both = (baseline::of_repository(before, old)?, baseline::of_repository(now, file)?);
    let (Some(old), Some(new)) = both else { return Ok(None) };
    let common = old.within(&new).len();
    let (more, fewer) = (new.len() - common, old.len() - common);
    Ok(Some(BaselineStep { file: file.to_owned(), more, fewer }).filter(|_| (more, fewer) != (0, 0)))
}

/// The difference that the change makes to the history: what these rules find in it as it will be
/// once the change is merged, and do not find in that of the base. What it shows there of approvals
/// that the change brings is noted, for the rules that are judged by the base.
fn once_merged(
    (before, base): (&Repository, &mut Sms),
    (repository, sms): (&Repository, &mut Sms),
    judged: Option<&mut Sms>,
    chosen: impl Fn(&Rule) -> bool,
) -> Result<Difference> {
    let commits = base.revision.commit.clone().zip(sms.revision.commit.clone());
    let commits = commits.filter(|(parted, head)| parted != head && sms.has_history());
    let parted = commits.as_ref().and_then(|(parted, _)| ObjectId::parse(parted));
    let (Some((_, head)), Some(parted)) = (commits, parted) else {
        return Ok(difference(base, sms, judged.as_deref(), chosen));
    };
    let history = repository.history_at(&head)?.once_merged(parted);
    let pending = sms.pending_approvals();
    let (of_base, own) = (std::mem::take(&mut base.evidence), std::mem::take(&mut sms.evidence));
    take_history(before, base, before.history_at(&parted.to_string())?)?;
    take_history(repository, sms, history.clone())?;
    let (difference, foreseen) = if let Some(judged) = judged {
        let by_base = std::mem::take(&mut judged.evidence);
        take_history(repository, judged, history)?;
        // A change that makes somebody an approver must not be told that they approved.
        let foreseen = sms.foresee_with(judged, &pending);
        let difference = difference(base, sms, Some(&*judged), chosen);
        judged.evidence = by_base;
        (difference, foreseen)
    } else {
        let foreseen = sms.foresee(&pending);
        (difference(base, sms, None, chosen), foreseen)
    };
    // What the change is judged by is what the base shows.
    (base.evidence, sms.evidence) = (of_base, own);
    sms.evidence.foreseen = foreseen;
    Ok(difference)
}

/// The path from the SMS root, where a file of the command line lies below it.
pub(super) fn inside(path: &Path, globals: &Globals, root: &Path) -> Option<String> {
    let path = globals.folder.join(path);
    let folder = path.parent()?.canonicalize().ok()?;
    let inside = folder.strip_prefix(root).ok()?.join(path.file_name()?);
    Some(inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// Files that only git or the hosting platform reads, in the SMS or at the root of the repository.
const JUDGES: &[&str] = &[
    ".git-blame-ignore-revs",
    ".gitattributes",
    ".gitlab-ci.yml",
    ".gitlab/CODEOWNERS",
    ".github/CODEOWNERS",
    ".mailmap",
    ".pre-commit-config.yaml",
    "CODEOWNERS",
    "docs/CODEOWNERS",
];

/// Files that judge and that no document holds: whose bytes differ. Those above the SMS are named
/// by their path from there.
fn differing(before: &Repository, now: &Repository, listed: [Option<&str>; 2]) -> Result<Vec<String>> {
    let judges = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        listed.contains(&Some(*path))
            || JUDGES.contains(path)
            || matches!(name, "CODEOWNERS" | ".mailmap" | "allowed_signers")
            || path.starts_with("templates/")
            || path.starts_with(".github/workflows/")
    };
    let paths: BTreeSet<&str> = before.paths().chain(now.paths()).filter(judges).collect();
    let bytes = |repository: &Repository, path: &str| repository.bytes(path).ok().flatten();
    let differ = paths.into_iter().filter(|path| bytes(before, path) != bytes(now, path));
    let mut differ: Vec<String> = differ.map(str::to_owned).collect();
    if let (Some(before), Some(around)) = (before.around()?, now.around()?) {
        let up = "../".repeat(now.folder().matches('/').count());
        let above = |path: &&str| is_judge_above(path) && !path.starts_with(now.folder());
        let paths: BTreeSet<&str> = before.paths().chain(around.paths()).filter(above).collect();
        let above = paths.into_iter().filter(|path| bytes(&before, path) != bytes(&around, path));
        differ.extend(above.map(|path| format!("{up}{path}")));
    }
    Ok(differ)
}

fn is_judge_above(path: &str) -> bool {
    JUDGES.contains(&path) || path.starts_with(".github/workflows/")
}

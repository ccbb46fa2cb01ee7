//! `compare follow FOLDER [ENDING]`: the versions that attestry finds of each file, beside the
//! commits of `git log --follow`. Where the two differ, plain `git` is asked why.

use attestry::{
    history::{Commit, History, Version},
    repository::{At, Repository},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    process::Command,
};

/// Why a commit stands in one list only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// In ours: a merge whose file is as in none of its parents, which `git log` without `-c` hides.
    MergeOfItsOwn,
    /// In ours: a merge that took back what the first-parent line had.
    TakenBack,
    /// In theirs: of a branch of which a merge took nothing of the file; `git log` without
    /// `--follow` leaves it out too.
    NotTaken,
    /// In theirs: `git log` without `--follow` has it.
    OnlyTheirs,
    /// In ours, and no merge: `--follow` was looking for another name.
    OnlyOurs,
}

impl Why {
    fn in_words(self) -> &'static str {
        match self {
            Self::MergeOfItsOwn => "+ merge that is as none of its parents",
            Self::TakenBack => "+ merge that took back what the branch had",
            Self::NotTaken => "- commit of a side branch that was not taken",
            Self::OnlyTheirs => "- commit that attestry misses",
            Self::OnlyOurs => "+ commit that git loses",
        }
    }
}

/// Prints the comparison of each file whose path has this ending, and the sums.
pub(super) fn follow(folder: &Path, ending: &str) -> io::Result<()> {
    let repository = Repository::open(folder, At::Revision("HEAD".to_owned())).map_err(io::Error::other)?;
    let history = repository.history().map_err(io::Error::other)?;
    let Some(tip) = history.tip else {
        return Err(io::Error::other(history.not_evaluated.unwrap_or_default()));
    };
    let git = Git { folder, tip: tip.to_string() };
    let (mut files, mut same, mut same_newest, mut newest_merge) = (0, 0, 0, 0);
    let mut sums: BTreeMap<Why, (usize, usize)> = BTreeMap::new();
    for (path, versions) in history.versions.iter().filter(|(path, _)| path.ends_with(ending)) {
        files += 1;
        let theirs = git.followed(&format!("{}{path}", history.folder))?;
        let whys = git.compare(&history, versions, &theirs)?;
        let newest = versions.first().map(|version| version.commit.to_string());
        let is_newest = newest.as_ref() == theirs.first().map(|(commit, _)| commit);
        let is_merge = newest.as_ref().is_some_and(|newest| whys.get(newest) == Some(&Why::MergeOfItsOwn));
        same_newest += usize::from(is_newest);
        newest_merge += usize::from(!is_newest && is_merge);
        same += usize::from(whys.is_empty());
        println!(
            "{} {path}: {} versions, git {}; newest {}",
            if whys.is_empty() { "equal  " } else { "differs" },
            versions.len(),
            theirs.len(),
            if is_newest { "equal" } else { "differs" }
        );
        let mut here: BTreeMap<Why, usize> = BTreeMap::new();
        for (commit, why) in &whys {
            println!("    {commit} {}", why.in_words());
            *here.entry(*why).or_default() += 1;
        }
        for (why, count) in here {
            let sum = sums.entry(why).or_default();
            *sum = (sum.0 + count, sum.1 + 1);
        }
    }
    println!(
        "\n{files} files: newest commit equal in {same_newest}, a merge of its own in {newest_merge} of the others"
    );
    println!("all commits equal in {same}");
    for (why, (commits, files)) in sums {
        println!("{:50} {commits:6} in {files:4} files", why.in_words());
    }
    Ok(())
}

struct Git<'f> {
    folder: &'f Path,
    tip: String,
}

impl Git<'_> {
    fn lines(&self, arguments: &[&str]) -> io::Result<Vec<String>> {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder).args(["-c", "core.quotePath=false", "-c", "diff.renameLimit=0"]);
        let output = command.args(arguments).output()?;
        if !output.status.success() {
            return Err(io::Error::other(format!("git {arguments:?} ended with {}", output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// The commits of `git log --follow` with the path of each.
    fn followed(&self, path: &str) -> io::Result<Vec<(String, String)>> {
        let mut commits: Vec<(String, String)> = Vec::new();
        let top = format!(":(top){path}");
        for line in self.lines(&["log", "--follow", "--format=%H", "--name-status", &self.tip, "--", &top])? {
            match (line.rsplit_once('\t'), commits.last_mut()) {
                (Some((_, path)), Some(last)) => path.clone_into(&mut last.1),
                _ if line.is_empty() => {}
                _ => commits.push((line, String::new())),
            }
        }
        Ok(commits)
    }

    fn compare(
        &self,
        history: &History,
        ours: &[Version],
        theirs: &[(String, String)],
    ) -> io::Result<BTreeMap<String, Why>> {
        let own: BTreeSet<String> = ours.iter().map(|version| version.commit.to_string()).collect();
        let mut whys = BTreeMap::new();
        for (commit, path) in theirs.iter().filter(|(commit, _)| !own.contains(commit)) {
            let simplified = self.lines(&["log", "--format=%H", &self.tip, "--", &format!(":(top){path}")])?;
            let why = if simplified.contains(commit) { Why::OnlyTheirs } else { Why::NotTaken };
            whys.insert(commit.clone(), why);
        }
        for version in ours {
            let commit = version.commit.to_string();
            if theirs.iter().any(|(one, _)| *one == commit) {
                continue;
            }
            let is_merge = history.commit(version.commit).is_some_and(|Commit { parents, .. }| parents.len() > 1);
            let combined = ["diff-tree", "-c", "-r", "--name-only", "--no-commit-id", commit.as_str()];
            let why = if !is_merge {
                Why::OnlyOurs
            } else if self.lines(&combined)?.iter().any(|line| *line == version.path) {
                Why::MergeOfItsOwn
            } else {
                Why::TakenBack
            };
            whys.insert(commit, why);
        }
        Ok(whys)
    }
}

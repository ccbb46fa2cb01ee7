//! `attestry demo`: the sample with its history, checked, rendered, packed.

use super::{Globals, Outcome, add_last_changes, check, load, print, say};
use crate::{
    audience::{Audience, Classification},
    report::{Report, human},
    repository::{At, NewCommit, NewRepository, Repository, write_whole},
    sample::{self, BAD_BRANCH, Step},
};
use anyhow::{Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `demo`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Where to write it; a folder that is new or empty
    #[arg(default_value = "attestry-demo")]
    target: PathBuf,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let folder = globals.folder.join(&arguments.target);
    let repository = folder.join("sms");
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("`{}` is not empty; name a folder that is new or empty", folder.display());
    }
    say("writing the sample: Brightwater Example Services AS. The company, its people and its figures are invented.\n");
    let commits = write(&repository)?;
    let opened = Repository::open(&repository, At::WorkTree)?;
    let day = sample::DAY.to_string();
    let mut sms = load(&opened, Some(&day))?;
    add_last_changes(&opened, &mut sms);
    let report = Report::new(&sms, |_| true, |_| true);
    print(&human::render(&report, human::Style { colour: globals.colour, concise: false, width: globals.width }))?;
    print(&format!("{commits} commits by {} people in {}\n", sms.people.persons.len(), repository.display()))?;
    print(&human::summary(&report, &check::checked(&sms, report.rules), globals.width))?;
    let (site, bundle) = (folder.join("site"), folder.join("evidence.zip"));
    let audience = Audience { up_to: Classification::Internal };
    super::site::write(&site, &super::site::files(&opened, &sms, audience)?)?;
    let clean = report.findings.is_empty();
    drop(report);
    let packed = super::bundle::packed(&opened, &mut sms, audience)?;
    write_whole(&bundle, &packed.bytes)?;
    print(&format!(
        "\nevidence site: open {}\nbundle: {} files in {} ({} KiB)\n",
        site.join("index.html").display(),
        packed.files,
        bundle.display(),
        packed.bytes.len().div_ceil(1024)
    ))?;
    print(&next_steps(&arguments.target, &day))?;
    Ok(if clean { Outcome::Clean } else { Outcome::Findings })
}

/// Writes the sample with its history; the number of commits.
fn write(folder: &Path) -> Result<usize> {
    let sms = sample::sms();
    let mut repository = NewRepository::create(folder)?;
    let steps = sample::story(&sms);
    let count = steps.len();
    for step in steps {
        repository.commit(&commit(step))?;
    }
    repository.finish()?;
    Ok(count)
}

fn commit(step: Step) -> NewCommit {
    NewCommit {
        branch: step.branch,
        merges: step.merges,
        name: step.who.0,
        email: step.who.1,
        time: step.time,
        offset: step.offset,
        message: step.message + "\n",
        changes: step.changes,
    }
}

fn next_steps(folder: &Path, day: &str) -> String {
    let sms = format!("-C {}/sms", folder.display());
    let steps = [
        (format!("attestry check {sms} --as-of {day}"), "what is wrong: nothing"),
        (format!("attestry check {sms} --as-of {day} --rev {BAD_BRANCH} --since main"), "what a bad change brings"),
        (format!("attestry check {sms}"), "what has fallen due since"),
        (format!("attestry gap {sms} --as-of {day}"), "the evidence for each requirement"),
        (format!("attestry log POL-001 {sms} --as-of {day}"), "the life of the policy, and what was in force when"),
        (format!("attestry log POL-001 {sms} --diff 2.1"), "what its last version changed"),
        (format!("attestry verify {}/evidence.zip", folder.display()), "whether a byte was altered"),
        ("attestry explain 8.6.1".to_owned(), "a clause, in our words"),
        (format!("git {sms} log --oneline --graph"), "the history of two years"),
    ];
    let width = steps.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let lines = steps.iter().map(|(command, what)| format!("  {command:width$}  {what}\n"));
    format!(
        "\nTry next (the sample is written as of {day}, so that it is as true next year):\n{}",
        lines.collect::<String>()
    )
}

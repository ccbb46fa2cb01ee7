//! `attestry demo`: the sample with its history, checked, rendered, packed.

use super::{Globals, Outcome, check, load, print, say};
use crate::{
    report::{Report, human},
    repository::{At, NewCommit, NewRepository, Repository},
    sample::{self, BAD_BRANCH, Step},
};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `demo`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Where to write it; a folder that is new or empty
    #[arg(default_value = "attestry-demo")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let folder = globals.folder.join(&arguments.folder);
    let repository = folder.join("sms");
    say("writing the sample: Brightwater Example Services AS. The company, its people and its figures are invented.\n");
    let commits = write(&repository)?;
    let opened = Repository::open(&repository, At::WorkTree)?;
    let day = sample::DAY.to_string();
    let sms = load(&opened, Some(&day))?;
    let report = Report::new(&sms, |_| true, |_| true);
    print(&human::render(&report, human::Style { colour: globals.colour, concise: false }))?;
    print(&format!("{commits} commits by {} people in {}\n", sms.people.persons.len(), repository.display()))?;
    print(&human::summary(&report, &check::checked(&sms, report.rules)))?;
    print(&next_steps(&arguments.folder, &day))?;
    Ok(if report.findings.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Writes the sample with its history; the number of commits.
fn write(folder: &std::path::Path) -> Result<usize> {
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

fn next_steps(folder: &std::path::Path, day: &str) -> String {
    let folder = folder.display();
    format!(
        "
Try next (the sample is written as of {day}, so that it is as true next year):
  attestry check -C {folder}/sms --as-of {day}                      what is wrong: nothing
  attestry check -C {folder}/sms --as-of {day} --rev {BAD_BRANCH}     what a bad change brings
  attestry check -C {folder}/sms                                         what has fallen due since
  attestry gap -C {folder}/sms --as-of {day}                        the evidence per requirement
  attestry explain 8.6.1                                                 a clause, in our words
  git -C {folder}/sms log --oneline --graph                              the history of two years
"
    )
}

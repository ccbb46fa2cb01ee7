//! The commands: one file each. Only here is anything written or printed, and only here are the
//! clock and the environment asked.

mod anchors;
mod approvals;
mod baseline;
mod bundle;
mod check;
mod codeowners;
mod demo;
mod explain;
mod gap;
mod init;
mod load;
mod log;
mod new;
mod output;
mod recall;
mod review;
mod schema;
mod since;
mod site;
mod verify;

use crate::{
    calendar::{self, Date},
    report::one_line,
    repository::{At, Repository, Unread},
    sms::Sms,
};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

use load::configuration_of;
pub(crate) use load::{add_last_changes, load};
pub(crate) use output::{Colour, print, say, width};

/// Why there is no history where the command line asks for none.
const NO_HISTORY: &str = "it was left out with `--no-history`";

/// The heading of what every command takes, at the end of its help.
const GLOBAL: &str = "Every command";

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing at or above the failing level: exit code 0.
    Clean,
    /// Findings: exit code 1.
    Findings,
    /// It ran, and something that was to be evaluated was not: exit code 2.
    NotEvaluated,
}

/// Checks a service management system kept in git against ISO/IEC 20000-1:2018, shows the gaps,
/// renders the evidence and packs it for auditors.
#[derive(Parser)]
#[command(name = "attestry", version, about, max_term_width = 100)]
struct Arguments {
    /// Work in this folder instead of the current one
    #[arg(
        id = "working folder",
        short = 'C',
        value_name = "DIR",
        global = true,
        default_value = ".",
        hide_default_value = true,
        help_heading = GLOBAL
    )]
    folder: PathBuf,
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value = "auto", help_heading = GLOBAL)]
    color: Colour,
    /// Neither use nor write the cache of what was read of the history
    #[arg(long, global = true, help_heading = GLOBAL)]
    no_cache: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a complete sample with its history, check it, render it, pack it
    Demo(demo::Arguments),
    /// Write a new service management system to start from
    Init(init::Arguments),
    /// Write the next document of a kind
    New(new::Arguments),
    /// Write the JSON Schemas, for editors
    Schema(schema::Arguments),
    /// Find what is wrong
    Check(check::Arguments),
    /// Explain a rule, a clause or a kind
    Explain(explain::Arguments),
    /// Tell the life of a document or row, what was in force when, and what a version changed
    Log(log::Arguments),
    /// Record a review that changed nothing
    Review(review::Arguments),
    /// Show per requirement what evidence is there and what is missing
    Gap(gap::Arguments),
    /// Bring approvals from the hosting platform into the repository
    Approvals(approvals::Arguments),
    /// Write a CODEOWNERS file of the documents' owners
    Codeowners(codeowners::Arguments),
    /// Render the evidence site
    Site(site::Arguments),
    /// Pack site, documents and findings for an auditor
    Bundle(bundle::Arguments),
    /// Verify a bundle
    Verify(verify::Arguments),
}

/// Which tree, and on which day.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Input {
    /// Judge as of the end of this day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Read what is staged for the next commit, not the work tree
    #[arg(long, group = "tree")]
    staged: bool,
    /// Read this commit, not the work tree
    #[arg(long, value_name = "REV", group = "tree")]
    rev: Option<String>,
    /// Read the default branch as it was at the end of this day, YYYY-MM-DD
    #[arg(long, value_name = "DATE", group = "tree")]
    rev_at: Option<String>,
    /// Take approvals and the history of records from this commit [default: the tip of the default
    /// branch; with `--since`, that of BASE]
    #[arg(long, value_name = "REV")]
    evidence: Option<String>,
    /// Do not read the history: quicker, and the rules that need it are not evaluated
    #[arg(long, conflicts_with = "evidence")]
    no_history: bool,
}

/// What every command knows.
pub(crate) struct Globals {
    /// The folder of `-C`.
    pub folder: PathBuf,
    /// Whether standard output takes colours.
    pub colour: bool,
    /// How many characters a line of standard output has, where that is a terminal.
    pub width: Option<usize>,
    /// The folder of the cache; none where there is to be none.
    pub cache: Option<PathBuf>,
    /// Whether the run vouches for the history: every object is then held against its id.
    pub verify: bool,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    // The main thread works too, instead of sleeping while others do. Where this fails, rayon makes
    // its own threads.
    let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    let cache = if arguments.no_cache { None } else { cache_folder() };
    let verify = match &arguments.command {
        Command::Check(arguments) => arguments.brings_anchors(),
        Command::Log(arguments) => arguments.brings_anchors(),
        Command::Bundle(_) => true,
        _ => false,
    };
    let globals =
        Globals { folder: arguments.folder, colour: arguments.color.for_output(), width: width(), cache, verify };
    match run(arguments.command, &globals) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::NotEvaluated) => ExitCode::from(2),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {}\n", one_line(&format!("{error:#}"))));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, globals: &Globals) -> Result<Outcome> {
    match command {
        Command::Demo(arguments) => demo::run(&arguments, globals),
        Command::Init(arguments) => init::run(&arguments, globals),
        Command::New(arguments) => new::run(&arguments, globals),
        Command::Schema(arguments) => schema::run(&arguments, globals),
        Command::Check(arguments) => check::run(&arguments, globals),
        Command::Explain(arguments) => explain::run(&arguments, globals),
        Command::Log(arguments) => log::run(&arguments, globals),
        Command::Review(arguments) => review::run(&arguments, globals),
        Command::Gap(arguments) => gap::run(&arguments, globals),
        Command::Approvals(arguments) => approvals::run(&arguments, globals),
        Command::Codeowners(arguments) => codeowners::run(&arguments, globals),
        Command::Site(arguments) => site::run(&arguments, globals),
        Command::Bundle(arguments) => bundle::run(&arguments, globals),
        Command::Verify(arguments) => verify::run(&arguments, globals),
    }
}

impl Input {
    /// The SMS that `-C`, `--as-of` and the options about the tree mean, with its history.
    pub(crate) fn load(&self, globals: &Globals) -> Result<(Repository, Sms)> {
        let repository = self.open(globals)?;
        let history = self.history(&repository, None)?;
        let left_out = history.is_none();
        let mut sms = load::load_judged(&repository, self.as_of.as_deref(), None, history)?;
        if left_out {
            sms.without_evidence(NO_HISTORY);
        }
        Ok((repository, sms))
    }

    /// The history that the options mean; where they name none, that of a base. None where it is to
    /// be left out.
    fn history(&self, repository: &Repository, base: Option<&str>) -> Result<Option<Unread>> {
        let named = self.evidence.as_deref().or(base);
        if self.no_history { Ok(None) } else { repository.unread_history(named).map(Some) }
    }

    /// The SMS without its history.
    pub(crate) fn load_tree(&self, globals: &Globals) -> Result<(Repository, Sms)> {
        let repository = self.open(globals)?;
        let sms = load::load_judged(&repository, self.as_of.as_deref(), None, None)?;
        Ok((repository, sms))
    }

    /// Whether the files of the work tree are read.
    pub(crate) fn reads_work_tree(&self) -> bool {
        !self.staged && self.rev.is_none() && self.rev_at.is_none()
    }

    fn open(&self, globals: &Globals) -> Result<Repository> {
        if let Some(day) = &self.rev_at {
            let parsed = parsed_day("--rev-at", day)?;
            // Where a day ends is what the organization says now, as its default branch has it.
            let repository = globals.open(At::DefaultBranch)?;
            let end = calendar::end_of(parsed, &zone_of(&configuration_of(&repository).zone));
            return repository.reading(At::ByDay { day: parsed.to_string(), end });
        }
        let at = match &self.rev {
            Some(revision) => At::Revision(revision.clone()),
            None if self.staged => At::Staged { index: index_file() },
            None => At::WorkTree,
        };
        globals.open(at)
    }
}

impl Globals {
    /// The repository of `-C`.
    pub(crate) fn open(&self, at: At) -> Result<Repository> {
        let repository = Repository::open(&self.folder, at)?;
        Ok(if self.verify { repository.verified() } else { repository.with_cache(self.cache.as_deref()) })
    }
}

/// Where the system has programs keep what may be deleted. A path that is not absolute counts as
/// none, as the XDG specification has it.
#[expect(clippy::disallowed_methods, reason = "a command may ask the environment")]
fn cache_folder() -> Option<PathBuf> {
    let path = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = path("XDG_CACHE_HOME").or_else(|| path("HOME").map(|home| home.join(".cache")));
    Some(folder.or_else(|| path("LOCALAPPDATA"))?.join("attestry"))
}

/// The index that git has a hook read: while it commits, that is not always the repository's own.
#[expect(clippy::disallowed_methods, reason = "a command may ask the environment")]
fn index_file() -> Option<PathBuf> {
    std::env::var_os("GIT_INDEX_FILE").filter(|file| !file.is_empty()).map(PathBuf::from)
}

fn parsed_day(option: &str, day: &str) -> Result<Date> {
    calendar::parse_day(day).with_context(|| format!("`{option} {day}` is not a day; write YYYY-MM-DD"))
}

/// Today in a time zone.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub(crate) fn today(zone: &str) -> Date {
    jiff::Timestamp::now().to_zoned(zone_of(zone)).date()
}

fn zone_of(name: &str) -> jiff::tz::TimeZone {
    calendar::zone(name).unwrap_or(jiff::tz::TimeZone::UTC)
}

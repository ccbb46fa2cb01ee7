//! `attestry check`: find what is wrong.

use super::{
    Globals, Input, NO_HISTORY, Outcome, anchors, baseline, print,
    recall::{Opened, Recall},
    say, since,
};
use crate::{
    finding::{Level, Reads, Rule},
    report::{self, Found, Report, github, gitlab, human, json, junit, markdown, one_line, sarif},
    repository::{Repository, write_whole},
    rules,
    since::Since,
    sms::{Sms, coverage},
    waiver,
};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::path::{Component, Path, PathBuf};

/// Arguments of `check`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Show only findings in these files and folders; the whole is always judged
    paths: Vec<PathBuf>,
    #[command(flatten)]
    input: Input,
    /// Form of the findings on standard output
    #[arg(long, value_enum, default_value = "full")]
    format: Format,
    /// Also write the findings in a form to a file, FORMAT=PATH; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    output: Vec<String>,
    /// The repository's address on its hosting platform, for links in the findings
    #[arg(long, value_name = "URL")]
    repository_url: Option<String>,
    /// Run only these rules; repeatable
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// Count findings that are in this baseline, and tell only others
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found now as a baseline; over an existing one only what it had and what is still found
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "rule", "paths"])]
    write_baseline: Option<PathBuf>,
    /// Tell only what a change brings: what is new since it parted from BASE, the branch that it is for
    #[arg(long, value_name = "BASE", conflicts_with = "write_baseline")]
    since: Option<String>,
    /// Compare the history with an earlier bundle, or a list of earlier heads, that you kept elsewhere; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "no_history")]
    anchor: Vec<PathBuf>,
    /// Fail at findings of this level or above
    #[arg(long, value_enum, default_value = "error")]
    fail_on: FailOn,
    /// Exit with 2 when something could not be evaluated
    #[arg(long)]
    require_evaluated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the lines marked
    Full,
    /// One line per finding
    Concise,
    /// JSON, version 1
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// XML of test results, for build servers
    Junit,
    /// Markdown, for the summary of a step
    Markdown,
    /// The same, short enough for a comment
    Comment,
}

impl Format {
    /// Whether people read it, so that a summary may follow on standard output.
    fn is_for_people(self) -> bool {
        matches!(self, Self::Full | Self::Concise | Self::Github)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    fn level(self) -> Option<Level> {
        match self {
            Self::Error => Some(Level::Error),
            Self::Warning => Some(Level::Warning),
            Self::Note => Some(Level::Note),
            Self::Never => None,
        }
    }
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    for name in &arguments.rule {
        if rules::by_name(name).is_none() {
            let near = crate::kind::nearest(name, rules::all().map(|rule| rule.name));
            let help = near.map_or_else(
                || "`attestry explain --rules` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            bail!("there is no rule `{name}`; {help}");
        }
    }
    let outputs = arguments.output.iter().map(|target| output(target)).collect::<Result<Vec<_>>>()?;
    let address = arguments.repository_url.as_deref().map(address).transpose()?;
    let needs_history =
        !arguments.anchor.is_empty() || rules::all().any(|rule| arguments.runs(rule.name) && rule.reads != Reads::Tree);
    let asked = arguments.asked(globals);
    let opened = Opened::open(&arguments.input, globals, asked.is_some())?;
    let recall = asked.and_then(|asked| {
        let reads_history = needs_history && !arguments.input.no_history;
        Recall::of(&opened, &asked, reads_history, arguments.input.evidence.as_deref())
    });
    if let Some((said, outcome)) = recall.as_ref().and_then(|recall| recall.said(&opened.repository)) {
        print(&said)?;
        // The process ends now, as below.
        std::mem::forget(opened);
        return Ok(outcome);
    }
    let since = arguments.since.as_deref();
    let history = if needs_history { arguments.input.history(&opened.repository, since)? } else { None };
    let (repository, mut sms) = opened.linked(history)?;
    if needs_history && arguments.input.no_history {
        sms.without_evidence(NO_HISTORY);
    }
    // The process ends when this is told: to free every value one by one would only take time.
    let mut sms = std::mem::ManuallyDrop::new(sms);
    let anchors = anchors::compared(&arguments.anchor, globals, &repository, &sms)?;
    sms.bring_anchors(anchors);
    let shown = filter(&arguments.paths, globals, repository.root())?;
    for path in &arguments.paths {
        let named = filter(std::slice::from_ref(path), globals, repository.root())?;
        let history = &sms.evidence.history;
        let mut known =
            repository.paths().chain(history.versions.keys().chain(history.gone.keys()).map(String::as_str));
        if !known.any(&named) && !globals.folder.join(path).exists() {
            bail!("there is no `{}`; paths filter what is shown", path.display());
        }
    }
    let (found, since) = find(arguments, globals, &repository, &mut sms)?;
    let chosen = |rule: &Rule| arguments.runs(rule.name);
    let mut report = Report::of(&sms, found, chosen, |path| shown(path));
    report.since = since;
    repository.folder().clone_into(&mut report.folder);
    report.repository = address;
    let on_terminal = human::Style { colour: globals.colour, concise: false, width: globals.width };
    let in_file = human::Style { colour: false, concise: false, width: None };
    let mut said = rendered(&report, arguments.format, on_terminal);
    print(&said)?;
    for (format, path) in outputs {
        write_whole(path, rendered(&report, format, in_file).as_bytes())?;
    }
    if arguments.format.is_for_people() {
        let summary = human::summary(&report, &checked(&sms, report.rules), globals.width);
        print(&summary)?;
        said.push_str(&summary);
    }
    if arguments.require_evaluated && !report.not_evaluated.is_empty() {
        for (what, fix) in &report.not_evaluated {
            say(&format!("error: not evaluated: {}\n", one_line(&format!("{what} ({fix})"))));
        }
        return Ok(Outcome::NotEvaluated);
    }
    let fails = arguments.fail_on.level().is_some_and(|level| {
        // Levels, waivers and baselines of a repository have no say in what the verifier brought.
        report::is_rewritten(&sms)
            || report.since.as_ref().is_some_and(Since::baseline_grows)
            || report.worst().is_some_and(|worst| worst >= level)
    });
    let outcome = if fails { Outcome::Findings } else { Outcome::Clean };
    if let Some(recall) = recall {
        recall.keep(&repository, &sms, &said, outcome);
    }
    Ok(outcome)
}

impl Arguments {
    /// Whether earlier heads are brought, so that the history is vouched for.
    pub(super) fn brings_anchors(&self) -> bool {
        !self.anchor.is_empty()
    }

    /// What decides what is said beside the tree and its history; none where the run writes files,
    /// or reads others than those of one tree.
    fn asked(&self, globals: &Globals) -> Option<String> {
        let Self { paths, input: _, format, output, repository_url, rule, .. } = self;
        let Self { baseline, write_baseline, since, anchor, fail_on, require_evaluated, .. } = self;
        let reads_more = baseline.is_some() || since.is_some() || !anchor.is_empty() || !paths.is_empty();
        let writes = write_baseline.is_some() || !output.is_empty();
        let no_history = self.input.no_history;
        (!reads_more && !writes).then(|| {
            format!(
                "{:?}",
                (format, globals.colour, globals.width, repository_url, rule, fail_on, require_evaluated, no_history)
            )
        })
    }

    fn runs(&self, rule: &str) -> bool {
        self.rule.is_empty() || self.rule.iter().any(|name| name == rule)
    }
}

/// What counts of what the rules find: waivers accept, a baseline knows, and with `--since` only
/// what is new.
fn find(
    arguments: &Arguments,
    globals: &Globals,
    repository: &Repository,
    sms: &mut Sms,
) -> Result<(Found, Option<Since>)> {
    let chosen = |rule: &Rule| arguments.runs(rule.name);
    let named = arguments.baseline.as_ref();
    let (found, baseline, since) = if let Some(base) = &arguments.since {
        let compared = since::compare(base, named, repository, sms, globals, chosen)?;
        (Found::of(sms, compared.new, &compared.waivers), compared.baseline, Some(compared.since))
    } else {
        let found = Found::of(sms, rules::run(sms, chosen), &waiver::in_force(sms));
        let baseline = match &arguments.write_baseline {
            Some(path) => Some(baseline::write(path, globals, &found)?),
            None => baseline::read(named, sms.configuration.baseline.as_deref(), globals, repository)?,
        };
        (found, baseline, None)
    };
    let found = match &baseline {
        // What is mended of the baseline shows only where everything that is found is at hand.
        Some((baseline, file)) => found.without(baseline, file, |rule| since.is_none() && arguments.runs(rule)),
        None => found,
    };
    Ok((found, since))
}

fn rendered(report: &Report<'_>, format: Format, style: human::Style) -> String {
    match format {
        Format::Full => human::render(report, human::Style { concise: false, ..style }),
        Format::Concise => human::render(report, human::Style { concise: true, ..style }),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
        Format::Markdown => markdown::render(report, markdown::SUMMARY_LIMIT),
        Format::Comment => markdown::render(report, markdown::COMMENT_LIMIT),
    }
}

/// A format and the file that it is to be written to, whose folder is there.
fn output(target: &str) -> Result<(Format, &Path)> {
    let Some((format, path)) = target.split_once('=') else { bail!("`--output {target}`: write FORMAT=PATH") };
    let Ok(format) = Format::from_str(format, false) else {
        let formats = Format::value_variants().iter().filter_map(Format::to_possible_value);
        let formats: Vec<String> = formats.map(|format| format.get_name().to_owned()).collect();
        bail!("`--output {target}`: there is no format `{format}`; there are {}", formats.join(", "))
    };
    let path = Path::new(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) || path.is_dir() {
        bail!("`--output {target}`: `{}` is not a file in a folder that is there", path.display());
    }
    Ok((format, path))
}

/// An address that can stand in a link as it is.
fn address(url: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/%[]".contains(&byte);
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web || !url.bytes().all(plain) {
        bail!("`--repository-url {url}`: write an address such as https://github.com/organization/repository");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// What was looked at, in one phrase, and how much evidence is missing.
pub(super) fn checked(sms: &Sms, rules: usize) -> String {
    let rows: usize = sms.populations.iter().map(|population| population.rows.len()).sum();
    let rows = if rows == 0 { String::new() } else { format!(", {rows} rows of data") };
    let tally = coverage::tally(sms);
    format!(
        "{} documents{rows} checked by {rules} rule{} as of {}\nevidence: found for {} of {} requirements, missing for {}, {} for a person to judge, {} judged (`attestry gap`)",
        sms.documents.len(),
        if rules == 1 { "" } else { "s" },
        sms.as_of,
        tally.found,
        tally.total(),
        tally.missing,
        tally.needs_judgement,
        tally.judged
    )
}

/// Whether a path of the SMS is one of those that were named, or below one.
pub(super) fn filter(paths: &[PathBuf], globals: &Globals, root: &Path) -> Result<impl Fn(&str) -> bool + use<>> {
    let mut named = Vec::new();
    for path in paths {
        let from_here = globals.folder.join(path);
        let absolute = from_here
            .canonicalize()
            .unwrap_or_else(|_| lexical(&std::path::absolute(&from_here).unwrap_or(from_here.clone())));
        let Ok(inside) = absolute.strip_prefix(root) else {
            bail!("`{}` is not in `{}`", path.display(), root.display())
        };
        named.push(inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
    }
    Ok(move |path: &str| {
        named.is_empty()
            || named.iter().any(|name| {
                name.is_empty()
                    || path == name
                    || path.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
    })
}

/// A path without `.` and `..`, for files that are not there any more.
fn lexical(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
        whole
    })
}

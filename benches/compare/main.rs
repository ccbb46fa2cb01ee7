//! `cargo bench`: attestry against other programs that do a part of the same work, in one run, in
//! turn, as ratios of medians. `benches/run` installs the other programs first.
//!
//! `compare history FOLDER` reads the history of one repository and prints what that took: the
//! stage alone, which `git log --name-only --format=%H` is compared with; `compare history FOLDER
//! git` times the two in turn and prints the ratio. `compare follow FOLDER [ENDING]` holds the
//! versions of each file beside `git log --follow`.
//!
//! What is compared: `ajv` (npm ajv-cli) and `check-jsonschema` (`PyPI`) validate the metadata of
//! the M repository, already split into YAML files; attestry reads the repository itself, bodies,
//! links and references included.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and runs in a known environment"
)]

mod follow;
mod generate;

use attestry::repository::{At, Repository};
use generate::{ALL, L, LARGE, M, Size};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [stage, folder, rest @ ..] = arguments.as_slice() {
        let what = rest.first().map(String::as_str);
        match stage.as_str() {
            "history" if what == Some("git") => return beside_git_log(Path::new(folder)),
            "history" => return history(Path::new(folder), what),
            "follow" => return follow::follow(Path::new(folder), what.unwrap_or_default()),
            _ => {}
        }
    }
    let work = env::var_os("ATTESTRY_BENCH").map_or_else(|| env::temp_dir().join("attestry-bench"), PathBuf::from);
    let runs = runs();
    fs::create_dir_all(&work)?;
    for size in ALL {
        generate::repository(size, &work.join(size.name))?;
    }
    let blocks = work.join("metadata");
    generate::metadata_files(M, &blocks)?;
    let schemas = write_schemas(&work)?;

    let check = |size: Size| check_command(&work.join(size.name));
    let ajv = found("ajv").then(|| {
        let mut command = Command::new("ajv");
        command.args(["validate", "--spec=draft2020", "--strict=false", "--validate-formats=false"]);
        command
            .arg("-s")
            .arg(schemas.join("ajv/knowledge-article.json"))
            .arg("-r")
            .arg(schemas.join("ajv/metadata.json"));
        command.arg("-d").arg(format!("{}/*.yaml", blocks.display()));
        command
    });
    let check_jsonschema = found("check-jsonschema").then(|| {
        let mut command = Command::new("check-jsonschema");
        command.arg("--schemafile").arg(schemas.join("kinds/knowledge-article.schema.json"));
        command.args(fs::read_dir(&blocks).into_iter().flatten().flatten().map(|entry| entry.path()));
        command
    });

    let history = |size: Size| -> io::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("history").arg(work.join(size.name));
        Ok(command)
    };

    let cache = work.join("cache");
    let demo = work.join("demo");
    sample(&work, &demo)?;
    let staged = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
        command.args(["check", "--staged", "--as-of", SAMPLE_DAY, "-C"]).arg(demo.join("sms"));
        command
    };
    let git_status = |folder: &Path| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).arg("status");
        command
    };
    let cold = |mut command: Command| {
        command.arg("--no-cache");
        command
    };
    let tree_only = |mut command: Command| {
        command.args(["--no-cache", "--no-history"]);
        command
    };
    let warm = |mut command: Command| {
        command.env("XDG_CACHE_HOME", &cache);
        command
    };

    println!("median of {runs} runs each, in turn; wall time");
    let mut rows: Vec<Row> = vec![
        Row::of("check M, without history", tree_only(check(M))),
        Row::found("ajv, metadata of M", ajv),
        Row::found("check-jsonschema, metadata of M", check_jsonschema),
        Row::of("check L, without history", tree_only(check(L))),
        Row::of("attestry --version", version(env!("CARGO_BIN_EXE_attestry"))),
        Row::of("git --version", version("git")),
        Row::of("check --staged of the sample, cold", cold(staged())),
        Row::of("check --staged of the sample, nothing changed", warm(staged())),
        Row::of("git status of the sample", git_status(&demo.join("sms"))),
        Row::of("check --staged of the sample, commits known", warm(with_path(staged()))),
    ];
    for size in ALL {
        rows.push(Row::of(format!("history of {} (whole process)", size.name), history(size)?));
        rows.push(Row::of(format!("git log --name-only of {}", size.name), git_log(&work.join(size.name))));
    }
    for size in LARGE {
        let name = size.name;
        rows.push(Row::of(format!("check {name}, one commit more"), warm(check(size))).growing(work.join(name)));
        rows.push(Row::of(format!("check {name}, nothing changed"), warm(check(size))));
        rows.push(Row::of(format!("check {name}, commits known"), warm(with_path(check(size)))));
        rows.push(Row::of(format!("check {name}, cold"), cold(check(size))));
    }
    for _ in 0..=runs {
        for row in &mut rows {
            row.run()?;
        }
    }
    for size in LARGE {
        generate::as_before(&work.join(size.name))?;
    }
    for row in &rows {
        match row.median() {
            Some(seconds) => println!("{:46} {:9.1} ms", row.name, seconds * 1000.0),
            None => println!("{:46}   not here (benches/run installs it)", row.name),
        }
    }
    let of = |name: &str| rows.iter().find(|row| row.name == name).and_then(Row::median);
    let ratio = |what: &str, a: &str, b: &str, limit: &str| {
        if let (Some(a), Some(b)) = (of(a), of(b)) {
            println!("{what:50} {:7.3}   (goal: {limit})", a / b);
        }
    };
    println!();
    ratio("check M / ajv", "check M, without history", "ajv, metadata of M", "at most 0.2");
    let other = "check-jsonschema, metadata of M";
    ratio("check M / check-jsonschema", "check M, without history", other, "at most 0.056");
    ratio("check L / check M", "check L, without history", "check M, without history", "at most 11");
    ratio("attestry --version / git --version", "attestry --version", "git --version", "at most 4");
    for name in ALL.map(|size| size.name) {
        let (history, log) = (format!("history of {name} (whole process)"), format!("git log --name-only of {name}"));
        ratio(&format!("history {name} / git log"), &history, &log, "at most 1");
        for (what, limit) in
            [("cold", "1.6"), ("one commit more", "0.25"), ("commits known", "0.25"), ("nothing changed", "0.1")]
        {
            let limit = format!("at most {limit}");
            ratio(&format!("check {name}, {what} / git log"), &format!("check {name}, {what}"), &log, &limit);
        }
    }
    let status = "git status of the sample";
    for (what, limit) in [("cold", "-"), ("commits known", "at most 10"), ("nothing changed", "at most 10")] {
        let staged = format!("check --staged of the sample, {what}");
        ratio(&format!("check --staged, {what} / git status"), &staged, status, limit);
    }
    for size in [M, L] {
        if let Some(peak) = peak_memory(&work.join(size.name)) {
            println!(
                "{:50} {:7.1} MB (goal: under 100 for M, 500 for L)",
                format!("peak memory of check {}", size.name),
                peak
            );
        }
    }
    Ok(())
}

/// The day of the sample, on which nothing is wrong with it.
const SAMPLE_DAY: &str = "2026-06-30";

/// Writes the sample of this very program.
fn sample(work: &Path, demo: &Path) -> io::Result<()> {
    let program = Path::new(env!("CARGO_BIN_EXE_attestry"));
    let (made, written_by) = (work.join("demo.program"), fs::metadata(program)?);
    let written_by = format!("{} bytes, {:?}", written_by.len(), written_by.modified()?);
    if demo.exists() && fs::read_to_string(&made).is_ok_and(|there| there == written_by) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(demo);
    time(Command::new(program).arg("demo").arg(demo))?;
    fs::write(made, written_by)
}

/// A command, and how long its runs took.
struct Row {
    name: String,
    /// None where the program is not here.
    command: Option<Command>,
    /// A repository that gets one commit more before each run, which is not timed.
    grows: Option<PathBuf>,
    times: Vec<Duration>,
}

impl Row {
    fn of(name: impl Into<String>, command: Command) -> Self {
        Self::found(name, Some(command))
    }

    fn found(name: impl Into<String>, command: Option<Command>) -> Self {
        Self { name: name.into(), command, grows: None, times: Vec::new() }
    }

    fn growing(self, repository: PathBuf) -> Self {
        Self { grows: Some(repository), ..self }
    }

    fn run(&mut self) -> io::Result<()> {
        if let Some(repository) = &self.grows {
            generate::one_commit_more(repository, self.times.len())?;
        }
        if let Some(command) = &mut self.command {
            self.times.push(time(command)?);
        }
        Ok(())
    }

    fn median(&self) -> Option<f64> {
        median(&self.times)
    }
}

fn runs() -> usize {
    env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(7)
}

/// Times the history of one repository, as a whole process, and `git log` in turn.
fn beside_git_log(folder: &Path) -> io::Result<()> {
    let mut own = Command::new(env::current_exe()?);
    own.arg("history").arg(folder);
    let mut git = git_log(folder);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..=runs() {
        times[0].push(time(&mut own)?);
        times[1].push(time(&mut git)?);
    }
    if let [Some(own), Some(git)] = [median(&times[0]), median(&times[1])] {
        println!("history {:.1} ms, git log --name-only {:.1} ms: ratio {:.2}", own * 1000.0, git * 1000.0, own / git);
    }
    Ok(())
}

fn check_command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attestry"));
    command.args(["check", "--as-of", "2026-11-01", "-C"]).arg(folder);
    command
}

/// With a path, so that what was said of everything is of no use.
fn with_path(mut command: Command) -> Command {
    command.arg(".");
    command
}

fn git_log(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["log", "--name-only", "--format=%H"]);
    command
}

fn version(program: &str) -> Command {
    let mut command = Command::new(program);
    command.arg("--version");
    command
}

fn found(program: &str) -> bool {
    version(program).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn time(command: &mut Command) -> io::Result<Duration> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let time = start.elapsed();
    // A comparison with a program that failed early would flatter.
    if status.code().is_none_or(|code| code > 1) {
        return Err(io::Error::other(format!("{command:?} ended with {status}")));
    }
    Ok(time)
}

/// The median without the first, which warms the disk.
fn median(times: &[Duration]) -> Option<f64> {
    let mut times: Vec<f64> = times.iter().skip(1).map(Duration::as_secs_f64).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// Peak memory in megabytes as GNU time reports it; none where that is not installed.
fn peak_memory(folder: &Path) -> Option<f64> {
    let mut command = check_command(folder);
    command.arg("--no-cache");
    let mut timed = Command::new("/usr/bin/time");
    timed.arg("-f").arg("%M").arg(command.get_program()).args(command.get_args());
    let output = timed.stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
    let text = String::from_utf8(output.stderr).ok()?;
    let kilobytes: f64 = text.lines().last()?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// The schemas as attestry writes them, and once more with the ids that ajv resolves by.
fn write_schemas(work: &Path) -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let folder = work.join("schema");
    for (from, to) in
        [("metadata.schema.json", "metadata"), ("kinds/knowledge-article.schema.json", "knowledge-article")]
    {
        let text = fs::read_to_string(root.join(from))?;
        let target = folder.join(from);
        fs::create_dir_all(target.parent().unwrap_or(&folder))?;
        fs::write(target, &text)?;
        let with_id = text.replacen('{', &format!("{{\n  \"$id\": \"https://bench.example/{to}.json\","), 1);
        fs::create_dir_all(folder.join("ajv"))?;
        fs::write(
            folder.join("ajv").join(format!("{to}.json")),
            with_id.replace("../metadata.schema.json", "metadata.json"),
        )?;
    }
    Ok(folder)
}

/// Reads the history of a repository and prints how long that took, or what was asked about it.
fn history(folder: &Path, what: Option<&str>) -> io::Result<()> {
    let repository = Repository::open(folder, At::Revision("HEAD".to_owned())).map_err(io::Error::other)?;
    let start = Instant::now();
    let history = repository.history().map_err(io::Error::other)?;
    let time = start.elapsed();
    if let Some(reason) = &history.not_evaluated {
        return Err(io::Error::other(reason.clone()));
    }
    if what == Some("versions") {
        for (path, versions) in &history.versions {
            for version in versions {
                println!("{path}\t{}\t{:?}", version.commit, version.change);
            }
        }
        return Ok(());
    }
    let versions: usize = history.versions.values().map(Vec::len).sum();
    println!(
        "{:.6} {} commits {versions} versions of {} files {} gone {} kB",
        time.as_secs_f64(),
        history.commits.len(),
        history.versions.len(),
        history.gone.len(),
        peak().unwrap_or(0)
    );
    Ok(())
}

/// The peak memory of this process in kilobytes, where the system tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches("kB").trim().parse().ok()
}

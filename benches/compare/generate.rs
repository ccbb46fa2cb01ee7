//! Repositories of known size: the same bytes every time, on every machine.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
};

/// How large a repository is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) documents: usize,
    pub(crate) commits: usize,
    /// How many years each of the ten areas has folders for.
    pub(crate) years: usize,
    /// Whether every object lies in a file of its own, as commits leave them until git packs them.
    pub(crate) loose: bool,
}

/// 1,000 documents, 2,000 commits.
pub(crate) const M: Size = Size { name: "M", documents: 1_000, commits: 2_000, years: 10, loose: false };
/// 10,000 documents, 20,000 commits, 100 documents in a folder.
pub(crate) const L: Size = Size { name: "L", documents: 10_000, commits: 20_000, years: 10, loose: false };
/// The same with 1,000 documents in a folder.
const WIDE: Size = Size { name: "L-wide", years: 1, ..L };
/// The first, before git packs it.
const LOOSE: Size = Size { name: "L-loose", loose: true, ..L };

/// Those of 10,000 documents.
pub(crate) const LARGE: [Size; 3] = [L, WIDE, LOOSE];
/// All of them.
pub(crate) const ALL: [Size; 4] = [M, L, WIDE, LOOSE];

/// Changes with what is written, so that what lies there from an earlier program is made anew.
const GENERATION: &str = "5";

/// A small generator of numbers (xorshift), so that no two documents are the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap_or(0)
    }
}

const WORDS: &[&str] = &[
    "service", "customer", "restores", "backup", "before", "the", "desk", "records", "every", "incident", "and",
    "change", "manager", "checks", "capacity", "of", "network", "when", "storage", "is", "asked", "for", "a", "report",
    "that", "shows", "how", "long", "it", "took", "to", "answer", "with", "release", "plan", "weekly", "team",
];

fn path(number: usize, years: usize) -> String {
    format!("knowledge/area-{:02}/{}/article-{number:05}.md", number % 10, 2015 + number / 10 % years)
}

/// Who writes a document, and who approves it.
fn author(number: usize) -> usize {
    number % 20
}

fn approver(number: usize) -> usize {
    (number + 7) % 20
}

/// When a commit is made, in seconds since 1970: one after the other from the start of 2025.
fn moment(commit: usize) -> i64 {
    1_735_689_600 + i64::try_from(commit).unwrap_or(0) * 2_000
}

/// The metadata of a document that is approved: thirteen fields.
pub(crate) fn metadata(number: usize, commit: usize) -> String {
    let day = jiff::Timestamp::from_second(moment(commit)).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    let approval = format!("approved_by: person-{:02}\napproved_on: {day}\n", approver(number));
    with_status(number, "approved", &approval)
}

fn with_status(number: usize, status: &str, approval: &str) -> String {
    format!(
        "id: KB-{number:05}\ntitle: How to mend fault number {number}\nkind: knowledge-article\nversion: \"1.{}\"\n\
         status: {status}\nowner: desk-lead\nauthor: person-{:02}\n{approval}review_cycle: 24 months\n\
         services: [SVC-001]\nvalid_until: 2030-12-31\nclauses: [\"7.6\", \"8.6.3\"]\n",
        number % 10,
        author(number),
    )
}

fn document(number: usize, Size { documents, years, .. }: Size, metadata: &str) -> String {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut text = format!("---\n{metadata}---\n\n# How to mend fault number {number}\n");
    for section in 0..6 {
        let _ = write!(text, "\n## Step {section}\n\n");
        for _ in 0..3 {
            let words: Vec<&str> = (0..28).map(|_| WORDS[numbers.below(WORDS.len())]).collect();
            let _ = write!(text, "{}. ", words.join(" "));
        }
        let other = numbers.below(documents);
        let target = path(other, years);
        let up = "../".repeat(3);
        let _ = write!(text, "See KB-{other:05} and [the article]({up}{target}#step-{}).\n\n", section % 6);
        let _ = write!(text, "- **First** look at `log {section}`\n- then call the desk\n");
    }
    text
}

fn support() -> Vec<(&'static str, String)> {
    let people: String = (0..20).fold("people:\n".to_owned(), |mut text, number| {
        let _ = writeln!(
            text,
            "  - {{id: person-{number:02}, name: Person {number:02}, email: person-{number:02}@bench.example}}"
        );
        text
    });
    let roles = "kind: role-assignment\nid: REG-ROLES\ntitle: Roles\nversion: \"1\"\nstatus: approved\nowner: desk-lead\n\
         author: person-01\napproved_by: person-02\napproved_on: 2026-01-15\nentries:\n  - id: desk-lead\n    title: Desk lead\n    \
         responsibilities: [desk]\n    authorities: [desk]\n    holders: [{person: person-01, from: 2015-01-01}]\n";
    vec![
        (
            "attestry.yaml",
            "format: 1\norganization: Bench Example Ltd\nzone: Europe/Oslo\nstarted: 2015-01-01\n".to_owned(),
        ),
        ("people.yaml", people),
        ("registers/roles.yaml", roles.to_owned()),
        (
            "services/desk.yaml",
            "id: SVC-001\ntitle: Service desk\nkind: service\nstatus: draft\nowner: desk-lead\n".to_owned(),
        ),
    ]
}

/// Writes the repository with its history and checks it out; nothing where it is there already.
pub(crate) fn repository(size: Size, folder: &Path) -> io::Result<()> {
    if fs::read_to_string(folder.join(".complete")).is_ok_and(|generation| generation == GENERATION) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    git(folder, &["init", "-q", "-b", "main"])?;
    // Not while something is timed.
    git(folder, &["config", "gc.auto", "0"])?;
    let mut import =
        Command::new("git").args(["fast-import", "--quiet"]).current_dir(folder).stdin(Stdio::piped()).spawn()?;
    let mut to = io::BufWriter::new(import.stdin.take().ok_or_else(|| io::Error::other("no pipe"))?);
    for commit in 0..size.commits {
        // Half of the commits bring drafts, in the others another person than the author approves.
        let first_half = size.commits / 2;
        let drafts = commit < first_half;
        let number = if drafts { commit } else { commit * 7_919 } % size.documents;
        writeln!(to, "commit refs/heads/main")?;
        let person = if drafts { author(number) } else { approver(number) };
        writeln!(to, "committer Person {person:02} <person-{person:02}@bench.example> {} +0000", moment(commit))?;
        let message = format!("Commit {commit}");
        writeln!(to, "data {}\n{message}", message.len())?;
        if commit == 0 {
            for (path, text) in support() {
                inline(&mut to, path, &text)?;
            }
        }
        let metadata = if drafts { with_status(number, "draft", "") } else { metadata(number, commit) };
        inline(&mut to, &path(number, size.years), &document(number, size, &metadata))?;
    }
    to.flush()?;
    drop(to);
    import.wait()?;
    if size.loose {
        unpack(folder)?;
    }
    git(folder, &["update-ref", "refs/written", "main"])?;
    as_before(folder)?;
    fs::write(folder.join(".git/info/exclude"), ".complete\n")?;
    fs::write(folder.join(".complete"), GENERATION)
}

/// Writes each object of the packs into a file of its own.
fn unpack(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(".git/objects/pack"))? {
        let file = entry?.path();
        // From outside: what is there already is not unpacked.
        let aside = folder.join(".git").join(file.file_name().unwrap_or_default());
        fs::rename(&file, &aside)?;
        if aside.extension().is_some_and(|extension| extension == "pack") {
            let pack = fs::File::open(&aside)?;
            let mut command = Command::new("git");
            let status = command.args(["unpack-objects", "-q"]).current_dir(folder).stdin(pack).status()?;
            if !status.success() {
                return Err(io::Error::other(format!("git unpack-objects ended with {status}")));
            }
        }
        fs::remove_file(&aside)?;
    }
    Ok(())
}

/// Commits a change to one document on top of what `repository` wrote.
pub(crate) fn one_commit_more(folder: &Path, number: usize) -> io::Result<()> {
    let wide = path(number, WIDE.years);
    let article = if folder.join(&wide).exists() { wide } else { path(number, L.years) };
    let mut text = fs::read_to_string(folder.join(&article))?;
    text.push_str("\nOne sentence more.\n");
    fs::write(folder.join(&article), text)?;
    let person = ["-c", "user.name=Person 00", "-c", "user.email=person-00@bench.example"];
    git(folder, &[&person[..], &["commit", "-q", "-a", "-m", "One commit more"]].concat())
}

/// Takes those commits back.
pub(crate) fn as_before(folder: &Path) -> io::Result<()> {
    git(folder, &["reset", "-q", "--hard", "refs/written"])
}

fn git(folder: &Path, arguments: &[&str]) -> io::Result<()> {
    let status = Command::new("git").args(arguments).current_dir(folder).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("git {arguments:?} ended with {status}"))) }
}

fn inline(to: &mut impl Write, path: &str, text: &str) -> io::Result<()> {
    writeln!(to, "M 100644 inline {path}\ndata {}\n{text}", text.len())
}

/// Writes the metadata blocks alone, one YAML file each.
pub(crate) fn metadata_files(size: Size, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    (0..size.documents)
        .try_for_each(|number| fs::write(folder.join(format!("{number:05}.yaml")), metadata(number, number)))
}

//! The history of real repositories, made by `git`; where `git log` does the same, it is asked.

use super::support::{Folder, Made};
use attestry::{
    history::{Change, History, Person},
    repository::{At, Repository},
};
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    process::{Command, Stdio},
};

mod line;

/// A repository whose clock goes on by a minute with every command.
struct Git {
    folder: Folder,
    minutes: u32,
}

impl Git {
    fn new() -> Self {
        let mut git = Self { folder: Folder::new(), minutes: 0 };
        git.run(&["init", "-q", "-b", "main"]);
        git
    }

    fn command(&mut self, arguments: &[&str]) -> Command {
        self.minutes += 1;
        let date = format!("{} +0100", 1_700_000_000 + self.minutes * 60);
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.folder.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.env("GIT_AUTHOR_NAME", "Ada").env("GIT_AUTHOR_EMAIL", "ada@example.com");
        command.env("GIT_COMMITTER_NAME", "Cy").env("GIT_COMMITTER_EMAIL", "cy@example.com");
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date).env("GIT_MERGE_AUTOEDIT", "no");
        command
    }

    fn run(&mut self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn put(&self, path: &str, text: &str) {
        self.folder.put(path, &Made::Text(text.to_owned()));
    }

    /// Commits everything; gives the commit's id.
    fn commit(&mut self, message: &str) -> String {
        self.run(&["add", "-A"]);
        self.run(&["commit", "-q", "--allow-empty", "-m", message]);
        self.run(&["rev-parse", "HEAD"])
    }

    fn history(&self) -> History {
        Repository::open(self.folder.path(), At::WorkTree).unwrap().history().unwrap()
    }

    /// The versions of a file: summary of the commit and what happened.
    fn life(&self, path: &str) -> Vec<String> {
        let history = self.history();
        assert_eq!(history.not_evaluated, None);
        lives(&history, history.versions(path))
    }
}

fn lives(history: &History, versions: &[attestry::history::Version]) -> Vec<String> {
    let of = |version: &attestry::history::Version| {
        let how = match &version.change {
            Change::Added => "added".to_owned(),
            Change::Modified => "modified".to_owned(),
            Change::ModeChanged => "mode".to_owned(),
            Change::RenamedFrom(path) => format!("from {path}"),
            Change::Deleted => "deleted".to_owned(),
        };
        format!("{}: {how}", history.commit(version.commit).unwrap().summary)
    };
    versions.iter().map(of).collect()
}

const TEXT: &str = "one line\ntwo lines\nthree lines\nfour lines\nfive lines\n";

#[test]
fn versions_are_newest_first_with_who_and_when() {
    let mut git = Git::new();
    git.put("a.md", TEXT);
    git.commit("first");
    git.put("b.md", "b\n");
    git.commit("other");
    git.put("a.md", &format!("{TEXT}six\n"));
    let last = git.commit("second\n\nWhy.\n\nCo-authored-by: Bo <bo@example.com>\nReviewed-by: Cyn <cyn@example.com>");
    assert_eq!(git.life("a.md"), ["second: modified", "first: added"]);
    let history = git.history();
    let version = &history.versions("a.md")[0];
    assert_eq!(version.commit.to_string(), last);
    assert_eq!(version.blob.unwrap().to_string(), git.run(&["rev-parse", "HEAD:a.md"]));
    let commit = history.commit(version.commit).unwrap();
    assert_eq!((commit.author.name.as_str(), commit.committer.email.as_str()), ("Ada", "cy@example.com"));
    assert_eq!(commit.co_authors, [Person { name: "Bo".into(), email: "bo@example.com".into() }]);
    assert_eq!(commit.trailers[1].key, "Reviewed-by");
    assert_eq!(commit.authored.unwrap().offset, 60);
    assert_eq!(commit.authored.unwrap().day().unwrap().to_string(), "2023-11-14");
    assert_eq!(history.first_parents.len(), 3);
}

#[test]
fn renames_are_followed_with_changes_and_in_circles() {
    let mut git = Git::new();
    git.put("old/a.md", TEXT);
    git.put("x.md", &TEXT.replace("line", "word"));
    git.commit("add");
    fs::create_dir(git.folder.path().join("new")).unwrap();
    git.run(&["mv", "old/a.md", "new/b.md"]);
    git.put("new/b.md", &TEXT.replace("five", "5"));
    git.commit("move");
    // The old name is taken by another file: that has a life of its own.
    git.put("old/a.md", "nothing alike\n");
    git.commit("anew");
    git.run(&["mv", "new/b.md", "c.md"]);
    git.run(&["mv", "x.md", "d.md"]);
    git.commit("again");
    assert_eq!(git.life("c.md"), ["again: from new/b.md", "move: from old/a.md", "add: added"]);
    assert_eq!(git.life("d.md"), ["again: from x.md", "add: added"]);
    assert_eq!(git.life("old/a.md"), ["anew: added"]);
    let history = git.history();
    assert!(history.gone.is_empty(), "{:?}", history.gone);
    assert_eq!(history.versions("c.md")[2].path, "old/a.md");
}

#[test]
fn what_is_gone_keeps_its_life_and_what_returns_has_both() {
    let mut git = Git::new();
    git.put("a.md", TEXT);
    git.put("b.md", "b\n");
    git.commit("add");
    fs::remove_file(git.folder.path().join("a.md")).unwrap();
    fs::remove_file(git.folder.path().join("b.md")).unwrap();
    git.commit("delete");
    git.put("b.md", "another b\n");
    git.commit("return");
    assert_eq!(git.life("b.md"), ["return: added", "delete: deleted", "add: added"]);
    let history = git.history();
    assert_eq!(lives(&history, &history.gone["a.md"]), ["delete: deleted", "add: added"]);
    assert_eq!(history.gone.len(), 1);
}

#[test]
fn a_merge_makes_a_version_only_where_it_differs_from_all_its_parents() {
    let mut git = Git::new();
    for path in ["taken.md", "both.md", "evil.md", "dropped.md", "moved.md"] {
        git.put(path, TEXT);
    }
    git.commit("base");
    git.run(&["switch", "-q", "-c", "side"]);
    git.put("taken.md", &format!("{TEXT}side\n"));
    git.put("both.md", &format!("side\n{TEXT}"));
    git.put("dropped.md", &format!("side\n{TEXT}"));
    git.run(&["mv", "moved.md", "to.md"]);
    let side = git.commit("side");
    git.run(&["switch", "-q", "main"]);
    git.put("both.md", &format!("{TEXT}main\n"));
    git.put("moved.md", &format!("{TEXT}main\n"));
    git.commit("main");
    git.run(&["merge", "-q", "--no-commit", "side"]);
    git.put("evil.md", &format!("{TEXT}evil\n"));
    git.run(&["checkout", "main", "--", "dropped.md"]);
    let merge = git.commit("merge");
    assert_eq!(git.life("taken.md"), ["side: modified", "base: added"]);
    assert_eq!(git.life("both.md"), ["merge: modified", "main: modified", "side: modified", "base: added"]);
    assert_eq!(git.life("evil.md"), ["merge: modified", "base: added"]);
    // The side branch's change was not taken, so it made no version.
    assert_eq!(git.life("dropped.md"), ["base: added"]);
    // Renamed on one side and changed on the other: both lines are its life.
    assert_eq!(git.life("to.md"), ["merge: modified", "main: modified", "side: from moved.md", "base: added"]);
    let history = git.history();
    assert!(history.gone.is_empty(), "{:?}", history.gone);
    let id = |text: &str| attestry::history::ObjectId::parse(text).unwrap();
    assert_eq!(history.commit(id(&side)).unwrap().merged_by, Some(id(&merge)));
    assert_eq!(history.commit(id(&merge)).unwrap().merged_by, None);
    assert_eq!(history.first_parents.len(), 3);
}

#[test]
fn an_octopus_and_a_branch_that_deletes() {
    let mut git = Git::new();
    for path in ["a.md", "b.md", "c.md"] {
        git.put(path, TEXT);
    }
    git.commit("base");
    for branch in ["a", "b"] {
        git.run(&["switch", "-q", "-c", branch, "main"]);
        git.put(&format!("{branch}.md"), &format!("{TEXT}{branch}\n"));
        git.commit(branch);
    }
    git.run(&["switch", "-q", "-c", "c", "main"]);
    git.run(&["rm", "-q", "c.md"]);
    git.commit("c");
    git.run(&["switch", "-q", "main"]);
    git.run(&["merge", "-q", "-m", "octopus", "a", "b", "c"]);
    assert_eq!(git.life("a.md"), ["a: modified", "base: added"]);
    assert_eq!(git.life("b.md"), ["b: modified", "base: added"]);
    let history = git.history();
    assert_eq!(lives(&history, &history.gone["c.md"]), ["c: deleted", "base: added"]);
}

#[test]
fn modes_links_submodules_and_strange_names() {
    let mut git = Git::new();
    let strange = "a \"quoted\"\ttab\u{e9}\u{1F600}.md";
    git.put("a.sh", "run\n");
    git.put(strange, TEXT);
    git.folder.put("link.md", &Made::Link("a.sh".to_owned()));
    git.commit("add");
    git.run(&["update-index", "--chmod=+x", "a.sh"]);
    git.run(&["commit", "-q", "-m", "mode"]);
    git.run(&["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", "1".repeat(40))]);
    git.run(&["commit", "-q", "-m", "submodule"]);
    assert_eq!(git.life("a.sh"), ["mode: mode", "add: added"]);
    assert_eq!(git.life(strange), ["add: added"]);
    assert_eq!(git.life("link.md"), ["add: added"]);
    assert!(!git.history().versions.contains_key("sub"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_utf8_is_read_as_well_as_it_can_be() {
    use std::os::unix::ffi::OsStrExt;
    let mut git = Git::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
    fs::write(git.folder.path().join(name), TEXT).unwrap();
    git.commit("add");
    assert_eq!(git.life("caf\u{fffd}.md"), ["add: added"]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe8.md");
    fs::write(git.folder.path().join(name), TEXT).unwrap();
    git.commit("add another");
    assert!(git.history().limits[0].contains("not UTF-8"));
}

#[test]
fn below_the_git_root_and_from_outside() {
    let mut git = Git::new();
    git.put("docs/a.md", TEXT);
    git.put("code.rs", "fn main\n");
    git.put("sms/attestry.yaml", "format: 1\n");
    git.commit("add");
    git.run(&["mv", "docs/a.md", "sms/a.md"]);
    git.commit("move in");
    git.put("code.rs", "fn main 2\n");
    git.commit("code");
    let history = Repository::open(&git.folder.path().join("sms"), At::WorkTree).unwrap().history().unwrap();
    assert_eq!(lives(&history, history.versions("a.md")), ["move in: from docs/a.md", "add: added"]);
    assert_eq!(history.versions.keys().collect::<Vec<_>>(), ["a.md", "attestry.yaml"]);
    assert!(history.gone.is_empty());
    assert_eq!(history.commits.len(), 3);
}

#[test]
fn mailmap_and_commits_to_ignore_come_from_the_tip() {
    let mut git = Git::new();
    git.put("a.md", TEXT);
    let first = git.commit("reformat");
    git.put(".git-blame-ignore-revs", &format!("# reformatting\n{first}\n"));
    git.put(".mailmap", "Ada Lovelace <ada@new.example> <ada@example.com>\n");
    git.commit("who is who");
    // What the work tree says does not count.
    git.put(".mailmap", "Somebody Else <ada@example.com>\n");
    let history = git.history();
    assert_eq!(history.person(&history.commits[0].author).email, "ada@new.example");
    assert_eq!(history.commits.iter().map(|commit| commit.ignored).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn the_default_branch_counts_not_where_the_work_tree_stands() {
    let mut git = Git::new();
    git.put("a.md", TEXT);
    git.commit("first");
    git.run(&["switch", "-q", "-c", "feature"]);
    git.put("a.md", "changed\n");
    git.commit("on a branch");
    assert_eq!(git.life("a.md"), ["first: added"]);
    let repository = Repository::open(git.folder.path(), At::WorkTree).unwrap();
    let history = repository.history_at("feature").unwrap();
    assert_eq!(lives(&history, history.versions("a.md")), ["on a branch: modified", "first: added"]);
    assert!(repository.history_at("nowhere").is_err());
}

#[test]
fn without_a_whole_history_it_says_why() {
    let reason = |folder: &Folder| {
        let history = Repository::open(folder.path(), At::WorkTree).unwrap().history().unwrap();
        assert!(history.versions.is_empty());
        history.not_evaluated.unwrap()
    };
    let no_git = Folder::new();
    assert!(reason(&no_git).contains("no git repository"));
    let mut git = Git::new();
    assert!(reason(&git.folder).contains("nothing is committed"));
    git.put("a.md", TEXT);
    git.commit("first");
    git.put("b.md", TEXT);
    git.commit("second");
    let clone = Folder::new();
    let from = format!("file://{}", git.folder.path().display());
    git.run(&["clone", "-q", "--depth", "1", &from, clone.path().to_str().unwrap()]);
    assert!(reason(&clone).contains("fetch-depth: 0"));
    // A commit that is lost.
    let first = git.run(&["rev-parse", "HEAD~1"]);
    fs::remove_file(git.folder.path().join(format!(".git/objects/{}/{}", &first[..2], &first[2..]))).unwrap();
    assert!(reason(&git.folder).contains("cannot be read"), "{}", reason(&git.folder));
}

#[test]
fn in_a_partial_clone_renames_with_changes_are_a_limit() {
    let mut git = Git::new();
    git.put("a.md", TEXT);
    git.commit("first");
    git.run(&["mv", "a.md", "b.md"]);
    git.put("b.md", &format!("{TEXT}six\n"));
    git.commit("move");
    git.run(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Folder::new();
    let from = format!("file://{}", git.folder.path().display());
    git.run(&["clone", "-q", "--no-checkout", "--filter=blob:none", &from, clone.path().to_str().unwrap()]);
    let history = Repository::open(clone.path(), At::WorkTree).unwrap().history().unwrap();
    assert_eq!(lives(&history, history.versions("b.md")), ["move: added"]);
    assert!(history.limits[0].contains("--filter"), "{:?}", history.limits);
}

/// Many small histories with merges of all sorts, criss-cross ones among them: each file has the
/// versions that `git log -- path` shows, also from what merges dropped of the first-parent line;
/// and every state of that line is told.
#[test]
fn the_versions_are_those_that_git_log_shows() {
    let mut taken_back = 0;
    for seed in 1..=12_u64 {
        let mut git = Git::new();
        let stream = random_history(seed);
        let mut import = git.command(&["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn().unwrap();
        import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
        assert!(import.wait().unwrap().success());
        git.run(&["reset", "-q", "--hard", "main"]);
        let history = git.history();
        assert_eq!(history.commits.len().to_string(), git.run(&["rev-list", "--count", "main"]));
        let line = history.first_parents.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert_eq!(line, git.run(&["rev-list", "--first-parent", "main"]));
        for number in 0..6 {
            let path = format!("f{number}.md");
            let versions = history.versions.get(&path).or(history.gone.get(&path)).map_or(&[][..], Vec::as_slice);
            let dropped = line::assert_told(&history, &path, versions, &mut git);
            let ours: BTreeSet<String> = versions.iter().map(|version| version.commit.to_string()).collect();
            let mut log = vec!["log", "--format=%H", "main"];
            log.extend(dropped.iter().map(String::as_str));
            let shown = git.run(&[&log[..], &["--", &path]].concat());
            let theirs: BTreeSet<String> = shown.lines().map(str::to_owned).collect();
            assert_eq!(theirs.difference(&ours).next(), None, "seed {seed}, {path}");
            for merge in ours.difference(&theirs) {
                taken_back += 1;
                assert!(dropped.contains(&format!("{merge}^1")), "seed {seed}, {path}: {merge}");
            }
        }
    }
    assert!(taken_back > 0);
}

/// A stream for `git fast-import`: three branches that change, delete and merge six files.
fn random_history(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = move |limit: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % limit
    };
    let mut stream = String::new();
    let change = |stream: &mut String, number: u64, text: u64| {
        // Nothing is alike, so that nothing passes for renamed.
        let text = if text == 0 { String::new() } else { format!("{number}-{text}\n") };
        if text.is_empty() {
            stream.push_str(&format!("D f{number}.md\n"));
        } else {
            stream.push_str(&format!("M 100644 inline f{number}.md\ndata {}\n{text}\n", text.len()));
        }
    };
    let branches = ["main", "left", "right"];
    for mark in 1..=60_u64 {
        let branch = match mark {
            1..=3 => mark - 1,
            4..=57 => below(3),
            _ => 0,
        };
        let name = branches[usize::try_from(branch).unwrap()];
        stream.push_str(&format!("commit refs/heads/{name}\nmark :{mark}\n"));
        stream.push_str(&format!("committer C <c@example.com> {} +0000\ndata 1\nm\n", 1_600_000_000 + mark * 60));
        if mark == 2 || mark == 3 {
            stream.push_str("from refs/heads/main\n");
        } else if mark > 3 && below(3) == 0 {
            let other = branches[usize::try_from((branch + 1 + below(2)) % 3).unwrap()];
            stream.push_str(&format!("merge refs/heads/{other}\n"));
            if below(6) == 0 {
                let third = branches.iter().find(|one| **one != name && **one != other).unwrap();
                stream.push_str(&format!("merge refs/heads/{third}\n"));
            }
        }
        for _ in 0..=below(3) {
            // Few different texts, so that merges often have what one of their parents has.
            change(&mut stream, below(6), below(4));
        }
    }
    stream
}

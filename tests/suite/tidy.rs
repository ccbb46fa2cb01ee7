//! Holds the repository to what ARCHITECTURE.md says of it: who may import whom, what only some
//! may name, how long a file may be.

use crate::{
    schema::assert_none,
    support::{files_below, project},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const LINES: usize = 450;

/// Rust files by path from the root of the project.
fn rust_files() -> BTreeMap<String, String> {
    let mut files = vec![project("build.rs")];
    for folder in ["src", "tests/suite", "benches"] {
        if project(folder).is_dir() {
            files.extend(files_below(&project(folder)));
        }
    }
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (relative(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(project("")).unwrap().to_str().unwrap().replace('\\', "/")
}

/// Code without its comments, so that prose may say what code may not.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| match line.find("//") {
        // A `//` after a quote may be part of a string: such a line is kept whole.
        Some(at) if !line[..at].contains('"') => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The rows of the table, in order.
fn table() -> Vec<(String, BTreeSet<String>)> {
    let text = fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    let (_, section) = text.split_once("## Who may import whom").expect("the section with the table");
    let rows = section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (quoted(cells[1]).remove(0), quoted(cells[2]).into_iter().collect())
        })
        .collect()
}

/// Every path behind `crate::`, as far as two names: `sms`, `repository::sha256`.
fn imports(code: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || character == '_' || character == '$') {
            continue;
        }
        for path in tree(&code[at + "crate::".len()..]) {
            let mut names = path.split("::");
            let module = names.next().unwrap_or_default().to_owned();
            found.insert((module, names.next().unwrap_or_default().to_owned()));
        }
    }
    found
}

/// The paths of a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn tree(text: &str) -> Vec<String> {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix('{') else {
        let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_')).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        return match rest.strip_prefix("::") {
            Some(rest) => tree(rest).into_iter().map(|path| format!("{name}::{path}")).collect(),
            None => vec![name.to_owned()],
        };
    };
    let (mut paths, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                let part = inner[start..at].trim();
                if !part.is_empty() {
                    paths.extend(tree(part));
                }
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    paths
}

fn module_of(path: &str) -> Option<&str> {
    let below = path.strip_prefix("src/")?;
    let module = below.split('/').next()?.trim_end_matches(".rs");
    (!["lib", "main"].contains(&module)).then_some(module)
}

#[test]
fn use_trees_are_read() {
    let found = |text: &str| imports(text).into_iter().map(|(a, b)| format!("{a}::{b}")).collect::<Vec<_>>();
    assert_eq!(found("use crate::{\n a::{B, c::D},\n e,\n};"), ["a::B", "a::c", "e::"]);
    assert_eq!(found("crate::a::b(1); x::crate_name; use crate::f;"), ["a::b", "f::"]);
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let table = table();
    let mut wrong = Vec::new();
    let mut above = BTreeSet::new();
    for (module, allowed) in &table {
        for name in allowed.iter().map(|name| name.split("::").next().unwrap()) {
            if !above.contains(name) {
                wrong.push(format!("ARCHITECTURE.md: `{module}` may import `{name}`, which does not stand above it"));
            }
        }
        above.insert(module.as_str());
    }
    let rows: BTreeMap<&str, &BTreeSet<String>> =
        table.iter().map(|(name, allowed)| (name.as_str(), allowed)).collect();
    for (path, text) in rust_files() {
        let Some(module) = module_of(&path) else { continue };
        let Some(allowed) = rows.get(module) else {
            wrong.push(format!("{path}: `{module}` has no row in the table of ARCHITECTURE.md"));
            continue;
        };
        for (other, item) in imports(&code(&text)) {
            let known = other == module || allowed.contains(&other) || allowed.contains(&format!("{other}::{item}"));
            if !known {
                wrong.push(format!("{path}: `{module}` may not import `{other}` (`{item}`)"));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_file_says_what_it_is_and_is_short_enough_to_read() {
    let mut wrong = Vec::new();
    let files = rust_files();
    for (path, text) in &files {
        if !text.starts_with("//! ") {
            wrong.push(format!("{path}: does not start with `//!` and what it is"));
        }
        let lines = text.lines().count();
        if lines > LINES {
            wrong.push(format!("{path}: {lines} lines, more than {LINES}"));
        }
    }
    assert_none(&wrong);
}

#[test]
fn only_those_who_may_touch_git_and_the_disk_name_them() {
    let mut wrong = Vec::new();
    for (path, text) in rust_files() {
        if !path.starts_with("src/") {
            continue;
        }
        let code = code(&text);
        if code.contains("git2") && !path.starts_with("src/repository/") {
            wrong.push(format!("{path}: names git2"));
        }
        let disk =
            code.contains("std::fs") || code.contains(" fs::") || code.contains("(fs::") || code.contains("File::open");
        if disk && !path.starts_with("src/repository/") && !path.starts_with("src/cli/") {
            wrong.push(format!("{path}: touches the disk"));
        }
        for unfinished in ["todo!(", "unimplemented!("] {
            if code.contains(unfinished) {
                wrong.push(format!("{path}: `{unfinished}…)`"));
            }
        }
    }
    assert_none(&wrong);
}

/// What git tracks; without git, everything but what is built.
fn tracked() -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(project("")).output();
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let text = String::from_utf8(output.stdout).unwrap();
            text.split('\0').filter(|path| !path.is_empty()).map(project).filter(|path| path.is_file()).collect()
        }
        _ => files_below(&project(""))
            .into_iter()
            .filter(|path| !["target/", "tests/.cache/", ".git/"].iter().any(|built| relative(path).starts_with(built)))
            .collect(),
    }
}

#[test]
fn nothing_tells_of_the_machine_it_was_made_on() {
    // Put together here, so that this file does not hold them.
    let machine = ["/wo|rk/", "/ro|ot/", "/ho|me/", "/Us|ers/", "C:\\Us|ers", "/var/fol|ders/"];
    let registries =
        ["registry.np|mjs.org", "static.crat|es.io", "index.crat|es.io", "files.pythonho|sted.org", "arti|factory"];
    let told: Vec<String> = machine.iter().chain(&registries).map(|text| text.replace('|', "")).collect();
    let mut wrong = Vec::new();
    for path in tracked() {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = told.iter().find(|told| line.contains(told.as_str())) {
                wrong.push(format!("{}:{}: `{found}`", relative(&path), number + 1));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn rules_that_ask_when_a_document_was_looked_at_read_the_history() {
    for (path, text) in rust_files().into_iter().filter(|(path, _)| path.starts_with("src/rules/")) {
        // Whether a document is to be reviewed at all does not depend on when it was.
        let is_about_subjects = path.ends_with("no_review_planned.rs");
        let asks = ["last_looked_at(", "next_review(", "sms.review("].iter().any(|call| code(&text).contains(call));
        let is_shared = path.ends_with("mod.rs") || is_about_subjects;
        assert!(!asks || is_shared || !text.contains("reads: Reads::Tree,"), "{path}: it reads the history too");
    }
}

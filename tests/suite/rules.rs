//! The page of every rule is its test: each heading below "Examples" is a small repository in
//! fences, a date, and the exact findings. `SNAPSHOTS=overwrite` writes the findings anew; a
//! heading that starts with "Accepted" has none. A fence `bytes` holds escapes such as `\xff`, a fence
//! `link` the target of a symbolic link: such examples are read from a folder on disk.
//!
//! A fence `commit` makes the files below it part of a commit: first a line with day and author
//! (`2026-01-05 ada.exampleton`, address `ada.exampleton@brightwater.example`), perhaps with
//! ` on BRANCH` or ` merging BRANCH`, then the message. A fence `gone` removes a file. Files below
//! a fence `uncommitted` are only in the work tree. Such examples are real repositories.

use crate::support::{Made, Step, overwrite, project, sms_of, sms_of_commits};
use attestry::{
    report::{Report, human},
    rules::GROUPS,
};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};
use std::{collections::BTreeSet, fs, ops::Range};

#[derive(Default)]
struct Example {
    title: String,
    as_of: String,
    files: Vec<(String, Made)>,
    commits: Vec<Step>,
    expected: Option<(String, Range<usize>)>,
    end: usize,
}

/// The headings of level two, and the examples.
fn read(docs: &str) -> (Vec<String>, Vec<Example>) {
    let (mut sections, mut examples) = (Vec::new(), Vec::<Example>::new());
    let (mut text, mut path, mut code) = (String::new(), String::new(), None::<(String, String)>);
    for (event, range) in Parser::new(docs).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph) => text.clear(),
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => sections.push(text.clone()),
            Event::End(TagEnd::Heading(HeadingLevel::H3)) if sections.last().is_some_and(|last| last == "Examples") => {
                examples.push(Example { title: text.clone(), end: range.end, ..Example::default() });
            }
            Event::End(TagEnd::Paragraph) => {
                if let (Some(rest), Some(example)) = (text.split("As of ").nth(1), examples.last_mut()) {
                    example.as_of = rest.chars().take(10).collect();
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                code = Some((language.to_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let (Some((language, content)), Some(example)) = (code.take(), examples.last_mut()) {
                    example.end = range.end;
                    if language == "findings" {
                        example.expected = Some((content, range));
                    } else if language == "commit" {
                        example.commits.push(Step::commit(&content));
                    } else if language == "uncommitted" {
                        example.commits.push(Step::default());
                    } else if let Some(step) = example.commits.last_mut() {
                        let made = (language != "gone").then(|| Made::of(&language, content));
                        step.files.push((path.clone(), made));
                    } else {
                        example.files.push((path.clone(), Made::of(&language, content)));
                    }
                }
            }
            Event::Code(name) => {
                path = name.to_string();
                text.push_str(&name);
            }
            Event::Text(words) => match &mut code {
                Some((_, content)) => content.push_str(&words),
                None => text.push_str(&words),
            },
            _ => {}
        }
    }
    (sections, examples)
}

fn found(rule: &str, example: &Example) -> String {
    let sms = if example.commits.is_empty() {
        sms_of(&example.files, &example.as_of)
    } else {
        sms_of_commits(&example.files, &example.commits, &example.as_of)
    };
    let report = Report::new(&sms, |one| one.name == rule, |_| true);
    human::render(&report, human::Style { colour: false, concise: false, width: None }).trim_end().to_owned()
}

/// Rules that find something only where commits are signed, which those of examples are not:
/// `approvals.rs` tests them.
const SIGNED: &[&str] = &["signature-does-not-hold"];

#[test]
fn examples_hold() {
    let mut wrong = Vec::new();
    let only = std::env::var("RULE").ok();
    for (group, rule) in GROUPS.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule))) {
        if only.as_ref().is_some_and(|only| only != rule.name) {
            continue;
        }
        let path = project(&format!("src/rules/{}/{}.md", group.name, rule.name.replace('-', "_")));
        let mut docs = fs::read_to_string(&path).unwrap();
        let (sections, examples) = read(&docs);
        let expected_sections = ["What it does", "Why it matters to an auditor", "How to fix", "Examples"];
        if sections != expected_sections {
            wrong.push(format!("{}: the sections are {sections:?}, not {expected_sections:?}", rule.name));
        }
        let accepted = |example: &&Example| example.title.starts_with("Accepted");
        let all_accepted = examples.iter().all(|example| accepted(&example)) && !SIGNED.contains(&rule.name);
        if !examples.iter().any(|example| accepted(&example)) || all_accepted {
            wrong.push(format!("{}: needs an example that is reported and one that is accepted", rule.name));
        }
        for example in examples.iter().rev() {
            if example.as_of.len() != 10 {
                wrong.push(format!("{}, {}: says no date (`As of 2026-01-31.`)", rule.name, example.title));
                continue;
            }
            let actual = found(rule.name, example);
            if example.title.starts_with("Accepted") {
                if !actual.is_empty() || example.expected.is_some() {
                    wrong.push(format!("{}, {}: is to have no findings, and has\n{actual}", rule.name, example.title));
                }
                continue;
            }
            if actual.is_empty() {
                wrong.push(format!("{}, {}: finds nothing", rule.name, example.title));
                continue;
            }
            let expected = example.expected.as_ref().map(|(text, _)| text.trim_end()).unwrap_or_default();
            if actual == expected {
                continue;
            }
            if overwrite() {
                let fence = format!("```findings\n{actual}\n```");
                match &example.expected {
                    Some((_, range)) => docs.replace_range(range.clone(), &fence),
                    None => docs.insert_str(example.end, &format!("\n\n{fence}")),
                }
            } else {
                wrong.push(format!("{}, {}: expected\n{expected}\n\nfound\n{actual}\n", rule.name, example.title));
            }
        }
        if overwrite() {
            fs::write(&path, docs).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_file_is_in_the_list_and_names_are_sorted_and_unique() {
    let mut names = BTreeSet::new();
    for group in GROUPS {
        let mut files = BTreeSet::new();
        for entry in fs::read_dir(project(&format!("src/rules/{}", group.name))).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name != "mod.rs" {
                files.insert(name);
            }
        }
        let listed: Vec<&str> = group.rules.iter().map(|rule| rule.name).collect();
        assert!(listed.is_sorted(), "{}: sort the list by name", group.name);
        let expected = listed
            .iter()
            .flat_map(|name| [".rs", ".md"].map(|extension| format!("{}{extension}", name.replace('-', "_"))))
            .collect();
        assert_eq!(files, expected, "{}: files and list differ", group.name);
        for rule in group.rules {
            assert!(names.insert(rule.name), "two rules are called {}", rule.name);
            let standard = attestry::standard::iso20000();
            for clause in rule.clauses {
                assert!(standard.clause(clause).is_some(), "{}: there is no clause {clause}", rule.name);
            }
            assert!(
                !rule.summary.ends_with('.') && rule.summary.starts_with(char::is_lowercase),
                "{}: a summary is a lower-case phrase",
                rule.name
            );
        }
    }
}

//! A link leads to nothing.

use super::link_source;
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::nearest,
    sms::{
        Sms,
        link::{Lead, relative},
    },
    source::Place,
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "broken-link",
    summary: "a link leads to nothing",
    checks: &["LNK-01"],
    clauses: &["7.5.3.1"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Error,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("broken_link.md"),
    check,
};

/// For so many targets a file is looked for that may be meant: each is compared with every file.
const SUGGESTED: usize = 500;

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let mut suggested = BTreeMap::<(&str, &str), Option<String>>::new();
    for (from, document, link, lead) in sms.links() {
        let target = &link.target;
        let (message, help) = match lead {
            Lead::Elsewhere | Lead::File { .. } | Lead::Folder(_) => continue,
            // Files that attestry does not look at may well be there.
            Lead::Nothing(path) if sms.configuration.ignores(path) => continue,
            Lead::Nothing(path) => (format!("`{target}` leads to nothing: there is no file `{path}`"), {
                let known = suggested.len();
                let near = suggested.entry((from, path));
                let near = near.or_insert_with(|| (known < SUGGESTED).then(|| suggestion(sms, from, path))?);
                near.clone().unwrap_or_else(|| "correct the path, or add the file".to_owned())
            }),
            Lead::Outside => (
                format!("`{target}` leads out of the SMS"),
                "keep what the document needs inside, or give its address on the web".to_owned(),
            ),
            Lead::Absolute(path) => (
                format!("`{target}` starts at the root of a server or disk, which differs for every reader"),
                if sms.files.contains_key(path) {
                    format!("write `{}`", relative(from, path))
                } else {
                    "write the path from this file".to_owned()
                },
            ),
        };
        let source = sms.source(link_source(sms, from));
        let place = Place { source: link_source(sms, from), span: link.span.clone(), pointer: "body".to_owned() };
        let finding = match document {
            Some(document) => findings.report(document, place, message, help),
            None => findings.report_at(source.path(), place, message, help),
        };
        finding.about(target.clone());
    }
}

/// The same path in another case, with slashes the other way, or the only file of that name.
fn suggestion(sms: &Sms, from: &str, path: &str) -> Option<String> {
    let wanted = path.replace('\\', "/").to_lowercase();
    let wanted = wanted.rsplit_once("../").map_or(wanted.as_str(), |(_, rest)| rest);
    let known = || sms.files.keys().map(String::as_str);
    let by_case = known().find(|known| known.to_lowercase() == wanted);
    let name = wanted.rsplit('/').next().unwrap_or_default();
    let mut of_name = known().filter(|known| known.rsplit('/').next().is_some_and(|last| last.to_lowercase() == name));
    let by_name = of_name.next().filter(|_| of_name.next().is_none());
    let near = by_case.or(by_name).or_else(|| nearest(path, known()))?;
    Some(format!("did you mean `{}`?", relative(from, near)))
}

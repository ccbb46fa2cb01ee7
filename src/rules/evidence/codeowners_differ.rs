//! Owners of documents and CODEOWNERS differ.

use crate::{
    codeowners::{Codeowners, Entry, FILES, Owner},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Party, Person, Sms, Standing},
    source::{Place, SourceId, Span},
};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    name: "codeowners-differ",
    summary: "owners of documents and CODEOWNERS differ",
    checks: &[],
    clauses: &["7.5.2", "5.3"],
    basis: Basis::Practice,
    grade: Grade::Observation,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("codeowners_differ.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    let found = FILES.iter().find_map(|path| Some((*path, sms.files.get(*path)?.source?)));
    let Some((path, source)) = found else { return };
    if sms.people.persons.is_empty() {
        return;
    }
    let codeowners = Codeowners::parse(sms.source(source).text());
    let mut without = Vec::new();
    for document in sms.documents.iter().filter(|document| document.register.is_none()) {
        if matches!(sms.standing(document), Standing::Withdrawn | Standing::Closed) {
            continue;
        }
        let Some(owner) = document.text("owner") else { continue };
        let persons = sms.people.persons_of(owner, sms.as_of);
        let named: Vec<String> = persons.iter().filter_map(|person| person.codeowner()).collect();
        if named.is_empty() {
            continue;
        }
        let entries: Vec<&Entry> = codeowners.of(sms.path(document)).collect();
        if entries.is_empty() {
            without.push(document);
            continue;
        }
        let owners: Vec<&Owner> = entries.iter().flat_map(|entry| &entry.owners).collect();
        let agreed = |owner: &&Owner| owner.is_team() || persons.iter().any(|person| person.is_codeowner(&owner.name));
        if owners.iter().any(agreed) {
            continue;
        }
        let instead =
            if owners.is_empty() { "nobody".to_owned() } else { quoted(owners.iter().map(|owner| &owner.name)) };
        let whose = quoted(named.iter());
        let message = format!("`{path}` names {instead} for this document, not its owner `{owner}` ({whose})");
        let finding = findings.report(
            document,
            document.field("owner"),
            message,
            "correct one of the two; `attestry codeowners` writes the file from the owners",
        );
        for entry in entries {
            finding.related(place(source, entry.span.clone(), ""), "the entry that counts");
        }
    }
    report_without_entry(sms, (path, source), &without, findings);
    report_unknown(sms, (path, source), &codeowners, findings);
}

fn place(source: SourceId, span: Span, pointer: &str) -> Place {
    Place { source, span, pointer: pointer.to_owned() }
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// One finding for all: whoever left them out did so once.
fn report_without_entry(sms: &Sms, file: (&str, SourceId), without: &[&Document], findings: &mut Findings<'_>) {
    let Some(first) = without.first() else { return };
    let first = sms.path(first);
    let what = match without.len() {
        1 => format!("`{}` has no entry for `{first}`, which has an owner", file.0),
        count => format!("`{}` has no entry for {count} documents that have an owner, such as `{first}`", file.0),
    };
    findings
        .report_at(file.0, place(file.1, 0..0, ""), what, "add entries; `attestry codeowners` writes the file")
        .about("without entry");
}

/// Accounts and addresses of nobody who is known.
fn report_unknown(sms: &Sms, file: (&str, SourceId), codeowners: &Codeowners, findings: &mut Findings<'_>) {
    let persons = &sms.people.persons;
    let known = |owner: &Owner| persons.iter().any(|person: &Person| person.is_codeowner(&owner.name));
    let mut unknown: BTreeMap<String, &Owner> = BTreeMap::new();
    for owner in codeowners.owners().filter(|owner| !owner.is_team() && !known(owner)) {
        unknown.entry(owner.name.to_lowercase()).or_insert(owner);
    }
    let mut left: BTreeMap<String, (&Owner, &Person)> = BTreeMap::new();
    for owner in codeowners.owners() {
        let mut whose = persons.iter().filter(|person| person.is_codeowner(&owner.name)).peekable();
        let is_there = |person: &Person| matches!(sms.people.party(&person.id, sms.as_of), Party::Present(_));
        if let Some(first) = whose.peek().copied()
            && !whose.any(is_there)
        {
            left.entry(owner.name.to_lowercase()).or_insert((owner, first));
        }
    }
    for (name, (owner, person)) in &left {
        let until = person.until.map(|day| format!(", until {day}")).unwrap_or_default();
        findings
            .report_at(
                file.0,
                place(file.1, owner.span.clone(), ""),
                format!("`{}` is `{}`, who is not there on {}{until}", owner.name, person.id, sms.as_of),
                "name who took over; the platform may still ask the account, or nobody",
            )
            .about(name.clone());
    }
    let accounts = || unknown.values().filter(|owner| owner.name.starts_with('@'));
    let no_accounts = persons.iter().all(|person| person.account.is_none());
    if no_accounts && let Some(first) = accounts().min_by_key(|owner| owner.span.start) {
        findings
            .report_at(
                file.0,
                place(file.1, first.span.clone(), ""),
                format!(
                    "no person of `people.yaml` has an `account`, so nobody can tell whose the accounts in `{}` are",
                    file.0
                ),
                "add `account` to the persons",
            )
            .about("no accounts")
            .at_most(Level::Note);
    }
    for (name, owner) in &unknown {
        if no_accounts && name.starts_with('@') {
            continue;
        }
        let what = if name.starts_with('@') { "account" } else { "address" };
        findings
            .report_at(
                file.0,
                place(file.1, owner.span.clone(), ""),
                format!("no person of `people.yaml` has the {what} `{}`", owner.name),
                if what == "account" {
                    "add it as `account` to the person whose it is, or take it out"
                } else {
                    "add it as `email` to the person whose it is, or take it out"
                },
            )
            .about(name.clone())
            .at_most(Level::Note);
    }
}

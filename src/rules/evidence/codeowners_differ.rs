//! Owners of documents and CODEOWNERS differ.

use crate::{
    codeowners::{Codeowners, Entry, File, Owner},
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Party, Person, Sms, Standing},
    source::{Place, SourceId, Span},
};
use std::collections::{BTreeMap, BTreeSet};

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
    if sms.people.persons.is_empty() {
        return;
    }
    for (file, source) in sms.codeowners() {
        let read = Codeowners::parse(&file.text);
        compare(sms, &Owners { file, source, read }, findings);
    }
}

/// A file that is compared.
struct Owners {
    file: File,
    /// Its source; none where it stands above the SMS, whose files are all that findings point into.
    source: Option<SourceId>,
    read: Codeowners,
}

impl Owners {
    /// The place of some bytes of it, or the configuration's.
    fn place(&self, sms: &Sms, span: Span) -> Place {
        self.source.map_or_else(|| sms.absence(), |source| Place { source, span, pointer: String::new() })
    }

    /// What tells findings about it from those about another file.
    fn about(&self, what: &str) -> String {
        if self.source.is_some() { what.to_owned() } else { format!("{} {what}", self.file.path).trim().to_owned() }
    }

    /// The owners that matter: all that the SMS's own file names, of one above it those of entries
    /// that count for a file of the SMS. Whom others answer to is nothing of ours.
    fn named(&self, sms: &Sms) -> Vec<&Owner> {
        if self.source.is_some() {
            return self.read.owners().collect();
        }
        let mut spans = BTreeSet::new();
        let paths: Vec<String> = sms.files.keys().map(|path| self.file.from_root(path)).collect();
        let entries = paths.iter().flat_map(|path| self.read.of(path));
        let owners = entries.filter(|entry| spans.insert(entry.span.start)).flat_map(|entry| &entry.owners);
        owners.collect()
    }

    /// How the file is written.
    fn command(&self) -> String {
        if self.source.is_some() {
            "attestry codeowners".to_owned()
        } else {
            format!("attestry codeowners --output {}", self.file.path)
        }
    }
}

fn compare(sms: &Sms, file: &Owners, findings: &mut Findings<'_>) {
    let path = &file.file.path;
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
        let from_root = file.file.from_root(sms.path(document));
        let entries: Vec<&Entry> = file.read.of(&from_root).collect();
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
        let help = format!("correct one of the two; `{}` writes the file from the owners", file.command());
        let finding = findings.report(document, document.field("owner"), message, help);
        finding.about(file.about(""));
        if file.source.is_some() {
            for entry in entries {
                finding.related(file.place(sms, entry.span.clone()), "the entry that counts");
            }
        }
    }
    report_without_entry(sms, file, &without, findings);
    report_unknown(sms, file, findings);
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// One finding for all: whoever left them out did so once.
fn report_without_entry(sms: &Sms, file: &Owners, without: &[&Document], findings: &mut Findings<'_>) {
    let Some(first) = without.first() else { return };
    let first = sms.path(first);
    let what = match without.len() {
        1 => format!("`{}` has no entry for `{first}`, which has an owner", file.file.path),
        count => {
            format!("`{}` has no entry for {count} documents that have an owner, such as `{first}`", file.file.path)
        }
    };
    let help = format!("add entries; `{}` writes the file", file.command());
    findings.report_at(&file.file.path, file.place(sms, 0..0), what, help).about("without entry");
}

/// Accounts and addresses of nobody who is known.
fn report_unknown(sms: &Sms, file: &Owners, findings: &mut Findings<'_>) {
    let (path, owners) = (&file.file.path, file.named(sms));
    // A finding that points elsewhere has to say which file it means.
    let of_which = if file.source.is_some() { String::new() } else { format!(" in `{path}`") };
    let persons = &sms.people.persons;
    let known = |owner: &Owner| persons.iter().any(|person: &Person| person.is_codeowner(&owner.name));
    let mut unknown: BTreeMap<String, &Owner> = BTreeMap::new();
    for owner in owners.iter().copied().filter(|owner| !owner.is_team() && !known(owner)) {
        unknown.entry(owner.name.to_lowercase()).or_insert(owner);
    }
    let mut left: BTreeMap<String, (&Owner, &Person)> = BTreeMap::new();
    for owner in owners.iter().copied() {
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
                path,
                file.place(sms, owner.span.clone()),
                format!("`{}`{of_which} is `{}`, who is not there on {}{until}", owner.name, person.id, sms.as_of),
                "name who took over; the platform may still ask the account, or nobody",
            )
            .about(name.clone());
    }
    let accounts = || unknown.values().filter(|owner| owner.name.starts_with('@'));
    let no_accounts = persons.iter().all(|person| person.account.is_none());
    if no_accounts && let Some(first) = accounts().min_by_key(|owner| owner.span.start) {
        findings
            .report_at(
                path,
                file.place(sms, first.span.clone()),
                format!(
                    "no person of `people.yaml` has an `account`, so nobody can tell whose the accounts in `{path}` are",
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
                path,
                file.place(sms, owner.span.clone()),
                format!("no person of `people.yaml` has the {what} `{}`{of_which}", owner.name),
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

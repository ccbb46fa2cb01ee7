//! A `CODEOWNERS` file of the owners that the documents name: the hosting platform then asks them
//! about changes.

use crate::{
    codeowners::pattern_of,
    document::Document,
    report::one_line,
    sms::{LEDGER, Person, Sms},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many files are named that have no entry.
const NAMED: usize = 20;

/// The line that begins what attestry wrote in a file about an SMS in this folder. A repository may
/// hold several, each with a block of its own.
fn begin(folder: &str) -> String {
    format!("# attestry begins{}: the owners that the documents name", inside(folder))
}

/// The line that ends it.
fn end(folder: &str) -> String {
    format!("# attestry ends{}", inside(folder))
}

fn inside(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!(" in {}", one_line(folder)) }
}

/// What judges the documents.
const JUDGES: &[&str] = &[".gitlab-ci.yml", LEDGER, "allowed_signers", "attestry.yaml", "people.yaml", "schema/"];

/// Accounts and e-mail addresses.
type Accounts = BTreeSet<String>;

/// The file and what is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// How many files with documents are meant by its entries.
    pub files: usize,
    /// Files whose owner has neither account nor e-mail address, or is nobody that day.
    pub without_account: Vec<String>,
    /// Files whose names cannot be written as a pattern.
    pub without_pattern: Vec<String>,
}

/// The file for an SMS in a folder of the git root (`folder` is empty, or ends with `/`), with the
/// owners of the SMS's day. `again` is the command that makes it.
pub fn of(sms: &Sms, folder: &str, again: &str) -> Written {
    let judges = judges(sms, folder);
    let owned = owned(sms, !judges.is_empty());
    let files: Vec<(&str, &Accounts)> = owned.iter().map(|(path, accounts)| (path.as_str(), accounts)).collect();
    let mut entries = Vec::new();
    let mut written =
        Written { text: String::new(), files: 0, without_account: Vec::new(), without_pattern: Vec::new() };
    below(folder, 0, &files, &mut entries, &mut written);
    entries.sort();
    let mut text = format!(
        "{}, as of {}. Made by attestry; to make it again:\n#   {}\n\
         # Change `owner` in the documents, holders in the register of roles, `account` in people.yaml.\n\n",
        begin(folder),
        sms.as_of,
        one_line(again)
    );
    for entry in &entries {
        text.push_str(entry);
        text.push('\n');
    }
    if !judges.is_empty() {
        text.push_str(
            "\n# What the others are judged by: asked are the owners of the policy of the management system.\n",
        );
        text.push_str(&format!("{}\n", judges.join("\n")));
    }
    let lists = [
        ("no owner is named, or the owner has neither account nor e-mail address", &written.without_account),
        ("platforms cannot read the name in a pattern", &written.without_pattern),
    ];
    for (why, files) in lists.iter().filter(|(_, files)| !files.is_empty()) {
        text.push_str(&format!("\n# Without an entry, since {why}:\n"));
        for file in files.iter().take(NAMED) {
            text.push_str(&format!("#   {}\n", one_line(file)));
        }
        if let Some(more) = files.len().checked_sub(NAMED).filter(|more| *more > 0) {
            text.push_str(&format!("#   and {more} more\n"));
        }
    }
    text.push_str(&format!("{}\n", end(folder)));
    written.text = text;
    written
}

/// A file with the block of an SMS in this folder in it: in place of the block that is there, else
/// behind everything else, since the last entry that matches counts.
pub fn within(there: &str, block: &str, folder: &str) -> String {
    let mut starts = vec![0];
    starts.extend(there.match_indices('\n').map(|(at, _)| at + 1));
    let (begins, ends) = (begin(folder), end(folder));
    let begin = starts.iter().copied().find(|at| there[*at..].starts_with(&begins));
    let end_of = |at: usize| there[at..].find('\n').map_or(there.len(), |line| at + line + 1);
    let ends = |at: &usize| there[*at..end_of(*at)].trim_end() == ends;
    let end = begin.and_then(|begin| starts.iter().copied().filter(|at| *at > begin).find(ends));
    match begin.zip(end.map(end_of)) {
        Some((begin, end)) => format!("{}{block}{}", &there[..begin], &there[end..]),
        None if there.trim().is_empty() => block.to_owned(),
        None => format!("{}\n\n{block}", there.trim_end()),
    }
}

/// Entries for what judges the documents. Who answers for the policy of the management system
/// answers for them; without such a person they have no entry.
fn judges(sms: &Sms, folder: &str) -> Vec<String> {
    let policies = sms.of_kind("sm-policy").filter(|policy| policy.register.is_none());
    let mut asked: Accounts = policies.flat_map(|policy| accounts(sms, policy)).collect();
    if asked.is_empty() {
        let top = sms.people.roles.iter().filter(|role| role.top_management);
        let holders = top.flat_map(|role| sms.people.holders(role, sms.as_of));
        asked = holders.filter_map(Person::codeowner).collect();
    }
    if asked.is_empty() {
        return Vec::new();
    }
    let is_there = |judge: &&&str| {
        sms.files.keys().any(|path| path == **judge || judge.ends_with('/') && path.starts_with(**judge))
    };
    let judges = JUDGES.iter().filter(is_there).filter_map(|judge| pattern_of(&format!("{folder}{judge}")));
    // Workflows, and this very file: read at the root of the repository only, where they are also
    // those of others if the SMS is a folder beside theirs.
    let platform = folder.is_empty().then(|| "/.github/".to_owned());
    platform.into_iter().chain(judges).map(|pattern| entry(&pattern, &asked)).collect()
}

/// The accounts of the owners of every file with a document; none where there are none.
fn owned(sms: &Sms, judges_are_asked_for: bool) -> BTreeMap<String, Accounts> {
    let mut owned: BTreeMap<String, Accounts> = BTreeMap::new();
    let is_own = |document: &&Document| !judges_are_asked_for || !sms.path(document).starts_with(LEDGER);
    for document in sms.documents.iter().filter(|document| document.register.is_none()).filter(is_own) {
        owned.entry(sms.path(document).to_owned()).or_default().extend(accounts(sms, document));
    }
    owned
}

fn accounts(sms: &Sms, document: &Document) -> Accounts {
    let persons = document.text("owner").map(|owner| sms.people.persons_of(owner, sms.as_of)).unwrap_or_default();
    persons.into_iter().filter_map(Person::codeowner).collect()
}

/// The entries for files whose paths have the first `length` bytes in common: one for the folder
/// where all have the same owners. The root is no such folder: other things lie there too.
fn below(folder: &str, length: usize, files: &[(&str, &Accounts)], entries: &mut Vec<String>, written: &mut Written) {
    let Some((first, accounts)) = files.first() else { return };
    let common = &first[..length];
    let same = !accounts.is_empty() && files.iter().all(|(_, other)| other == accounts);
    if length > 0
        && same
        && let Some(pattern) = pattern_of(&format!("{folder}{common}"))
    {
        entries.push(entry(&pattern, accounts));
        written.files += files.len();
        return;
    }
    let mut rest = files;
    while let Some((path, accounts)) = rest.first() {
        let Some(end) = path[length..].find('/').map(|at| length + at + 1) else {
            match pattern_of(&format!("{folder}{path}")) {
                _ if accounts.is_empty() => written.without_account.push((*path).to_owned()),
                None => written.without_pattern.push((*path).to_owned()),
                Some(pattern) => {
                    entries.push(entry(&pattern, accounts));
                    written.files += 1;
                }
            }
            rest = &rest[1..];
            continue;
        };
        let inside = rest.partition_point(|(other, _)| other.starts_with(&path[..end]));
        below(folder, end, &rest[..inside], entries, written);
        rest = &rest[inside..];
    }
}

fn entry(pattern: &str, accounts: &Accounts) -> String {
    let accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
    format!("{pattern} {}", accounts.join(" "))
}

//! A `CODEOWNERS` file of the owners that the documents name: the hosting platform then asks them
//! about changes.

use crate::{
    codeowners::pattern_of,
    document::Document,
    report::one_line,
    sms::{Person, Sms},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many files are named that have no entry.
const NAMED: usize = 20;

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
    let owned = owned(sms);
    let files: Vec<(&str, &Accounts)> = owned.iter().map(|(path, accounts)| (path.as_str(), accounts)).collect();
    let mut entries = Vec::new();
    let mut written =
        Written { text: String::new(), files: 0, without_account: Vec::new(), without_pattern: Vec::new() };
    below(folder, 0, &files, &mut entries, &mut written);
    entries.sort();
    let mut text = format!(
        "# The owners that the documents name, as of {}. Made by attestry; to make it again:\n#   {}\n\
         # Change `owner` in the documents, holders in the register of roles, `account` in people.yaml.\n\n",
        sms.as_of,
        one_line(again)
    );
    for entry in &entries {
        text.push_str(entry);
        text.push('\n');
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
    written.text = text;
    written
}

/// The accounts of the owners of every file with a document; none where there are none.
fn owned(sms: &Sms) -> BTreeMap<String, Accounts> {
    let mut owned: BTreeMap<String, Accounts> = BTreeMap::new();
    for document in sms.documents.iter().filter(|document| document.register.is_none()) {
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

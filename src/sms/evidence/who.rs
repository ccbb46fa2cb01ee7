//! Whom a commit means: persons by the addresses in `people.yaml`, bots and hosting platforms as
//! what they are.

use crate::{
    history::{Commit, History, Person as Signature},
    sms::{People, Person, Sms},
};

/// Whom a name and address in a commit mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// Somebody of `people.yaml`.
    Person(&'a Person),
    /// A program: one that `people.yaml` lists, or one that a platform gives an account.
    Bot,
    /// The hosting platform itself, which commits what somebody merges there.
    Platform,
    /// Nobody who is known.
    Unknown,
}

impl<'a> Who<'a> {
    /// The person, where it is one who is known.
    pub fn person(self) -> Option<&'a Person> {
        match self {
            Self::Person(person) => Some(person),
            _ => None,
        }
    }
}

/// Addresses that hosting platforms put on what is merged there.
const PLATFORMS: &[&str] = &["noreply@github.com", "noreply@gitlab.com", "noreply@codeberg.org"];

/// Addresses of programs that many use, beside the accounts `…[bot]` of a hosting platform.
const PROGRAMS: &[&str] = &[
    "github-actions@github.com",
    "action@github.com",
    "actions@github.com",
    "support@dependabot.com",
    "bot@renovateapp.com",
];

impl People {
    /// Whom a signature in a commit means; `history` has the mailmap.
    pub fn who(&self, signature: &Signature, history: &History) -> Who<'_> {
        self.who_as_written(&self.resolved(signature, history))
    }

    /// A signature under the name and address that the mailmap gives it. That says whose an address
    /// is that nobody here has; it makes no other out of somebody who is known.
    pub fn resolved(&self, signature: &Signature, history: &History) -> Signature {
        match self.who_as_written(signature) {
            Who::Unknown => history.person(signature),
            _ => signature.clone(),
        }
    }

    /// Whom a signature means as it is written.
    pub(super) fn who_as_written(&self, resolved: &Signature) -> Who<'_> {
        let email = resolved.email.to_lowercase();
        let known = self.by_email(&email).or_else(|| account_of(&email).and_then(|account| self.by_account(account)));
        if let Some(person) = known {
            return Who::Person(person);
        }
        if PLATFORMS.contains(&email.as_str()) {
            return Who::Platform;
        }
        let account = account_of(&email);
        let is_program = self.is_program(&email, account)
            || account.is_some_and(|account| account.ends_with("[bot]"))
            || PROGRAMS.contains(&email.as_str())
            || account == Some("copilot");
        if is_program { Who::Bot } else { Who::Unknown }
    }
}

/// Whether a name or address that nobody knows says that it is a program's. Anybody can say so.
pub fn calls_itself_program(signature: &Signature) -> bool {
    let local = signature.email.split('@').next().unwrap_or_default().to_lowercase();
    [local.as_str(), signature.name.as_str()].iter().any(|said| said.ends_with("[bot]") || said.ends_with("-bot"))
}

/// The account in an address that a hosting platform made: `123+name@users.noreply.github.com`.
fn account_of(email: &str) -> Option<&str> {
    let (local, host) = email.split_once('@')?;
    let local = host.starts_with("users.noreply.").then_some(local)?;
    Some(local.split_once('+').map_or(local, |(_, account)| account))
}

impl Sms {
    /// The persons who wrote a commit: its author and the co-authors.
    pub fn authors(&self, commit: &Commit) -> Vec<&Person> {
        let history = &self.evidence.history;
        let signatures = std::iter::once(&commit.author).chain(&commit.co_authors);
        let mut persons: Vec<&Person> =
            signatures.filter_map(|signature| self.people.who(signature, history).person()).collect();
        persons.sort_by(|a, b| a.id.cmp(&b.id));
        persons.dedup_by(|a, b| a.id == b.id);
        persons
    }

    /// The person whom a trailer's value names: `Name <address>`, an address, an id.
    pub fn named(&self, value: &str) -> Option<&Person> {
        let value = value.trim();
        let email = value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value, |(email, _)| email);
        let name = value.split('<').next().unwrap_or_default().trim().to_owned();
        let signature = Signature { name, email: email.trim().to_owned() };
        self.people
            .person(value)
            .or_else(|| self.people.who(&signature, &self.evidence.history).person())
            .or_else(|| self.people.by_account(value.trim_start_matches('@')))
    }
}

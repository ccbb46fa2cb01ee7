//! Whom a commit means: persons by the addresses in `people.yaml`, bots and hosting platforms as
//! what they are.

use crate::{
    history::{Commit, History, Person as Signature},
    lookup::Lookup,
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

/// Whom the names and addresses in the commits of a history mean: few for many commits.
#[derive(Default)]
pub(super) struct Writers(Lookup<Signature, Known>);

#[derive(Clone, Copy, Default)]
enum Known {
    /// The place among the persons.
    Person(usize),
    Bot,
    Platform,
    #[default]
    Unknown,
}

impl Writers {
    pub(super) fn of(people: &People, history: &History) -> Self {
        let mut known = Lookup::default();
        for commit in &history.commits {
            for signature in commit.writers().chain([&*commit.committer]) {
                if known.get(signature).is_none() {
                    *known.entry(signature.clone()) = Known::of(people, people.who(signature, history));
                }
            }
        }
        Self(known)
    }
}

impl Known {
    fn of(people: &People, who: Who<'_>) -> Self {
        let place = |person: &Person| people.persons.iter().position(|one| std::ptr::eq(one, person));
        match who {
            Who::Person(person) => place(person).map_or(Self::Unknown, Self::Person),
            Who::Bot => Self::Bot,
            Who::Platform => Self::Platform,
            Who::Unknown => Self::Unknown,
        }
    }
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
    fn who(&self, signature: &Signature, history: &History) -> Who<'_> {
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
    /// Whom a signature in a commit means.
    pub fn who(&self, signature: &Signature) -> Who<'_> {
        match self.evidence.writers.0.get(signature).copied() {
            Some(Known::Person(place)) => self.people.persons.get(place).map_or(Who::Unknown, Who::Person),
            Some(Known::Bot) => Who::Bot,
            Some(Known::Platform) => Who::Platform,
            Some(Known::Unknown) => Who::Unknown,
            None => self.people.who(signature, &self.evidence.history),
        }
    }

    /// The person who is given as the author of a commit.
    pub fn author(&self, commit: &Commit) -> Option<&Person> {
        self.who(&commit.author).person()
    }

    /// The persons who wrote a commit: its author and the co-authors.
    pub fn authors(&self, commit: &Commit) -> Vec<&Person> {
        let signatures = commit.writers();
        let mut persons: Vec<&Person> = signatures.filter_map(|signature| self.who(signature).person()).collect();
        persons.sort_by(|a, b| a.id.cmp(&b.id));
        persons.dedup_by(|a, b| a.id == b.id);
        persons
    }

    /// The person whom a trailer's value names: `Name <address>`, an address, an id.
    pub fn named(&self, value: &str) -> Option<&Person> {
        let value = value.trim();
        let email = value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value, |(email, _)| email);
        let name = value.split('<').next().unwrap_or_default().trim().to_owned();
        let signature = Signature { name: name.into(), email: email.trim().into() };
        self.people
            .person(value)
            .or_else(|| self.who(&signature).person())
            .or_else(|| self.people.by_account(value.trim_start_matches('@')))
    }
}

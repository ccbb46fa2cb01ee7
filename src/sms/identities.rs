//! What is wrong with who is who: what two persons share proves nothing about either.

use super::{Person, SIGNERS_FILE, people};
use crate::{
    document::{Defect, Problem},
    signature::{AllowedSigners, Keys},
    source::{Place, SourceId},
};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// E-mail addresses, accounts and keys of more than one person, and keys of `allowed_signers` that
/// mean more than one, or somebody else than `people.yaml` says.
pub(super) fn problems(
    persons: &[Person],
    keys: &mut Keys,
    signers: Option<(SourceId, &str)>,
    zone: &TimeZone,
) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut owners: BTreeMap<(&str, String), &Person> = BTreeMap::new();
    for person in persons {
        let emails = person.emails.iter().map(|email| ("e-mail address", email.to_lowercase()));
        let account = person.account.iter().map(|account| ("account", account.to_lowercase()));
        let known = person.keys.iter().filter_map(|(key, _)| keys.read(key).ok());
        let known = known.flat_map(|key| key.fingerprints()).map(|key| ("key", key));
        for (what, value) in emails.chain(account).chain(known) {
            let shown = if what == "key" { String::new() } else { format!(" `{value}`") };
            let owner = *owners.entry((what, value)).or_insert(person);
            if !owner.id.eq_ignore_ascii_case(&person.id) {
                found.push(problem(
                    person.place.clone(),
                    people::FILE,
                    format!(
                        "`{}` has the {what}{shown} of `{}`: nobody can tell who did something with it",
                        person.id, owner.id
                    ),
                    "give it to the person whose it is; a mailbox or a key that several use is nobody's identity",
                ));
            }
        }
    }
    let Some((source, text)) = signers else { return found };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        let (signers, _) = AllowedSigners::parse(line, zone);
        let Some(signer) = signers.signers().first() else { continue };
        let is_meant = |person: &&Person| {
            person.emails.iter().chain([&person.id]).any(|identity| signer.principals.matches(identity))
        };
        let meant: Vec<&str> = persons.iter().filter(is_meant).map(|person| person.id.as_str()).collect();
        let owner = owners.get(&("key", signer.fingerprint.clone()));
        let place = Place { source, span, pointer: String::new() };
        let another = owner.filter(|owner| meant.iter().any(|id| !id.eq_ignore_ascii_case(&owner.id)));
        let message = match (meant.as_slice(), another) {
            ([first, second, ..], _) => format!(
                "the key is that of {} persons, such as `{first}` and `{second}`: nobody can tell who signed with it",
                meant.len()
            ),
            ([one], Some(owner)) => {
                format!("the key is given to `{one}`, and in `people.yaml` it is that of `{}`", owner.id)
            }
            _ => continue,
        };
        found.push(problem(
            place,
            SIGNERS_FILE,
            message,
            "name one person by address or id; no `*` that means everybody",
        ));
    }
    found
}

fn problem(place: Place, path: &str, message: String, help: &str) -> Problem {
    let mut problem = Problem::new(Defect::InvalidConfiguration, place, path, message, help);
    problem.discriminator.clone_from(&problem.message);
    problem
}

//! A mailmap: which names and addresses in commits are the same person (gitmailmap(5)).

use super::Person;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Who is who.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailmap {
    /// By the address in the commit, and by the name there where the line has one; lower case.
    entries: BTreeMap<(String, Option<String>), Proper>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Proper {
    name: Option<SmolStr>,
    email: Option<SmolStr>,
}

impl Mailmap {
    /// Reads a mailmap. Lines that are none are passed over, as git does.
    pub fn parse(text: &str) -> Self {
        let mut entries: BTreeMap<(String, Option<String>), Proper> = BTreeMap::new();
        for line in text.lines() {
            // Only a whole line is a comment: addresses of guests have a `#`.
            let Some((first, rest)) = named(line).filter(|_| !line.starts_with('#')) else { continue };
            let (key, proper) = match named(rest) {
                None => ((first.email.to_lowercase(), None), Proper { name: filled(first.name), email: None }),
                Some((second, _)) => (
                    (second.email.to_lowercase(), filled(second.name).map(|name| name.to_lowercase())),
                    Proper { name: filled(first.name), email: filled(first.email) },
                ),
            };
            // A later line adds to an earlier one.
            let entry = entries.entry(key).or_default();
            entry.name = proper.name.or(entry.name.take());
            entry.email = proper.email.or(entry.email.take());
        }
        Self { entries }
    }

    /// A person under the name and address that the map gives them.
    pub fn resolve(&self, person: &Person) -> Person {
        let email = person.email.to_lowercase();
        let with_name = (email, Some(person.name.to_lowercase()));
        let found = self.entries.get(&with_name).or_else(|| self.entries.get(&(with_name.0.clone(), None)));
        found.map_or_else(
            || person.clone(),
            |proper| Person {
                name: proper.name.as_ref().unwrap_or(&person.name).clone(),
                email: proper.email.as_ref().unwrap_or(&person.email).clone(),
            },
        )
    }
}

/// `Name <address>` at the start of a text, and what follows.
fn named(text: &str) -> Option<(Person, &str)> {
    let (name, rest) = text.split_once('<')?;
    let (email, rest) = rest.split_once('>')?;
    Some((Person { name: name.trim().into(), email: email.trim().into() }, rest))
}

fn filled(text: SmolStr) -> Option<SmolStr> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, email: &str) -> Person {
        Person { name: name.into(), email: email.into() }
    }

    #[test]
    fn the_four_forms_of_a_line() {
        let map = Mailmap::parse(
            "# people\nAda Lovelace <ada@example.com>\n<bob@example.com> <bob@laptop>\n\
             Cyn Doe <cyn@example.com> <cyn@old>\nDan Roe <dan@example.com> Danny <shared@example.com>\nnonsense\n\
             Guy Est <guy@example.com> <guy_example.com#EXT#@tenant.example>\n",
        );
        let resolved = |name, email| map.resolve(&person(name, email));
        assert_eq!(resolved("ada", "ADA@example.com"), person("Ada Lovelace", "ADA@example.com"));
        assert_eq!(resolved("g", "guy_example.com#EXT#@tenant.example"), person("Guy Est", "guy@example.com"));
        assert_eq!(resolved("Bob", "bob@laptop"), person("Bob", "bob@example.com"));
        assert_eq!(resolved("c", "cyn@old"), person("Cyn Doe", "cyn@example.com"));
        assert_eq!(resolved("danny", "shared@example.com"), person("Dan Roe", "dan@example.com"));
        assert_eq!(resolved("Eve", "shared@example.com"), person("Eve", "shared@example.com"));
    }
}

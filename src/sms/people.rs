//! Persons and roles. They share one name space: an owner is a person, or a role that somebody
//! holds on the day in question.

use crate::{
    calendar::{Date, parse_day},
    document::Document,
    signature::{AllowedSigners, Keys, Unusable, Validity},
    source::{Place, SourceId},
    yaml::Node,
};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The name of the file at the SMS root.
pub const FILE: &str = "people.yaml";

/// Everyone who is known.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Persons in the order of `people.yaml`.
    pub persons: Vec<Person>,
    /// Programs that commit: they are no persons, and own and approve nothing.
    pub programs: Vec<Person>,
    /// Roles in the order of the registers.
    pub roles: Vec<Role>,
    by_id: BTreeMap<String, usize>,
    roles_by_id: BTreeMap<String, usize>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// E-mail addresses as they stand in commits.
    pub emails: Vec<String>,
    /// Public keys of SSH and `OpenPGP`, each with the place where it stands.
    pub keys: Vec<(String, Place)>,
    /// The account on the hosting platform.
    pub account: Option<String>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Where the id stands.
    pub place: Place,
}

/// A role and who holds it when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Position of its document.
    pub document: usize,
    /// Who holds it.
    pub holders: Vec<Holder>,
    /// Whether it is top management.
    pub top_management: bool,
}

/// A person in a role for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person's id.
    pub person: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Whether only in the holder's absence.
    pub deputy: bool,
}

/// What an id of a person or role means on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party<'a> {
    /// A person who is there on that day.
    Present(&'a Person),
    /// A person who is not there yet.
    Future(&'a Person),
    /// A person who has left.
    Left(&'a Person),
    /// A role with at least one holder who is there.
    Held(&'a Role, Vec<&'a Person>),
    /// A role that nobody holds on that day.
    Vacant(&'a Role),
    /// Nobody knows the id.
    Unknown,
}

fn within(from: Option<Date>, until: Option<Date>, day: Date) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

impl Person {
    /// Whom a `CODEOWNERS` file names for the person: the account, else an e-mail address.
    pub fn codeowner(&self) -> Option<String> {
        let account = self.account.as_deref().map(|account| account.trim().trim_start_matches('@'));
        match account.filter(|account| !account.is_empty() && !account.contains(char::is_whitespace)) {
            Some(account) => Some(format!("@{account}")),
            None => {
                self.emails.iter().find(|email| email.contains('@') && !email.contains(char::is_whitespace)).cloned()
            }
        }
    }

    /// Whether an owner in a `CODEOWNERS` file is this person.
    pub fn is_codeowner(&self, name: &str) -> bool {
        let account = self.account.as_deref().map(|account| account.trim().trim_start_matches('@'));
        name.strip_prefix('@').map_or_else(
            || self.emails.iter().any(|email| email.eq_ignore_ascii_case(name)),
            |name| account.is_some_and(|account| account.eq_ignore_ascii_case(name)),
        )
    }
}

impl People {
    /// Reads `people.yaml`; what it breaks of its schema is found elsewhere.
    pub fn read(node: &Node, source: SourceId) -> Self {
        let mut people = Self::default();
        for person in node.get("people").map(Node::items).unwrap_or_default() {
            let text = |key: &str| person.get(key).and_then(Node::text);
            let Some(id) = text("id") else { continue };
            let emails = person.get("email").map_or_else(Vec::new, |node| {
                node.text().map_or_else(|| node.items().iter().filter_map(Node::text).collect(), |one| vec![one])
            });
            let keys = person.get("keys").map(Node::items).unwrap_or_default().iter().enumerate();
            let keys = keys.filter_map(|(index, key)| {
                let place = Place { source, span: key.span.clone(), pointer: format!("/keys/{index}") };
                Some((key.text()?.to_owned(), place))
            });
            let span = person.get("id").map_or(person.span.clone(), |id| id.span.clone());
            let one = Person {
                id: id.to_owned(),
                name: text("name").unwrap_or(id).to_owned(),
                emails: emails.into_iter().map(str::to_lowercase).collect(),
                keys: keys.collect(),
                account: text("account").map(str::to_owned),
                from: text("from").and_then(parse_day),
                until: text("until").and_then(parse_day),
                place: Place { source, span, pointer: "/id".to_owned() },
            };
            if text("program") == Some("true") {
                people.programs.push(one);
                continue;
            }
            people.by_id.entry(id.to_lowercase()).or_insert(people.persons.len());
            people.persons.push(one);
        }
        people
    }

    /// The persons of `base` as that knows them, at their places here, and those whom only this
    /// list knows.
    pub(super) fn judged_by(self, base: Self) -> Self {
        let mut people = base;
        for person in &mut people.persons {
            let here = self.person(&person.id).map(|here| here.place.clone());
            person.place = here.unwrap_or_else(|| Place { span: 0..0, ..person.place.clone() });
        }
        for person in self.persons {
            if people.person(&person.id).is_none() {
                people.by_id.insert(person.id.to_lowercase(), people.persons.len());
                people.persons.push(person);
            }
        }
        let new = self.programs.into_iter().filter(|one| people.programs.iter().all(|known| known.id != one.id));
        let new: Vec<Person> = new.collect();
        people.programs.extend(new);
        people
    }

    /// Adds the roles that documents of kind `role-assignment` describe.
    pub(super) fn add_roles(&mut self, documents: &[Document]) {
        for (position, document) in
            documents.iter().enumerate().filter(|(_, document)| document.kind == "role-assignment")
        {
            let holders =
                document.fields.get("holders").and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(
                    |holder| {
                        let day = |key: &str| holder[key].as_str().and_then(parse_day);
                        Some(Holder {
                            person: holder["person"].as_str()?.to_owned(),
                            from: day("from"),
                            until: day("until"),
                            deputy: holder["deputy"].as_bool().unwrap_or(false),
                        })
                    },
                );
            let role = Role {
                id: document.id.clone(),
                title: document.title().to_owned(),
                document: position,
                holders: holders.collect(),
                top_management: document.is("top_management"),
            };
            self.roles_by_id.entry(role.id.to_lowercase()).or_insert(self.roles.len());
            self.roles.push(role);
        }
    }

    /// The person of an id.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.by_id.get(&id.to_lowercase()).map(|index| &self.persons[*index])
    }

    /// The role of an id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles_by_id.get(&id.to_lowercase()).map(|index| &self.roles[*index])
    }

    /// The person of an e-mail address.
    pub fn by_email(&self, email: &str) -> Option<&Person> {
        let email = email.to_lowercase();
        self.persons.iter().find(|person| person.emails.contains(&email))
    }

    /// Whether a program has this e-mail address, or the account that is in it.
    pub fn is_program(&self, email: &str, account: Option<&str>) -> bool {
        self.programs.iter().any(|one| {
            let own = one.account.as_deref();
            one.emails.iter().any(|own| own.eq_ignore_ascii_case(email))
                || own.zip(account).is_some_and(|(own, account)| own.eq_ignore_ascii_case(account))
        })
    }

    /// The person of an account on the hosting platform.
    pub fn by_account(&self, account: &str) -> Option<&Person> {
        let is = |person: &&Person| person.account.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(account));
        self.persons.iter().find(is)
    }

    /// What an id means on a day.
    pub fn party(&self, id: &str, day: Date) -> Party<'_> {
        if let Some(person) = self.person(id) {
            return match () {
                () if within(person.from, person.until, day) => Party::Present(person),
                () if person.from.is_some_and(|from| day < from) => Party::Future(person),
                () => Party::Left(person),
            };
        }
        let Some(role) = self.role(id) else { return Party::Unknown };
        let holders = self.holders(role, day);
        if holders.is_empty() { Party::Vacant(role) } else { Party::Held(role, holders) }
    }

    /// Who holds a role on a day and is there, deputies last.
    pub fn holders(&self, role: &Role, day: Date) -> Vec<&Person> {
        let mut holders: Vec<&Holder> =
            role.holders.iter().filter(|holder| within(holder.from, holder.until, day)).collect();
        holders.sort_by_key(|holder| holder.deputy);
        holders
            .into_iter()
            .filter_map(|holder| self.person(&holder.person))
            .filter(|person| within(person.from, person.until, day))
            .collect()
    }

    /// The persons that an id stands for on a day: the person, or the holders of the role.
    pub fn persons_of(&self, id: &str, day: Date) -> Vec<&Person> {
        match self.party(id, day) {
            Party::Present(person) => vec![person],
            Party::Held(_, persons) => persons,
            _ => Vec::new(),
        }
    }

    /// The roles that a person holds on a day.
    pub fn roles_of<'a>(&'a self, person: &'a str, day: Date) -> impl Iterator<Item = &'a Role> {
        self.roles.iter().filter(move |role| {
            role.holders
                .iter()
                .any(|holder| holder.person.eq_ignore_ascii_case(person) && within(holder.from, holder.until, day))
        })
    }

    /// Whether the id stands for top management on a day: a role of top management, or a person
    /// who holds one.
    pub fn is_top_management(&self, id: &str, day: Date) -> bool {
        self.role(id).map_or_else(|| self.roles_of(id, day).any(|role| role.top_management), |role| role.top_management)
    }

    /// Adds the keys of all persons to the signers, from the first day of each until the last, in
    /// this zone. Gives the keys that cannot be used: where they stand, and what is wrong.
    pub fn add_signers(
        &self,
        signers: &mut AllowedSigners,
        keys: &mut Keys,
        zone: &TimeZone,
    ) -> Vec<(&Place, Unusable)> {
        let mut wrong = Vec::new();
        for person in &self.persons {
            let validity = Validity::of_days(person.from, person.until, zone);
            for (key, place) in &person.keys {
                let principals = person.emails.iter().map(String::as_str).chain([person.id.as_str()]);
                match keys.read(key) {
                    Ok(key) => signers.add(principals, key, validity),
                    Err(why) => wrong.push((place, why)),
                }
            }
        }
        wrong
    }

    /// Names of known persons and roles, to suggest from.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.persons.iter().map(|person| person.id.as_str()).chain(self.roles.iter().map(|role| role.id.as_str()))
    }
}

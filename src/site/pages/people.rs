//! Who there is on the day of judgement: persons with the roles they hold and what they own, and
//! roles with who holds them.

use crate::{
    site::{
        Site,
        paths::anchor_of,
        view::{Folded, Link, Page},
    },
    sms::{Party, Person},
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct PeoplePage {
    withheld: bool,
    present: Vec<PersonView>,
    others: Vec<PersonView>,
    roles: Vec<RoleView>,
    roles_withheld: usize,
    documents_withheld: usize,
}

#[derive(Serialize)]
struct PersonView {
    anchor: String,
    name: String,
    id: String,
    from: Option<String>,
    until: Option<String>,
    state: &'static str,
    roles: Vec<Link>,
    owns: Folded<Link>,
    owned: usize,
}

#[derive(Serialize)]
struct RoleView {
    link: Link,
    holders: Vec<Link>,
    owns: usize,
}

pub(super) fn page(site: &Site<'_>) -> Page {
    let sms = site.sms;
    let withheld = site.withheld.unclassified();
    let owned = owned(site);
    let persons: Vec<(bool, PersonView)> = sms
        .people
        .persons
        .iter()
        .filter(|_| !withheld)
        .map(|person| {
            let (state, here) = match sms.people.party(&person.id, sms.as_of) {
                Party::Future(_) => ("not there yet", false),
                Party::Left(_) => ("has left", false),
                _ => ("there", true),
            };
            (here, view(site, person, state, &owned))
        })
        .collect();
    let (present, others): (Vec<_>, Vec<_>) = persons.into_iter().partition(|(here, _)| *here);
    let hidden = |role: &&crate::sms::Role| site.withheld.document(role.document).is_some();
    let roles = sms.people.roles.iter().filter(|role| !hidden(role)).map(|role| RoleView {
        link: site.link(role.document, ""),
        holders: sms.people.holders(role, sms.as_of).iter().map(|person| site.party(&person.id, "")).collect(),
        owns: owned.get(&role.id.to_lowercase()).map_or(0, Vec::len),
    });
    let view = PeoplePage {
        withheld,
        present: present.into_iter().map(|(_, person)| person).collect(),
        others: others.into_iter().map(|(_, person)| person).collect(),
        roles: roles.collect(),
        roles_withheld: sms.people.roles.iter().filter(hidden).count(),
        documents_withheld: site.withheld.counts().iter().map(|(_, count)| count).sum(),
    };
    Page::new("people.html", "people.html", "People and roles", &view)
}

/// Positions of the controlled documents that are shown, by their owner's id in lower case.
fn owned(site: &Site<'_>) -> BTreeMap<String, Vec<usize>> {
    let mut owned: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, document) in site.sms.documents.iter().enumerate() {
        if site.withheld.document(position).is_none()
            && site.sms.is_controlled(document)
            && let Some(owner) = document.text("owner")
        {
            owned.entry(owner.to_lowercase()).or_default().push(position);
        }
    }
    owned
}

fn view(site: &Site<'_>, person: &Person, state: &'static str, owned: &BTreeMap<String, Vec<usize>>) -> PersonView {
    let roles: Vec<_> = site
        .sms
        .people
        .roles_of(&person.id, site.sms.as_of)
        .filter(|role| state == "there" && site.withheld.document(role.document).is_none())
        .collect();
    let ids = std::iter::once(&person.id).chain(roles.iter().map(|role| &role.id));
    let owns: Vec<Link> =
        ids.filter_map(|id| owned.get(&id.to_lowercase())).flatten().map(|position| site.link(*position, "")).collect();
    PersonView {
        anchor: anchor_of("person", &person.id),
        name: person.name.clone(),
        id: person.id.clone(),
        from: person.from.map(|day| day.to_string()),
        until: person.until.map(|day| day.to_string()),
        state,
        roles: roles.iter().map(|role| site.link(role.document, "")).collect(),
        owned: owns.len(),
        owns: Folded::new(owns, 6),
    }
}

//! The register of documents in four orders, and the records.

use crate::{
    document::Document,
    site::{
        Site,
        view::{Folded, Link, Page},
    },
    sms::review::Review,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows of records of one kind that are shown at once.
const AT_ONCE: usize = 25;

/// A document in a list.
#[derive(Clone, Serialize)]
pub(super) struct Row {
    link: Link,
    kind: String,
    version: Option<String>,
    standing: &'static str,
    owner: Option<Link>,
    approver: Option<Link>,
    approved_on: Option<String>,
    next_review: Option<String>,
    /// In words, where it is late or unknown.
    review: Option<&'static str>,
    findings: usize,
    dated: Option<String>,
    register: Option<Link>,
    #[serde(skip)]
    owner_key: String,
}

#[derive(Serialize)]
struct List {
    order: &'static str,
    orders: Vec<Order>,
    groups: Vec<Group>,
    count: usize,
    withheld: Folded<Link>,
    withheld_count: usize,
    gone: Vec<super::life::Gone>,
}

#[derive(Serialize)]
struct Order {
    text: &'static str,
    href: &'static str,
    current: bool,
}

#[derive(Serialize)]
struct Group {
    title: String,
    anchor: String,
    count: usize,
    rows: Folded<Row>,
}

const ORDERS: &[(&str, &str)] = &[
    ("documents.html", "kind"),
    ("documents-by-id.html", "id"),
    ("documents-by-owner.html", "owner"),
    ("documents-by-review.html", "next review"),
];

/// The document at a position as a row, for a page whose root is `root`.
pub(super) fn row(site: &Site<'_>, position: usize, root: &str) -> Row {
    let sms = site.sms;
    let document = &sms.documents[position];
    let link = site.link(position, root);
    if link.withheld.is_some() {
        return Row {
            link,
            kind: String::new(),
            version: None,
            standing: "",
            owner: None,
            approver: None,
            approved_on: None,
            next_review: None,
            review: None,
            findings: 0,
            dated: None,
            register: None,
            owner_key: String::new(),
        };
    }
    let party = |field: &str| document.text(field).map(|id| site.party(id, root));
    let review = sms.review(document);
    Row {
        kind: site.kind_title(document),
        version: document.text("version").map(str::to_owned),
        standing: sms.standing(document).in_words(),
        owner: party("owner"),
        approver: party("approved_by"),
        approved_on: document.day("approved_on").map(|day| day.to_string()),
        next_review: review.due().map(|day| day.to_string()),
        review: match review {
            Review::Overdue(_) => Some("overdue"),
            Review::DueSoon(_) => Some("due soon"),
            Review::Never => Some("never reviewed"),
            Review::InFuture(_) => Some("reviewed in the future"),
            Review::NotSubject | Review::Due(_) => None,
        },
        findings: site.findings_about(position).len(),
        dated: sms.dated(document).map(|day| day.to_string()),
        register: document.register.map(|register| site.link(register, root)),
        owner_key: document.text("owner").unwrap_or_default().to_lowercase(),
        link,
    }
}

pub(super) fn pages(site: &Site<'_>) -> Vec<Page> {
    let controlled = positions(site, |document| site.sms.is_controlled(document));
    let records = positions(site, |document| !site.sms.is_controlled(document));
    let rows: Vec<Row> = controlled.iter().map(|position| row(site, *position, "")).collect();
    let withheld: Vec<Link> = (0..site.sms.documents.len())
        .filter(|position| site.withheld.document(*position).is_some())
        .map(|position| site.link(position, ""))
        .collect();
    let mut pages: Vec<Page> = ORDERS
        .iter()
        .map(|(path, order)| {
            let list = List {
                order,
                orders: orders(path),
                groups: groups(order, rows.clone()),
                count: rows.len(),
                withheld: Folded::new(withheld.clone(), AT_ONCE),
                withheld_count: withheld.len(),
                gone: if *order == "kind" { super::life::gone(site) } else { Vec::new() },
            };
            Page::new(*path, "documents.html", &format!("Documents by {order}"), &list)
        })
        .collect();
    let rows: Vec<Row> = records.iter().map(|position| row(site, *position, "")).collect();
    let list = List {
        order: "kind",
        orders: Vec::new(),
        count: rows.len(),
        groups: by_kind(rows, AT_ONCE),
        withheld_count: withheld.len(),
        withheld: Folded::new(Vec::new(), 0),
        gone: Vec::new(),
    };
    pages.push(Page::new("records.html", "records.html", "Records and entries of registers", &list));
    pages
}

fn positions(site: &Site<'_>, chosen: impl Fn(&Document) -> bool) -> Vec<usize> {
    let all = 0..site.sms.documents.len();
    all.filter(|position| site.withheld.document(*position).is_none() && chosen(&site.sms.documents[*position]))
        .collect()
}

fn orders(path: &str) -> Vec<Order> {
    ORDERS.iter().map(|(href, text)| Order { text, href, current: *href == path }).collect()
}

fn groups(order: &str, mut rows: Vec<Row>) -> Vec<Group> {
    let one = |rows: Vec<Row>| {
        let count = rows.len();
        let group = Group {
            title: "All documents".to_owned(),
            anchor: "group-1".to_owned(),
            count,
            rows: Folded::new(rows, usize::MAX - 9),
        };
        vec![group]
    };
    rows.sort_by_key(|row| row.link.text.to_lowercase());
    match order {
        "id" => one(rows),
        "owner" => {
            rows.sort_by(|a, b| a.owner_key.cmp(&b.owner_key));
            one(rows)
        }
        "next review" => {
            // What is never reviewed comes after what is overdue and before what is not due.
            rows.sort_by(|a, b| {
                a.next_review.is_none().cmp(&b.next_review.is_none()).then(a.next_review.cmp(&b.next_review))
            });
            one(rows)
        }
        _ => by_kind(rows, usize::MAX - 9),
    }
}

fn by_kind(rows: Vec<Row>, at_once: usize) -> Vec<Group> {
    let mut kinds: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows {
        kinds.entry(row.kind.clone()).or_default().push(row);
    }
    kinds
        .into_iter()
        .enumerate()
        .map(|(index, (title, mut rows))| {
            rows.sort_by_key(|row| row.link.text.to_lowercase());
            let count = rows.len();
            Group { title, anchor: format!("group-{}", index + 1), count, rows: Folded::new(rows, at_once) }
        })
        .collect()
}

//! What changed documents touch: services, agreements and customers that they are, name, or are
//! named by, and the clauses that they bear on.

use crate::sms::{Sms, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Something that a change touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whether it is changed itself.
    pub changed: bool,
    /// The ids through which it is touched.
    pub through: Vec<String>,
}

/// Ids of a kind with those through which each is touched; the first of a pair as written.
type Ways = BTreeMap<String, (String, String, BTreeSet<String>)>;

/// Adds what of a kind the documents of these ids refer to, or is referred from.
fn neighbours(sms: &Sms, ids: &BTreeSet<String>, kind: &str, ways: &mut Ways) {
    for reference in sms.references().filter(|reference| reference.pointer().is_some()) {
        let Target::Document(target) = reference.target else { continue };
        let (from, to) = (&sms.documents[reference.from], &sms.documents[target]);
        for (one, other) in [(from, to), (to, from)] {
            if other.kind != kind || one.id == other.id || !ids.contains(&one.id.to_lowercase()) {
                continue;
            }
            let entry = ways.entry(other.id.to_lowercase());
            let way = entry.or_insert_with(|| (other.id.clone(), other.title().to_owned(), BTreeSet::new()));
            way.2.insert(one.id.clone());
        }
    }
}

fn touched(base: &Sms, now: &Sms, ids: &BTreeSet<String>, kind: &str) -> Ways {
    let mut ways = Ways::new();
    neighbours(now, ids, kind, &mut ways);
    neighbours(base, ids, kind, &mut ways);
    ways
}

/// What of a kind is changed, or one reference away from a changed document.
pub(super) fn of_kind(base: &Sms, now: &Sms, changed: &BTreeSet<String>, kind: &str) -> Vec<Touched> {
    let mut ways = touched(base, now, changed, kind);
    for sms in [now, base] {
        for document in sms.of_kind(kind).filter(|document| changed.contains(&document.id.to_lowercase())) {
            let entry = ways.entry(document.id.to_lowercase());
            entry.or_insert_with(|| (document.id.clone(), document.title().to_owned(), BTreeSet::new()));
        }
    }
    let one = |(key, (id, title, through)): (String, (String, String, BTreeSet<String>))| Touched {
        changed: changed.contains(&key),
        id,
        title,
        through: through.into_iter().collect(),
    };
    ways.into_iter().map(one).collect()
}

/// What is touched, and what more is through those that are changed or touched directly: the
/// agreements and customers of a service.
pub(super) fn and_through(base: &Sms, now: &Sms, known: Vec<Touched>, over: &[Touched], kind: &str) -> Vec<Touched> {
    let ids = over.iter().filter(|one| one.changed || kind == "customer").map(|one| one.id.to_lowercase()).collect();
    let mut all: BTreeMap<String, Touched> = known.into_iter().map(|one| (one.id.to_lowercase(), one)).collect();
    for (key, (id, title, through)) in touched(base, now, &ids, kind) {
        let touched = all.entry(key).or_insert(Touched { id, title, changed: false, through: Vec::new() });
        touched.through.extend(through);
        touched.through.sort();
        touched.through.dedup();
    }
    all.into_values().collect()
}

/// The clauses that changed documents bear on, by their own fields and by their kinds.
pub(super) fn clauses(base: &Sms, now: &Sms, changed: &BTreeSet<String>) -> Vec<String> {
    let mut numbers = BTreeSet::new();
    for sms in [base, now] {
        for document in sms.documents.iter().filter(|document| changed.contains(&document.id.to_lowercase())) {
            numbers.extend(document.list("clauses").into_iter().map(str::to_owned));
            if let Some(kind) = sms.kind(document) {
                numbers.extend(kind.compiled().notes.clauses.iter().cloned());
            }
        }
    }
    let known = now.standard.clauses.iter().map(|clause| &clause.number).filter(|number| numbers.contains(*number));
    known.cloned().collect()
}

//! The review calendar: what is overdue first, then month by month.

use crate::{
    site::{
        Site,
        view::{Link, Page},
    },
    sms::review::Review,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A review that is due.
#[derive(Clone, Serialize)]
pub(super) struct Due {
    day: String,
    /// Days since it was due, where it is overdue.
    late: Option<i32>,
    soon: bool,
    document: Link,
    owner: Option<Link>,
    cycle: String,
}

/// The reviews of one month.
#[derive(Serialize)]
pub(super) struct Month {
    title: String,
    anchor: String,
    pub due: Vec<Due>,
}

/// The whole calendar.
#[derive(Default, Serialize)]
pub(super) struct Calendar {
    pub overdue: Vec<Due>,
    pub soon: usize,
    pub months: Vec<Month>,
    pub never: Vec<Link>,
    in_future: Vec<Link>,
    withheld: usize,
}

pub(super) fn page(site: &Site<'_>) -> Page {
    Page::new("reviews.html", "reviews.html", "Reviews", &due(site, ""))
}

/// The reviews of documents that are not withheld.
pub(super) fn due(site: &Site<'_>, root: &str) -> Calendar {
    let mut calendar =
        Calendar { withheld: site.withheld.counts().iter().map(|(_, count)| count).sum(), ..Calendar::default() };
    let mut months: BTreeMap<(i16, i8), Vec<Due>> = BTreeMap::new();
    for (position, document) in site.sms.documents.iter().enumerate() {
        if site.withheld.document(position).is_some() {
            continue;
        }
        let review = site.sms.review(document);
        let link = site.link(position, root);
        let Some(day) = review.due() else {
            match review {
                Review::Never => calendar.never.push(link),
                Review::InFuture(_) => calendar.in_future.push(link),
                _ => {}
            }
            continue;
        };
        let late = matches!(review, Review::Overdue(_)).then(|| crate::calendar::days_between(day, site.sms.as_of));
        let due = Due {
            day: day.to_string(),
            late,
            soon: matches!(review, Review::DueSoon(_)),
            document: link,
            owner: document.text("owner").map(|id| site.party(id, root)),
            cycle: site.sms.review_cycle(document).to_string(),
        };
        if late.is_some() {
            calendar.overdue.push(due);
        } else {
            calendar.soon += usize::from(due.soon);
            months.entry((day.year(), day.month())).or_default().push(due);
        }
    }
    calendar.overdue.sort_by(|a, b| (&a.day, &a.document.text).cmp(&(&b.day, &b.document.text)));
    calendar.months = months.into_iter().map(month).collect();
    calendar
}

fn month(((year, month), mut due): ((i16, i8), Vec<Due>)) -> Month {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    due.sort_by(|a, b| (&a.day, &a.document.text).cmp(&(&b.day, &b.document.text)));
    let name = usize::try_from(month).ok().and_then(|month| NAMES.get(month.wrapping_sub(1))).copied().unwrap_or("");
    Month { title: format!("{name} {year}"), anchor: format!("month-{year}-{month:02}"), due }
}

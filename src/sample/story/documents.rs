//! How documents and records came to be: drafts, reviews, approvals and revisions, what was written and
//! completed later.

use super::{START, Teller, after, area};
use crate::{
    calendar::days_between,
    document::Document,
    sample::{
        DAY,
        earlier::{self, Edits, Version},
    },
};
use jiff::ToSpan;

impl Teller<'_> {
    /// A document with versions: a draft, its review, its approval; later versions on branches
    /// that the approver merges; a review that changed nothing.
    pub(super) fn controlled(&mut self, path: &str, document: &Document) {
        let text = self.text(document);
        let node = document.node();
        let approved = document.day("approved_on").unwrap_or(DAY);
        let mut versions = earlier::versions(node);
        if versions.last().is_none_or(|last| last.day != approved) {
            versions.push(Version {
                number: document.text("version").unwrap_or("1.0").to_owned(),
                day: approved,
                author: None,
                approver: None,
                summary: format!("Version {}", document.text("version").unwrap_or("1.0")),
            });
        }
        let count = versions.len();
        for (index, version) in versions.iter().enumerate() {
            let is_last = index + 1 == count;
            let content = |status: Option<&str>| {
                let mut edits = Edits::default();
                if !is_last {
                    earlier::at_version(text, node, version, &mut edits);
                } else if let Some(kind) = self.sms.kind(document) {
                    earlier::as_approved(text, node, &kind.compiled().shape, version.day, &mut edits);
                }
                if let Some(status) = status {
                    earlier::unapproved(text, node, status, &mut edits);
                }
                drop_sections(text, document, count - 1 - index, &mut edits);
                edits.apply(text).into_bytes()
            };
            let author =
                version.author.clone().or_else(|| document.list("author").first().map(|author| (*author).to_owned()));
            let author = author.unwrap_or_else(|| "bo.samplesen".to_owned());
            let approver = version
                .approver
                .clone()
                .or_else(|| document.text("approved_by").map(str::to_owned))
                .unwrap_or_else(|| author.clone());
            let name = &document.id;
            let change = |content: Vec<u8>| vec![(path.to_owned(), Some(content))];
            let ago = |days: i32| version.day.checked_sub(days.days()).unwrap_or(START).max(START);
            let area = area(path);
            if index == 0 {
                self.step(
                    ago(18),
                    10,
                    &author,
                    format!("{area}: draft {name} {}", document.title()),
                    change(content(Some("draft"))),
                );
                self.step(
                    ago(6),
                    14,
                    &author,
                    format!("{area}: {name} ready for review"),
                    change(content(Some("in-review"))),
                );
                let message = format!(
                    "{area}: approve {name} {}\n\n{}\n\nApproved-by: {approver}",
                    version.number, version.summary
                );
                self.step(version.day, 11, &approver, message, change(content(None)));
            } else {
                let branch = format!("revise-{}-{}", document.id.to_lowercase(), version.number);
                let message = format!("{area}: revise {name}\n\n{}", version.summary);
                self.step_on(&branch, None, ago(9), 13, &author, message, change(content(Some("in-review"))));
                let message = format!(
                    "{area}: approve {name} {}\n\n{}\n\nApproved-by: {approver}",
                    version.number, version.summary
                );
                self.step_on("main", Some(branch), version.day, 11, &approver, message, change(content(None)));
            }
        }
        if let Some(day) = document.day("last_reviewed").filter(|day| *day > approved) {
            // Whoever looked commits it.
            let recorded = document.items("reviews").filter_map(|(_, review)| review["by"].as_str()).last();
            let reviewer = recorded.or(document.text("owner")).unwrap_or("bo.samplesen").to_owned();
            self.step(
                day,
                15,
                &reviewer,
                format!("{}: {} reviewed, no change", area(path), document.id),
                self.last(path),
            );
        } else if document.node().get("change_log").is_some() {
            // What the last version's text says is the file itself.
            let approver = document.text("approved_by").unwrap_or("bo.samplesen").to_owned();
            self.step(approved, 16, &approver, format!("{}: {} filed", area(path), document.id), self.last(path));
        }
    }

    /// A record: written when it happened, completed when it was closed.
    pub(super) fn record(&mut self, path: &str, record: &Document) {
        let text = self.text(record);
        let days = earlier::known_on(text, record.node());
        let dated = self.sms.dated(record).unwrap_or(DAY).max(START);
        let last = days.iter().copied().filter(|day| *day <= DAY).max().unwrap_or(dated).max(dated);
        let author = ["created_by", "author", "owner"]
            .into_iter()
            .find_map(|field| record.list(field).first().map(|author| (*author).to_owned()));
        let author = author.unwrap_or_else(|| "bo.samplesen".to_owned());
        if days_between(dated, last) > 10 {
            let notes = self.sms.kind(record).map(|kind| kind.compiled().notes.clone()).unwrap_or_default();
            let state = notes.states.first().map(|first| (notes.state_field.as_str(), first.as_str()));
            let mut edits = Edits::default();
            earlier::before(text, record.node(), dated, state, &mut edits);
            let change = vec![(path.to_owned(), Some(edits.apply(text).into_bytes()))];
            self.step(after(dated, 1), 9, &author, format!("records: {} {}", record.id, record.title()), change);
            self.step(after(last, 1), 14, &author, format!("records: {} completed", record.id), self.last(path));
        } else {
            self.step(
                after(last, 1),
                10,
                &author,
                format!("records: {} {}", record.id, record.title()),
                self.last(path),
            );
        }
    }
}

/// An earlier version had fewer sections: the last ones are left out, never more than half.
fn drop_sections(text: &str, document: &Document, count: usize, edits: &mut Edits) {
    let Some(body) = &document.body else { return };
    let sections: Vec<usize> =
        body.headings.iter().filter(|heading| heading.level == 2).map(|heading| heading.span.start).collect();
    let keep = sections.len() - count.min(sections.len() / 2);
    if let Some(start) = sections.get(keep).filter(|_| count > 0) {
        edits.remove(*start..text.len());
    }
}

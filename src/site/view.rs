//! What templates see. `site` is the same on every page, `page` is the page's own.

use super::{Site, html, pages::NAVIGATION, paths::anchor_of};
use crate::{
    document::Document,
    finding::{Level, Rule},
    history::Revision,
    report::human::ground,
    rules,
    sms::coverage::{Assessment, Tally, Verdict},
};
use serde::Serialize;
use tera::Context;

/// One page before it is rendered.
pub(super) struct Page {
    pub path: String,
    pub template: &'static str,
    pub context: Context,
}

impl Page {
    pub(super) fn new(path: impl Into<String>, template: &'static str, title: &str, view: &impl Serialize) -> Self {
        let mut context = Context::new();
        context.insert("title", title);
        context.insert("page", view);
        Self { path: path.into(), template, context }
    }
}

/// Something that has a page, or at least a name.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Link {
    pub text: String,
    /// What it is, beside its name.
    pub note: Option<String>,
    pub href: Option<String>,
    /// The classification, where it is withheld.
    pub withheld: Option<&'static str>,
}

/// The facts that stand on every page.
#[derive(Serialize)]
pub(super) struct Facts {
    organization: String,
    standard: &'static str,
    as_of: String,
    zone: String,
    revision: Option<String>,
    short_revision: Option<String>,
    named: String,
    modified: bool,
    shallow: bool,
    git: bool,
    /// Why the history could not be read; HTML, made of escaped text.
    no_history: Option<String>,
    version: &'static str,
    zone_data: &'static str,
    audience: &'static str,
    withheld: usize,
    /// The way from this page to the root.
    root: String,
    navigation: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    text: &'static str,
    href: String,
    current: bool,
}

/// How many requirements stand how.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct TallyView {
    pub found: usize,
    pub missing: usize,
    pub needs_judgement: usize,
    pub judged: usize,
    pub total: usize,
    /// The same as parts of a bar: class, start and width in thousandths.
    pub bar: Vec<Part>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Part {
    class: &'static str,
    start: usize,
    width: usize,
}

impl TallyView {
    pub(super) fn of<'a, 'b: 'a>(assessments: impl IntoIterator<Item = &'a Assessment<'b>>) -> Self {
        let tally = Tally::of(assessments);
        let total = tally.total();
        let mut bar = Vec::new();
        let mut before = 0;
        for (class, count) in [
            ("found", tally.found),
            ("judged", tally.judged),
            ("judge", tally.needs_judgement),
            ("missing", tally.missing),
        ] {
            if count > 0 {
                let start = before * 1000 / total;
                before += count;
                bar.push(Part { class, start, width: before * 1000 / total - start });
            }
        }
        Self {
            found: tally.found,
            missing: tally.missing,
            needs_judgement: tally.needs_judgement,
            judged: tally.judged,
            total,
            bar,
        }
    }
}

/// The class of a verdict in the style sheet.
pub(super) fn class_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Found => "found",
        Verdict::Missing => "missing",
        Verdict::NeedsJudgement => "judge",
        Verdict::Judged => "judged",
        Verdict::NotCounted => "none",
    }
}

/// A finding.
#[derive(Clone, Serialize)]
pub(super) struct FindingView {
    anchor: String,
    level: &'static str,
    rule: &'static str,
    rule_href: String,
    subject: Link,
    /// HTML, made of escaped text.
    message: String,
    /// HTML, made of escaped text.
    help: String,
    path: String,
    line: usize,
    column: usize,
    ground: String,
    related: Vec<RelatedView>,
    accepted: Option<AcceptedView>,
}

/// By which waiver a finding is accepted.
#[derive(Clone, Serialize)]
struct AcceptedView {
    waiver: Link,
    until: String,
    reason: String,
}

#[derive(Clone, Serialize)]
struct RelatedView {
    note: String,
    path: String,
    line: usize,
}

/// Part of a list that is shown at once, and the rest.
#[derive(Clone, Serialize)]
pub(super) struct Folded<T> {
    shown: Vec<T>,
    more: Vec<T>,
}

impl<T> Folded<T> {
    pub(super) fn new(mut all: Vec<T>, at_once: usize) -> Self {
        // A fold that hides two or three lines saves nothing.
        let more = if all.len() > at_once + 3 { all.split_off(at_once) } else { Vec::new() };
        Self { shown: all, more }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

impl Site<'_> {
    /// The facts for a page.
    pub(super) fn facts(&self, path: &str) -> Facts {
        let root = Self::root_of(path);
        let Revision { commit, named, modified, git, shallow, day: _ } = &self.sms.revision;
        // Pages below a page, and other orders of it, start with its name.
        let section = path.split(['/', '-', '.']).next();
        let navigation = NAVIGATION.iter().map(|(href, text)| Entry {
            text,
            href: format!("{root}{href}"),
            current: href.strip_suffix(".html") == section,
        });
        Facts {
            organization: self.sms.configuration.organization.clone().unwrap_or_else(|| "The organization".to_owned()),
            standard: &self.sms.standard.title,
            as_of: self.sms.as_of.to_string(),
            zone: self.sms.configuration.zone.clone(),
            revision: commit.clone(),
            short_revision: commit.as_deref().map(|id| id.chars().take(12).collect()),
            named: named.clone(),
            modified: *modified,
            shallow: *shallow,
            git: *git,
            no_history: self.sms.evidence.history.not_evaluated.as_deref().map(html::message),
            version: env!("CARGO_PKG_VERSION"),
            zone_data: crate::calendar::zone_data_version(),
            audience: self.audience.up_to.name(),
            withheld: self.withheld.counts().iter().map(|(_, count)| count).sum(),
            navigation: navigation.collect(),
            root,
        }
    }

    /// A link to the page of the document at a position.
    pub(super) fn link(&self, position: usize, root: &str) -> Link {
        let document = &self.sms.documents[position];
        let href = Some(format!("{root}{}", self.pages[position]));
        if let Some(class) = self.withheld.document(position) {
            let text = self
                .nameless
                .get(&position)
                .map_or_else(|| document.id.clone(), |number| format!("Withheld document {number}"));
            return Link {
                text,
                note: Some(format!("withheld: {}", class.name())),
                href,
                withheld: Some(class.name()),
            };
        }
        let note = Some(document.title()).filter(|title| *title != document.id).map(str::to_owned);
        Link { text: document.id.clone(), note, href, withheld: None }
    }

    /// A link to a person or a role by id, as far as the audience may know them.
    pub(super) fn party(&self, id: &str, root: &str) -> Link {
        if let Some(role) = self.sms.people.role(id) {
            let link = self.link(role.document, root);
            // The title says more than the id; a role that is withheld has none.
            return match &link.note {
                Some(title) if link.withheld.is_none() => Link { text: title.clone(), note: None, ..link },
                _ => link,
            };
        }
        match self.sms.people.person(id).filter(|_| !self.withheld.unclassified()) {
            Some(person) => Link {
                text: person.name.clone(),
                href: Some(format!("{root}people.html#{}", anchor_of("person", &person.id))),
                ..Link::default()
            },
            None => Link { text: id.to_owned(), ..Link::default() },
        }
    }

    /// Links to the pages of clauses.
    pub(super) fn clauses<'c>(&self, numbers: impl IntoIterator<Item = &'c str>, root: &str) -> Vec<Link> {
        let link = |number: &str| {
            let clause = self.sms.standard.clause(number);
            Link {
                text: number.to_owned(),
                note: clause.and_then(|clause| clause.title.clone()),
                href: clause.map(|_| format!("{root}clauses/{number}.html")),
                withheld: None,
            }
        };
        numbers.into_iter().map(link).collect()
    }

    /// A finding by its index.
    pub(super) fn finding(&self, index: usize, root: &str) -> FindingView {
        let finding = self.findings[index];
        let location = self.report.location(&finding.place);
        let positions = self.sms.positions(&finding.subject);
        let here = positions.iter().find(|position| self.sms.documents[**position].source == finding.place.source);
        let by_path = self.by_path.get(finding.subject.as_str());
        let subject = here
            .or(positions.first())
            .or(by_path)
            .map_or_else(|| Link { text: finding.subject.clone(), ..Link::default() }, |at| self.link(*at, root));
        let related = finding.related.iter().map(|(place, note)| {
            let location = self.report.location(place);
            RelatedView { note: html::message(note), path: location.path.to_owned(), line: location.start.line }
        });
        FindingView {
            anchor: self.anchors[index].clone(),
            level: finding.level.name(),
            rule: finding.rule,
            rule_href: format!("{root}rules/{}.html", finding.rule),
            subject,
            message: html::message(&finding.message),
            help: html::message(&finding.help),
            path: location.path.to_owned(),
            line: location.start.line,
            column: location.start.column,
            ground: rules::by_name(finding.rule)
                .map_or_else(String::new, |rule| ground(rule, &self.sms.standard.title)),
            related: related.collect(),
            accepted: finding.accepted.as_ref().map(|acceptance| AcceptedView {
                waiver: self
                    .sms
                    .positions(&acceptance.waiver)
                    .first()
                    .map_or_else(Link::default, |at| self.link(*at, root)),
                until: acceptance.until.to_string(),
                reason: acceptance.reason.clone(),
            }),
        }
    }

    /// Findings by index, the worst first.
    pub(super) fn finding_views(&self, mut indices: Vec<usize>, root: &str) -> Vec<FindingView> {
        indices.sort_by_key(|index| (std::cmp::Reverse(self.findings[*index].level), *index));
        indices.into_iter().map(|index| self.finding(index, root)).collect()
    }

    /// The level at which a rule runs here, in words.
    pub(super) fn level_of(&self, rule: &Rule) -> &'static str {
        rules::level(rule, self.sms).map_or("off", Level::name)
    }

    /// The name of a document's kind in print; of a register, of what it lists.
    pub(super) fn kind_title(&self, document: &Document) -> String {
        let title = |name: &str| self.sms.kinds.get(name).map_or_else(|| name.to_owned(), |kind| kind.title.clone());
        match &document.entry_kind {
            Some(entries) => format!("Register: {}", title(entries).to_lowercase()),
            None => title(&document.kind),
        }
    }
}

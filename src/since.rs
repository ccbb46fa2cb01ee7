//! What a change brings: the difference of two full evaluations as of one day, by identity. A
//! change that touches what judges is judged twice, by the judges of its base and by its own; what
//! either of them finds counts, so that it can hide nothing and what it will mean once merged is
//! seen.

use crate::{
    document::{Defect, Document, Problem, is_substance},
    finding::{Drafts, Finding, Level, Rule},
    ripple::Ripple,
    rules,
    sms::Sms,
    source::{Place, SourceId},
};
use std::collections::{BTreeMap, BTreeSet};

/// What `--since` knows beside the findings that are new.
#[derive(Clone, Debug)]
pub struct Since {
    /// The base as it was named.
    pub base: String,
    /// The commit at which the change parted from it; none where nothing was committed yet.
    pub commit: Option<String>,
    /// How many findings were there before and still are.
    pub before: usize,
    /// Findings of the base that are found no more, told with their places there.
    pub mended: Vec<Finding>,
    /// Findings of the base that are not asked for any more, since the change made what they are
    /// about unreadable, or a draft.
    pub not_judged: Vec<Finding>,
    /// What the change does to the baseline; none where the base or the change has none.
    pub baseline: Option<BaselineStep>,
    /// What the change touches.
    pub ripple: Ripple,
}

/// What a change does to the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineStep {
    /// The file, as the change has it.
    pub file: String,
    /// How many entries it adds.
    pub more: usize,
    /// How many entries it takes away.
    pub fewer: usize,
}

impl Since {
    /// Whether the change makes the baseline grow, which only ever shrinks.
    pub fn baseline_grows(&self) -> bool {
        self.baseline.as_ref().is_some_and(|step| step.more > 0)
    }
}

/// What parts two lists of findings.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Findings that are only in the second.
    pub new: Vec<Finding>,
    /// Findings that are only in the first.
    pub mended: Vec<Finding>,
    /// Those of them about what the second cannot read as the first could, or has as a draft.
    pub not_judged: Vec<Finding>,
    /// How many are in both.
    pub before: usize,
}

impl Difference {
    /// Takes what other rules found of the same change.
    pub fn join(&mut self, other: Self, sms: &Sms) {
        self.new.extend(other.new);
        self.new.sort_by(|a, b| place(sms, a).cmp(&place(sms, b)));
        self.mended.extend(other.mended);
        self.not_judged.extend(other.not_judged);
        self.before += other.before;
    }
}

/// The difference between the base and the change. `judged` is the change as the base's judges see
/// it, none where they are the same; what is found only there gets its places in `own`.
pub fn difference(base: &Sms, own: &mut Sms, judged: Option<&Sms>, chosen: impl Fn(&Rule) -> bool) -> Difference {
    let before = rules::run(base, &chosen);
    let mut now = rules::run(own, &chosen);
    if let Some(judged) = judged {
        let found = rules::run(judged, &chosen);
        // The worse level of the two: a change cannot make its own findings smaller.
        let levels: BTreeMap<String, Level> = found.iter().map(|found| (found.identity(), found.level)).collect();
        for finding in &mut now {
            finding.level = levels.get(&finding.identity()).copied().unwrap_or(finding.level).max(finding.level);
        }
        let hidden = surplus(found, &now);
        now.extend(hidden.into_iter().map(|finding| moved(finding, judged, own)));
        now.sort_by(|a, b| place(own, a).cmp(&place(own, b)));
    }
    let total = now.len();
    let mut gone = surplus(before.clone(), &now);
    let mut new = surplus(now, &before);
    // That less is missing of a whole is nothing new, and that all of it is missing mends no part.
    drop_parts(&mut new, &gone);
    drop_parts(&mut gone, &new);
    let unread = Unread::of(base, [Some(&*own), judged]);
    let is_judged = |finding: &Finding| !unread.concerns(base, finding) && !is_asked_no_more(base, own, finding);
    let (mended, not_judged) = gone.into_iter().partition(is_judged);
    Difference { before: total - new.len(), new, mended, not_judged }
}

/// Leaves out what is absent as part of what is absent altogether by one of the others: of a clause
/// without evidence only that is told, not each clause below it.
fn drop_parts(findings: &mut Vec<Finding>, others: &[Finding]) {
    let wholes: Vec<&Finding> = others.iter().filter(|other| other.absence).collect();
    let is_below = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    let is_part = |part: &Finding, whole: &Finding| part.rule == whole.rule && is_below(&part.subject, &whole.subject);
    findings.retain(|part| !(part.absence && wholes.iter().any(|whole| is_part(part, whole))));
}

/// What the change cannot read as its base could: nobody knows what would be found there.
struct Unread(BTreeSet<String>);

impl Unread {
    fn of(base: &Sms, changes: [Option<&Sms>; 2]) -> Self {
        let key = |problem: &Problem| {
            let (subject, pointer) = (problem.subject.to_lowercase(), problem.place.pointer.clone());
            (problem.defect, subject, pointer, problem.discriminator.clone())
        };
        let known: BTreeSet<_> = base.problems.iter().map(key).collect();
        let found = changes.into_iter().flatten().flat_map(|sms| &sms.problems);
        let new = found.filter(|problem| !known.contains(&key(problem)) && hides(base, problem));
        Self(new.map(|problem| problem.subject.to_lowercase()).collect())
    }

    /// Whether a finding is about a document that is meant, its register, its file, or points there.
    fn concerns(&self, base: &Sms, finding: &Finding) -> bool {
        let has = |name: &str| self.0.contains(&name.to_lowercase());
        let is_unread = |document: &Document| {
            has(&document.id)
                || has(base.path(document))
                || base.register(document).is_some_and(|register| has(&register.id))
        };
        !self.0.is_empty()
            && (has(&finding.subject)
                || base.by_id(&finding.subject).any(is_unread)
                || finding.related.iter().filter_map(|(place, _)| document_at(base, place)).any(is_unread))
    }
}

/// Whether a problem keeps something from being seen that the base showed. What was never there
/// hides nothing when it falls due.
fn hides(base: &Sms, problem: &Problem) -> bool {
    if !matches!(problem.defect, Defect::MissingField | Defect::MissingExpectedField) {
        return true;
    }
    base.by_id(&problem.subject).any(|document| document.value(&problem.place.pointer).is_some())
}

/// Whether a finding is about a document that the change made a draft, of which less is asked, and
/// about something that is as it was. Of a text, and of what counts in drafts too, no less is asked.
fn is_asked_no_more(base: &Sms, own: &Sms, finding: &Finding) -> bool {
    let counts = rules::by_name(finding.rule).is_some_and(|rule| rule.drafts == Drafts::Count);
    if counts || finding.place.pointer == "body" {
        return false;
    }
    let mut finished = base.by_id(&finding.subject).filter(|document| !is_unfinished(base, document));
    finished.any(|document| {
        let now: Vec<&Document> = own.by_id(&document.id).collect();
        let is_same = |now: &&Document| is_unfinished(own, now) && is_as_it_was(base, document, now, &finding.place);
        !now.is_empty() && now.iter().all(is_same)
    })
}

/// Whether a document, or the register in which it stands, says that it is a draft, or nothing of it.
fn is_unfinished(sms: &Sms, document: &Document) -> bool {
    let holder = sms.register(document).unwrap_or(document);
    holder.text("status").is_none() || sms.is_draft(document)
}

/// Whether the value at a place of a document is the same still. What it said of its approval or
/// review is not given by taking it back.
fn is_as_it_was(base: &Sms, before: &Document, now: &Document, place: &Place) -> bool {
    let pointer = match place.pointer.strip_prefix(&before.pointer) {
        Some(pointer) if place.source == before.source => pointer,
        // A field of its register, or of another document.
        _ => return true,
    };
    let field = pointer.split('/').nth(1).unwrap_or_default();
    field.is_empty() || !is_substance(field, base.kind(before)) || before.value(pointer) == now.value(pointer)
}

/// The document in which a place lies: the entry rather than its register.
fn document_at<'a>(sms: &'a Sms, place: &Place) -> Option<&'a Document> {
    let of_file = sms.documents.iter().filter(|document| document.source == place.source);
    of_file.min_by_key(|document| {
        let span = &document.node().span;
        let is_inside = span.start <= place.span.start && place.span.start < span.end;
        (!(document.register.is_some() && is_inside), document.register.is_some())
    })
}

fn place<'a>(sms: &'a Sms, finding: &Finding) -> (&'a str, usize, &'static str) {
    (sms.source(finding.place.source).path(), finding.place.span.start, finding.rule)
}

/// The findings of `these` that are not among `others`, with as many of each identity as there are
/// more.
fn surplus(these: Vec<Finding>, others: &[Finding]) -> Vec<Finding> {
    let mut known = BTreeMap::<String, usize>::new();
    for finding in others {
        *known.entry(finding.identity()).or_default() += 1;
    }
    let is_more = |finding: &Finding| match known.get_mut(&finding.identity()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    these.into_iter().filter(is_more).collect()
}

/// A finding of one SMS at its places in another that was read from the same files; a text that
/// the other does not have comes along.
fn moved(mut finding: Finding, from: &Sms, to: &mut Sms) -> Finding {
    let mut place = |place: &mut Place| {
        let source = from.source(place.source);
        let same = to.files.get(source.path()).and_then(|file| file.source);
        let same = same.filter(|same| to.source(*same).text() == source.text());
        place.source = same.unwrap_or_else(|| {
            to.sources.push(source.clone());
            SourceId(u32::try_from(to.sources.len() - 1).unwrap_or(u32::MAX))
        });
    };
    place(&mut finding.place);
    finding.related.iter_mut().for_each(|(related, _)| place(related));
    finding
}

/// The levels of findings that are mended, the worst first.
pub fn levels(findings: &[&Finding]) -> Vec<(Level, usize)> {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let levels = [Level::Error, Level::Warning, Level::Note].into_iter().map(|level| (level, count(level)));
    levels.filter(|(_, count)| *count > 0).collect()
}

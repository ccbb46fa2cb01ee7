//! Closed records: frozen in the state in which the default branch first had them closed.

use crate::{
    document::Document,
    history::{Commit, Edition, Marks, ObjectId},
    kind::{Form, Kind},
    ledger,
    sms::Sms,
};
use rayon::prelude::*;

/// A record that was closed once, and what became of it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen<'a> {
    /// The state that it is held against: the first closed one, or what a migration made of it.
    pub edition: &'a Edition,
    /// The commit of the first-parent line that had it closed first.
    pub closed_by: ObjectId,
    /// Commits that the repository asks to ignore and that gave it another substance while it was
    /// as it had been closed: migrations.
    pub migrated_by: Vec<ObjectId>,
    /// Other commits of the first-parent line that gave it another substance, oldest first.
    pub changed_by: Vec<ObjectId>,
    /// The commit that removed it last, where it was written again afterwards.
    pub removed_by: Option<ObjectId>,
    /// The last time that it was opened again.
    pub reopened: Option<Reopened<'a>>,
    /// Whether something that had been added after closing is gone or another one.
    pub lost_addenda: bool,
    /// Whether it differs from what is committed.
    pub is_uncommitted: bool,
    /// Whether its substance is another one than when it was closed.
    altered: bool,
}

/// A closed record that was opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reopened<'a> {
    /// The state in which it had been closed.
    pub was: &'a Edition,
    /// The commit of the first-parent line that had closed it.
    pub closed_by: ObjectId,
    /// The commit that opened it.
    pub by: ObjectId,
    /// Whether it is as it had been closed.
    pub is_same: bool,
}

impl<'a> Frozen<'a> {
    fn new(edition: &'a Edition, closed_by: ObjectId, reopened: Option<Reopened<'a>>) -> Self {
        Self {
            edition,
            closed_by,
            migrated_by: Vec::new(),
            changed_by: Vec::new(),
            removed_by: None,
            reopened,
            lost_addenda: false,
            is_uncommitted: false,
            altered: false,
        }
    }

    /// Whether it is another one than when it was closed.
    pub fn is_altered(&self) -> bool {
        self.altered || self.lost_addenda
    }

    /// Whether anything is to be told of it.
    fn is_told(&self) -> bool {
        let reopened = self.reopened.as_ref().is_some_and(|reopened| !reopened.is_same);
        self.is_altered() || reopened || !self.migrated_by.is_empty()
    }
}

/// The positions of closed records that are not, or were not always since, as they were closed.
pub(super) fn not_as_closed(sms: &Sms) -> Vec<usize> {
    let differs = |document| sms.frozen(document).is_some_and(|frozen| frozen.is_told());
    let positions = (0..sms.documents.len()).into_par_iter().with_min_len(64);
    positions.filter(|position| differs(&sms.documents[*position])).collect()
}

/// Whether a state is a closed record: by what its kind says of states; where that has none, it is
/// finished as soon as it is no draft. What the ledger holds grows, and is followed elsewhere.
fn is_closed(kind: &Kind, marks: &Marks) -> bool {
    let has_states = !kind.compiled().notes.closed.is_empty();
    let without_states = || !has_states && kind.form == Form::Record && kind.name != ledger::KIND && !marks.is_draft();
    matches!(kind.form, Form::Record | Form::Entry) && (marks.closed || without_states())
}

impl Sms {
    /// Closed records that are altered, were opened again, or that a migration brought into another
    /// form.
    pub fn not_as_closed(&self) -> impl Iterator<Item = &Document> {
        self.evidence.not_as_closed.iter().map(|position| &self.documents[*position])
    }

    /// How a record or register entry that was closed once stands to the state in which it was
    /// closed; none for what never was. What was changed before the day on which the configuration
    /// says that the SMS started does not count, and reopening begins anew. Another kind is no
    /// reopening, nor is removing a record and writing it again.
    pub fn frozen(&self, document: &Document) -> Option<Frozen<'_>> {
        let life = self.life(document)?;
        let closed =
            |edition: &Edition| self.kinds.get(&edition.marks.kind).is_some_and(|kind| is_closed(kind, &edition.marks));
        if !life.editions().any(closed) {
            return None;
        }
        let history = &self.evidence.history;
        let is_ignored = |id: ObjectId| history.commit(id).is_some_and(|commit| commit.ignored);
        let mut frozen: Option<Frozen<'_>> = None;
        let mut opened: Option<ObjectId> = None;
        let mut last: Option<&Edition> = None;
        for arrival in self.line(life) {
            let Some(edition) = arrival.edition() else {
                if let Some(frozen) = &mut frozen {
                    frozen.removed_by = Some(arrival.commit);
                }
                continue;
            };
            let before = last.replace(edition);
            let Some(frozen) = &mut frozen else {
                frozen = closed(edition).then(|| Frozen::new(edition, arrival.commit, None));
                continue;
            };
            let in_time = |started| self.committed_on(arrival.commit).is_none_or(|day| day >= started);
            if !self.configuration.started.is_none_or(in_time) {
                *frozen = Frozen::new(edition, frozen.closed_by, None);
                continue;
            }
            let same_kind = edition.marks.kind == frozen.edition.marks.kind;
            let opens = frozen.removed_by.is_none() && same_kind;
            if !closed(edition) && (opens || opened.is_some()) {
                opened = opened.or(Some(arrival.commit));
                continue;
            }
            if let Some(by) = opened.take() {
                let reopened = Reopened {
                    was: frozen.edition,
                    closed_by: frozen.closed_by,
                    by,
                    is_same: frozen.edition.substance == edition.substance,
                };
                *frozen = Frozen::new(edition, arrival.commit, Some(reopened));
                continue;
            }
            let Some(before) = before else { continue };
            let loses = !edition.marks.addenda.starts_with(&before.marks.addenda);
            frozen.lost_addenda |= loses;
            if before.substance == edition.substance && before.marks.kind == edition.marks.kind {
                if loses {
                    frozen.changed_by.push(edition.commit);
                }
                if edition.substance == frozen.edition.substance && closed(edition) {
                    frozen.removed_by = None;
                }
                continue;
            }
            let as_closed = before.substance == frozen.edition.substance && same_kind;
            if as_closed && (is_ignored(edition.commit) || is_ignored(arrival.commit)) {
                frozen.edition = edition;
                frozen.migrated_by.push(edition.commit);
            } else {
                frozen.changed_by.push(edition.commit);
            }
        }
        self.as_it_stands(document, frozen?, opened, last?)
    }

    /// The same for what is read now, of which the last committed state is given.
    fn as_it_stands<'a>(
        &'a self,
        document: &Document,
        mut frozen: Frozen<'a>,
        opened: Option<ObjectId>,
        last: &'a Edition,
    ) -> Option<Frozen<'a>> {
        let now = self.substance(document);
        let same_kind = document.kind == frozen.edition.marks.kind;
        frozen.is_uncommitted = last.substance != now;
        frozen.altered = frozen.edition.substance != now || !same_kind;
        if let Some(by) = opened {
            let is_same = !frozen.altered;
            frozen.reopened = Some(Reopened { was: frozen.edition, closed_by: frozen.closed_by, by, is_same });
            frozen.altered = false;
            return Some(frozen);
        }
        let kind = self.kind(document);
        let traced = document.traced(kind, self.path(document), || self.source(document.source).text())?;
        let is_closed = kind.is_some_and(|kind| is_closed(kind, &traced.marks));
        if !is_closed && same_kind && frozen.removed_by.is_none() {
            // Opened again and not committed yet, or what was there before it was closed.
            return None;
        }
        let (now, before) = (&traced.marks.addenda, &last.marks.addenda);
        // What lacks the newest only may be older.
        let may_be_older = !self.reads_evidence_head() && before.starts_with(now);
        if !now.starts_with(before) && !may_be_older {
            (frozen.lost_addenda, frozen.is_uncommitted) = (true, true);
        }
        Some(frozen)
    }

    /// The day on which a closed record was removed that was written again afterwards.
    pub fn removed_on(&self, frozen: &Frozen<'_>) -> Option<crate::calendar::Date> {
        self.evidence.history.commit(frozen.removed_by?).and_then(Commit::day)
    }
}

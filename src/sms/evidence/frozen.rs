//! Closed records: frozen in the state in which the default branch first had them closed.

use crate::{
    document::Document,
    history::{Edition, ObjectId},
    kind::Form,
    sms::Sms,
};
use rayon::prelude::*;

/// A closed record, and what became of it since it was closed.
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
    /// Whether it differs from what is committed.
    pub is_uncommitted: bool,
    /// Whether its substance is another one than when it was closed.
    altered: bool,
}

impl Frozen<'_> {
    /// Whether its substance is another one than when it was closed.
    pub fn is_altered(&self) -> bool {
        self.altered
    }
}

/// The positions of closed records that are not, or were not always since, as they were closed.
pub(super) fn not_as_closed(sms: &Sms) -> Vec<usize> {
    let differs =
        |document| sms.frozen(document).is_some_and(|frozen| frozen.is_altered() || !frozen.migrated_by.is_empty());
    let positions = (0..sms.documents.len()).into_par_iter().with_min_len(64);
    positions.filter(|position| differs(&sms.documents[*position])).collect()
}

impl Sms {
    /// Closed records that are altered, or that a migration brought into another form.
    pub fn not_as_closed(&self) -> impl Iterator<Item = &Document> {
        self.evidence.not_as_closed.iter().map(|position| &self.documents[*position])
    }

    /// How a record or register entry that is closed stands to the state in which it was closed;
    /// none for what is open, and for kinds without closed states. What was changed before the day
    /// on which the configuration says that the SMS started does not count, and reopening begins
    /// anew.
    pub fn frozen(&self, document: &Document) -> Option<Frozen<'_>> {
        let kind = self.kind(document).filter(|kind| matches!(kind.form, Form::Record | Form::Entry))?;
        let state = document.text(&kind.compiled().notes.state_field)?;
        if !kind.is_closed(state) {
            return None;
        }
        let history = &self.evidence.history;
        let is_ignored = |id: ObjectId| history.commit(id).is_some_and(|commit| commit.ignored);
        let mut frozen: Option<Frozen<'_>> = None;
        let mut last = None;
        for arrival in self.line(self.life(document)?) {
            let Some(edition) = arrival.edition().filter(|edition| edition.marks.closed) else {
                frozen = None;
                continue;
            };
            let before = last.replace(edition.substance);
            let in_time = |started| self.committed_on(arrival.commit).is_none_or(|day| day >= started);
            match &mut frozen {
                Some(frozen) if self.configuration.started.is_none_or(in_time) => {
                    if before == Some(edition.substance) {
                        continue;
                    }
                    let as_closed = before == Some(frozen.edition.substance);
                    if as_closed && (is_ignored(edition.commit) || is_ignored(arrival.commit)) {
                        frozen.edition = edition;
                        frozen.migrated_by.push(edition.commit);
                    } else {
                        frozen.changed_by.push(edition.commit);
                    }
                }
                Some(frozen) => frozen.edition = edition,
                None => {
                    frozen = Some(Frozen {
                        edition,
                        closed_by: arrival.commit,
                        migrated_by: Vec::new(),
                        changed_by: Vec::new(),
                        is_uncommitted: false,
                        altered: false,
                    });
                }
            }
        }
        let mut frozen = frozen?;
        let now = self.substance(document);
        frozen.is_uncommitted = last != Some(now);
        frozen.altered = frozen.edition.substance != now;
        Some(frozen)
    }
}

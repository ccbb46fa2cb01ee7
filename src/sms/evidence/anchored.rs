//! Whether the history still leads back to the anchors, and whose time is witnessed by them.

use super::{Approval, Proof, imported};
use crate::{
    anchor::{self, Anchor, Keeper},
    history::ObjectId,
    sms::Sms,
};
use std::{cmp::Reverse, collections::BTreeSet};

/// Where an anchored commit stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// On the first-parent line of the evidence head, as it was.
    OnLine,
    /// In the history, but on a line that was merged into another.
    Aside,
    /// Not in the history at all.
    Gone,
}

/// How strongly it is shown when something was there, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeStrength {
    /// Its own dates say so; they are free text.
    Claimed,
    /// The hosting platform noted it, as a signed import has it.
    Platform,
    /// It lies at or before the head of an anchor that the verifier brought, and that still holds.
    Witnessed,
}

impl TimeStrength {
    /// In a word.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Platform => "platform",
            Self::Witnessed => "witnessed",
        }
    }
}

impl Sms {
    /// Takes anchors that the verifier brought.
    pub fn bring_anchors(&mut self, anchors: impl IntoIterator<Item = Anchor>) {
        self.evidence.anchors.extend(anchors);
        self.evidence.witnessed = std::sync::OnceLock::new();
    }

    /// The anchors that the verifier brought.
    pub fn brought_anchors(&self) -> impl Iterator<Item = &Anchor> {
        self.evidence.anchors.iter().filter(|anchor| anchor.keeper.is_verifier())
    }

    /// Where the commit of an anchor stands now; none where there is no history to look in.
    pub fn kept(&self, anchor: &Anchor) -> Option<Kept> {
        self.has_history().then(|| match self.evidence.history.commit(anchor.commit) {
            None => Kept::Gone,
            Some(commit) if commit.merged_by.is_some() => Kept::Aside,
            Some(_) => Kept::OnLine,
        })
    }

    /// Of files as a commit had them, by their path from the SMS root: those whose content then is
    /// in no version that the history tells. Where a merge kept its first parent's files, what the
    /// other side had changed is in none.
    pub fn dropped<'f>(&self, files: impl Iterator<Item = (&'f str, ObjectId)>) -> Vec<String> {
        let history = &self.evidence.history;
        let versions = history.versions.values().chain(history.gone.values()).flatten();
        let told: BTreeSet<(&str, ObjectId)> =
            versions.filter_map(|version| Some((version.path.as_str(), version.blob?))).collect();
        let is_told = |path: &str, blob| told.contains(&(format!("{}{path}", history.folder).as_str(), blob));
        files.filter(|(path, blob)| !is_told(path, *blob)).map(|(path, _)| path.to_owned()).collect()
    }

    /// How strongly it is shown that a commit existed by a day.
    pub fn time_strength(&self, commit: ObjectId) -> TimeStrength {
        let witnessed = self.evidence.witnessed.get_or_init(|| self.behind_anchors());
        if witnessed.contains(&commit) { TimeStrength::Witnessed } else { TimeStrength::Claimed }
    }

    /// How strongly the time of an approval is shown, and by which anchor.
    pub fn time_of(&self, approval: &Approval) -> (TimeStrength, Option<&Anchor>) {
        let (commit, otherwise) = match &approval.proof {
            Proof::Ledger(entry) => {
                let import = imported::import(self, entry);
                let is_signed = import.is_some_and(|(_, is_signed)| is_signed);
                let otherwise = if is_signed { TimeStrength::Platform } else { TimeStrength::Claimed };
                (import.map(|(commit, _)| commit), otherwise)
            }
            proof => (proof.commit(), TimeStrength::Claimed),
        };
        let anchor = commit.and_then(|commit| self.witness(commit));
        (if anchor.is_some() { TimeStrength::Witnessed } else { otherwise }, anchor)
    }

    /// The earliest anchor that the verifier brought and that a commit leads to.
    fn witness(&self, commit: ObjectId) -> Option<&Anchor> {
        let history = &self.evidence.history;
        let behind = self.brought_anchors().filter(|anchor| history.leads(commit, anchor.commit));
        behind.min_by_key(|anchor| (anchor.day.is_none(), anchor.day, Reverse(history.place(anchor.commit))))
    }

    /// The commits that lead to a head that the verifier knows, and that head.
    fn behind_anchors(&self) -> BTreeSet<ObjectId> {
        let history = &self.evidence.history;
        let mut pending: Vec<ObjectId> = self.brought_anchors().map(|anchor| anchor.commit).collect();
        let mut found = BTreeSet::new();
        while let Some(id) = pending.pop() {
            // What is not in the history witnesses nothing in it.
            if let Some(commit) = history.commit(id)
                && found.insert(id)
            {
                pending.extend(&commit.parents);
            }
        }
        found
    }

    /// The heads that the repository lists itself.
    pub(super) fn own_heads(&self) -> Vec<Anchor> {
        let Some(path) = &self.configuration.heads else { return Vec::new() };
        let Some(source) = self.files.get(path).and_then(|file| file.source) else { return Vec::new() };
        let heads = anchor::read(self.source(source).text()).0;
        let own = |head: anchor::Head| Anchor {
            commit: head.commit,
            day: head.day,
            keeper: Keeper::Repository,
            file: path.clone(),
            span: head.span,
            first: None,
            dropped: Vec::new(),
        };
        heads.into_iter().map(own).collect()
    }
}

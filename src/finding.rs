//! Rules and what they find.

use crate::{
    calendar::Date,
    document::{Document, Problem},
    sms::Sms,
    source::Place,
};

/// One check: what it is about, and the function that looks.
pub struct Rule {
    /// Its identity; names the defect in the field's words.
    pub name: &'static str,
    /// What it finds, in a phrase.
    pub summary: &'static str,
    /// Checks of the catalogue that it implements: `DOC-02`.
    pub checks: &'static [&'static str],
    /// Clauses that it bears on.
    pub clauses: &'static [&'static str],
    /// What the check rests on.
    pub basis: Basis,
    /// What an auditor would typically grade it; the grade is always the auditor's.
    pub grade: Grade,
    /// How serious it is by default.
    pub level: Level,
    /// Whether what it finds in a draft is only a note.
    pub drafts: Drafts,
    /// Where it looks.
    pub reads: Reads,
    /// The version that brought it.
    pub since: &'static str,
    /// Its page: what it does, why it matters, how to fix, examples.
    pub docs: &'static str,
    /// Looks at the whole SMS; of a rule about findings, `rules::run` has the rest.
    pub check: fn(&Sms, &mut Findings<'_>),
}

impl Rule {
    /// Its page without the examples: what it does, why it matters, how to fix.
    pub fn guide(&self) -> &'static str {
        self.docs.split("\n## Examples").next().unwrap_or_default().trim()
    }

    /// One part of its page, by heading.
    pub fn part(&self, heading: &str) -> Option<&'static str> {
        let (_, rest) = self.docs.split_once(&format!("\n## {heading}\n"))?;
        Some(rest.split("\n## ").next().unwrap_or_default().trim())
    }
}

/// Where a rule looks, which decides what it can say without a history, and of a change that is not
/// merged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// At the tree alone.
    Tree,
    /// At the tree, and where there is a history also at when documents were last looked at, or at
    /// what other rules find.
    TreeAndHistory,
    /// At what the history shows of the tree; without one it is not evaluated.
    History,
    /// At commits, so that what a change does shows in the history that has it; without a history it
    /// is not evaluated.
    Commits,
}

impl Reads {
    /// Whether nothing can be said without a history.
    pub fn needs_history(self) -> bool {
        matches!(self, Self::History | Self::Commits)
    }
}

/// What a rule rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A literal demand of the standard.
    Demanded,
    /// It follows directly from a demand.
    Follows,
    /// Good practice.
    Practice,
}

impl Basis {
    /// In words, before a clause number.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Demanded => "demanded by",
            Self::Follows => "follows from",
            Self::Practice => "good practice for",
        }
    }

    /// The letter used in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::Demanded => "S",
            Self::Follows => "I",
            Self::Practice => "P",
        }
    }
}

/// What an auditor would typically grade a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Major nonconformity likely: a whole requirement is absent or has broken down.
    Major,
    /// Minor nonconformity.
    Minor,
    /// Observation, or opportunity for improvement.
    Observation,
}

impl Grade {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Major => "major nonconformity likely",
            Self::Minor => "minor nonconformity",
            Self::Observation => "observation",
        }
    }
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// To know.
    Note,
    /// Expected to be mended.
    Warning,
    /// To be mended.
    Error,
}

impl Level {
    /// The level of a name; `off` and unknown names have none.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "note" => Some(Self::Note),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What becomes of findings in drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drafts {
    /// Notes: a draft is not finished.
    AreNotes,
    /// As serious as elsewhere: a mistake is a mistake.
    Count,
}

/// One place where a rule does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How serious it is here.
    pub level: Level,
    /// The id of the document it is about, else the path of the file, or what git calls it: the id of a
    /// commit, `refs/tags/` and the name of a tag.
    pub subject: String,
    /// What tells it from others of the same rule, subject and pointer.
    pub discriminator: String,
    /// Where.
    pub place: Place,
    /// What is wrong: a lower-case phrase without a final period.
    pub message: String,
    /// What stands at the place, in a word or two; may be empty.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<(Place, String)>,
    /// What to do.
    pub help: String,
    /// Whether it is about something that is absent altogether, which has no line of its own.
    pub absence: bool,
    /// Who accepts it, where a waiver does.
    pub accepted: Option<Acceptance>,
}

/// What a waiver says of a finding that it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The waiver's id.
    pub waiver: String,
    /// Why it is acceptable.
    pub reason: String,
    /// Who approved the waiver.
    pub approved_by: String,
    /// The waiver's last day.
    pub until: Date,
}

impl Finding {
    /// What identifies the finding over time: never text, never a line.
    pub fn identity(&self) -> String {
        format!(
            "{}\u{1f}{}\u{1f}{}\u{1f}{}",
            self.rule,
            self.subject.to_lowercase(),
            self.place.pointer,
            self.discriminator
        )
    }

    /// Adds a place that explains it.
    pub fn related(&mut self, place: Place, note: impl Into<String>) -> &mut Self {
        self.related.push((place, note.into()));
        self
    }

    /// Says what stands at the place.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Tells it from others at the same pointer: a link's target, a missing service.
    pub fn about(&mut self, discriminator: impl Into<String>) -> &mut Self {
        self.discriminator = discriminator.into();
        self
    }

    /// Makes it less serious than its rule.
    pub fn at_most(&mut self, level: Level) -> &mut Self {
        self.level = self.level.min(level);
        self
    }
}

/// Takes what one rule finds.
pub struct Findings<'sms> {
    rule: &'static Rule,
    level: Level,
    sms: &'sms Sms,
    found: Vec<Finding>,
}

impl<'sms> Findings<'sms> {
    /// Runs a rule at a level.
    pub fn of(rule: &'static Rule, level: Level, sms: &'sms Sms) -> Vec<Finding> {
        let mut findings = Findings { rule, level, sms, found: Vec::new() };
        (rule.check)(sms, &mut findings);
        findings.found
    }

    /// Runs a rule about the findings of other rules.
    pub fn over(rule: &'static Rule, level: Level, sms: &'sms Sms, look: impl FnOnce(&mut Self)) -> Vec<Finding> {
        let mut findings = Findings { rule, level, sms, found: Vec::new() };
        look(&mut findings);
        findings.found
    }

    /// Reports something about a document.
    pub fn report(
        &mut self,
        document: &Document,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> &mut Finding {
        let draft = self.rule.drafts == Drafts::AreNotes && self.sms.is_draft(document);
        let level = if draft { self.level.min(Level::Note) } else { self.level };
        self.push(document.id.clone(), place, message.into(), help.into(), level)
    }

    /// Reports something about a file that is no document, or about the whole SMS.
    pub fn report_at(
        &mut self,
        subject: &str,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> &mut Finding {
        self.push(subject.to_owned(), place, message.into(), help.into(), self.level)
    }

    /// Reports that something is absent altogether; it stands at the `standards` line of the
    /// configuration.
    pub fn report_absence(
        &mut self,
        subject: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> &mut Finding {
        let place = self.sms.absence();
        let finding = self.push(subject.to_owned(), place, message.into(), help.into(), self.level);
        finding.absence = true;
        finding
    }

    /// Reports what reading found.
    pub fn report_problem(&mut self, problem: &Problem) -> &mut Finding {
        let draft = self.rule.drafts == Drafts::AreNotes
            && self.sms.document(&problem.subject).is_some_and(|document| self.sms.is_draft(document));
        let level = if draft { self.level.min(Level::Note) } else { self.level };
        let finding = self.push(
            problem.subject.clone(),
            problem.place.clone(),
            problem.message.clone(),
            problem.help.clone(),
            level,
        );
        finding.discriminator.clone_from(&problem.discriminator);
        finding.related.extend(problem.related.clone());
        finding
    }

    fn push(&mut self, subject: String, place: Place, message: String, help: String, level: Level) -> &mut Finding {
        let finding = Finding {
            rule: self.rule.name,
            level,
            subject,
            discriminator: String::new(),
            place,
            message,
            label: String::new(),
            related: Vec::new(),
            help,
            absence: false,
            accepted: None,
        };
        self.found.push(finding);
        self.found.last_mut().expect("internal error: it was just put there")
    }
}

//! Waivers: findings that somebody with authority accepts until a day. A pure stage between the
//! findings and the report. An accepted finding is told as accepted, never as mended.

use crate::{
    calendar::Date,
    document::Document,
    finding::{Acceptance, Finding},
    sms::{Sms, same_id},
};

/// The kind of their entries.
pub const KIND: &str = "waiver";

/// A waiver that was approved, whether its time has passed or not.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The position of its document.
    pub document: usize,
    /// The rule whose findings it accepts.
    pub rule: String,
    subject: Option<String>,
    path: Option<String>,
    pointer: Option<String>,
    discriminator: Option<String>,
    /// What is said of a finding that it accepts.
    pub acceptance: Acceptance,
    /// The last day.
    pub expires_on: Date,
}

/// The waivers of an SMS that were approved by the day of judgement and not withdrawn.
pub fn approved(sms: &Sms) -> Vec<Waiver> {
    let all = sms.documents.iter().enumerate().filter(|(_, document)| document.kind == KIND);
    all.filter_map(|(position, document)| of(sms, position, document)).collect()
}

/// The waivers that are in force on the day of judgement.
pub fn in_force(sms: &Sms) -> Vec<Waiver> {
    let mut waivers = approved(sms);
    waivers.retain(|waiver| waiver.expires_on >= sms.as_of);
    waivers
}

fn of(sms: &Sms, position: usize, document: &Document) -> Option<Waiver> {
    let text = |field: &str| document.text(field).filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let by = text("approved_by")?;
    let approved = document.day("approved_on").is_some_and(|day| day <= sms.as_of)
        && matches!(document.text("status"), None | Some("approved"))
        && !sms.is_draft(document)
        && sms
            .register(document)
            .is_none_or(|register| !matches!(register.text("status"), Some("superseded" | "withdrawn")));
    let (subject, path) = (text("subject"), text("path"));
    // A waiver for everything that a rule finds is no waiver but another level for the rule.
    if !approved || subject.is_none() && path.is_none() {
        return None;
    }
    let expires_on = document.day("expires_on")?;
    Some(Waiver {
        document: position,
        rule: text("rule")?,
        subject,
        path,
        pointer: text("pointer"),
        discriminator: text("discriminator"),
        acceptance: Acceptance {
            waiver: document.id.clone(),
            reason: text("reason").unwrap_or_default(),
            approved_by: by,
            until: expires_on,
        },
        expires_on,
    })
}

impl Waiver {
    /// Whether it is about a finding.
    pub fn matches(&self, sms: &Sms, finding: &Finding) -> bool {
        let path = sms.source(finding.place.source).path();
        let pointer = finding.place.pointer.as_str();
        let below =
            |wanted: &str| pointer.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.rule == finding.rule
            && self.subject.as_deref().is_none_or(|subject| same_id(subject, &finding.subject))
            && self.path.as_deref().is_none_or(|wanted| wanted == path || wanted == finding.subject)
            && self.pointer.as_deref().is_none_or(below)
            && self.discriminator.as_deref().is_none_or(|wanted| wanted == finding.discriminator)
            && !is_about_waivers(sms, finding)
    }
}

/// Whether a finding is about a waiver or their register: nobody waives what judges waivers.
fn is_about_waivers(sms: &Sms, finding: &Finding) -> bool {
    let is_waiver = |document: &Document| document.kind == KIND || document.entry_kind.as_deref() == Some(KIND);
    matches!(finding.rule, "expired-waiver" | "unused-waiver")
        || sms.by_id(&finding.subject).any(is_waiver)
        || sms.of_kind(KIND).any(|waiver| waiver.source == finding.place.source)
}

/// Parts findings into those that count and those that a waiver accepts; each of these says by
/// which.
pub fn apply(waivers: &[Waiver], sms: &Sms, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    if waivers.is_empty() {
        return (findings, Vec::new());
    }
    let (mut count, mut accepted) = (Vec::new(), Vec::new());
    for mut finding in findings {
        match waivers.iter().find(|waiver| waiver.matches(sms, &finding)) {
            Some(waiver) => {
                finding.accepted = Some(waiver.acceptance.clone());
                accepted.push(finding);
            }
            None => count.push(finding),
        }
    }
    (count, accepted)
}

//! An item of the list in 7.5.4 does not exist.

use crate::{
    document::Document,
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, Standing},
    standard::ListedDocument,
    wording::lower_first,
};

pub(super) static RULE: Rule = Rule {
    name: "missing-listed-document",
    summary: "an item of the list in 7.5.4 does not exist",
    checks: &["DOC-10"],
    clauses: &["7.5.4"],
    basis: Basis::Demanded,
    grade: Grade::Major,
    level: Level::Note,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("missing_listed_document.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for item in &sms.standard.documents_7_5_4 {
        if item.kinds.is_empty() || !may_be_needed(sms, item) {
            continue;
        }
        let holds: Vec<&String> = item.kinds.iter().filter(|kind| exists(sms, kind)).collect();
        let missing: Vec<&String> = item.kinds.iter().filter(|kind| !exists(sms, kind)).collect();
        // Procedures and records stand in any of their kinds; the others name one document each.
        let is_there = if matches!(item.letter.as_str(), "k" | "l") { !holds.is_empty() } else { missing.is_empty() };
        if is_there {
            continue;
        }
        let message = if missing.len() > 3 {
            format!("7.5.4 lists \"{}\": there are none", lower_first(&item.item))
        } else {
            let kinds: Vec<String> = missing.iter().map(|kind| in_words(sms, kind)).collect();
            format!("7.5.4 lists \"{}\": {}", lower_first(&item.item), kinds.join(", "))
        };
        let help =
            format!("`attestry new {}` starts one; `attestry gap` shows what each clause still lacks", missing[0]);
        findings.report_absence(&format!("7.5.4 {}", item.letter), message, help);
    }
}

/// Contracts are needed with external suppliers, agreements with internal ones and with customers
/// who act as suppliers: where the parties are listed and none is of that sort, nothing is missing.
fn may_be_needed(sms: &Sms, item: &ListedDocument) -> bool {
    let is_external = match item.letter.as_str() {
        "i" => true,
        "j" => false,
        _ => return true,
    };
    let mut parties = sms.of_kind("other-party").filter(|party| sms.standing(party) != Standing::Closed).peekable();
    parties.peek().is_none()
        || parties.any(|party| party.text("party_type").is_some_and(|sort| sort.starts_with("external") == is_external))
}

fn exists(sms: &Sms, kind: &str) -> bool {
    let counts = |document: &Document| !matches!(sms.standing(document), Standing::Draft | Standing::Withdrawn);
    sms.of_kind(kind).any(counts)
        || sms.populations.iter().any(|population| population.kind == kind && !population.rows.is_empty())
}

/// What is there of a kind that does not count.
fn in_words(sms: &Sms, kind: &str) -> String {
    let drafts = sms.of_kind(kind).filter(|document| sms.standing(document) == Standing::Draft).count();
    let what = if drafts > 0 { "only a draft of" } else { "there is no" };
    let title = sms.kinds.get(kind).map_or(kind, |kind| kind.title.as_str());
    format!("{what} {} (`{kind}`)", lower_first(title))
}

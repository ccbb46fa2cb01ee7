//! An entry of the ledger of approvals was altered after it had come to the default branch.

use super::{SHOWN, and_more, by_whom};
use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "altered-ledger-entry",
    summary: "a review or a file was altered in, or taken out of, the ledger of approvals",
    checks: &[],
    clauses: &["7.5.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("altered_ledger_entry.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    for altered in sms.altered_entries() {
        let lost: Vec<&str> = altered.lost.iter().take(SHOWN).map(String::as_str).collect();
        let finding = findings.report(
            altered.document,
            altered.document.whole(),
            format!(
                "`{}` was altered by {}: {}{}",
                altered.document.id,
                by_whom(sms, altered.commit),
                lost.join(", "),
                and_more(altered.lost.len())
            ),
            "put back what it said, and import the request again: reviews are only added, also the one that dismisses another",
        );
        finding.about(altered.commit.map(|commit| commit.to_string()).unwrap_or_default());
    }
}

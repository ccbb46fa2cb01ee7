//! An entry of the ledger of approvals that counts for nothing.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::{Sms, evidence::Uncounted},
};

pub(super) static RULE: Rule = Rule {
    name: "uncounted-ledger-entry",
    summary: "an entry of the ledger of approvals counts for nothing",
    checks: &[],
    clauses: &["7.5.2"],
    basis: Basis::Practice,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::History,
    since: "0.1.0",
    docs: include_str!("uncounted_ledger_entry.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    if !sms.has_history() {
        return;
    }
    for (document, why) in sms.uncounted_entries() {
        match why {
            Uncounted::Foreign(repository, own) => {
                let names: Vec<String> = own.names().iter().map(|name| format!("`{name}`")).collect();
                let names = names.join(", ");
                let which = if own.are_stated {
                    format!("`attestry.yaml` has the requests of {names}")
                } else {
                    format!("the first that came is of {names}")
                };
                findings.report(
                    document,
                    document.field("repository"),
                    format!("`{}` is of `{repository}`, and counts for nothing: {which}", document.id),
                    "remove it; or, where the repository moved or there are several, list all of them as `repositories` in `attestry.yaml`",
                );
            }
            Uncounted::ByItsAuthor(person) => {
                let finding = findings.report(
                    document,
                    document.field("request_author"),
                    format!("`{}` counts for nothing: `{person}` opened the request and wrote the entry", document.id),
                    "have somebody else import the request, or the workflow that `attestry init` writes",
                );
                finding.at_most(Level::Warning);
            }
        }
    }
}

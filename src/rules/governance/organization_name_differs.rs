//! The scope names another organization than the configuration.

use crate::{
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    sms::Sms,
};

pub(super) static RULE: Rule = Rule {
    name: "organization-name-differs",
    summary: "the scope names another organization than the configuration",
    checks: &["GOV-03"],
    clauses: &["4.3"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Warning,
    drafts: Drafts::AreNotes,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("organization_name_differs.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for scope in sms.applicable("scope-statement") {
        let Some(name) = scope.text("organization_name") else { continue };
        if let Some(organization) = &sms.configuration.organization
            && plain(organization) != plain(name)
        {
            let finding = findings.report(
                scope,
                scope.field("organization_name"),
                format!("the scope names the organization `{name}`, `attestry.yaml` calls it `{organization}`"),
                "use one name, the one that the certificate is to carry, in both places",
            );
            if let Some(place) = configured(sms) {
                finding.related(place, "the name used on every report and bundle");
            }
        }
        if let Some(wording) = scope.text("certificate_wording")
            && !plain(wording).contains(&plain(name))
        {
            findings
                .report(
                    scope,
                    scope.field("certificate_wording"),
                    format!("the wording for the certificate does not name `{name}`"),
                    "write the name in the wording exactly as in `organization_name`",
                )
                .related(scope.field("organization_name"), "the organization of the scope");
        }
    }
}

fn configured(sms: &Sms) -> Option<crate::source::Place> {
    let source = sms.files.get(crate::configuration::FILE)?.source?;
    let span = sms.configuration.node.as_ref()?.get("organization")?.span.clone();
    Some(crate::source::Place { source, span, pointer: "/organization".to_owned() })
}

/// A name without regard to case and white space.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

//! An attached file is missing or was altered.

use crate::{
    document::{Defect, Document},
    finding::{Basis, Drafts, Findings, Grade, Level, Reads, Rule},
    kind::nearest,
    sms::{Attached, Sms},
    source::sha256,
};

pub(super) static RULE: Rule = Rule {
    name: "altered-attachment",
    summary: "an attached file is missing or was altered",
    checks: &[],
    clauses: &["7.5.3.1"],
    basis: Basis::Follows,
    grade: Grade::Minor,
    level: Level::Error,
    drafts: Drafts::Count,
    reads: Reads::Tree,
    since: "0.1.0",
    docs: include_str!("altered_attachment.md"),
    check,
};

fn check(sms: &Sms, findings: &mut Findings<'_>) {
    for document in &sms.documents {
        for attached in sms.attachments_of(document) {
            check_file(sms, document, &attached, findings);
        }
    }
}

fn check_file(sms: &Sms, document: &Document, attached: &Attached<'_>, findings: &mut Findings<'_>) {
    let path = attached.path;
    if sms.configuration.ignores(path) {
        return;
    }
    let Some((known, file)) = sms.files.get_key_value(path) else {
        let near = nearest(path, sms.files.keys().map(String::as_str));
        let help = near.map_or_else(
            || "add the file, or correct the path from the root of the SMS".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        findings
            .report(
                document,
                document.field(&attached.pointer("path")),
                format!("`{path}` is attached but not there"),
                help,
            )
            .about(path);
        return;
    };
    // What could not be read is said by the rules for reading.
    let unread = sms.problems.iter().any(|problem| {
        problem.subject == *known && matches!(problem.defect, Defect::UnreadableFile | Defect::NotFollowed)
    });
    let of_text = || file.source.filter(|_| !unread).map(|source| sha256(sms.source(source).text().as_bytes()));
    let Some(digest) = file.sha256.clone().or_else(of_text) else { return };
    if digest == attached.sha256 {
        return;
    }
    findings
        .report(
            document,
            document.field(&attached.pointer("sha256")),
            format!("`{path}` is not the file that was attached: its SHA-256 is now {}…", &digest[..12]),
            "restore the file from the history; if the new one is meant, attach it under a name of its own with its digest",
        )
        .about(path);
}

//! What a repository may hold against us, read from disk: each is a finding, and the rest goes on.

use crate::support::{Folder, Made};
use attestry::{
    report::{Report, human},
    sms::Sms,
};

fn told(sms: &Sms, rule: &str) -> Vec<String> {
    let report = Report::new(sms, |one| one.name == rule, |_| true);
    let text = human::render(&report, human::Style { colour: false, concise: true, width: None });
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn text(text: &str) -> Made {
    Made::Text(text.to_owned())
}

#[test]
fn bytes_that_are_no_text_are_said_and_the_rest_is_read() {
    let folder = Folder::new();
    folder
        .put("policies/change.md", &Made::Bytes(b"---\nid: POL-002\nkind: change-policy\ntitle: \xff\n---\n".to_vec()));
    folder.put("policies/release.md", &Made::Bytes(b"---\nid: POL-004\nkind: release-policy\n---\n\0\n".to_vec()));
    let sms = folder.sms("2026-03-01");
    assert_eq!(told(&sms, "unreadable-file").len(), 2);
    assert!(sms.document("POL-002").is_some() && sms.document("POL-004").is_some());
}

#[test]
fn a_link_out_of_the_repository_is_not_followed() {
    let outside = Folder::new();
    outside.put("secret.md", &text("---\nid: SECRET-1\nkind: change-policy\n---\n"));
    let folder = Folder::new();
    folder.put("policies/a.md", &Made::Link(outside.path().join("secret.md").display().to_string()));
    folder.put("policies/b.md", &Made::Link("../../nowhere.md".to_owned()));
    folder.put("README.md", &text("[a](policies/a.md) [out](../nowhere.md)\n"));
    let sms = folder.sms("2026-03-01");
    assert_eq!(told(&sms, "not-followed").len(), 2);
    assert!(sms.document("SECRET-1").is_none());
    assert_eq!(told(&sms, "broken-link"), ["README.md:1:20: error[broken-link]: `../nowhere.md` leads out of the SMS"]);
}

#[test]
fn an_attachment_behind_a_link_is_not_called_altered() {
    let folder = Folder::new();
    folder.put("attachments/a.md", &Made::Link("b.txt".to_owned()));
    folder.put("attachments/b.txt", &text("b\n"));
    let digest = "0".repeat(64);
    folder.put(
        "scope.md",
        &text(&format!(
            "---\nid: SCO-001\nkind: scope-statement\nattachments:\n  - {{ path: attachments/a.md, sha256: \"{digest}\" }}\n---\n"
        )),
    );
    assert!(told(&folder.sms("2026-03-01"), "altered-attachment").is_empty());
}

#[test]
fn names_and_values_cannot_forge_a_line_of_the_report() {
    let folder = Folder::new();
    folder.put("policies/a.md", &text("[x](<b\u{1b}[31m::error::.md>) [y](%0A::error::)\n"));
    let lines = told(&folder.sms("2026-03-01"), "broken-link");
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.starts_with("policies/a.md:1:") && !line.contains('\u{1b}')));
}

#[test]
fn a_link_may_hold_any_bytes() {
    let folder = Folder::new();
    folder.put(
        "a.md",
        &text("[1](%) [2](%ff%fe) [3](%2e%2e/x) [4](a%00b.md) [5](?) [6](#%zz) [7](..//..//x) [8](\\\\host\\x)\n"),
    );
    let sms = folder.sms("2026-03-01");
    assert_eq!(told(&sms, "broken-link").len(), 6);
    assert_eq!(told(&sms, "broken-anchor").len(), 1);
}

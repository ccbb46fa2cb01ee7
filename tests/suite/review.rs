//! A review that changed nothing is written into the text with as few changes as there can be.

use super::support::sms;
use attestry::{
    calendar::parse_day,
    starter::{NewReview, reviewed},
};

const HEAD: &str = "id: POL-001\ntitle: Policy\nkind: sm-policy\nversion: \"1.0\"\nstatus: approved # by the board\napproved_on: 2025-02-01\n";

fn written(path: &str, text: &str, id: &str) -> Result<String, String> {
    let sms = sms(&[(path.to_owned(), text.to_owned())], "2026-06-30");
    let review =
        NewReview { on: parse_day("2026-05-20").unwrap(), by: "ada.exampleton", result: Some("fits: \"as is\"") };
    reviewed(&sms, sms.document(id).unwrap(), &review)
}

const ITEM: &str = "{ date: 2026-05-20, by: ada.exampleton, result: \"fits: \\\"as is\\\"\" }";

#[test]
fn front_matter_gets_two_fields_and_keeps_every_other_byte() {
    let text = format!("---\n{HEAD}# remark\nowner: x\n---\n\n# Policy\n");
    let new = written("policies/p.md", &text, "POL-001").unwrap();
    let expected = text.replace(
        "approved_on: 2025-02-01\n",
        &format!("approved_on: 2025-02-01\nlast_reviewed: 2026-05-20\nreviews:\n  - {ITEM}\n"),
    );
    assert_eq!(new, expected);
    // With the line ends that are there.
    let new = written("policies/p.md", &text.replace('\n', "\r\n"), "POL-001").unwrap();
    assert_eq!(new, expected.replace('\n', "\r\n"));
}

#[test]
fn what_is_there_is_taken_up() {
    let text = format!(
        "---\n{HEAD}last_reviewed: '2025-06-01' # yearly\nreviews:\n  # the first\n  - date: 2025-06-01\n    by: bo.samplesen # in person\nowner: x\n---\n"
    );
    let expected = text
        .replace("'2025-06-01' #", "'2026-05-20' #")
        .replace("# in person\n", &format!("# in person\n  - {ITEM}\n"));
    assert_eq!(written("policies/p.md", &text, "POL-001").unwrap(), expected);
    let text = format!("{HEAD}last_reviewed: 2026-06-01\nreviews: [ {{ date: 2026-06-01, by: bo }} ] # all\n");
    let expected =
        text.replace("[ { date: 2026-06-01, by: bo } ]", &format!("[{{ date: 2026-06-01, by: bo }}, {ITEM}]"));
    // A later review stays the last one.
    assert_eq!(written("policies/p.yaml", &text, "POL-001").unwrap(), expected);
}

#[test]
fn an_entry_of_a_register_is_changed_alone() {
    let text = "kind: sm-policy\nid: REG-1\nentries:\n  - title: One\n    id: P-1\n    status: approved\n    approved_on: 2025-02-01\n\n  - { id: P-2, status: approved }\n";
    let new = written("registers/p.yaml", text, "P-1").unwrap();
    let lines = format!("    last_reviewed: 2026-05-20\n    reviews:\n      - {ITEM}\n");
    assert_eq!(new, text.replace("    approved_on: 2025-02-01\n", &format!("    approved_on: 2025-02-01\n{lines}")));
    let new = written("registers/p.yaml", text, "P-2").unwrap();
    assert_eq!(
        new,
        text.replace(
            "status: approved }",
            &format!("status: approved, last_reviewed: 2026-05-20, reviews: [{ITEM}] }}")
        )
    );
}

#[test]
fn what_cannot_be_kept_is_left() {
    let text = format!("{HEAD}reviews: 1\n");
    assert!(written("policies/p.yaml", &text, "POL-001").is_err());
}

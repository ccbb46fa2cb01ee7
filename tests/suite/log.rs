//! The life of a document told: what happened, who, how strongly approvals are shown, and what was
//! in force when.

use super::support::{Folder, Made, Step, sms_of_commits};
use attestry::{
    calendar::parse_day,
    report::log::{self, Asked},
    repository::{NewCommit, NewRepository},
    sms::Sms,
};

const PEOPLE: &str = "people:\n  - id: ada.exampleton\n    name: Ada Exampleton\n    email: ada.exampleton@brightwater.example\n  - id: bo.samplesen\n    name: Bo Samplesen\n    email: bo.samplesen@brightwater.example\n";

fn policy(version: &str, status: &str, more: &str, text: &str) -> Made {
    Made::Text(format!(
        "---\nid: POL-001\ntitle: Policy\nkind: sm-policy\nversion: \"{version}\"\nstatus: {status}\nowner: bo.samplesen\n{more}---\n\n# Policy\n\n{text}\n"
    ))
}

fn step(head: &str, path: &str, made: Option<Made>) -> Step {
    let mut step = Step::commit(head);
    step.files.push((path.to_owned(), made));
    step
}

fn approved(version: &str, day: &str, effective: Option<&str>, more: &str, text: &str) -> Made {
    let effective = effective.map_or_else(String::new, |day| format!("effective_from: {day}\n"));
    policy(version, "approved", &format!("approved_by: ada.exampleton\napproved_on: {day}\n{effective}{more}"), text)
}

fn story() -> Sms {
    let path = "policies/policy.md";
    let first = approved("1.0", "2025-02-01", Some("2025-02-10"), "", "One, better.");
    let mut moved = step("2025-03-01 cy.stranger", path, Some(first));
    moved.files.push(("policies/sm.md".to_owned(), None));
    let steps = [
        step("2025-01-10 bo.samplesen\npolicies: draft", "policies/sm.md", Some(policy("1.0", "draft", "", "One."))),
        step("2025-01-20 bo.samplesen", "policies/sm.md", Some(policy("1.0", "in-review", "", "One, better."))),
        step(
            "2025-02-01 ada.exampleton",
            "policies/sm.md",
            Some(approved("1.0", "2025-02-01", Some("2025-02-10"), "", "One, better.")),
        ),
        moved,
        step(
            "2025-06-01 bo.samplesen",
            path,
            Some(approved("1.0", "2025-02-01", Some("2025-02-10"), "last_reviewed: 2025-06-01\n", "One, better.")),
        ),
        step("2025-07-01 bo.samplesen on work", path, Some(policy("2.0", "draft", "", "Two."))),
        step("2025-08-15 bo.samplesen on work", path, Some(approved("2.0", "2025-08-14", None, "", "Two."))),
        step("2025-09-01 bo.samplesen merging work", path, Some(approved("2.0", "2025-08-14", None, "", "Two."))),
        step("2026-02-01 ada.exampleton", path, Some(approved("3.0", "2026-02-01", Some("2026-09-01"), "", "Three."))),
    ];
    sms_of_commits(&[("people.yaml".to_owned(), Made::Text(PEOPLE.to_owned()))], &steps, "2026-06-30")
}

const ASKED: Asked = Asked { on: None, named: true, colour: false, width: None };

#[test]
fn a_life_is_told_in_plain_words() {
    let sms = story();
    let text = log::human(&sms, &sms.story("pol-001").unwrap(), ASKED);
    for part in [
        "in force on 2026-06-30: version 2.0 from 2025-09-01 until 2026-08-31; upcoming: version 3.0 from 2026-09-01 on",
        "\ntimes of approval: claimed by the committer (see `--anchor`)\n",
        "2025-01-10  drafted",
        "2025-01-20  changed, sent to review",
        "2025-02-01  changed, approved as version 1.0 by Ada Exampleton\n            attributed: the commit names Ada Exampleton as its author, unsigned",
        "2025-03-01  moved from `policies/sm.md`",
        "unknown: Cy Stranger <cy.stranger@brightwater.example>",
        "2025-06-01  reviewed without change",
        "2025-09-01  approved as version 2.0 by Ada Exampleton on 2025-08-14\n            claimed: only the fields `approved_by` and `approved_on` say so, in a commit by Bo Samplesen",
        "version 2.0, approved · by Bo Samplesen",
        "  1.0      2025-02-10  2025-08-31  replaced by a later version",
        "  3.0      2026-09-01              upcoming",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn a_narrow_terminal_breaks_between_words() {
    let sms = story();
    let story = sms.story("POL-001").unwrap();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let whole = log::human(&sms, &story, ASKED);
    for width in [50, 60, 80] {
        let text = log::human(&sms, &story, Asked { width: Some(width), ..ASKED });
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        assert_eq!(words(&text), words(&whole), "{text}");
    }
    let text = log::human(&sms, &story, Asked { width: Some(60), ..ASKED });
    for part in [
        "in force on 2026-06-30: version 2.0 from 2025-09-01 until\n  2026-08-31; upcoming",
        "\n            claimed: only the fields `approved_by` and\n            `approved_on` say so",
        "\n  2.0      2025-09-01  2026-08-31  in force; then replaced\n                                   by a later version\n",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn the_day_says_what_was_in_force() {
    let sms = story();
    let story = sms.story("POL-001").unwrap();
    let on = |day: &str| log::on(&sms, &story, parse_day(day).unwrap(), true);
    assert!(on("2025-02-09").starts_with(
        "on 2025-02-09 no version of POL-001 was in force: its state was approved; the next was version 1.0 from 2025-02-10 on"
    ));
    assert!(on("2025-01-09").starts_with("on 2025-01-09 POL-001 was not there yet; it came on 2025-01-10"));
    assert!(
        on("2025-02-10")
            .contains("approved on 2025-02-01 by Ada Exampleton (attributed; time claimed by the committer)")
    );
    assert!(on("2025-02-10").contains("version 1.0 of POL-001 was in force, from 2025-02-10 until 2025-08-31"));
    assert!(on("2025-02-10").contains(":policies/sm.md"), "{}", on("2025-02-10"));
    assert!(on("2025-06-02").contains(":policies/policy.md"), "{}", on("2025-06-02"));
    // Approved on a branch in August, it came to the default branch in September.
    assert!(on("2025-08-31").contains("version 1.0"));
    assert!(on("2025-09-01").contains("version 2.0"));
    assert!(on("2026-09-01").contains("version 3.0"));
}

#[test]
fn what_ends_a_version_and_what_came_later_is_said() {
    let path = "policies/policy.md";
    let mut steps = vec![
        step("2025-02-01 ada.exampleton", path, Some(approved("1.0", "2025-02-01", None, "", "One."))),
        step("2025-03-01 bo.samplesen", path, Some(approved("1.0", "2025-02-01", None, "", "One, changed."))),
        step("2025-04-01 bo.samplesen", path, Some(policy("1.0", "withdrawn", "", "One, changed."))),
        step("2025-05-01 bo.samplesen", path, None),
        step("2025-06-01 bo.samplesen", "x.txt", Some(Made::Text("x".to_owned()))),
    ];
    let first = [("people.yaml".to_owned(), Made::Text(PEOPLE.to_owned()))];
    let sms = sms_of_commits(&first, &steps, "2026-06-30");
    let told = sms.story("POL-001").unwrap();
    let text = log::human(&sms, &told, ASKED);
    assert!(text.contains("2025-05-01  removed"), "{text}");
    assert!(
        text.contains("1.0      2025-02-01  2025-03-31  withdrawn; changed on 2025-03-01 without a new approval ("),
        "{text}"
    );
    let on = |day: &str| log::on(&sms, &told, parse_day(day).unwrap(), true);
    assert!(on("2025-03-15").contains("changed since without a new approval on 2025-03-01 ("), "{}", on("2025-03-15"));
    assert!(
        on("2025-04-10").contains("its state was withdrawn; version 1.0 was withdrawn on 2025-04-01"),
        "{}",
        on("2025-04-10")
    );
    assert!(on("2025-05-10").contains("POL-001 was not there: it was removed on 2025-05-01 ("), "{}", on("2025-05-10"));
    steps.truncate(4);
    let sms = sms_of_commits(&first, &steps, "2025-03-15");
    let told = sms.story("POL-001").unwrap();
    assert_eq!((told.chapters.len(), told.later), (2, 2));
    assert!(log::now(&sms, &told).contains("version 1.0 since 2025-02-01"), "{}", log::now(&sms, &told));
}

fn service(version: &str, status: &str, stage: &str, more: &str) -> Made {
    Made::Text(format!(
        "kind: service\nid: SVC-001\ntitle: Mail\nversion: \"{version}\"\nstatus: {status}\nlifecycle_status: {stage}\nowner: bo.samplesen\n{more}description: Mail\n"
    ))
}

#[test]
fn a_service_is_approved_by_its_status_and_lives_beside_it() {
    let path = "services/mail.yaml";
    let approved = "approved_by: ada.exampleton\napproved_on: 2025-02-01\n";
    let steps = [
        step("2025-01-10 bo.samplesen", path, Some(service("1.0", "draft", "design", ""))),
        step("2025-02-01 ada.exampleton", path, Some(service("1.0", "approved", "design", approved))),
        step("2025-03-01 bo.samplesen", path, Some(service("1.0", "approved", "live", approved))),
        step("2025-04-01 bo.samplesen", path, Some(service("1.0", "withdrawn", "live", approved))),
    ];
    let sms = sms_of_commits(&[("people.yaml".to_owned(), Made::Text(PEOPLE.to_owned()))], &steps, "2026-06-30");
    let told = sms.story("SVC-001").unwrap();
    let text = log::human(&sms, &told, ASKED);
    for part in [
        "2025-01-10  drafted",
        "2025-02-01  approved as version 1.0 by Ada Exampleton",
        "2025-03-01  went from design to live",
        "2025-04-01  withdrawn",
        "version 1.0, approved, live",
        "  1.0      2025-02-01  2025-03-31  withdrawn",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

fn risks(version: &str, day: &str, entries: &str) -> Made {
    Made::Text(format!(
        "kind: risk\nid: REG-RISKS\ntitle: Risks\nversion: \"{version}\"\nstatus: approved\nowner: bo.samplesen\napproved_by: ada.exampleton\napproved_on: {day}\nentries:\n{entries}"
    ))
}

#[test]
fn a_register_tells_of_its_entries() {
    let path = "registers/risks.yaml";
    let (high, low) = ("  - {id: RSK-001, title: Fire, score: 10}\n", "  - {id: RSK-001, title: Fire, score: 1}\n");
    let flood = "  - {id: RSK-002, title: Flood, score: 5}\n";
    let steps = [
        step("2025-02-01 ada.exampleton", path, Some(risks("1.0", "2025-02-01", &format!("{high}{flood}")))),
        step("2025-03-01 bo.samplesen", path, Some(risks("1.0", "2025-02-01", &format!("{low}{flood}")))),
        step("2025-04-01 bo.samplesen", path, Some(risks("1.0", "2025-02-01", low))),
        step("2025-05-01 ada.exampleton", path, Some(risks("2.0", "2025-05-01", low))),
    ];
    let sms = sms_of_commits(&[("people.yaml".to_owned(), Made::Text(PEOPLE.to_owned()))], &steps, "2026-06-30");
    let told = sms.story("REG-RISKS").unwrap();
    let text = log::human(&sms, &told, ASKED);
    for part in ["added RSK-001, RSK-002", "2025-03-01  changed RSK-001", "2025-04-01  removed RSK-002"] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    let commit = |day: &str| told.in_force_on(parse_day(day).unwrap()).unwrap().text_on(parse_day(day).unwrap()).commit;
    assert_eq!(commit("2025-03-15"), told.chapters[2].commit.id);
    // The version is what was approved as such, not what became of its entries.
    let (old, new) = told.last_change().unwrap();
    assert_eq!((old.text().commit, new.text().commit), (told.chapters[3].commit.id, told.chapters[0].commit.id));
    let entry = sms.story("RSK-002").unwrap();
    assert!(log::on(&sms, &entry, parse_day("2025-06-01").unwrap(), true).contains("it was removed on 2025-04-01"));
    assert!(
        log::on(&sms, &entry, parse_day("2025-03-15").unwrap(), true).contains("stood as it was written on 2025-02-01")
    );
}

#[test]
fn json_and_markdown_say_the_same() {
    let sms = story();
    let story = sms.story("POL-001").unwrap();
    let asked = Asked { on: parse_day("2025-06-30").ok_or(()).ok(), ..ASKED };
    let json: serde_json::Value = serde_json::from_str(&log::json(&sms, &story, asked)).unwrap();
    assert_eq!(json["on"]["version"], "1.0");
    assert_eq!(json["in_force"][0]["approvals"][0]["time"], "claimed");
    assert_eq!(json["in_force"][0]["upcoming"], true);
    assert_eq!(json["life"].as_array().unwrap().len(), 8);
    let markdown = log::markdown(&sms, &story, ASKED);
    assert!(markdown.contains("| 2.0 | 2025-09-01 | 2026-08-31 |"), "{markdown}");
    // Without names nobody is told by name.
    let value = log::value(&sms, &story, false).to_string();
    assert!(!value.contains("Exampleton") && !value.contains("Stranger"), "{value}");
}

fn command(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_attestry"))
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// What can be asked of a life, and what is said of the rest.
fn ranges(sms: &std::path::Path) {
    let (code, _, error) = command(sms, &["log", "POL-01"]);
    assert_eq!(
        (code, error.as_str()),
        (Some(2), "error: no document or entry has or had the id `POL-01`; did you mean `POL-001`?\n")
    );
    for (range, part) in [
        ("1.0..9", "it has the versions 1.0, 2.0"),
        ("..", "`--diff ..` does not say what to compare with: write `1.0..`"),
        ("1.0...2.0", "two dots stand between what is compared"),
        ("2024-01-01..", "`POL-001` was not there yet on 2024-01-01"),
    ] {
        let (code, _, error) = command(sms, &["log", "POL-001", "--diff", range]);
        assert!(code == Some(2) && error.contains(part), "{error}");
    }
    let by_name = command(sms, &["log", "POL-001", "--diff", "HEAD~1..main"]).1;
    assert!(
        by_name.contains("for {+all +}staff") && by_name.contains("from version 1.0 approved on 2025-02-01 ("),
        "{by_name}"
    );
    let (code, _, error) = command(sms, &["log", ""]);
    assert!(code == Some(2) && error.contains("whose life?"), "{error}");
    let (code, _, error) = command(sms, &["log", "ada.exampleton"]);
    assert!(code == Some(2) && error.contains("stands in `people.yaml`"), "{error}");
}

#[test]
fn the_commands_answer_and_say_what_they_cannot() {
    let folder = Folder::new();
    let (code, _, error) = command(folder.path(), &["log", "POL-001"]);
    assert_eq!(
        (code, error.as_str()),
        (Some(2), "error: no life can be told: there is no git repository, so there is no history\n")
    );
    let sms = folder.path().join("sms");
    let mut new = NewRepository::create(&sms).unwrap();
    let texts = [
        approved("1.0", "2025-02-01", None, "", "It holds for staff."),
        approved("2.0", "2026-02-01", None, "", "It holds for all staff."),
    ];
    for (index, made) in texts.into_iter().enumerate() {
        let Made::Text(text) = made else { panic!("a text") };
        let mut changes = vec![("policies/policy.md".to_owned(), Some(text.into_bytes()))];
        if index == 0 {
            changes.push(("people.yaml".to_owned(), Some(PEOPLE.as_bytes().to_vec())));
        }
        new.commit(&NewCommit {
            branch: "main".to_owned(),
            merges: None,
            name: "Ada Exampleton".to_owned(),
            email: "ada.exampleton@brightwater.example".to_owned(),
            time: [1_738_400_000, 1_769_940_000][index],
            offset: 60,
            message: "policies: approve\n".to_owned(),
            changes,
        })
        .unwrap();
    }
    new.finish().unwrap();
    let (code, out, _) = command(&sms, &["log", "pol-001", "--diff", "2.0"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("for {+all +}staff") && out.contains("[-1.0-]") && out.contains("{+2.0+}"), "{out}");
    let same = command(&sms, &["log", "POL-001", "--diff", "2025-06-01..2026-03-01"]).1;
    assert_eq!(same, out);
    assert_eq!(command(&sms, &["log", "POL-001", "--diff", "1.0.."]).1.lines().last(), out.lines().last());
    ranges(&sms);

    // A review is written, and the next life tells of it.
    let (code, _, error) = command(&sms, &["review", "POL-001", "--by", "ada"]);
    assert!(code == Some(2) && error.contains("knows nobody with the id `ada`"), "{error}");
    let (code, _, error) = command(&sms, &["review", "POL-001", "--by", "ada.exampleton", "--on", "2026-01-31"]);
    assert!(code == Some(2) && error.contains("was approved on 2026-02-01"), "{error}");
    let (code, out, error) =
        command(&sms, &["review", "POL-001", "--by", "ada.exampleton", "--on", "2026-05-20", "--result", "fits"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("Reviewed-by: Ada Exampleton <ada.exampleton@brightwater.example>"), "{out}");
    let text = std::fs::read_to_string(sms.join("policies/policy.md")).unwrap();
    assert!(
        text.contains(
            "last_reviewed: 2026-05-20\nreviews:\n  - { date: 2026-05-20, by: ada.exampleton, result: \"fits\" }\n"
        ),
        "{text}"
    );

    // The site shows both, and the bundle is the same bytes twice.
    let site = folder.path().join("site");
    let (code, _, error) = command(&sms, &["site", site.to_str().unwrap(), "--as-of", "2026-06-30"]);
    assert_eq!(code, Some(0), "{error}");
    let page = std::fs::read_to_string(site.join("documents/pol-001.html")).unwrap();
    for part in [
        "What version 2.0 changed against version 1.0",
        "for <ins>all </ins>staff",
        "attributed: the commit names Ada Exampleton",
    ] {
        assert!(page.contains(part), "no `{part}`");
    }
    let zips = ["a.zip", "b.zip"].map(|name| folder.path().join(name));
    for zip in &zips {
        let (code, _, error) = command(&sms, &["bundle", zip.to_str().unwrap(), "--as-of", "2026-06-30"]);
        assert_eq!(code, Some(0), "{error}");
    }
    assert!(std::fs::read(&zips[0]).unwrap() == std::fs::read(&zips[1]).unwrap());
    // For the public the page is withheld, with its life.
    let public = folder.path().join("public");
    command(&sms, &["site", public.to_str().unwrap(), "--audience", "public", "--as-of", "2026-06-30"]);
    let page = std::fs::read_to_string(public.join("documents/pol-001.html")).unwrap();
    assert!(!page.contains("Exampleton") && !page.contains("<ins>") && !page.contains("History"), "{page}");
}

#[test]
fn the_site_lists_what_is_gone_and_says_where_there_is_no_history() {
    let folder = Folder::new();
    let sms = folder.path().join("sms");
    let mut new = NewRepository::create(&sms).unwrap();
    let Made::Text(text) = approved("1.0", "2025-02-01", None, "classification: internal\n", "One.") else { panic!() };
    let steps = [
        vec![
            ("policies/policy.md".to_owned(), Some(text.clone().into_bytes())),
            ("policies/other.md".to_owned(), Some(text.replace("POL-001", "POL-002").into_bytes())),
            ("people.yaml".to_owned(), Some(PEOPLE.as_bytes().to_vec())),
        ],
        vec![("policies/policy.md".to_owned(), None)],
    ];
    for (changes, time) in steps.into_iter().zip([1_738_400_000, 1_769_940_000]) {
        new.commit(&NewCommit {
            branch: "main".to_owned(),
            merges: None,
            name: "Ada Exampleton".to_owned(),
            email: "ada.exampleton@brightwater.example".to_owned(),
            time,
            offset: 60,
            message: "policies: change\n".to_owned(),
            changes,
        })
        .unwrap();
    }
    new.finish().unwrap();
    let page = |out: &str, audience: &str, page: &str| {
        let out = folder.path().join(out);
        let arguments = ["site", out.to_str().unwrap(), "--audience", audience, "--as-of", "2026-06-30"];
        assert_eq!(command(&sms, &arguments).0, Some(0));
        std::fs::read_to_string(out.join(page)).unwrap()
    };
    let list = page("internal", "internal", "documents.html");
    let gone = "removed on 2026-02-01 (";
    assert!(list.contains("No longer there") && list.contains("POL-001") && list.contains(gone), "{list}");
    assert!(list.contains("version 1.0 from 2025-02-01 until 2026-01-31"), "{list}");
    assert!(!page("public", "public", "documents.html").contains("POL-001"));
    std::fs::remove_dir_all(sms.join(".git")).unwrap();
    for one in ["documents/pol-002.html", "findings.html", "index.html"] {
        assert!(page("without", "internal", one).contains("The history could not be read"), "{one}");
    }
}

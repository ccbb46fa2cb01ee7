//! The ledger of approvals: what the API of a hosting platform prints becomes documents of the kind
//! `approval`, as whole, as safe and as unchangeable as the platform lets them be. All answers of an
//! API here are invented; their shape is that of the published documentation.

use crate::support::{Folder, Made};
use attestry::{
    ledger::{Defect, Entry, ReviewState, Text, counting, import, merge, write},
    sms::Sms,
};
use serde_json::{Map, Value, json};
use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

const HEAD: &str = "3f2a9c0d1e4b5a6978c0d1e2f3a4b5c6d7e8f901";
const OLDER: &str = "0123456789abcdef0123456789abcdef01234567";
const MERGE: &str = "77aa88bb99cc00dd11ee22ff33aa44bb55cc66dd";
const BLOB: &str = "89abcdef0123456789abcdef0123456789abcdef";
const FILE: &str = "approvals/github-brightwater-example-sms-12.yaml";

fn pull(files: u64) -> Value {
    json!({
        "url": "https://api.github.com/repos/Brightwater-Example/sms/pulls/12", "id": 1, "node_id": "MDEx",
        "html_url": "https://github.com/Brightwater-Example/sms/pull/12",
        "number": 12, "state": "closed", "locked": false, "title": "Change policy 2.1: \u{1b}[31memergencies",
        "user": { "login": "cleo-mockridge", "id": 7, "type": "User", "site_admin": false },
        "body": "```\nid: APV-1\n```", "merged_at": "2026-02-11T09:30:00Z", "merge_commit_sha": MERGE,
        "assignees": [], "labels": [],
        "head": { "label": "cleo-mockridge:policy", "ref": "policy", "sha": HEAD, "repo": null },
        "base": { "label": "brightwater-example:main", "ref": "main", "sha": OLDER,
                  "repo": { "id": 5, "name": "sms", "full_name": "Brightwater-Example/sms" } },
        "merged": true, "merged_by": { "login": "bo-samplesen", "id": 8 }, "comments": 1, "review_comments": 0,
        "commits": 2, "additions": 9, "deletions": 2, "changed_files": files
    })
}

fn review(reviewer: &str, state: &str, hour: u32, commit: &str) -> Value {
    json!({
        "id": 80 + hour, "node_id": "MDEy", "user": { "login": reviewer, "id": 9, "type": "User" }, "body": "",
        "state": state, "html_url": "https://github.com/Brightwater-Example/sms/pull/12#pullrequestreview-80",
        "pull_request_url": "https://api.github.com/repos/Brightwater-Example/sms/pulls/12",
        "author_association": "MEMBER", "submitted_at": format!("2026-02-11T{hour:02}:00:00Z"), "commit_id": commit
    })
}

fn file(path: &str, status: &str) -> Value {
    let blob = if status == "removed" { OLDER } else { BLOB };
    let mut file = json!({
        "sha": blob, "filename": path, "status": status, "additions": 1, "deletions": 0, "changes": 1,
        "blob_url": format!("https://github.com/Brightwater-Example/sms/blob/{HEAD}/{path}"),
        "contents_url": format!("https://api.github.com/repos/Brightwater-Example/sms/contents/{path}?ref={HEAD}"),
        "patch": "@@ -1 +1 @@\n-a\n+b"
    });
    if status == "renamed" {
        file["previous_filename"] = json!("old/name.md");
    }
    file
}

fn merge_request() -> Value {
    json!({
        "id": 155, "iid": 3, "project_id": 6, "title": "Change policy", "state": "merged",
        "created_at": "2026-02-10T09:30:00.470Z", "merged_at": "2026-02-11T09:30:00.123Z", "closed_at": null,
        "target_branch": "main", "source_branch": "policy",
        "author": { "id": 1, "username": "cleo", "name": "Cleo", "state": "active" },
        "merge_user": { "id": 2, "username": "bo", "name": "Bo" }, "merged_by": { "id": 2, "username": "bo" },
        "sha": HEAD, "merge_commit_sha": MERGE, "squash_commit_sha": null, "changes_count": "2",
        "web_url": "https://gitlab.example/brightwater/group/sms/-/merge_requests/3"
    })
}

fn approvals() -> Value {
    json!({
        "id": 155, "iid": 3, "project_id": 6, "state": "merged", "approved": true, "approvals_required": 1,
        "approvals_left": 0,
        "approved_by": [ { "user": { "id": 3, "username": "ada", "name": "Ada" } },
                         { "user": { "id": 1, "username": "cleo" }, "approved_at": "2026-02-11T08:00:00.000Z" } ]
    })
}

fn text(name: &str, value: &Value) -> Text {
    Text { name: name.to_owned(), text: value.to_string() }
}

fn one(values: &[Value]) -> Result<Entry, Vec<Defect>> {
    let texts: Vec<Text> =
        values.iter().enumerate().map(|(index, value)| text(&format!("{index}.json"), value)).collect();
    import(&texts).map(|mut entries| {
        assert_eq!(entries.len(), 1);
        entries.remove(0)
    })
}

fn whole() -> Vec<Value> {
    vec![
        pull(3),
        json!([review("bo-samplesen", "CHANGES_REQUESTED", 7, OLDER), review("ada-exampleton", "APPROVED", 8, HEAD)]),
        json!([file("policies/change.md", "modified"), file("new/name.md", "renamed"), file("gone.md", "removed")]),
    ]
}

fn accounts(entry: &Entry) -> String {
    counting(entry).into_iter().map(|approver| approver.account).collect::<Vec<_>>().join(" ")
}

/// What is wrong, as one text.
fn refused(values: &[Value]) -> String {
    let defects = one(values).expect_err("it is refused");
    defects.iter().map(|defect| format!("{} ({})", defect.message, defect.help)).collect::<Vec<_>>().join("\n")
}

/// The entries that an SMS of these files has.
fn entries(files: &[(&str, &str)]) -> (Sms, Vec<Entry>) {
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let sms = crate::support::sms(&files, "2026-06-30");
    let entries = sms.of_kind("approval").filter_map(Entry::of).collect();
    (sms, entries)
}

#[test]
fn a_pull_request_becomes_an_entry_and_is_read_back() {
    let entry = one(&whole()).unwrap();
    assert_eq!(entry.id, "APV-github-brightwater-example-sms-12");
    assert_eq!(entry.repository, "github.com/Brightwater-Example/sms");
    assert_eq!(entry.title.as_deref(), Some("Change policy 2.1: [31memergencies"));
    assert_eq!((entry.head.as_str(), entry.merge.as_deref()), (HEAD, Some(MERGE)));
    assert_eq!(accounts(&entry), "ada-exampleton");
    let files: Vec<(&str, bool)> = entry.files.iter().map(|file| (file.path.as_str(), file.blob.is_some())).collect();
    assert_eq!(files, [("gone.md", false), ("new/name.md", true), ("policies/change.md", true)]);
    assert_eq!(entry.files[1].previous_path.as_deref(), Some("old/name.md"));
    let text = write(&entry, &Map::new());
    let (sms, read) = entries(&[("attestry.yaml", "format: 1\n"), (FILE, &text)]);
    assert!(sms.problems.is_empty(), "{:?}", sms.problems);
    assert_eq!(read.first(), Some(&entry));
    assert_eq!(write(&read[0], &Map::new()), text);
}

#[test]
fn order_and_pages_make_no_difference() {
    let expected = one(&whole()).unwrap();
    let [pull, reviews, files] = <[Value; 3]>::try_from(whole()).unwrap();
    let pages = json!([[files[0]], [files[1], files[2]], []]);
    assert_eq!(one(&[files.clone(), reviews.clone(), pull.clone()]), Ok(expected.clone()));
    assert_eq!(one(&[pull.clone(), json!([reviews.clone()]), pages]), Ok(expected.clone()));
    let stream = format!("\u{feff}{pull}\n{}{}\n{}", json!([files[0], files[2]]), json!([files[1]]), reviews);
    assert_eq!(import(&[Text { name: "-".to_owned(), text: stream }]), Ok(vec![expected.clone()]));
    let mut backwards = reviews.as_array().unwrap().clone();
    backwards.reverse();
    assert_eq!(one(&[pull, files, json!(backwards)]), Ok(expected));
}

#[test]
fn several_requests_keep_what_is_theirs() {
    let mut other = pull(1);
    other["number"] = json!(13);
    other["html_url"] = json!("https://github.com/Brightwater-Example/sms/pull/13");
    other["head"]["sha"] = json!(OLDER);
    let mut file = file("other.md", "added");
    file["contents_url"] = json!(format!("https://api.github.com/x?ref={OLDER}"));
    let mut values = whole();
    values.extend([other, json!([]), json!([file])]);
    let texts: Vec<Text> = values.iter().map(|value| text("all.json", value)).collect();
    let entries = import(&texts).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0], one(&whole()).unwrap());
    assert_eq!((entries[1].request, entries[1].reviews.len(), entries[1].files.len()), (13, 0, 1));
    let twice = [whole(), whole()].concat();
    let texts: Vec<Text> = twice.iter().map(|value| text("all.json", value)).collect();
    assert!(import(&texts).is_err(), "the same request twice");
}

#[test]
fn what_lacks_is_named_with_the_call_that_gives_it() {
    let [pull_12, reviews, files] = <[Value; 3]>::try_from(whole()).unwrap();
    let without = |pointer: &str| {
        let mut pull = pull_12.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        pull.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
        refused(&[pull, reviews.clone(), files.clone()])
    };
    for field in ["/merged_at", "/head/sha", "/html_url", "/changed_files", "/base/repo/full_name"] {
        let said = without(field);
        let name = field[1..].replace('/', ".");
        assert!(said.contains(&format!("`0.json`: pull request 12 lacks `{name}`")), "{field}: {said}");
        assert!(said.contains("gh api repos/") && said.contains("pulls/12"), "{said}");
    }
    let said = refused(&[pull_12.clone(), files.clone()]);
    assert!(said.contains("the reviews of pull request 12 are not there"), "{said}");
    assert!(said.contains("gh api --paginate repos/Brightwater-Example/sms/pulls/12/reviews"), "{said}");
    assert!(refused(&[pull_12.clone(), reviews.clone()]).contains("the files of pull request 12 are not there"));
    assert!(refused(&[pull_12.clone(), json!([]), json!([])]).contains("the files of"));
    assert!(one(&[pull_12.clone(), json!([]), files.clone()]).unwrap().reviews.is_empty());
    assert!(one(&[pull(0), json!([[]]), json!([])]).unwrap().files.is_empty());
    assert!(refused(&[pull(0), json!([])]).contains("the files of"));
    let said = refused(&[pull(45), reviews.clone(), files.clone()]);
    assert!(said.contains("changed 45 files, and 3 are given") && said.contains("--paginate"), "{said}");
    assert!(refused(std::slice::from_ref(&reviews)).contains("a review, and the pull request itself is not there"));
    for broken in [json!({"message": "Not Found", "status": "404"}), json!({"a": 1}), json!([1]), json!("x")] {
        refused(&[pull_12.clone(), reviews.clone(), files.clone(), broken]);
    }
    assert!(refused(&[json!({"message": "Not Found"})]).contains("the API answered: Not Found"));
    for text in ["", "{", "<html>", "[[[[[[[]]]]]]]", &"[".repeat(100_000)] {
        let text = Text { name: "x".to_owned(), text: text.to_owned() };
        assert!(import(&[text]).is_err());
    }
    assert!(import(&[]).is_err());
}

#[test]
fn what_does_not_fit_or_is_not_safe_is_refused() {
    let with = |which: usize, pointer: &str, value: Value| {
        let mut values = whole();
        *values[which].pointer_mut(pointer).unwrap() = value;
        refused(&values)
    };
    assert!(with(0, "/merged_at", Value::Null).contains("is not merged"));
    assert!(with(0, "/html_url", json!("https://github.com/other/sms/pull/12")).contains("is not its address"));
    assert!(with(0, "/html_url", json!("javascript:alert(1)")).contains("is not its address"));
    assert!(with(0, "/base/repo/full_name", json!("../..")).contains("`OWNER/NAME`"));
    assert!(with(0, "/head/sha", json!("abc")).contains("commit id"));
    assert!(with(0, "/user/login", json!("a\u{1b}b")).contains("account"));
    assert!(with(1, "/1/pull_request_url", json!("https://api.github.com/repos/o/n/pulls/7")).contains("of another"));
    assert!(with(1, "/1/state", json!("LOVED")).contains("no state"));
    assert!(with(1, "/1/submitted_at", json!("soon")).contains("date and time"));
    assert!(with(2, "/0/filename", json!("../../etc/passwd")).contains("path"));
    assert!(with(2, "/0/sha", json!("x")).contains("blob id"));
    assert!(with(2, "/0/contents_url", json!(format!("https://api.github.com/x?ref={OLDER}"))).contains("of another"));
}

#[test]
fn states_that_are_no_review_yet_and_accounts_that_are_gone() {
    let mut values = whole();
    let mut pending = review("dario-fictini", "PENDING", 9, HEAD);
    pending.as_object_mut().unwrap().remove("submitted_at");
    let mut gone = review("x", "APPROVED", 9, HEAD);
    gone["user"] = Value::Null;
    gone["commit_id"] = Value::Null;
    values[1].as_array_mut().unwrap().extend([pending, gone]);
    let entry = one(&values).unwrap();
    let reviewers: Vec<&str> = entry.reviews.iter().map(|review| review.reviewer.as_str()).collect();
    assert_eq!(reviewers, ["bo-samplesen", "ada-exampleton", "ghost"]);
    assert_eq!(accounts(&entry), "ada-exampleton", "a review without a commit proves nothing");
}

#[test]
fn gitlab_is_imported_as_weaker() {
    let entry = one(&[merge_request(), approvals()]).unwrap();
    assert_eq!(entry.id, "APV-gitlab-brightwater-group-sms-3");
    assert_eq!(entry.repository, "gitlab.example/brightwater/group/sms");
    assert_eq!((entry.files.len(), entry.unlisted_files), (0, 2));
    let counted = counting(&entry);
    assert_eq!(counted.len(), 1, "the author's own does not count");
    assert!(counted[0].names_no_commit && counted[0].account == "ada" && counted[0].submitted.is_none());
    let diff = |path: &str| {
        json!({"old_path": path, "new_path": path, "a_mode": "100644", "b_mode": "100644",
        "diff": "@@", "new_file": false, "renamed_file": false, "deleted_file": false})
    };
    let diffs = json!([diff("a.md"), diff("b.md")]);
    let full = one(&[merge_request(), approvals(), diffs]).unwrap();
    assert_eq!((full.files.len(), full.unlisted_files), (2, 0));
    let merged = merge(&entry, &full).unwrap();
    assert_eq!((merged.entry.files.len(), merged.added), (2, 0), "files may come later");
    let (sms, read) = entries(&[("attestry.yaml", "format: 1\n"), ("approvals/x.yaml", &write(&full, &Map::new()))]);
    assert!(sms.problems.is_empty(), "{:?}", sms.problems);
    assert_eq!(read, [full]);
    assert!(refused(&[merge_request()]).contains("the approvals of merge request 3 are not there"));
    let mut open = merge_request();
    open["state"] = json!("opened");
    assert!(refused(&[open, approvals()]).contains("is not merged, it is opened"));
    let mut other = approvals();
    other["iid"] = json!(4);
    assert!(refused(&[merge_request(), other]).contains("of another merge request"));
}

#[test]
fn an_entry_that_is_not_whole_proves_nothing() {
    let text = write(&one(&whole()).unwrap(), &Map::new());
    for (from, to) in [
        (format!("head: {HEAD}"), "head: main".to_owned()),
        ("state: approved".to_owned(), "state: fine".to_owned()),
        (format!("blob: {BLOB}"), "blob: none".to_owned()),
        ("request: 12".to_owned(), "request: -1".to_owned()),
        ("platform: github".to_owned(), "platform: mail".to_owned()),
        ("path: gone.md".to_owned(), "path: ../gone.md".to_owned()),
        ("kind: approval".to_owned(), "kind: waiver".to_owned()),
        ("files:".to_owned(), "flies:".to_owned()),
    ] {
        assert!(text.contains(&from), "{from}");
        let (_, read) = entries(&[("attestry.yaml", "format: 1\n"), ("a/x.yaml", &text.replacen(&from, &to, 1))]);
        assert!(read.is_empty(), "{to}");
    }
}

#[test]
fn names_become_safe_file_names() {
    let named = |name: &str| {
        let mut values = whole();
        values[0]["base"]["repo"]["full_name"] = json!(name);
        values[0]["html_url"] = json!(format!("https://github.example:8443/{name}/pull/12"));
        for review in values[1].as_array_mut().unwrap() {
            review.as_object_mut().unwrap().remove("pull_request_url");
        }
        one(&values).unwrap().file_stem()
    };
    assert_eq!(named("O/N"), "github-o-n-12");
    assert_eq!(named("o/a..b"), "github-o-a.-b-12");
    assert_eq!(named("o/.github"), "github-o-.github-12".replace("-.", "--"));
    let long = named(&format!("o/{}", "n".repeat(200)));
    assert!(long.len() < 100 && long.ends_with("-12"), "{long}");
    assert_ne!(long, named(&format!("o/{}", "n".repeat(201))));
}

// ---- the command ----

fn run(folder: &Folder, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_attestry"))
        .arg("-C")
        .arg(folder.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses early does not read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn started() -> Folder {
    let folder = Folder::new();
    folder.put("attestry.yaml", &Made::Text("format: 1\norganization: Example\nzone: UTC\n".to_owned()));
    folder
}

fn stream(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn importing_again_changes_nothing_and_drops_nothing() {
    let folder = started();
    let import = ["approvals", "import"];
    let path = folder.path().join(FILE);
    let read = || fs::read_to_string(&path).unwrap();
    let dry = run(&folder, &["approvals", "import", "--dry-run", "-"], &stream(&whole()));
    assert!(dry.status.success() && said(&dry).contains("would be written (2 reviews, 3 files)"), "{}", said(&dry));
    assert!(!path.exists());
    let output = run(&folder, &import, &stream(&whole()));
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains(&format!("{FILE}: written (2 reviews, 3 files)\n  approved by ada-exampleton\n")));
    assert!(said(&dry).contains(&read()));
    let first = read();
    let output = run(&folder, &import, &stream(&whole()));
    assert!(said(&output).contains("unchanged"), "{}", said(&output));
    assert_eq!(read(), first);

    // The approval is dismissed later, and a person has added a field.
    fs::write(&path, format!("# seen\n{first}owner: bo\n")).unwrap();
    assert!(said(&run(&folder, &import, &stream(&whole()))).contains("unchanged"));
    assert!(read().starts_with("# seen\n"), "what does not change is not written");
    let mut later = whole();
    later[1][1]["state"] = json!("DISMISSED");
    let output = run(&folder, &import, &stream(&later));
    assert!(output.status.success() && said(&output).contains("1 review added"), "{}", said(&output));
    assert!(said(&output).contains("no approval of its last commit") && !said(&output).contains("warning"));
    assert!(read().contains("state: approved") && read().contains("state: dismissed"));
    assert!(read().ends_with("owner: bo\n"));
    let (sms, entries) = entries(&[("attestry.yaml", "format: 1\n"), (FILE, &read())]);
    assert!(sms.problems.iter().all(|problem| !problem.message.contains("not a field")), "{:?}", sms.problems);
    assert_eq!(accounts(&entries[0]), "");
    // What was approved first is imported again: nothing comes back.
    let output = run(&folder, &import, &stream(&whole()));
    assert!(said(&output).contains("no approval of its last commit"), "{}", said(&output));
    assert!(said(&output).contains("that the platform does not list"));
}

#[test]
fn what_somebody_wrote_into_the_ledger_is_told() {
    let folder = started();
    run(&folder, &["approvals", "import"], &stream(&whole()));
    let path = folder.path().join(FILE);
    let first = fs::read_to_string(&path).unwrap();
    let forged = first
        .replace("reviewer: bo-samplesen\n    state: changes-requested", "reviewer: bo-samplesen\n    state: approved");
    assert_ne!(forged, first);
    fs::write(&path, &forged).unwrap();
    let output = run(&folder, &["approvals", "import"], &stream(&whole()));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("warning: ") && said(&output).contains("`bo-samplesen` (approved)"),
        "{}",
        said(&output)
    );
    let (_, read) = entries(&[("attestry.yaml", "format: 1\n"), (FILE, &fs::read_to_string(&path).unwrap())]);
    assert_eq!(accounts(&read[0]), "ada-exampleton", "it does not count");
    let again = run(&folder, &["approvals", "import"], &stream(&whole()));
    assert!(again.status.code() == Some(1) && said(&again).contains("unchanged"), "{}", said(&again));
    for (from, to) in [(HEAD, OLDER), (BLOB, OLDER), (MERGE, OLDER), ("T09:30:00Z", "T09:31:00Z"), ("gone.md", "g.md")]
    {
        fs::write(&path, first.replace(from, to)).unwrap();
        let output = run(&folder, &["approvals", "import"], &stream(&whole()));
        assert_eq!(output.status.code(), Some(2), "{from}: {}", said(&output));
        assert!(said(&output).contains("contradicts the platform"), "{}", said(&output));
        assert_eq!(fs::read_to_string(&path).unwrap(), first.replace(from, to));
    }
    fs::write(&path, first.replace("platform: github", "platform: mail")).unwrap();
    let output = run(&folder, &["approvals", "import"], &stream(&whole()));
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn a_refused_import_writes_nothing() {
    let folder = started();
    let output = run(&folder, &["approvals", "import"], &stream(&[&whole()[..], &[json!({"x\u{1b}": 1})]].concat()));
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("help: ") && !said(&output).contains('\u{1b}'), "{}", said(&output));
    assert!(!folder.path().join("approvals").exists());
    assert_eq!(run(&folder, &["approvals", "import", "none.json"], "").status.code(), Some(2));
    let output = run(&folder, &["approvals", "import"], &" ".repeat(64 * 1024 * 1024 + 1));
    assert!(output.status.code() == Some(2) && said(&output).contains("more than"), "{}", said(&output));
    assert_eq!(run(&folder, &["new", "approval"], "").status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_folder_is_not_followed() {
    let (folder, elsewhere) = (started(), Folder::new());
    folder.put("approvals", &Made::Link(elsewhere.path().to_str().unwrap().to_owned()));
    let output = run(&folder, &["approvals", "import"], &stream(&whole()));
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn states_have_the_names_of_the_schema() {
    let kinds = attestry::kind::Kinds::built_in();
    let shape = &kinds.get("approval").unwrap().compiled().shape;
    let states = &shape.at("/reviews/0/state").unwrap().values;
    let known = [ReviewState::Approved, ReviewState::ChangesRequested, ReviewState::Dismissed, ReviewState::Commented];
    assert_eq!(states.len(), known.len());
    assert!(known.iter().all(|state| states.iter().any(|name| name == state.name())), "{states:?}");
}

//! The life of a row of a data set, as `attestry log` tells it over real commits.

use super::{bundle::attestry, support::Folder};
use attestry::repository::{NewCommit, NewRepository};
use std::path::PathBuf;

const CONFIGURATION: &str = "format: 1
zone: UTC
data:
  - path: data/incidents*.csv
    kind: incident
    columns: { id: Number, status: State, reported_on: Opened, closed_on: Closed, description: Text, resolution: Notes, problem: Problem, reopened_count: Reopened }
  - path: data/lines.jsonl
    kind: service-request
    columns: { id: number, status: state, requested_on: opened, description: text }
";

/// A repository of one commit a month of 2026, each with what it writes or removes.
struct Exports(Folder);

impl Exports {
    fn of(months: &[&[(&str, Option<&str>)]]) -> Self {
        let folder = Folder::new();
        let mut new = NewRepository::create(&folder.path().join("sms")).unwrap();
        for (month, files) in months.iter().enumerate() {
            let file = |path: &str, text: Option<&str>| (path.to_owned(), text.map(|text| text.as_bytes().to_vec()));
            let mut changes: Vec<_> = files.iter().map(|(path, text)| file(path, *text)).collect();
            if month == 0 {
                changes.push(file("attestry.yaml", Some(CONFIGURATION)));
                let people = "people:\n  - { id: bo, name: Bo Samplesen, email: bo@brightwater.example }\n";
                changes.push(file("people.yaml", Some(people)));
            }
            new.commit(&NewCommit {
                branch: "main".to_owned(),
                merges: None,
                name: "Bo".to_owned(),
                email: "bo@brightwater.example".to_owned(),
                // Noon of the first of the month.
                time: 1_767_268_800 + [0, 31, 59, 90, 120, 151, 181, 212, 243][month] * 86_400,
                offset: 0,
                message: format!("data: export {}", month + 1),
                changes,
            })
            .unwrap();
        }
        new.finish().unwrap();
        Self(folder)
    }

    fn sms(&self) -> PathBuf {
        self.0.path().join("sms")
    }

    fn log(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let sms = self.sms();
        let fixed = ["log", "-C", sms.to_str().unwrap(), "--no-cache", "--color", "never"];
        let day: &[&str] = if arguments.contains(&"--as-of") { &[] } else { &["--as-of", "2026-12-31"] };
        let output = attestry(&[&fixed, day, arguments].concat());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// What is told of a row before what it says, without the lines that name commits.
    fn told(&self, id: &str) -> String {
        let (code, text, error) = self.log(&[id]);
        assert_eq!(code, Some(0), "{error}");
        let life = text.split("\nit says\n").next().unwrap().to_owned();
        let lines = life.split_inclusive('\n').filter(|line| !line.starts_with("            by "));
        lines.collect::<String>()
    }
}

const HEAD: &str = "Number,State,Opened,Closed,Text,Notes\n";
const OTHER: &str = "INC-0,closed,2026-01-01,2026-01-02,other,\n";

fn csv(row: &str) -> String {
    format!("{HEAD}{OTHER}{row}")
}

#[test]
fn a_row_is_told_from_export_to_export() {
    let versions = [
        csv(""),
        csv("INC-1,new,2026-01-03,,The printer prints nothing,\n"),
        csv("INC-1,closed,2026-01-03,2026-02-20 10:00,The printer prints nothing,Toner\n"),
        // As it was, in another order and with other line ends.
        format!("{HEAD}INC-1,closed,2026-01-03,2026-02-20 10:00:00,The printer prints nothing,Toner\n{OTHER}")
            .replace('\n', "\r\n"),
        csv("INC-1,closed,2026-01-03,2026-02-20 10:00,The printer on the second floor prints nothing,Toner\n"),
        csv(""),
        csv("inc-1,in-progress,2026-01-03,,The printer on the second floor prints nothing,Toner\n"),
        format!(
            "Number,State,Opened,Closed,Text,Problem,Reopened\n{OTHER}inc-1,closed,2026-01-03,2026-07-30,The printer on the second floor prints nothing,PRB-1,1\n"
        ),
    ];
    let file = |text| [("data/incidents.csv", Some(text))];
    let months: Vec<[(&str, Option<&str>); 1]> = versions.iter().map(|text| file(text.as_str())).collect();
    let months: Vec<&[(&str, Option<&str>)]> = months.iter().map(<[_; 1]>::as_slice).collect();
    let exports = Exports::of(&months);
    let expected = "\
inc-1
Incident · a row of data/incidents.csv

its state is closed; in 6 of the 7 exports since 2026-02-01, last in that of 2026-08-01

2026-08-01  closed on 2026-07-30
            closed_on: nothing -> 2026-07-30
            status: in-progress -> closed
            told since the export has a column for it: problem, reopened_count
            told no longer, the export has no column for it: resolution
2026-07-01  exported again, as in-progress, opened again, which it does not say
            closed_on: 2026-02-20 10:00 -> nothing
            id: INC-1 -> inc-1
            status: closed -> in-progress
2026-06-01  gone, though the export covers its time
2026-05-01  altered after it was closed
            description: The printer {+on the second floor +}prints nothing
2026-03-01  closed on 2026-02-20 10:00
            closed_on: nothing -> 2026-02-20 10:00
            resolution: nothing -> Toner
            status: new -> closed
2026-02-01  first exported, as new
";
    assert_eq!(exports.told("INC-1"), expected);
    let (_, text, _) = exports.log(&["INC-1"]);
    assert!(text.contains("            by Bo Samplesen · "), "{text}");
    assert!(text.ends_with("  reopened_count: 1\n"), "{text}");

    // What an export said on a day, and what came later.
    let (_, text, _) = exports.log(&["INC-1", "--on", "2026-04-15"]);
    assert!(text.contains("on 2026-04-15 it said, unchanged since the export of 2026-03-01 ("), "{text}");
    assert!(text.contains("\n  resolution: Toner\n"), "{text}");
    let (_, text, _) = exports.log(&["INC-1", "--on", "2026-06-15"]);
    assert!(text.contains("on 2026-06-15 it was not there, since the export of 2026-06-01 ("), "{text}");
    let (_, text, _) = exports.log(&["INC-1", "--on", "2026-01-15"]);
    assert!(text.contains("on 2026-01-15 no export had it yet; the first is of 2026-02-01"), "{text}");
    let (_, text, _) = exports.log(&["INC-1", "--as-of", "2026-03-31"]);
    assert!(text.contains("\nleft out: 5 exports that came after 2026-03-31\n"), "{text}");

    let (_, text, _) = exports.log(&["inc-1", "--format", "json", "--on", "2026-04-15"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let row = &json["rows"][0];
    assert_eq!((&row["exports"], &row["of_exports"], &row["is_there"]), (&6.into(), &7.into(), &true.into()));
    assert_eq!(row["life"][3]["what"], "altered after it was closed");
    assert_eq!(row["life"][3]["changes"][0]["field"], "description");
    assert_eq!(row["on"]["fields"]["status"], "closed");

    for (arguments, part) in [
        (["INC-1", "--diff=1..2"], "is a row of a data set and has no versions to compare"),
        (["INC-1", "--format=markdown"], "rows are told as `--format human` or `json`"),
        (["INC-1", "--no-history"], "a life is told from the history; leave out `--no-history`"),
        (["INC-7", "--format=human"], "no document or entry has or had the id `INC-7`"),
    ] {
        let (code, _, error) = exports.log(&arguments);
        assert!(code == Some(2) && error.contains(part), "{error}");
    }
    assert!(!exports.log(&["--help"]).1.contains("--no-history"));
}

#[test]
fn a_row_is_told_in_each_data_set_that_has_or_had_it() {
    let old = csv("INC-1,closed,2026-01-03,2026-01-04,a,\n");
    let lines = "{\"number\":\"INC-1\",\"state\":\"new\",\"opened\":\"2026-02-01\",\"text\":\"x\"}\n";
    let done = lines.replace("new", "closed");
    // So unlike the other that it is no rename.
    let another = format!("{HEAD}INC-5,new,2026-02-03,,{}\n", "unlike ".repeat(50));
    let exports = Exports::of(&[
        &[("data/incidents-a.csv", Some(&old)), ("data/lines.jsonl", Some(lines))],
        &[("data/incidents-a.csv", None), ("data/incidents-b.csv", Some(&another))],
        &[("data/lines.jsonl", Some(&done))],
    ]);
    std::fs::write(
        exports.sms().join("data/incidents-b.csv"),
        format!("{another}INC-1,closed,2026-01-03,2026-01-04,b,\n"),
    )
    .unwrap();
    let told = exports.told("INC-1");
    let uncommitted = "Incident · a row of data/incidents-b.csv\n\nits state is closed\n\nnow         first exported, closed on 2026-01-04\n            not committed\n";
    assert!(told.contains(uncommitted), "{told}");
    let text = exports.log(&["INC-1"]).1;
    for part in [
        "Service request · a row of data/lines.jsonl\n\nits state is closed; in all 2 exports from 2026-01-01 to 2026-03-01\n\n2026-03-01  closed\n            status: new -> closed\n",
        "Incident · was a row of data/incidents-a.csv\n\nit is not there any more; in the export of 2026-01-01\n\n2026-02-01  gone: the data set was removed\n",
        "2026-01-01  first exported, closed on 2026-01-04\n",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn a_row_is_followed_where_its_data_set_moves() {
    let new = csv("INC-1,new,2026-01-03,,a,\n");
    let closed = csv("INC-1,closed,2026-01-03,2026-03-20,a,\n");
    let exports = Exports::of(&[
        &[("data/incidents-0.csv", Some(&csv("")))],
        // Before it was there, the file may have been anywhere.
        &[("data/incidents-0.csv", None), ("data/incidents-1.csv", Some(&csv("")))],
        &[("data/incidents-1.csv", Some(&new))],
        &[("data/incidents-1.csv", None), ("data/incidents-2.csv", Some(&new))],
        &[("data/incidents-2.csv", None), ("data/incidents.csv", Some(&closed))],
        &[("data/incidents.csv", None)],
    ]);
    let expected = "\
INC-1
Incident · was a row of data/incidents.csv

it is not there any more; in all 2 exports from 2026-03-01 to 2026-05-01

2026-06-01  gone: the data set was removed
2026-05-01  the data set moved from `data/incidents-2.csv`, closed on 2026-03-20
            closed_on: nothing -> 2026-03-20
            status: new -> closed
2026-04-01  the data set moved from `data/incidents-1.csv`
2026-03-01  first exported, as new
";
    assert_eq!(exports.told("INC-1"), expected);
    let (_, text, _) = exports.log(&["INC-1", "--on", "2026-04-15"]);
    assert!(text.contains("on 2026-04-15 it said, unchanged since the export of 2026-03-01 ("), "{text}");
    let (_, text, _) = exports.log(&["INC-1", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["rows"][0]["life"][2]["what"], "the data set moved from `data/incidents-1.csv`");
}

#[test]
fn what_could_not_be_followed_is_said() {
    let row = "INC-1,new,2026-01-03,,a,\n";
    let exports = Exports::of(&[
        &[("data/incidents.csv", Some(&csv(row)))],
        &[("data/incidents.csv", Some("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"))],
        &[("data/incidents.csv", Some("no table\n"))],
        &[("data/incidents.csv", Some(&csv(&row.replace(",a,", ",b,"))))],
        // The table begins later now.
        &[("data/incidents.csv", Some(&format!("{HEAD}INC-9,new,2026-04-01,,c,\n")))],
    ]);
    let told = exports.told("INC-1");
    for part in [
        "INC-1\nIncident · was a row of data/incidents.csv\n\nit is not there any more; in 2 of the 3 exports since 2026-01-01",
        "2026-05-01  left out, the export begins later\n",
        "2026-04-01  changed; here or in a version before, which could not be read\n            description: a -> b\n",
        "\nnot followed: 1 version of `data/incidents.csv` is kept by Git LFS",
        "\nnot followed: 1 version of `data/incidents.csv` passed over, where no row can be told by its id\n",
    ] {
        assert!(told.contains(part), "no `{part}` in\n{told}");
    }
}

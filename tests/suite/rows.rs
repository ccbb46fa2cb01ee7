//! Rows of data sets from export to export: what is read again, what is told where it cannot be read.

use super::support::{Folder, sms_at};
use attestry::{
    cache::Memory,
    document::RowDeed,
    repository::{At, NewCommit, NewRepository, Repository},
    sms::{
        Sms,
        evidence::{Afterwards, Objects},
    },
};
use std::{cell::Cell, path::Path, process::Command, sync::Mutex};

const CONFIGURATION: &str = "format: 1
data:
  - path: data/requests.jsonl
    kind: service-request
    columns: { id: number, status: state, requested_on: opened, description: text }
  - path: data/incidents.csv
    kind: incident
    columns: { id: Number, status: State, reported_on: Opened, description: Text }
";
const JANUARY: &str =
    "Number,State,Opened,Text\nINC-1,closed,2026-01-02,\"two\nlines, a comma\"\nINC-2,new,2026-01-03,b\n";
const FEBRUARY: &str =
    "Number,State,Opened,Text\r\nINC-2,closed,2026-01-03,b\r\nINC-1,closed,2026-01-02,\"two\nlines; a comma\"\r\n";
const LINES: [&str; 2] = [
    "{\"number\":\"REQ-1\",\"state\":\"closed\",\"opened\":\"2026-01-02\",\"text\":\"a\"}\nno object\n{\"number\":7}\n",
    "{\"text\":\"A\",\"number\":\"req-1\",\"opened\":\"2026-01-02\",\"state\":\"closed\",\"more\":{\"number\":1}}\n",
];

/// A repository with two exports of two data sets.
fn made() -> Folder {
    let folder = Folder::new();
    let mut new = NewRepository::create(&folder.path().join("sms")).unwrap();
    for (time, csv, lines) in [(1_770_000_000, JANUARY, LINES[0]), (1_772_000_000, FEBRUARY, LINES[1])] {
        let file = |path: &str, text: &str| (path.to_owned(), Some(text.as_bytes().to_vec()));
        let (csv, lines) = (file("data/incidents.csv", csv), file("data/requests.jsonl", lines));
        new.commit(&NewCommit {
            branch: "main".to_owned(),
            merges: None,
            name: "Bo".to_owned(),
            email: "bo@brightwater.example".to_owned(),
            time,
            offset: 0,
            message: "data: export".to_owned(),
            changes: vec![csv, lines, file("attestry.yaml", CONFIGURATION)],
        })
        .unwrap();
    }
    new.finish().unwrap();
    folder
}

/// What attestry reads there, which contents it asked for, and what it remembers.
fn read(folder: &Path, memory: &Memory, is_there: bool) -> (Sms, usize, Option<Vec<u8>>) {
    let repository = Repository::open(folder, At::WorkTree).unwrap();
    let contents = repository.contents().unwrap();
    let asked = Mutex::new(Cell::new(0));
    let mut sms = sms_at(folder, "2026-05-01");
    let objects = Objects {
        contents: &|id| {
            let asked = asked.lock().unwrap();
            asked.set(asked.get() + 1);
            if is_there { contents.read(id) } else { None }
        },
        place: &|_| 0,
        memory,
        signature: &|_| None,
        tags: Vec::new(),
    };
    sms.add_evidence(repository.history().unwrap(), objects);
    let asked = asked.lock().unwrap().get();
    (sms, asked, memory.changed(1_000_000))
}

#[test]
fn what_was_compared_once_is_not_read_again() {
    let folder = made();
    let folder = folder.path().join("sms");
    let (cold, asked, table) = read(&folder, &Memory::default(), true);
    assert_eq!(asked, 2, "the newer of two versions is at hand");
    let (warm, asked, nothing) = read(&folder, &Memory::of(table.unwrap()), true);
    assert_eq!((asked, nothing), (0, None));
    assert_eq!(cold.altered_rows(), warm.altered_rows());
    let told: Vec<_> = cold
        .altered_rows()
        .iter()
        .map(|altered| {
            let population = &cold.populations[altered.population];
            let rows: Vec<_> = altered.rows.iter().map(|row| population.rows[row.row].id.as_str()).collect();
            (altered.how, rows, altered.rows[0].was[0].field.as_str(), altered.rows[0].was[0].before.as_deref())
        })
        .collect();
    let expected = [
        (Afterwards::Changed, vec!["INC-1"], "description", None),
        (Afterwards::Changed, vec!["req-1"], "description", Some("a")),
    ];
    assert_eq!(told, expected, "a text with a line break is not shown");
    assert!(cold.evidence.history.limits.is_empty());
}

#[test]
fn a_version_that_is_not_there_is_told_and_proves_nothing() {
    let folder = made();
    let folder = folder.path().join("sms");
    folder_put(&folder, "data/incidents.csv", &JANUARY.replace("INC-2", "INC-3"));
    let (sms, ..) = read(&folder, &Memory::default(), false);
    let limits = &sms.evidence.history.limits;
    assert_eq!(limits.len(), 2, "{limits:?}");
    assert!(limits.iter().all(|said| said.contains("could not be read")), "{limits:?}");
    assert!(sms.altered_rows().is_empty());
}

#[test]
fn a_file_without_rows_is_passed_over() {
    let folder = made();
    let folder = folder.path().join("sms");
    // A pointer of LFS, then the table again without one of its closed rows.
    folder_put(&folder, "data/incidents.csv", "version https://git-lfs.github.com/spec/v1\n");
    assert!(read(&folder, &Memory::default(), true).0.removed_rows().is_empty());
    folder_put(&folder, "data/incidents.csv", "Number,State,Opened,Text\nINC-2,closed,2026-01-01,b\n");
    let (sms, ..) = read(&folder, &Memory::default(), true);
    let removed: Vec<_> = sms.removed_rows().iter().flat_map(|removed| &removed.rows).map(|(id, _)| id).collect();
    assert_eq!(removed, ["INC-1"]);
}

#[test]
fn what_the_default_branch_got_since_is_not_charged_to_a_branch() {
    let folder = made();
    let folder = folder.path().join("sms");
    let git = |arguments: &[&str]| {
        let names = ["-c", "user.name=Bo", "-c", "user.email=bo@brightwater.example"];
        let status = Command::new("git").arg("-C").arg(&folder).args(names).args(arguments).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    };
    git(&["checkout", "-q", "-b", "side", "main~1"]);
    folder_put(&folder, "data/incidents.csv", &format!("{JANUARY}INC-3,new,2026-01-04,c\n"));
    git(&["commit", "-q", "-a", "-m", "data: one more"]);
    let (sms, ..) = read(&folder, &Memory::default(), true);
    assert_eq!((sms.altered_rows(), sms.removed_rows()), (&[][..], &[][..]));
    folder_put(&folder, "data/incidents.csv", &JANUARY.replace("a comma", "a full stop"));
    git(&["commit", "-q", "-a", "-m", "data: another text"]);
    let (sms, ..) = read(&folder, &Memory::default(), true);
    let altered: Vec<_> = sms.altered_rows().iter().map(|altered| (altered.commit, altered.rows.len())).collect();
    assert_eq!(altered, [(None, 1)], "what the branch itself alters is");
    git(&["rm", "-q", "data/incidents.csv"]);
    let (sms, ..) = read(&folder, &Memory::default(), true);
    let removed: Vec<_> = sms.removed_rows().iter().flat_map(|removed| &removed.rows).map(|(id, _)| id).collect();
    assert_eq!(removed, ["INC-1"], "of the file that the branch removes, what was closed where they parted");
}

#[test]
fn line_ends_within_a_cell_are_no_alteration_and_a_broken_line_is_a_removal() {
    let folder = made();
    let folder = folder.path().join("sms");
    folder_put(&folder, "data/incidents.csv", &FEBRUARY.replace("two\nlines", "two\r\nlines"));
    folder_put(&folder, "data/requests.jsonl", &LINES[1].replace("}}\n", "}} x\n"));
    let (sms, ..) = read(&folder, &Memory::default(), true);
    assert!(sms.altered_rows().iter().all(|altered| altered.commit.is_some()), "{:?}", sms.altered_rows());
    let removed: Vec<_> = sms.removed_rows().iter().map(|removed| (removed.commit, removed.path.as_str())).collect();
    assert_eq!(removed, [(None, "data/requests.jsonl")]);
}

#[test]
fn a_difference_is_read_as_it_was_written() {
    let folder = made();
    let (sms, ..) = read(&folder.path().join("sms"), &Memory::default(), true);
    let was = sms.altered_rows()[0].rows[0].was.clone();
    let row = |id: &str, deed| attestry::document::RowChange { id: id.to_owned(), deed };
    let difference = attestry::document::Difference {
        rows: vec![
            row("ä", RowDeed::Changed(was.clone())),
            row("b", RowDeed::Reopened(true)),
            row("c", RowDeed::Removed(Some("2026-01-02".to_owned()), was)),
            row("d", RowDeed::Removed(None, Vec::new())),
        ],
        more: 300,
    };
    let bytes = difference.to_bytes();
    assert_eq!(attestry::document::Difference::of_bytes(&bytes), Some(difference));
    for end in 0..bytes.len() {
        assert_eq!(attestry::document::Difference::of_bytes(&bytes[..end]), None);
    }
}

fn folder_put(folder: &Path, path: &str, text: &str) {
    std::fs::write(folder.join(path), text).unwrap();
}

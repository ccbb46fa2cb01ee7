//! What is said of a committed text is what its documents say once they are read: the history may
//! take one for the other.

use attestry::{
    configuration::Configuration,
    document::{Traced, parse, trace},
    kind::Kinds,
    source::SourceId,
};
use std::{fs, path::Path};

/// What both ways say of one file.
fn both(path: &str, text: &str, configuration: &str) -> (Vec<Traced>, Vec<Traced>) {
    let (configuration, kinds) = (Configuration::read(configuration).0, Kinds::built_in());
    let mut documents = parse(SourceId(0), path, text, &kinds, &configuration).documents;
    for document in &mut documents {
        document.register = document.register.map(|_| 0);
    }
    let read =
        documents.iter().filter_map(|document| document.traced(kinds.get(&document.kind), path, || text)).collect();
    (read, trace(path, text, &kinds, &configuration))
}

#[test]
fn of_every_file_of_the_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-sms");
    let configuration = fs::read_to_string(root.join("attestry.yaml")).unwrap();
    let (mut folders, mut documents) = (vec![root.clone()], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let is_text = [".md", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
            if is_text && !["attestry.yaml", "people.yaml"].contains(&name.as_str()) {
                let (read, traced) = both(&name, &fs::read_to_string(&path).unwrap(), &configuration);
                assert_eq!(read, traced, "{name}");
                documents += read.len();
            }
        }
    }
    assert!(documents > 800, "{documents}");
}

#[test]
fn of_what_is_rare() {
    let own_names = "format: 1\nfolders:\n  - match: \"docs/*\"\n    kind: procedure\n    fields: {id: number, title: name}\n    \
                     defaults: {owner: desk-lead}\n";
    let default_title =
        "format: 1\nfolders:\n  - match: \"docs/*\"\n    kind: procedure\n    defaults: {title: Handbook, id: PRO-1}\n";
    let texts = [
        ("docs/a.md", "# Only a heading\n\nText.\n"),
        ("docs/a.md", "---\nnumber: PRO-7\nname: Named\nstatus: approved\n---\n# Heading\r\n\r\nText\r\n"),
        ("docs/a.md", "---\nid: 12\ntitle: By number\napproved_on: 2026-01-02T10:00:00Z\n---\n"),
        ("docs/a.md", "---\nid: PRO-1\nid: PRO-2\n"),
        ("docs/a.md", "---\n- a list\n---\ntext\n"),
        ("docs/a.yaml", "kind: sla\nid: SLA-9\nstatus: draft\n"),
        ("docs/a.yaml", "kind: unheard-of\nid: 9\n"),
        (
            "docs/a.yaml",
            "kind: risk\nid: REG-1\nentries:\n  - {id: RSK-1, title: One}\n  - {title: No id}\n  - {id: 3}\n",
        ),
        ("docs/a.yaml", "apiVersion: v1\nkind: Service\n"),
        ("notes/a.md", "No document.\n"),
    ];
    let named = both("docs/a.md", texts[1].1, own_names).0;
    assert_eq!(named[0].marks.title.as_deref(), Some("Named"));
    let defaulted = both("docs/a.md", texts[0].1, default_title).0;
    assert_eq!(defaulted[0].marks.title.as_deref(), Some("Handbook"));
    for configuration in ["", own_names, default_title] {
        for (path, text) in texts {
            let (read, traced) = both(path, text, configuration);
            assert_eq!(read, traced, "{path} {text} {configuration}");
        }
    }
}

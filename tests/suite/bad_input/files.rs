//! Files: what is wrong with their bytes, their YAML, their size.

use super::{attestry, check, folder, sms, write};
use std::{fs, os::unix::net::UnixListener};

const GOOD: &str = "id: POL-001\nkind: sm-policy\ntitle: T\nstatus: draft\n";

/// A policy with this front matter.
fn policy(front_matter: &str) -> Vec<u8> {
    format!("---\n{front_matter}---\n\n# T\n").into_bytes()
}

/// What is found in one file beside the witness, without the path.
fn found_in(test: &str, path: &str, content: &[u8]) -> Vec<String> {
    let found = check(&sms(test, &[(path, content)])).found_beside_the_witness();
    found.iter().map(|one| one.strip_prefix(&format!("{path}:")).unwrap_or(one).to_owned()).collect()
}

#[test]
fn text_that_is_unusual_is_read_as_text() {
    let crlf = String::from_utf8(policy(GOOD)).unwrap().replace('\n', "\r\n");
    assert_eq!(found_in("crlf", "policies/a.md", crlf.as_bytes()), [""; 0]);
    let bom = [b"\xef\xbb\xbf", &policy(GOOD)[..]].concat();
    assert_eq!(found_in("bom", "policies/a.md", &bom), [""; 0]);
    let yaml = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    assert_eq!(found_in("bom-yaml", "policies/a.yaml", yaml.as_bytes()), [""; 0]);
    let old_mac = String::from_utf8(policy(GOOD)).unwrap().replace('\n', "\r");
    let found = found_in("cr", "policies/a.md", old_mac.as_bytes());
    assert!(found.len() <= 1, "{found:?}");
}

#[test]
fn bytes_that_are_no_text_are_said_at_the_first_of_them() {
    let latin = [&policy(GOOD)[..], b"\nDriftsst\xf8tte\n"].concat();
    assert_eq!(found_in("latin-1", "policies/a.md", &latin), ["10:9 unreadable-file"]);
    let nul = [&policy(GOOD)[..], b"\na\0b\n"].concat();
    assert_eq!(found_in("nul", "policies/a.md", &nul), ["10:2 unreadable-file"]);
    let utf16: Vec<u8> = "\u{feff}id: POL-001\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(found_in("utf-16", "policies/a.yaml", &utf16)[0], "1:1 unreadable-file");
}

#[test]
fn yaml_that_is_wrong_is_said_at_the_place_and_the_rest_is_read() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("tab", "id: POL-001\nkind: sm-policy\ntitle: T\nstatus: draft\nx:\n\ty: 1\n", &["7:2 invalid-yaml"]),
        ("duplicate", &format!("{GOOD}title: U\n"), &["6:1 duplicate-key"]),
        ("unknown-tag", "id: POL-001\nkind: sm-policy\ntitle: !secret T\nstatus: draft\n", &["4:16 invalid-yaml"]),
        ("complex-key", &format!("{GOOD}? [a, b]\n: 1\n"), &["6:3 invalid-yaml"]),
        ("merge-key", &format!("{GOOD}<<: {{a: 1}}\n"), &["6:1 invalid-yaml"]),
        ("unclosed-list", &format!("{GOOD}clauses: [\"5.2\"\n"), &["6:10 invalid-yaml"]),
        ("unclosed-quote", &format!("{GOOD}purpose: \"x\n"), &["6:10 invalid-yaml"]),
        ("unknown-alias", &format!("{GOOD}purpose: *nobody\n"), &["6:10 invalid-yaml"]),
        ("colon", &format!("{GOOD}purpose: a: b\n"), &["6:11 invalid-yaml"]),
    ];
    let mut wrong = Vec::new();
    for (name, front_matter, expected) in cases {
        let found: Vec<String> = found_in(name, "policies/a.md", &policy(front_matter))
            .into_iter()
            .filter(|one| !one.ends_with("unknown-field"))
            .collect();
        if found != expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        found_in("two-documents", "policies/a.yaml", format!("{GOOD}---\n{GOOD}").as_bytes()),
        ["5:1 invalid-yaml"]
    );
}

#[test]
fn front_matter_without_end_and_files_without_anything() {
    let unclosed = format!("---\n{GOOD}\n# T\n");
    assert_eq!(found_in("unclosed", "policies/a.md", unclosed.as_bytes()), ["1:1 unclosed-front-matter"]);
    assert_eq!(found_in("empty-md", "policies/a.md", b""), [""; 0], "an empty Markdown file is no document");
    assert_eq!(found_in("empty-front-matter", "policies/a.md", b"---\n---\n"), [""; 0]);
    assert_eq!(found_in("only-comment", "policies/a.yaml", b"# nothing\n"), [""; 0]);
    let folder = folder("empty-configuration");
    write(&folder, "attestry.yaml", "");
    let run = check(&folder);
    assert!(run.code < 2, "{}", run.err);
}

#[test]
fn a_scalar_or_a_list_where_a_document_is_expected() {
    for (name, content) in [("list", "- a\n- b\n"), ("scalar", "hello\n"), ("null", "~\n")] {
        for path in ["policies/a.md", "policies/a.yaml"] {
            let text = if path == "policies/a.md" { format!("---\n{content}---\n") } else { content.to_owned() };
            let found = found_in(&format!("not-a-mapping-{name}"), path, text.as_bytes());
            assert!(found.len() <= 2, "{path} {name}: {found:?}");
        }
    }
    let register = "kind: risk\nid: REG-1\ntitle: R\nstatus: draft\nentries:\n  - just text\n  - [1]\n  - id: RSK-001\n    title: T\n    stat: x\n";
    let found = found_in("entries-of-text", "registers/risks.yaml", register.as_bytes());
    assert!(found.contains(&"10:5 unknown-field".to_owned()), "the entry that is one is checked: {found:?}");
}

#[test]
fn bombs_end_in_a_finding_that_names_the_limit() {
    let mut bomb = format!("{GOOD}a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(",")));
    }
    let folder = sms("alias-bomb", &[("policies/a.md", &policy(&bomb))]);
    let run = check(&folder);
    run.found_beside_the_witness();
    assert!(run.said("policies/a.md", "invalid-yaml").contains("2000000"), "{:?}", run.found());

    let keys: String = (0..300_000).map(|number| number.to_string() + ": 1\n").collect();
    let run = check(&sms("many-keys", &[("policies/a.md", &policy(&format!("{GOOD}{keys}")))]));
    assert!(run.found().contains(&super::WITNESSED.to_owned()));
    assert!(run.said("policies/a.md", "invalid-yaml").contains("10000"), "{:?}", run.found());

    let deep = format!("{GOOD}a: {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let run = check(&sms("deep-yaml", &[("policies/a.md", &policy(&deep))]));
    run.found_beside_the_witness();
    run.said("policies/a.md", "invalid-yaml");

    let quotes = format!("{}\n{}x\n", String::from_utf8(policy(GOOD)).unwrap(), "> ".repeat(20_000));
    let links = format!("{}\n{}\n", String::from_utf8(policy(GOOD)).unwrap(), "[a](".repeat(20_000));
    let run =
        check(&sms("deep-markdown", &[("policies/a.md", quotes.as_bytes()), ("policies/b.md", links.as_bytes())]));
    run.found_beside_the_witness();

    let json = format!("{{\"a\":{}{}}}\n", "[".repeat(50_000), "]".repeat(50_000));
    let folder = sms("deep-json-line", &[("data/a.jsonl", json.as_bytes())]);
    write(
        &folder,
        "attestry.yaml",
        "format: 1\norganization: E\ndata:\n  - {path: data/*.jsonl, kind: incident, columns: {id: a}}\n",
    );
    let run = check(&folder);
    run.found_beside_the_witness();
    run.said("data/a.jsonl", "invalid-data-set");
}

#[test]
fn a_document_over_the_limit_is_not_read() {
    let large = [&policy(GOOD)[..], &vec![b'x'; 8 * 1024 * 1024]].concat();
    let folder = sms("oversized", &[("policies/a.md", &large)]);
    let run = check(&folder);
    assert_eq!(run.found_beside_the_witness(), ["policies/a.md:1:1 unreadable-file"]);
    assert!(run.said("policies/a.md", "unreadable-file").contains("8388608"));

    let folder = sms("oversized-configuration", &[]);
    write(&folder, "attestry.yaml", format!("format: 1\n# {}\n", "x".repeat(8 * 1024 * 1024)));
    check(&folder).said("attestry.yaml", "unreadable-file");
}

#[test]
fn what_is_no_file_is_not_followed() {
    let outside = folder("outside");
    write(&outside, "secret.md", policy(GOOD));
    let folder = sms("links", &[]);
    std::os::unix::fs::symlink(outside.join("secret.md"), folder.join("policies/out.md")).unwrap();
    std::os::unix::fs::symlink("../../outside", folder.join("policies/up")).unwrap();
    std::os::unix::fs::symlink("witness.md", folder.join("policies/in.md")).unwrap();
    std::os::unix::fs::symlink("nowhere.md", folder.join("policies/dangling.md")).unwrap();
    std::os::unix::fs::symlink("loop.md", folder.join("policies/loop.md")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("policies/zero.yaml")).unwrap();
    let status = std::process::Command::new("mkfifo").arg(folder.join("policies/pipe.md")).status().unwrap();
    assert!(status.success());
    let _socket = UnixListener::bind(folder.join("policies/s.md"));
    fs::create_dir(folder.join("policies/folder.md")).unwrap();
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    write(&folder, "policies/lfs.md", lfs);
    let run = check(&folder);
    let found = run.found_beside_the_witness();
    for path in ["out.md", "up", "in.md", "dangling.md", "loop.md", "zero.yaml", "pipe.md", "lfs.md"] {
        assert!(found.contains(&format!("policies/{path}:1:1 not-followed")), "{path}: {found:#?}");
    }
    assert!(run.said("policies/out.md", "not-followed").contains("out of the repository"));
    assert!(run.said("policies/up", "not-followed").contains("out of the repository"));
    assert!(run.said("policies/in.md", "not-followed").contains("`policies/witness.md` is read under its own path"));
    assert!(run.said("policies/lfs.md", "not-followed").contains("git lfs pull"));
    assert!(run.said("policies/pipe.md", "not-followed").contains("pipe"));
}

#[test]
fn a_configuration_that_is_no_file_or_no_mapping() {
    for (name, content) in
        [("list", "- a\n"), ("text", "hello\n"), ("broken", "format: [1\n"), ("latin", "organization: \u{fffd}\n")]
    {
        let folder = sms(&format!("configuration-{name}"), &[]);
        let bytes =
            if name == "latin" { b"format: 1\norganization: \xf8\n".to_vec() } else { content.as_bytes().to_vec() };
        write(&folder, "attestry.yaml", bytes);
        let run = check(&folder);
        let found = run.found_beside_the_witness();
        assert!(found.iter().any(|one| one.starts_with("attestry.yaml:")), "{name}: {found:?}");
    }
    let folder = sms("configuration-folder", &[]);
    fs::remove_file(folder.join("attestry.yaml")).unwrap();
    fs::create_dir(folder.join("attestry.yaml")).unwrap();
    check(&folder).found_beside_the_witness();
    let folder = sms("configuration-pipe", &[]);
    fs::remove_file(folder.join("attestry.yaml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.join("attestry.yaml")).status().unwrap().success());
    check(&folder).found_beside_the_witness();
}

#[test]
fn a_folder_that_is_not_there() {
    let run = attestry(&folder("nothing").join("no"), &["check"]);
    assert!(run.refusal().contains("cannot open"), "{}", run.err);
    let file = sms("a-file", &[]).join("attestry.yaml");
    assert!(attestry(&file, &["check"]).refusal().contains("is not a folder"));
    let run = attestry(&sms("no-day", &[]), &["check", "--as-of", "2026-02-30"]);
    assert!(run.refusal().contains("YYYY-MM-DD"), "{}", run.err);
}

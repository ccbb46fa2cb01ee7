//! Bundles that lie. Each is made by hand and has to be named for what it is.

use super::{
    attestry, files, folder, pack,
    raw::{Entry, archive},
    repository, seal, stdout, unzip,
};
use attestry::{
    bundle::{Verification, verify_archive},
    history::ObjectId,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Write},
    sync::OnceLock,
};

type Bag = BTreeMap<String, Vec<u8>>;

/// A good bag to start from.
fn good() -> Bag {
    static BAG: OnceLock<Bag> = OnceLock::new();
    BAG.get_or_init(|| {
        let base = folder("attacked");
        repository(&base.join("sms"), files());
        unzip(&pack(&base.join("sms"), &base.join("out.zip"), &[]).1).1
    })
    .clone()
}

fn entries(bag: &Bag) -> Vec<Entry> {
    bag.iter().map(|(path, content)| Entry::stored(&format!("bag/{path}"), content)).collect()
}

fn verify(bytes: &[u8]) -> Verification {
    verify_archive(Cursor::new(bytes)).unwrap()
}

/// Every problem as `name: path: message`.
fn problems(bytes: &[u8]) -> Vec<String> {
    let verification = verify(bytes);
    verification.problems.list().iter().map(|one| format!("{}: {}: {}", one.name, one.path, one.message)).collect()
}

#[track_caller]
fn names(bytes: &[u8], expected: &str) {
    let problems = problems(bytes);
    assert!(problems.iter().any(|problem| problem.contains(expected)), "`{expected}` is not in {problems:#?}");
}

/// The problem of an archive with one entry more.
#[track_caller]
fn with(entry: Entry, expected: &str) {
    let mut all = entries(&good());
    all.push(entry);
    names(&archive(&all), expected);
}

/// The problem of an archive with one entry changed.
#[track_caller]
fn changed(change: impl FnOnce(&mut Entry), expected: &str) {
    let mut all = entries(&good());
    let entry = all.iter_mut().find(|entry| entry.name.ends_with(b"notes.txt")).unwrap();
    change(entry);
    names(&archive(&all), expected);
}

/// The problem of a bag whose files were changed.
#[track_caller]
fn bag(change: impl FnOnce(&mut Bag), expected: &str) {
    let mut bag = good();
    change(&mut bag);
    names(&archive(&entries(&bag)), expected);
}

fn put(bag: &mut Bag, path: &str, change: impl FnOnce(String) -> String) {
    let text = String::from_utf8(bag[path].clone()).unwrap();
    bag.insert(path.to_owned(), change(text).into_bytes());
}

/// Changes what the evidence says of a file and makes the manifests agree with it.
fn evidence(bag: &mut Bag, change: impl FnOnce(&mut Value)) {
    let mut evidence: Value = serde_json::from_slice(&bag["data/evidence.json"]).unwrap();
    change(&mut evidence);
    bag.insert("data/evidence.json".to_owned(), serde_json::to_vec(&evidence).unwrap());
    seal(bag);
}

fn file<'a>(evidence: &'a mut Value, source: &str) -> &'a mut Value {
    evidence["files"].as_array_mut().unwrap().iter_mut().find(|file| file["source"] == source).unwrap()
}

#[test]
fn a_bag_packed_by_hand_is_as_good() {
    let bytes = archive(&entries(&good()));
    assert_eq!(problems(&bytes), [""; 0]);
    let mut sealed = good();
    evidence(&mut sealed, |_| {});
    assert_eq!(problems(&archive(&entries(&sealed))), [""; 0]);
}

#[test]
fn something_else_is_not_a_zip() {
    names(b"", "not-a-zip");
    names(b"%PDF-1.7 no zip at all, but long enough to be one", "not-a-zip");
    let bytes = archive(&entries(&good()));
    names(&bytes[..bytes.len() - 30], "not-a-zip");
    for length in [0, 1, 21, 22, 23, 100, bytes.len() / 2] {
        assert!(!problems(&bytes[bytes.len() - length..]).is_empty());
    }
}

#[test]
fn paths_that_lead_elsewhere_are_named() {
    with(
        Entry::stored("bag/../../etc/passwd", b"x"),
        "unsafe-path: bag/../../etc/passwd: the path leads out with `..`",
    );
    with(Entry::stored("/etc/passwd", b"x"), "the path is absolute");
    with(Entry::stored("C:/windows", b"x"), "the path has a drive letter");
    with(Entry::stored("bag\\data\\x", b"x"), "the path has a backslash");
    with(Entry::stored("bag/data/a\nb", b"x"), "the path has a control character");
    with(Entry::stored("bag//data", b"x"), "the path has an empty part");
    with(Entry::stored("other/data", b"x"), "extra-file: other/data: it stands outside of the one folder");
    let mut latin = Entry::stored("bag/data/x", b"x");
    latin.name = b"bag/data/\xe4".to_vec();
    with(latin, "the name is not UTF-8");
    let mut unmarked = Entry::stored("bag/data/ä", b"x");
    unmarked.flags = 0;
    with(unmarked, "not marked as UTF-8");
}

#[test]
fn links_and_special_files_are_named() {
    let mut link = Entry::stored("bag/data/link", b"/etc/passwd");
    link.mode = 0o120_777;
    with(link.clone(), "link: bag/data/link: this is a symbolic link");
    link.mode = 0o020_666;
    with(link, "this is a special file");
}

#[test]
fn names_that_are_one_somewhere_are_named() {
    with(Entry::stored("bag/data/documents/notes.txt", b"other"), "the name occurs twice");
    with(
        Entry::stored("bag/data/documents/NOTES.txt", b"other"),
        "differs from `bag/data/documents/notes.txt` only in",
    );
    with(Entry::stored("bag/data/documents/data/100 % a\u{308}.csv", b"other"), "only in case, Unicode normalisation");
    with(Entry::stored("bag/data/documents/notes.txt/x", b"other"), "which is a file");
}

#[test]
fn headers_that_differ_are_named() {
    changed(|entry| entry.local_name = Some(b"bag/data/documents/other.txt".to_vec()), "another name than");
    changed(|entry| entry.local_size += 1, "another size than");
    changed(|entry| entry.local_crc ^= 1, "another checksum than");
    changed(|entry| entry.local_method = 8, "another compression method than");
    changed(|entry| entry.local_flags |= 1 << 1, "another set of flags than");
    changed(|entry| entry.crc ^= 1, "checksum (CRC-32)");
    changed(|entry| entry.size += 1, "a file that is not compressed has two sizes");
    changed(|entry| entry.extra = b"\x75\x70\x05\x00\x01\0\0\0\0".to_vec(), "an extra field gives another name");
    changed(|entry| entry.extra = b"\x01\x00\x08\x00\0\0\0\0\0\0\0\0".to_vec(), "an extra field gives other sizes");
}

#[test]
fn bytes_that_belong_to_no_file_are_named() {
    changed(|entry| entry.before = b"hidden".to_vec(), "data-between: bag/data/documents/notes.txt: 6 bytes");
    changed(|entry| entry.behind = b"hidden".to_vec(), "data-between");
    let bytes = archive(&entries(&good()));
    names(&[b"#!/bin/sh\n", &bytes[..]].concat(), "data-between: : 10 bytes stand before the archive");
    names(&[&bytes[..], b"appended"].concat(), "8 bytes stand behind the end");
    let mut shared = Entry::stored("bag/data/zz", b"");
    shared.shares = true;
    with(shared, "overlap: ");
}

#[test]
fn streamed_archives_are_read_and_their_records_compared() {
    let streamed = |crc: u32| {
        let mut all = entries(&good());
        let entry = all.iter_mut().find(|entry| entry.name.ends_with(b"notes.txt")).unwrap();
        entry.flags |= 1 << 3;
        entry.behind =
            [b"PK\x07\x08".to_vec(), crc.to_le_bytes().to_vec(), entry.size.to_le_bytes().repeat(2)].concat();
        (entry.local_crc, entry.local_size) = (0, 0);
        (archive(&all), entry_crc(&all))
    };
    let right = streamed(0).1;
    assert_eq!(problems(&streamed(right).0), [""; 0]);
    names(&streamed(right ^ 1).0, "the record behind its data");
}

fn entry_crc(all: &[Entry]) -> u32 {
    all.iter().find(|entry| entry.name.ends_with(b"notes.txt")).unwrap().crc
}

fn deflated(name: &str, content: &[u8]) -> Entry {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content).unwrap();
    let mut entry = Entry::stored(name, content);
    entry.data = writer.finish().unwrap();
    entry.compressed = u32::try_from(entry.data.len()).unwrap();
    (entry.method, entry.local_method) = (8, 8);
    entry
}

#[test]
fn bombs_are_refused_before_they_are_read() {
    let bomb = deflated("bag/data/bomb", &vec![0; 17 << 20]);
    with(bomb.clone(), "bomb: bag/data/bomb");
    let mut lying = bomb.clone();
    (lying.size, lying.local_size) = (100, 100);
    with(lying, "it holds more than the 100 bytes that its header says");
    let mut huge = deflated("bag/data/huge", b"x");
    (huge.size, huge.local_size) = (u32::MAX - 1, u32::MAX - 1);
    with(huge.clone(), "too-large: bag/data/huge");
    (huge.size, huge.local_size) = (2_000_000_000, 2_000_000_000);
    let mut many = vec![huge.clone(), huge.clone(), huge];
    for (index, entry) in many.iter_mut().enumerate() {
        entry.name = format!("bag/data/{index}").into_bytes();
    }
    names(&archive(&many), "bomb: : the files have 6000000000 bytes in all");
    let mut manifest = bomb;
    manifest.name = b"bag/manifest-sha256.txt".to_vec();
    names(&archive(&[manifest]), "bomb: bag/manifest-sha256.txt");
}

#[test]
fn damaged_and_padded_data_is_named() {
    let mut damaged = deflated("bag/data/x", b"some words that are compressed, some words");
    damaged.data[0] = 0xff;
    with(damaged, "its compressed data is damaged");
    let mut padded = deflated("bag/data/x", b"some words");
    padded.data.extend(b"hidden");
    padded.compressed += 6;
    with(padded, "6 bytes stand behind its compressed data");
    let mut short = deflated("bag/data/x", b"some words");
    (short.size, short.local_size) = (11, 11);
    with(short, "it holds 10 bytes, its header says 11");
}

#[test]
fn what_is_not_read_is_named() {
    changed(|entry| entry.flags |= 1, "encrypted: bag/data/documents/notes.txt: the file is encrypted");
    changed(|entry| (entry.method, entry.local_method) = (14, 14), "compression method 14 is not read");
    let mut zip64 = archive(&entries(&good()));
    let end = zip64.len();
    zip64[end - 6..end - 2].fill(0xff);
    names(&zip64, "uses zip64");
}

#[test]
fn what_is_missing_extra_or_altered_is_named() {
    let path = "data/documents/notes.txt";
    bag(|bag| drop(bag.remove(path)), &format!("missing-file: {path}: `manifest-sha256.txt` names it"));
    bag(|bag| drop(bag.insert("data/more.txt".into(), b"x".to_vec())), "extra-file: data/more.txt");
    bag(|bag| drop(bag.insert("more.txt".into(), b"x".to_vec())), "extra-file: more.txt: `tagmanifest-sha256.txt`");
    bag(
        |bag| drop(bag.insert("fetch.txt".into(), b"http://example.invalid 1 data/x".to_vec())),
        "extra-file: fetch.txt",
    );
    bag(|bag| put(bag, path, |text| text.replace("no", "on")), &format!("altered-file: {path}"));
    bag(|bag| put(bag, "bag-info.txt", |text| text.replace("2026-06-30", "2026-06-29")), "altered-file: bag-info.txt");
    bag(|bag| put(bag, "bag-info.txt", |text| text.replace("Payload-Oxum: ", "Payload-Oxum: 1")), "wrong-count");
    bag(|bag| put(bag, "bag-info.txt", |text| text.replace("Payload-Oxum: ", "Oxum: ")), "it has no `Payload-Oxum`");
    for name in ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "data/evidence.json"] {
        bag(|bag| drop(bag.remove(name)), &format!("missing-file: {name}"));
    }
    bag(|bag| put(bag, "bagit.txt", |text| text.replace("1.0", "9.0")), "it does not say `BagIt-Version: 1.0`");
}

#[test]
fn malformed_manifests_are_named() {
    let manifest = "manifest-sha256.txt";
    bag(|bag| put(bag, manifest, |text| text + "no digest\n"), "is not a SHA-256 digest and a path");
    bag(|bag| put(bag, manifest, |text| text + "äöü\n"), "is not a SHA-256 digest and a path");
    let line = |path: &str| format!("{}  {path}\n", "0".repeat(64));
    bag(|bag| put(bag, manifest, |text| text + &line("data/../../x")), "the path leads out with `..`");
    bag(|bag| put(bag, manifest, |text| text + &line("bagit.txt")), "which is outside of `data/`");
    bag(|bag| put(bag, manifest, |text| text + &line("data/evidence.json")), "a second time");
    bag(
        |bag| put(bag, "tagmanifest-sha256.txt", |text| text[..0].to_owned()),
        "it does not name `manifest-sha256.txt`",
    );
    bag(|bag| drop(bag.insert(manifest.into(), b"\xff\xfe".to_vec())), "malformed-tag-file: manifest-sha256.txt");
}

#[test]
fn evidence_that_disagrees_is_named_even_under_good_manifests() {
    let other = ObjectId::of_blob(b"other").to_string();
    bag(|bag| evidence(bag, |all| file(all, "notes.txt")["bytes"] = 1.into()), "another size than the file");
    bag(|bag| evidence(bag, |all| file(all, "notes.txt")["sha256"] = "0".repeat(64).into()), "another SHA-256 than");
    bag(|bag| evidence(bag, |all| file(all, "notes.txt")["git_blob"] = other.into()), "another git blob id than");
    bag(|bag| evidence(bag, |all| file(all, "notes.txt")["git_blob"] = "x".into()), "another git blob id than");
    bag(
        |bag| evidence(bag, |all| file(all, "notes.txt")["path"] = "data/none".into()),
        "evidence.json does not name it",
    );
    bag(
        |bag| evidence(bag, |all| file(all, "notes.txt")["path"] = "../none".into()),
        "it names `../none`: the path leads out",
    );
    bag(|bag| evidence(bag, |all| all["as_of"] = "2020-01-01".into()), "another as-of date than");
    bag(|bag| evidence(bag, |all| all["revision"]["commit"] = "f".repeat(40).into()), "another commit than");
    bag(|bag| evidence(bag, |all| all["version"] = 9.into()), "does not know");
    bag(|bag| evidence(bag, |all| all["history"]["head"] = "main".into()), "malformed-evidence");
    bag(|bag| drop(bag.insert("data/evidence.json".into(), b"{".to_vec())), "malformed-evidence");
    let deep = "[".repeat(100_000).into_bytes();
    bag(|bag| drop(bag.insert("data/evidence.json".into(), deep)), "malformed-evidence");
}

#[test]
fn complaints_are_bounded_and_cannot_steer_a_terminal() {
    let base = folder("complaints");
    let mut all = entries(&good());
    all.extend((0..3000).map(|index| Entry::stored(&format!("bag/data/\u{1b}[31m{index}\nverified"), b"")));
    let out = base.join("out.zip");
    fs::write(&out, archive(&all)).unwrap();
    let output = attestry(&["verify", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(!text.contains('\u{1b}') && !text.lines().any(|line| line.starts_with("verified")), "{text}");
    assert!(text.lines().count() < 1010 && text.contains("more problems"), "{}", text.lines().count());
    assert!(text.lines().last().unwrap().starts_with("altered, or not a whole bundle"), "{text}");
}

/// Whatever byte is changed: no panic, and no verdict that is wrong.
#[test]
fn no_changed_byte_goes_unnoticed() {
    let bag = good();
    let bytes = archive(&entries(&bag));
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    // Everywhere a little, and every byte of the last records.
    let positions = (0..directory).step_by(directory / 100).chain((bytes.len() - 150)..bytes.len());
    for position in positions {
        for change in [0x01, 0x80] {
            let mut other = bytes.clone();
            other[position] ^= change;
            if problems(&other).is_empty() {
                assert_eq!(unzip(&other).1, bag, "byte {position} was changed to another content, unnoticed");
            }
        }
    }
    for length in (0..bytes.len()).step_by(bytes.len() / 30) {
        assert!(!problems(&bytes[..length]).is_empty(), "cut to {length} bytes, unnoticed");
    }
}

//! What packing puts in, and that it does so again.

use super::{POLICY, attestry, files, folder, git, pack, repository, rule, stderr, stdout, unzip};
use serde_json::Value;
use std::fs;

#[test]
fn clones_in_different_folders_make_the_same_bytes() {
    let base = folder("twice");
    repository(&base.join("one"), files());
    git(&base, &["clone", "-q", "one", "somewhere-else"]);
    let (_, first) = pack(&base.join("one"), &base.join("1.zip"), &[]);
    let (_, second) = pack(&base.join("somewhere-else"), &base.join("2.zip"), &[]);
    let (_, third) = pack(&base.join("one"), &base.join("3.zip"), &["--rev", "HEAD"]);
    assert!(first == second, "two clones differ");
    assert!(first == third, "a work tree and its commit differ");
}

#[test]
fn a_bundle_holds_what_the_repository_holds() {
    let base = folder("holds");
    repository(&base.join("sms"), files());
    let (output, bytes) = pack(&base.join("sms"), &base.join("out.zip"), &[]);
    let (top, bag) = unzip(&bytes);
    assert!(top.starts_with("evidence-testco-b-as-2026-06-30-"), "{top}");
    for (path, content) in files() {
        let packed = bag.get(&format!("data/documents/{path}"));
        if path == "policies/secret.md" {
            assert_eq!(packed, None, "a confidential document is for no internal reader");
        } else {
            assert_eq!(packed, Some(&content), "{path}");
        }
    }
    assert!(stderr(&output).contains("withheld: 1 file above `internal`"), "{}", stderr(&output));
    let evidence: Value = serde_json::from_slice(&bag["data/evidence.json"]).unwrap();
    assert_eq!(evidence["withheld"][0]["id"], "POL-002");
    assert_eq!(evidence["revision"]["modified"], false);
    assert_eq!(evidence["signatures"], Value::Array(Vec::new()));
    assert_eq!(evidence["previous"], Value::Null);
    assert_eq!(evidence["changed_by_the_organization"][0]["rule"], rule());
    let listed = evidence["files"].as_array().unwrap();
    let policy = listed.iter().find(|file| file["source"] == "policies/service-management.md").unwrap();
    assert_eq!(policy["bytes"], POLICY.len());
    assert_eq!(policy["git_blob"].as_str().unwrap().len(), 40);
    assert_eq!(policy["commit"], evidence["revision"]["commit"]);
    let guide = String::from_utf8(bag["data/READING-GUIDE.html"].clone()).unwrap();
    assert!(guide.contains("Testco &lt;b&gt;AS&lt;"), "the organization's name is escaped");
    assert!(guide.contains("<code>POL-002</code>"), "the guide lists what is withheld");
    assert!(guide.contains(rule()), "the guide says what was changed");
    for (path, content) in &bag {
        let text = String::from_utf8_lossy(content);
        assert!(!text.contains("Hidden management policy"), "`{path}` tells of a document that is withheld");
    }
    let info = String::from_utf8(bag["bag-info.txt"].clone()).unwrap();
    assert!(info.contains("\nBagging-Date: 2026-06-30\n") && info.contains("\nPayload-Oxum: "), "{info}");
    assert!(
        String::from_utf8(bag["manifest-sha256.txt"].clone()).unwrap().contains("data/documents/data/100 %25 ä.csv")
    );
}

#[test]
fn audiences_see_what_they_may() {
    let base = folder("audiences");
    repository(&base.join("sms"), files());
    let documents = |audience: &str| -> Vec<String> {
        let (_, bytes) = pack(&base.join("sms"), &base.join("out.zip"), &["--audience", audience]);
        let (_, bag) = unzip(&bytes);
        bag.keys().filter_map(|path| path.strip_prefix("data/documents/").map(str::to_owned)).collect()
    };
    assert_eq!(documents("public"), ["policies/service-management.md"]);
    assert_eq!(documents("confidential").len(), files().len());
    let output = attestry(&["bundle", "x.zip", "--audience", "everybody"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("write one of public, internal, confidential, restricted"));
}

#[test]
fn changes_that_are_not_committed_are_said() {
    let base = folder("modified");
    repository(&base.join("sms"), files());
    fs::write(base.join("sms/notes.txt"), "changed\n").unwrap();
    let (output, bytes) = pack(&base.join("sms"), &base.join("out.zip"), &[]);
    assert!(stderr(&output).contains("changes that are not committed"), "{}", stderr(&output));
    let (top, bag) = unzip(&bytes);
    assert!(top.ends_with("-modified"), "{top}");
    let evidence: Value = serde_json::from_slice(&bag["data/evidence.json"]).unwrap();
    assert_eq!(evidence["revision"]["modified"], true);
    let files = evidence["files"].as_array().unwrap();
    let of = |source: &str| files.iter().find(|file| file["source"] == source).unwrap()["commit"].is_null();
    assert!(of("notes.txt") && !of("people.yaml"), "only the changed file has no commit");
    let verified = attestry(&["verify", base.join("out.zip").to_str().unwrap()]);
    assert!(stdout(&verified).contains("with changes that were not committed"), "{}", stdout(&verified));
}

#[test]
fn a_bundle_does_not_become_part_of_the_next() {
    let base = folder("inside");
    repository(&base.join("sms"), files());
    let out = base.join("sms/evidence.zip");
    let output = attestry(&["bundle", out.to_str().unwrap(), "-C", base.join("sms").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("would itself be part"), "{}", stderr(&output));
    assert!(!out.exists());
}

#[test]
fn what_cannot_be_packed_is_listed() {
    let base = folder("left-out");
    let mut all = files();
    all.push(("NOTES.txt".to_owned(), b"the same name where case does not count\n".to_vec()));
    all.push(("big.bin".to_owned(), b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n".to_vec()));
    repository(&base.join("sms"), all);
    let (output, bytes) = pack(&base.join("sms"), &base.join("out.zip"), &[]);
    let (_, bag) = unzip(&bytes);
    let evidence: Value = serde_json::from_slice(&bag["data/evidence.json"]).unwrap();
    let left_out: Vec<&str> =
        evidence["left_out"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(left_out, ["big.bin", "notes.txt"]);
    assert!(stderr(&output).contains("left out: `notes.txt`"), "{}", stderr(&output));
}

#[test]
fn the_verdict_says_what_it_does_not_prove() {
    let base = folder("verdict");
    repository(&base.join("sms"), files());
    let out = base.join("out.zip");
    let (packed, bytes) = pack(&base.join("sms"), &out, &[]);
    let before: Vec<_> = fs::read_dir(&base).unwrap().map(|entry| entry.unwrap().path()).collect();
    let output = attestry(&["verify", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let text = stdout(&output);
    assert!(text.starts_with("unaltered since packing; origin not verified (the bundle is not signed)\n"), "{text}");
    let digest = text.lines().last().unwrap().split(": ").nth(1).unwrap();
    assert!(text.contains("as of: 2026-06-30") && stdout(&packed).contains(digest), "{text}");
    let json = attestry(&["verify", out.to_str().unwrap(), "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["unaltered"], true);
    assert_eq!(json["tagmanifest_sha256"], digest);
    let after: Vec<_> = fs::read_dir(&base).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(before, after, "verify writes nothing");
    assert_eq!(fs::read(&out).unwrap(), bytes);
    assert_eq!(attestry(&["verify", base.join("none.zip").to_str().unwrap()]).status.code(), Some(2));
}

#[test]
fn an_unpacked_bag_is_verified_too() {
    let base = folder("unpacked");
    repository(&base.join("sms"), files());
    let (_, bytes) = pack(&base.join("sms"), &base.join("out.zip"), &[]);
    let (top, bag) = unzip(&bytes);
    let root = base.join("unpacked").join(top);
    for (path, content) in &bag {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), content).unwrap();
    }
    let verify = |path: &std::path::Path| attestry(&["verify", path.to_str().unwrap()]);
    assert_eq!(verify(&root).status.code(), Some(0), "{}", stdout(&verify(&root)));
    assert_eq!(verify(&base.join("unpacked")).status.code(), Some(0));
    fs::write(root.join("data/documents/people.yaml"), "changed").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", root.join("data/link")).unwrap();
    let output = verify(&root);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("altered-file: `data/documents/people.yaml`"), "{text}");
    assert!(text.contains("link: `data/link`: this is a symbolic link"), "{text}");
}

#[test]
fn a_very_regular_file_is_no_bomb() {
    let base = folder("regular");
    let mut all = files();
    all.push(("attachments/zeros.bin".to_owned(), vec![0; 17 << 20]));
    repository(&base.join("sms"), all);
    let (_, bytes) = pack(&base.join("sms"), &base.join("out.zip"), &[]);
    assert!(bytes.len() > 17 << 20, "it is stored, not compressed");
}

#[test]
fn without_commits_or_git_a_bundle_is_made_and_says_so() {
    let base = folder("no-git");
    repository(&base.join("sms"), files());
    let inner = base.join("sms/below/sms");
    for (path, bytes) in files() {
        fs::create_dir_all(inner.join(&path).parent().unwrap()).unwrap();
        fs::write(inner.join(path), bytes).unwrap();
    }
    git(&base.join("sms"), &["add", "--all"]);
    git(&base.join("sms"), &["commit", "-q", "-m", "an SMS below the root of git"]);
    let (_, below) = pack(&inner, &base.join("below.zip"), &[]);
    let evidence: Value = serde_json::from_slice(&unzip(&below).1["data/evidence.json"]).unwrap();
    assert!(
        evidence["files"].as_array().unwrap().iter().all(|file| file["source"].is_null() != file["commit"].is_string())
    );
    fs::remove_dir_all(base.join("sms/.git")).unwrap();
    git(&base.join("sms"), &["init", "-q"]);
    let (output, _) = pack(&base.join("sms"), &base.join("unborn.zip"), &[]);
    assert!(stderr(&output).contains("there is no commit yet"), "{}", stderr(&output));
}

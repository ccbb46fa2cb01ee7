//! Puts the data of `schema/`, `templates/` and `sample-sms/` into the program: the schemas as
//! text with a small table of what every start needs, the standards as JSON, so that YAML is
//! parsed once, here.

#![expect(
    clippy::disallowed_methods,
    clippy::unnecessary_debug_formatting,
    reason = "a build script reads files and its environment"
)]

use serde_json::Value;
use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{Error, Result, Write},
    path::{Path, PathBuf},
};

/// What decides what the program does: a cache holds for one state of it only.
const SOURCES: [&str; 6] = ["src", "schema", "templates", "sample-sms", "build.rs", "Cargo.lock"];

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(Error::other)?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(Error::other)?);
    for folder in SOURCES {
        println!("cargo::rerun-if-changed={folder}");
    }
    println!("cargo::rustc-env=ATTESTRY_BUILD={:016x}", digest(&root)?);
    kinds(&root, &out)?;
    standards(&root, &out)?;
    folder(&root.join("templates"), &out.join("templates.rs"), "TEMPLATES", "(&str, &str)", "include_str!")?;
    folder(&root.join("sample-sms"), &out.join("sample.rs"), "SAMPLE", "(&str, &[u8])", "include_bytes!")
}

/// A digest of all sources, by their paths from the root.
fn digest(root: &Path) -> Result<u64> {
    let mut digest = DefaultHasher::new();
    for source in SOURCES.map(|source| root.join(source)) {
        let files = if source.is_file() { vec![source] } else { files(&source)? };
        for path in files {
            path.strip_prefix(root).map_err(Error::other)?.hash(&mut digest);
            fs::read(&path)?.hash(&mut digest);
        }
    }
    Ok(digest.finish())
}

fn kinds(root: &Path, out: &Path) -> Result<()> {
    let mut table = fs::File::create(out.join("kinds.rs"))?;
    let name = |path: &Path| Some(path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned());
    let kinds = files(&root.join("schema/kinds"))?;
    let mut kinds: Vec<(String, PathBuf)> = kinds.into_iter().filter_map(|path| Some((name(&path)?, path))).collect();
    kinds.sort();
    writeln!(table, "static KINDS: [BuiltIn; {}] = [", kinds.len())?;
    for (name, path) in kinds {
        let text = fs::read_to_string(&path)?;
        let schema: Value =
            serde_json::from_str(&text).map_err(|error| Error::other(format!("{}: {error}", path.display())))?;
        let notes = &schema["x-attestry"];
        let of = |field: &str| notes[field].as_str().unwrap_or_default().to_owned();
        writeln!(
            table,
            "BuiltIn::new([{name:?}, {:?}, {:?}, {:?}, {:?}, {:?}], include_str!({path:?})),",
            schema["title"].as_str().unwrap_or(&name),
            of("form"),
            of("folder"),
            of("prefix"),
            of("review_cycle"),
        )?;
    }
    writeln!(table, "];")?;
    let others = ["metadata", "attestry", "people"];
    for name in others {
        let path = root.join("schema").join(format!("{name}.schema.json"));
        writeln!(table, "pub(super) static {}: &str = include_str!({path:?});", name.to_uppercase())?;
    }
    Ok(())
}

fn standards(root: &Path, out: &Path) -> Result<()> {
    let mut table = fs::File::create(out.join("standards.rs"))?;
    writeln!(table, "pub(super) static STANDARDS: &[(&str, &str)] = &[")?;
    for path in files(&root.join("schema/standards"))? {
        let value: Value = serde_yaml::from_str(&fs::read_to_string(&path)?)
            .map_err(|error| Error::other(format!("{}: {error}", path.display())))?;
        let name = value["id"].as_str().unwrap_or_default().to_owned();
        let json = out.join(format!("{}.json", path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()));
        fs::write(&json, value.to_string())?;
        writeln!(table, "({name:?}, include_str!({json:?})),")?;
    }
    writeln!(table, "];")
}

/// Writes a table of all files below a folder: path from the folder, and content.
fn folder(folder: &Path, to: &Path, name: &str, item: &str, include: &str) -> Result<()> {
    let mut table = fs::File::create(to)?;
    writeln!(table, "/// Every file of the folder, by path.\npub static {name}: &[{item}] = &[")?;
    for path in files(folder)? {
        let relative = path.strip_prefix(folder).map_err(Error::other)?.to_string_lossy().replace('\\', "/");
        writeln!(table, "({relative:?}, {include}({path:?})),")?;
    }
    writeln!(table, "];")
}

/// All files below a folder, sorted; none where it does not exist.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let entry = entry?;
            if entry.file_type()?.is_dir() { pending.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    Ok(found)
}

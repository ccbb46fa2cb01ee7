//! `attestry schema`: the JSON Schemas, for editors.

use super::{Globals, Input, Outcome, print};
use crate::{
    kind::{self, Kinds},
    repository::write_whole,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Arguments of `schema`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The folder to write to, such as `schema`
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let own = Input::default().load_tree(globals).ok().map(|(_, sms)| sms.kinds);
    let kinds = own.unwrap_or_else(Kinds::built_in);
    let (written, left) = write(&globals.folder.join(&arguments.out), &kinds)?;
    let folder = arguments.out.display().to_string().replace('\\', "/");
    let folder = folder.trim_end_matches('/').trim_start_matches("./");
    // From a document in a folder of its own.
    let up = if arguments.out.is_absolute() { "" } else { "../" };
    let mut text = format!("{folder}: {written} schemas written");
    if !left.is_empty() {
        text.push_str(&format!("\nleft as they are, because the organization changed them: {}", left.join(", ")));
    }
    text.push_str(&format!(
        "\n\nFirst line of a YAML file, with the path from that file:\n\
         \x20 # yaml-language-server: $schema={up}{folder}/kinds/service.schema.json\n\
         of a register:\n\
         \x20 # yaml-language-server: $schema={up}{folder}/kinds/register.schema.json\n\
         of attestry.yaml and people.yaml:\n\
         \x20 # yaml-language-server: $schema={folder}/attestry.schema.json\n\
         \x20 # yaml-language-server: $schema={folder}/people.schema.json\n\n\
         Front matter of Markdown: the YAML extension of an editor does not look into it; extensions for front\n\
         matter take the same line as its first line, between the `---`:\n\
         \x20 ---\n\
         \x20 # yaml-language-server: $schema={up}{folder}/kinds/sm-policy.schema.json\n\
         \x20 id: SMP-001\n"
    ));
    print(&text)?;
    Ok(Outcome::Clean)
}

/// Writes all schemas below a folder; what stands there in other words is the organization's own
/// and is left. How many were written, and which were left.
pub(super) fn write(out: &Path, kinds: &Kinds) -> Result<(usize, Vec<String>)> {
    let folder = out.join("kinds");
    if out.exists() && !out.is_dir() {
        bail!("`{}` is not a folder", out.display());
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let built_in = Kinds::built_in();
    let mut written = 0;
    let mut left = Vec::new();
    for kind in kinds.iter() {
        if kind.is_own() {
            left.push(format!("kinds/{}.schema.json", kind.name));
            continue;
        }
        let Some(kind) = built_in.get(&kind.name) else { continue };
        write_whole(&folder.join(format!("{}.schema.json", kind.name)), kind.schema_text().as_bytes())?;
        written += 1;
    }
    let others = [
        ("metadata", kind::metadata_text()),
        ("attestry", kind::configuration_schema_text()),
        ("people", kind::people_schema_text()),
    ];
    for (name, text) in others {
        write_whole(&out.join(format!("{name}.schema.json")), text.as_bytes())?;
        written += 1;
    }
    Ok((written, left))
}

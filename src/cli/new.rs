//! `attestry new`: the next document of a kind, as a draft that says what belongs where.

use super::{Globals, Input, Outcome, print};
use crate::{
    document::{Document, REGISTER},
    kind::{Form, Kind},
    ledger,
    repository::{Repository, write_whole},
    sms::Sms,
    starter::{self, Seed, Skeleton, append, next_id, skeleton, slug},
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use std::fs;

/// Arguments of `new`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The kind; `attestry explain --kinds` lists them
    kind: String,
    /// The title
    #[arg(long)]
    title: Option<String>,
    /// The day that the document bears, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

/// What is to be written where.
struct Plan {
    path: String,
    text: String,
    id: String,
    new_file: bool,
    unfilled: Vec<(String, String)>,
}

/// Kinds that have the word in their names, or one that it may be a misspelling of.
fn similar(sms: &Sms, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let is_near = |name: &&str| {
        name.contains(&word) || name.split('-').any(|part| crate::kind::nearest(&word, std::iter::once(part)).is_some())
    };
    sms.kinds.iter().map(|kind| kind.name.as_str()).filter(is_near).map(|name| format!("`{name}`")).collect()
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let input = Input { as_of: arguments.as_of.clone(), ..Input::default() };
    let (repository, sms) = input.load_tree(globals)?;
    let Some(kind) = sms.kinds.get(&arguments.kind) else {
        let help = sms.kinds.nearest(&arguments.kind).map_or_else(
            || match similar(&sms, &arguments.kind) {
                similar if similar.is_empty() => "`attestry explain --kinds` lists them".to_owned(),
                similar => format!("there are {}", similar.join(", ")),
            },
            |near| format!("did you mean `{near}`?"),
        );
        bail!("there is no kind `{}`; {help}", arguments.kind);
    };
    let title = arguments.title.as_deref().map(one_line).filter(|title| !title.is_empty());
    let seed = Seed {
        id: next_id(&sms, kind, title.as_deref()),
        title,
        today: sms.as_of,
        owner: owner(&sms),
        author: author(&sms, &repository),
        known: known(&sms),
        ..Seed::default()
    };
    let plan = match (kind.form, register_of(&sms, kind)) {
        (Form::Register, _) => {
            bail!("a register is written for the kind of its entries: `attestry new risk` makes the register of risks")
        }
        _ if kind.name == ledger::KIND => {
            bail!("an approval is what the hosting platform knows: `attestry approvals import` writes it")
        }
        (Form::Entry | Form::Record, Some(register)) => into_register(&sms, kind, register, seed)?,
        (Form::Entry, None) => new_register(&sms, kind, seed)?,
        (Form::Record, None) if kind.folder.trim_end_matches('/') == "registers" => new_register(&sms, kind, seed)?,
        (Form::Document | Form::Record, _) => new_file(&sms, kind, seed),
    };
    let target = repository.root().join(&plan.path);
    if plan.new_file && target.symlink_metadata().is_ok() {
        bail!("`{}` is there already and is not overwritten; give another `--title`", plan.path);
    }
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    write_whole(&target, plan.text.as_bytes())?;
    print(&told(kind, &plan))?;
    Ok(Outcome::Clean)
}

/// What was done and what comes next.
fn told(kind: &Kind, plan: &Plan) -> String {
    let path = crate::report::printable(&plan.path);
    let mut text = if plan.new_file {
        format!("{path}: {} {} written\n", kind.title.to_lowercase(), plan.id)
    } else {
        format!("{path}: {} {} added at its end\n", kind.title.to_lowercase(), plan.id)
    };
    for (field, holds) in &plan.unfilled {
        text.push_str(&format!("  `{field}` needs what is not there yet ({holds})\n"));
    }
    text.push_str("next: replace every TODO, then `attestry check`\n");
    text.push_str(&format!("      `attestry explain {}` says what each field holds and when it is due\n", kind.name));
    text
}

fn one_line(title: &str) -> String {
    title.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|character| !character.is_control()).collect()
}

/// The role that runs the SMS, else the only person.
fn owner(sms: &Sms) -> Option<String> {
    let roles = &sms.people.roles;
    let manager = roles.iter().find(|role| role.id.eq_ignore_ascii_case("sms-manager"));
    manager
        .or_else(|| roles.iter().find(|role| !role.top_management))
        .map(|role| role.id.clone())
        .or_else(|| sms.people.persons.first().map(|person| person.id.clone()))
}

/// The person whose e-mail git knows, else the one who holds the owner's role.
fn author(sms: &Sms, repository: &Repository) -> Option<String> {
    let here = sms.people.persons.iter().filter(|person| person.until.is_none_or(|until| until >= sms.as_of));
    let mail = repository.identity().map(|mail| mail.to_lowercase());
    let by_mail = mail.and_then(|mail| here.clone().find(|person| person.emails.contains(&mail)));
    let holder = owner(sms)
        .and_then(|owner| sms.people.roles.iter().find(|role| role.id == owner))
        .and_then(|role| sms.people.holders(role, sms.as_of).first().copied());
    by_mail.or(holder).or_else(|| here.clone().next()).map(|person| person.id.clone())
}

/// The latest document of each kind, for references that have to be there; rows count too.
fn known(sms: &Sms) -> std::collections::BTreeMap<String, String> {
    let mut known = std::collections::BTreeMap::new();
    for population in &sms.populations {
        if let Some(row) = population.rows.last() {
            known.insert(population.kind.clone(), row.id.clone());
        }
    }
    for document in sms.documents.iter().filter(|document| document.kind != REGISTER) {
        known.insert(document.kind.clone(), document.id.clone());
        known.insert("*".to_owned(), document.id.clone());
    }
    known
}

/// The register that lists a kind, if there is one.
fn register_of<'a>(sms: &'a Sms, kind: &Kind) -> Option<&'a Document> {
    sms.documents.iter().find(|document| {
        document.kind == REGISTER
            && document.entry_kind.as_deref() == Some(&kind.name)
            && !matches!(document.text("status"), Some("superseded" | "withdrawn"))
    })
}

fn into_register(sms: &Sms, kind: &Kind, register: &Document, seed: Seed) -> Result<Plan> {
    let path = sms.path(register).to_owned();
    let id = seed.id.clone();
    let skeleton = skeleton(kind, &Seed { entry: true, ..seed });
    let text = append(sms.source(register.source).text(), &skeleton.lines)
        .map_err(|reason| anyhow!("nothing can be added to `{path}`: {reason}"))?;
    Ok(Plan { path, text, id, new_file: false, unfilled: skeleton.unfilled })
}

fn new_register(sms: &Sms, kind: &Kind, seed: Seed) -> Result<Plan> {
    let folder = if kind.folder.is_empty() { "registers" } else { kind.folder.trim_end_matches('/') };
    let path = format!("{folder}/{}.yaml", plural(&kind.name));
    let id = seed.id.clone();
    let empty = starter::register(kind, &seed).join("\n") + "\n";
    let skeleton = skeleton(kind, &Seed { entry: true, ..seed });
    let text = append(&empty, &skeleton.lines).map_err(|reason| anyhow!("`{path}`: {reason}"))?;
    let up = "../".repeat(folder.split('/').count());
    let head = schema_line(sms, &format!("{up}schema/kinds/register.schema.json"));
    Ok(Plan { path, text: format!("{head}{text}"), id, new_file: true, unfilled: skeleton.unfilled })
}

fn new_file(sms: &Sms, kind: &Kind, seed: Seed) -> Plan {
    let (folder, markdown) = place(sms, kind);
    let name = match (&seed.title, kind.form) {
        (Some(title), Form::Document) if !slug(title).is_empty() => slug(title),
        _ => seed.id.clone(),
    };
    let extension = if markdown { "md" } else { "yaml" };
    let path = if folder.is_empty() { format!("{name}.{extension}") } else { format!("{folder}/{name}.{extension}") };
    let names = sms.configuration.folder(&path).map(|folder| folder.fields.clone()).unwrap_or_default();
    let id = seed.id.clone();
    let Skeleton { lines, body, unfilled } = skeleton(kind, &Seed { markdown, names, ..seed });
    let head = if markdown {
        String::new()
    } else {
        let up = "../".repeat(if folder.is_empty() { 0 } else { folder.split('/').count() });
        schema_line(sms, &format!("{up}schema/kinds/{}.schema.json", kind.name))
    };
    let text = format!("{head}{}", Skeleton { lines, body, unfilled: Vec::new() }.file());
    Plan { path, text, id, new_file: true, unfilled }
}

/// The line that tells an editor the schema, where the schemas are in the repository.
fn schema_line(sms: &Sms, schema: &str) -> String {
    let there = sms.files.contains_key(schema.trim_start_matches("../"));
    if there { format!("# yaml-language-server: $schema={schema}\n") } else { String::new() }
}

/// Where documents of a kind stand, and whether as Markdown: as those that are there, else as
/// the kind says.
fn place(sms: &Sms, kind: &Kind) -> (String, bool) {
    let last = sms.of_kind(&kind.name).filter(|document| document.register.is_none()).last();
    if let Some(document) = last {
        let path = sms.path(document);
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        return (folder, document.body.is_some());
    }
    let prose = ["policies", "processes", "plans", "procedures", "knowledge", "audits", "agreements"];
    let folder = kind.folder.trim_end_matches('/').to_owned();
    let has_sections = kind.fields().iter().any(|field| field.section);
    let markdown = has_sections && kind.name != "service" || prose.contains(&folder.as_str());
    (folder, markdown)
}

/// The plural of a kind's name, as registers are called.
fn plural(name: &str) -> String {
    match name {
        "ci" => "configuration-items".to_owned(),
        "role-assignment" => "roles".to_owned(),
        name => match name.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{name}s"),
        },
    }
}

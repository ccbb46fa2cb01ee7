//! `attestry explain`: a rule, a clause or a kind, and the lists of them.

use super::{Globals, Input, Outcome, print};
use crate::{
    configuration::Configuration,
    explain::{self, Topic},
    kind::Kinds,
    repository::{At, Repository},
    standard,
};
use anyhow::{Result, anyhow, bail};
use clap::Args;

/// Columns of a page.
const WIDTH: usize = 100;

/// Arguments of `explain`.
#[derive(Args)]
pub(super) struct Arguments {
    /// A rule, a clause such as 8.6.1, or a kind
    name: Option<String>,
    /// List the rules
    #[arg(long)]
    rules: bool,
    /// List the kinds
    #[arg(long)]
    kinds: bool,
    /// List the clauses
    #[arg(long)]
    clauses: bool,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let standard = standard::iso20000();
    let (kinds, configuration) = known(globals);
    let mut pages = Vec::new();
    if let Some(name) = &arguments.name {
        let topic = explain::topic(name, standard, &kinds).map_err(|reason| anyhow!(reason))?;
        pages.push(match topic {
            Topic::Rule(rule) => explain::rule(rule, standard, configuration.levels.get(rule.name).map(String::as_str)),
            Topic::Clause(clause) => explain::clause(clause, standard, &kinds),
            Topic::Requirement(clause, requirement) => explain::requirement(clause, requirement, standard, &kinds),
            Topic::Kind(kind) => explain::kind(kind, standard),
        });
    }
    if arguments.rules {
        pages.push(explain::rules_list());
    }
    if arguments.kinds {
        pages.push(explain::kinds_list(&kinds));
    }
    if arguments.clauses {
        pages.push(explain::clauses_list(standard));
    }
    if pages.is_empty() {
        bail!("name a rule, a clause or a kind; `attestry explain --rules`, `--kinds` and `--clauses` list them");
    }
    print(&explain::render(&pages.join("\n"), globals.colour, globals.width.map_or(WIDTH, |width| width.min(WIDTH))))?;
    Ok(Outcome::Clean)
}

/// The kinds and the configuration of the repository of `-C`; the built-in ones where there is
/// none, and where it adds nothing, so that an explanation never waits for a repository.
fn known(globals: &Globals) -> (Kinds, Configuration) {
    let Ok(repository) = Repository::open(&globals.folder, At::WorkTree) else {
        return (Kinds::built_in(), Configuration::default());
    };
    if repository.paths().any(|path| path.starts_with("schema/kinds/"))
        && let Ok((_, sms)) = Input::default().load_tree(globals)
    {
        return (sms.kinds, sms.configuration);
    }
    let configuration = match repository.bytes(crate::configuration::FILE) {
        Ok(Some(bytes)) => Configuration::read(&String::from_utf8_lossy(&bytes)).0,
        _ => Configuration::default(),
    };
    (Kinds::built_in(), configuration)
}

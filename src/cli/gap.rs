//! `attestry gap`: per requirement, what evidence is there and what is missing.

use super::{Globals, Input, Outcome, print};
use crate::{
    export::gap::{self, Gap, Only},
    repository::write_whole,
    sms::coverage,
    standard,
};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::path::Path;

/// Columns of the table.
const WIDTH: usize = 100;

/// Arguments of `gap`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Form on standard output
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Also write a form to a file, FORMAT=PATH; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    output: Vec<String>,
    /// Only this clause and those below it, such as 8.6
    #[arg(long, value_name = "NUMBER")]
    clause: Option<String>,
    /// Only requirements that stand so
    #[arg(long, value_enum)]
    only: Option<Shown>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading in a terminal
    Table,
    /// Comma-separated values, one row per requirement
    Csv,
    /// JSON, version 1
    Json,
    /// A Markdown document
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// Without evidence
    Missing,
    /// With evidence
    Found,
    /// For a person to judge, or judged
    Judgement,
}

impl Shown {
    fn only(self) -> Only {
        match self {
            Self::Missing => Only::Missing,
            Self::Found => Only::Found,
            Self::Judgement => Only::Judgement,
        }
    }
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    if let Some(number) = &arguments.clause
        && standard::iso20000().clause(number).is_none()
    {
        let numbers = standard::iso20000().clauses.iter().map(|clause| clause.number.as_str());
        let help = crate::kind::nearest(number, numbers).map_or_else(
            || "`attestry explain --clauses` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        bail!("there is no clause `{number}`; {help}");
    }
    let mut targets = Vec::new();
    for target in &arguments.output {
        let Some((format, path)) = target.split_once('=') else { bail!("`--output {target}`: write FORMAT=PATH") };
        let Ok(format) = Format::from_str(format, false) else {
            bail!("`--output {target}`: there is no format `{format}`; there are table, csv, json, markdown")
        };
        targets.push((format, path));
    }
    let (_repository, sms) = arguments.input.load_tree(globals)?;
    let assessments = coverage::assess(&sms);
    let gap = Gap::new(&sms, &assessments, arguments.clause.as_deref(), arguments.only.map(Shown::only));
    let width = globals.width.map_or(WIDTH, |width| width.min(WIDTH));
    print(&rendered(&gap, arguments.format, globals.colour, width))?;
    for (format, path) in targets {
        write_whole(Path::new(path), rendered(&gap, format, false, WIDTH).as_bytes())?;
    }
    Ok(Outcome::Clean)
}

fn rendered(gap: &Gap<'_>, format: Format, colour: bool, width: usize) -> String {
    match format {
        Format::Table => gap::table(gap, gap::Style { colour, width }),
        Format::Csv => gap::csv(gap),
        Format::Json => gap::json(gap),
        Format::Markdown => gap::markdown(gap),
    }
}

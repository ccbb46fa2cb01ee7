//! What attestry knows, as pages: rules, clauses, kinds. A page is Markdown; `terminal` prints it.

mod clause;
mod kind;
mod rule;
mod terminal;

pub use clause::{page as clause, requirement};
pub use kind::page as kind;
pub use rule::page as rule;
pub use terminal::render;

use crate::{kind::Kinds, rules, standard::Standard};

/// What a name means.
pub enum Topic<'a> {
    /// A rule.
    Rule(&'static crate::finding::Rule),
    /// A clause.
    Clause(&'a crate::standard::Clause),
    /// A requirement of a clause.
    Requirement(&'a crate::standard::Clause, &'a crate::standard::Requirement),
    /// A kind.
    Kind(&'a crate::kind::Kind),
}

/// Finds what a name means; else what to say to the person who typed it.
pub fn topic<'a>(name: &str, standard: &'a Standard, kinds: &'a Kinds) -> Result<Topic<'a>, String> {
    let lower = name.to_lowercase();
    let number = lower.trim_start_matches("clause ").trim();
    if let Some(rule) = rules::by_name(&lower) {
        return Ok(Topic::Rule(rule));
    }
    if let Some(kind) = kinds.get(name).or_else(|| kinds.get(&lower)) {
        return Ok(Topic::Kind(kind));
    }
    let in_standard = number.strip_prefix(standard.id.as_str()).and_then(|rest| rest.strip_prefix('/'));
    if let Some(clause) = standard.clause(in_standard.unwrap_or(number)) {
        return Ok(Topic::Clause(clause));
    }
    if let Some((clause, requirement)) = standard.requirement(number) {
        return Ok(Topic::Requirement(clause, requirement));
    }
    let names = rules::all()
        .map(|rule| rule.name)
        .chain(kinds.iter().map(|kind| kind.name.as_str()))
        .chain(standard.clauses.iter().map(|clause| clause.number.as_str()));
    let help = crate::kind::nearest(&lower, names).map_or_else(
        || "`attestry explain --rules`, `--kinds` and `--clauses` list them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(format!("there is no rule, clause or kind `{name}`; {help}"))
}

/// All rules by group.
pub fn rules_list() -> String {
    let mut text = String::from("# Rules\n");
    for group in rules::GROUPS.iter().filter(|group| !group.rules.is_empty()) {
        text.push_str(&format!(
            "\n## {}\n\n| Rule | What it finds | Level | Clauses |\n| --- | --- | --- | --- |\n",
            group.title
        ));
        for rule in group.rules {
            let (name, level, clauses) = (rule.name, rule.level.name(), rule.clauses.join(", "));
            text.push_str(&format!("| `{name}` | {} | {level} | {clauses} |\n", rule.summary));
        }
    }
    text
}

/// All kinds by form.
pub fn kinds_list(kinds: &Kinds) -> String {
    use crate::kind::Form;
    let mut text = String::from("# Kinds\n");
    let forms = [
        (Form::Document, "Documents: maintained, approved, reviewed"),
        (Form::Record, "Records: made once, then kept"),
        (Form::Entry, "Register entries: kept in a list, `registers/*.yaml`"),
        (Form::Register, "Registers"),
    ];
    for (form, title) in forms {
        text.push_str(&format!("\n## {title}\n\n| Kind | Name | Folder | Ids |\n| --- | --- | --- | --- |\n"));
        for kind in kinds.iter().filter(|kind| kind.form == form) {
            text.push_str(&format!("| `{}` | {} | {} | {} |\n", kind.name, kind.title, kind.folder, kind.prefix));
        }
    }
    text
}

/// All clauses with how many requirements each has.
pub fn clauses_list(standard: &Standard) -> String {
    let mut text =
        format!("# Clauses of {}\n\n| Clause | Title | Requirements |\n| --- | --- | --- |\n", standard.title);
    for clause in &standard.clauses {
        let count = clause
            .requirements
            .iter()
            .filter(|requirement| requirement.demand != crate::standard::Demand::Note)
            .count();
        let count = if clause.heading { String::new() } else { count.to_string() };
        text.push_str(&format!("| {} | {} | {count} |\n", clause.number, clause.title.as_deref().unwrap_or_default()));
    }
    text
}

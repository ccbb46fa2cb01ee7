//! A clause's page: what it asks for in our words, what evidence is expected, what bears on it.
//! The letters of requirements are ours and are not printed as if they were the standard's.

use crate::{
    calendar::Interval,
    kind::Kinds,
    rules,
    standard::{Clause, Demand, Evidence, Predicate, Requirement, Standard},
    wording::lower_first,
};
use serde_json::Value;

/// The page of a clause.
pub fn page(clause: &Clause, standard: &Standard, kinds: &Kinds) -> String {
    let mut text = format!("# {}\n\n{}\n", clause.label(), clause.summary);
    text.push_str(&format!(
        "\n{}: {}. The text of the standard is not part of attestry.\n",
        clause.verification,
        verification(&clause.verification)
    ));
    let below: Vec<&Clause> =
        standard.clauses.iter().filter(|other| other.parent.as_deref() == Some(&clause.number)).collect();
    if !below.is_empty() {
        text.push_str("\n## Clauses below\n\n");
        for other in below {
            text.push_str(&format!("- {}\n", other.label()));
        }
    }
    if !clause.requirements.is_empty() {
        text.push_str("\n## What is asked for\n");
        for one in &clause.requirements {
            text.push_str(&format!("\n{}", of_requirement(clause, one, kinds)));
        }
    }
    text.push_str(&bearing(clause, standard, kinds));
    text
}

/// The page of one requirement.
pub fn requirement(clause: &Clause, requirement: &Requirement, standard: &Standard, kinds: &Kinds) -> String {
    format!(
        "# {}\n\n{}\n| | |\n| --- | --- |\n| Id in data | `{}` (the letter is ours, not the standard's) |\n{}",
        clause.label(),
        of_requirement(clause, requirement, kinds),
        standard.full_id(requirement),
        bearing(clause, standard, kinds)
    )
}

fn of_requirement(clause: &Clause, requirement: &Requirement, kinds: &Kinds) -> String {
    let mut text =
        format!("- {}. *{}*", requirement.text.trim_end_matches('.'), sentence(requirement.demand.in_words()));
    if let Some(amendment) = &requirement.amendment {
        text.push_str(&format!(" Brought by amendment {amendment}."));
    }
    let state = requirement.verification.as_deref().unwrap_or(&clause.verification);
    if state != clause.verification {
        text.push_str(&format!(" {state}: {}.", verification(state)));
    }
    text.push('\n');
    let Some(predicate) = &requirement.evidence else { return text };
    let leaves = predicate.leaves();
    let start = match (predicate, leaves.len(), requirement.demand) {
        (_, _, Demand::Activity) => "Helps to judge",
        (Predicate::Any { .. }, 2.., _) => "One of these is looked for",
        (_, 2.., _) => "These are looked for",
        _ => "Looked for",
    };
    for (index, leaf) in leaves.iter().enumerate() {
        let start = if index == 0 { start } else { "or" };
        let start = if index > 0 && !matches!(predicate, Predicate::Any { .. }) { "and" } else { start };
        text.push_str(&format!("  - {start}: {}\n", of_leaf(leaf, kinds)));
    }
    text
}

/// What a leaf asks for, in words.
fn of_leaf(leaf: &Evidence, kinds: &Kinds) -> String {
    let mut text = match kinds.get(&leaf.kind) {
        Some(kind) => format!("{} (`{}`)", kind.title.to_lowercase(), kind.name),
        None if leaf.kind == "*" => "a document of any kind".to_owned(),
        None => format!("`{}`", leaf.kind),
    };
    let conditions: Vec<String> =
        leaf.condition.iter().map(|(field, value)| format!("`{field}` {}", in_words(value))).collect();
    if !conditions.is_empty() {
        text.push_str(&format!(" with {}", conditions.join(" and ")));
    }
    if !leaf.fields.is_empty() {
        let fields: Vec<String> =
            leaf.fields.iter().map(|field| format!("`{}`", field.trim_start_matches('/'))).collect();
        text.push_str(&format!(", {} filled", fields.join(", ")));
    }
    if let Some(interval) = leaf.within.as_deref().and_then(Interval::parse) {
        text.push_str(&format!(", within {interval} (a convention; the standard fixes no number)"));
    }
    text
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Array(several) => several.iter().map(in_words).collect::<Vec<_>>().join(" or "),
        Value::String(text) => format!("`{text}`"),
        Value::Object(fields) => {
            let kind = fields.get("kind").and_then(Value::as_str).unwrap_or("document");
            format!("naming a `{kind}` that meets more")
        }
        other => format!("`{other}`"),
    }
}

/// Kinds, rules, duties and the 2011 number.
fn bearing(clause: &Clause, standard: &Standard, kinds: &Kinds) -> String {
    let mut text = String::new();
    let serving: Vec<String> = kinds
        .iter()
        .filter(|kind| serves(kind.schema_text(), &clause.number))
        .map(|kind| format!("- `{}`: {}\n", kind.name, kind.title))
        .collect();
    section("Kinds that serve it", &serving, &mut text);
    let rules = rules::all().filter(|rule| rule.clauses.contains(&clause.number.as_str()));
    let rules: Vec<String> = rules.map(|rule| format!("- `{}`: {}\n", rule.name, rule.summary)).collect();
    section("Rules that bear on it", &rules, &mut text);
    let duties = standard.duties.iter().filter(|duty| duty.clause == clause.number).map(|duty| {
        format!("- {}: {} (a convention; what is asked for is that an interval is planned)\n", duty.interval, duty.duty)
    });
    let events = standard
        .events
        .iter()
        .filter(|event| event.clauses.contains(&clause.number))
        .map(|event| format!("- When {}: {}\n", lower_first(&event.event), event.duty));
    section("What recurs, and what an event triggers", &duties.chain(events).collect::<Vec<_>>(), &mut text);
    let collision = standard.collisions.iter().filter(|collision| collision.number == clause.number).map(|collision| {
        format!(
            "- In 2011 the number {} meant something else: {}. Today: {}.\n",
            collision.number,
            collision.meaning_2011.trim_end_matches('.'),
            collision.meaning_2018.trim_end_matches('.')
        )
    });
    let former = standard
        .edition_2011
        .iter()
        .filter(|former| former.clause_2018.contains(&clause.number))
        .map(|former| format!("- {} {} of 2011 is here now\n", former.clause_2011, former.title_2011));
    section("The edition of 2011", &collision.chain(former).collect::<Vec<_>>(), &mut text);
    text
}

fn section(title: &str, lines: &[String], text: &mut String) {
    if !lines.is_empty() {
        text.push_str(&format!("\n## {title}\n\n{}", lines.concat()));
    }
}

/// Whether a kind's annotation names a clause; the schema is not compiled for this.
fn serves(schema: &str, number: &str) -> bool {
    serde_json::from_str::<Value>(schema).is_ok_and(|schema| {
        schema["x-attestry"]["clauses"].as_array().is_some_and(|all| all.iter().any(|one| one == number))
    })
}

fn verification(state: &str) -> &'static str {
    crate::export::gap::verification_in_words(state)
}

fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

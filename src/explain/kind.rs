//! A kind's page: how it is kept, its fields, what refers where, and a document to start from.

use crate::{
    kind::{Basis, Field, Form, Kind},
    standard::{Clause, Standard},
    starter::{Seed, skeleton},
};

/// The page.
pub fn page(kind: &Kind, standard: &Standard) -> String {
    let compiled = kind.compiled();
    let description = compiled.schema["description"].as_str().unwrap_or_default();
    let mut text = format!("# {}\n\n{description}\n\n| | |\n| --- | --- |\n| Kind | `{}` |\n", kind.title, kind.name);
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("| {name} | {value} |\n"));
        }
    };
    row("Kept as", form(kind.form));
    row("Folder", &kind.folder);
    row("Ids start with", &kind.prefix);
    let cycle = kind.review_cycle.map(|cycle| format!("every {cycle} (a convention, never a demand)"));
    row("Reviewed", &cycle.unwrap_or_default());
    row("Retained", compiled.notes.retention.as_deref().unwrap_or_default());
    row("Life cycle", &life_cycle(kind));
    let clauses: Vec<String> = compiled
        .notes
        .clauses
        .iter()
        .map(|number| standard.clause(number).map_or_else(|| number.clone(), Clause::label))
        .collect();
    row("Clauses", &clauses.join("; "));
    let links: Vec<String> = compiled
        .notes
        .two_sided
        .iter()
        .map(|(field, other, back)| format!("`{field}` here and `{back}` of the `{other}`"))
        .collect();
    row("Links on both sides", &links.join("; "));
    if kind.is_own() {
        row("Schema", "changed or brought by the organization");
    }
    let (shared, own): (Vec<Field>, Vec<Field>) = kind.fields().into_iter().partition(|field| field.shared);
    text.push_str(&fields("Fields", &own));
    text.push_str(&fields("Fields that every document of this form has", &shared));
    text.push_str("\n## A document to start from\n\n");
    if kind.name == crate::ledger::KIND {
        text.push_str("`attestry approvals import` writes it.\n");
        return text;
    }
    let new = if kind.form == Form::Register { "" } else { "`attestry new` writes it with the next id.\n\n" };
    text.push_str(new);
    let example = skeleton(kind, &Seed::example());
    text.push_str(&format!("```yaml\n{}```\n", example.text()));
    text
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Document => "a document: versioned, approved, reviewed",
        Form::Record => "a record: made once, frozen once closed",
        Form::Entry => "an entry of a register",
        Form::Register => "a register: one file with a list of entries",
    }
}

fn life_cycle(kind: &Kind) -> String {
    let notes = &kind.compiled().notes;
    if notes.states.is_empty() {
        return String::new();
    }
    let states: Vec<String> = notes
        .states
        .iter()
        .map(|state| if notes.closed.contains(state) { format!("{state} (closed)") } else { state.clone() })
        .collect();
    format!("`{}`: {}", notes.state_field, states.join(", "))
}

fn fields(title: &str, fields: &[Field]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut text = format!("\n## {title}\n\n| Field | What | Holds | Basis |\n| --- | --- | --- | --- |\n");
    for field in fields {
        let holds = if field.section { "text, or `#heading` of the body".to_owned() } else { field.holds.in_words() };
        text.push_str(&format!("| `{}` | {} | {holds} | {} |\n", field.name, field.title, basis(field)));
    }
    text
}

/// Why and when: "demanded, once approved".
fn basis(field: &Field) -> String {
    let why = match field.basis {
        Some(Basis::Demanded) => "demanded",
        Some(Basis::Practice) => "practice",
        None if field.due.is_some() => "needed",
        Some(Basis::Optional) | None => "optional",
    };
    match &field.due {
        Some(due) if due.when.is_empty() && due.expected => format!("{why}; expected from the start"),
        Some(due) if due.when.is_empty() => format!("{why}; due from the start"),
        Some(due) if due.expected => format!("{why}; expected {}", due.when),
        Some(due) => format!("{why}; due {}", due.when),
        None => why.to_owned(),
    }
}

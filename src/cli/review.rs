//! `attestry review`: record that somebody looked at a document and left it as it is.

use super::{Globals, Input, Outcome, print, since};
use crate::{
    calendar,
    document::Document,
    report::printable,
    repository::write_whole,
    sms::{Party, Person, Sms},
    starter::{NewReview, reviewed},
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use std::path::Path;

/// Arguments of `review`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The id of an approved document, or the path of its file
    id: String,
    /// The id of the person who reviewed it
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// The day of the review, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// What came of it, in a sentence
    #[arg(long, value_name = "TEXT")]
    result: Option<String>,
}

pub(super) fn run(arguments: &Arguments, globals: &Globals) -> Result<Outcome> {
    let (repository, sms) = Input::default().load(globals)?;
    let on = match &arguments.on {
        Some(day) => {
            calendar::parse_day(day).with_context(|| format!("`--on {day}` is not a day; write YYYY-MM-DD"))?
        }
        None => sms.as_of,
    };
    if on > sms.as_of {
        bail!("{on} is still to come; a review is recorded when it took place");
    }
    let document = match since::inside(Path::new(&arguments.id), globals, repository.root()) {
        Some(path) if sms.positions(&arguments.id).is_empty() => of_file(&sms, &path),
        _ => None,
    };
    let document = document.map_or_else(|| self::document(&sms, &arguments.id), Ok)?;
    may_be_reviewed(&sms, document, on)?;
    let person = person(&sms, &arguments.by, on)?;
    if is_recorded(document, &person.id, on) {
        print(&format!(
            "{}: the review of {} by {} on {on} is already recorded\n",
            printable(sms.path(document)),
            printable(&document.id),
            printable(&person.name)
        ))?;
        return Ok(Outcome::Clean);
    }
    let result = arguments.result.as_deref().map(one_line).filter(|result| !result.is_empty());
    let review = NewReview { on, by: &person.id, result: result.as_deref() };
    let path = sms.path(document);
    let text = reviewed(&sms, document, &review)
        .map_err(|reason| anyhow!("nothing can be written into `{}`: {reason}", printable(path)))?;
    write_whole(&repository.root().join(path), text.as_bytes())?;
    let mail = person.emails.first().map_or_else(String::new, |mail| format!(" <{mail}>"));
    let id = printable(&document.id);
    print(&format!(
        "{}: review of {id} by {} on {on} written\nnext: commit it, best by {} in person, with a message such as\n\n  review: {id} looked at, nothing to change\n\n  Reviewed-by: {}{}\n",
        printable(path),
        printable(&person.name),
        printable(&person.name),
        printable(&person.name),
        printable(&mail),
    ))?;
    Ok(Outcome::Clean)
}

/// The document that a file is.
fn of_file<'a>(sms: &'a Sms, path: &str) -> Option<&'a Document> {
    sms.documents.iter().find(|document| document.register.is_none() && sms.path(document) == path)
}

fn document<'a>(sms: &'a Sms, id: &str) -> Result<&'a Document> {
    let mut documents = sms.by_id(id);
    let Some(document) = documents.next() else {
        let ids = sms.documents.iter().map(|document| document.id.as_str());
        let near = crate::kind::nearest(id, ids);
        let near = near.map_or_else(|| of_prefix(sms, id), |near| format!("; did you mean `{}`?", printable(near)));
        bail!("there is no document `{}`{near}", printable(id));
    };
    if documents.next().is_some() {
        bail!("several documents have the id `{}`; give each its own first", printable(id));
    }
    Ok(document)
}

/// The first documents whose ids begin alike, for a number that does not exist.
fn of_prefix(sms: &Sms, id: &str) -> String {
    let Some((prefix, _)) = id.rsplit_once('-') else { return String::new() };
    let begins = |one: &&Document| {
        one.register.is_none() && one.id.rsplit_once('-').is_some_and(|(own, _)| own.eq_ignore_ascii_case(prefix))
    };
    let ids: Vec<String> =
        sms.documents.iter().filter(begins).take(6).map(|one| format!("`{}`", printable(&one.id))).collect();
    if ids.is_empty() { String::new() } else { format!("; there are {}", ids.join(", ")) }
}

fn may_be_reviewed(sms: &Sms, document: &Document, on: calendar::Date) -> Result<()> {
    let id = printable(&document.id);
    let takes = sms.kind(document).is_some_and(|kind| kind.compiled().shape.properties.contains_key("reviews"));
    if !takes {
        match sms.register(document) {
            Some(register) => {
                bail!("`{id}` is reviewed with its register: `attestry review {}`", printable(&register.id))
            }
            None => bail!("`{id}` is a record; records are closed, not reviewed"),
        }
    }
    let status = document.text("status").or_else(|| sms.register(document)?.text("status"));
    if status != Some("approved") {
        bail!(
            "`{id}` is not approved (status {}); only what is approved can be found fit as it is",
            status.unwrap_or("not given")
        );
    }
    let ended = |state: &&str| matches!(*state, "retired" | "transferred");
    let state = document.text("lifecycle_status").filter(ended);
    if let Some(state) = state {
        bail!("`{id}` is {state}; what does not apply any more is not reviewed");
    }
    if let Some(approved) = document.day("approved_on").filter(|approved| *approved > on) {
        bail!("`{id}` was approved on {approved}, after {on}; what was reviewed is not this version");
    }
    let undone = sms.positions(&document.id).first().and_then(|position| sms.undone_approval(*position));
    if let Some(approval) = undone {
        bail!(
            "`{id}` is not what `{}` approved: its text was changed since; have it approved again, which is a review as well",
            printable(&approval.by)
        );
    }
    if sms.life(document).is_some() && sms.edition(document).is_none() {
        bail!(
            "the text of `{id}` is not on the default branch as it stands here; commit or take back the change first, so that a review is of what applies"
        );
    }
    Ok(())
}

fn is_recorded(document: &Document, by: &str, on: calendar::Date) -> bool {
    document.items("reviews").any(|(_, review)| {
        review["by"].as_str().is_some_and(|one| one.eq_ignore_ascii_case(by))
            && review["date"].as_str().and_then(calendar::parse_day) == Some(on)
    })
}

fn person<'a>(sms: &'a Sms, by: &str, on: calendar::Date) -> Result<&'a Person> {
    let shown = printable(by);
    match sms.people.party(by, on) {
        Party::Present(person) => Ok(person),
        Party::Future(person) => bail!("`{shown}` was not there yet on {on}: `from` says {}", day(person.from)),
        Party::Left(person) => bail!("`{shown}` had left on {on}: `until` says {}", day(person.until)),
        Party::Held(_, holders) => {
            let holders: Vec<String> = holders.iter().map(|person| format!("`{}`", printable(&person.id))).collect();
            bail!("`{shown}` is a role; name the person who reviewed, such as {}", holders.join(" or "))
        }
        Party::Vacant(_) => bail!("`{shown}` is a role that nobody held on {on}; name the person who reviewed"),
        Party::Unknown => {
            let near = crate::kind::nearest(by, sms.people.persons.iter().map(|person| person.id.as_str()));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{}`?", printable(near)));
            bail!("`people.yaml` knows nobody with the id `{shown}`{near}")
        }
    }
}

fn day(day: Option<calendar::Date>) -> String {
    day.map_or_else(|| "nothing".to_owned(), |day| day.to_string())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|character| !character.is_control()).collect()
}

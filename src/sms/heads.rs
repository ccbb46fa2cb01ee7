//! What is wrong with the list of its own heads that a repository keeps.

use crate::{
    anchor,
    configuration::{self, Configuration},
    document::{Defect, Problem},
    source::{Place, SourceId},
};

/// Lines that cannot be read, and a list that is named and is not there. `list` is its text,
/// `named_in` the configuration.
pub(super) fn problems(
    configuration: &Configuration,
    list: Option<(SourceId, &str)>,
    named_in: Option<SourceId>,
) -> Vec<Problem> {
    let Some(path) = &configuration.heads else { return Vec::new() };
    let problem = |place: Place, file: &str, message: String, help: &str| {
        let mut problem = Problem::new(Defect::InvalidConfiguration, place, file, message, help);
        problem.discriminator.clone_from(&problem.message);
        problem
    };
    if let Some((source, text)) = list {
        let defects = anchor::read(text).1.into_iter();
        let place = |span| Place { source, span, pointer: String::new() };
        return defects.map(|one| problem(place(one.span), path, one.message, anchor::FORM)).collect();
    }
    let Some(source) = named_in else { return Vec::new() };
    let node = configuration.node.as_ref().and_then(|node| node.get("heads"));
    let span = node.map_or(0..0, |node| node.span.clone());
    let place = Place { source, span, pointer: "/heads".to_owned() };
    let message = format!("there is no list of heads `{path}`");
    vec![problem(place, configuration::FILE, message, "commit one, or take the line out")]
}

//! What is wrong with the files that set attestry up: `attestry.yaml` and `people.yaml`.

use crate::{
    configuration::{self, Configuration},
    document::{Defect, Problem},
    kind,
    source::{Place, SourceId, Span},
    standard,
    yaml::{self, Node},
};

/// What such a file breaks of its schema.
pub(super) fn schema_problems(path: &str, source: SourceId, node: Option<&Node>, schema: &str) -> Vec<Problem> {
    let Some(node) = node else { return Vec::new() };
    let violations = kind::violations_of(schema, &node.to_json());
    let problems = violations.iter().map(|violation| {
        let key = node.key_at(&violation.pointer).filter(|_| violation.nature == kind::Fault::Unknown);
        let span = key
            .or_else(|| node.at(&violation.pointer).map(|node| node.span.clone()))
            .or_else(|| nearest_key(node, &violation.pointer))
            .unwrap_or(0..0);
        let place = Place { source, span, pointer: violation.pointer.clone() };
        let name = violation.pointer.rsplit('/').next().unwrap_or_default();
        let mut problem = Problem::of_violation(violation, place, path, name);
        problem.defect = Defect::InvalidConfiguration;
        // Configurations have no kind.
        problem.message = problem.message.replace(" is not a field of this kind", " is not a field of this file");
        problem
    });
    problems.collect()
}

fn nearest_key(node: &Node, pointer: &str) -> Option<Span> {
    let (parent, _) = pointer.rsplit_once('/')?;
    let parent = node.at(parent)?;
    parent.entries().first().map(|entry| entry.key_span.clone())
}

pub(super) fn of_defect(defect: yaml::Defect, source: SourceId, path: &str) -> Problem {
    let place = Place { source, span: defect.span, pointer: String::new() };
    let mut problem = Problem::new(Defect::InvalidConfiguration, place, path, defect.message, defect.help);
    problem.discriminator.clone_from(&problem.message);
    problem
}

/// Mistakes that a schema cannot see: zones, patterns, kinds of data sets.
pub(super) fn semantic_problems(configuration: &Configuration, source: SourceId) -> Vec<Problem> {
    let Some(node) = &configuration.node else { return Vec::new() };
    let mut found = Vec::new();
    let mut say = |pointer: &str, message: String, help: &str| {
        let span = node.at(pointer).map_or(0..0, |node| node.span.clone());
        found.push(Problem::new(
            Defect::InvalidConfiguration,
            Place { source, span, pointer: pointer.to_owned() },
            configuration::FILE,
            message,
            help,
        ));
    };
    let zone = |pointer: &str| {
        node.at(pointer).and_then(|node| node.text()).filter(|zone| crate::calendar::zone(zone).is_none())
    };
    if let Some(zone) = zone("/zone") {
        say("/zone", format!("there is no time zone `{zone}`"), "use an IANA name such as `Europe/Oslo`");
    }
    for (index, standard) in
        configuration.standards.iter().enumerate().filter(|(_, id)| !standard::built_in_ids().any(|known| known == *id))
    {
        say(
            &format!("/standards/{index}"),
            format!("there is no standard `{standard}`"),
            "built in is `iso20000-1:2018`",
        );
    }
    for (index, folder) in configuration.folders.iter().enumerate().filter(|(_, folder)| !folder.pattern.is_valid()) {
        say(
            &format!("/folders/{index}/match"),
            format!("`{}` is not a file pattern", folder.pattern.text),
            "write it like `policies/**/*.md`",
        );
    }
    for (index, ignore) in configuration.ignore.iter().enumerate().filter(|(_, pattern)| !pattern.is_valid()) {
        say(
            &format!("/ignore/{index}"),
            format!("`{}` is not a file pattern", ignore.text),
            "write it like `drafts/**`",
        );
    }
    for (index, data) in configuration.data.iter().enumerate().filter(|(_, data)| !data.pattern.is_valid()) {
        say(
            &format!("/data/{index}/path"),
            format!("`{}` is not a file pattern", data.pattern.text),
            "write it like `data/incidents-*.csv`",
        );
    }
    found
}

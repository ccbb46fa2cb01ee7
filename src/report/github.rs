//! Annotations of GitHub Actions: workflow commands on standard output. GitHub shows ten of each
//! level and step, so the worst come first and one line counts the rest.

use super::{
    Report, since,
    wording::{one_line, shortened},
};
use crate::finding::{Finding, Level};
use crate::wording::counted;

/// How many annotations of one level a step may have.
pub const PER_LEVEL: usize = 10;
/// The most characters of a message, and of its help.
const WORDS: usize = 2_000;

/// Workflow commands, one line each, and a line with the count of the rest.
pub fn render(report: &Report<'_>) -> String {
    let mut text = String::new();
    let mut rest = Vec::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let mut commands = match level {
            Level::Error => grown(report).into_iter().collect(),
            Level::Warning => not_evaluated(report),
            Level::Note => Vec::new(),
        };
        // What could not be evaluated has a place of its own: no finding may push it out.
        let room = PER_LEVEL.saturating_sub(commands.len());
        let findings: Vec<&Finding> = report.shown().filter(|finding| finding.level == level).collect();
        commands.extend(findings.iter().take(room).map(|finding| command(report, finding)));
        text.extend(commands);
        if findings.len() > room {
            rest.push(counted(findings.len() - room, level.name()));
        }
    }
    if !rest.is_empty() {
        text.push_str(&format!("not annotated: {}; the other formats have them all\n", rest.join(", ")));
    }
    text
}

fn grown(report: &Report<'_>) -> Option<String> {
    let step = report.since.as_ref().filter(|since| since.baseline_grows())?.baseline.as_ref()?;
    Some(format!("::error title=attestry::{}\n", data(&since::baseline(step))))
}

fn not_evaluated(report: &Report<'_>) -> Vec<String> {
    let command = |(what, fix): &(String, String)| {
        let words = shortened(&one_line(&format!("not evaluated: {what} ({fix})")), WORDS);
        format!("::warning title=attestry::{}\n", data(&words))
    };
    report.not_evaluated.iter().map(command).collect()
}

fn command(report: &Report<'_>, finding: &Finding) -> String {
    let location = report.location(&finding.place);
    let (start, end) = (location.start, location.end);
    let name = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = format!("file={},line={}", property(&report.path_from_git(&finding.place)), start.line);
    // GitHub takes columns only where start and end stand in one line.
    if start.line == end.line {
        properties.push_str(&format!(",endLine={},col={},endColumn={}", end.line, start.column, end.column));
    } else {
        properties.push_str(&format!(",endLine={}", end.line));
    }
    let mut words = shortened(&one_line(&finding.message), WORDS);
    if !finding.help.is_empty() {
        words.push_str("\nhelp: ");
        words.push_str(&shortened(&one_line(&finding.help), WORDS));
    }
    format!("::{name} {properties},title={}::{}\n", property(finding.rule), data(&words))
}

/// Text behind the `::` of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command; nothing in it steers who reads the log.
fn property(text: &str) -> String {
    let printable: String =
        text.chars().map(|one| if one.is_control() && !"\r\n".contains(one) { '?' } else { one }).collect();
    data(&printable).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_their_command() {
        assert_eq!(property("a%0A,b:c\r\n::error"), "a%250A%2Cb%3Ac%0D%0A%3A%3Aerror");
        assert_eq!(property("a\u{1b}[31m\u{7}.md"), "a?[31m?.md");
        assert_eq!(data("100 % \n::error::x"), "100 %25 %0A::error::x");
    }
}

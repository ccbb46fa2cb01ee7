//! Test results as XML in the form of `JUnit`, which nearly every build server shows: a suite per
//! group of rules, a case per rule.
//! A case fails with errors and warnings; notes alone are its output. A rule that the organization
//! switched off, what waivers accept and what could not be evaluated are skipped, never passed.

use super::{
    Report, human,
    wording::{at, one_line},
};
use crate::{
    finding::{Acceptance, Finding, Level, Rule},
    rules::{self, GROUPS},
    wording::counted,
};
use std::collections::BTreeMap;

#[derive(Default)]
struct Suite {
    cases: String,
    tests: usize,
    failures: usize,
    skipped: usize,
}

/// The whole document.
pub fn render(report: &Report<'_>) -> String {
    let mut by_rule = BTreeMap::<&str, Vec<&Finding>>::new();
    for finding in &report.findings {
        by_rule.entry(finding.rule).or_default().push(finding);
    }
    let mut suites = Vec::new();
    for group in GROUPS {
        let mut suite = Suite::default();
        for rule in group.rules.iter().filter(|rule| report.was_chosen(rule)) {
            let findings = by_rule.get(rule.name).map(Vec::as_slice).unwrap_or_default();
            suite.case(report, group.name, rule, findings);
        }
        suites.push((group.title, suite));
    }
    let mut accepted = Suite::default();
    for finding in &report.accepted {
        let Some(Acceptance { waiver, until, reason, .. }) = &finding.accepted else { continue };
        let name = format!("{}: {}", finding.rule, finding.message);
        accepted.skip("accepted", &name, &format!("accepted by {waiver} until {until}: {reason}"));
    }
    suites.push(("Accepted by waivers", accepted));
    let mut open = Suite::default();
    for (what, fix) in &report.not_evaluated {
        open.skip("attestry", what, &format!("not evaluated: {what} ({fix})"));
    }
    suites.push(("Not evaluated", open));
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(|(_, suite)| count(suite)).sum::<usize>();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"attestry\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
        sum(|suite| suite.tests),
        sum(|suite| suite.failures),
        sum(|suite| suite.skipped)
    );
    for (title, suite) in suites.iter().filter(|(_, suite)| suite.tests > 0) {
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n    <properties>\n      <property name=\"as of\" value=\"{}\"/>\n      <property name=\"read\" value=\"{}\"/>\n    </properties>\n{}  </testsuite>\n",
            escaped(title),
            suite.tests,
            suite.failures,
            suite.skipped,
            report.as_of(),
            escaped(&human::read(report)),
            suite.cases
        ));
    }
    text.push_str("</testsuites>\n");
    text
}

impl Suite {
    fn case(&mut self, report: &Report<'_>, group: &str, rule: &Rule, findings: &[&Finding]) {
        if rules::level(rule, report.sms).is_none() {
            return self.skip(group, rule.name, "switched off by the organization");
        }
        let (absent, shown): (Vec<&Finding>, Vec<&Finding>) =
            findings.iter().partition(|finding| report.is_summarized(finding));
        if shown.is_empty() && !absent.is_empty() {
            let words = format!("{} absent, see `attestry gap`", counted(absent.len(), "item"));
            return self.skip(group, rule.name, &words);
        }
        if shown.is_empty()
            && let Some(why) = not_passed(report, rule)
        {
            return self.skip(group, rule.name, &why);
        }
        self.tests += 1;
        let head = format!("    <testcase classname=\"{}\" name=\"{}\"", escaped(group), escaped(rule.name));
        if shown.is_empty() {
            return self.cases.push_str(&format!("{head}/>\n"));
        }
        let failing: Vec<&Finding> = shown.iter().filter(|finding| finding.level > Level::Note).copied().collect();
        let lines: String = shown.iter().map(|finding| line(report, finding)).collect();
        let body = if let Some(first) = failing.first() {
            self.failures += 1;
            let worst = failing.iter().map(|finding| finding.level).max().unwrap_or(first.level);
            let message = format!("{}: {}", rule.summary, counted(shown.len(), "finding"));
            let ground = human::ground(rule, &report.sms.standard.title);
            format!(
                "      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                worst.name(),
                escaped(&message),
                escaped(&format!("{lines}{ground}\n"))
            )
        } else {
            format!("      <system-out>{}</system-out>\n", escaped(&lines))
        };
        self.cases.push_str(&format!("{head}>\n{body}    </testcase>\n"));
    }

    fn skip(&mut self, group: &str, name: &str, why: &str) {
        self.tests += 1;
        self.skipped += 1;
        self.cases.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}\">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
            escaped(group),
            escaped(&one_line(name)),
            escaped(&one_line(why))
        ));
    }
}

/// Why a rule without findings to tell did not pass; none where it did.
fn not_passed(report: &Report<'_>, rule: &Rule) -> Option<String> {
    let history = &report.sms.evidence.history;
    if rule.reads.needs_history() && !report.sms.has_history() {
        let why = history.not_evaluated.as_deref().unwrap_or("the history was not read");
        return Some(format!("not evaluated: {why}"));
    }
    let accepted = report.accepted.iter().filter(|finding| finding.rule == rule.name).count();
    let known = report.known.as_ref().and_then(|known| Some((known.rules.get(rule.name).copied()?, &known.file)));
    let accepted = (accepted > 0).then(|| format!("{} accepted by waivers", counted(accepted, "finding")));
    let known = known.map(|(count, file)| format!("{} in the baseline `{file}`", counted(count, "finding")));
    let both: Vec<String> = accepted.into_iter().chain(known).collect();
    (!both.is_empty()).then(|| both.join(", "))
}

fn line(report: &Report<'_>, finding: &Finding) -> String {
    let place = format!("{}:{}", report.path_from_git(&finding.place), at(report.location(&finding.place).start));
    let mut line = format!("{}: {}: {}", one_line(&place), finding.level.name(), one_line(&finding.message));
    if !finding.help.is_empty() {
        line.push_str(&format!("\n  help: {}", one_line(&finding.help)));
    }
    line.push('\n');
    line
}

/// Text for XML 1.0, which has no way at all to write some characters: those become `?`.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => out.push('?'),
            character if character.is_control() => out.push('?'),
            character => out.push(character),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_leaves_its_element() {
        assert_eq!(super::escaped("]]></failure>\u{1b}\u{ffff}\"'&"), "]]&gt;&lt;/failure&gt;??&quot;&apos;&amp;");
    }
}

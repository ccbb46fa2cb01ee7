//! Adoption: pages that somebody else wrote, with fields, words, dates and links of their own, are
//! judged with nothing but an `attestry.yaml` beside them.

use crate::support::sms;
use attestry::report::Report;

const CONFIGURATION: &str = "format: 1
folders:
  - match: \"source/**/*.md.erb\"
    kind: knowledge-article
    fields: {last_reviewed: checked, review_cycle: again_in, owner: channel, status: state}
    values: {status: {live: approved, old: withdrawn}}
    dates: [\"%d %B %Y\", \"%d.%m.%Y\"]
    defaults: {approved_by: nobody, approved_on: 2020-01-01, version: \"1\"}
    site_root: source
levels: {unknown-owner: \"off\"}
";

fn page(checked: &str, again: &str, state: &str) -> String {
    format!(
        "---\nchecked: {checked}\nagain_in: {again}\nchannel: \"#desk\"\nstate: {state}\nlayout: wide\n---\n\n# A page\n\n[b](/b.html) [c](../c.html#a-page)\n"
    )
}

#[test]
fn pages_are_judged_without_touching_them() {
    let pages = [
        ("a", page("31 August 2025", "6 months", "live")),
        ("b", page("2025-09-01", "6 months", "live")),
        ("c", page("28.02.2025", "1 year", "live")),
        ("d", page("01.01.2020", "1 month", "old")),
    ];
    let mut files = vec![("attestry.yaml".to_owned(), CONFIGURATION.to_owned())];
    files.extend(pages.map(|(name, text)| (format!("source/{name}.html.md.erb"), text)));
    let overdue = |day: &str| {
        let sms = sms(&files, day);
        let report = Report::new(&sms, |rule| rule.name == "overdue-review", |_| true);
        let found: Vec<String> = report.findings.iter().map(|finding| finding.subject.clone()).collect();
        found.join(" ")
    };
    // 31 August plus six months is the last day of February, and that day itself is not late.
    assert_eq!(overdue("2026-02-28"), "");
    assert_eq!(overdue("2026-03-01"), "source/a source/c");
    assert_eq!(overdue("2026-03-02"), "source/a source/b source/c");
}

#[test]
fn fields_and_links_of_a_site_generator_are_understood() {
    let files = vec![
        ("attestry.yaml".to_owned(), CONFIGURATION.to_owned()),
        ("source/x/a.html.md.erb".to_owned(), page("2025-09-01", "6 months", "live")),
        ("source/b.html.md.erb".to_owned(), "# B\n".to_owned()),
        ("source/c.html.md.erb".to_owned(), "# A page\n".to_owned()),
    ];
    let sms = sms(&files, "2025-10-01");
    let report = Report::new(
        &sms,
        |rule| ["broken-link", "broken-anchor", "unknown-field", "invalid-value"].contains(&rule.name),
        |_| true,
    );
    let found: Vec<String> = report.findings.iter().map(|finding| finding.message.clone()).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let page = sms.document("source/x/a").unwrap();
    assert_eq!((page.title(), page.text("status")), ("A page", Some("approved")));
}

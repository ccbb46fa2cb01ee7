//! Findings point at the value that is wrong, to the line and column, whatever it stands in.

use super::{check, sms, write};
use serde_json::Value;

const SLA: &str = "id: SLA-001\nkind: sla\ntitle: Zoë\nstatus: draft\nservice_level_targets:\n  - id: T1\n    value: many\n    metrik: x\n";

/// `line:column-line:column pointer` of the findings of a rule in a file.
fn places(folder: &std::path::Path, path: &str, rule: &str) -> Vec<String> {
    let of = |finding: &&Value| finding["rule"] == rule && finding["location"]["path"] == path;
    let place = |finding: &Value| {
        let at = &finding["location"];
        let position = |line: &str, column: &str| format!("{}:{}", at[line], at[column]);
        format!(
            "{}-{} {}",
            position("start_line", "start_column"),
            position("end_line", "end_column"),
            finding["pointer"].as_str().unwrap()
        )
    };
    check(folder).findings().iter().filter(of).map(place).collect()
}

#[test]
fn in_front_matter_in_yaml_and_in_a_register() {
    let folder = sms(
        "places",
        &[
            ("agreements/a.md", format!("---\n{SLA}---\n\n# T\n").as_bytes()),
            ("agreements/b.yaml", SLA.as_bytes()),
            ("agreements/c.md", format!("\u{feff}---\r\n{}---\r\n", SLA.replace('\n', "\r\n")).as_bytes()),
            (
                "agreements/d.yaml",
                b"{id: SLA-002, kind: sla, title: \"Zo\xc3\xab\", status: draft, service_level_targets: [{id: T1, value: many}]}\n",
            ),
            (
                "registers/slas.yaml",
                b"kind: sla\nid: REG-1\ntitle: R\nstatus: draft\nentries:\n  - id: SLA-003\n    title: T\n    status: draft\n    service_level_targets:\n      - {id: T1, value: 'many'}\n",
            ),
        ],
    );
    let value = "/service_level_targets/0/value";
    assert_eq!(places(&folder, "agreements/a.md", "invalid-value"), [format!("8:12-8:16 {value}")]);
    assert_eq!(places(&folder, "agreements/a.md", "unknown-field"), ["9:5-9:11 /service_level_targets/0/metrik"]);
    assert_eq!(places(&folder, "agreements/b.yaml", "invalid-value"), [format!("7:12-7:16 {value}")]);
    assert_eq!(places(&folder, "agreements/c.md", "invalid-value"), [format!("8:12-8:16 {value}")]);
    assert_eq!(places(&folder, "agreements/d.yaml", "invalid-value"), [format!("1:95-1:99 {value}")]);
    assert_eq!(places(&folder, "registers/slas.yaml", "invalid-value"), [format!("10:25-10:31 {value}")]);
}

#[test]
fn in_the_cell_of_a_table_and_in_a_line_of_json() {
    let csv = "Number;Channel;Opened;Text\r\nINC-1;phone;2026-01-02;ok\r\nINC-2;\"f\"\"ax;\";2026-01-03;\"two\r\nlines\"\r\nINC-3;email;yesterday;Zoë\r\n";
    let lines = "{\"n\": \"REQ-1\", \"c\": \"phone\", \"o\": \"2026-01-02\", \"t\": \"a\"}\n{\"n\": \"REQ-2\", \"t\": \"Zo\u{eb}\", \"c\": \"fax\", \"o\": \"2026-01-02\"}\n";
    let folder = sms("cells", &[("data/a.csv", csv.as_bytes()), ("data/b.jsonl", lines.as_bytes())]);
    write(
        &folder,
        "attestry.yaml",
        "format: 1\norganization: E\ndata:\n  - path: data/a.csv\n    kind: incident\n    columns: {id: Number, channel: Channel, reported_on: Opened, description: Text}\n    defaults: {status: new}\n  - path: data/b.jsonl\n    kind: incident\n    columns: {id: n, channel: c, reported_on: o, description: t}\n    defaults: {status: new}\n",
    );
    assert_eq!(places(&folder, "data/a.csv", "invalid-value"), ["3:7-3:15 /channel", "5:13-5:22 /reported_on"]);
    assert_eq!(places(&folder, "data/b.jsonl", "invalid-value"), ["2:33-2:38 /channel"]);
}

#[test]
fn of_alternatives_the_one_that_was_meant() {
    // `dependencies` is the word `none` or a list: a list was meant, and one word in it is wrong.
    let list = "id: SVC-001\nkind: service\ntitle: T\nstatus: draft\ndependencies:\n  - {service: SVC-002, nature: depend-on}\n";
    let word = "id: SVC-002\nkind: service\ntitle: T\nstatus: draft\ndependencies: nothing\n";
    let folder = sms("alternatives", &[("services/a.yaml", list.as_bytes()), ("services/b.yaml", word.as_bytes())]);
    assert_eq!(places(&folder, "services/a.yaml", "invalid-value"), ["6:32-6:41 /dependencies/0/nature"]);
    assert_eq!(places(&folder, "services/b.yaml", "invalid-value"), ["5:15-5:22 /dependencies"]);
    // A criterion of a process names a KPI, or says measure and target itself.
    let process = "id: PRC-001\nkind: process\ntitle: T\nstatus: draft\nperformance_criteria:\n  - {target: 5}\n";
    let folder = sms("alternatives-of-fields", &[("processes/a.yaml", process.as_bytes())]);
    assert_eq!(places(&folder, "processes/a.yaml", "missing-field").len(), 1);
}

#[test]
fn what_is_missing_is_said_at_what_lacks_it() {
    let text = "title: T\nid: INC-001\nkind: incident\nstatus: new\nreported_on: 2026-01-02\nescalations:\n  - nature: functional\n    when: 2026-01-02\n";
    let folder = sms("missing", &[("records/a.yaml", text.as_bytes())]);
    assert_eq!(
        places(&folder, "records/a.yaml", "missing-field"),
        ["2:5-2:12 /description", "7:5-7:11 /escalations/0/to"]
    );
}

#[test]
fn under_the_name_that_the_user_gave_the_field() {
    let folder = sms("names", &[("docs/a.md", b"---\nident: A-1\nstate: done\nnext: soon\n---\n# T\n")]);
    write(
        &folder,
        "attestry.yaml",
        "format: 1\norganization: E\nfolders:\n  - match: docs/*.md\n    kind: sm-policy\n    fields: {id: ident, status: state, next_review: next}\n",
    );
    assert_eq!(places(&folder, "docs/a.md", "invalid-value"), ["3:8-3:12 /status", "4:7-4:11 /next_review"]);
    let run = check(&folder);
    assert!(run.said("docs/a.md", "invalid-value").contains("`state`"), "{}", run.out);
}

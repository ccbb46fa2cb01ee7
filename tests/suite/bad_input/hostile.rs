//! Input made to do harm: terminal escapes and forged lines, references that lead out, schemas that
//! reach out or never end.

use super::{WITNESSED, attestry, check, sms, write};

const ESCAPES: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}gnp.exe\u{9b}2J";

#[test]
fn names_and_values_cannot_steer_the_terminal_or_forge_lines() {
    let forged = "x\n::error file=a::owned\nerror[forged]: owned";
    let yaml = format!(
        "id: \"{ESCAPES}\"\nkind: \"sm-pol\\n::error::owned\"\ntitle: T\nstatus: \"dr\\e[31m\\n::set-output name=a::b\"\n"
    );
    let policy = "id: POL-001\nkind: sm-policy\ntitle: T\nstatus: \"dr\\e[31m\\n::error::owned\\rover\"\n\"f\\n::error::\\e[31m\": 1\n";
    let folder = sms("escapes", &[("policies/a.yaml", yaml.as_bytes()), ("policies/b.yaml", policy.as_bytes())]);
    write(&folder, &format!("policies/{ESCAPES}.yaml"), policy.replace("POL-001", "POL-002"));
    write(&folder, &format!("policies/{forged}.yaml"), policy.replace("POL-001", "POL-003"));
    write(&folder, "::error file=x::.yaml", format!("kind: nope\nid: {ESCAPES}\n"));
    for format in ["full", "concise"] {
        let run = attestry(&folder, &["check", "--format", format, "--as-of", "2026-01-31"]);
        let mut wrong = Vec::new();
        for line in run.out.lines().chain(run.err.lines()) {
            let steers = |character: char| {
                character.is_control() && character != '\t' || ('\u{202a}'..='\u{202e}').contains(&character)
            };
            // `:::` marks a second file; CI services know no command of that name.
            let line = line.trim_start().trim_start_matches("::: ");
            let forged = line.starts_with("::") || line.starts_with("error[forged]");
            if line.contains(steers) || forged {
                wrong.push(line);
            }
        }
        assert!(wrong.is_empty(), "{format}: {wrong:#?}");
    }
    // What is for programs keeps the text, escaped as its form says.
    assert!(!check(&folder).out.contains('\u{1b}'));
}

#[test]
fn a_revision_or_a_path_cannot_steer_the_terminal_either() {
    let folder = sms("escapes-in-arguments", &[]);
    for arguments in [["check", "--rev", ESCAPES], ["check", "--rule", ESCAPES], ["check", "--as-of", ESCAPES]] {
        let run = attestry(&folder, &arguments);
        assert!(!run.refusal().contains('\u{1b}'), "{arguments:?}: {:?}", run.err);
    }
}

#[test]
fn references_that_lead_out_are_not_followed() {
    let policy = "---\nid: POL-001\nkind: sm-policy\ntitle: T\nstatus: draft\nsupersedes: ../../../etc/passwd\nattachments:\n  - {path: ../../../../etc/passwd, sha256: 0000000000000000000000000000000000000000000000000000000000000000}\n---\n\n# T\n\n[a](../../../../../etc/passwd) [b](/etc/passwd) [c](file:///etc/passwd) [d](%2e%2e/%2e%2e/%2e%2e/etc/passwd)\n";
    let run = check(&sms("out", &[("policies/a.md", policy.as_bytes())]));
    assert!(!run.out.contains("root:"), "{}", run.out);
    run.found_beside_the_witness();
}

#[test]
fn a_schema_that_reaches_out_is_refused_with_the_reason() {
    let secret = sms("secret-schema", &[("schema.json", b"{\"type\": \"string\"}")]).join("schema.json");
    let file = format!("file://{}", secret.display());
    for (name, reference) in [
        ("remote", "https://example.com/schema.json"),
        ("remote-ip", "http://127.0.0.1:9/schema.json"),
        ("file", file.as_str()),
        ("relative", "../../../secret.schema.json"),
    ] {
        let schema = format!(
            "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"title\": \"X\", \"type\": \"object\", \"properties\": {{\"a\": {{\"$ref\": \"{reference}\"}}}}, \"x-attestry\": {{\"form\": \"document\"}}}}"
        );
        let run = check(&sms(&format!("schema-{name}"), &[("schema/kinds/own.schema.json", schema.as_bytes())]));
        assert_eq!(run.found_beside_the_witness(), ["schema/kinds/own.schema.json:1:1 invalid-schema"], "{name}");
        assert!(run.said("schema/kinds/own.schema.json", "invalid-schema").contains("refused"), "{name}: {}", run.out);
    }
}

#[test]
fn a_schema_that_is_none_is_refused_with_the_reason() {
    for (name, schema) in [
        ("not-json", "{"),
        ("a-list", "[]"),
        ("no-schema", "{\"type\": 7}"),
        ("bad-pattern", "{\"properties\": {\"a\": {\"pattern\": \"(\"}}}"),
        ("own-loop", "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"$ref\": \"#/$defs/nothing\"}}}"),
    ] {
        let run = check(&sms(&format!("no-schema-{name}"), &[("schema/kinds/own.schema.json", schema.as_bytes())]));
        assert_eq!(run.found_beside_the_witness(), ["schema/kinds/own.schema.json:1:1 invalid-schema"], "{name}");
    }
}

#[test]
fn a_schema_that_never_ends_ends() {
    let schema = "{\"title\": \"Own\", \"type\": \"object\", \"properties\": {\"a\": {\"type\": \"string\", \"pattern\": \"^(a+)+$\"}, \"b\": {\"type\": \"string\", \"pattern\": \"^(([a-z])+.)+[A-Z]([a-z])+$\"}}, \"x-attestry\": {\"form\": \"document\"}}";
    let text = format!("id: A-1\nkind: own\na: {}!\nb: {}\n", "a".repeat(50_000), "a".repeat(50_000));
    let files: [(&str, &[u8]); 2] =
        [("schema/kinds/own.schema.json", schema.as_bytes()), ("x/a.yaml", text.as_bytes())];
    let found = check(&sms("catastrophic-pattern", &files)).found_beside_the_witness();
    assert_eq!(found, ["x/a.yaml:3:4 invalid-value", "x/a.yaml:4:4 invalid-value"]);

    // A program of millions of states is refused, not built.
    let schema = "{\"type\": \"object\", \"properties\": {\"a\": {\"pattern\": \"((a{1000}){1000}){1000}\"}}}";
    let run = check(&sms("enormous-pattern", &[("schema/kinds/own.schema.json", schema.as_bytes())]));
    assert_eq!(run.found_beside_the_witness(), ["schema/kinds/own.schema.json:1:1 invalid-schema"]);

    // Definitions that hold themselves.
    let schema = "{\"title\": \"Own\", \"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#\"}, \"b\": {\"$ref\": \"#/$defs/b\"}}, \"$defs\": {\"b\": {\"anyOf\": [{\"$ref\": \"#/$defs/c\"}, {\"$ref\": \"#/$defs/c\"}]}, \"c\": {\"items\": {\"$ref\": \"#/$defs/b\"}, \"properties\": {\"x\": {\"$ref\": \"#/$defs/b\"}, \"y\": {\"$ref\": \"#/$defs/b\"}}}}, \"x-attestry\": {\"form\": \"document\"}}";
    let text = "id: A-1\nkind: own\na: {a: {a: {a: 1}}}\nb: [[[1]]]\n";
    let files: [(&str, &[u8]); 2] =
        [("schema/kinds/own.schema.json", schema.as_bytes()), ("x/a.yaml", text.as_bytes())];
    assert!(check(&sms("recursive-schema", &files)).found().contains(&WITNESSED.to_owned()));
}

#[test]
fn patterns_of_files_that_are_none_are_said() {
    let folder = sms("patterns", &[]);
    write(
        &folder,
        "attestry.yaml",
        "format: 1\norganization: E\nzone: Mars/Olympus\nfolders:\n  - match: \"policies/[\"\nignore: [\"{a\"]\n",
    );
    let found = check(&folder).found_beside_the_witness();
    assert!(found.contains(&"attestry.yaml:3:7 invalid-configuration".to_owned()), "{found:?}");
    assert!(found.contains(&"attestry.yaml:5:12 invalid-configuration".to_owned()), "{found:?}");
    assert!(found.contains(&"attestry.yaml:6:10 invalid-configuration".to_owned()), "{found:?}");
}

//! The evidence site: every link leads somewhere, hostile input stays text, what is withheld leaks
//! nowhere, the same input gives the same bytes, and the folder is replaced only where it may be.

use crate::support::sms;
use attestry::{
    report::Report,
    site::{self, Audience, Classification},
    sms::Sms,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::Command,
};

type Files = BTreeMap<String, Vec<u8>>;

fn rendered(sms: &Sms, files: &[(String, String)], up_to: Classification) -> Files {
    let audience = Audience { up_to };
    let report = Report::new(sms, |_| true, |_| true);
    let wanted = site::copied(sms, audience);
    let copies = files
        .iter()
        .filter(|(path, _)| wanted.contains(path.as_str()))
        .map(|(path, text)| (path.clone(), text.clone().into_bytes()))
        .collect();
    site::render(sms, &report, audience, &copies).unwrap()
}

fn site_of(files: &[(&str, &str)], up_to: Classification) -> Files {
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    rendered(&sms(&files, "2026-06-30"), &files, up_to)
}

fn text<'a>(site: &'a Files, path: &str) -> &'a str {
    let bytes = site.get(path).unwrap_or_else(|| panic!("there is no `{path}` in {:?}", site.keys()));
    std::str::from_utf8(bytes).unwrap()
}

/// A start tag: its name and its attributes, unescaped.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// All start tags. Strict: a `<` in text, an attribute without quotes or a comment is an error.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a page starts with its type");
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "a stray `>` before {:.80}", &rest[at..]);
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if tag.starts_with('/') {
            continue;
        }
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(!name.is_empty(), "a stray `<` before {tag:.80}");
        let mut attributes = Vec::new();
        let mut inside = tag[name.len()..].trim_end_matches('/').trim();
        while !inside.is_empty() {
            let stop = inside.find(['=', ' ']).unwrap_or(inside.len());
            let attribute = inside[..stop].to_owned();
            let mut value = String::new();
            if let Some(quoted) = inside[stop..].strip_prefix("=\"") {
                let end = quoted.find('"').expect("a value ends");
                inside = quoted[end + 1..].trim_start();
                value = unescape(&quoted[..end]);
            } else {
                inside = inside[stop..].trim_start();
            }
            attributes.push((attribute, value));
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

const ELEMENTS: &str = "html head meta title link body a header p nav ul li main footer section h1 h2 h3 h4 h5 h6 div \
    table caption thead tbody tr th td span strong em del sup sub code pre ol dl dt dd blockquote br hr img article \
    details summary svg rect";
const ATTRIBUTES: &str = "lang charset http-equiv content name rel type href class id aria-label aria-labelledby \
    aria-current aria-hidden focusable tabindex scope download src alt loading start viewBox preserveAspectRatio x y \
    width height";

/// Nothing but the elements and attributes that the site uses, and links only where they may lead.
fn assert_inert(site: &Files) {
    let elements: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    for (path, bytes) in site.iter().filter(|(path, _)| site::is_page(path)) {
        let html = std::str::from_utf8(bytes).unwrap();
        assert!(html.contains("default-src 'none'"), "{path} has no policy");
        for tag in tags(html) {
            assert!(elements.contains(tag.name.as_str()), "{path}: <{}>", tag.name);
            for (name, value) in &tag.attributes {
                assert!(attributes.contains(name.as_str()), "{path}: <{} {name}={value:?}>", tag.name);
                if matches!(name.as_str(), "href" | "src") {
                    let scheme = value.split(['/', '?', '#']).next().unwrap();
                    let allowed =
                        ["https:", "http:", "mailto:"].iter().any(|known| scheme.to_lowercase().starts_with(known));
                    assert!(!scheme.contains(':') || allowed, "{path}: {name}={value:?}");
                    assert!(!value.starts_with('/') && !value.contains(['\\', '\n', '<', '"']), "{path}: {value:?}");
                }
            }
        }
    }
    for path in site.keys() {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
        assert!(path.bytes().all(safe) && !path.contains("..") && !path.starts_with('/'), "{path:?}");
    }
}

/// Every link inside leads to a file of the site, and every fragment to an id of its page; ids
/// stand once.
fn assert_links_resolve(site: &Files) {
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let pages: Vec<(&String, Vec<Tag>)> = site
        .iter()
        .filter(|(path, _)| site::is_page(path))
        .map(|(path, bytes)| (path, tags(std::str::from_utf8(bytes).unwrap())))
        .collect();
    for (path, tags) in &pages {
        let of_page = ids.entry(path).or_default();
        for (_, id) in tags.iter().flat_map(|tag| &tag.attributes).filter(|(name, _)| name == "id") {
            assert!(of_page.insert(id.clone()), "{path}: the id `{id}` stands twice");
        }
    }
    for (path, tags) in &pages {
        for tag in tags {
            for (name, value) in &tag.attributes {
                if name == "aria-labelledby" {
                    assert!(ids[path.as_str()].contains(value), "{path}: nothing has the id `{value}`");
                }
                if !matches!(name.as_str(), "href" | "src") || value.contains(':') {
                    continue;
                }
                let (file, fragment) = value.split_once('#').map_or((value.as_str(), ""), |parts| parts);
                let target = if file.is_empty() { (*path).clone() } else { resolve(path, file) };
                assert!(site.contains_key(&target), "{path}: `{value}` leads to nothing");
                if !fragment.is_empty() {
                    let wanted = decode(fragment);
                    assert!(ids[target.as_str()].contains(&wanted), "{path}: `{value}` has no such anchor");
                }
            }
        }
    }
}

fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        if part == ".." {
            parts.pop().expect("it stays inside");
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

const CONFIGURATION: &str = "format: 1\norganization: Example & Sons <b>\nzone: Europe/Oslo\nstandards: [iso20000-1:2018]\ndata:\n  - path: data/*.csv\n    kind: incident\n    columns: {id: Number, title: Summary, status: State}\n";
const PEOPLE: &str = "people:\n  - {id: ada.exampleton, name: Ada Exampleton, email: ada@brightwater.example}\n  - {id: bo.samplesen, name: Bo Samplesen, email: bo@brightwater.example, until: 2025-01-01}\n";
const ROLES: &str = "kind: role-assignment\nid: REG-ROLES\ntitle: Roles\nversion: '1'\nstatus: approved\nowner: ada.exampleton\nauthor: bo.samplesen\napproved_by: ada.exampleton\napproved_on: 2026-01-02\nentries:\n  - id: sms-manager\n    title: Service manager\n    holders: [{person: ada.exampleton, from: 2024-01-01}]\n";
const POLICY: &str = "---\nid: POL-001\ntitle: Service management policy\nkind: sm-policy\nversion: '1.0'\nstatus: approved\nowner: sms-manager\nauthor: bo.samplesen\napproved_by: ada.exampleton\napproved_on: 2026-01-05\nclassification: public\nclauses: [5.2.1, '8.6.1']\npurpose_fit: '#why-ärgerlich'\n---\n# Service management policy\n\nSee [the register](../registers/risks.yaml), [below](#Why-%C3%84rgerlich), [a notice](../notice.txt#x),\n[the plan](../plans/plan.md#goals), [nothing](../none.md), [out](../../../etc/passwd), RSK-001 and\n[the web](https://example.org/a?b=c&d=ä).[^1]\n\n![A picture](../picture.png) ![A drawing](../drawing.svg)\n\n## Why ärgerlich\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n##### Deep\n\n[^1]: A note with [a link](../plans/plan.md).\n";
const PLAN: &str = "---\nid: PLN-001\ntitle: Plan\nkind: sm-plan\nstatus: draft\nowner: nobody.here\nauthor: ada.exampleton\n---\n## Goals\n\nPOL-001 says why.\n";
const RISKS: &str = "kind: risk\nid: REG-RISKS\ntitle: Risk register\nversion: '1'\nstatus: approved\nowner: sms-manager\nauthor: bo.samplesen\napproved_by: ada.exampleton\napproved_on: 2026-01-05\nentries:\n  - {id: RSK-001, title: Loss of power, owner: sms-manager}\n  - {id: RSK-002, title: Loss of people, owner: ada.exampleton, classification: confidential}\n";
const DATA: &str = "Number,Summary,State\nINC-1,One,closed\nINC-2,Two,closed\n";

fn small() -> Vec<(&'static str, &'static str)> {
    vec![
        ("attestry.yaml", CONFIGURATION),
        ("people.yaml", PEOPLE),
        ("registers/roles.yaml", ROLES),
        ("registers/risks.yaml", RISKS),
        ("policies/policy.md", POLICY),
        ("plans/plan.md", PLAN),
        ("data/incidents.csv", DATA),
    ]
}

#[test]
fn every_link_leads_somewhere_for_every_audience() {
    for up_to in Classification::ALL {
        let site = site_of(&small(), up_to);
        assert_links_resolve(&site);
        assert_inert(&site);
    }
}

#[test]
fn links_between_documents_become_links_between_pages() {
    let site = site_of(&small(), Classification::Internal);
    let policy = text(&site, "documents/pol-001.html");
    for expected in [
        "<a href=\"../documents/reg-risks.html\">the register</a>",
        "<a href=\"#text-why-%C3%A4rgerlich\">below</a>",
        "<a href=\"../documents/pln-001.html#text-goals\">the plan</a>",
        "<span class=\"unlinked\">nothing</span>",
        "<span class=\"unlinked\">out</span>",
        "<a href=\"../documents/rsk-001.html\">RSK-001</a>",
        "<a href=\"https://example.org/a?b=c&amp;d=%C3%A4\" rel=\"noopener noreferrer\">the web</a>",
        "<a href=\"../clauses/5.2.1.html\">5.2.1</a>",
        "Ada Exampleton",
    ] {
        assert!(policy.contains(expected), "no {expected} in\n{policy}");
    }
    assert!(!policy.contains("<h1>Service management policy</h1>\n<h"), "the title stands once");
    let plan = text(&site, "documents/pln-001.html");
    let back = plan.split("Referred to by").nth(1).expect("what refers to it is listed");
    assert!(back.contains("<a href=\"../documents/pol-001.html\">POL-001</a>") && back.contains("linked in the text"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = site_of(&small(), Classification::Confidential);
    assert!(once == site_of(&small(), Classification::Confidential));
}

#[test]
fn hostile_input_is_text() {
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&";
    let quoted = evil.replace('\'', "''");
    let body = format!(
        "# {evil}\n\n<script>alert(1)</script>\n\n<svg onload=alert(1)><a xlink:href=\"javascript:alert(1)\">x</a></svg>\n\n\
         [a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>) [d](&#106;avascript:alert(1)) \
         [e](<java\tscript:alert(1)>) [f](//evil.example/x) [g](\\\\evil.example) ![h](javascript:alert(1)) \
         ![i](data:image/svg+xml,x) ![j](https://evil.example/x.png) ![k](../evil.svg) [l](../evil.svg) [m](vbscript:x) \
         <javascript:alert(1)> <https://example.org/\"onclick=alert(1)> [n]: x\n\n[o](https://x.example \"t\\\" onclick=x\")\n\n\
         ```\"><script>\n</code></pre><script>alert(1)</script>\n```\n\n## {{#\"onclick=x .y onclick=alert(1)}}\n\n## <b> {{#a\"b}}\n\n\
         `<script>` {{{{ site.version }}}} {{% raw %}} \u{202e}\u{0}\u{8}\n\n[^\"><script>]\n\n[^\"><script>]: x\n"
    );
    let policy = format!(
        "---\nid: '{quoted}'\ntitle: '{quoted}'\nkind: sm-policy\nowner: '{quoted}'\nstatus: '{quoted}'\nclauses: ['{quoted}', javascript]\n\
         attachments: [{{path: ../../etc/passwd, sha256: x}}, {{path: evil.svg, sha256: '{quoted}'}}]\n\"<b onclick=x>\": '{quoted}'\npurpose_fit: 'javascript:alert(1)'\n---\n{body}"
    );
    let register = format!(
        "kind: risk\nid: ../../x\ntitle: '{quoted}'\nentries:\n  - {{id: '..', title: '{quoted}'}}\n  - {{id: 'a/../b'}}\n  - {{id: CON}}\n  - {{id: con}}\n  - '{quoted}'\n"
    );
    let people = format!("people:\n  - {{id: '{quoted}', name: '{quoted}'}}\n");
    let configuration = format!(
        "format: 1\norganization: '{quoted}'\nignore: ['{quoted}']\ndata:\n  - {{path: 'data/*.csv', kind: incident, columns: {{id: '{quoted}'}}}}\n"
    );
    let data = format!("\"{}\"\n\"{}\"\n", evil.replace('"', "\"\""), evil.replace('"', "\"\""));
    let files = [
        ("attestry.yaml", configuration.as_str()),
        ("people.yaml", people.as_str()),
        ("policies/<img src=x onerror=alert(1)>.md", policy.as_str()),
        ("policies/again.md", policy.as_str()),
        ("registers/x.yaml", register.as_str()),
        ("evil.svg", "<svg onload=\"alert(1)\"/>"),
        ("data/a.csv", data.as_str()),
    ];
    for up_to in [Classification::Internal, Classification::Restricted] {
        let site = site_of(&files, up_to);
        assert_inert(&site);
        assert_links_resolve(&site);
        assert!(site.keys().any(|path| path.starts_with("documents/con")));
    }
}

#[test]
fn what_is_withheld_leaks_nowhere() {
    let secret = "zqxsecret";
    let hidden = format!(
        "---\nid: PLN-009\ntitle: Merger {secret}\nkind: sm-plan\nstatus: {secret}\nowner: {secret}.person\nauthor: ada.exampleton\nclassification: Confidential\n\
         objectives: [{secret}]\n{secret}_field: {secret}\nsupersedes: POL-001\nattachments: [{{path: attachments/{secret}.pdf, sha256: {secret}}}, {{path: attachments/shared.pdf, sha256: x}}]\n---\n# {secret}\n\n## {secret}\n\nPOL-001 {secret} [x](../missing-{secret}.md)\n"
    );
    let nameless = format!("---\ntitle: {secret}\nkind: sm-plan\nclassification: restricted\n---\n{secret} POL-001\n");
    let broken =
        format!("---\ntitle: {secret}\nkind: sm-plan\nclassification confidential\nowner: [\n{secret} POL-001\n");
    let unclosed = format!("---\nid: PLN-010\nkind: sm-plan\ntitle: {secret}\n\n{secret}\n");
    let typing =
        format!("---\nid: PLN-011\nkind: sm-plan\ntitle: {secret}\nclassification: confidental\n---\n{secret}\n");
    let number =
        format!("---\nid: PLN-012\nkind: sm-plan\ntitle: {secret}\nclassification: [internal]\n---\n{secret}\n");
    let register = format!(
        "kind: risk\nid: REG-RISKS\ntitle: Risk register\nstatus: approved\nowner: sms-manager\nentries:\n  - {{id: RSK-001, title: Power}}\n  - {{id: RSK-002, title: {secret}, classification: confidential, status: {secret}, {secret}: 1}}\n"
    );
    let closed = format!(
        "kind: improvement\nid: REG-IMP\ntitle: {secret}\nclassification: restricted\nentries:\n  - {{id: IMP-001, title: {secret}, classification: public}}\n  - {{title: {secret}}}\n"
    );
    let roles = format!(
        "{ROLES}  - {{id: hidden-role, title: {secret}, classification: restricted, holders: [{{person: ada.exampleton}}]}}\n"
    );
    let judgements = format!(
        "kind: judgement\nid: REG-J\ntitle: Judgements\nclassification: confidential\nstatus: approved\nentries:\n  - {{id: JDG-001, title: {secret}, requirement: 'iso20000-1:2018/5.2.1-a', verdict: {secret}, judged_by: {secret}, judged_on: 2026-01-01}}\n"
    );
    // What a visible document says itself is its own: here only plain references.
    let visible = "---\nid: POL-001\ntitle: Policy\nkind: sm-policy\nstatus: approved\nowner: sms-manager\nauthor: bo.samplesen\napproved_by: ada.exampleton\napproved_on: 2026-01-05\nclassification: public\nsupersedes: PLN-009\n---\nSee PLN-009, RSK-002, [the plan](../plans/hidden.md#x) and [it](../attachments/shared.pdf).\n";
    let path = format!("plans/{secret}-named.md");
    let pdf = format!("attachments/{secret}.pdf");
    let files: Vec<(String, String)> = [
        ("attestry.yaml", CONFIGURATION),
        ("people.yaml", PEOPLE),
        ("registers/roles.yaml", &roles),
        ("registers/risks.yaml", &register),
        ("registers/closed.yaml", &closed),
        ("registers/judgements.yaml", &judgements),
        ("policies/policy.md", visible),
        ("plans/hidden.md", &hidden),
        (&path, &nameless),
        ("plans/broken.md", &broken),
        ("plans/unclosed.md", &unclosed),
        ("plans/typing.md", &typing),
        ("plans/number.md", &number),
        (&pdf, secret),
        ("attachments/shared.pdf", secret),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect();
    let sms = sms(&files, "2026-06-30");
    for up_to in [Classification::Public, Classification::Internal] {
        let site = rendered(&sms, &files, up_to);
        for (path, bytes) in &site {
            let content = String::from_utf8_lossy(bytes).to_lowercase();
            let at =
                content.find(secret).map(|at| content[at.saturating_sub(200)..].chars().take(400).collect::<String>());
            assert!(at.is_none() && !path.contains(secret), "{path} for {}: {}", up_to.name(), at.unwrap_or_default());
        }
        assert_links_resolve(&site);
        let page = text(&site, "documents/pln-009.html");
        assert!(page.contains("withheld: confidential"), "{page}");
        assert!(text(&site, "documents/imp-001.html").contains("withheld: restricted"));
        assert!(text(&site, "documents/pln-011.html").contains("withheld: restricted"));
        assert!(text(&site, "documents/withheld~1.html").contains("withheld: restricted"));
        assert!(text(&site, "documents/pol-001.html").contains("withheld: confidential"));
        assert!(text(&site, "documents/pol-001.html").contains("withheld from this audience"));
        assert!(text(&site, "documents.html").contains("withheld: confidential"));
        assert!(!site.keys().any(|path| path.contains("risks.yaml") || path.contains("shared.pdf")));
    }
    let all = rendered(&sms, &files, Classification::Restricted);
    assert!(text(&all, "documents/pln-009.html").contains(secret));
    assert!(all.contains_key("files/attachments/shared.pdf"));
    assert!(!text(&all, "documents.html").contains("withheld"));
}

#[test]
fn persons_and_data_are_internal() {
    let site = site_of(&small(), Classification::Public);
    // The pages of rules show examples of attestry's own, which speak of the same invented people.
    for (path, bytes) in site.iter().filter(|(path, _)| !path.starts_with("rules/")) {
        let content = String::from_utf8_lossy(bytes);
        for word in ["Ada Exampleton", "brightwater.example", "incidents.csv", "INC-1", "Loss of power"] {
            assert!(!content.contains(word), "{path} holds {word}");
        }
    }
    assert!(text(&site, "data.html").contains("withheld: internal"));
    assert!(text(&site, "people.html").contains("withheld: internal"));
}

#[test]
fn the_sample_has_no_dead_link() {
    let sms = attestry::sample::sms();
    let report = Report::new(&sms, |_| true, |_| true);
    for up_to in [Classification::Internal, Classification::Restricted] {
        let audience = Audience { up_to };
        let copies = site::copied(&sms, audience)
            .into_iter()
            .filter_map(|path| Some((path.to_owned(), attestry::sample::file(path)?.to_vec())))
            .collect();
        let site = site::render(&sms, &report, audience, &copies).unwrap();
        assert_links_resolve(&site);
        assert_inert(&site);
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("site-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn attestry(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_attestry")).args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn only_an_own_folder_is_replaced() {
    let folder = folder("replaced");
    let (sms, out) = (folder.join("sms"), folder.join("deep/out"));
    for (path, text) in small() {
        fs::create_dir_all(sms.join(path).parent().unwrap()).unwrap();
        fs::write(sms.join(path), text).unwrap();
    }
    let (sms, out) = (sms.to_str().unwrap(), out.to_str().unwrap());
    let run = |out: &str, more: &[&str]| attestry(&[&["-C", sms, "site", out, "--as-of", "2026-06-30"], more].concat());
    assert_eq!(run(out, &[]).0, 0);
    let page = folder.join("deep/out/index.html");
    let first = fs::read(&page).unwrap();
    fs::write(folder.join("deep/out/old.html"), "old").unwrap();
    assert_eq!(run(out, &[]).0, 0);
    assert_eq!(fs::read(&page).unwrap(), first);
    assert!(!folder.join("deep/out/old.html").exists());
    // A run that fails leaves the old site whole, and nothing beside it.
    assert_eq!(run(out, &["--rev", "no-such-revision"]).0, 2);
    assert_eq!(fs::read(&page).unwrap(), first);
    assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1);
    // Somebody's folder, a file, and the management system itself stay what they are.
    let foreign = folder.join("foreign");
    fs::create_dir_all(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
    for (target, reason) in [
        (foreign.to_str().unwrap(), "no site that attestry made"),
        (foreign.join("thesis.txt").to_str().unwrap(), "is a file"),
        (sms, "no site that attestry made"),
    ] {
        let (code, error) = run(target, &[]);
        assert!(code == 2 && error.contains(reason), "{code} {error}");
    }
    fs::write(PathBuf::from(sms).join(site::MARKER), "").unwrap();
    let (code, error) = run(sms, &[]);
    assert!(code == 2 && error.contains("holds the management system itself"), "{code} {error}");
    assert_eq!(fs::read_to_string(foreign.join("thesis.txt")).unwrap(), "years of work");
}

# What formats.sh holds the formats of `attestry check` to. Usage: formats.py WORK SMS REVISION
# WORK has what one run wrote; without a revision the files are those of the work tree.
import collections, html.parser, json, pathlib, re, subprocess, sys, urllib.parse
import cmarkgfm
from cmarkgfm.cmark import Options
from junitparser import JUnitXml

work = pathlib.Path(sys.argv[1])
findings = json.loads((work / "f.json").read_text())["findings"]
log = json.loads((work / "f.sarif").read_text())
found = [
    result
    for run in json.loads((work / "validated.sarif").read_text(encoding="utf-8-sig"))["runs"]
    for result in run.get("results", [])
    + [n for i in run.get("invocations", []) for n in i.get("toolConfigurationNotifications", [])
       + i.get("toolExecutionNotifications", []) if n.get("level") == "error"]
]
# A tool without a home page has none to name.
if "informationUri" not in log["runs"][0]["tool"]["driver"]:
    found = [result for result in found if result.get("ruleId") != "SARIF2005"]
for result in found[:20]:
    print(result.get("ruleId"), result.get("level"), json.dumps(result["message"]), file=sys.stderr)
if found:
    sys.exit(f"Sarif.Multitool: {len(found)} results")
run = log["runs"][0]
print(f"Sarif.Multitool (Sarif, Ghas): no result over {len(run['results'])} results, {len(run['tool']['driver']['rules'])} rules")

# Every format tells the same findings at the same places, and the places are those of the source.
whole = json.loads((work / "f.json").read_text())
sms, revision = pathlib.Path(sys.argv[2]), sys.argv[3]


def place(finding):
    at = finding["location"]
    return finding["rule"], at["path"], at["start_line"], at["start_column"], at["end_line"], at["end_column"]


def lines_of(path):
    if revision:
        show = ["git", "-C", sms, "show", f"{revision}:{path}"]
        return subprocess.run(show, check=True, capture_output=True).stdout.decode("utf-8-sig").split("\n")
    return (sms / path).read_bytes().decode("utf-8-sig").split("\n")


def text_at(path, start_line, start_column, end_line, end_column):
    lines = [line.rstrip("\r") for line in lines_of(path)]
    assert end_line <= len(lines) and start_column <= len(lines[start_line - 1]) + 1, (path, start_line)
    assert end_column <= len(lines[end_line - 1]) + 1, (path, end_line, end_column)
    if start_line == end_line:
        return lines[start_line - 1][start_column - 1 : end_column - 1]
    return lines[start_line - 1][start_column - 1 :]


# Absences of everything are one line elsewhere; they are at one place of the configuration.
absences = {"clause-without-evidence", "missing-listed-document"}
told = [f for f in findings if not (f["rule"] in absences and f["level"] == "note")]
accepted = whole["accepted"]
wanted = collections.Counter(map(place, told + accepted))
for finding in told:
    rule, path, *region = place(finding)
    text = text_at(path, *region)
    # What a link leads to stands in the region of its finding.
    assert rule != "broken-link" or finding["message"].split("`")[1] in text, (finding, text)

rules = run["tool"]["driver"]["rules"]
prints = {(f["rule"], f["fingerprint"]) for f in told + accepted}
results = collections.Counter()
for result in run["results"]:
    [location] = result["locations"]
    region = location["physicalLocation"]["region"]
    path = urllib.parse.unquote(location["physicalLocation"]["artifactLocation"]["uri"])
    results[(result["ruleId"], path, *(region[k] for k in ("startLine", "startColumn", "endLine", "endColumn")))] += 1
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"], result
    own = result["partialFingerprints"]["attestryIdentity/v1"]
    assert (result["ruleId"], own.rsplit(":", 1)[0]) in prints, result
assert results == wanted, (results - wanted, wanted - results)

codes = json.loads((work / "gitlab.json").read_text())
codes = collections.Counter((c["check_name"], c["location"]["path"], c["location"]["lines"]["begin"],
                             c["location"]["lines"]["end"]) for c in codes if c["check_name"] != "attestry")
lines = collections.Counter((rule, path, start, end) for rule, path, start, _, end, _ in wanted.elements())
assert codes == lines, (codes - lines, lines - codes)

annotations = re.findall(r"^::(error|warning|notice) file=([^,:]+),line=(\d+),endLine=(\d+)(?:,col=\d+,endColumn=\d+)?,title=([a-z0-9-]+)::",
                         (work / "github.txt").read_text(), re.M)
for level, word in [("error", "error"), ("warning", "warning"), ("note", "notice")]:
    of_level = collections.Counter((f["rule"], f["location"]["path"], f["location"]["start_line"], f["location"]["end_line"])
                                   for f in told if f["level"] == level)
    ours = collections.Counter((rule, path.replace("%2C", ",").replace("%3A", ":").replace("%25", "%"), int(start), int(end))
                               for name, path, start, end, rule in annotations if name == word)
    assert sum(ours.values()) == min(10, sum(of_level.values())), (level, ours)
    assert not ours - of_level, (level, ours - of_level)

links = re.findall(r"\]\(https://github.com/example/sms/blob/[0-9a-f]{40}/([^)#]+)#L(\d+)\)", (work / "summary.md").read_text())
rows = collections.Counter((urllib.parse.unquote(path), int(line)) for path, line in links)
assert rows == collections.Counter((path, start) for _, path, start, *_ in wanted.elements()), "rows of the summary"
print(f"places: {len(told)} findings at the same places in JSON, SARIF, Code Quality, annotations and Markdown, and in the source")

xml = JUnitXml.fromfile(str(work / "junit.xml"))
cases = [case for suite in xml for case in suite]
failed = [case for case in cases if any(type(result).__name__ == "Failure" for result in case.result)]
assert xml.tests == len(cases) and xml.failures == len(failed), (xml.tests, len(cases), xml.failures, len(failed))
wanted = {f["rule"] for f in findings if f["level"] != "note"}
assert {case.name for case in failed} == wanted, {case.name for case in failed} ^ wanted
print(f"junitparser: {len(cases)} cases, {len(failed)} failed")

gitlab = json.loads((work / "gitlab.json").read_text())
assert len({entry["fingerprint"] for entry in gitlab}) == len(gitlab), "fingerprints are not unique"


class Page(html.parser.HTMLParser):
    """What a reader gets: tables as the cells of their rows, links, tags, text outside code."""

    def __init__(self):
        super().__init__()
        self.tables, self.links, self.tags, self.text, self.code = [], [], set(), "", 0

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.code += tag == "code"
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append(0)
        if tag in ("td", "th"):
            self.tables[-1][-1] += 1
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_endtag(self, tag):
        self.code -= tag == "code"

    def handle_data(self, data):
        self.text += "" if self.code else data


for name, limit in [("summary.md", 1024_000), ("comment.md", 65_536)]:
    text = (work / name).read_text()
    assert len(text.encode()) < limit, name
    page = Page()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
    tags = {"h3", "p", "ul", "li", "strong", "code", "br", "a", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.tags <= tags, page.tags - tags
    assert all(len(set(table)) == 1 for table in page.tables), page.tables
    # Findings have a place; what a change does is told in two columns, or as documents in four.
    rows = sum(len(table) - 1 for table in page.tables if table[0] == 3)
    assert {table[0] for table in page.tables} == ({2, 3, 4} if "since" in whole else {3}), page.tables
    assert len(page.links) == rows, "a link that is not of a place"
    home = "https://github.com/example/sms/blob/"
    assert all(link.startswith(home) for link in page.links), [l for l in page.links if not l.startswith(home)]
    mention = re.search(r"[@#!]\w|\bGH-\d|://|www\.", page.text)
    assert not mention, page.text[max(0, mention.start() - 60) : mention.end() + 60]
    print(f"cmark-gfm: {name}: {len(page.tables)} tables, {rows} findings, {len(text.encode())} bytes")

# The runner takes a line for a command when it begins, behind blanks, with two colons.
for line in (work / "github.txt").read_text().splitlines():
    if line.lstrip().startswith("::"):
        assert re.match(r"::(error|warning|notice) (file=[^:,]*,line=\d+,|title=)", line), line

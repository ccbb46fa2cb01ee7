"""The action's own steps, run as the runner of GitHub would run them, as far as that is simple: its
expressions, files, outputs and commands. Steps that `use` other actions are not run, and named.

    action.py shell ACTION OUT        writes each step's shell as OUT/<n>.sh, for shellcheck
    action.py run ACTION DEMO WORK    runs the steps over clones of DEMO/sms, with $ATTESTRY
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from ruamel.yaml import YAML

AS_OF = "2026-06-30"
MAIN, FORK = "example/sms", "somebody/sms"
TOKENS = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||==|!=|!|\(|\))|(?P<name>[\w.-]+(?:\(\))?))")


def evaluate(expression, look_up):
    """An expression with names, texts, `==`, `!=`, `!`, `&&`, `||`, brackets and `always()`; any other
    is an error."""
    tokens, at = [], 0
    expression = expression.strip()
    while at < len(expression):
        match = TOKENS.match(expression, at)
        assert match, f"not understood: {expression[at:]}"
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()

    def sign(*wanted):
        return tokens.pop(0)[1] if tokens and tokens[0][0] == "sign" and tokens[0][1] in wanted else None

    def value():
        if sign("!"):
            return not value()
        if sign("("):
            inner = either()
            assert sign(")"), expression
            return inner
        group, text = tokens.pop(0)
        assert group != "sign", expression
        if group == "text":
            return text[1:-1].replace("''", "'")
        return True if text == "always()" else look_up(text)

    def equal():
        left = value()
        while found := sign("==", "!="):
            left = (str(left).lower() == str(value()).lower()) == (found == "==")
        return left

    def both():
        left = equal()
        while sign("&&"):
            right = equal()
            left = left and right
        return left

    def either():
        left = both()
        while sign("||"):
            right = both()
            left = left or right
        return left

    result = either()
    assert not tokens, expression
    return result


def filled_in(text, look_up):
    def one(match):
        result = evaluate(match[1], look_up)
        return str(result).lower() if isinstance(result, bool) else str(result)

    return re.sub(r"\$\{\{(.*?)\}\}", one, str(text), flags=re.S)


class Run:
    """One run of the action: what each step did, what was printed, and what came of it."""

    def __init__(self, action, work, checkout, given, event, programs=()):
        self.action, self.temp, self.checkout, self.event = action, work / "temp", checkout, event
        self.temp.mkdir(parents=True)
        self.inputs = {name: str(entry.get("default", "")) for name, entry in action["inputs"].items()}
        assert set(given) <= set(self.inputs), given
        self.inputs |= given
        self.steps, self.ran, self.not_run, self.skipped, self.log, self.code = {}, [], [], [], "", 0
        self.summary = ""
        self.environment = {
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "HOME": os.environ.get("HOME", "/"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(action["path"]),
            "GITHUB_REPOSITORY": MAIN,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_WORKSPACE": str(checkout),
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
        }
        for number, step in enumerate(action["runs"]["steps"]):
            self.step(number, step)
        self.outputs = {name: filled_in(entry["value"], self.look_up) for name, entry in action["outputs"].items()}

    def look_up(self, name):
        head, *rest = name.split(".")
        if head == "inputs":
            return self.inputs[rest[0]]
        if head == "steps":
            assert rest[0] in {step.get("id") for step in self.action["runs"]["steps"]}, name
            return self.steps.get(rest[0], {}).get(rest[2], "")
        assert head == "github", name
        known = {"event": self.event, "event_name": "pull_request" if self.event else "push",
                 "repository": MAIN, "token": "not-a-token"}
        assert rest[0] in known, name
        for part in rest:
            known = known.get(part, "") if isinstance(known, dict) else ""
        return known

    def step(self, number, step):
        name, condition = step["name"], step.get("if", "")
        condition = re.sub(r"^\$\{\{|\}\}$", "", condition.strip()) if condition else "'yes'"
        if (self.code and "always()" not in condition) or not evaluate(condition, self.look_up):
            self.skipped.append(name)
            return
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
            self.not_run.append(f"{name} ({step['uses'].split('@')[0]}: " + ", ".join(
                filled_in(value, self.look_up).replace(str(self.temp), "TEMP") for value in step["with"].values()) + ")")
            return
        assert "${{" not in step["run"] and step["shell"] == "bash", name
        files = {key: self.temp / f"{key}-{number}" for key in ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH")}
        for file in files.values():
            file.touch()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.checkout, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env=self.environment | {f"GITHUB_{key}": str(file) for key, file in files.items()}
            | {key: filled_in(value, self.look_up) for key, value in step.get("env", {}).items()},
        )
        self.ran.append(name)
        self.log += done.stdout
        self.summary += files["STEP_SUMMARY"].read_text()
        assert not files["ENV"].read_text() and not files["PATH"].read_text(), name
        if "id" in step:
            lines = files["OUTPUT"].read_text().splitlines()
            self.steps[step["id"]] = dict(line.split("=", 1) for line in lines)
        self.code = self.code or done.returncode

    def commands(self):
        """What the runner takes for commands in the log, both forms, outside of what is stopped."""
        found, stopped = [], None
        for line in self.log.splitlines():
            line = line.lstrip()
            if stopped:
                stopped = None if line == f"::{stopped}::" else stopped
            elif match := re.match(r"::stop-commands::(.+)", line):
                stopped = match[1]
            elif line.startswith("::") or "##[" in line:
                found.append(line)
        assert not stopped, "commands stay stopped"
        return found


def git(folder, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, text=True, capture_output=True)
    return done.stdout.strip()


def expect(run, name, condition, *more):
    if not condition:
        sys.exit(f"{run.log}\naction.py: {name}: not as expected: {more} code {run.code}, ran {run.ran}, outputs {run.outputs}")


class Trial:
    """Runs of the action over clones of the demo."""

    def __init__(self, action, demo, work):
        self.action, self.sms, self.work, self.count = action, demo / "sms", work, 0
        self.given = {"binary": os.environ["ATTESTRY"], "as-of": AS_OF}

    def clone(self, *options):
        self.count += 1
        folder = self.work / f"run-{self.count}" / "checkout"
        git(self.work, "clone", "--quiet", *options, self.sms.resolve().as_uri(), str(folder))
        return folder

    def small(self):
        """A repository with what `attestry init` writes: quick, where the content does not matter."""
        self.count += 1
        folder = self.work / f"run-{self.count}" / "checkout"
        shutil.copytree(self.work / "written", folder)
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "sms: start")
        return folder

    def run(self, checkout, event=None, programs=(), **given):
        given = {name.replace("_", "-"): value for name, value in given.items()}
        self.count += 1
        work = self.work / f"run-{self.count}"
        return Run(self.action, work, checkout, self.given | given, event or {}, programs)

    def pull_request(self, base, repository=MAIN):
        head = {"repo": {"full_name": repository}}
        return {"pull_request": {"number": 7, "base": {"sha": base}, "head": head}}

    def counts_are_of_the_report(self, run, name):
        expect(run, name, run.outputs["report"], "there is no report")
        report = json.loads(pathlib.Path(run.outputs["report"]).read_text())
        for output, level in [("errors", "error"), ("warnings", "warning"), ("notes", "note")]:
            found = sum(finding["level"] == level for finding in report["findings"])
            expect(run, name, run.outputs[output] == str(found) == str(report["counts"][output]), output, found)
        expect(run, name, run.summary.startswith("<!-- attestry -->\n### attestry: "), run.summary[:200])
        other = [line for line in run.commands() if not re.match(r"::(error|warning|notice) (file|title)=", line)]
        expect(run, name, not other, "commands that are no annotations", other)
        return report

    def good(self):
        run = self.run(self.clone(), site="true", bundle="true", sarif="true")
        report = self.counts_are_of_the_report(run, "good")
        expect(run, "good", run.code == 0 and run.outputs["errors"] == "0" and not report["not_evaluated"])
        folder = pathlib.Path(run.outputs["report"]).parent
        for file in ["site/index.html", "evidence.zip", "findings.sarif", "comment.md"]:
            expect(run, "good", (folder / file).stat().st_size > 50, file)
        expect(run, "good", run.outputs["new"] == "" and "Comment on the pull request" in run.skipped)
        print("steps of the action that are not run here:", *run.not_run, sep="\n  ")
        return f"ran: {', '.join(run.ran)}"

    def findings(self):
        checkout = self.clone("--branch", "bad-change")
        run = self.run(checkout, site="true")
        self.counts_are_of_the_report(run, "findings")
        errors = [line for line in run.commands() if line.startswith("::error file=")]
        expect(run, "findings", run.code == 1 and run.ran[-1] == "Verdict" and run.ran[-2] == "Render the site")
        expect(run, "findings", len(errors) == min(10, int(run.outputs["errors"])) > 0, len(errors))
        lenient = self.run(checkout, fail_on="never", format="full")
        expect(lenient, "findings", lenient.code == 0 and lenient.outputs["errors"] == run.outputs["errors"])
        expect(lenient, "findings", lenient.commands() == [])
        return f"{run.outputs['errors']} errors and {run.outputs['warnings']} warnings, failed at the end with 1"

    def shallow(self):
        checkout = self.clone("--depth", "1")
        run = self.run(checkout, site="true")
        told = [line for line in run.commands() if line.startswith("::error ") and "fetch-depth: 0" in line]
        expect(run, "shallow", run.code == 2 and run.ran == ["Look at the checkout"] and len(told) == 1)
        run = self.run(checkout, require_evaluated="false")
        expect(run, "shallow", run.ran[-1] == "Verdict" and run.code != 2, "not required")
        expect(run, "shallow", any("fetch-depth: 0" in line for line in run.commands()))
        # Not shallow, and yet without a history: the check itself is asked to be whole.
        without = self.small()
        shutil.rmtree(without / ".git")
        run = self.run(without, as_of="")
        expect(run, "shallow", run.code == 2 and run.ran[-1] == "Verdict", "without a repository")
        return told[0]

    def hostile(self):
        checkout = self.small()
        (checkout / "policies" / "hostile.md").write_text(
            "---\nkind: policy\nid: '##[add-mask]a'\ntitle: |\n  a\n  ::add-mask::a\nowner: '%0A::add-mask::a'\n---\n[a](::add-mask::a)\n")
        for number, owner in enumerate(["0 first", "::add-mask::main", "##[add-mask]a"]):
            (checkout / "policies" / f"owner-{number}.md").write_text(
                f"---\nkind: sm-policy\nid: POL-80{number}\ntitle: Policy\nstatus: draft\nversion: '1'\nowner: '{owner}'\n---\n")
        git(checkout, "add", "--all")
        git(checkout, "commit", "--quiet", "--message", "hostile")
        found = 0
        # With a base, so that the ripple is in the log too.
        for form in ["github", "full", "concise", "json"]:
            run = self.run(checkout, self.pull_request("HEAD^"), format=form, as_of="")
            self.counts_are_of_the_report(run, "hostile")
            expect(run, "hostile", run.code == 1, form)
            found += run.log.count("add-mask")
        expect(run, "hostile", found > 0)
        for name in ["path", "base", "format", "fail_on", "as_of"]:
            run = self.run(checkout, **{name: "$(touch injected)`touch injected`;touch injected"})
            expect(run, "hostile", run.code == 2 and not list(self.work.rglob("injected")), name)
        cannot = self.run(checkout, as_of="never")
        expect(cannot, "hostile", cannot.code == 2 and cannot.outputs["errors"] == "" and cannot.ran[-1] == "Verdict")
        return f"{found} times in the logs, never as a command"

    def comment(self):
        # A stand-in for the program `gh`: says which calls were made, and answers the listing.
        programs = self.work / "programs"
        programs.mkdir()
        (programs / "gh").write_text(GH)
        (programs / "gh").chmod(0o755)
        calls, listing = programs / "calls", programs / "comments.json"
        checkout = self.small()
        name = "Comment on the pull request"
        ours = {"id": 42, "user": {"login": "github-actions[bot]"}, "body": "<!-- attestry -->\nold"}
        others = [{"id": 1, "user": {"login": "somebody"}, "body": "<!-- attestry -->\nmine"},
                  {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "of another workflow"}]
        for there, call in [(others, "--method POST repos/example/sms/issues/7/comments"),
                            ([*others, ours], "--method PATCH repos/example/sms/issues/comments/42")]:
            listing.write_text(json.dumps(there))
            run = self.run(checkout, self.pull_request("x"), [programs], comment="true", base="none", as_of="")
            expect(run, "comment", run.code == 0 and name in run.ran and call in calls.read_text(), calls.read_text())
            expect(run, "comment", "body=<!-- attestry -->" in calls.read_text(), calls.read_text())
            calls.unlink()
        listing.unlink()
        run = self.run(checkout, self.pull_request("x"), [programs], comment="true", base="none", as_of="")
        told = [line for line in run.commands() if "pull-requests: write" in line]
        expect(run, "comment", run.code == 0 and len(told) == 1 and told[0].startswith("::warning "))
        fork = self.run(checkout, self.pull_request("x", FORK), [programs], comment="true", sarif="true", base="none", as_of="")
        expect(fork, "comment", fork.code == 0 and {name, "Upload to code scanning"} <= set(fork.skipped))
        return "made, updated in place, refused (a warning), not tried for a fork"

    def built(self):
        # A stand-in for `cargo`: puts the program where `cargo install` would.
        programs = self.work / "compiler"
        programs.mkdir()
        (programs / "cargo").write_text(CARGO)
        (programs / "cargo").chmod(0o755)
        checkout = self.small()
        run = self.run(checkout, None, [programs], binary="", as_of="")
        again = self.run(checkout, None, [programs], binary="", as_of="")
        key = run.steps["prepare"]["key"]
        expect(run, "built", run.code == 0 and "Build attestry" in run.ran and re.fullmatch("attestry-[0-9a-f]{64}", key))
        expect(again, "built", again.steps["prepare"]["key"] == key)
        return "cargo is called with a root in the temporary folder (a stand-in for cargo: nothing is compiled here)"

    def pipeline(self, checkout, **variables):
        """Runs what the pipeline of GitLab runs, with a built program in its cache."""
        job = YAML(typ="safe").load(self.work / "written" / ".gitlab-ci.yml")["attestry"]
        program = checkout / ".attestry" / "bin" / "attestry"
        program.parent.mkdir(parents=True, exist_ok=True)
        if not program.exists():
            shutil.copy(os.environ["ATTESTRY"], program)
        code = 0
        for line in [*job["before_script"], *job["script"]]:
            done = subprocess.run(["sh", "-eu", "-c", line], cwd=checkout, check=False, text=True, capture_output=True,
                                  env=os.environ | {key: str(value) for key, value in job["variables"].items()}
                                  | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "", "CI_PROJECT_DIR": str(checkout),
                                     "CI_COMMIT_SHA": git(checkout, "rev-parse", "HEAD")} | variables)
            code = code or done.returncode
        reports = job["artifacts"]["reports"]
        if code not in (0, 1) or "<testsuites" not in (checkout / reports["junit"]).read_text():
            sys.exit(f"{done.stdout}{done.stderr}\naction.py: the pipeline of GitLab ended with {code}")
        return code, len(json.loads((checkout / reports["codequality"]).read_text()))

    def gitlab(self):
        code, count = self.pipeline(self.clone("--branch", "bad-change"))
        if code != 1 or count == 0:
            sys.exit(f"action.py: gitlab: ended with {code}, {count} findings")
        return f"ended with {code}, {count} findings in the Code Quality report"

    def trunk(self):
        """A default branch that is neither main nor master: a change is not its own evidence."""
        checkout = self.clone("--branch", "bad-change")
        git(checkout, "update-ref", "refs/remotes/origin/trunk", "refs/remotes/origin/main")
        git(checkout, "checkout", "--quiet", "--detach")
        for name in ["refs/heads/bad-change", "refs/remotes/origin/main"]:
            git(checkout, "update-ref", "-d", name)
        git(checkout, "symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
        run = self.run(checkout, self.pull_request("x"), base="none")
        expect(run, "trunk", run.code == 2, "nobody says which branch it is")
        event = self.pull_request(git(checkout, "rev-parse", "origin/trunk")) | {"repository": {"default_branch": "trunk"}}
        for base in ["none", ""]:
            run = self.run(checkout, event, base=base)
            report = self.counts_are_of_the_report(run, "trunk")
            evidence = git(checkout, "rev-parse", "origin/trunk")
            expect(run, "trunk", run.code == 1 and report["evidence"]["commit"] == evidence, report["evidence"])
        return "the evidence is taken from the default branch that the event names, and from the base"

    def base(self):
        """Only what the change brings counts, from the merge base on."""
        checkout = self.clone("--branch", "bad-change")
        main, bad = git(checkout, "rev-parse", "origin/main"), git(checkout, "rev-parse", "HEAD")
        brings = self.run(checkout, self.pull_request(main))
        self.counts_are_of_the_report(brings, "base")
        total = sum(int(brings.outputs[level]) for level in ("errors", "warnings", "notes"))
        expect(brings, "base", brings.code == 1 and brings.outputs["new"] == str(total) != "0")
        (checkout / "notes.txt").write_text("nothing\n")
        git(checkout, "add", "notes.txt")
        git(checkout, "commit", "--quiet", "--message", "notes: nothing")
        none = self.run(checkout, self.pull_request(bad))
        expect(none, "base", none.code == 0 and none.outputs["new"] == none.outputs["errors"] == "0")
        everything = self.run(checkout, self.pull_request(bad), base="none")
        expect(everything, "base", everything.code == 1 and everything.outputs["new"] == "")
        # The report for GitLab holds everything there too: GitLab itself compares it.
        code, count = self.pipeline(checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=bad)
        expect(none, "base", code == 0 and count > 0, "the pipeline of GitLab", code, count)
        return f"{total} findings brought; by a harmless change none"


GH = """#!/usr/bin/env bash
set -euo pipefail
here=$(dirname "$0")
if [ "$2" = --paginate ]; then
  [ "$4" = --jq ]
  [ -f "$here/comments.json" ] || { echo '::error::gh: 403 ##[error]' >&2; exit 1; }
  exec jq -r "$5" "$here/comments.json"
fi
for argument in "$@"; do
  case $argument in body=@*) argument="body=$(head -n 1 "${argument#body=@}")" ;; esac
  printf '%s ' "$argument"
done >>"$here/calls"
"""

CARGO = """#!/usr/bin/env bash
set -euo pipefail
if [ "$1" = --version ]; then echo 'cargo 0'; exit; fi
# Elsewhere a toolchain file of the change would choose the compiler.
[ "$PWD" = "$GITHUB_ACTION_PATH" ]
[ "$*" = "install --locked --quiet --path . --root $ROOT --target-dir $RUNNER_TEMP/attestry-target" ]
[ -f "$GITHUB_ACTION_PATH/Cargo.lock" ]
mkdir -p "$ROOT/bin"
ln -s '%s' "$ROOT/bin/attestry"
""" % os.environ.get("ATTESTRY", "")


def main(mode, action_file, *rest):
    path = pathlib.Path(action_file).resolve()
    action = YAML(typ="safe").load(path)
    action["path"] = path.parent
    if mode == "shell":
        out = pathlib.Path(rest[0])
        out.mkdir()
        for number, step in enumerate(action["runs"]["steps"]):
            if "run" in step:
                (out / f"{number}.sh").write_text(f"#!/usr/bin/env bash\n{step['run']}\n")
        return
    demo, work = map(pathlib.Path, rest)
    trial = Trial(action, demo.resolve(), work.resolve())
    names = sys.argv[5:] or ["good", "findings", "shallow", "hostile", "comment", "built", "gitlab", "base", "trunk"]
    for name in names:
        print(f"action: {name}: {getattr(trial, name)()}", flush=True)


main(*sys.argv[1:5])

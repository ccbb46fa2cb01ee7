#!/usr/bin/env bash
# The hook for pre-commit, run by pre-commit itself (of PyPI, under the PATH) at real commits of a
# new SMS. The manifest is the one that is shipped; only the program is the one under test, because
# `language: rust` would build it once more. Usage: pre-commit.sh, with the program in $ATTESTRY
set -euo pipefail
manifest=$(cd "$(dirname "$0")/../.." && pwd)/.pre-commit-hooks.yaml
attestry=$(realpath "${ATTESTRY:?the program to test}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PRE_COMMIT_HOME=$work/home PRE_COMMIT_COLOR=never
# A hook that is run for a commit of attestry itself must not make these the files of that commit.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

pre-commit validate-manifest "$manifest"
sms=$work/sms
"$attestry" init "$sms" --organization "Brightwater Example Services AS" --zone UTC >/dev/null
cd "$sms"
python - "$manifest" "$attestry" >.pre-commit-config.yaml <<'PYTHON'
import json, shlex, sys
import yaml

with open(sys.argv[1]) as manifest:
    [hook] = yaml.safe_load(manifest)
program, *arguments = shlex.split(hook["entry"])
assert (program, hook["language"]) == ("attestry", "rust"), hook
hook |= {"language": "system", "entry": shlex.join([sys.argv[2], *arguments])}
print(json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}))
PYTHON
pre-commit validate-config .pre-commit-config.yaml
git init -q -b main
git config user.name "Bo Samplesen"
git config user.email bo@brightwater.example
pre-commit install >/dev/null

count=0
# goes_through|is_stopped WHAT COMMIT-ARGUMENTS…: the hook was run, and what became of the commit.
goes_through() {
  local what=$1
  shift
  if ! git commit -qm "$what" "$@" >"$work/said" 2>&1 || ! grep -q 'attestry check\.*Passed' "$work/said"; then
    cat "$work/said" >&2
    echo "not committed: $what" >&2
    exit 1
  fi
  count=$((count + 1))
}
is_stopped() {
  local what=$1 before
  shift
  before=$(git rev-parse HEAD)
  if git commit -qm "$what" "$@" >"$work/said" 2>&1 || [ "$(git rev-parse HEAD)" != "$before" ]; then
    echo "committed: $what" >&2
    exit 1
  fi
  if ! grep -q 'attestry check\.*Failed' "$work/said" || ! grep -q 'policies/bad\.md' "$work/said"; then
    cat "$work/said" >&2
    echo "stopped for another reason: $what" >&2
    exit 1
  fi
  count=$((count + 1))
}
document() { printf -- '---\nid: POL-9%s\nkind: sm-policy\ntitle: Policy\nstatus: %s\n---\n\n# Policy\n' "$1" "$2"; }
# Its front matter is never closed.
broken() { printf -- '---\nid: POL-901\nkind: sm-policy\ntitle: [Policy\n'; }

git add -A
goes_through "a new management system"
# What was wrong before does not stop a commit: a review that is long overdue stands for it.
mkdir -p procedures
printf -- '---\nid: PRO-901\nkind: procedure\ntitle: Old\nversion: "1"\nstatus: approved\nowner: nobody\n---\n\n[a](gone.md)\n' >procedures/old.md
git add -A
git commit -qm "something bad" --no-verify
"$attestry" check --staged >/dev/null 2>&1 && { echo "nothing was wrong before" >&2; exit 1; }
printf 'Notes.\n' >notes.md
git add notes.md
goes_through "a page, beside errors that were there before"
mkdir -p policies
document 01 draft >policies/bad.md
git add policies/bad.md
goes_through "a good document"

broken >policies/bad.md
git add policies/bad.md
is_stopped "a bad document that is staged"
document 01 draft >policies/bad.md
is_stopped "a bad document that is staged, mended only on disk"
git add policies/bad.md
broken >policies/bad.md
document 02 draft >policies/good.md
git add policies/good.md
goes_through "a good document beside a bad one that is not staged"
cmp -s policies/bad.md <(broken) || { echo "what was not staged is not as it was" >&2; exit 1; }
is_stopped "everything, the bad document too" -a
printf '\nMore.\n' >>policies/good.md
git add policies/bad.md
goes_through "only the good one of two" policies/good.md
git reset -q --hard
broken >policies/untracked.md
git rm -q policies/good.md
goes_through "a document removed, beside a bad one that git does not know"
printf 'pre-commit %s: %s commits\n' "$(pre-commit --version | cut -d' ' -f2)" "$count"

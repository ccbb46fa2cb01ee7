#!/usr/bin/env bash
# The workflow that brings approvals into a repository, as `attestry init --github` writes it: its steps
# run against a repository of git and a `gh` that answers like the API. Its form is action.sh's matter.
# Usage: approvals.sh DEMO, with the program in $ATTESTRY (DEMO is not used)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export HOME=$work/home RUNNER_TEMP=$work/temp GITHUB_ENV=$work/env GITHUB_REPOSITORY=example/sms
export GITHUB_REF_NAME=main SMS=. BRANCH=attestry/approvals API=$work/api PATH=$work/bin:$PATH
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
mkdir -p "$HOME/.attestry/bin" "$RUNNER_TEMP" "$API" "$work/bin"
ln -s "$ATTESTRY" "$HOME/.attestry/bin/attestry"
fail() { echo "approvals: $*" >&2; exit 1; }

# What the API answers: $API/<last part of the path>, with dashes for slashes.
cat >"$work/bin/gh" <<'GH'
#!/usr/bin/env bash
set -euo pipefail
case "$1 $2" in
"auth setup-git") ;;
"pr list") cat "$API/waiting" ;;
"pr create") echo 1 >"$API/waiting"; echo created >>"$API/created" ;;
api\ *)
  for argument in "$@"; do case $argument in repos/*) path=${argument%%\?*} ;; esac; done
  path=${path#"repos/$GITHUB_REPOSITORY/"}
  case $path in commits/*) cat "$API/pulls" ;; *) cat "$API/${path//\//-}" ;; esac ;;
*) exit 3 ;;
esac
GH
chmod +x "$work/bin/gh"
echo 0 >"$API/waiting"

head=3f2a9c0d1e4b5a6978c0d1e2f3a4b5c6d7e8f901
pull() { # NUMBER BRANCH MERGED
  jq -n --argjson number "$1" --arg branch "$2" --argjson merged "$3" --arg head $head '{$number, state: "closed",
    title: "$(touch /tmp/x)", html_url: "https://github.com/example/sms/pull/\($number)", user: {login: "cleo"},
    merged_at: $merged, merged_by: {login: "bo"}, merge_commit_sha: $head, changed_files: 1,
    head: {ref: $branch, sha: $head, repo: {full_name: "example/sms"}},
    base: {ref: "main", repo: {full_name: "example/sms"}}}' >"$API/pulls-$1"
  echo '[]' >"$API/pulls-$1-reviews"
  jq -n --arg head $head '[{filename: "a.md", status: "modified", sha: $head}]' >"$API/pulls-$1-files"
  jq -s . "$API"/pulls-? >"$API/pulls"
}
pull 1 change '"2026-02-11T09:30:00Z"'
pull 2 open null
pull 3 attestry/approvals '"2026-02-11T09:30:00Z"'

git init --quiet --bare --initial-branch=main "$work/origin"
"$ATTESTRY" init "$work/sms" --github >/dev/null
workflow=$work/sms/.github/workflows/attestry-approvals.yml
git -C "$work/sms" init --quiet --initial-branch=main
git -C "$work/sms" add -A
git -C "$work/sms" commit --quiet -m start
git -C "$work/sms" push --quiet "$work/origin" main

# The shell of one step after the other.
python3 - "$workflow" "$work/step" <<'PYTHON'
import re, sys
text, out = open(sys.argv[1]).read(), sys.argv[2]
steps = re.findall(r"- name: (.*)\n(?:        (?!run:).*\n(?:          .*\n)*)*        run: \|\n((?:          .*\n|\n)+)", text)
assert len(steps) == 5, [name for name, _ in steps]
for number, (name, shell) in enumerate(steps):
    open(f"{out}{number}.sh", "w").write("#!/bin/bash\n" + re.sub(r"(?m)^ {10}", "", shell))
PYTHON
! command -v shellcheck >/dev/null || shellcheck --exclude SC2016,SC2154 "$work"/step*.sh

run() {
  cd "$work" && rm -rf checkout && git clone --quiet --depth=1 "file://$work/origin" checkout && cd checkout || return
  : >"$GITHUB_ENV"
  GITHUB_SHA=$(git rev-parse HEAD) && export GITHUB_SHA
  unset WAITING REFUSED
  for step in 1 2 3 4; do
    set -a
    # shellcheck disable=SC1090
    . <(sed "s/=\(.*\)/='\1'/" "$GITHUB_ENV")
    set +a
    if [ "$step" = 4 ] && [ -z "${REFUSED-}" ]; then break; fi
    bash --noprofile --norc -eo pipefail "$work/step$step.sh" >>"$work/log" 2>&1 || return
  done
}
branch() { git -C "$work/origin" rev-parse --quiet --verify "$BRANCH" || true; }

run || fail "the first run: $(cat "$work/log")"
first=$(branch)
[ -n "$first" ] || fail "nothing was pushed: $(cat "$work/log")"
files=$(git -C "$work/origin" diff --name-only main "$BRANCH")
[ "$files" = approvals/github-example-sms-1.yaml ] || fail "pushed: $files"
run || fail "the second run: $(cat "$work/log")"
[ "$(branch)" = "$first" ] || fail "the branch moved, and nothing was new"

# One that cannot be imported fails the run and keeps out no other; what waits stays, as the API has it
# and not as somebody pushed it to the branch.
git clone --quiet --branch "$BRANCH" "file://$work/origin" "$work/forger"
sed -i 's/^reviews: .*/reviews: [{reviewer: forger, state: approved}]/' "$work/forger/approvals/github-example-sms-1.yaml"
git -C "$work/forger" commit --quiet --all -m forged
git -C "$work/forger" push --quiet origin "$BRANCH"
git -C "$work/origin" show "$BRANCH:approvals/github-example-sms-1.yaml" | grep -q forger || fail "the test forges nothing"
pull 4 change '"2026-03-11T09:30:00Z"'
pull 5 change '"2026-03-11T09:30:00Z"'
jq -s 'map(select(.number != 1))' "$API"/pulls-? >"$API/pulls"
echo '{"message": "Server Error"}' >"$API/pulls-5-files"
if run; then fail "a request that cannot be imported goes unnoticed"; fi
grep -q 'not imported: pull requests 5;' "$work/log" || fail "the log does not name it: $(cat "$work/log")"
[ "$(git -C "$work/origin" diff --name-only main "$BRANCH" | wc -l)" = 2 ] || fail "something was lost: $(cat "$work/log")"
! git -C "$work/origin" show "$BRANCH:approvals/github-example-sms-1.yaml" | grep -q forger || fail "a forged review was taken up"
[ "$(wc -l <"$API/created")" = 1 ] || fail "more than one pull request"

# Merged: nothing is left to do.
rm "$API/pulls-5"* && pull 4 change '"2026-03-11T09:30:00Z"'
git -C "$work/origin" update-ref refs/heads/main "$BRANCH"
echo 0 >"$API/waiting"
last=$(branch)
run || fail "the last run: $(cat "$work/log")"
[ "$(branch)" = "$last" ] && [ "$(wc -l <"$API/created")" = 1 ] || fail "it does not come to rest"
echo "approvals: the steps of the workflow, four runs"

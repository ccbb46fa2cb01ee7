#!/usr/bin/env bash
# Runs `attestry check` once and sets the outputs; the last step of the action fails where this says so.
# Takes ATTESTRY, SMS, BASE, EVIDENCE, FORMAT, FAIL_ON, REQUIRE_EVALUATED, AS_OF; gives the outputs code, folder,
# report, errors, warnings, notes, new, and appends the summary of the step.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=log.sh
. "$here/log.sh"

folder=$(mktemp -d "$RUNNER_TEMP/attestry.XXXXXX")
report=$folder/report.json
arguments=(check -C "$SMS" "--format=$FORMAT" "--fail-on=$FAIL_ON"
  --repository-url "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
  --output "json=$report" --output "sarif=$folder/findings.sarif"
  --output "markdown=$folder/summary.md" --output "comment=$folder/comment.md")
[ "$REQUIRE_EVALUATED" != true ] || arguments+=(--require-evaluated)
[ -z "$AS_OF" ] || arguments+=("--as-of=$AS_OF")
[ "$BASE" != none ] || BASE=
if [ -n "$BASE" ]; then
  # What approves is what the base shows.
  arguments+=("--since=$BASE")
elif [ -n "$EVIDENCE" ]; then
  arguments+=("--evidence=$EVIDENCE")
fi

code=0
"$ATTESTRY" "${arguments[@]}" >"$folder/out.txt" 2>"$folder/err.txt" || code=$?

# Annotations are the only commands that may reach the runner; everything else is text.
annotation='^::(error|warning|notice) (file|title)='
if [ "$FORMAT" = github ]; then
  { grep -Ev -- "$annotation" "$folder/out.txt" || true; cat "$folder/err.txt"; } | as_text
  grep -E -- "$annotation" "$folder/out.txt" || true
else
  cat "$folder/out.txt" "$folder/err.txt" | as_text
fi

printf 'code=%s\nfolder=%s\n' "$code" "$folder" >>"$GITHUB_OUTPUT"
if [ ! -s "$report" ]; then
  error 'attestry could not check; the log of this step says why'
  exit
fi
cat "$folder/summary.md" >>"$GITHUB_STEP_SUMMARY"
# With a base, the report holds only what the change brings.
new=
[ -z "$BASE" ] || new=$(jq '.counts | .errors + .warnings + .notes' "$report")
{
  printf 'report=%s\nnew=%s\n' "$report" "$new"
  jq -r '.counts | "errors=\(.errors)\nwarnings=\(.warnings)\nnotes=\(.notes)"' "$report"
} >>"$GITHUB_OUTPUT"

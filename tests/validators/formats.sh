#!/usr/bin/env bash
# The formats of `attestry check` for other programs, read by programs that others wrote: SARIF by
# Sarif.Multitool with the rules of GitHub code scanning, JUnit by junitparser, Code Quality of
# GitLab by check-jsonschema, Markdown by cmark-gfm, which GitHub's own reader is built on. Once of all
# that is wrong in the demo, and once of what its bad change brings (`--since`), which has tables of its
# own.
# Usage: formats.sh DEMO [AS_OF], with the program in $ATTESTRY
# The validators come from npm and PyPI, pinned, into tests/.cache/formats.
set -euo pipefail
attestry=${ATTESTRY:?the program to test}
sms=${1:?usage: formats.sh DEMO [AS_OF]}/sms
as_of=${2:-2027-01-15}
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../.cache/formats
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

multitool=$cache/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
if [ ! -f "$multitool" ]; then
  npm install --prefix "$cache" --no-audit --no-fund --silent --ignore-scripts \
    @microsoft/sarif-multitool@5.7.0 @microsoft/sarif-multitool-linux@5.7.0
fi
chmod u+x "$multitool"
if ! "$cache/py/bin/python" -c 'import check_jsonschema, cmarkgfm, junitparser' 2>/dev/null; then
  python3 -m venv "$cache/py"
  "$cache/py/bin/pip" install --quiet junitparser==5.0.3 check-jsonschema==0.39.0 cmarkgfm==2025.10.22
fi

# One run writes all of them; findings (exit code 1) are wanted.
# Usage: validate NAME REVISION ARGUMENT..., with the revision whose files are judged, or "" for the work tree
validate() {
  local out=$work/$1 revision=$2 code=0
  shift 2
  mkdir "$out"
  "$attestry" check -C "$sms" "$@" --format github \
    --repository-url https://github.com/example/sms \
    --output "sarif=$out/f.sarif" --output "gitlab=$out/gitlab.json" --output "junit=$out/junit.xml" \
    --output "markdown=$out/summary.md" --output "comment=$out/comment.md" \
    --output "json=$out/f.json" >"$out/github.txt" || code=$?
  if [ "$code" != 1 ]; then
    echo "formats.sh: check $* ended with $code; findings were expected" >&2
    exit 1
  fi

  # It always exits with 0: what it found stands in its own log.
  "$multitool" validate "$out/f.sarif" --rule-kind "Sarif;Ghas" --level "Error;Warning" --kind Fail \
    -o "$out/validated.sarif" --log ForceOverwrite >"$out/multitool.txt" 2>&1 ||
    { cat "$out/multitool.txt" >&2; exit 1; }
  "$cache/py/bin/python" "$here/formats.py" "$out" "$sms" "$revision"
  "$cache/py/bin/check-jsonschema" --quiet --schemafile "$here/gitlab.schema.json" "$out/gitlab.json"
  echo "check-jsonschema: Code Quality valid"
}

validate all "" --as-of "$as_of"
# The demo is of this day; on it only the branch is wrong.
validate since bad-change --as-of 2026-06-30 --rev bad-change --since main

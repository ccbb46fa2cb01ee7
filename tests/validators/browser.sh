#!/usr/bin/env bash
# Opens pages of the evidence site in a real browser, from file://: the Content-Security-Policy has
# to hold without a complaint, the style sheet has to load, and nothing may come from outside.
# Usage: browser.sh DEMO
set -euo pipefail
site=$(cd "${1:?usage: browser.sh DEMO}/site" && pwd)
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

look() {
  timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --user-data-dir="$profile" --enable-logging=stderr --log-level=0 "$@"
}

pages=(index.html clauses.html documents.html findings.html people.html reviews.html data.html about.html)
pages+=("$(cd "$site" && find documents clauses rules -name '*.html' 2>/dev/null | sort | awk 'NR % 150 == 1')")
count=0
for page in ${pages[*]}; do
  if ! look --dump-dom "file://$site/$page" >"$profile/dom" 2>"$profile/log"; then
    echo "$page: the browser does not open it" >&2
    exit 1
  fi
  if grep -E 'CONSOLE|Refused|ERR_FILE_NOT_FOUND' "$profile/log" >&2; then
    echo "$page: the browser complains" >&2
    exit 1
  fi
  grep -q '</main>' "$profile/dom" || { echo "$page: there is no main part" >&2; exit 1; }
  count=$((count + 1))
done
look --window-size=1280,900 --screenshot="$profile/index.png" "file://$site/index.html" 2>/dev/null
# An unstyled or empty page is a fraction of this.
[ "$(stat -c %s "$profile/index.png")" -gt 30000 ] || { echo "the overview looks empty" >&2; exit 1; }
echo "seen in a browser: $count pages"

#!/usr/bin/env bash
# html-validate over every page of the demo's site: DEMO/site.
set -euo pipefail
demo=$1
here=$(cd "$(dirname "$0")" && pwd)
site=$demo/site
if [ ! -f "$site/index.html" ]; then
  echo "html.sh: there is no site in $site" >&2
  exit 1
fi
pages=$(find "$site" -name '*.html' | wc -l)
# One process holds some thousand pages; more are cut into several.
find "$site" -name '*.html' -print0 | sort -z |
  xargs -0 -n 2000 html-validate --config "$here/htmlvalidate.json" --formatter text
echo "html-validate: $pages pages"

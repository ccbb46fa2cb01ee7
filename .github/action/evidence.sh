#!/usr/bin/env bash
# evidence.sh site|bundle: renders the site, or packs the bundle, into OUT.
# Takes ATTESTRY, SMS, AS_OF, EVIDENCE and OUT.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=log.sh
. "$here/log.sh"

arguments=("$1" -C "$SMS")
[ -z "$AS_OF" ] || arguments+=("--as-of=$AS_OF")
[ -z "$EVIDENCE" ] || arguments+=("--evidence=$EVIDENCE")
"$ATTESTRY" "${arguments[@]}" "$OUT" 2>&1 | as_text

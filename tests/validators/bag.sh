#!/bin/sh
# Validates a bundle with programs that are not ours: sha256sum, and bagit 1.9.0 of PyPI under the
# `python` of the PATH. Usage: bag.sh DEMO|BUNDLE
set -eu
bundle=${1:?usage: bag.sh DEMO|BUNDLE}
[ ! -d "$bundle" ] || bundle=$bundle/evidence.zip
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python - "$bundle" "$folder" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as bundle:
    if (damaged := bundle.testzip()) is not None:
        sys.exit(f"damaged: {damaged}")
    bundle.extractall(sys.argv[2])
PYTHON
set -- "$folder"/*
if [ $# -ne 1 ] || [ ! -f "$1/bagit.txt" ]; then
    echo "not one folder with a bagit.txt: $*" >&2
    exit 1
fi
# In a manifest a percent sign of a name is written %25 (RFC 8493, 2.1.3); sha256sum wants it bare.
(cd "$1" && sed 's/%25/%/g' manifest-sha256.txt | sha256sum --check --strict --quiet -)
(cd "$1" && sha256sum --check --strict --quiet tagmanifest-sha256.txt)
# bagit 1.9.0 does not decode %25.
if grep -q '%25' "$1/manifest-sha256.txt"; then
    echo "a name has a percent sign, which bagit 1.9.0 cannot read: not validated with it" >&2
else
    python -m bagit --quiet --validate "$1"
fi
echo "valid: $(wc -l < "$1/manifest-sha256.txt") files"

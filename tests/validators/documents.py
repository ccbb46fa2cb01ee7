"""documents.py SMS OUT: writes what an editor checks, the YAML files and the front matter of an SMS,
as OUT/<kind>/<name>.yaml. A register goes under `register`, its text as it is. Nothing is parsed
but the line of the kind: whoever checks the files reads them."""

import pathlib
import re
import sys

sms, out = map(pathlib.Path, sys.argv[1:])
count = 0
for path in sorted(sms.rglob("*")):
    relative = path.relative_to(sms)
    if ".git" in relative.parts or path.suffix not in (".md", ".yaml", ".yml"):
        continue
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        if not text.startswith("---\n"):
            continue
        text = text[4:].split("\n---", 1)[0] + "\n"
    kind = re.search(r"^kind: *([a-z-]+)", text, re.M)
    if kind is None:
        continue
    name = "register" if re.search(r"^entries:", text, re.M) else kind[1]
    target = out / name / ("-".join(relative.with_suffix("").parts) + ".yaml")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    count += 1
if count == 0:
    sys.exit(f"documents.py: no documents in {sms}")
print(f"{count} documents")

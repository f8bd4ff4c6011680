/**
 * Joins what tsc made in dist/ with the libraries it uses into a few files in dist/bundle/: the screen then starts in
 * about two thirds of the time, because Node opens eight files and not seven hundred. What is imported lazily stays a
 * file of its own. With two arguments it joins another program, a benchmark, from its first file into that folder.
 */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeLicenses } from "./licenses.js";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const [entry = path.join(dist, "cli/main.js"), outdir = path.join(dist, "bundle")] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** CommonJS libraries inside of an ES module still look for these. */
const commonJsNames = [
  'import { createRequire as ovlCreateRequire } from "node:module";',
  'import { fileURLToPath as ovlFileUrlToPath } from "node:url";',
  'import { dirname as ovlDirname } from "node:path";',
  "const require = ovlCreateRequire(import.meta.url);",
  "const __filename = ovlFileUrlToPath(import.meta.url);",
  "const __dirname = ovlDirname(__filename);",
].join("");

/** Libraries that are never reached: React's developer tools, and what dockerode needs only to build images with BuildKit. */
const unreached = {
  name: "unreached",
  setup(bundle) {
    bundle.onResolve({ filter: /^(?:react-devtools-core|@grpc\/grpc-js|@grpc\/proto-loader)$/ }, ({ path: name }) => ({
      path: name,
      namespace: "unreached",
    }));
    bundle.onLoad({ filter: /.*/, namespace: "unreached" }, () => ({ contents: "module.exports = {};" }));
  },
};

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [entry],
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"', OVL_TUI_VERSION: JSON.stringify(version) },
  // ssh2's optional native parts: without a compiler they are not there, and it does without.
  external: ["*.node"],
  // Its CommonJS form hides what it requires from whoever joins files.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
  banner: { js: commonJsNames },
  plugins: [unreached],
  logLevel: "warning",
});
writeLicenses(Object.keys(metafile.inputs), path.join(outdir, "LICENSES.txt"));

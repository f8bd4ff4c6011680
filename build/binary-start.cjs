/**
 * Where the single executable begins: the bundle's files lie inside of it (node:sea assets) and are loaded as the ES
 * modules that they are, by names that no file has.
 */
const { getAsset } = require("node:sea");
const { registerHooks } = require("node:module");
const { pathToFileURL } = require("node:url");
const { setFlagsFromString } = require("node:v8");
const { constants, Script } = require("node:vm");

// A file's name, because CommonJS libraries inside of the bundle ask for theirs.
const inside = `${pathToFileURL(process.execPath).href}/`;

registerHooks({
  resolve(specifier, context, next) {
    const relative = context.parentURL?.startsWith(inside) && specifier.startsWith("./");
    const url = relative ? new URL(specifier, context.parentURL).href : specifier;
    return url.startsWith(inside) ? { url, shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith(inside)) return next(url, context);
    return { format: "module", source: getAsset(url.slice(inside.length), "utf8"), shortCircuit: true };
  },
});

// As bin/ovl-tui.js has them, and for the same reasons; that loading from inside is new to Node is no news to an operator.
setFlagsFromString("--semi-space-growth-factor=1");
process.noDeprecation = true;
process.removeAllListeners("warning");

const start = new Script(`import(${JSON.stringify(`${inside}main.js`)})`, {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
start.runInThisContext().then(async ({ run }) => {
  process.exitCode = await run(process.argv.slice(2));
});

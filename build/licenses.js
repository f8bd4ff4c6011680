import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Writes the licence of every package that went into the bundle, with its name and version: what is handed on contains
 * them, and their licences ask for that. `inputs` are the files that the bundler read.
 */
export function writeLicenses(inputs, file) {
  const folders = new Set(inputs.map(packageOf).filter((folder) => folder !== undefined));
  // One version may lie in several folders.
  const sections = new Set([...folders].map((folder) => licenseOf(path.resolve(folder))));
  writeFileSync(file, `ovl-tui contains these packages:\n\n${[...sections].sort().join("\n")}`);
}

/** ".../node_modules/@peculiar/x509" of a file somewhere inside of it. */
function packageOf(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** The licence of the package in a folder, below its name and version. */
export function licenseOf(folder) {
  const { name, version, license, licenses } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  // An old way to write it (docs.npmjs.com, package.json, "license").
  const kind = license ?? licenses?.map(({ type }) => type).join(", ") ?? "see below";
  return ["-".repeat(72), `${name} ${version} (${kind})`, "", ...texts, ""].join("\n");
}

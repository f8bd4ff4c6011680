import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const src = path.join(root, "src");

/** Who may import whom, besides its own folder. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ["domain"],
  services: ["ports", "domain"],
  adapters: ["ports", "domain"],
  demo: ["ports", "domain"],
  ui: ["services", "ports", "domain"],
  cli: ["ui", "services", "adapters", "demo", "ports", "domain"],
};

interface Import {
  from: string;
  to: string;
}

/** Static and dynamic imports, exports and type imports alike. */
function importsOf(file: string): Import[] {
  const code = readFileSync(file, "utf8");
  const found = code.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)["']([^"']+)["']/g);
  return [...found].map(([, to = ""]) => ({ from: file, to }));
}

const files = globSync("**/*.{ts,tsx}", { cwd: src }).map((file) => path.join(src, file));
const imports = files.flatMap(importsOf);
const layerOf = (file: string): string => path.relative(src, file).split(path.sep)[0] ?? "";
const named = ({ from, to }: Import): string => `${path.relative(root, from)} imports ${to}`;

describe("the layers", () => {
  test("are all there to be read", () => {
    expect(new Set(files.map(layerOf))).toEqual(new Set(Object.keys(mayImport)));
    expect(imports.length).toBeGreaterThan(100);
  });

  test("import only downwards", () => {
    const upward = imports.filter(({ from, to }) => {
      if (!to.startsWith(".")) return false;
      const target = layerOf(path.resolve(path.dirname(from), to));
      const layer = layerOf(from);
      return target !== layer && !(mayImport[layer] ?? []).includes(target);
    });
    expect(upward.map(named)).toEqual([]);
  });

  test("leave Ink and React to the screen", () => {
    const strangers = imports.filter(({ from, to }) => /^(?:ink|react)(?:\/|$)/.test(to) && layerOf(from) !== "ui");
    expect(strangers.map(named)).toEqual([]);
  });

  test("keep the domain free of input, output, clock and chance", () => {
    const reaching = imports.filter(
      ({ from, to }) => layerOf(from) === "domain" && /^node:/.test(to) && !["node:util", "node:crypto"].includes(to),
    );
    expect(reaching.map(named)).toEqual([]);
    const impure = files.filter(
      (file) =>
        layerOf(file) === "domain" &&
        /Math\.random|random(?:UUID|Bytes|Int)|getRandom|Date\.now|new Date\(\)|process\./.test(
          readFileSync(file, "utf8"),
        ),
    );
    expect(impure.map((file) => path.relative(root, file))).toEqual([]);
  });

  test("name things for what they are", () => {
    const vague = files.filter((file) =>
      /(?:^|\/)(?:utils?|helpers?|common|misc)(?:[./]|$)/.test(path.relative(src, file)),
    );
    expect(vague.map((file) => path.relative(root, file))).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { parseSpec } from "../domain/spec/parse.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean } from "../domain/text.ts";
import { UsageError } from "./exit.ts";

/** A spec is a page or two; a file beyond this is something else. */
const largestFile = 1024 * 1024;

/**
 * The spec of `config`, or of the first that exists of ./ovl.yaml and $XDG_CONFIG_HOME/ovl-tui/ovl.yaml.
 * @throws UsageError with one line for each problem, as FILE:LINE:COLUMN: message
 */
export function readSpec(config: string | undefined): Spec {
  const found = findSpec(config);
  if (found !== undefined) return found.spec;
  if (config !== undefined) throw new UsageError(`${clean(config)}: no such file`);
  throw new UsageError(
    `no cluster file: looked for ${usualPlaces()
      .map((one) => clean(one))
      .join(" and ")}.\n` +
      "`ovl-tui` on a terminal makes one; or write it there, or name one with --config FILE. The least it needs:\n\n" +
      "  version: 1\n  cluster: my-cluster\n  nodes:\n    - name: node1\n      ssh: root@192.0.2.1\n",
  );
}

/**
 * The same with where it was found and what it holds; undefined when there is none.
 * @throws UsageError with one line for each problem, as FILE:LINE:COLUMN: message
 */
export function findSpec(config: string | undefined): { path: string; content: string; spec: Spec } | undefined {
  const candidates = config === undefined ? usualPlaces() : [path.resolve(config)];
  for (const file of candidates) {
    const content = contentOf(file);
    if (content === undefined) continue;
    const parsed = parseSpec(content, { file, home: homedir(), resolve: path.resolve });
    if (parsed.ok) return { path: file, content, spec: parsed.spec };
    const shown = clean(path.relative("", file) || file);
    throw new UsageError(parsed.problems.map((one) => `${shown}:${one.line}:${one.column}: ${one.message}`).join("\n"));
  }
  return undefined;
}

function usualPlaces(): string[] {
  const configHome = process.env.XDG_CONFIG_HOME || path.join(homedir(), ".config");
  return [path.resolve("ovl.yaml"), path.join(configHome, "ovl-tui", "ovl.yaml")];
}

function contentOf(file: string): string | undefined {
  try {
    const content = readFileSync(file);
    if (content.length > largestFile) throw new UsageError(`${clean(file)}: larger than 1 MiB; this is no ovl.yaml`);
    return content.toString("utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new UsageError(`${clean(file)}: cannot be read (${code ?? "unknown reason"})`);
  }
}

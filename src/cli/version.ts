import { readFileSync } from "node:fs";
import { z } from "zod";

/** Put in by the bundler (build/bundle.js): a single executable has no package.json beside it. */
declare const OVL_TUI_VERSION: string | undefined;

/** The program's version, as package.json has it. */
export function version(): string {
  if (typeof OVL_TUI_VERSION === "string") return OVL_TUI_VERSION;
  const file: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return z.object({ version: z.string() }).parse(file).version;
}

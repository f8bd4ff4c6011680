import { applyEdits, type ModificationOptions, modify } from "jsonc-parser";
import { parseDaemonJson } from "../flags/daemon-json.ts";
import type { SafeText } from "../text.ts";

/** What daemon.json shall say of some keys; undefined: that it shall say nothing of them. */
export type Keys = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The file with other keys, or why dockerd would not take it, with line and column: such a file is never written over. */
export type Merged = { ok: true; content: string } | { ok: false; problem: SafeText };

/**
 * Puts `keys` into the daemon.json at `path` and takes those out that are undefined. All else in it stays, and so does
 * the way it is written: indent, order, line ends, what is behind the last brace. `content` is undefined when there is no file.
 */
export function mergeDaemonJson(path: string, content: string | undefined, keys: Keys): Merged {
  const { problem } = parseDaemonJson({ path, content: content ?? "" });
  if (problem !== undefined) return { ok: false, problem };
  // dockerd takes a file without anything in it for {}.
  if (content === undefined || content.replace(/^\ufeff/, "").trim() === "") {
    const set = Object.entries(keys).filter(([, value]) => value !== undefined);
    if (set.length === 0) return { ok: true, content: content ?? "" };
    return { ok: true, content: `${JSON.stringify(Object.fromEntries(set), null, 2)}\n` };
  }
  const mark = content.startsWith("\ufeff") ? "\ufeff" : "";
  const body = content.slice(mark.length);
  const merged = Object.entries(keys).reduce((text, [key, value]) => withKey(text, key, value), body);
  return { ok: true, content: mark + merged };
}

/** Whether nothing is set in the file, so that it could as well not be there. */
export const saysNothing = (content: string): boolean => {
  const body = content.replace(/^\ufeff/, "").trim();
  return body === "" || Object.keys(objectOf(body)).length === 0;
};

/** A key may stand in the file several times, the last one counts, and modify() sees the first. Nobody writes more than this. */
const mostOfOne = 20;

function withKey(before: string, key: string, value: Keys[string]): string {
  const options = optionsFor(before);
  if (value !== undefined && same(valueAt(before, key), value)) return before;
  let content = before;
  for (const path of placesOf(content, key)) {
    const only = value !== undefined && path.length === 1;
    if (only) {
      const replaced = applyEdits(content, modify(content, path, value, options));
      if (same(valueAt(replaced, key), value)) return replaced;
    }
    for (let i = 0; i < mostOfOne && hasAt(content, path); i += 1) {
      content = applyEdits(content, modify(content, path, undefined, options));
    }
  }
  return value === undefined ? content : applyEdits(content, modify(content, [key], value, options));
}

/** Where a key stands: at the top, or within an object that dockerd takes for a mere wrapping of its members (moby daemon/config, flatten). */
function placesOf(content: string, key: string): string[][] {
  const top = objectOf(content);
  const wrapped = Object.entries(top).flatMap(([name, value]) =>
    isObject(value) && Object.hasOwn(value, key) && parsedKeys(content).includes(key) ? [[name, key]] : [],
  );
  return [...(Object.hasOwn(top, key) ? [[key]] : []), ...wrapped];
}

const parsedKeys = (content: string): readonly string[] => parseDaemonJson({ path: "", content }).keys;

const hasAt = (content: string, path: readonly string[]): boolean =>
  placesOf(content, path.at(-1) ?? "").some((one) => one.join("\0") === path.join("\0"));

function valueAt(content: string, key: string): unknown {
  const places = placesOf(content, key);
  const top = objectOf(content);
  return places.length === 1 && places[0]?.length === 1 ? top[key] : undefined;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function objectOf(content: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(content);
  return isObject(parsed) ? parsed : {};
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** New lines as the file writes its own; what stands on one line stays on one line. */
function optionsFor(content: string): ModificationOptions {
  if (!content.trim().includes("\n") && content.trim() !== "{}") return {};
  const indent = /^([ \t]+)\S/m.exec(content)?.[1] ?? "  ";
  return {
    formattingOptions: {
      insertSpaces: !indent.startsWith("\t"),
      tabSize: indent.startsWith("\t") ? 4 : indent.length,
      eol: content.includes("\r\n") ? "\r\n" : "\n",
    },
  };
}

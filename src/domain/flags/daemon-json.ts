import type { Origin } from "../daemon.ts";
import type { SourceFile } from "../host.ts";
import { clean, type SafeText, text } from "../text.ts";
import type { Setting } from "./arguments.ts";
import { jsonFault, type Place, placeOf } from "./json-fault.ts";
import { isKnown, type Option, optionOfFile } from "./options.ts";

export interface DaemonFile {
  settings: readonly Setting[];
  /** Every key that is set, as dockerd counts them: those of nested objects instead of the object's own. */
  keys: readonly string[];
  /** Why dockerd would not take the file, with line and column. */
  problem: SafeText | undefined;
}

/** Keys whose object is one value; any other object is only a wrapping of its members (moby daemon/config flatOptions). */
const flatKeys: ReadonlySet<string> = new Set([
  "builder",
  "cluster-store-opts",
  "default-network-opts",
  "default-ulimits",
  "features",
  "log-opts",
  "runtimes",
]);

/** daemon.json as dockerd reads it (moby daemon/config/config.go getConflictFreeConfiguration). */
export function parseDaemonJson(file: SourceFile): DaemonFile {
  const source = file.content.replace(/^\ufeff/, "");
  const nothing = { settings: [], keys: [] };
  if (source.trim() === "") return { ...nothing, problem: undefined };
  const fault = jsonFault(source);
  if (fault !== undefined) return { ...nothing, problem: problem(file, fault, fault.words) };
  const parsed: unknown = JSON.parse(source);
  if (!isObject(parsed)) {
    return { ...nothing, problem: problem(file, { line: 1, column: 1 }, "an object in braces is expected") };
  }
  const entries = Object.entries(parsed).flatMap(([key, value]) =>
    isObject(value) && !flatKeys.has(key) ? Object.entries(value) : [[key, value] as const],
  );
  const origin: Origin = { kind: "daemon.json", path: clean(file.path) };
  const wrong = [...Object.entries(parsed), ...entries].find(
    ([key, value]) => mistyped(optionOfFile(key), value) !== undefined,
  );
  return {
    settings: entries.flatMap(([key, value]) => {
      const option = optionOfFile(key);
      return spell(option, value).map((one) => ({ option, value: one, origin }));
    }),
    keys: entries.map(([key]) => key),
    problem:
      wrong === undefined
        ? undefined
        : problem(file, placeOfKey(source, wrong[0]), `${wrong[0]} ${mistyped(optionOfFile(wrong[0]), wrong[1])}`),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const problem = (file: SourceFile, { line, column }: Place, words: string): SafeText =>
  text`${clean(file.path)} line ${line} column ${column}: ${clean(words)}`;

const placeOfKey = (source: string, key: string): Place =>
  placeOf(source, Math.max(0, source.indexOf(JSON.stringify(key))));

/** What Go's decoder would object to; undefined when it takes the value, or when the option's type is not known for sure. */
function mistyped({ flag, file, takes }: Option, value: unknown): string | undefined {
  if (value === null) return undefined;
  switch (takes) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "has to be true or false, without quotes";
    case "number":
      return typeof value === "number" ? undefined : "has to be a number, without quotes";
    case "list": {
      const right = flag === "default-address-pool" ? isObject : (one: unknown) => typeof one === "string";
      return Array.isArray(value) && value.every(right) ? undefined : "has to be a list in brackets";
    }
    case "map": {
      if (!isObject(value)) return "has to be an object in braces";
      const strings = file === "log-opts" || file === "cluster-store-opts";
      return strings && Object.values(value).some((one) => typeof one !== "string")
        ? "has to hold strings only, numbers in quotes too"
        : undefined;
    }
    case "text":
      return isKnown(flag) && (Array.isArray(value) || typeof value === "boolean") ? "has to be one string" : undefined;
  }
}

/** The value as the command line would spell it, one for each of a list or map. */
function spell(option: Option, value: unknown): string[] {
  if (value === null) return [];
  if (option.takes === "list" && Array.isArray(value)) {
    return value.map((one) => (isObject(one) ? pairs(one).join(",") : plain(one)));
  }
  return option.takes === "map" && isObject(value) ? pairs(value) : [plain(value)];
}

const pairs = (value: Record<string, unknown>): string[] =>
  Object.entries(value).map(([key, one]) => `${key}=${nested(one)}`);

/** A runtime with a path alone, and an ulimit, as their flags spell them; any other object as JSON. */
function nested(value: unknown): string {
  if (!isObject(value)) return plain(value);
  const keys = Object.keys(value).sort().join(" ");
  if (keys === "path") return plain(value.path);
  if (keys === "Hard Name Soft") return `${plain(value.Soft)}:${plain(value.Hard)}`;
  return JSON.stringify(value);
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

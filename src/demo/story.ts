import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from "yaml";
import { z } from "zod";
import { type FaultName, faultNames, faultWords } from "../domain/faults.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";

/** In the place of a node or container: one that the seed draws. */
export const any = "any";

/** One thing that befalls the demo's cluster. */
export type Happening =
  | { what: "fault" | "mend"; fault: FaultName; node: string }
  /** `node` undefined: wherever a container of that name is. */
  | { what: "die" | "kill" | "stop" | "start" | "remove"; container: string; node: string | undefined }
  | { what: "run"; container: string; node: string }
  | { what: "engine"; to: "stop" | "start" | "restart"; node: string };

/** When it does, in seconds from the beginning: at a moment between the two that the seed draws. */
export interface Moment {
  line: number;
  from: number;
  to: number;
  happening: Happening;
}

export type Story = readonly Moment[];

/** One thing wrong in the file, and where: lines and columns count from 1. */
export interface StoryProblem {
  line: number;
  column: number;
  message: SafeText;
}

/** What a story may speak of: the cluster as it begins. */
export interface Cast {
  nodes: readonly string[];
  containers: readonly string[];
}

const longestStory = 86_400;
const seconds = z
  .number()
  .min(0)
  .max(longestStory)
  .transform((from) => ({ from, to: from }));
const range = z
  .string()
  .regex(/^\d+(?:\.\d+)?-\d+(?:\.\d+)?$/)
  .transform((said) => {
    const [from = 0, to = 0] = said.split("-").map(Number);
    return { from, to };
  })
  .refine(({ from, to }) => from <= to && to <= longestStory);
const at = z.union([seconds, range]);
const node = z.string().min(1);
const container = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
const fault = z.enum(faultNames);

/** What each entry holds, by the word that says what happens. */
const shapes = {
  fault: z.strictObject({ at, fault, node: node.optional() }),
  mend: z.strictObject({ at, mend: fault, node: node.optional() }),
  die: z.strictObject({ at, die: container, node: node.optional() }),
  kill: z.strictObject({ at, kill: container, node: node.optional() }),
  stop: z.strictObject({ at, stop: container, node: node.optional() }),
  start: z.strictObject({ at, start: container, node: node.optional() }),
  remove: z.strictObject({ at, remove: container, node: node.optional() }),
  run: z.strictObject({ at, run: container, node }),
  engine: z.strictObject({ at, engine: z.enum(["stop", "start", "restart"]), node }),
} as const;
type Verb = keyof typeof shapes;
const verbs = Object.keys(shapes) as Verb[];

const faultList = list(faultNames);
/** What is expected of each key, in words; of all others a container's name is. */
const expected: Readonly<Record<string, SafeText>> = {
  at: text`seconds from the beginning, or a range such as "10-20"`,
  node: text`a node's name, or "any"`,
  fault: faultList,
  mend: faultList,
  engine: text`stop, start or restart`,
};

/**
 * The story in `content`, or everything that is wrong with it, in the order of the file. It is a list under `story:`, each
 * entry with `at:` and one of fault, mend, die, kill, stop, start, remove, run, engine.
 */
export function parseStory(
  content: string,
  cast: Cast,
): { ok: true; story: Story } | { ok: false; problems: StoryProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: StoryProblem[] = document.errors.map((error) => ({
    ...place(error.pos[0]),
    message: clean(error.message.split("\n", 1)[0] ?? ""),
  }));
  if (problems.length > 0) return { ok: false, problems };
  const entries = isMap(document.contents) ? document.contents.get("story") : undefined;
  if (!isMap(document.contents) || !isSeq(entries)) {
    const message = text`there is no "story:" with a list; each entry is like "- { at: 10, fault: node-down, node: node104 }"`;
    return { ok: false, problems: [{ line: 1, column: 1, message }] };
  }
  for (const { key } of document.contents.items) {
    if (!isScalar(key) || key.value === "story") continue;
    const message = text`unknown key "${clean(String(key.value))}"; expected: story`;
    problems.push({ ...place(key.range?.[0] ?? 0), message });
  }
  const names = new Set(cast.containers);
  const story: Moment[] = [];
  for (const item of entries.items) {
    const offset = isNode(item) ? (item.range?.[0] ?? 0) : 0;
    const read = isMap(item) ? entryOf(item, cast, names) : wrong(text`expected "at:" and what happens then`);
    if (read.ok) story.push({ line: place(offset).line, ...read.moment });
    else problems.push(...read.problems.map((one) => ({ ...place(one.offset ?? offset), message: one.message })));
  }
  problems.sort((one, other) => one.line - other.line || one.column - other.column);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, story };
}

/** `offset` undefined: of the entry as a whole. */
interface Wrong {
  offset: number | undefined;
  message: SafeText;
}

type Read = { ok: true; moment: Omit<Moment, "line"> } | { ok: false; problems: Wrong[] };

const wrong = (message: SafeText, offset?: number): Read => ({ ok: false, problems: [{ offset, message }] });

/** One entry; `names`: containers that there are, or that were run before it. */
function entryOf(item: YAMLMap, cast: Cast, names: Set<string>): Read {
  const [verb, ...more] = verbs.filter((one) => item.has(one));
  if (verb === undefined || more.length > 0) {
    const what = verb === undefined ? text`nothing happens here` : text`more than one thing happens here`;
    return wrong(text`${what}; expected one of: ${list(verbs)}`);
  }
  const parsed = shapes[verb].safeParse(item.toJSON());
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.flatMap((one) => inWords(one, item, verb)) };
  const happening = happeningOf(parsed.data);
  const unknown = unknownIn(happening, cast, names);
  if (unknown !== undefined) return wrong(unknown.message, offsetOf(item, unknown.of === "node" ? "node" : verb));
  if (happening.what === "run") names.add(happening.container);
  return { ok: true, moment: { ...parsed.data.at, happening } };
}

function inWords(issue: z.core.$ZodIssue, item: YAMLMap, verb: Verb): Wrong[] {
  if (issue.code === "unrecognized_keys") {
    const known = list(Object.keys(shapes[verb].shape));
    return issue.keys.map((key) => ({
      offset: offsetOf(item, key),
      message: text`unknown key "${clean(key)}" beside ${clean(verb)}; expected: ${known}`,
    }));
  }
  const key = String(issue.path[0] ?? verb);
  const value: unknown = item.toJSON()[key];
  const is = item.has(key) ? text`is ${clean(JSON.stringify(value) ?? "empty", 60)}` : text`is missing`;
  const message = text`${clean(key)} ${is}; expected ${expected[key] ?? text`a container's name`}`;
  return [{ offset: offsetOf(item, key), message }];
}

/** Where the key's value stands; undefined when there is no such key. */
function offsetOf(item: YAMLMap, key: string): number | undefined {
  const pair = item.items.find((one) => isScalar(one.key) && one.key.value === key);
  const place = isNode(pair?.value) ? pair.value : isNode(pair?.key) ? pair.key : undefined;
  return place?.range?.[0];
}

function happeningOf(entry: z.infer<(typeof shapes)[Verb]>): Happening {
  if ("fault" in entry) return { what: "fault", fault: entry.fault, node: entry.node ?? any };
  if ("mend" in entry) return { what: "mend", fault: entry.mend, node: entry.node ?? any };
  if ("engine" in entry) return { what: "engine", to: entry.engine, node: entry.node };
  if ("run" in entry) return { what: "run", container: entry.run, node: entry.node };
  if ("die" in entry) return { what: "die", container: entry.die, node: entry.node };
  if ("kill" in entry) return { what: "kill", container: entry.kill, node: entry.node };
  if ("stop" in entry) return { what: "stop", container: entry.stop, node: entry.node };
  if ("start" in entry) return { what: "start", container: entry.start, node: entry.node };
  return { what: "remove", container: entry.remove, node: entry.node };
}

/** What the cluster does not have, or what is not said and has to be. */
function unknownIn(
  happening: Happening,
  { nodes }: Cast,
  names: ReadonlySet<string>,
): { of: "node" | "verb"; message: SafeText } | undefined {
  const { node: where } = happening;
  if (where !== undefined && where !== any && !nodes.includes(where)) {
    return { of: "node", message: text`the demo has no ${clean(where)}; it has ${shortList(nodes)}` };
  }
  if (happening.what === "mend" && where === any && faultWords[happening.fault].of === "node") {
    return { of: "verb", message: text`mend needs the node that ${clean(happening.fault)} is on` };
  }
  if (!("container" in happening) || happening.what === "run") return undefined;
  if (happening.container === any || names.has(happening.container)) return undefined;
  const has = shortList([...names]);
  return { of: "verb", message: text`the demo has no container ${clean(happening.container)} by then; it has ${has}` };
}

const listed = 8;

function shortList(all: readonly string[]): SafeText {
  const some = list(all.slice(0, listed));
  return all.length <= listed ? some : text`${some} and ${all.length - listed} more`;
}

function list(words: readonly string[]): SafeText {
  return joined(words.map((one) => clean(one)));
}

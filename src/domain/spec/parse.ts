import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { clean, type SafeText, text } from "../text.ts";
import { type Surroundings, toSpec } from "./convert.ts";
import { type Misplaced, meaningProblems, type SpecPath } from "./meaning.ts";
import { specSchema } from "./schema.ts";
import type { Spec } from "./spec.ts";

/** One thing wrong in the file, and where: lines and columns count from 1. */
export interface SpecProblem {
  line: number;
  column: number;
  message: SafeText;
}

/** The spec in `content`, or everything that is wrong with it, in the order of the file. */
export function parseSpec(
  content: string,
  around: Surroundings,
): { ok: true; spec: Spec } | { ok: false; problems: SpecProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      ...at(error.pos[0]),
      message: clean(firstLine(error.message)),
    }));
    return { ok: false, problems };
  }
  if (!isMap(document.contents)) {
    return {
      ok: false,
      problems: [
        {
          line: 1,
          column: 1,
          message: text`the file is empty or no mapping; expected "version: 1", "cluster:", "nodes:"`,
        },
      ],
    };
  }
  const parsed = specSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  const issues = parsed.success
    ? meaningProblems(parsed.data)
    : parsed.error.issues.flatMap((issue) => inWords(issue, document));
  if (!parsed.success || issues.length > 0) {
    const problems = issues.map((issue) => ({ ...at(offsetOf(document, issue)), message: issue.message }));
    return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
  }
  return { ok: true, spec: toSpec(parsed.data, around) };
}

const firstLine = (message: string): string => message.split("\n", 1)[0] ?? message;

function inWords(issue: z.core.$ZodIssue, document: Document): Misplaced[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const place = path.length === 0 ? text`the file` : spellPath(path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: text`unknown key "${clean(key)}" in ${place}; expected one of: ${knownKeys(path)}`,
    }));
  }
  const missing = document.getIn(path) === undefined;
  const expected = clean(expectation(issue));
  return [
    {
      path,
      message: missing
        ? text`${place} is missing; expected ${expected}`
        : text`${place} is ${clean(spellValue(document.getIn(path)))}; expected ${expected}`,
    },
  ];
}

/** zod's own words for what our schema did not word itself. */
function expectation(issue: z.core.$ZodIssue): string {
  if (!/^(?:Invalid|Too|Unrecognized)/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type")
    return issue.expected === "object" || issue.expected === "record" ? "a mapping" : `a ${issue.expected}`;
  if (issue.code === "invalid_union") {
    const words = issue.errors.flat().map(expectation);
    return [...new Set(words)].join(" or ");
  }
  return issue.message.replace(/^Invalid input: expected /, "");
}

/** "nodes[0].ssh" */
export function spellPath(path: SpecPath): SafeText {
  return clean(
    path.reduce<string>((spelled, part) => {
      if (typeof part === "number") return `${spelled}[${part}]`;
      return spelled === "" ? part : `${spelled}.${part}`;
    }, ""),
  );
}

function spellValue(value: unknown): string {
  if (value === null) return "empty";
  if (typeof value === "object") return Array.isArray(value) || "items" in value ? "a list or mapping" : "a mapping";
  return JSON.stringify(value) ?? "nothing";
}

/** The keys that `path` may hold, from the schema itself. */
function knownKeys(path: SpecPath): SafeText {
  let schema: z.core.$ZodType = specSchema;
  for (const part of path) {
    const inner = unwrap(schema);
    const definition = inner._zod.def as { shape?: Record<string, z.core.$ZodType>; element?: z.core.$ZodType };
    const next = typeof part === "number" ? definition.element : definition.shape?.[part];
    if (next === undefined) return text`none`;
    schema = next;
  }
  const shape = (unwrap(schema)._zod.def as { shape?: object }).shape ?? {};
  return clean(Object.keys(shape).join(", "));
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = (schema._zod.def as { innerType?: z.core.$ZodType }).innerType;
  return inner === undefined ? schema : unwrap(inner);
}

/** Where the value at `path` begins; of a missing one, where its nearest parent does; of a key that should not be, the key. */
function offsetOf(document: Document, { path, atKey }: Misplaced): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === last);
      if (pair !== undefined && isNode(pair.key) && pair.key.range) {
        const value = isNode(pair.value) ? pair.value.range?.[0] : undefined;
        const whole = length === path.length && atKey === undefined;
        return whole && value !== undefined && isScalar(pair.value) ? value : pair.key.range[0];
      }
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** A place in a text, both from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Why a text is no JSON (RFC 8259): the first place where it goes wrong, and in words what should stand there. */
export interface JsonFault extends Place {
  words: string;
}

const blanks = /[ \t\n\r]*/y;
const literal = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
/** Deeper than any configuration; keeps the reading from running out of stack. */
const deepest = 100;

/** The first fault of `source`; undefined when it is JSON. JSON.parse does not always tell where it stopped. */
export function jsonFault(source: string): JsonFault | undefined {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(source);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const next = (): string => {
    skip(blanks);
    return source.charAt(at);
  };
  const take = (character: string): boolean => {
    if (next() !== character) return false;
    at += 1;
    return true;
  };
  /** Reads one value; the result is what was expected at `at` instead of what stands there. */
  const value = (depth: number): string | undefined => {
    const first = next();
    if (depth > deepest) return "fewer levels";
    if (first === "{") return members("}", depth, true);
    if (first === "[") return members("]", depth, false);
    if (first === '"') return skip(string) ? undefined : "a string that ends on its line, with valid escapes";
    if (first === "/" || first === "#") return "no comment (JSON has none)";
    return skip(literal) ? undefined : "a value";
  };
  const members = (close: string, depth: number, named: boolean): string | undefined => {
    const noComma = `no comma before "${close}"`;
    at += 1;
    if (take(close)) return undefined;
    for (;;) {
      if (named) {
        if (next() !== '"') return source.charAt(at) === close ? noComma : "a name in double quotes";
        if (!skip(string)) return "a name that ends on its line, with valid escapes";
        if (!take(":")) return '":" after the name';
      }
      const fault = value(depth + 1);
      if (fault !== undefined) return source.charAt(at) === close ? noComma : fault;
      if (take(close)) return undefined;
      if (!take(",")) return `"," or "${close}"`;
    }
  };
  let expected = value(0);
  if (expected === undefined && next() !== "") expected = "nothing more";
  if (expected === undefined) return undefined;
  const words = next() === "" ? `${expected} is expected where the file ends` : `${expected} is expected`;
  return { ...placeOf(source, at), words };
}

/** Line and column of an offset. */
export function placeOf(source: string, offset: number): Place {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

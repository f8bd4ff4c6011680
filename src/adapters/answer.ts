import { z } from "zod";
import { clean, type SafeText, text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";

/** A string that may be missing or null, as Go writes empty ones: "" then. */
export const words = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

/** A number that may be missing or null: 0 then. */
export const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

/** A boolean that may be missing or null: false then. */
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

/** A list that may be missing or null, as Go writes nil slices: empty then. */
export const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

/** A map that may be missing or null: empty then. */
export const map = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((entries) => new Map(Object.entries(entries ?? {})));

/** The text made safe, or undefined when it is empty. */
export const optional = (raw: string): SafeText | undefined => (raw === "" ? undefined : clean(raw));

/** `raw` as the schema wants it, or `bad-answer` that names the field at fault. Unknown fields are ignored. */
export function parseAnswer<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  from: SafeText,
): Outcome<z.output<Schema>> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return good(parsed.data);
  const issue = parsed.error.issues[0];
  const where = clean(issue?.path.join(".") || "the answer");
  return bad({ kind: "bad-answer", from, detail: text`${where}: ${clean(issue?.message ?? "not as expected")}` });
}

/** JSON from outside, or `bad-answer`. */
export function parseJson(raw: string, from: SafeText, reviver?: Reviver): Outcome<unknown> {
  try {
    return good(JSON.parse(raw, reviver));
  } catch {
    // The parser's own message would say no more than the beginning of what came.
    return bad({ kind: "bad-answer", from, detail: text`not JSON: ${clean(raw, 120)}` });
  }
}

/** As `JSON.parse` takes it; `context.source` is a number's text as it stood (ECMAScript "JSON.parse source text access"). */
export type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

import type { Asked } from "../../domain/operate/menu.ts";
import type { Answers } from "../../domain/operate/proposal.ts";
import { contentOf, edited, type Field, fieldOf, inserted } from "../dialogs/text-field.ts";
import type { KeyName } from "../keymap/keys.ts";

/** What an action asks for, as far as it was answered. Immutable. */
export interface AskedFields {
  asked: readonly Asked[];
  /** Which of them the keys act on. */
  at: number;
  /** Of those that are typed. */
  texts: Readonly<Record<string, Field>>;
  /** Of those that are chosen: which option. */
  choices: Readonly<Record<string, number>>;
}

/** Every field at its beginning: what it suggests, the first of its options. */
export const begun = (asked: readonly Asked[]): AskedFields => ({
  asked,
  at: 0,
  texts: Object.fromEntries(asked.flatMap((one) => (one.kind === "text" ? [[one.id, fieldOf(one.value)]] : []))),
  choices: Object.fromEntries(asked.flatMap((one) => (one.kind === "choice" ? [[one.id, 0]] : []))),
});

/** The answers as they stand. */
export function answersOf({ asked, texts, choices }: AskedFields): Answers {
  return Object.fromEntries(
    asked.map((one) => {
      if (one.kind === "choice") return [one.id, one.options[choices[one.id] ?? 0]?.value ?? ""];
      const field = texts[one.id];
      return [one.id, field === undefined ? "" : contentOf(field)];
    }),
  );
}

/** The field after this one, or before it. */
export const toField = (fields: AskedFields, by: 1 | -1): AskedFields => ({
  ...fields,
  at: Math.max(0, Math.min(fields.asked.length - 1, fields.at + by)),
});

/** The next option of the field, or the one before; a text stays as it is. */
export function turned(fields: AskedFields, by: 1 | -1): AskedFields {
  const one = fields.asked[fields.at];
  if (one?.kind !== "choice" || one.options.length === 0) return fields;
  const index = ((fields.choices[one.id] ?? 0) + by + one.options.length) % one.options.length;
  return { ...fields, choices: { ...fields.choices, [one.id]: index } };
}

/** The fields after a key that is bound to nothing else: typed into a text, or an option that begins with it. */
export function keyed(fields: AskedFields, key: KeyName): AskedFields {
  const one = fields.asked[fields.at];
  if (one === undefined) return fields;
  if (one.kind === "text") return withText(fields, one.id, (field) => edited(field, key));
  if (key === "left" || key === "right" || key === "space") return turned(fields, key === "left" ? -1 : 1);
  const now = fields.choices[one.id] ?? 0;
  const order = one.options.map((_, step) => (now + 1 + step) % one.options.length);
  const found = order.find((index) => one.options[index]?.value.toLowerCase().startsWith(key.toLowerCase()));
  return found === undefined ? fields : { ...fields, choices: { ...fields.choices, [one.id]: found } };
}

/** The fields after a paste. */
export function pastedInto(fields: AskedFields, content: string): AskedFields {
  const one = fields.asked[fields.at];
  return one?.kind === "text" ? withText(fields, one.id, (field) => inserted(field, content)) : fields;
}

function withText(fields: AskedFields, id: string, change: (field: Field) => Field | undefined): AskedFields {
  const before = fields.texts[id];
  const after = before === undefined ? undefined : change(before);
  return after === undefined ? fields : { ...fields, texts: { ...fields.texts, [id]: after } };
}

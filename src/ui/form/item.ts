import { type SafeText, text } from "../../domain/text.ts";

/** One field of a form. Its id says what it is of: "host.2.name". */
export type Item = {
  id: string;
  label: SafeText;
  /** One line on what it is for. */
  help: SafeText;
  /** What is wrong with it. */
  problem?: SafeText | undefined;
  /** What is known of it, behind the value. */
  note?: { words: SafeText; tone: "good" | "warn" | "bad" | "busy" | "muted" } | undefined;
  /** Belongs to the one above, and is shown while one of them has the cursor. */
  under?: string;
} & (
  | {
      kind: "text";
      value: string;
      /** In the place of the value while the cursor is elsewhere: what nobody should read is covered. */
      shown?: SafeText;
      /** What holds while nothing is typed. */
      otherwise?: string | undefined;
      /** What could be picked instead of typed. */
      offers?: readonly string[];
    }
  | { kind: "choice"; value: string; options: readonly { value: string; label: SafeText }[] }
);

const yesNo = [
  { value: "no", label: text`no` },
  { value: "yes", label: text`yes` },
] as const;

/** A field of two answers. */
export const toggle = (id: string, label: SafeText, value: boolean, help: SafeText, under?: string): Item => ({
  ...{ kind: "choice", id, label, help, value: value ? "yes" : "no", options: yesNo },
  ...(under === undefined ? {} : { under }),
});

/** The option after the one that is chosen, or before it. */
export function turned(item: Extract<Item, { kind: "choice" }>, by: 1 | -1): string {
  const at = item.options.findIndex((one) => one.value === item.value);
  const next = item.options[(at + by + item.options.length) % item.options.length];
  return next?.value ?? item.value;
}

/** Fields that are on the page: those under another only while the cursor is there. */
export function shownItems(items: readonly Item[], focused: string): readonly Item[] {
  const owner = items.find((one) => one.id === focused)?.under ?? focused;
  return items.filter((one) => one.under === undefined || one.under === owner);
}

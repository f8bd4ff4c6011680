import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { box, innerWidth, wrapped } from "../dialogs/dialog.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, span } from "../draw/style.ts";
import type { Item } from "../form/item.ts";
import { within } from "../form/moving.ts";
import type { Size } from "../screen/layout.ts";

/** A list to pick from: hosts, which are added one after the other, or one value for the field under the cursor. */
export interface Picker {
  kind: "picker";
  of: "hosts" | "field";
  title: SafeText;
  offers: readonly string[];
  index: number;
  /** What is said of an empty list. */
  nothing: SafeText;
}

/** Hosts that the operator's ssh knows and that are not `there` already. */
export const hostPicker = (known: readonly string[], there: readonly string[], demo: boolean): Picker => ({
  ...{ kind: "picker", of: "hosts", title: text`Known hosts`, index: 0 },
  offers: known.filter((host) => !there.includes(host)),
  nothing: demo ? text`The demo has no other hosts.` : text`Neither ~/.ssh/config nor known_hosts names a host.`,
});

/** What there is to pick for a field; undefined where it can only be typed. */
export function fieldPicker(item: Item | undefined): Picker | undefined {
  if (item?.kind !== "text" || item.offers === undefined) return undefined;
  return {
    ...{ kind: "picker", of: "field", title: text`Pick the ${clean(item.label.trim())}`, offers: item.offers },
    index: Math.max(0, item.offers.indexOf(item.value)),
    nothing: text`The hosts that have answered have none.`,
  };
}

/** The cursor moved in the list. */
export const movedIn = (picker: Picker, by: number): Picker => ({
  ...picker,
  index: within(picker.index, by, picker.offers.length),
});

/** The list without what was picked of it. */
export function without(picker: Picker, picked: string): Picker {
  const offers = picker.offers.filter((one) => one !== picked);
  return { ...picker, offers, index: Math.max(0, Math.min(picker.index, offers.length - 1)) };
}

/** The list as a dialog, around its cursor where it is long. */
export function pickerDialog({ title, offers, index, nothing }: Picker, size: Size): Dialog {
  const width = innerWidth(size);
  const rows = Math.max(3, size.rows - 10);
  const top = Math.max(0, Math.min(offers.length - rows, index - Math.floor(rows / 2)));
  const lines = offers
    .slice(top, top + rows)
    .map((one, row): Line => fitLine([span(clean(one), row + top === index ? "cursor" : "plain")], width));
  return box(size, title, lines.length === 0 ? wrapped(nothing, width, "muted") : lines);
}

import { contentOf, emptyField, type Field, fieldOf } from "../dialogs/text-field.ts";
import { type Item, shownItems, turned } from "./item.ts";

/** Fields with a cursor on one of them. Which there are, and what becomes of a value, is for each form to say. */
export abstract class Form {
  /** The text under the cursor. */
  field: Field = emptyField;
  #at = "";

  /** Every field, with what is wrong with it. */
  abstract items(): readonly Item[];

  /** The field has this value now. */
  protected abstract set(id: string, value: string): void;

  /** The fields that are on the page: those under another only while the cursor is there. */
  shown(): readonly Item[] {
    return shownItems(this.items(), this.#at);
  }

  /** The field under the cursor; undefined where there is none at all. */
  focused(): Item | undefined {
    const shown = this.shown();
    return shown.find((item) => item.id === this.#at) ?? shown[0];
  }

  focusOn(id: string): void {
    this.#at = id;
    const item = this.focused();
    this.field = item?.kind === "text" ? fieldOf(item.value) : emptyField;
  }

  /** The field after `change`; false when the cursor is on none that takes text. */
  typed(change: (field: Field) => Field | undefined): boolean {
    const item = this.focused();
    const field = item?.kind === "text" ? change(this.field) : undefined;
    if (item === undefined || field === undefined) return false;
    this.field = field;
    this.set(item.id, contentOf(field));
    return true;
  }

  /** The choice under the cursor turned on or back; false when there is none. */
  turn(by: 1 | -1): boolean {
    const item = this.focused();
    if (item?.kind !== "choice") return false;
    this.set(item.id, turned(item, by));
    return true;
  }

  /** To the next field or the one before; "end" behind the last. */
  move(by: 1 | -1): "moved" | "end" {
    const shown = this.shown();
    const next = shown[shown.findIndex((item) => item.id === this.focused()?.id) + by];
    if (next === undefined) return by === 1 ? "end" : "moved";
    this.focusOn(next.id);
    return "moved";
  }

  /** What was picked for the field under the cursor stands in it. */
  take(value: string): void {
    const item = this.focused();
    if (item?.kind !== "text") return;
    this.set(item.id, value);
    this.focusOn(item.id);
  }

  /** The first field that is wrong, with the cursor on it. */
  firstProblem(): Item | undefined {
    const wrong = this.items().find((item) => item.problem !== undefined);
    if (wrong !== undefined) this.focusOn(wrong.id);
    return wrong;
  }
}

import type { Painter } from "../draw/style.ts";
import { footerLine } from "../keymap/footer.ts";
import { type ActionId, bound, inPlace, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { leastSize, type Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import { painted, type View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import type { Dialog } from "./dialog.ts";

/** A stage that is a dialog over the panes: they go on living under it, and the footer has the dialog's own keys. */
export abstract class OverPanes implements Stage {
  readonly #panes: Stage;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #view: View | undefined;

  constructor(panes: Stage, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#panes = panes;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
  }

  /** Where keys go now. */
  protected abstract place(): Place;
  protected abstract dialog(size: Size): Dialog;
  /** What an action does; those of the terminal are done already. */
  protected abstract act(id: ActionId): void;

  /** A key that is bound to nothing. */
  protected typed(_key: KeyName): void {}

  /** A paste; most dialogs have nothing that takes text. */
  protected pasted(_content: string): void {}

  start(): () => void {
    const cancels = [this.#panes.listen(() => this.changed()), this.#panes.start()];
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  readonly view = (): View => {
    this.#view ??= this.#made();
    return this.#view;
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  press(keys: readonly KeyName[]): void {
    for (const key of keys) {
      const binding = bound(key, this.#place());
      if (binding === undefined) {
        if (this.#place() !== "too-small") this.typed(key);
      } else if (!this.#ofTerminal(binding.id)) this.act(binding.id);
    }
    this.changed();
  }

  paste(content: string): void {
    if (this.#place() !== "too-small") this.pasted(content);
    this.changed();
  }

  resize(size: Size): void {
    this.#size = size;
    this.#panes.resize(size);
    this.changed();
  }

  /** Something that the dialog shows is another. */
  protected changed(): void {
    this.#view = undefined;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Nothing can be seen of the dialog where the terminal is too small, so nothing may be answered. */
  #place(): Place {
    const { columns, rows } = this.#size;
    return columns < leastSize.columns || rows < leastSize.rows ? "too-small" : this.place();
  }

  #ofTerminal(id: ActionId): boolean {
    switch (id) {
      case "program.quit":
        this.#onTerminal("quit");
        return true;
      case "program.suspend":
        this.#onTerminal("suspend");
        return true;
      case "program.redraw":
        this.#onTerminal("redraw");
        return true;
      default:
        return false;
    }
  }

  #made(): View {
    const panes = this.#panes.view();
    const place = this.#place();
    if (place === "too-small") return panes;
    const { x, y, frame } = this.dialog(this.#size);
    const footer = this.#paint(footerLine(inPlace(place), [], this.#size.columns));
    return {
      ...panes,
      bottom: [...panes.bottom.slice(0, -1), footer],
      dialog: { x, y, frame: painted(frame, this.#paint, "kept") },
    };
  }
}

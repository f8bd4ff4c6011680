import type { Painter } from "./draw/style.ts";
import { type ActionId, bound, type Place } from "./keymap/keymap.ts";
import type { KeyName } from "./keymap/keys.ts";
import { leastSize, type Size } from "./screen/layout.ts";
import type { TerminalEffect } from "./screen/screen.ts";
import { shared, tooSmallView, type View } from "./screen/view.ts";
import type { Stage } from "./stage.ts";

/** What every stage beside the panes does alike: keys to actions, the terminal's own keys, frames that are drawn when they are wanted. */
export abstract class DrawnStage implements Stage {
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #view: View | undefined;
  #isOld = true;

  constructor(paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
  }

  abstract start(): () => void;

  /** Where keys go, in a terminal that is large enough. */
  protected abstract place(): Place;
  /** The frame as it is now, in a terminal that is large enough. */
  protected abstract frame(paint: Painter): View;

  /** What stands in its place where it is not. */
  protected frameTooSmall(paint: Painter): View {
    return tooSmallView(this.#size, { isBusy: this.isBusy, isDemo: this.isDemo }, paint);
  }

  /** What an action does; those of the terminal are done already. */
  protected abstract act(id: ActionId): void;

  /** A key that is bound to nothing. */
  protected typed(_key: KeyName): void {}

  /** A paste; where nothing takes text it is nothing, and never keys. */
  protected pasted(_content: string): void {}

  /** ctrl-c */
  protected quit(): void {
    this.leave();
  }

  /** Leaves the program. */
  protected leave(): void {
    this.#onTerminal("quit");
  }

  /** Something runs that leaving would interrupt. */
  protected get isBusy(): boolean {
    return false;
  }

  /** Whether it shows the demo, which every frame of it has to say. */
  protected get isDemo(): boolean {
    return false;
  }

  protected get size(): Size {
    return this.#size;
  }

  /** Where keys go now: nothing can be seen in a terminal that is too small, so nothing may be answered there. */
  protected get where(): Place {
    const { columns, rows } = this.#size;
    return columns < leastSize.columns || rows < leastSize.rows ? "too-small" : this.place();
  }

  readonly view = (): View => {
    if (this.#view === undefined || this.#isOld) this.#view = shared(this.#view, this.#made());
    this.#isOld = false;
    return this.#view;
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  press(keys: readonly KeyName[]): void {
    for (const key of keys) this.#press(key);
    this.changed();
  }

  paste(content: string): void {
    if (this.where !== "too-small") this.pasted(content);
    this.changed();
  }

  resize(size: Size): void {
    this.#size = size;
    this.changed();
  }

  /** Something that is shown is another. */
  protected changed(): void {
    this.#isOld = true;
    for (const listener of [...this.#listeners]) listener();
  }

  #made(): View {
    return this.where === "too-small" ? this.frameTooSmall(this.#paint) : this.frame(this.#paint);
  }

  #press(key: KeyName): void {
    const place = this.where;
    const binding = bound(key, place);
    if (binding === undefined) {
      if (place !== "too-small") this.typed(key);
      return;
    }
    switch (binding.id) {
      case "program.quit":
        this.quit();
        break;
      case "program.suspend":
        this.#onTerminal("suspend");
        break;
      case "program.redraw":
        this.#onTerminal("redraw");
        break;
      default:
        this.act(binding.id);
    }
  }
}

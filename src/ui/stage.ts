import type { KeyName } from "./keymap/keys.ts";
import type { Size } from "./screen/layout.ts";
import type { View } from "./screen/view.ts";

/** Something that has the whole terminal: the panes of a cluster, or the set-up. Keys in, frames out. */
export interface Stage {
  /** Begins to follow what it shows; the result ends it. */
  start(): () => void;
  /** The frame that the terminal should show; the same object as long as nothing changed. */
  readonly view: () => View;
  listen(listener: () => void): () => void;
  press(keys: readonly KeyName[]): void;
  paste(content: string): void;
  resize(size: Size): void;
}

/** The stage that is on, and the way to another one without leaving the terminal. */
export class Stages implements Stage {
  readonly #listeners = new Set<() => void>();
  #on: Stage;
  #size: Size;
  #stop: (() => void) | undefined;
  #unlisten: (() => void) | undefined;

  constructor(first: Stage, size: Size) {
    this.#on = first;
    this.#size = size;
  }

  /** From now on `stage` is shown. The one before it stops following; it may be shown again. */
  show(stage: Stage): void {
    const started = this.#stop !== undefined;
    this.#end();
    this.#on = stage;
    stage.resize(this.#size);
    if (started) this.start();
    for (const listener of [...this.#listeners]) listener();
  }

  start(): () => void {
    this.#unlisten = this.#on.listen(() => {
      for (const listener of [...this.#listeners]) listener();
    });
    this.#stop = this.#on.start();
    return () => this.#end();
  }

  readonly view = (): View => this.#on.view();

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  press(keys: readonly KeyName[]): void {
    // One key may change the stage: those after it are for the new one.
    for (const key of keys) this.#on.press([key]);
  }

  paste(content: string): void {
    this.#on.paste(content);
  }

  resize(size: Size): void {
    this.#size = size;
    this.#on.resize(size);
  }

  #end(): void {
    this.#unlisten?.();
    this.#stop?.();
    this.#unlisten = undefined;
    this.#stop = undefined;
  }
}

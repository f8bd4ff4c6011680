import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Prepared, ReadyShell } from "../../services/shell/open-shell.ts";
import type { Painter, Style } from "../draw/style.ts";
import { type ActionId, bound, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { leastSize, type Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import type { HandedBack } from "../terminal/hand-over.ts";
import { shellView } from "./draw.ts";

/** What a shell that is opened from the panes needs of the rest of the program. */
export interface ShellServices {
  /** They go on living under the dialog. */
  panes: Stage;
  node: NodeName;
  /** "node2 on node103" */
  where: SafeText;
  prepare: (signal: AbortSignal) => Promise<Prepared>;
  /** The same for a shell of the node in the container's network; undefined where it is not in a container. */
  prepareInNetwork: ((signal: AbortSignal) => Promise<Prepared>) | undefined;
  /** Gives the terminal away until the session ended; undefined when somebody else has it. */
  handOver: (shell: ReadyShell) => Promise<HandedBack | undefined>;
  /** The panes again. */
  close: () => void;
  tell: (words: SafeText, style: Style) => void;
}

export type ShellPhase =
  | { at: "opening" }
  /** The image has neither bash nor sh. */
  | { at: "offer" }
  | { at: "failed"; error: SafeText; remedy: SafeText };

/** From the key to the shell and back: a dialog over the panes while it opens, and when it does not. */
export class ShellStage implements Stage {
  readonly #services: ShellServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  readonly #givenUp = new AbortController();
  #size: Size;
  #phase: ShellPhase = { at: "opening" };
  #begun = false;
  #view: View | undefined;

  constructor(services: ShellServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
  }

  start(): () => void {
    const { panes, prepare } = this.#services;
    const unlisten = panes.listen(() => this.#draw());
    const stop = panes.start();
    if (!this.#begun) void this.#open(prepare);
    this.#begun = true;
    return () => {
      unlisten();
      stop();
    };
  }

  readonly view = (): View => {
    this.#view ??= shellView(
      {
        size: this.#size,
        place: this.#place(),
        phase: this.#phase,
        where: this.#services.where,
        node: this.#services.node,
      },
      this.#services.panes.view(),
      this.#paint,
    );
    return this.#view;
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  press(keys: readonly KeyName[]): void {
    for (const key of keys) {
      const binding = bound(key, this.#place());
      if (binding !== undefined) this.#act(binding.id);
    }
    this.#draw();
  }

  paste(): void {
    // Nothing here takes text.
  }

  resize(size: Size): void {
    this.#size = size;
    this.#services.panes.resize(size);
    this.#draw();
  }

  #place(): Place {
    const { columns, rows } = this.#size;
    if (columns < leastSize.columns || rows < leastSize.rows) return "too-small";
    const places = { opening: "shell-opening", offer: "shell-offer", failed: "shell-failed" } as const;
    return places[this.#phase.at];
  }

  #act(id: ActionId): void {
    switch (id) {
      case "shell.close":
        this.#givenUp.abort();
        this.#services.close();
        break;
      case "shell.in-network":
        if (this.#services.prepareInNetwork !== undefined) void this.#open(this.#services.prepareInNetwork);
        break;
      case "program.quit":
        this.#onTerminal("quit");
        break;
      case "program.suspend":
        this.#onTerminal("suspend");
        break;
      case "program.redraw":
        this.#onTerminal("redraw");
        break;
    }
  }

  async #open(prepare: (signal: AbortSignal) => Promise<Prepared>): Promise<void> {
    this.#become({ at: "opening" });
    const { signal } = this.#givenUp;
    const prepared = await prepare(signal);
    if (signal.aborted) return;
    switch (prepared.state) {
      case "ready":
        return this.#give(prepared.ready);
      case "no-shell":
        return this.#become({ at: "offer" });
      case "refused":
        return this.#become({ at: "failed", error: prepared.error, remedy: prepared.remedy });
    }
  }

  async #give(ready: ReadyShell): Promise<void> {
    const { handOver, close, tell, node } = this.#services;
    const back = await handOver(ready);
    if (back?.end === "not-opened") {
      const { what, remedy } = explain(back.trouble, node);
      this.#become({ at: "failed", error: what, remedy });
      return;
    }
    close();
    if (back === undefined) tell(text`the terminal is somebody else's just now`, "warn");
    else if (back.end === "left") tell(text`${ready.where}: ${await back.became}`, "plain");
    else if (back.end === "exited") {
      tell(text`shell in ${ready.where}: exit code ${back.code}`, back.code === 0 ? "good" : "warn");
    } else {
      const { what } = explain(back.trouble, node);
      tell(text`${ready.where}: cut off, and may still run; ${what}`, "bad");
    }
  }

  #become(phase: ShellPhase): void {
    this.#phase = phase;
    this.#draw();
  }

  #draw(): void {
    this.#view = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

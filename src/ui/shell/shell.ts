import { explain } from "../../domain/explain.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Prepared, ReadyShell } from "../../services/shell/open-shell.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { OverPanes } from "../dialogs/over-panes.ts";
import type { Painter, Style } from "../draw/style.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { Stage } from "../stage.ts";
import type { HandedBack } from "../terminal/hand-over.ts";
import { shellDialog } from "./draw.ts";

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
export class ShellStage extends OverPanes {
  readonly #services: ShellServices;
  readonly #givenUp = new AbortController();
  #phase: ShellPhase = { at: "opening" };
  #begun = false;

  constructor(services: ShellServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(services.panes, paint, size, onTerminal);
    this.#services = services;
  }

  override start(): () => void {
    const stop = super.start();
    if (!this.#begun) void this.#open(this.#services.prepare);
    this.#begun = true;
    return stop;
  }

  protected place(): Place {
    const places = { opening: "shell-opening", offer: "shell-offer", failed: "shell-failed" } as const;
    return places[this.#phase.at];
  }

  protected dialog(size: Size): Dialog {
    return shellDialog(this.#phase, this.#services, size);
  }

  protected act(id: ActionId): void {
    if (id === "shell.close") {
      this.#givenUp.abort();
      this.#services.close();
    }
    if (id === "shell.in-network" && this.#services.prepareInNetwork !== undefined) {
      void this.#open(this.#services.prepareInNetwork);
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
    this.changed();
  }
}

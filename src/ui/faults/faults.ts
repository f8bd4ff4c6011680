import { type FaultName, faultNames, faultWords } from "../../domain/faults.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Faults } from "../../ports/faults.ts";
import type { Painter } from "../draw/style.ts";
import { stepOf, within } from "../form/moving.ts";
import { type ActionId, bound, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { leastSize, type Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import { faultsView } from "./draw.ts";

/** What the faults need of the rest of the program. */
export interface FaultsServices {
  /** They go on living under the dialog. */
  panes: Stage;
  faults: Faults;
  nodes: readonly NodeName[];
  /** Where the cursor begins. */
  fault: FaultName;
  node: NodeName | undefined;
  /** The panes again. */
  close: () => void;
}

/** A dialog over the panes that switches faults of the demo on and off, node by node. */
export class FaultsStage implements Stage {
  readonly #services: FaultsServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #index: number;
  #nodeIndex: number;
  #refused: SafeText | undefined;
  #view: View | undefined;

  constructor(services: FaultsServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
    this.#index = faultNames.indexOf(services.fault);
    this.#nodeIndex = Math.max(
      0,
      services.nodes.findIndex((one) => one === services.node),
    );
  }

  start(): () => void {
    const { panes } = this.#services;
    const unlisten = panes.listen(() => this.#draw());
    const stop = panes.start();
    return () => {
      unlisten();
      stop();
    };
  }

  readonly view = (): View => {
    const { panes, faults, nodes } = this.#services;
    const node = nodes[this.#nodeIndex];
    this.#view ??= faultsView(
      {
        size: this.#size,
        place: this.#place(),
        node,
        index: this.#index,
        on: (fault) => nodes.filter((one) => faults.isOn(fault, one)),
        refused: this.#refused,
      },
      panes.view(),
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

  /** There is nothing to type. */
  paste(): void {}

  resize(size: Size): void {
    this.#size = size;
    this.#services.panes.resize(size);
    this.#draw();
  }

  #place(): Place {
    const { columns, rows } = this.#size;
    return columns < leastSize.columns || rows < leastSize.rows ? "too-small" : "faults";
  }

  #act(id: ActionId): void {
    const { nodes, close } = this.#services;
    switch (id) {
      case "faults.switch":
        this.#switch();
        return;
      case "faults.close":
        close();
        return;
      case "move.left":
      case "move.right":
        this.#refused = undefined;
        this.#nodeIndex = (this.#nodeIndex + (id === "move.left" ? -1 : 1) + nodes.length) % Math.max(1, nodes.length);
        return;
      case "program.quit":
        this.#onTerminal("quit");
        return;
      case "program.suspend":
        this.#onTerminal("suspend");
        return;
      case "program.redraw":
        this.#onTerminal("redraw");
        return;
      default: {
        const by = stepOf(id, faultNames.length);
        if (by === undefined) return;
        this.#refused = undefined;
        this.#index = within(this.#index, by, faultNames.length);
      }
    }
  }

  #switch(): void {
    const { faults, nodes } = this.#services;
    const [fault, node] = [faultNames[this.#index], nodes[this.#nodeIndex]];
    if (fault === undefined || node === undefined) return;
    const why = faults.set(fault, node, !faults.isOn(fault, node));
    this.#refused = why === undefined ? undefined : text`${faultWords[fault].label}: ${why}`;
  }

  #draw(): void {
    this.#view = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

import { type FaultName, faultNames, faultWords } from "../../domain/faults.ts";
import type { NodeName } from "../../domain/ids.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { Faults } from "../../ports/faults.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { OverPanes } from "../dialogs/over-panes.ts";
import type { Painter } from "../draw/style.ts";
import { stepOf, within } from "../form/moving.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { Stage } from "../stage.ts";
import { faultsDialog } from "./draw.ts";

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
export class FaultsStage extends OverPanes {
  readonly #services: FaultsServices;
  #index: number;
  #nodeIndex: number;
  #refused: SafeText | undefined;

  constructor(services: FaultsServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(services.panes, paint, size, onTerminal);
    this.#services = services;
    this.#index = faultNames.indexOf(services.fault);
    this.#nodeIndex = services.node === undefined ? 0 : Math.max(0, services.nodes.indexOf(services.node));
  }

  protected place(): Place {
    return "faults";
  }

  protected dialog(size: Size): Dialog {
    const { faults, nodes } = this.#services;
    return faultsDialog({
      size,
      node: nodes[this.#nodeIndex],
      index: this.#index,
      on: (fault) => nodes.filter((one) => faults.isOn(fault, one)),
      refused: this.#refused,
    });
  }

  protected act(id: ActionId): void {
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
}

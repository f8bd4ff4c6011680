import type { Painter } from "../draw/style.ts";
import { DrawnStage } from "../drawn-stage.ts";
import { footerLine } from "../keymap/footer.ts";
import { inPlace } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import { painted, type View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import type { Dialog } from "./dialog.ts";

/** A stage that is a dialog over the panes: they go on living under it, and the footer has the dialog's own keys. */
export abstract class OverPanes extends DrawnStage {
  readonly #panes: Stage;

  constructor(panes: Stage, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(paint, size, onTerminal);
    this.#panes = panes;
  }

  protected abstract dialog(size: Size): Dialog;

  start(): () => void {
    const cancels = [this.#panes.listen(() => this.changed()), this.#panes.start()];
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  override resize(size: Size): void {
    this.#panes.resize(size);
    super.resize(size);
  }

  protected override frameTooSmall(): View {
    return this.#panes.view();
  }

  protected frame(paint: Painter): View {
    const panes = this.#panes.view();
    const { x, y, frame } = this.dialog(this.size);
    return {
      ...panes,
      bottom: [...panes.bottom.slice(0, -1), paint(footerLine(inPlace(this.place()), [], this.size.columns))],
      dialog: { x, y, frame: painted(frame, paint, "kept") },
    };
  }
}

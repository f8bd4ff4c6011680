import type { Copyable } from "../../domain/copyable.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { box, innerWidth, wrapped } from "../dialogs/dialog.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";
import { footerLine } from "../keymap/footer.ts";
import { type ActionId, bound, inPlace } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import { painted, type View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";

/** What copying needs of the rest of the program. */
export interface CopyServices {
  /** They go on living under the dialog. */
  panes: Stage;
  title: SafeText;
  offers: readonly Copyable[];
  copy(words: string): void;
  back(): void;
  tell(words: SafeText, style: Style): void;
}

const labelWidth = 22;

/** Things to copy of a row: each is shown whole as well, for terminals that keep their clipboard to themselves. */
export class CopyStage implements Stage {
  readonly #services: CopyServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #index = 0;
  #view: View | undefined;

  constructor(services: CopyServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
  }

  start(): () => void {
    const { panes } = this.#services;
    const cancels = [panes.listen(() => this.#draw()), panes.start()];
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
      const binding = bound(key, "copy");
      if (binding !== undefined) this.#act(binding.id);
    }
    this.#draw();
  }

  paste(): void {}

  resize(size: Size): void {
    this.#size = size;
    this.#services.panes.resize(size);
    this.#draw();
  }

  #act(id: ActionId): void {
    const { offers, copy, back, tell } = this.#services;
    switch (id) {
      case "move.down":
      case "move.up": {
        const next = this.#index + (id === "move.down" ? 1 : -1);
        this.#index = Math.max(0, Math.min(offers.length - 1, next));
        break;
      }
      case "copy.choose": {
        const offer = offers[this.#index];
        if (offer === undefined) break;
        copy(offer.words);
        tell(text`copied: ${offer.words}`, "good");
        back();
        break;
      }
      case "copy.back":
        back();
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
      default:
    }
  }

  #made(): View {
    const { panes, title, offers } = this.#services;
    const view = panes.view();
    const width = innerWidth(this.#size);
    const rows = offers.map((one, index): Line => {
      const style: Style = index === this.#index ? "cursor" : "plain";
      return fitLine([span(filled(one.label, labelWidth), style), span(text` `), span(one.words, "muted")], width);
    });
    const under = offers[this.#index];
    const whole = under === undefined ? [] : [[], ...wrapped(under.words, width, "accent")];
    const { frame, x, y } = box(this.#size, text`Copy: ${title}`, [...rows, ...whole]);
    const footer = this.#paint(footerLine(inPlace("copy"), [], this.#size.columns));
    return {
      ...view,
      bottom: [...view.bottom.slice(0, -1), footer],
      dialog: { x, y, frame: painted(frame, this.#paint, "kept") },
    };
  }

  #draw(): void {
    this.#view = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

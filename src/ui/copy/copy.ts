import type { Copyable } from "../../domain/copyable.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { box, type Dialog, innerWidth, wrapped } from "../dialogs/dialog.ts";
import { OverPanes } from "../dialogs/over-panes.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";
import { stepOf, within } from "../form/moving.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
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
export class CopyStage extends OverPanes {
  readonly #services: CopyServices;
  #index = 0;

  constructor(services: CopyServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(services.panes, paint, size, onTerminal);
    this.#services = services;
  }

  protected place(): Place {
    return "copy";
  }

  protected act(id: ActionId): void {
    const { offers, copy, back, tell } = this.#services;
    switch (id) {
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
      default:
        this.#index = within(this.#index, stepOf(id, offers.length) ?? 0, offers.length);
    }
  }

  protected dialog(size: Size): Dialog {
    const { title, offers } = this.#services;
    const width = innerWidth(size);
    const rows = offers.map((one, index): Line => {
      const style: Style = index === this.#index ? "cursor" : "plain";
      return fitLine([span(filled(one.label, labelWidth), style), span(text` `), span(one.words, "muted")], width);
    });
    const under = offers[this.#index];
    const whole = under === undefined ? [] : [[], ...wrapped(under.words, width, "accent")];
    return box(size, text`Copy: ${title}`, [...rows, ...whole]);
  }
}

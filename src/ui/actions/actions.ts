import type { MenuItem } from "../../domain/operate/menu.ts";
import { type Operation, operationWords } from "../../domain/operate/operation.ts";
import type { Answers, Proposal, Proposed } from "../../domain/operate/proposal.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { OperationProgress, OperationRun } from "../../services/operate/operate.ts";
import type { State } from "../../services/state.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { OverPanes } from "../dialogs/over-panes.ts";
import { contentOf, edited, emptyField, type Field, inserted } from "../dialogs/text-field.ts";
import type { Painter, Style } from "../draw/style.ts";
import { stepOf, within } from "../form/moving.ts";
import type { ActionId, Binding, Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { Stage } from "../stage.ts";
import { actionsDialog } from "./draw.ts";
import { type AskedFields, answersOf, begun, keyed, pastedInto, toField } from "./fields.ts";

/** What the actions need of the rest of the program. */
export interface ActionsServices {
  /** They go on living under the dialog. */
  panes: Stage;
  /** What the actions are on: "node2 on node103", "3 containers on 2 nodes". Undefined: it is there no more. */
  title: () => SafeText | undefined;
  /** The menu, from the newest snapshot. */
  menu: () => readonly MenuItem[];
  /** Keys of the panes that open something on what is selected. */
  shortcuts: () => readonly Binding[];
  propose: (item: MenuItem, answers: Answers) => Proposed;
  readOnly: State<boolean>;
  start: (operations: readonly Operation[]) => OperationRun;
  /** The panes again. */
  close: () => void;
  tell: (words: SafeText, style: Style) => void;
  /** Something that leaving would interrupt, until the result is called. */
  running: (words: SafeText) => () => void;
}

/** How far the operator is. */
export type Phase =
  | { at: "menu"; index: number; message: SafeText | undefined }
  | { at: "fields"; item: MenuItem; fields: AskedFields; problem: SafeText | undefined }
  /** `typed`: what stands in the field of a word that has to be typed. */
  | { at: "confirm"; item: MenuItem; fields: AskedFields; proposal: Proposal; typed: Field; top: number }
  | { at: "results"; item: MenuItem; run: OperationRun; top: number };

/** The actions on what was selected, in a dialog over the panes: choose, answer, preview, confirm, results. */
export class Actions extends OverPanes {
  readonly #services: ActionsServices;
  #phase: Phase = { at: "menu", index: 0, message: undefined };

  constructor(services: ActionsServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(services.panes, paint, size, onTerminal);
    this.#services = services;
  }

  protected place(): Place {
    switch (this.#phase.at) {
      case "menu":
        return "actions";
      case "fields":
        return "action-fields";
      case "confirm":
        return this.#phase.proposal.typed === undefined ? "action-confirm" : "action-typed";
      case "results":
        return "action-results";
    }
  }

  protected dialog(size: Size): Dialog {
    const { title, menu, shortcuts, propose, readOnly } = this.#services;
    return actionsDialog({
      ...{ size, phase: this.#phase, propose },
      title: title(),
      menu: menu(),
      shortcuts: shortcuts(),
      readOnly: readOnly.get(),
    });
  }

  protected override typed(key: KeyName): void {
    const phase = this.#phase;
    if (phase.at === "fields") {
      this.#phase = { ...phase, fields: keyed(phase.fields, key), problem: undefined };
    } else if (phase.at === "confirm" && this.place() === "action-typed") {
      this.#phase = { ...phase, typed: edited(phase.typed, key) ?? phase.typed };
    }
  }

  protected override pasted(content: string): void {
    const phase = this.#phase;
    if (phase.at === "fields") {
      this.#phase = { ...phase, fields: pastedInto(phase.fields, content), problem: undefined };
    } else if (phase.at === "confirm" && this.place() === "action-typed") {
      this.#phase = { ...phase, typed: inserted(phase.typed, content) };
    }
  }

  protected act(id: ActionId): void {
    switch (id) {
      case "actions.choose":
        this.#choose();
        break;
      case "actions.preview":
        this.#preview();
        break;
      case "actions.do":
        this.#do();
        break;
      case "actions.back":
        this.#back();
        break;
      case "actions.cancel":
        if (this.#phase.at === "results") this.#phase.run.cancel();
        break;
      case "actions.close":
        this.#services.close();
        break;
      case "form.next-field":
      case "form.previous-field":
        if (this.#phase.at === "fields") {
          const fields = toField(this.#phase.fields, id === "form.next-field" ? 1 : -1);
          this.#phase = { ...this.#phase, fields };
        }
        break;
      default:
        this.#move(id);
    }
  }

  #move(id: ActionId): void {
    const phase = this.#phase;
    if (phase.at === "fields") return;
    if (phase.at === "menu") {
      const count = this.#services.menu().length + this.#services.shortcuts().length;
      const by = stepOf(id, count);
      if (by !== undefined) this.#phase = { ...phase, index: within(phase.index, by, count), message: undefined };
      return;
    }
    // The drawing keeps it inside of what there is.
    const most = phase.at === "results" ? phase.run.state.get().length * 4 : phase.proposal.operations.length * 3 + 20;
    const by = stepOf(id, scrollRows);
    if (by !== undefined) this.#phase = { ...phase, top: within(phase.top, by, most) };
  }

  #choose(): void {
    if (this.#phase.at !== "menu") return;
    const menu = this.#services.menu();
    const item = menu[this.#phase.index];
    if (item === undefined) {
      this.#shortcut(this.#services.shortcuts()[this.#phase.index - menu.length]);
      return;
    }
    const obstacle = this.#services.readOnly.get() ? text`read-only refuses every change` : item.obstacle;
    if (obstacle !== undefined) this.#phase = { ...this.#phase, message: obstacle };
    else {
      this.#phase = { at: "fields", item, fields: begun(item.asks), problem: undefined };
      if (item.asks.length === 0) this.#preview();
    }
  }

  /** The panes take the key as if it had been pressed there. */
  #shortcut(binding: Binding | undefined): void {
    const key = binding?.keys[0];
    if (key === undefined) return;
    this.#services.close();
    this.#services.panes.press([key]);
  }

  #preview(): void {
    if (this.#phase.at !== "fields") return;
    const { item, fields } = this.#phase;
    const proposed = this.#services.propose(item, answersOf(fields));
    if (proposed.ok) {
      this.#phase = { at: "confirm", item, fields, proposal: proposed.proposal, typed: emptyField, top: 0 };
    } else if (item.asks.length === 0) this.#toMenu(item, proposed.problem);
    else this.#phase = { ...this.#phase, problem: proposed.problem };
  }

  #back(): void {
    const phase = this.#phase;
    if (phase.at === "confirm" && phase.item.asks.length > 0) {
      this.#phase = { at: "fields", item: phase.item, fields: phase.fields, problem: undefined };
    } else if (phase.at === "confirm" || phase.at === "fields") this.#toMenu(phase.item, undefined);
  }

  #toMenu(item: MenuItem, message: SafeText | undefined): void {
    const index = this.#services.menu().findIndex((one) => one.action === item.action);
    this.#phase = { at: "menu", index: Math.max(0, index), message };
  }

  /** What was previewed is what is done, whatever the rows show by now. */
  #do(): void {
    const phase = this.#phase;
    if (phase.at !== "confirm") return;
    const { proposal, typed, item } = phase;
    if (proposal.typed !== undefined && contentOf(typed).trim() !== proposal.typed.word) return;
    const { start, running, tell } = this.#services;
    const run = start(proposal.operations);
    const over = running(item.label);
    run.state.listen(() => this.changed());
    void run.ended.then(() => {
      over();
      const { words, style } = summary(run.state.get());
      tell(words, style);
      this.changed();
    });
    this.#phase = { at: "results", item, run, top: 0 };
  }
}

/** Rows that a page of a long question or of many results moves by, about. */
const scrollRows = 12;

/** One sentence for the footer: what became of all of them together. */
export function summary(results: readonly OperationProgress[]): { words: SafeText; style: Style } {
  const wrong = results.filter(({ now }) => now.state !== "done");
  const [first] = wrong;
  const [one] = results;
  if (first === undefined) {
    const words =
      one !== undefined && results.length === 1 ? operationWords(one.operation) : text`all ${results.length}`;
    return { words: text`done: ${words}`, style: "good" };
  }
  const why = "error" in first.now ? text`: ${first.now.error}` : text``;
  const count = results.length === 1 ? text`` : text`${wrong.length} of ${results.length} not done; `;
  return { words: text`${count}${operationWords(first.operation)}${why}`, style: "bad" };
}

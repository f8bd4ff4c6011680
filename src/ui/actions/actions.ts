import type { MenuItem } from "../../domain/operate/menu.ts";
import { type Operation, operationWords } from "../../domain/operate/operation.ts";
import type { Answers, Proposal, Proposed } from "../../domain/operate/proposal.ts";
import { type SafeText, text } from "../../domain/text.ts";
import type { OperationProgress, OperationRun } from "../../services/operate/operate.ts";
import type { State } from "../../services/state.ts";
import { contentOf, edited, emptyField, type Field, inserted } from "../dialogs/text-field.ts";
import type { Painter, Style } from "../draw/style.ts";
import { type ActionId, type Binding, bound, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { leastSize, type Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import { actionsView } from "./draw.ts";
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
export class Actions implements Stage {
  readonly #services: ActionsServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #phase: Phase = { at: "menu", index: 0, message: undefined };
  #view: View | undefined;

  constructor(services: ActionsServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
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
    this.#view ??= actionsView(
      {
        size: this.#size,
        place: this.#place(),
        phase: this.#phase,
        title: this.#services.title(),
        menu: this.#services.menu(),
        shortcuts: this.#services.shortcuts(),
        propose: this.#services.propose,
        readOnly: this.#services.readOnly.get(),
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
    for (const key of keys) this.#key(key);
    this.#draw();
  }

  paste(content: string): void {
    const phase = this.#phase;
    if (phase.at === "fields") {
      this.#phase = { ...phase, fields: pastedInto(phase.fields, content), problem: undefined };
    }
    if (this.#place() === "action-typed" && phase.at === "confirm") {
      this.#phase = { ...phase, typed: inserted(phase.typed, content) };
    }
    this.#draw();
  }

  resize(size: Size): void {
    this.#size = size;
    this.#services.panes.resize(size);
    this.#draw();
  }

  #place(): Place {
    const { columns, rows } = this.#size;
    if (columns < leastSize.columns || rows < leastSize.rows) return "too-small";
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

  #key(key: KeyName): void {
    const binding = bound(key, this.#place());
    if (binding !== undefined) {
      this.#act(binding.id);
      return;
    }
    const phase = this.#phase;
    if (phase.at === "fields") {
      this.#phase = { ...phase, fields: keyed(phase.fields, key), problem: undefined };
    } else if (phase.at === "confirm" && this.#place() === "action-typed") {
      this.#phase = { ...phase, typed: edited(phase.typed, key) ?? phase.typed };
    }
  }

  #act(id: ActionId): void {
    const { close } = this.#services;
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
        close();
        break;
      case "program.quit":
        this.#onTerminal("quit");
        break;
      case "form.next-field":
      case "form.previous-field":
        if (this.#phase.at === "fields") {
          const fields = toField(this.#phase.fields, id === "form.next-field" ? 1 : -1);
          this.#phase = { ...this.#phase, fields };
        }
        break;
      case "program.suspend":
        this.#onTerminal("suspend");
        break;
      case "program.redraw":
        this.#onTerminal("redraw");
        break;
      default:
        this.#move(id);
    }
  }

  #move(id: ActionId): void {
    const by = steps[id];
    const phase = this.#phase;
    if (by === undefined) return;
    if (phase.at === "menu") {
      const last = this.#services.menu().length + this.#services.shortcuts().length - 1;
      this.#phase = { ...phase, index: Math.max(0, Math.min(last, phase.index + by)), message: undefined };
    } else if (phase.at !== "fields") {
      // The drawing keeps it inside of what there is.
      const most =
        phase.at === "results" ? phase.run.state.get().length * 4 : phase.proposal.operations.length * 3 + 20;
      this.#phase = { ...phase, top: Math.max(0, Math.min(most, phase.top + by)) };
    }
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
    run.state.listen(() => this.#draw());
    void run.ended.then(() => {
      over();
      const { words, style } = summary(run.state.get());
      tell(words, style);
      this.#draw();
    });
    this.#phase = { at: "results", item, run, top: 0 };
  }

  #draw(): void {
    this.#view = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

const steps: Partial<Record<ActionId, number>> = {
  "move.down": 1,
  "move.up": -1,
  "move.half-down": 5,
  "move.half-up": -5,
  "move.page-down": 10,
  "move.page-up": -10,
  "move.first": -10_000,
  "move.last": 10_000,
};

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

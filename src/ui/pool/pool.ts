import { compareNames, type SafeText, text } from "../../domain/text.ts";
import { age, type Instant } from "../../domain/time.ts";
import { scheddHomes } from "../../services/pool/pool-watch.ts";
import { Answering } from "../dialogs/answering.ts";
import { type Dialog, questionDialog } from "../dialogs/dialog.ts";
import { contentOf, edited, type Field, fieldOf, inserted } from "../dialogs/text-field.ts";
import { inStyle } from "../draw/line.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { DrawnStage } from "../drawn-stage.ts";
import { stepOf } from "../form/moving.ts";
import { type ActionId, type Binding, inPlace, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import { PoolContents } from "./contents.ts";
import { innerRows, type PoolTab, poolTabs, poolView } from "./draw.ts";
import { isListed, PoolLists } from "./lists.ts";
import { Printed } from "./printed.ts";
import { findingsOf, helpDialog, listOf, type PoolNow, partsOf } from "./scene.ts";
import type { PoolServices } from "./services.ts";
import { TestControl } from "./test-control.ts";
import { testDialog } from "./test-job.ts";

const messageMs = 4000;
const tickMs = 1000;
/** Columns by which a wide text is moved to the side. */
const sideStep = 8;

/** The pool on the whole screen: its slots, its queue, what changed, and what `condor_status` prints. */
export class PoolStage extends DrawnStage {
  readonly #services: PoolServices;
  readonly #answering: Answering;
  readonly #printed: Printed;
  readonly #test: TestControl;
  readonly #lists = new PoolLists();
  readonly #unfolded = new Set<string>();
  #tab: PoolTab = "slots";
  #findingsTop = 0;
  #filtering: Field | undefined;
  /** The first line of the help that is shown. */
  #help: number | undefined;
  #message: { words: SafeText; style: Style; until: Instant } | undefined;
  #contents: PoolContents;
  #cancelTick: (() => void) | undefined;

  constructor(services: PoolServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(paint, size, onTerminal);
    this.#services = services;
    this.#answering = new Answering(services.prompts);
    this.#printed = new Printed(services.pool, () => this.changed());
    const { submit, running, tell, readOnly, pool } = services;
    this.#test = new TestControl({
      ...{ submit, running, tell, readOnly, ground: () => this.#contents },
      say: (words, style) => this.#tell(words, style),
      changed: () => this.changed(),
      over: () => {
        pool.refresh();
        this.changed();
      },
    });
    this.#contents = this.#look();
  }

  start(): () => void {
    const { pool, checkup, seen, prompts, readOnly, clock } = this.#services;
    const changed = (): void => {
      this.#contents = this.#look();
      this.changed();
    };
    const told = (): void => {
      if (this.#tab === "printed") this.#printed.ask();
      changed();
    };
    const cancels = [
      pool.state.listen(told),
      seen.listen(changed),
      ...[prompts.current, readOnly, checkup.state].map((one) => one.listen(() => this.changed())),
      checkup.start(),
      pool.start(),
    ];
    const tick = (): void => {
      this.changed();
      this.#cancelTick = clock.after(tickMs - (clock.now() % tickMs), tick);
    };
    changed();
    tick();
    return () => {
      for (const cancel of cancels) cancel();
      this.#printed.stop();
      this.#cancelTick?.();
    };
  }

  protected override pasted(content: string): void {
    if (!this.#test.paste(content)) this.#type((field) => inserted(field, content));
  }

  protected override typed(key: KeyName): void {
    if (this.place() === "pool-fields") this.#test.type(key);
    else this.#type((field) => edited(field, key));
  }

  protected override get isBusy(): boolean {
    return this.#test.isFollowing;
  }

  /** What is followed goes on, and the panes ask before they let it be interrupted. */
  protected override quit(): void {
    if (this.isBusy) this.#services.back();
    else this.leave();
  }

  #type(change: (field: Field) => Field | undefined): void {
    if (this.place() === "secret") {
      this.#answering.type(change);
      return;
    }
    const field = this.#filtering === undefined ? undefined : change(this.#filtering);
    if (field === undefined) return;
    this.#filtering = field;
    this.#lists.filter(this.#tab, contentOf(field));
  }

  protected override get isDemo(): boolean {
    return this.#services.demo;
  }

  protected place(): Place {
    if (this.#answering.place !== undefined) return this.#answering.place;
    if (this.#help !== undefined) return "help";
    if (this.#filtering !== undefined) return "filter";
    return this.#test.place ?? "pool";
  }

  protected act(id: ActionId): void {
    if (this.#answering.act(id)) return;
    switch (id) {
      case "pool.slots":
      case "pool.queue":
      case "pool.changes":
      case "pool.printed":
      case "pool.findings":
        this.#open(tabOf[id]);
        return;
      case "set-up.open":
        this.#services.setUp();
        return;
      case "tab.next":
        this.#open(this.#neighbour(1));
        return;
      case "tab.previous":
        this.#open(this.#neighbour(-1));
        return;
      case "move.left":
        this.#printed.shift(-sideStep, this.size.columns - 2);
        return;
      case "move.right":
        this.#printed.shift(sideStep, this.size.columns - 2);
        return;
      case "pool.unfold":
        this.#unfold();
        return;
      case "pool.test":
        this.#beginTest();
        return;
      case "pool.back":
        this.#back();
        return;
      case "view.back":
        this.#help = undefined;
        return;
      case "show.help":
        this.#help = 0;
        return;
      case "find.filter":
        if (isListed(this.#tab)) this.#filtering = fieldOf(this.#lists.filterOf(this.#tab));
        return;
      case "find.keep":
        this.#filtering = undefined;
        return;
      case "find.clear":
        this.#filtering = undefined;
        this.#lists.filter(this.#tab, "");
        return;
      case "cluster.refresh":
        this.#services.pool.refresh();
        this.#services.checkup.refresh();
        if (this.#tab === "printed") this.#printed.ask();
        this.#tell(text`asking the pool again`, "busy");
        return;
      case "pool.faster":
      case "pool.slower": {
        const ms = this.#services.pool.pace(id === "pool.faster" ? "faster" : "slower");
        this.#tell(text`the pool is asked every ${age(ms)}`, "busy");
        return;
      }
      case "cluster.read-only":
        this.#tell(readOnlyWords[this.#services.toggleReadOnly()], "warn");
        return;
      default:
        if (this.#help === undefined && this.#filtering === undefined && this.#test.phase !== undefined) {
          this.#test.act(id);
        } else this.#move(id);
    }
  }

  #open(tab: PoolTab): void {
    this.#tab = tab;
    if (tab === "printed") this.#printed.ask();
  }

  #neighbour(by: 1 | -1): PoolTab {
    return poolTabs[(poolTabs.indexOf(this.#tab) + by + poolTabs.length) % poolTabs.length] ?? "slots";
  }

  /** One step back: a dialog, a filter, the panes. */
  #back(): void {
    if (this.#test.back()) return;
    if (this.#lists.filterOf(this.#tab) !== "") this.#lists.filter(this.#tab, "");
    else this.#services.back();
  }

  #beginTest(): void {
    const { ads, homes } = this.#contents;
    const schedds = scheddHomes(ads, homes, this.#services.pool.state.get().asked);
    this.#test.begin(schedds.sort((a, b) => compareNames(a.name, b.name)));
  }

  #tell(words: SafeText, style: Style): void {
    this.#message = { words, style, until: this.#services.clock.now() + messageMs };
  }

  /** Shows the slots that were cut from the one under the cursor, or folds them again. */
  #unfold(): void {
    if (this.#tab !== "slots") return;
    const { table, height } = listOf(this.#now(), "slots");
    const { rows, window } = this.#lists.shown("slots", table, height);
    const key = rows[window.index]?.key;
    if (key === undefined) return;
    if (!this.#unfolded.delete(key)) this.#unfolded.add(key);
    this.#contents = this.#look();
  }

  #move(id: ActionId): void {
    const tab = this.#tab;
    if (this.#help !== undefined) {
      const { most } = helpDialog(this.size, this.#help);
      this.#help = Math.max(0, Math.min(most, this.#help + (stepOf(id, this.size.rows - 6) ?? 0)));
    } else if (tab === "printed") {
      const rows = innerRows(this.size, tab);
      this.#printed.scroll(stepOf(id, rows) ?? 0, rows, this.size.columns - 2);
    } else if (tab === "findings") {
      const rows = innerRows(this.size, tab);
      const most = Math.max(0, findingsOf(this.#now()).length - rows);
      this.#findingsTop = Math.max(0, Math.min(most, this.#findingsTop + (stepOf(id, rows) ?? 0)));
    } else {
      const { table, height } = listOf(this.#now(), tab);
      this.#lists.move(tab, table, height, stepOf(id, height) ?? 0);
    }
  }

  #look(): PoolContents {
    const { pool, seen, condor } = this.#services;
    return new PoolContents(pool.state.get(), seen.get(), condor, this.#unfolded);
  }

  #now(): PoolNow {
    return {
      ...{ size: this.size, tab: this.#tab, services: this.#services, contents: this.#contents },
      ...{ lists: this.#lists, printed: this.#printed, filtering: this.#filtering },
      findingsTop: this.#findingsTop,
      // Within one second, two frames are the same.
      now: Math.floor(this.#services.clock.now() / tickMs) * tickMs,
    };
  }

  protected frame(paint: Painter): View {
    const now = this.#now();
    const parts = partsOf(now);
    const scene = { ...parts, message: this.#messageLine(), offered: this.#offered(), dialog: this.#dialog(now.now) };
    return poolView(scene, paint);
  }

  #messageLine(): Line {
    const message = this.#message;
    if (message === undefined || this.#services.clock.now() >= message.until) return [];
    return inStyle([span(message.words)], message.style);
  }

  /** What does something now. */
  #offered(): readonly Binding[] {
    return inPlace(this.place()).filter(({ id }) => {
      if (id === "pool.unfold") return this.#tab === "slots" && this.#contents.slots.length > 0;
      if (id === "move.left" || id === "move.right") return this.#tab === "printed";
      if (id === "find.filter") return isListed(this.#tab);
      return id !== "pool.remove" || this.#test.canRemove;
    });
  }

  #dialog(now: Instant): Dialog | undefined {
    const { question, field } = this.#answering;
    if (question !== undefined) return questionDialog(this.size, question, field);
    if (this.#help !== undefined) return helpDialog(this.size, this.#help).dialog;
    return this.#test.phase === undefined ? undefined : testDialog(this.size, this.#test.phase, this.#contents, now);
  }
}

const tabOf = {
  "pool.slots": "slots",
  "pool.queue": "queue",
  "pool.changes": "changes",
  "pool.printed": "printed",
  "pool.findings": "findings",
} as const satisfies Partial<Record<ActionId, PoolTab>>;

const readOnlyWords = {
  on: text`read-only: every change is refused`,
  off: text`changes are possible; each one asks first`,
  locked: text`read-only for the whole run: it was started so`,
} as const;

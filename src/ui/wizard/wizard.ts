import { joined, type SafeText, text } from "../../domain/text.ts";
import { staying } from "../../domain/wizard/draft.ts";
import { valuesOf } from "../../domain/wizard/values.ts";
import { Answering } from "../dialogs/answering.ts";
import { contentOf, edited, emptyField, type Field, inserted } from "../dialogs/text-field.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { stepOf, within } from "../form/moving.ts";
import { bodyRows, bodyWidth, messageLine, offeredIn, type PageBody } from "../form/page.ts";
import { type ActionId, bound, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { leastSize, type Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import { shared, type View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import { type WizardScene, wizardView } from "./draw.ts";
import type { FormPage } from "./fields.ts";
import { Form } from "./form.ts";
import { type Checks, knownHosts, usedSubnets, usesStore } from "./known.ts";
import { newHost } from "./pages/hosts.ts";
import { imageOf } from "./pages/store.ts";
import { titles } from "./pages.ts";
import { Reading } from "./reading.ts";
import { type Entry, endLines, progressLines, reviewEntries, unfolded } from "./review.ts";
import type { WizardServices } from "./services.ts";
import { Worker } from "./work.ts";

type Page = FormPage | "review";

/** What has to be typed before an engine listens without TLS. */
const insecureWord = text`insecure`;
const messageMs = 4000;
const tickMs = 500;

/** The set-up: pages of fields, the plan that comes of them, its run and its end. */
export class Wizard implements Stage {
  readonly #services: WizardServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  readonly #worker: Worker;
  #size: Size;
  readonly #form: Form;
  readonly #reading = new Reading();
  readonly #answering: Answering;
  #inReview = false;
  #over: WizardScene["over"];
  #message: { words: SafeText; until: number } | undefined;
  #content = "";
  #view: View;
  #cancelTick: (() => void) | undefined;

  constructor(services: WizardServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
    this.#form = new Form(services.draft, () => this.#checks());
    this.#answering = new Answering(services.prompts);
    this.#worker = new Worker(services, () => this.#workChanged());
    this.#form.turnTo("hosts");
    this.#view = wizardView(this.#scene(), paint);
  }

  start(): () => void {
    const { checks, prompts, clock } = this.#services;
    const cancels = [checks.state.listen(() => this.#draw()), prompts.current.listen(() => this.#draw())];
    const tick = (): void => {
      this.#draw();
      this.#cancelTick = clock.after(tickMs, tick);
    };
    this.#follow();
    tick();
    return () => {
      for (const cancel of cancels) cancel();
      this.#cancelTick?.();
    };
  }

  readonly view = (): View => this.#view;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  press(keys: readonly KeyName[]): void {
    for (const key of keys) this.#press(key);
    this.#draw();
  }

  /** Several hosts at once are several hosts; elsewhere a paste is text. */
  paste(content: string): void {
    if (this.#place() === "form" && this.#form.focused()?.id === newHost) {
      this.#form.addHosts(content);
      this.#follow();
    } else this.#typed((field) => inserted(field, content));
    this.#draw();
  }

  resize(size: Size): void {
    this.#size = size;
    this.#draw();
  }

  #press(key: KeyName): void {
    const place = this.#place();
    const binding = bound(key, place);
    if (binding !== undefined) {
      this.#act(binding.id, place);
      return;
    }
    const by = key === "left" ? -1 : key === "right" || key === "space" ? 1 : undefined;
    if (place === "form" && by !== undefined && this.#form.turn(by)) return;
    this.#typed((field) => edited(field, key));
  }

  #act(id: ActionId, place: Place): void {
    if (this.#answering.act(id)) return;
    switch (id) {
      case "form.next-field":
        this.#nextField(1);
        return;
      case "form.previous-field":
        this.#nextField(-1);
        return;
      case "form.next-page":
        this.#nextPage();
        return;
      case "form.previous-page":
      case "review.back":
      case "result.back":
        this.#back();
        return;
      case "form.pick":
        void this.#openPicker();
        return;
      case "form.take-out":
        this.#form.takeOut();
        this.#follow();
        return;
      case "picker.choose":
        this.#picked();
        return;
      case "picker.close":
      case "confirm.no":
        this.#over = undefined;
        return;
      case "review.fold":
        this.#reading.fold(this.#entries(), bodyRows(this.#size));
        return;
      case "review.apply":
        this.#askToApply();
        return;
      case "review.again":
        this.#plan();
        return;
      case "confirm.yes":
        this.#confirmed();
        return;
      case "applying.cancel":
        this.#tell(text`ending after the running step`);
        this.#worker.cancel();
        return;
      case "result.open":
        this.#finish();
        return;
      case "program.quit":
        this.#quit();
        return;
      case "program.suspend":
        this.#onTerminal("suspend");
        return;
      case "program.redraw":
        this.#onTerminal("redraw");
        return;
      default:
        this.#move(id, place);
        return;
    }
  }

  // Where the operator is.

  #place(): Place {
    const { columns, rows } = this.#size;
    if (columns < leastSize.columns || rows < leastSize.rows) return "too-small";
    if (this.#answering.place !== undefined) return this.#answering.place;
    if (this.#over !== undefined) return this.#over.kind;
    if (this.#page !== "review") return "form";
    const { state } = this.#worker.now;
    return state === "applying" ? "applying" : state === "ended" ? "result" : "review";
  }

  /** The store is asked for only where one is used. */
  #pages(): Page[] {
    const withStore = usesStore(this.#form.draft, this.#checks());
    return ["hosts", "mode", ...(withStore ? (["store"] as const) : []), "network", "containers", "review"];
  }

  get #page(): Page {
    return this.#inReview ? "review" : this.#form.page;
  }

  #checks(): Checks {
    return this.#services.checks.state.get();
  }

  // What is typed.

  #typed(change: (field: Field) => Field | undefined): void {
    const place = this.#place();
    if (place === "secret") this.#answering.type(change);
    else if (this.#over?.kind === "accept") {
      const field = change(this.#over.field);
      if (field !== undefined) this.#over = { ...this.#over, field };
    } else if (place === "form" && this.#form.typed(change)) this.#follow();
  }

  #follow(): void {
    this.#services.checks.follow(staying(this.#form.draft).map((host) => host.target));
  }

  async #openPicker(): Promise<void> {
    if (this.#page !== "hosts") return;
    const all = await this.#services.candidates();
    const there = new Set(this.#form.draft.hosts.map((host) => host.target));
    this.#over = { kind: "picker", hosts: all.filter((host) => !there.has(host)), index: 0 };
    this.#draw();
  }

  #picked(): void {
    if (this.#over?.kind !== "picker") return;
    const { hosts, index } = this.#over;
    const target = hosts[index];
    if (target === undefined) return;
    this.#form.addHost(target);
    const left = hosts.filter((one) => one !== target);
    this.#over = { kind: "picker", hosts: left, index: Math.max(0, Math.min(index, left.length - 1)) };
    this.#follow();
  }

  // From field to field and page to page.

  #nextField(by: 1 | -1): void {
    if (this.#form.move(by) === "end") this.#nextPage();
    this.#follow();
  }

  #nextPage(): void {
    this.#form.enterNew();
    this.#follow();
    const wrong = this.#form.firstProblem();
    if (wrong !== undefined) {
      this.#tell(text`first: ${wrong.problem ?? wrong.label}`);
      return;
    }
    const pages = this.#pages();
    this.#go(pages[pages.indexOf(this.#page) + 1] ?? "review");
  }

  #back(): void {
    const { state } = this.#worker.now;
    if (this.#page === "review" && state === "ended") {
      this.#plan();
      return;
    }
    const pages = this.#pages();
    const before = pages[pages.indexOf(this.#page) - 1];
    if (before === undefined) {
      if (this.#services.before === undefined) {
        this.#tell(text`this is the first page; ctrl-c quits`);
        return;
      }
      this.#leave();
      return;
    }
    if (this.#page === "review") this.#worker.forget();
    this.#go(before);
  }

  #go(page: Page): void {
    this.#inReview = page === "review";
    if (page === "review") this.#plan();
    else this.#form.turnTo(page);
  }

  // The plan and what becomes of it.

  #plan(): void {
    this.#reading.begin();
    const checks = this.#checks();
    const { draft } = this.#form;
    const around = {
      known: knownHosts(checks),
      used: usedSubnets(draft, checks),
      usesStore: this.#pages().includes("store"),
      storeImage: imageOf(draft, checks),
    };
    const made = this.#services.read(valuesOf(draft, around));
    if (!made.ok) {
      this.#worker.wrong(made.problems);
      return;
    }
    this.#content = made.content;
    const leaving = draft.hosts.filter((host) => host.leaving).map((host) => host.known ?? "");
    void this.#worker.plan(made.spec, leaving);
  }

  #askToApply(): void {
    const work = this.#worker.now;
    if (work.state !== "planned") return;
    if (this.#services.readOnly.state.get()) {
      this.#tell(text`read-only: every change is refused`);
      return;
    }
    const obstacles = work.rounds.flatMap((round) => round.plan.obstacles);
    if (obstacles.some((one) => one.severity === "error")) {
      this.#tell(text`something stands in the way: see the top of the plan`);
      return;
    }
    const steps = work.rounds.flatMap((round) => round.plan.steps);
    const nodes = [...new Set(steps.map((step) => step.node))];
    const stopped = steps.flatMap((step) => step.disturbs.map((one) => text`${one.name} on ${step.node}`));
    const words = [
      text`${steps.length} steps on ${nodes.length === 0 ? text`no node` : joined(nodes)}; the file is ${this.#services.file}.`,
      ...(stopped.length === 0 ? [text`No running container is stopped.`] : [text`STOPS ${joined(stopped)}.`]),
    ];
    const open = obstacles.find((one) => one.id === "insecure-listener-wanted");
    this.#over =
      open === undefined
        ? { kind: "confirm", words }
        : {
            kind: "accept",
            words: [...words, open.title, text`Type the word ${insecureWord} to accept it.`],
            field: emptyField,
          };
  }

  #confirmed(): void {
    if (this.#over?.kind === "accept" && contentOf(this.#over.field).trim() !== insecureWord) {
      this.#tell(text`the word ${insecureWord} does not stand there`);
      return;
    }
    this.#over = undefined;
    void this.#worker.apply(this.#content);
  }

  #finish(): void {
    const work = this.#worker.now;
    if (work.state !== "ended") return;
    if (work.end.kind !== "done") {
      this.#back();
      return;
    }
    const { spec } = work.end;
    void this.#close().then(() => this.#services.finish(spec));
  }

  #leave(): void {
    void this.#close().then(() => this.#services.leave());
  }

  async #close(): Promise<void> {
    await Promise.all([this.#services.checks.close(), this.#worker.close()]);
  }

  #quit(): void {
    if (this.#worker.now.state === "applying") {
      this.#worker.cancel();
      this.#tell(text`ending after the running step; then quit`);
      return;
    }
    void this.#close();
    this.#onTerminal("quit");
  }

  // Moving in lists.

  #move(id: ActionId, place: Place): void {
    const rows = bodyRows(this.#size);
    const by = stepOf(id, rows);
    if (by === undefined) return;
    if (this.#over?.kind === "picker") {
      this.#over = { ...this.#over, index: within(this.#over.index, by, this.#over.hosts.length) };
    } else if (place === "review") this.#reading.moveIn(this.#entries(), by, rows);
    else this.#reading.scroll(by, this.#runLines().length, rows);
  }

  #entries(): Entry[] {
    const work = this.#worker.now;
    return work.state === "planned" ? reviewEntries(work.rounds, bodyWidth(this.#size) - 2) : [];
  }

  /** The lines of a run, or of its end. */
  #runLines(): Line[] {
    const work = this.#worker.now;
    const width = bodyWidth(this.#size);
    if (work.state === "applying") return progressLines(work.runs, width, this.#services.clock.now());
    if (work.state !== "ended") return [];
    return [...endLines(work.end, width), ...progressLines(work.runs, width, this.#services.clock.now())];
  }

  // The frame.

  #tell(words: SafeText): void {
    this.#message = { words, until: this.#services.clock.now() + messageMs };
  }

  #workChanged(): void {
    const { state } = this.#worker.now;
    if (state === "ended" || state === "planned") this.#reading.top = 0;
    this.#draw();
  }

  #scene(): WizardScene {
    const place = this.#place();
    const pages = this.#pages();
    const names = pages.map((page) => (page === "review" ? text`Review` : titles[page]));
    const message = this.#message;
    const now = this.#services.clock.now();
    return {
      size: this.#size,
      steps: names,
      step: pages.indexOf(this.#page),
      title: this.#title(),
      demo: this.#services.demo,
      body: this.#body(),
      help: place === "form" ? (this.#form.focused()?.help ?? text``) : this.#helpOfWork(),
      message: message === undefined || now >= message.until ? [] : messageLine(message.words),
      question: this.#answering.question,
      answer: this.#answering.field,
      offered: offeredIn(place, this.#notOffered()),
      over: this.#over,
    };
  }

  #notOffered(): ActionId[] {
    const none: ActionId[] = [];
    if (this.#page !== "hosts") none.push("form.pick");
    if (this.#page !== "hosts" && this.#page !== "containers") none.push("form.take-out");
    if (this.#worker.now.state !== "planned") none.push("review.apply", "review.fold");
    return none;
  }

  #title(): SafeText {
    if (this.#page !== "review") return titles[this.#page];
    switch (this.#worker.now.state) {
      case "idle":
      case "planning":
        return text`Planning`;
      case "wrong":
        return text`The file would be wrong`;
      case "planned":
        return text`Review`;
      case "applying":
        return text`Applying`;
      case "ended":
        return this.#worker.now.end.kind === "done" ? text`Done` : text`Not done`;
    }
  }

  #body(): PageBody {
    if (this.#page !== "review") {
      return {
        kind: "form",
        items: this.#form.shown(),
        focused: this.#form.focused()?.id ?? "",
        field: this.#form.field,
      };
    }
    const work = this.#worker.now;
    const lines = (some: readonly Line[], foot: Line = []): PageBody => ({
      kind: "lines",
      lines: some,
      top: this.#reading.top,
      foot,
    });
    switch (work.state) {
      case "idle":
      case "planning":
        return lines([[], [span(text`looking at every host and planning …`, "busy")]]);
      case "wrong":
        return lines([[], ...work.problems.map((one): Line => [span(one, "bad")])]);
      case "planned": {
        const entries = this.#entries();
        if (entries.length === 0)
          return lines([[], [span(text`Nothing to do: the cluster is as the file says. a writes the file.`, "good")]]);
        const { lines: all } = unfolded(entries, this.#reading.open, this.#reading.cursor);
        return lines(all, [span(text` ${this.#reading.cursor + 1} of ${entries.length} `, "muted")]);
      }
      default:
        return lines(this.#runLines());
    }
  }

  #helpOfWork(): SafeText {
    const work = this.#worker.now;
    if (work.state !== "planned") return text``;
    const steps = work.rounds.flatMap((round) => round.plan.steps);
    const stopped = steps.reduce((sum, step) => sum + step.disturbs.length, 0);
    return stopped === 0
      ? text`${steps.length} steps; no running container is disturbed. The file: ${this.#services.file}`
      : text`${steps.length} steps; ${stopped} RUNNING CONTAINERS ARE STOPPED. The file: ${this.#services.file}`;
  }

  #draw(): void {
    const view = shared(this.#view, wizardView(this.#scene(), this.#paint));
    if (view === this.#view) return;
    this.#view = view;
    for (const listener of [...this.#listeners]) listener();
  }
}

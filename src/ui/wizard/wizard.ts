import { text } from "../../domain/text.ts";
import { staying } from "../../domain/wizard/draft.ts";
import { valuesOf } from "../../domain/wizard/values.ts";
import { Answering } from "../dialogs/answering.ts";
import { edited, type Field, inserted } from "../dialogs/text-field.ts";
import type { Painter } from "../draw/style.ts";
import { DrawnStage } from "../drawn-stage.ts";
import { stepOf } from "../form/moving.ts";
import { bodyRows, offeredIn, type PageBody } from "../form/page.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { PassingMessage } from "../passing-message.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import { ticking } from "../ticking.ts";
import { beforeApply, notYet } from "./before-apply.ts";
import { type WizardScene, wizardView } from "./draw.ts";
import type { FormPage } from "./fields.ts";
import { SetUpForm } from "./form.ts";
import { type Checks, knownHosts, usedSubnets, usesStore } from "./known.ts";
import { newHost } from "./pages/hosts.ts";
import { imageOf } from "./pages/store.ts";
import { titles } from "./pages.ts";
import { fieldPicker, hostPicker, movedIn, without } from "./picker.ts";
import { Reading } from "./reading.ts";
import type { WizardServices } from "./services.ts";
import { Worker } from "./work.ts";
import { bodyOf, entriesOf, hasEntries, helpOf, runLines, titleOf } from "./work-view.ts";

type Page = FormPage | "review";

const tickMs = 500;

/** The set-up: pages of fields, the plan that comes of them, its run and its end. */
export class Wizard extends DrawnStage {
  readonly #services: WizardServices;
  readonly #worker: Worker;
  readonly #form: SetUpForm;
  readonly #reading = new Reading();
  readonly #answering: Answering;
  #inReview = false;
  #over: WizardScene["over"];
  #content = "";
  readonly #message: PassingMessage;

  constructor(services: WizardServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(paint, size, onTerminal);
    this.#services = services;
    this.#form = new SetUpForm(services.draft, () => this.#checks());
    this.#answering = new Answering(services.prompts);
    this.#message = new PassingMessage(services.clock);
    this.#worker = new Worker(services, () => this.#workChanged());
  }

  start(): () => void {
    const { checks, prompts, clock } = this.#services;
    const cancels = [checks.state.listen(() => this.changed()), prompts.current.listen(() => this.changed())];
    this.#follow();
    cancels.push(ticking(clock, tickMs, () => this.changed()));
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  /** Several hosts at once are several hosts; elsewhere a paste is text. */
  protected override pasted(content: string): void {
    if (this.place() === "form" && this.#form.focused()?.id === newHost) {
      this.#form.addHosts(content);
      this.#follow();
    } else this.#type((field) => inserted(field, content));
  }

  protected override typed(key: KeyName): void {
    const by = key === "left" ? -1 : key === "right" || key === "space" ? 1 : undefined;
    if (this.place() === "form" && by !== undefined && this.#form.turn(by)) return;
    this.#type((field) => edited(field, key));
  }

  protected act(id: ActionId): void {
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
        this.#reading.fold(entriesOf(this.#worker.now, this.size), bodyRows(this.size));
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
        this.#message.say(text`ending after the running step`);
        this.#worker.cancel();
        return;
      case "result.open":
        this.#finish();
        return;
      default:
        this.#move(id);
        return;
    }
  }

  // Where the operator is.

  protected override get isDemo(): boolean {
    return this.#services.demo;
  }

  protected place(): Place {
    if (this.#answering.place !== undefined) return this.#answering.place;
    if (this.#over !== undefined) return this.#over.kind;
    if (this.#page !== "review") return "form";
    const { state } = this.#worker.now;
    return state === "applying" ? "applying" : state === "ended" ? "result" : "review";
  }

  /** The store is asked for only where one is used. */
  #pages(): Page[] {
    const withStore = usesStore(this.#form.draft, this.#checks());
    return ["hosts", "mode", ...(withStore ? (["store"] as const) : []), "network", "containers", "pool", "review"];
  }

  get #page(): Page {
    return this.#inReview ? "review" : this.#form.page;
  }

  #checks(): Checks {
    return this.#services.checks.state.get();
  }

  // What is typed.

  #type(change: (field: Field) => Field | undefined): void {
    const place = this.place();
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
    if (this.#page === "review") return;
    this.#over = fieldPicker(this.#form.focused());
    if (this.#page !== "hosts" || this.#over !== undefined) return;
    const all = await this.#services.candidates();
    const there = this.#form.draft.hosts.map((host) => host.target);
    this.#over = hostPicker(all, there, this.#services.demo);
    this.changed();
  }

  #picked(): void {
    if (this.#over?.kind !== "picker") return;
    const { of, offers, index } = this.#over;
    const picked = offers[index];
    if (picked === undefined) return;
    if (of === "field") this.#form.take(picked);
    else this.#form.addHost(picked);
    this.#over = of === "field" ? undefined : without(this.#over, picked);
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
      this.#message.say(text`first: ${wrong.problem ?? wrong.label}`);
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
        this.#message.say(text`this is the first page; ctrl-c quits`);
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
    this.#message.clear();
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
      this.#message.say(text`read-only: every change is refused`);
      return;
    }
    const question = beforeApply(work.rounds, this.#services.file);
    if ("not" in question) this.#message.say(question.not);
    else this.#over = question;
  }

  #confirmed(): void {
    if (this.#over === undefined || this.#over.kind === "picker") return;
    const why = notYet(this.#over);
    if (why !== undefined) {
      this.#message.say(why);
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

  /** Whether a plan is being carried out. */
  get isApplying(): boolean {
    return this.#worker.now.state === "applying";
  }

  /** Ends all that it has under way, whatever is on the screen: a run ends after its running step. */
  async stop(): Promise<void> {
    await Promise.all([this.#services.checks.close(), this.#worker.stop()]);
  }

  async #close(): Promise<void> {
    await Promise.all([this.#services.checks.close(), this.#worker.close()]);
  }

  protected override quit(): void {
    if (this.isApplying) {
      this.#worker.cancel();
      this.#message.say(text`ending after the running step; then quit`);
      return;
    }
    void this.#close();
    this.leave();
  }

  // Moving in lists.

  #move(id: ActionId): void {
    const rows = bodyRows(this.size);
    const by = stepOf(id, rows);
    if (by === undefined) return;
    const work = this.#worker.now;
    if (this.#over?.kind === "picker") {
      this.#over = movedIn(this.#over, by);
    } else if (this.place() === "review") this.#reading.moveIn(entriesOf(work, this.size), by, rows);
    else this.#reading.scroll(by, runLines(work, this.size, this.#services.clock.now()).length, rows);
  }

  // The frame.

  #workChanged(): void {
    const { state } = this.#worker.now;
    if (state === "ended" || state === "planned") this.#reading.top = 0;
    this.changed();
  }

  #scene(): WizardScene {
    const place = this.place();
    const pages = this.#pages();
    const names = pages.map((page) => (page === "review" ? text`Review` : titles[page]));
    const now = this.#services.clock.now();
    const work = this.#worker.now;
    return {
      size: this.size,
      steps: names,
      step: pages.indexOf(this.#page),
      title: this.#page === "review" ? titleOf(work) : titles[this.#page],
      demo: this.#services.demo,
      body: this.#page === "review" ? bodyOf(work, this.#reading, this.size, now) : this.#fields(),
      help: place === "form" ? (this.#form.focused()?.help ?? text``) : helpOf(work, this.#services.file),
      message: this.#message.line,
      question: this.#answering.question,
      answer: this.#answering.field,
      offered: offeredIn(place, this.#notOffered()),
      over: this.#over,
    };
  }

  #notOffered(): ActionId[] {
    const none: ActionId[] = [];
    if (this.#page !== "hosts" && fieldPicker(this.#form.focused()) === undefined) none.push("form.pick");
    if (!["hosts", "network", "containers"].includes(this.#page)) none.push("form.take-out");
    const work = this.#worker.now;
    if (work.state !== "planned") none.push("review.apply");
    if (!hasEntries(work)) none.push("review.fold");
    return none;
  }

  #fields(): PageBody {
    return {
      kind: "form",
      items: this.#form.shown(),
      focused: this.#form.focused()?.id ?? "",
      field: this.#form.field,
    };
  }

  protected frame(paint: Painter): View {
    return wizardView(this.#scene(), paint);
  }
}

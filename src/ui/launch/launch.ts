import type { LaunchGround } from "../../domain/launch/ground.ts";
import type { ContainerSpec } from "../../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { containerRows } from "../../domain/views/containers.ts";
import type { Launch } from "../../services/launch/launch.ts";
import { Answering } from "../dialogs/answering.ts";
import { edited, type Field, inserted } from "../dialogs/text-field.ts";
import type { Line, Painter } from "../draw/style.ts";
import { DrawnStage } from "../drawn-stage.ts";
import { stepOf } from "../form/moving.ts";
import { bodyRows, bodyWidth, offeredIn } from "../form/page.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { PassingMessage } from "../passing-message.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import { ticking } from "../ticking.ts";
import { type LaunchOver, type LaunchScene, launchView } from "./draw.ts";
import { LaunchForm } from "./form.ts";
import { pickNothing, pickTitles } from "./pick.ts";
import { commandsOf, confirmWords, endWords, reviewLines, runLines, type SavedState } from "./review.ts";
import type { LaunchServices } from "./services.ts";

/** How far the operator is. What is launched is what the review showed, whatever the form would say by now. */
type Phase =
  | { at: "form" }
  | { at: "review"; containers: readonly ContainerSpec[]; ground: LaunchGround; top: number }
  | { at: "run"; launch: Launch; saved: SavedState; top: number };

const tickMs = 500;

/** Launching: a form, what it comes to as commands, the question, the run with each container's end. */
export class LaunchStage extends DrawnStage {
  readonly #services: LaunchServices;
  readonly #answering: Answering;
  readonly #form: LaunchForm;
  #phase: Phase = { at: "form" };
  #confirm = false;
  readonly #message: PassingMessage;

  constructor(services: LaunchServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(paint, size, onTerminal);
    this.#services = services;
    this.#answering = new Answering(services.prompts);
    this.#form = new LaunchForm(services);
    this.#message = new PassingMessage(services.clock);
  }

  start(): () => void {
    const { seen, look, prompts, readOnly, clock } = this.#services;
    const cancels = [
      look.start(),
      ...[seen, look.state, prompts.current, readOnly].map((one) => one.listen(() => this.changed())),
      ticking(clock, tickMs, () => this.changed()),
    ];
    look.follow(this.#form.draft.network);
    void this.#likeUnder();
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  protected override pasted(content: string): void {
    this.#type((field) => inserted(field, content));
  }

  protected override typed(key: KeyName): void {
    const by = key === "left" ? -1 : key === "right" || key === "space" ? 1 : undefined;
    if (this.place() === "launch" && by !== undefined && this.#form.turn(by)) return;
    this.#type((field) => edited(field, key));
  }

  protected override get isBusy(): boolean {
    return this.#phase.at === "run" && !isOver(this.#phase.launch);
  }

  /** What runs goes on, and the panes ask before they let it be interrupted. */
  protected override quit(): void {
    if (this.isBusy) this.#services.back();
    else this.leave();
  }

  protected act(id: ActionId): void {
    if (this.#answering.act(id)) return;
    switch (id) {
      case "form.next-field":
        if (this.#form.move(1) === "end") this.#review();
        return;
      case "form.previous-field":
        this.#form.move(-1);
        return;
      case "launch.pick":
        this.#form.openPick();
        return;
      case "picker.choose":
        this.#form.pick();
        return;
      case "launch.mark":
        this.#form.mark();
        return;
      case "picker.close":
        this.#form.closePick();
        return;
      case "launch.review":
        this.#review();
        return;
      case "launch.form":
        if (this.#phase.at === "run") this.#form.renew();
        this.#phase = { at: "form" };
        return;
      case "launch.copy":
        this.#copy();
        return;
      case "launch.ask":
        this.#ask();
        return;
      case "confirm.no":
        this.#confirm = false;
        return;
      case "confirm.yes":
        this.#begin();
        return;
      case "launch.cancel":
        if (this.#phase.at === "run") this.#phase.launch.cancel();
        this.#message.say(text`what has not begun does not begin`);
        return;
      case "launch.leave":
        this.#services.back();
        return;
      default:
        this.#move(id);
    }
  }

  protected override get isDemo(): boolean {
    return this.#services.demo;
  }

  protected place(): Place {
    if (this.#answering.place !== undefined) return this.#answering.place;
    if (this.#form.picking !== undefined) return "launch-pick";
    if (this.#confirm) return "launch-confirm";
    switch (this.#phase.at) {
      case "form":
        return "launch";
      case "review":
        return "launch-review";
      case "run":
        return isOver(this.#phase.launch) ? "launch-end" : "launch-run";
    }
  }

  #type(change: (field: Field) => Field | undefined): void {
    const place = this.place();
    if (place === "secret") this.#answering.type(change);
    else if (place === "launch") this.#form.typed(change);
  }

  /** The container under the cursor tells what it was made of; what was typed meanwhile stays. */
  async #likeUnder(): Promise<void> {
    const { from, definition, seen, spec } = this.#services;
    const under = containerRows(seen.get()).find((row) => row.key === from.container)?.container;
    // The file says it better than the engine, which adds what it chose itself.
    if (under === undefined || spec.containers.some((one) => one.name === under.name)) return;
    const made = await definition(under.id);
    if (under.ports.some((port) => port.host !== undefined)) {
      this.#message.say(text`${under.name} publishes ports: a container launched from here publishes none`);
    }
    if (made === undefined) {
      this.#message.say(
        text`${under.node} did not tell what ${under.name} was made of: command, mounts and rights are yours to fill in`,
      );
    } else this.#form.like(made);
    this.changed();
  }

  // The review and what becomes of it.

  #review(): void {
    const { containers } = this.#form.assessment;
    const { file } = this.#services;
    if (containers === undefined) {
      const wrong = this.#form.firstProblem();
      this.#message.say(text`first: ${wrong?.problem ?? text`fill the form`}`);
      return;
    }
    const [problem] = this.#form.draft.save ? (file?.problems(containers) ?? []) : [];
    if (problem !== undefined) {
      this.#form.focusOn("save");
      this.#message.say(text`the file would be wrong: ${problem}`);
      return;
    }
    this.#message.clear();
    this.#phase = { at: "review", containers, ground: this.#form.ground, top: 0 };
  }

  #copy(): void {
    if (this.#phase.at !== "review") return;
    const { containers } = this.#phase;
    this.#services.copy(commandsOf(containers));
    this.#message.say(
      containers.length === 1 ? text`the command was copied` : text`${containers.length} commands were copied`,
    );
  }

  #ask(): void {
    if (this.#services.readOnly.get()) this.#message.say(text`read-only: every change is refused`);
    else this.#confirm = true;
  }

  get #savedTo(): SafeText | undefined {
    return this.#form.draft.save ? this.#services.file?.name : undefined;
  }

  #begin(): void {
    this.#confirm = false;
    if (this.#phase.at !== "review") return;
    const { containers } = this.#phase;
    const { start, running, tell } = this.#services;
    const names = joined(containers.slice(0, 3).map((one) => one.name));
    const over = running(text`launch of ${names}${containers.length > 3 ? text` and more` : text``}`);
    const launch = start(containers);
    this.#phase = { at: "run", launch, saved: { state: "none" }, top: 0 };
    launch.state.listen(() => this.changed());
    void this.#ended(launch).then((saved) => {
      over();
      const { words, style } = endWords(launch.state.get());
      tell(saved.state === "not-saved" ? text`${words}; not saved: ${saved.why}` : words, style);
      if (this.#phase.at === "run" && this.#phase.launch === launch) this.#phase = { ...this.#phase, saved, top: 0 };
      this.changed();
    });
  }

  /** Those that came up are what the file shall have. */
  async #ended(launch: Launch): Promise<SavedState> {
    const { file } = this.#services;
    const wanted = this.#form.draft.save;
    await launch.ended;
    const up = launch.state.get().containers.filter((one) => one.now.state === "up");
    if (!wanted || file === undefined || up.length === 0) return { state: "none" };
    const saved = await file.save(up.map((one) => one.container));
    if (saved.ok) return { state: "saved", file: file.name };
    const { trouble } = saved;
    return trouble.kind === "misconfigured"
      ? { state: "not-saved", why: trouble.detail, remedy: trouble.remedy }
      : { state: "not-saved", why: clean(trouble.kind), remedy: text`Write it by hand.` };
  }

  // The frame.

  #move(id: ActionId): void {
    const rows = bodyRows(this.size);
    const by = stepOf(id, rows);
    if (by === undefined) return;
    if (this.#form.picking !== undefined) this.#form.movePick(by);
    else if (this.#phase.at !== "form") {
      const most = Math.max(0, this.#lines().length - rows);
      this.#phase = { ...this.#phase, top: Math.max(0, Math.min(most, this.#phase.top + by)) };
    }
  }

  #lines(): Line[] {
    const width = bodyWidth(this.size);
    const phase = this.#phase;
    switch (phase.at) {
      case "form":
        return [];
      case "review":
        return reviewLines(phase.containers, phase.ground, this.#savedTo, width);
      case "run":
        return runLines(phase.launch.state.get(), phase.saved, width, this.#services.clock.now());
    }
  }

  #over(): LaunchOver | undefined {
    const { picking } = this.#form;
    if (picking !== undefined) {
      const { field, offers, index } = picking;
      const words = { title: pickTitles[field], nothing: pickNothing[field] };
      return { kind: "pick", ...words, offers, index, many: field === "nodes" };
    }
    if (!this.#confirm || this.#phase.at !== "review") return undefined;
    return { kind: "confirm", words: confirmWords(this.#phase.containers, this.#savedTo) };
  }

  #scene(): LaunchScene {
    const phase = this.#phase;
    const { seen, demo, readOnly } = this.#services;
    const isForm = phase.at === "form";
    const focused = this.#form.focused();
    return {
      size: this.size,
      step: { form: 0, review: 1, run: 2 }[phase.at],
      cluster: seen.get().cluster,
      title: this.#title(),
      body: isForm
        ? { kind: "form", items: this.#form.items(), focused: focused?.id ?? "", field: this.#form.field }
        : { kind: "lines", lines: this.#lines(), top: phase.top, foot: [] },
      help: isForm ? (focused?.help ?? text``) : text``,
      message: this.#message.line,
      offered: offeredIn(this.place(), this.#form.canPick ? [] : ["launch.pick"]),
      question: this.#answering.question,
      answer: this.#answering.field,
      over: this.#over(),
      ...{ demo, readOnly: readOnly.get() },
    };
  }

  #title(): SafeText {
    const phase = this.#phase;
    if (phase.at === "form") return text`New container`;
    if (phase.at === "review")
      return phase.containers.length === 1 ? text`Review` : text`Review of ${phase.containers.length}`;
    if (!isOver(phase.launch)) return text`Launching`;
    return phase.launch.state.get().phase === "refused" ? text`Not launched` : text`Launched`;
  }

  protected frame(paint: Painter): View {
    return launchView(this.#scene(), paint);
  }
}

function isOver(launch: Launch): boolean {
  const { phase } = launch.state.get();
  return phase === "refused" || phase === "ended";
}

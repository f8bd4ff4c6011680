import { explain } from "../../domain/explain.ts";
import { type ForwardTarget, sshForward } from "../../domain/forward.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Forward, Forwards } from "../../services/forward/forwards.ts";
import { box, type Dialog, innerWidth, wrapped } from "../dialogs/dialog.ts";
import { OverPanes } from "../dialogs/over-panes.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { spaces } from "../draw/width.ts";
import { stepOf, within } from "../form/moving.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { Stage } from "../stage.ts";

/** What forwards on the screen need of the rest of the program. */
export interface ForwardServices {
  /** They go on living under the dialog. */
  panes: Stage;
  forwards: Pick<Forwards, "state" | "open" | "close">;
  /** What can be forwarded of the selected row. */
  targets: readonly ForwardTarget[];
  /** Why nothing of the selected row can be; undefined where nothing was to be said. */
  not: SafeText | undefined;
  copy(words: string): void;
  back(): void;
}

type Entry = { kind: "target"; target: ForwardTarget } | { kind: "forward"; forward: Forward };

/** Forwards: those that are open, and what can be opened on the selected row. */
export class ForwardStage extends OverPanes {
  readonly #services: ForwardServices;
  #index = 0;
  #message: { words: SafeText; style: Style } | undefined;
  #begun = false;

  constructor(services: ForwardServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(services.panes, paint, size, onTerminal);
    this.#services = services;
    if (services.not !== undefined) this.#message = { words: services.not, style: "warn" };
  }

  override start(): () => void {
    const { forwards, targets } = this.#services;
    const cancels = [super.start(), forwards.state.listen(() => this.changed())];
    const [only] = targets;
    // One key to the page: where there is nothing to choose, nothing is asked.
    if (!this.#begun && targets.length === 1 && only !== undefined) void this.#open(only);
    this.#begun = true;
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  protected place(): Place {
    return "forward";
  }

  #entries(): Entry[] {
    const { forwards, targets } = this.#services;
    const open = forwards.state.get();
    const isOpen = (target: ForwardTarget): boolean =>
      open.some(({ target: one }) => one.node === target.node && one.host === target.host && one.port === target.port);
    return [
      ...open.map((forward): Entry => ({ kind: "forward", forward })),
      ...targets.filter((target) => !isOpen(target)).map((target): Entry => ({ kind: "target", target })),
    ];
  }

  protected act(id: ActionId): void {
    const entries = this.#entries();
    const entry = entries[this.#index];
    switch (id) {
      case "forward.choose":
        if (entry?.kind === "target") void this.#open(entry.target);
        else if (entry?.kind === "forward") this.#copy(urlOf(entry.forward));
        break;
      case "forward.copy-command":
        if (entry?.kind === "forward") this.#copy(sshForward(entry.forward.target, entry.forward.port));
        break;
      case "forward.close":
        if (entry?.kind === "forward") {
          this.#services.forwards.close(entry.forward.id);
          this.#message = { words: text`closed`, style: "good" };
          this.#index = 0;
        }
        break;
      case "forward.back":
        this.#services.back();
        break;
      default:
        this.#index = within(this.#index, stepOf(id, entries.length) ?? 0, entries.length);
    }
  }

  #copy(words: SafeText): void {
    this.#services.copy(words);
    this.#message = { words: text`copied: ${words}`, style: "good" };
  }

  async #open(target: ForwardTarget): Promise<void> {
    this.#message = { words: text`opening ${target.label} on ${target.node}`, style: "busy" };
    this.changed();
    const opened = await this.#services.forwards.open(target);
    if (opened.ok) {
      this.#message = { words: text`open: ${urlOf(opened.value)}`, style: "good" };
      this.#index = this.#entries().findIndex((one) => one.kind === "forward" && one.forward.id === opened.value.id);
    } else {
      const { what, remedy } = explain(opened.trouble, target.node);
      this.#message = { words: text`${target.label} on ${target.node}: ${what}. ${remedy}`, style: "bad" };
    }
    this.changed();
  }

  protected dialog(size: Size): Dialog {
    const width = innerWidth(size);
    const entries = this.#entries();
    const rows = entries.flatMap((entry, index) => entryLines(entry, index === this.#index, width));
    const nothing: Line[] = wrapped(
      text`Nothing is forwarded; o on a store's server or on a container with a published port opens it here.`,
      width,
      "muted",
    );
    const message =
      this.#message === undefined ? [] : [[], ...wrapped(this.#message.words, width, this.#message.style)];
    return box(size, text`Forwards to this machine's 127.0.0.1`, [
      ...(entries.length === 0 ? nothing : rows),
      ...message,
    ]);
  }
}

function entryLines(entry: Entry, isUnder: boolean, width: number): Line[] {
  const style: Style = isUnder ? "cursor" : "plain";
  if (entry.kind === "target") {
    const { label, node, port } = entry.target;
    return [fitLine([span(text`open ${label} on ${node}, port ${port}`, style)], width)];
  }
  const { target, open, trouble } = entry.forward;
  const state = trouble ?? (open === 1 ? text`1 connection` : text`${open} connections`);
  return [
    fitLine(
      [
        span(urlOf(entry.forward), isUnder ? "cursor" : "accent"),
        span(spaces(2)),
        span(text`${target.label} on ${target.node}  `),
        span(state, trouble === undefined ? "muted" : "bad"),
      ],
      width,
    ),
  ];
}

/** What a browser takes; for what is no page, host and port. */
const urlOf = ({ target, port }: Forward): SafeText =>
  target.page === undefined ? text`127.0.0.1:${port}` : text`http://127.0.0.1:${port}${clean(target.page)}`;

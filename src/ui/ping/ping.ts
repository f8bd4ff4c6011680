import { clean, text } from "../../domain/text.ts";
import { Answering } from "../dialogs/answering.ts";
import { contentOf, edited, type Field, fieldOf, inserted } from "../dialogs/text-field.ts";
import type { Painter } from "../draw/style.ts";
import { DrawnStage } from "../drawn-stage.ts";
import { stepOf, within } from "../form/moving.ts";
import { bodyRows, offeredIn } from "../form/page.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { PassingMessage } from "../passing-message.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
import { ticking } from "../ticking.ts";
import { byHand, detailLines, gridOf, type PingScene, pingView, type Side } from "./draw.ts";
import type { PingServices } from "./services.ts";

const tickMs = 500;

/** The ping matrix: who reaches whom, between containers or between their nodes, once or again and again. */
export class PingStage extends DrawnStage {
  readonly #services: PingServices;
  readonly #answering: Answering;
  /** Where the keys are on either side, by the ends' ids: rows may come and go. */
  readonly #at: Record<Side, { from: string | undefined; to: string | undefined }>;
  #side: Side = "containers";
  #top: number | undefined;
  #port: Field | undefined;
  readonly #message: PassingMessage;

  constructor(services: PingServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(paint, size, onTerminal);
    this.#services = services;
    this.#answering = new Answering(services.prompts);
    this.#message = new PassingMessage(services.clock);
    const [from, to] = services.on;
    this.#at = { containers: { from, to }, nodes: { from: undefined, to: undefined } };
  }

  start(): () => void {
    const { rounds, prompts, clock } = this.#services;
    const cancels = [rounds.state, prompts.current].map((one) => one.listen(() => this.changed()));
    cancels.push(ticking(clock, tickMs, () => this.changed()));
    rounds.again();
    return () => {
      for (const cancel of cancels) cancel();
      rounds.stop();
    };
  }

  protected override get isDemo(): boolean {
    return this.#services.demo;
  }

  protected place(): Place {
    if (this.#answering.place !== undefined) return this.#answering.place;
    if (this.#port !== undefined) return "ping-port";
    return this.#top === undefined ? "ping" : "ping-cell";
  }

  protected override typed(key: KeyName): void {
    this.#type((field) => edited(field, key));
  }

  protected override pasted(content: string): void {
    this.#type((field) => inserted(field, content));
  }

  #type(change: (field: Field) => Field | undefined): void {
    const place = this.place();
    if (place === "secret") this.#answering.type(change);
    else if (place === "ping-port" && this.#port !== undefined) this.#port = change(this.#port) ?? this.#port;
  }

  protected act(id: ActionId): void {
    if (this.#answering.act(id)) return;
    const { rounds, back } = this.#services;
    switch (id) {
      case "ping.again":
        rounds.again();
        return;
      case "ping.watch":
        rounds.watch(!rounds.state.get().watched);
        return;
      case "ping.side":
        this.#side = this.#side === "containers" ? "nodes" : "containers";
        return;
      case "ping.network":
        this.#otherNetwork();
        return;
      case "ping.all":
        rounds.pingAll();
        return;
      case "ping.port":
        this.#port = fieldOf(String(rounds.state.get().port ?? ""));
        return;
      case "ping.take-port":
        this.#takePort();
        return;
      case "ping.leave-port":
        this.#port = undefined;
        return;
      case "ping.cell":
        if (gridOf(rounds.state.get(), this.#side).heads.length > 0) this.#top = 0;
        return;
      case "ping.copy":
        this.#copy();
        return;
      case "ping.matrix":
        this.#top = undefined;
        return;
      case "ping.close":
        back();
        return;
      default:
        this.#move(id);
    }
  }

  #takePort(): void {
    const typed = contentOf(this.#port ?? fieldOf("")).trim();
    const port = Number(typed);
    if (typed !== "" && (!/^\d{1,5}$/.test(typed) || port < 1 || port > 65_535)) {
      this.#message.say(text`"${clean(typed, 20)}" is no port: a number from 1 to 65535`);
      return;
    }
    this.#port = undefined;
    this.#services.rounds.setPort(typed === "" ? undefined : port);
  }

  #copy(): void {
    const lines = byHand(this.#scene());
    if (lines === undefined) {
      this.#message.say(text`nothing was sent on that way yet`);
      return;
    }
    this.#services.copy(lines.join("\n"));
    this.#message.say(text`the commands were copied`);
  }

  #otherNetwork(): void {
    const { network, networks } = this.#services.rounds.state.get();
    const at = network === undefined ? -1 : networks.indexOf(network);
    const next = networks[(at + 1) % Math.max(1, networks.length)];
    if (next === undefined || next === network) this.#message.say(text`there is no other network that joins nodes`);
    else this.#services.rounds.setNetwork(next);
  }

  #move(id: ActionId): void {
    const rows = bodyRows(this.size);
    const across = id === "move.right" ? 1 : id === "move.left" ? -1 : 0;
    const by = across === 0 ? stepOf(id, rows) : 0;
    if (by === undefined) return;
    if (this.#top !== undefined) {
      const most = Math.max(0, detailLines(this.#scene()).length - rows);
      this.#top = Math.max(0, Math.min(most, this.#top + by));
      return;
    }
    const { heads } = gridOf(this.#services.rounds.state.get(), this.#side);
    const cursor = this.#cursor();
    const to = { row: within(cursor.row, by, heads.length), column: within(cursor.column, across, heads.length) };
    this.#at[this.#side] = { from: heads[to.row]?.key, to: heads[to.column]?.key };
  }

  /** Where the keys are by now; on the first direction there is until they were moved. */
  #cursor(): { row: number; column: number } {
    const { heads } = gridOf(this.#services.rounds.state.get(), this.#side);
    const { from, to } = this.#at[this.#side];
    const find = (key: string | undefined): number => heads.findIndex((head) => head.key === key);
    const row = Math.max(0, find(from));
    const column = find(to);
    return { row, column: column >= 0 ? column : row === 0 ? Math.min(1, Math.max(0, heads.length - 1)) : 0 };
  }

  #scene(): PingScene {
    const { rounds, cluster, demo } = this.#services;
    const board = rounds.state.get();
    const without: ActionId[] = [];
    if (board.networks.length < 2) without.push("ping.network");
    if (board.leftOut === 0) without.push("ping.all");
    return {
      ...{ size: this.size, cluster, demo, board, side: this.#side, cursor: this.#cursor(), top: this.#top },
      port: this.#port,
      question: this.#answering.question,
      answer: this.#answering.field,
      message: this.#message.line,
      offered: offeredIn(this.place(), without),
    };
  }

  protected frame(paint: Painter): View {
    return pingView(this.#scene(), paint);
  }
}

import { explain } from "../../domain/explain.ts";
import type { SourcedLine } from "../../domain/logs/line.ts";
import { parseStart } from "../../domain/logs/start.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Followed } from "../../services/logs/followed.ts";
import { contentOf, edited, type Field, fieldOf, inserted } from "../dialogs/text-field.ts";
import { type Line, type Painter, type Style, span } from "../draw/style.ts";
import { type ActionId, bound, inPlace, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { leastSize, type Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import { shared, type View } from "../screen/view.ts";
import type { Stage } from "../stage.ts";
import { logRows, logsView } from "./draw.ts";
import { type Place as LogPlace, moved, nextMatch, shownLines } from "./window.ts";

/** What the view of logs needs of the rest of the program. */
export interface LogsServices {
  follow: Followed;
  clock: Clock;
  title: SafeText;
  demo: boolean;
  /** The file that is suggested for saving. */
  file: string;
  /** Writes a new file for its owner alone; one that is there already is a trouble. */
  save(file: string, content: string): Promise<Outcome<void>>;
  /** The panes again. */
  back(): void;
}

/** Lines of the past that are read when a log is opened. */
const firstTail = 1000;
const messageMs = 4000;
/** Columns that ← and → move. */
const sideways = 20;

type Input = { what: "search" | "save" | "start"; field: Field };

const labels: Record<Input["what"], SafeText> = {
  search: text`/`,
  save: text`save to`,
  start: text`from (500 lines, 10m, 2h)`,
};

/** Logs of one or several sources, followed: read, searched, paused, saved. */
export class LogsStage implements Stage {
  readonly #services: LogsServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #size: Size;
  #place: LogPlace = { at: "end" };
  #times = true;
  #wrapped = false;
  #left = 0;
  #search = "";
  #onlyMatches = false;
  #input: Input | undefined;
  #message: { words: SafeText; style: Style; until: number } | undefined;
  #begun = false;
  #view: View;

  constructor(services: LogsServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
    this.#view = this.#made();
  }

  start(): () => void {
    const { follow } = this.#services;
    if (!this.#begun) follow.begin({ tail: firstTail });
    this.#begun = true;
    return follow.state.listen(() => this.#draw());
  }

  readonly view = (): View => this.#view;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  press(keys: readonly KeyName[]): void {
    for (const key of keys) this.#key(key);
    this.#draw();
  }

  paste(content: string): void {
    if (this.#input !== undefined) this.#input = { ...this.#input, field: inserted(this.#input.field, content) };
    this.#draw();
  }

  resize(size: Size): void {
    this.#size = size;
    this.#draw();
  }

  #where(): Place {
    const { columns, rows } = this.#size;
    if (columns < leastSize.columns || rows < leastSize.rows) return "too-small";
    return this.#input === undefined ? "logs" : "log-field";
  }

  #key(key: KeyName): void {
    const binding = bound(key, this.#where());
    if (binding !== undefined) this.#act(binding.id);
    else if (this.#input !== undefined) {
      this.#input = { ...this.#input, field: edited(this.#input.field, key) ?? this.#input.field };
    }
  }

  #act(id: ActionId): void {
    const by = steps(logRows(this.#size))[id];
    if (by !== undefined) {
      this.#move(by);
      return;
    }
    switch (id) {
      case "logs.pause":
        this.#place = this.#place.at === "end" ? this.#held() : { at: "end" };
        break;
      case "logs.search":
        this.#input = { what: "search", field: fieldOf("") };
        break;
      case "logs.save":
        this.#input = { what: "save", field: fieldOf(this.#services.file) };
        break;
      case "logs.start":
        this.#input = { what: "start", field: fieldOf("") };
        break;
      case "logs.field-done":
        this.#entered();
        break;
      case "logs.field-back":
        this.#input = undefined;
        break;
      case "logs.older":
      case "logs.newer":
        this.#find(id === "logs.older" ? "older" : "newer");
        break;
      case "logs.matching":
        this.#onlyMatches = !this.#onlyMatches;
        break;
      case "logs.times":
        this.#times = !this.#times;
        break;
      case "logs.wrap":
        this.#wrapped = !this.#wrapped;
        this.#left = 0;
        break;
      case "logs.left":
      case "logs.right":
        this.#left = Math.max(0, this.#left + (id === "logs.right" ? sideways : -sideways));
        break;
      case "logs.close":
        this.#services.follow.close();
        this.#services.back();
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

  #move(by: number): void {
    const { ring } = this.#services.follow;
    if (by === Number.POSITIVE_INFINITY) this.#place = { at: "end" };
    else if (by === Number.NEGATIVE_INFINITY) this.#place = { at: "line", top: ring.first };
    else this.#place = moved(ring, this.#place, by, logRows(this.#size), this.#shows);
  }

  /** The same lines, and no more of them. */
  #held(): LogPlace {
    const [first] = shownLines(this.#services.follow.ring, this.#place, logRows(this.#size), this.#shows);
    return first === undefined ? { at: "end" } : { at: "line", top: first.number };
  }

  #entered(): void {
    const input = this.#input;
    this.#input = undefined;
    if (input === undefined) return;
    const content = contentOf(input.field).trim();
    switch (input.what) {
      case "search":
        this.#search = content;
        if (content === "") this.#onlyMatches = false;
        else if (!this.#onlyMatches) this.#find("older", "here");
        break;
      case "save":
        if (content !== "") void this.#save(content);
        break;
      case "start": {
        const start = parseStart(content, this.#services.clock.now());
        if (start === undefined) this.#tell(text`a number of lines (500), or how far back (10m, 2h, 1d)`, "bad");
        else {
          this.#place = { at: "end" };
          this.#services.follow.begin(start);
        }
      }
    }
  }

  /** The next match in a way; from the last line that is shown, or from the line at the top when it is one already. */
  #find(way: "older" | "newer", from: "here" | "top" = "top"): void {
    if (this.#search === "") {
      this.#tell(text`nothing is searched for yet: / begins`, "warn");
      return;
    }
    const { ring } = this.#services.follow;
    const shown = shownLines(ring, this.#place, logRows(this.#size), this.#shows);
    const first = shown[0]?.number ?? ring.end;
    const last = (shown.at(-1)?.number ?? ring.end) + 1;
    const begin = from === "here" || (this.#place.at === "end" && way === "older") ? last : first;
    const found = nextMatch(ring, begin, way, this.#matches);
    if (found === undefined) this.#tell(text`no ${clean(way)} line holds ${clean(this.#search)}`, "warn");
    else this.#place = { at: "line", top: found };
  }

  async #save(file: string): Promise<void> {
    const { follow, save } = this.#services;
    const { ring, sources } = follow;
    const lines: string[] = [];
    for (let at = ring.first; at < ring.end; at++) {
      const line = ring.at(at);
      if (line === undefined) continue;
      const prefix = sources.length > 1 ? `${sources[line.source]?.label ?? ""} ` : "";
      lines.push(`${line.at} ${prefix}${line.from === "stderr" ? "! " : ""}${line.words}\n`);
    }
    const saved = await save(file, lines.join(""));
    if (saved.ok) this.#tell(text`${lines.length} lines are in ${clean(file)}`, "good");
    else this.#tell(explain(saved.trouble, text`this machine`).what, "bad");
    this.#draw();
  }

  #tell(words: SafeText, style: Style): void {
    const until = this.#services.clock.now() + messageMs;
    this.#message = { words, style, until };
    this.#services.clock.after(messageMs, () => this.#draw());
  }

  readonly #matches = (line: SourcedLine): boolean =>
    this.#search !== "" && line.words.toLowerCase().includes(this.#search.toLowerCase());

  readonly #shows = (line: SourcedLine): boolean => !this.#onlyMatches || this.#search === "" || this.#matches(line);

  #made(): View {
    const { follow, title, demo, clock } = this.#services;
    const { ring, sources } = follow;
    const lines = shownLines(ring, this.#place, logRows(this.#size), this.#shows);
    const message = this.#message;
    const shown: Line =
      message === undefined || clock.now() >= message.until ? [] : [span(message.words, message.style)];
    return logsView(
      {
        ...{ size: this.#size, title, demo, sources, lines },
        state: follow.state.get(),
        following: this.#place.at === "end",
        below: Math.max(0, ring.end - 1 - (lines.at(-1)?.number ?? ring.end)),
        dropped: ring.dropped,
        times: this.#times,
        wrapped: this.#wrapped,
        left: this.#left,
        search: this.#search,
        onlyMatches: this.#onlyMatches,
        input: this.#input === undefined ? undefined : { label: labels[this.#input.what], field: this.#input.field },
        message: shown,
        offered: inPlace(this.#where()),
      },
      this.#paint,
    );
  }

  #draw(): void {
    const view = shared(this.#view, this.#made());
    if (view === this.#view) return;
    this.#view = view;
    for (const listener of [...this.#listeners]) listener();
  }
}

const steps = (rows: number): Partial<Record<ActionId, number>> => ({
  "move.down": 1,
  "move.up": -1,
  "move.half-down": Math.ceil(rows / 2),
  "move.half-up": -Math.ceil(rows / 2),
  "move.page-down": rows,
  "move.page-up": -rows,
  "move.first": Number.NEGATIVE_INFINITY,
  "move.last": Number.POSITIVE_INFINITY,
});

import { explain } from "../../domain/explain.ts";
import type { SourcedLine } from "../../domain/logs/line.ts";
import { parseStart } from "../../domain/logs/start.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Followed } from "../../services/logs/followed.ts";
import { contentOf, edited, type Field, fieldOf, inserted } from "../dialogs/text-field.ts";
import type { Painter, Style } from "../draw/style.ts";
import { DrawnStage } from "../drawn-stage.ts";
import { stepBy } from "../form/moving.ts";
import { type ActionId, inPlace, type Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import { messageMs, PassingMessage } from "../passing-message.ts";
import type { Size } from "../screen/layout.ts";
import type { TerminalEffect } from "../screen/screen.ts";
import type { View } from "../screen/view.ts";
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
/** Columns that ← and → move. */
const sideways = 20;

type Input = { what: "search" | "save" | "start"; field: Field };

const labels: Record<Input["what"], SafeText> = {
  search: text`/`,
  save: text`save to`,
  start: text`from (500 lines, 10m, 2h)`,
};

/** Logs of one or several sources, followed: read, searched, paused, saved. */
export class LogsStage extends DrawnStage {
  readonly #services: LogsServices;
  #place: LogPlace = { at: "end" };
  #times = true;
  #wrapped = false;
  #left = 0;
  #search = "";
  #onlyMatches = false;
  #input: Input | undefined;
  readonly #message: PassingMessage;
  #begun = false;

  constructor(services: LogsServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    super(paint, size, onTerminal);
    this.#services = services;
    this.#message = new PassingMessage(services.clock);
  }

  start(): () => void {
    const { follow } = this.#services;
    if (!this.#begun) follow.begin({ tail: firstTail });
    this.#begun = true;
    return follow.state.listen(() => this.changed());
  }

  protected override get isDemo(): boolean {
    return this.#services.demo;
  }

  protected place(): Place {
    return this.#input === undefined ? "logs" : "log-field";
  }

  protected override typed(key: KeyName): void {
    if (this.#input === undefined) return;
    this.#input = { ...this.#input, field: edited(this.#input.field, key) ?? this.#input.field };
  }

  protected override pasted(content: string): void {
    if (this.#input !== undefined) this.#input = { ...this.#input, field: inserted(this.#input.field, content) };
  }

  protected act(id: ActionId): void {
    const by = stepBy(id, logRows(this.size));
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
      default:
    }
  }

  #move(by: number): void {
    const { ring } = this.#services.follow;
    if (by === Number.POSITIVE_INFINITY) this.#place = { at: "end" };
    else if (by === Number.NEGATIVE_INFINITY) this.#place = { at: "line", top: ring.first };
    else this.#place = moved(ring, this.#place, by, logRows(this.size), this.#shows);
  }

  /** The same lines, and no more of them. */
  #held(): LogPlace {
    const [first] = shownLines(this.#services.follow.ring, this.#place, logRows(this.size), this.#shows);
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
    const shown = shownLines(ring, this.#place, logRows(this.size), this.#shows);
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
    this.changed();
  }

  #tell(words: SafeText, style: Style): void {
    this.#message.say(words, style);
    this.#services.clock.after(messageMs, () => this.changed());
  }

  readonly #matches = (line: SourcedLine): boolean =>
    this.#search !== "" && line.words.toLowerCase().includes(this.#search.toLowerCase());

  readonly #shows = (line: SourcedLine): boolean => !this.#onlyMatches || this.#search === "" || this.#matches(line);

  protected frame(paint: Painter): View {
    const { follow, title, demo } = this.#services;
    const { ring, sources } = follow;
    const lines = shownLines(ring, this.#place, logRows(this.size), this.#shows);
    return logsView(
      {
        ...{ size: this.size, title, demo, sources, lines },
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
        message: this.#message.line,
        offered: inPlace(this.place()),
      },
      paint,
    );
  }
}

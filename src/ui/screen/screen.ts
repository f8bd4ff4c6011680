import type { ContainerId } from "../../domain/ids.ts";
import { type Pieces, whole } from "../../domain/pieces.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { AppServices, News } from "../app-props.ts";
import type { Painter } from "../draw/style.ts";
import type { KeyName } from "../keymap/keys.ts";
import { networkRowsOf } from "../panes/network-rows.ts";
import type { Seen } from "../panes/seen.ts";
import { type Effect, pasted, pressed, told } from "./act.ts";
import { Contents } from "./contents.ts";
import { changesInSight } from "./in-sight.ts";
import type { Size } from "./layout.ts";
import { type Scene, sceneOf } from "./scene.ts";
import { type ScreenState, startState } from "./state.ts";
import { shared, type View, viewOf } from "./view.ts";
import { sameButUsage, visibleContainers } from "./visible.ts";

/** What only the terminal can do. */
export type TerminalEffect = Extract<Effect["do"], "quit" | "suspend" | "redraw">;

const tickMs = 1000;
/** With all nodes up and nobody at the keys for a while, the clock steps in fives: an idle screen costs next to nothing. */
const restingTickMs = 5000;
const restAfterMs = 10_000;
/** Findings that depend on time alone are looked for again after so long. */
const findingsEveryMs = 5000;
/** With more nodes than this, findings and networks are worked out now and then, in pieces between which keys are served. */
const manyNodes = 10;
const findingsOfManyMs = 2500;
const pieceMs = 5;
/** With as many, what is not on the screen is counted now and then; what is there waits for what an engine says next. */
const outOfSightMs = 1000;
/** And with nobody at the keys. */
const restingOutOfSightMs = 2500;
const inSightMs = 50;
/** Figures that jump every second are hard to read, and twenty rows of them are most of what goes to the terminal. */
const usageEveryMs = 3000;
/** Scrolling through a long list must not open and close a stream of measurements a row. */
const showAfterMs = 300;

/** The screen without a terminal: keys in, frames out. Holds where the operator is, and asks the services what they do. */
export class Screen {
  readonly #services: AppServices;
  readonly #paint: Painter;
  readonly #onTerminal: (effect: TerminalEffect) => void;
  readonly #listeners = new Set<() => void>();
  #state: ScreenState = startState;
  #size: Size;
  #contents: Contents;
  #foundIn: { snapshot: Snapshot; at: number };
  #view: View;
  #shown = "";
  #heard: News | undefined;
  #lastKey: number;
  #resting = false;
  #cancels: (() => void)[] = [];
  #cancelTick: (() => void) | undefined;
  #cancelShow: (() => void) | undefined;
  /** The next look that a change asked for. */
  #planned: { at: Instant; cancel: () => void } | undefined;
  /** Set while what is found is worked out piece by piece; it ends with a look. */
  #cancelCount: (() => void) | undefined;

  constructor(services: AppServices, paint: Painter, size: Size, onTerminal: (effect: TerminalEffect) => void) {
    this.#services = services;
    this.#paint = paint;
    this.#size = size;
    this.#onTerminal = onTerminal;
    const snapshot = services.watch.state.get();
    const now = services.clock.now();
    this.#lastKey = now;
    this.#foundIn = { snapshot, at: now };
    this.#contents = new Contents(this.#seen(snapshot, whole(services.findings(snapshot, now))));
    this.#view = viewOf(this.#scene(), paint);
  }

  /** Begins to follow the services and the clock; the result ends it. */
  start(): () => void {
    const { watch, prompts, readOnly, running, news } = this.#services;
    this.#cancels = [
      watch.state.listen(() => this.#snapshotChanged()),
      prompts.current.listen(() => this.#draw()),
      // No look: it may wait for what is being counted, and the header must not.
      readOnly.state.listen(() => this.#show(this.#contents.seen.snapshot, this.#contents.seen.findings)),
    ];
    if (news !== undefined) this.#cancels.push(news.listen(() => this.#hear()));
    if (running !== undefined) this.#cancels.push(running.listen(() => this.#draw()));
    this.#tick();
    // After the clock was looked at: what was told while another stage was on stands as long as anything else.
    this.#hear();
    return () => {
      for (const cancel of this.#cancels) cancel();
      this.#cancelTick?.();
      this.#cancelShow?.();
      this.#planned?.cancel();
      this.#planned = undefined;
      this.#cancelCount?.();
      this.#cancelCount = undefined;
      this.#services.watch.show([]);
    };
  }

  /** The frame that the terminal should show; the same object as long as nothing changed. */
  readonly view = (): View => this.#view;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keys in the order they were pressed; each sees what the one before it did. */
  press(keys: readonly KeyName[]): void {
    this.#attended();
    for (const key of keys) {
      const { state, effect } = pressed(key, this.#scene());
      this.#state = state;
      if (effect !== undefined) this.#perform(effect);
    }
    this.#draw();
  }

  paste(content: string): void {
    this.#attended();
    this.#state = pasted(content, this.#scene());
    this.#draw();
  }

  resize(size: Size): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#draw();
  }

  #scene(): Scene {
    const { prompts, running } = this.#services;
    return sceneOf(this.#state, this.#contents, this.#size, prompts.current.get(), running?.get() ?? []);
  }

  #perform(effect: Effect): void {
    const { watch, readOnly, prompts } = this.#services;
    switch (effect.do) {
      case "refresh":
        watch.refresh();
        break;
      case "retry":
        watch.retry(effect.node);
        break;
      case "answer":
        prompts.answer(effect.answer);
        break;
      case "open":
        this.#services.open(effect.opening);
        break;
      case "toggle-read-only":
        this.#readOnlyToggled(readOnly.toggle());
        break;
      default:
        this.#onTerminal(effect.do);
    }
  }

  /** Each piece of news is told once. */
  #hear(): void {
    const news = this.#services.news?.get();
    if (news === undefined || news === this.#heard) return;
    this.#heard = news;
    this.#state = told(this.#state, news.words, news.style, this.#scene());
    this.#draw();
  }

  #readOnlyToggled(now: "on" | "off" | "locked"): void {
    const words = {
      on: text`read-only: every change is refused`,
      off: text`changes are possible; each one asks first`,
      locked: text`read-only for the whole run: it was started so`,
    };
    this.#state = told(this.#state, words[now], "warn", this.#scene());
  }

  /** A measurement alone waits for its turn: twenty containers would else paint the screen ten times a second. */
  #snapshotChanged(): void {
    const { snapshot } = this.#contents.seen;
    const newest = this.#services.watch.state.get();
    if (sameButUsage(snapshot, newest)) return;
    if (newest.nodes.size <= manyNodes) this.#look();
    else if (changesInSight(snapshot, newest, this.#scene())) this.#lookIn(inSightMs);
    else this.#lookIn(this.#resting ? restingOutOfSightMs : outOfSightMs);
  }

  /** Looks after so long, or earlier where that is planned already. */
  #lookIn(ms: number): void {
    const { clock } = this.#services;
    const at = clock.now() + ms;
    if (this.#planned !== undefined && this.#planned.at <= at) return;
    this.#planned?.cancel();
    this.#planned = { at, cancel: clock.after(ms, () => this.#look()) };
  }

  #tick(): void {
    const { clock } = this.#services;
    const now = clock.now();
    // What changed out of sight has its own time; a look at all of it beside that one would hold keys up.
    if (this.#planned !== undefined && this.#planned.at > now) {
      this.#show(this.#contents.seen.snapshot, this.#contents.seen.findings);
    } else this.#look();
    const waiting = [...this.#contents.seen.snapshot.nodes.values()].some(
      ({ link }) => link.state === "connecting" || link.state === "lost",
    );
    this.#resting = !waiting && now - this.#lastKey >= restAfterMs;
    const every = this.#resting ? restingTickMs : tickMs;
    this.#cancelTick = clock.after(every - (now % every), () => this.#tick());
  }

  /** Somebody is at the keys: the clock goes by seconds again. */
  #attended(): void {
    this.#lastKey = this.#services.clock.now();
    if (!this.#resting) return;
    this.#cancelTick?.();
    this.#tick();
  }

  /** Looks at the cluster and the clock again. */
  #look(): void {
    this.#planned?.cancel();
    this.#planned = undefined;
    if (this.#cancelCount !== undefined) return;
    const { watch, clock } = this.#services;
    const { seen } = this.#contents;
    const now = clock.now();
    const turn = Math.floor(now / usageEveryMs) !== Math.floor(seen.now / usageEveryMs);
    const newest = watch.state.get();
    const snapshot = turn || !sameButUsage(seen.snapshot, newest) ? newest : seen.snapshot;
    const age = now - this.#foundIn.at;
    const same = sameButUsage(this.#foundIn.snapshot, snapshot);
    const isMany = snapshot.nodes.size > manyNodes;
    if (age < (same ? findingsEveryMs : isMany ? findingsOfManyMs : 0)) this.#show(snapshot, seen.findings);
    else if (isMany) this.#count(snapshot);
    else {
      this.#foundIn = { snapshot, at: now };
      this.#show(snapshot, whole(this.#services.findings(snapshot, now)));
    }
  }

  /** Works out what is wrong and the networks a piece a turn, and looks then. */
  #count(snapshot: Snapshot): void {
    const { clock, findings, watch } = this.#services;
    const now = clock.now();
    const work = (function* (): Pieces<Seen["findings"]> {
      const found = yield* findings(snapshot, now);
      // Of this snapshot they are known from here on.
      networkRowsOf(snapshot);
      yield;
      return found;
    })();
    const next = (): void => {
      const until = clock.now() + pieceMs;
      let piece = work.next();
      while (!piece.done && clock.now() < until) piece = work.next();
      if (!piece.done) {
        this.#cancelCount = clock.turn(next);
        return;
      }
      this.#cancelCount = undefined;
      this.#foundIn = { snapshot, at: now };
      this.#show(watch.state.get(), piece.value);
    };
    this.#cancelCount = clock.turn(next);
  }

  #show(snapshot: Snapshot, found: Seen["findings"]): void {
    this.#contents = new Contents(this.#seen(snapshot, found));
    this.#draw();
  }

  #seen(snapshot: Snapshot, found: Seen["findings"]): Seen {
    const { clock, readOnly, storeKind, specFile, demo, stages } = this.#services;
    const now = Math.floor(clock.now() / tickMs) * tickMs;
    return {
      snapshot,
      findings: found,
      counted: this.#foundIn.snapshot,
      now,
      storeKind,
      specFile,
      readOnly: readOnly.state.get(),
      demo: demo ?? false,
      stages,
    };
  }

  #draw(): void {
    const scene = this.#scene();
    const view = shared(this.#view, viewOf(scene, this.#paint));
    this.#measure(visibleContainers(scene));
    if (view === this.#view) return;
    this.#view = view;
    for (const listener of [...this.#listeners]) listener();
  }

  #measure(containers: readonly ContainerId[]): void {
    const wanted = containers.join(" ");
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.#cancelShow?.();
    this.#cancelShow = this.#services.clock.after(showAfterMs, () => this.#services.watch.show(containers));
  }
}

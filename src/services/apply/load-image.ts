import type { LoadImage } from "../../domain/plan/change.ts";
import { findImage } from "../../domain/plan/image-names.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Clock } from "../../ports/clock.ts";
import {
  callMs,
  done,
  type Executing,
  impossible,
  patiently,
  type Result,
  unchanged,
  undone,
  type Waiting,
} from "./executor.ts";

/** A large image over a slow line. */
const transferMs = 4 * 60 * 60_000;
/** A transfer of which nothing was heard for so long has stopped, ms. */
const stalledMs = 120_000;
/**
 * How long an engine may write an image to its temporary folder, ms: it sends the first byte once all of it is there
 * (moby image/tarexport/save.go), and 50 GB from a slow disk take so long.
 */
const preparingMs = 30 * 60_000;
/** Progress is shown this often, ms. */
const tellEveryMs = 200;

/** What loading an image takes. */
export type Loading = Waiting & Pick<Executing, "here" | "other" | "cancelled" | "transferred">;

/** Pulls the image, or copies it from another node through this machine; what is there already is "unchanged". */
export async function loadImage({ image, from }: LoadImage, on: Loading): Promise<Result> {
  const has = (): Promise<Outcome<boolean>> =>
    patiently(on, async () => {
      const images = await on.here.control.engine.images({ ms: callMs });
      return images.ok ? good(findImage(image, images.value) !== undefined) : images;
    });
  const before = await has();
  if (!before.ok) return undone(before.trouble, on.node);
  if (before.value) return unchanged;
  const result = from.kind === "registry" ? await pull(image, on) : await copy(image, from, on);
  const after = await has();
  if (after.ok && after.value) return done;
  if (result.state === "undone" && on.cancelled.aborted) return { state: "skipped" };
  if (result.state !== "done") return result;
  if (!after.ok) return undone(after.trouble, on.node);
  return {
    state: "undone",
    error: text`${clean(image)} was sent to ${on.node}, and its engine does not list it`,
    remedy: text`Run "docker images" on ${on.node}.`,
  };
}

async function pull(image: string, on: Loading): Promise<Result> {
  const watch = new StallWatch(on.clock, on.cancelled, stalledMs);
  const pulled = await on.here.control.engine.pullImage(image, { ms: transferMs, signal: watch.signal }, (transfer) => {
    watch.moved();
    on.transferred(transfer);
  });
  watch.end();
  if (pulled.ok) return done;
  if (watch.isStalled) return stalled(image, on);
  const result = undone(pulled.trouble, on.node);
  if (result.state !== "undone" || pulled.trouble.kind !== "engine-refused") return result;
  return {
    ...result,
    error: text`${clean(image)} cannot be pulled: ${result.error}`,
    remedy: text`Is the name ${clean(image)} right, and does ${on.node} reach its registry? Or load it on one node ("docker load"): it is copied from there.`,
  };
}

/** From one engine to the other through this machine, chunk by chunk: nothing of it is kept. */
async function copy(image: string, from: Extract<LoadImage["from"], { kind: "node" }>, on: Loading): Promise<Result> {
  const source = on.other(from.node);
  if (source === undefined) return impossible(text`${from.node} is not there to copy ${clean(image)} from`);
  const watch = new StallWatch(on.clock, on.cancelled, preparingMs);
  const within = { ms: transferMs, signal: watch.signal };
  on.says(text`waiting until ${from.node} has written ${clean(image)} to its temporary folder`);
  const tar = await source.control.engine.exportImage(image, within);
  if (!tar.ok) {
    const { isStalled } = watch;
    watch.end();
    return isStalled ? notPrepared(image, from.node) : undone(tar.trouble, from.node);
  }
  watch.expect(stalledMs);
  const loaded = await on.here.control.engine.importImage(counted(tar.value, from.bytes, watch, on), within);
  const { isStalled } = watch;
  // Ends an export that nobody reads any more.
  watch.end();
  if (loaded.ok) return done;
  return isStalled ? stalled(image, on) : undone(loaded.trouble, on.node);
}

const stalled = (image: string, on: Loading): Result => ({
  state: "undone",
  error: text`nothing of ${clean(image)} came to ${on.node} for ${stalledMs / 1000} s; it was broken off`,
  remedy: text`Look at the load and the disks of both nodes ("df -h", "uptime"), then try again.`,
});

const notPrepared = (image: string, from: SafeText): Result => ({
  state: "undone",
  error: text`${from} sent nothing of ${clean(image)} in ${preparingMs / 60_000} minutes; it was broken off`,
  remedy: text`An engine writes the whole image to /var/lib/docker/tmp before it sends any of it: look at the disk and the load of ${from} ("df -h", "uptime"), then try again; or copy it by hand: "docker save" there, "docker load" here.`,
});

async function* counted(
  tar: AsyncIterable<Uint8Array>,
  total: number,
  watch: StallWatch,
  on: Loading,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  let told = 0;
  for await (const chunk of tar) {
    bytes += chunk.length;
    watch.moved();
    const now = on.clock.now();
    if (now - told >= tellEveryMs) {
      told = now;
      // The archive is a little larger than the image that it holds.
      on.transferred({ bytes, total: Math.max(bytes, total), doing: undefined });
    }
    yield chunk;
  }
  watch.isSent();
  on.transferred({ bytes, total: bytes, doing: text`unpacking` });
}

/** Breaks a transfer off when the operator cancels, or when nothing moves any more. */
class StallWatch {
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly signal: AbortSignal;
  #cancelTimer: () => void = () => undefined;
  #limitMs: number;
  #movedAt: number;
  isStalled = false;

  /** `limitMs`: how long nothing may move. */
  constructor(clock: Clock, cancelled: AbortSignal, limitMs: number) {
    this.#clock = clock;
    this.signal = AbortSignal.any([this.#abort.signal, cancelled]);
    this.#limitMs = limitMs;
    this.#movedAt = clock.now();
    this.#look(limitMs);
  }

  /** From now on another limit counts. */
  expect(limitMs: number): void {
    this.#cancelTimer();
    this.#limitMs = limitMs;
    this.moved();
    this.#look(limitMs);
  }

  moved(): void {
    this.#movedAt = this.#clock.now();
  }

  /** All is sent: how long the engine unpacks is its own affair. */
  isSent(): void {
    this.#cancelTimer();
  }

  end(): void {
    this.#cancelTimer();
    this.#abort.abort();
  }

  #look(ms: number): void {
    this.#cancelTimer = this.#clock.after(ms, () => {
      const left = this.#movedAt + this.#limitMs - this.#clock.now();
      if (left > 0) return this.#look(left);
      this.isStalled = true;
      this.#abort.abort();
    });
  }
}

import type { LoadImage } from "../../domain/plan/change.ts";
import { findImage } from "../../domain/plan/image-names.ts";
import { clean, text } from "../../domain/text.ts";
import { callMs, done, type Executing, type Executor, impossible, type Result, unchanged, undone } from "./executor.ts";

/** A large image over a slow line. */
const transferMs = 60 * 60_000;
/** Progress is shown this often, ms. */
const tellEveryMs = 200;

export const loadImage: Executor<LoadImage> = async ({ image, from }, on) => {
  const has = async (): Promise<boolean> => {
    const images = await on.here.control.engine.images({ ms: callMs });
    return images.ok && findImage(image, images.value) !== undefined;
  };
  if (await has()) return unchanged;
  const result = from.kind === "registry" ? await pull(image, on) : await copy(image, from, on);
  if (result.state !== "done" || (await has())) return result;
  return {
    state: "undone",
    error: text`${clean(image)} was sent to ${on.node}, and its engine does not list it`,
    remedy: text`Run "docker images" on ${on.node}.`,
  };
};

async function pull(image: string, on: Executing): Promise<Result> {
  const pulled = await on.here.control.engine.pullImage(image, { ms: transferMs }, (transfer) =>
    on.transferred(transfer),
  );
  if (pulled.ok) return done;
  const result = undone(pulled.trouble, on.node);
  if (result.state !== "undone" || pulled.trouble.kind !== "engine-refused") return result;
  const remedy = text`Is the name ${clean(image)} right, and does ${on.node} reach its registry? Or load it on one node ("docker load"): it is copied from there.`;
  return { ...result, error: text`${clean(image)} cannot be pulled: ${result.error}`, remedy };
}

/** From one engine to the other through this machine, chunk by chunk: nothing of it is kept. */
async function copy(image: string, from: Extract<LoadImage["from"], { kind: "node" }>, on: Executing): Promise<Result> {
  const source = on.other(from.node);
  if (source === undefined) return impossible(text`${from.node} is not there to copy ${clean(image)} from`);
  const stop = new AbortController();
  const tar = await source.control.engine.exportImage(image, { ms: transferMs, signal: stop.signal });
  if (!tar.ok) return undone(tar.trouble, from.node);
  const counted = count(tar.value, from.bytes, on);
  const loaded = await on.here.control.engine.importImage(counted, { ms: transferMs });
  stop.abort();
  return loaded.ok ? done : undone(loaded.trouble, on.node);
}

async function* count(tar: AsyncIterable<Uint8Array>, total: number, on: Executing): AsyncIterable<Uint8Array> {
  let bytes = 0;
  let told = 0;
  for await (const chunk of tar) {
    bytes += chunk.length;
    const now = on.clock.now();
    if (now - told >= tellEveryMs) {
      told = now;
      // The archive is a little larger than the image that it holds.
      on.transferred({ bytes, total: Math.max(bytes, total), doing: undefined });
    }
    yield chunk;
  }
  on.transferred({ bytes, total: bytes, doing: text`unpacking` });
}

import { z } from "zod";
import { fullImageName } from "../../domain/plan/image-names.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { ImageChanges, Transfer } from "../../ports/engine-control.ts";
import { call, pass } from "../calls.ts";
import { engineStopped } from "../engine.ts";
import { type DemoImage, fromRegistry } from "../images.ts";
import type { DemoLink } from "../link.ts";
import { refused } from "../refusal.ts";
import { type ControlGround, engineQuestion } from "./change.ts";

/** Bytes a second: from a registry, and from one node to another through the operator's machine. */
const pullRate = 30e6;
const copyRate = 60e6;
const tickMs = 200;
/** Bytes that an export yields at once. */
const chunkBytes = 2 ** 20;

/** A stream of an image that ended before its time; `trouble` says why. */
export class TransferBroken extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.kind);
    this.trouble = trouble;
  }
}

/** Images, as `docker images`, `pull`, `save` and `load` handle them. */
export const imageChanges = (on: ControlGround): ImageChanges => ({
  images: (within) =>
    engineQuestion(on, within, () =>
      good(on.link.machine.images.all.map(({ id, tags, bytes }) => ({ id, tags, bytes }))),
    ),
  pullImage: (image, within, progress) => pull(on, image, within, progress),
  exportImage: (image, within) =>
    engineQuestion(on, within, () => {
      const found = on.link.machine.images.find(image);
      if (found !== undefined) return good(exported(found, on, within));
      return refused(404, text`No such image: ${clean(image)}`);
    }),
  importImage: (tar, within) => load(on, tar, within),
});

function pull(
  on: ControlGround,
  name: string,
  within: Deadline,
  progress: (transfer: Transfer) => void,
): Promise<Outcome<void>> {
  const { link, clock } = on;
  const { machine } = link;
  const familiar = clean(fullImageName(name).replace(/^docker\.io\/(library\/)?/, ""));
  return call(link, clock, text`the engine on ${link.node}`, within, async () => {
    if (machine.engine === undefined) return bad(engineStopped(machine));
    const found = fromRegistry(name);
    // The registry is asked first.
    await pass(clock, 400);
    if ("refusal" in found) return refused(404, clean(found.refusal));
    const { image } = found;
    const engine = machine.engine;
    const tell = (bytes: number, doing: SafeText): void => progress({ bytes, total: image.bytes, doing });
    for (let bytes = 0; bytes < image.bytes; bytes += (pullRate * tickMs) / 1000) {
      tell(bytes, bytes === 0 ? text`Pulling fs layer` : text`Downloading`);
      await pass(clock, tickMs);
      // An engine that hears no more from who asked breaks the pull off.
      if (within.signal?.aborted || machine.engine !== engine) return bad(engineStopped(machine));
    }
    tell(image.bytes, text`Extracting`);
    await pass(clock, image.bytes / 200e6);
    if (image.bytes > machine.freeBytes) return refused(200, noSpace);
    machine.images.add(image);
    sayImage(link, text`pull`, familiar);
    tell(image.bytes, text`Pull complete`);
    return good(undefined);
  });
}

const noSpace = text`failed to register layer: Error processing tar file(exit status 1): write /usr/lib/libc.so.6: no space left on device`;

const sayImage = ({ machine }: DemoLink, action: SafeText, name: SafeText): void =>
  machine.events.say({ type: "image", action, id: name, name, container: undefined });

/** What the demo's tar streams begin with: the image's name and all that is known of it. */
const manifest = z.object({
  id: z.string(),
  tags: z.array(z.string()),
  bytes: z.number(),
  command: z.array(z.string()),
});

const nothing = new Uint8Array(chunkBytes);

/** The image byte by byte, at the pace of the wire. @throws TransferBroken */
async function* exported(image: DemoImage, { link, clock }: ControlGround, { signal }: Deadline) {
  const { machine } = link;
  const engine = machine.engine;
  let broken: Trouble | undefined;
  const unlisten = link.whileUp((trouble) => {
    broken = trouble;
  });
  try {
    yield new TextEncoder().encode(JSON.stringify(image));
    for (let sent = 0; sent < image.bytes; sent += chunkBytes) {
      await pass(clock, (chunkBytes / copyRate) * 1000);
      if (signal?.aborted) throw new TransferBroken({ kind: "cancelled" });
      if (machine.engine !== engine)
        broken = { kind: "connection-lost", detail: text`the image's stream was cut short` };
      if (broken !== undefined) throw new TransferBroken(broken);
      yield sent + chunkBytes <= image.bytes ? nothing : nothing.subarray(0, image.bytes - sent);
    }
  } finally {
    unlisten();
  }
}

/** Reads the stream to its end; the image is there once all of it is, or not at all. */
function load(on: ControlGround, tar: AsyncIterable<Uint8Array>, within: Deadline): Promise<Outcome<void>> {
  const { link, clock } = on;
  const { machine } = link;
  return call(link, clock, text`the engine on ${link.node}`, within, async () => {
    if (machine.engine === undefined) return bad(engineStopped(machine));
    const arrived = await received(tar, link, clock, within);
    if (!arrived.ok) return arrived;
    if (machine.engine === undefined) return bad(engineStopped(machine));
    if (arrived.value.bytes > machine.freeBytes) return refused(200, noSpace);
    machine.images.add(arrived.value);
    sayImage(link, text`load`, clean(arrived.value.id));
    return good(undefined);
  });
}

async function received(
  tar: AsyncIterable<Uint8Array>,
  link: DemoLink,
  clock: Clock,
  { signal }: Deadline,
): Promise<Outcome<DemoImage>> {
  let head: Uint8Array | undefined;
  let bytes = 0;
  try {
    for await (const chunk of tar) {
      if (signal?.aborted) return bad({ kind: "cancelled" });
      const lost = link.trouble();
      if (lost !== undefined) return bad(lost);
      if (head === undefined) head = chunk;
      else bytes += chunk.length;
    }
  } catch (error) {
    if (error instanceof Error && "trouble" in error) return bad((error as TransferBroken).trouble);
    throw error;
  }
  // It unpacks what has come.
  await pass(clock, 300);
  const image = head === undefined ? undefined : imageIn(head);
  if (image === undefined || bytes !== image.bytes) return refused(200, text`unexpected EOF`);
  return good(image);
}

function imageIn(head: Uint8Array): DemoImage | undefined {
  try {
    const parsed = manifest.safeParse(JSON.parse(new TextDecoder().decode(head)));
    if (!parsed.success) return undefined;
    return { ...parsed.data, tags: parsed.data.tags.map((tag) => clean(tag)) };
  } catch {
    // Whatever else was sent is no image.
    return undefined;
  }
}

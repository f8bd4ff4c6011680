/** SSH nodes in a process of their own, in the lab's network; a test drives them by messages. */
import { Agent, get } from "node:http";
import type { Duplex } from "node:stream";
import { createEngine } from "../../src/adapters/engine/engine.ts";
import { createSshShared } from "../../src/adapters/ssh/shared.ts";
import { createSshNode } from "../../src/adapters/ssh/ssh-node.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import type { Outcome, Trouble } from "../../src/domain/trouble.ts";
import type { Engine } from "../../src/ports/engine.ts";
import type { Link } from "../../src/ports/link.ts";
import type { Answer, Prompter } from "../../src/ports/prompter.ts";
import type { Call, Followed, Report, StreamEnd } from "./ssh-wire.ts";

const shared = createSshShared();
const nodes = new Map<number, { link: Link; transport: Transport }>();
const streams = new Map<number, Duplex>();
const cancels = new Map<number, AbortController>();
const followed = new Map<number, Followed>();
const questions = new Map<number, (answer: Answer) => void>();
let asked = 0;

/** The test is gone when nothing can be sent any more, and then so is this. */
const tell = (report: Report): boolean => process.send?.(report) ?? process.exit(0);

const prompterOf = (node: number): Prompter => ({
  ask: (question, signal) =>
    new Promise((resolve) => {
      const number = asked++;
      questions.set(number, resolve);
      signal.addEventListener("abort", () => tell({ kind: "withdrawn", node, question: number }), { once: true });
      tell({ kind: "question", node, number, question });
    }),
});

async function perform(call: Call): Promise<unknown> {
  if (call.kind === "connect") {
    const node = createSshNode({
      node: call.node,
      clock: systemClock,
      prompter: prompterOf(call.number),
      shared,
    });
    nodes.set(call.number, node);
    tell({ kind: "state", node: call.number, state: node.link.state });
    node.link.onState((state) => tell({ kind: "state", node: call.number, state }));
    return undefined;
  }
  if (call.kind === "answer") return questions.get(call.question)?.(call.answer);
  if (call.kind === "cancel") return cancels.get(call.call)?.abort();
  if (call.kind === "end") return streams.get(call.stream)?.destroy();
  const { link, transport } = nodes.get(call.number) ?? raise(`no node ${call.number}`);
  switch (call.kind) {
    case "retry":
      return link.retryNow();
    case "close":
      return link.close();
    case "follow":
      return follow(call.number, createEngine(transport, link.node, systemClock));
    case "followed":
      return followed.get(call.number);
    case "script": {
      const controller = new AbortController();
      cancels.set(call.call, controller);
      const within = { ms: call.ms, signal: controller.signal };
      const ran = await transport.script(call.script, call.args, within, call.options);
      return ran.ok ? { ok: true, value: words(ran.value) } : ran;
    }
    case "docker":
      return answerTo(await transport.dialDocker(AbortSignal.timeout(call.ms), "request"), call.path);
    case "tcp": {
      const dialed = await transport.dialTcp(call.host, call.port, AbortSignal.timeout(call.ms));
      return dialed.ok ? kept(call.stream, dialed.value) : dialed;
    }
    case "stream": {
      const dialed = await transport.dialDocker(AbortSignal.timeout(call.ms), "stream");
      return dialed.ok ? kept(call.stream, dialed.value) : dialed;
    }
  }
}

function raise(message: string): never {
  throw new Error(message);
}

const words = ({ code, stdout, stderr }: { code: number | undefined; stdout: Buffer; stderr: Buffer }) => ({
  code,
  stdout: stdout.toString(),
  stderr: stderr.toString(),
});

/** One HTTP request over the socket, as any client of Node's makes it. */
function answerTo(dialed: Outcome<Duplex>, path: string): Promise<unknown> {
  if (!dialed.ok) return Promise.resolve(dialed);
  class Once extends Agent {
    override createConnection(): Duplex {
      return (dialed as { value: Duplex }).value;
    }
  }
  return new Promise((resolve) => {
    const failed = (error: Error & { trouble?: unknown }) =>
      resolve({ ok: false, trouble: error.trouble ?? { kind: "error", message: error.message } });
    const request = get(
      { host: "localhost", path, agent: new Once({ keepAlive: false }), timeout: 20_000 },
      (answer) => {
        let body = "";
        answer.on("data", (chunk) => {
          body += chunk;
        });
        answer.on("end", () => resolve({ ok: true, value: { status: answer.statusCode, body } }));
        answer.on("error", failed);
      },
    );
    request.on("error", failed);
  });
}

/** Keeps a stream open and tells how it ends. */
function kept(number: number, stream: Duplex): Outcome<"open"> {
  streams.set(number, stream);
  const ended = (end: StreamEnd) => tell({ kind: "ended", stream: number, end });
  stream.on("end", () => ended("in order"));
  stream.on("error", () => ended("broken"));
  stream.resume();
  return { ok: true, value: "open" };
}

/** Events and every container's use, as the screen has them. */
async function follow(number: number, engine: Engine): Promise<void> {
  const listed = await engine.containers({ ms: 40_000 });
  if (!listed.ok) raise(JSON.stringify(listed.trouble));
  const seen = { events: [] as string[], samples: {} as Record<string, number>, ends: [] as Trouble[] };
  followed.set(number, seen);
  const ended = (trouble: Trouble) => seen.ends.push(trouble);
  await new Promise<void>((opened) => {
    engine.events(undefined, { opened, event: (event) => seen.events.push(event.action), ended });
  });
  for (const { id, name } of listed.value) {
    const usage = () => {
      seen.samples[name] = (seen.samples[name] ?? 0) + 1;
    };
    engine.usage(id, { usage, ended });
  }
}

process.on("message", ({ id, call }: { id: number; call: Call }) => {
  perform(call).then(
    (value) => tell({ kind: "done", id, value }),
    (error: Error) => tell({ kind: "failed", id, message: error.stack ?? error.message }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("unhandledRejection", (error) => tell({ kind: "failed", id: -1, message: String(error) }));
tell({ kind: "ready" });

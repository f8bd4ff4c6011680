/** The real world in a process of its own, in the lab's network; a test drives it by messages. */
import { createWorld } from "../../src/adapters/world.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import type { Deadline } from "../../src/ports/clock.ts";
import type { Subscription } from "../../src/ports/engine.ts";
import type { Answer, Question } from "../../src/ports/prompter.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { askControl, type Driver } from "./control-in-switch.ts";
import type { Drawn } from "./remote-control.ts";
import { openShell, withSession } from "./shells-in-switch.ts";
import { openTunnel, withTunnel } from "./tunnels-in-switch.ts";
import type { Asked, Report, Request } from "./wire.ts";

const world = createWorld();
const connections = new Map<number, NodeAccess>();
const calls = new Map<number, AbortController>();
const streams = new Map<number, Subscription>();
const questions = new Map<number, (answer: Answer) => void>();
let questionsAsked = 0;

/** The test is gone when nothing can be sent any more, and then so is this. */
const tell = (report: Report): boolean => process.send?.(report) ?? process.exit(0);

function accessOf(number: number): NodeAccess {
  const access = connections.get(number);
  if (access === undefined) throw new Error(`no connection ${number}`);
  return access;
}

const draws = new Map<number, (drawn: Drawn) => void>();
let drawsAsked = 0;
const driver: Driver = {
  told: (stream, value) => tell({ kind: "told", stream, method: "progress", value }),
  draw: (source) =>
    new Promise((resolve) => {
      const number = drawsAsked++;
      draws.set(number, resolve);
      tell({ kind: "draw", draw: number, source });
    }),
};

async function ask(
  { engine, host, control, logs, probes }: NodeAccess,
  asked: Asked,
  within: Deadline,
): Promise<Outcome<unknown>> {
  if (asked.of === "control") return askControl(control, asked, within, driver);
  if (asked.of === "logs") return logs.journal(asked.from, within);
  if (asked.of === "probes") {
    if (probes === undefined) throw new Error("nothing can be sent from there");
    return asked.method === "probe"
      ? probes.probe(asked.asked, within)
      : probes.echoesReceived(asked.containers, within);
  }
  if (asked.of === "host") return host[asked.method](within);
  return asked.method === "container" ? engine.container(asked.id, within) : engine[asked.method](within);
}

function question(access: number, asks: Question): Promise<Answer> {
  const number = questionsAsked++;
  return new Promise((resolve) => {
    questions.set(number, resolve);
    tell({ kind: "question", question: number, access, asks });
  });
}

const accesses = (numbers: ReadonlyMap<NodeName, number>) =>
  new Map([...numbers].map(([name, number]) => [name, accessOf(number)]));

async function answer(
  { call, ms, aborted }: { call: number; ms: number; aborted: boolean },
  work: (within: Deadline) => Promise<Outcome<unknown>>,
): Promise<void> {
  const controller = new AbortController();
  if (aborted) controller.abort();
  calls.set(call, controller);
  const outcome = await work({ ms, signal: controller.signal });
  calls.delete(call);
  tell({ kind: "outcome", call, outcome });
}

process.on("message", async (request: Request) => {
  switch (request.kind) {
    case "connect": {
      const { access: number, node, spec } = request;
      const access = world.node(node, spec, { ask: (asks) => question(number, asks) });
      connections.set(number, access);
      tell({ kind: "state", access: number, state: access.link.state });
      access.link.onState((state) => tell({ kind: "state", access: number, state }));
      return;
    }
    case "retry":
      accessOf(request.access).link.retryNow();
      return;
    case "close":
      await accessOf(request.access).link.close();
      tell({ kind: "state", access: request.access, state: accessOf(request.access).link.state });
      tell({ kind: "closed", access: request.access });
      return;
    case "ask":
      return answer(request, (within) => ask(accessOf(request.access), request.asked, within));
    case "ask-store":
      return answer(request, async (within) => {
        const store = world.store(request.spec, accesses(request.nodes));
        if (store === undefined) throw new Error("the spec has no store");
        return store.ask(within);
      });
    case "cancel":
      calls.get(request.call)?.abort();
      return;
    case "events": {
      const { stream } = request;
      const opened = accessOf(request.access).engine.events(request.since, {
        opened: () => tell({ kind: "told", stream, method: "opened", value: undefined }),
        event: (value) => tell({ kind: "told", stream, method: "event", value }),
        ended: (value) => tell({ kind: "told", stream, method: "ended", value }),
      });
      streams.set(stream, opened);
      return;
    }
    case "usage": {
      const { stream } = request;
      const opened = accessOf(request.access).engine.usage(request.id, {
        usage: (value) => tell({ kind: "told", stream, method: "usage", value }),
        ended: (value) => tell({ kind: "told", stream, method: "ended", value }),
      });
      streams.set(stream, opened);
      return;
    }
    case "logs": {
      const { stream } = request;
      const opened = accessOf(request.access).logs.follow(request.id, request.start, {
        lines: (value) => tell({ kind: "told", stream, method: "lines", value }),
        ended: (value) => tell({ kind: "told", stream, method: "ended", value }),
      });
      streams.set(stream, opened);
      return;
    }
    case "watch": {
      const { stream } = request;
      const watched = world
        .store(request.spec, accesses(request.nodes))
        ?.watch((value) => tell({ kind: "told", stream, method: "picture", value }));
      if (watched !== undefined) streams.set(stream, watched);
      return;
    }
    case "shell": {
      const { session: stream, asked, access } = request;
      return answer(request, (within) =>
        openShell(accessOf(access).shells, stream, asked, within, (method, value) =>
          tell({ kind: "told", stream, method, value }),
        ),
      );
    }
    case "session":
      return withSession(request.session, request.act, (call, outcome) => tell({ kind: "outcome", call, outcome }));
    case "open-tunnel": {
      const { tunnel: stream, access } = request;
      return answer(request, ({ signal = new AbortController().signal }) =>
        openTunnel(accessOf(access).tunnels, stream, request, signal, (value) =>
          tell({ kind: "told", stream, method: "data", value }),
        ),
      );
    }
    case "tunnel":
      withTunnel(request.tunnel, request.act);
      return;
    case "end":
      streams.get(request.stream)?.close();
      streams.delete(request.stream);
      return;
    case "drawn":
      draws.get(request.draw)?.(request.drawn);
      draws.delete(request.draw);
      return;
    case "answer":
      questions.get(request.question)?.(request.answer);
      questions.delete(request.question);
      return;
  }
});
process.on("disconnect", () => process.exit(0));
tell({ kind: "ready" });

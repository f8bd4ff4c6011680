import { PoolSecret } from "../../src/domain/condor/secret.ts";
import type { Outcome, Trouble } from "../../src/domain/trouble.ts";
import { good } from "../../src/domain/trouble.ts";
import type { Deadline } from "../../src/ports/clock.ts";
import type { EngineControl, Transfer } from "../../src/ports/engine-control.ts";
import type { NodeControl } from "../../src/ports/node-control.ts";
import type { PoolSetup } from "../../src/ports/pool-setup.ts";

/** A call to a part of a node's control; its deadline travels beside it. */
export interface ControlAsked {
  of: "control";
  part: "engine" | "inspection" | "exec" | "condor" | "poolSetup" | "files" | "services" | "lock" | "node" | "stream";
  method: string;
  args: readonly unknown[];
}

/** How calls get to the process in the lab's network, and what comes back besides their outcomes. */
export interface Wire {
  ask<T>(asked: ControlAsked, within: Deadline): Promise<Outcome<T>>;
  /** A number by which the other side speaks to `listener`. */
  listen(listener: (value: unknown) => void): { number: number; close(): void };
  /** A number by which the other side draws from `source`. */
  offer(source: AsyncIterator<Uint8Array>): { number: number; close(): void };
}

type Function = (...args: never[]) => Promise<unknown>;

/** Methods whose last argument is the deadline, and whose arguments and results can travel as they are. */
function plain<Port, Method extends keyof Port & string>(
  wire: Wire,
  part: ControlAsked["part"],
  methods: readonly Method[],
): Pick<Port, Method> {
  const call =
    (method: Method): Function =>
    (...given: unknown[]) =>
      wire.ask({ of: "control", part, method, args: given.slice(0, -1) }, given.at(-1) as Deadline);
  return Object.fromEntries(methods.map((method) => [method, call(method)])) as unknown as Pick<Port, Method>;
}

const engineCalls = [
  "images",
  "createContainer",
  "startContainer",
  "stopContainer",
  "restartContainer",
  "pauseContainer",
  "unpauseContainer",
  "killContainer",
  "renameContainer",
  "removeContainer",
  "lastWords",
  "createNetwork",
  "removeNetwork",
  "connect",
  "disconnect",
  "dropEndpoint",
  "initSwarm",
  "joinSwarm",
  "swarmTokens",
  "leaveSwarm",
  "updateSwarmNode",
  "removeSwarmNode",
] as const satisfies (keyof EngineControl)[];

/** A node's control whose real one is in another process. */
export function remoteControl(wire: Wire): NodeControl {
  return {
    engine: {
      ...plain<EngineControl, (typeof engineCalls)[number]>(wire, "engine", engineCalls),
      async pullImage(image, within, progress) {
        const told = wire.listen((value) => progress(value as Transfer));
        const args = [image, told.number];
        const outcome = await wire.ask<void>({ of: "control", part: "engine", method: "pullImage", args }, within);
        told.close();
        return outcome;
      },
      async exportImage(image, within) {
        const asked = { of: "control", part: "engine", method: "exportImage", args: [image] } as const;
        const opened = await wire.ask<number>(asked, within);
        return opened.ok ? good(drawn(wire, opened.value)) : opened;
      },
      async importImage(tar, within) {
        const offered = wire.offer(tar[Symbol.asyncIterator]());
        const args = [offered.number];
        const outcome = await wire.ask<void>({ of: "control", part: "engine", method: "importImage", args }, within);
        offered.close();
        return outcome;
      },
    },
    inspection: plain<NodeControl["inspection"], keyof NodeControl["inspection"]>(wire, "inspection", [
      "hostnames",
      "definition",
      "heldAddresses",
      "registryHas",
    ]),
    exec: plain<NodeControl["exec"], "run">(wire, "exec", ["run"]),
    condor: plain<NodeControl["condor"], keyof NodeControl["condor"]>(wire, "condor", [
      "status",
      "printed",
      "queue",
      "submit",
      "sight",
      "remove",
    ]),
    poolSetup: {
      ...plain<PoolSetup, Exclude<keyof PoolSetup, "secret" | "placeSecret">>(wire, "poolSetup", [
        "look",
        "ping",
        "write",
        "settled",
        "take",
        "install",
        "forget",
      ]),
      // A secret shows itself to nothing that copies it, so it travels spelled out.
      async secret(container, within) {
        const asked = { of: "control", part: "poolSetup", method: "secret", args: [container] } as const;
        const base64 = await wire.ask<string | undefined>(asked, within);
        return base64.ok ? good(base64.value === undefined ? undefined : new PoolSecret(base64.value)) : base64;
      },
      placeSecret: (container, secret, within) =>
        wire.ask(
          { of: "control", part: "poolSetup", method: "placeSecret", args: [container, secret.reveal()] },
          within,
        ),
    },
    files: plain<NodeControl["files"], "read" | "write">(wire, "files", ["read", "write"]),
    services: plain<NodeControl["services"], keyof NodeControl["services"]>(wire, "services", [
      "reloadEngine",
      "restartEngine",
      "engineLog",
    ]),
    lock: plain<NodeControl["lock"], keyof NodeControl["lock"]>(wire, "lock", ["take", "release", "break"]),
    ...plain<NodeControl, "load" | "survey" | "listening" | "reaches">(wire, "node", [
      "load",
      "survey",
      "listening",
      "reaches",
    ]),
  };
}

/** What a stream there gives; its failure has the same trouble here. */
export type Drawn = { done: boolean | undefined; value: Uint8Array | undefined } | { broken: Trouble | undefined };

const drawMs = 60_000;

async function* drawn(wire: Wire, number: number): AsyncIterable<Uint8Array> {
  const call = <T>(method: "next" | "return") =>
    wire.ask<T>({ of: "control", part: "stream", method, args: [number] }, { ms: drawMs });
  try {
    for (;;) {
      const next = await call<Drawn>("next");
      if (!next.ok) throw Object.assign(new Error("the stream broke"), { trouble: next.trouble });
      if ("broken" in next.value) throw Object.assign(new Error("the stream broke"), { trouble: next.value.broken });
      if (next.value.done || next.value.value === undefined) return;
      yield next.value.value;
    }
  } finally {
    await call("return");
  }
}

import { PoolSecret } from "../../src/domain/condor/secret.ts";
import type { ContainerId } from "../../src/domain/ids.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import { good } from "../../src/domain/trouble.ts";
import type { Deadline } from "../../src/ports/clock.ts";
import type { NodeControl } from "../../src/ports/node-control.ts";
import type { ControlAsked, Drawn } from "./remote-control.ts";

/** What the process in the lab's network needs of the one that drives it. */
export interface Driver {
  /** Tells the listener `number` there. */
  told(number: number, value: unknown): void;
  /** Draws from what was offered there under `number`. */
  draw(number: number): Promise<Drawn>;
}

type Calls = Readonly<Record<string, (...args: unknown[]) => Promise<Outcome<unknown>>>>;

const exported = new Map<number, AsyncIterator<Uint8Array>>();
let exports = 0;

/** Does with the real control what was asked of the one in the test. */
export async function askControl(
  control: NodeControl,
  { part, method, args }: ControlAsked,
  within: Deadline,
  driver: Driver,
): Promise<Outcome<unknown>> {
  const { engine } = control;
  if (part === "stream") return good(await drawFrom(Number(args[0]), method));
  switch (method) {
    case "pullImage":
      return engine.pullImage(String(args[0]), within, (transfer) => driver.told(Number(args[1]), transfer));
    case "exportImage": {
      const opened = await engine.exportImage(String(args[0]), within);
      if (!opened.ok) return opened;
      exported.set(exports, opened.value[Symbol.asyncIterator]());
      return good(exports++);
    }
    case "importImage":
      return engine.importImage(offered(Number(args[0]), driver), within);
    case "secret": {
      const secret = await control.poolSetup.secret(args[0] as ContainerId, within);
      return secret.ok ? good(secret.value?.reveal()) : secret;
    }
    case "placeSecret":
      return control.poolSetup.placeSecret(args[0] as ContainerId, new PoolSecret(String(args[1])), within);
  }
  const calls = (part === "node" ? control : control[part]) as unknown as Calls;
  const call = calls[method];
  if (call === undefined) throw new Error(`no ${part}.${method}`);
  return call(...args, within);
}

async function drawFrom(number: number, method: string): Promise<Drawn> {
  const source = exported.get(number);
  if (source === undefined) return { done: true, value: undefined };
  if (method === "return") {
    exported.delete(number);
    await source.return?.();
    return { done: true, value: undefined };
  }
  try {
    const { done, value } = await source.next();
    return { done, value };
  } catch (error) {
    return { broken: (error as { trouble?: never }).trouble };
  }
}

async function* offered(number: number, driver: Driver): AsyncIterable<Uint8Array> {
  for (;;) {
    const next = await driver.draw(number);
    if ("broken" in next) throw Object.assign(new Error("the stream broke"), { trouble: next.broken });
    if (next.done || next.value === undefined) return;
    yield next.value;
  }
}

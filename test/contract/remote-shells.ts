import type { ContainerId } from "../../src/domain/ids.ts";
import { good, type Outcome } from "../../src/domain/trouble.ts";
import type { Deadline } from "../../src/ports/clock.ts";
import type { ContainerSession, ExecAsked, Output, SessionEnd, Shells, TerminalSize } from "../../src/ports/shells.ts";

/** Which program is to run, without the output that cannot travel. */
export type ShellAsked =
  | { method: "exec"; asked: ExecAsked }
  | { method: "login"; size: TerminalSize; term: string }
  | { method: "inNetworkOf"; container: ContainerId; size: TerminalSize; term: string };

/** What is done with a session that is open; those with a `call` are answered. */
export type SessionAct =
  | { act: "write"; call: number; input: Uint8Array }
  | { act: "hangUp"; call: number; onlyIdle: boolean; ms: number }
  | { act: "resize"; size: TerminalSize }
  | { act: "endInput" | "close" };

/** How sessions get to the process in the lab's network, and what comes back. */
export interface SessionWire {
  /** A number by which the other side speaks to `told`, for the session that it opens. */
  listen(told: (method: string, value: unknown) => void): number;
  open(session: number, asked: ShellAsked, within: Deadline): Promise<Outcome<void>>;
  /** Does something that is answered. */
  call<T>(session: number, act: (call: number) => SessionAct, within: Deadline): Promise<Outcome<T>>;
  send(session: number, act: SessionAct): void;
}

/** Longer than any test writes. */
const writeMs = 60_000;

/** Shells whose real ones are in another process. */
export function remoteShells(wire: SessionWire): Shells {
  const opened = async (asked: ShellAsked, output: Output, within: Deadline): Promise<Outcome<ContainerSession>> => {
    const ended = Promise.withResolvers<SessionEnd>();
    const session = wire.listen((method, value) => {
      if (method === "ended") ended.resolve(value as SessionEnd);
      else void output(...(value as Parameters<Output>));
    });
    const outcome = await wire.open(session, asked, within);
    if (!outcome.ok) return outcome;
    return good({
      write: async (input) => {
        await wire.call(session, (call) => ({ act: "write", call, input }), { ms: writeMs });
      },
      hangUp: (onlyIdle, limit) =>
        wire.call(session, (call) => ({ act: "hangUp", call, onlyIdle, ms: limit.ms }), limit),
      endInput: () => wire.send(session, { act: "endInput" }),
      resize: (size) => wire.send(session, { act: "resize", size }),
      close: () => wire.send(session, { act: "close" }),
      ended: ended.promise,
    });
  };
  return {
    exec: (asked, output, within) => opened({ method: "exec", asked }, output, within),
    login: (size, term, output, within) => opened({ method: "login", size, term }, output, within),
    inNetworkOf: (container, size, term, output, within) =>
      opened({ method: "inNetworkOf", container, size, term }, output, within),
  };
}
